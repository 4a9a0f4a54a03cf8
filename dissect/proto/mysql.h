/* SPDX-License-Identifier: Apache-2.0 */
/* A MySQL connection: what was asked, what is prepared, what the answer has told so far. */
#ifndef DISSECT_PROTO_MYSQL_H
#define DISSECT_PROTO_MYSQL_H

#include "dissect/inorder.h"
#include "dissect/proto/mysql_wire.h"
#include "dissect/proto/statement.h"

enum {
  MYSQL_PENDING = 64,
  MYSQL_PREPARED = 128,
  MYSQL_COLUMNS = 4096,
  MYSQL_LONG = 16,
  MYSQL_CARRY = 1 << 20
};

struct mysql_prepared {
  uint32_t id;
  uint64_t used;
  struct arena arena;
  struct statement st;
  struct span operation;
  uint16_t params;
  struct mysql_column *types; /* of parameters, in arena */
  struct mysql_long {
    uint16_t param;
    struct buf value;
  } long_data[MYSQL_LONG]; /* values that came before the execution, each in pieces */
  unsigned nlong;
  uint8_t *is_long;   /* a bit a parameter, in arena; NULL: none came so */
  uint32_t unseen;    /* of those values */
  struct buf list;    /* the columns of its result as rows_list and rows_column wrote them */
  struct buf columns; /* of its result: struct mysql_column */
};
struct mysql_command {
  int code;
  uint8_t last; /* sequence number of its last packet */
  struct txn *t;
  const char *verb;
  struct span text;
  uint32_t prepared; /* id */
  const struct span *mark;
  uint32_t marks;            /* of its placeholders: columns, in t's arena */
  bool known;                /* its statement is */
  const struct span *column; /* of LOAD DATA */
  unsigned columns;
};
enum mysql_stage {
  MYSQL_FIRST, /* the next packet begins an answer */
  MYSQL_MORE,  /* begins another result of it */
  MYSQL_NAMES, /* definitions of columns */
  MYSQL_NAMES_END,
  MYSQL_ROWS,
  MYSQL_PARAMS, /* definitions of parameters */
  MYSQL_FILE,   /* the client sends a file */
  MYSQL_STREAM, /* to the end of the connection */
};
struct mysql_answer {
  enum mysql_stage stage;
  uint32_t columns, seen;
  bool binary, full, told; /* full: no room for more rows; told: the list of columns is written */
  uint64_t rows, affected;
  size_t mark;       /* where its list begins in the body */
  struct buf column; /* struct mysql_column */
  uint16_t prep_columns, prep_params;
  struct buf carry; /* of a file: the beginning of a line */
  struct statement_rows file;
  bool sniffed;
};
struct mysql_state {
  struct mysql_stream s[2];
  struct mysql_command pending[MYSQL_PENDING];
  unsigned head, count;
  struct mysql_answer answer;
  struct mysql_prepared *prepared[MYSQL_PREPARED];
  uint64_t uses;
  uint32_t caps, extended;
  struct inorder order;
  bool holed; /* bytes of the client were lost */
  bool greeted, caps_known, mariadb, zstd, file;
  char version[MYSQL_TEXT], user[MYSQL_TEXT], db[MYSQL_TEXT], plugin[MYSQL_TEXT];
};

/** The command that waits longest for its answer, or NULL. */
static inline struct mysql_command *mysql_head(struct mysql_state *st) {
  return st->count ? &st->pending[st->head] : NULL;
}

/* mysql_login.c */
/** Read a server's greeting: version, capabilities, kind of proof. False: it is none. */
bool mysql_login_greeting(struct mysql_state *st, struct span body);
/** The client's answer to it: opens the login. *ssl: it goes on in TLS. False: it is none. */
bool mysql_login_request(struct mysql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                         const struct mysql_packet *p, bool *ssl);
/** COM_CHANGE_USER: opens a login; what was prepared is forgotten. */
void mysql_login_change(struct mysql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                        const struct mysql_packet *p);
/** What the server says to a login: ends it when it is an OK or an error. */
void mysql_login_answer(struct mysql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                        const struct mysql_packet *p);
/** The server refuses a client before it said anything. */
void mysql_login_refused(struct mysql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                         const struct mysql_packet *p);

/* mysql_command.c */
/** Whether body may be a command. */
bool mysql_command_fits(struct span body);
/** Take a command, of a body that is not empty. */
void mysql_command_take(struct mysql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                        const struct mysql_packet *p);
/** A transaction begun by the client, or NULL; p NULL: its request was not seen. */
struct mysql_command *mysql_command_open(struct mysql_state *st, struct dissect_ctx *cx,
                                         const struct chunk *in, const struct mysql_packet *p, int code);
/** Close the oldest; unseen: bits for its answer. */
void mysql_command_close(struct mysql_state *st, struct dissect_ctx *cx, uint32_t unseen);
/** Bits for what a request refers to and was not seen. */
uint32_t mysql_command_blind(const struct mysql_state *st, const struct dissect_ctx *cx);
/** Close all. */
void mysql_command_close_all(struct mysql_state *st, struct dissect_ctx *cx, uint32_t unseen);
/** An error's code, state and message. */
void mysql_command_error(struct mysql_command *c, struct span body);
/** Why a message is not whole: bits of unseen. */
uint32_t mysql_command_cut(const struct mysql_packet *p);
/** Count a message on a side. */
void mysql_command_see(struct side *s, const struct chunk *in, const struct mysql_packet *p);

/* mysql_prepared.c */
/** The statement behind a number, or NULL; UINT32_MAX: the one prepared last (MariaDB). */
struct mysql_prepared *mysql_prepared_find(struct mysql_state *st, uint32_t id);
/** Room for a statement, where all is taken in place of the one used longest ago. NULL: out of memory. Both are counted. */
struct mysql_prepared *mysql_prepared_add(struct mysql_state *st, struct dissect_ctx *cx, uint32_t id);
/** Forget one, or all. */
void mysql_prepared_drop(struct mysql_state *st, uint32_t id);
void mysql_prepared_free(struct mysql_state *st);
/** Keep a piece of a parameter's value (COM_STMT_SEND_LONG_DATA) for the next execution. */
void mysql_prepared_long(struct mysql_state *st, struct dissect_ctx *cx, const struct mysql_packet *p);
/** Forget the pieces kept. */
void mysql_prepared_reset(struct mysql_prepared *x);
/** Values of an execution as rows of its request. */
void mysql_prepared_values(struct mysql_state *st, struct dissect_ctx *cx, struct mysql_prepared *x,
                           struct txn *t, struct reader r, bool bulk);

/* mysql_answer.c */
/** Take a message of an answer. */
void mysql_answer_take(struct mysql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                       const struct mysql_packet *p);
/** Rows of the file that the client sends; an empty packet ends it. */
void mysql_answer_file(struct mysql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                       const struct mysql_packet *p);
/** Whether body reads as a row of the answer under way, or as its end. */
bool mysql_answer_row(const struct mysql_state *st, struct span body);
bool mysql_answer_end(struct span body);
/** Forget the answer under way. */
void mysql_answer_reset(struct mysql_state *st);

#endif
