/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the MySQL dissector share (MySQL internals manual, "Client/Server Protocol"; MariaDB knowledge base). */
#ifndef DISSECT_PROTO_MYSQL_H
#define DISSECT_PROTO_MYSQL_H

#include "base/reader.h"
#include "dissect/dissector.h"
#include "dissect/proto/statement.h"

enum {
  MYSQL_HEADER = 4,
  MYSQL_FULL = 0xffffff, /* a packet of this length goes on in the next */
  MYSQL_WAIT = 1 << 16,  /* longer packets are copied as they come */
  MYSQL_PENDING = 64,
  MYSQL_PREPARED = 128,
  MYSQL_COLUMNS = 4096,
  MYSQL_TEXT = 64,
  MYSQL_CARRY = 1 << 20
};
/* Capabilities. */
enum {
  MYSQL_CAP_MYSQL = 1,
  MYSQL_CAP_CONNECT_DB = 8,
  MYSQL_CAP_COMPRESS = 0x20,
  MYSQL_CAP_PROTOCOL_41 = 0x200,
  MYSQL_CAP_SSL = 0x800,
  MYSQL_CAP_SECURE = 0x8000,
  MYSQL_CAP_PLUGIN = 0x80000,
  MYSQL_CAP_PLUGIN_LENENC = 0x200000,
  MYSQL_CAP_DEPRECATE_EOF = 0x1000000,
  MYSQL_CAP_OPTIONAL_META = 0x2000000,
  MYSQL_CAP_ZSTD = 0x4000000,
  MYSQL_CAP_QUERY_ATTRIBUTES = 0x8000000,
  MYSQL_EXT_CACHE_META = 0x10, /* of MariaDB's own */
};
/* Commands; those that need no name here are known by their text. */
enum mysql_code {
  MYSQL_QUIT = 1,
  MYSQL_INIT_DB = 2,
  MYSQL_QUERY = 3,
  MYSQL_FIELD_LIST = 4,
  MYSQL_STATISTICS = 9,
  MYSQL_CHANGE_USER = 17,
  MYSQL_BINLOG_DUMP = 18,
  MYSQL_PREPARE = 22,
  MYSQL_EXECUTE = 23,
  MYSQL_LONG_DATA = 24,
  MYSQL_CLOSE = 25,
  MYSQL_RESET = 26,
  MYSQL_FETCH = 28,
  MYSQL_BINLOG_GTID = 30,
  MYSQL_LAST = 32,
  MYSQL_BULK = 0xfa,
  MYSQL_UNKNOWN = 0x100, /* its request was not seen */
  MYSQL_LOGIN
};

/* A message of one or more packets. */
struct mysql_packet {
  struct span body;
  uint8_t seq, last; /* of its first and last packet */
  bool cut;          /* bytes of it were lost or are over the cap */
  size_t wire;
};
/* Packets cut out of a direction's bytes. */
struct mysql_frame {
  struct buf body; /* of a long one, or one that a hole went through */
  uint32_t left;   /* bytes of its current packet still to come */
  uint64_t first_ns;
  size_t wire;
  uint8_t seq, last;
  bool open, full, cut; /* one is under way; its current packet is full; bytes are missing */
};
struct mysql_stream {
  struct mysql_frame outer, inner; /* outer: as it comes; inner: inside compressed packets */
  struct buf plain;                /* uncompressed, not used yet */
  bool packed, lost;
};
struct mysql_column {
  uint8_t type, is_unsigned;
};
struct mysql_prepared {
  uint32_t id;
  uint64_t used;
  struct arena arena;
  struct statement st;
  struct span operation;
  uint16_t params;
  struct mysql_column *types; /* of parameters, in arena */
  uint64_t sent_apart;        /* parameters whose values came as long data */
  struct buf list;            /* the columns of its result as rows_list and rows_column wrote them */
  struct buf columns;         /* of its result: struct mysql_column */
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
  bool greeted, caps_known, mariadb, zstd, file;
  char version[MYSQL_TEXT], user[MYSQL_TEXT], db[MYSQL_TEXT], plugin[MYSQL_TEXT];
};

static inline struct mysql_command *mysql_head(struct mysql_state *st) {
  return st->count ? &st->pending[st->head] : NULL;
}
/** Length-encoded integer and string. */
uint64_t mysql_value_int(struct reader *r);
struct span mysql_value_string(struct reader *r);
/** A value of the binary protocol as text: borrowed, or in buf. */
struct span mysql_value_binary(struct reader *r, struct mysql_column c, char buf[MYSQL_TEXT]);

/** Cut the next message out of *rest. 1: p; 0: *need bytes are wanted. header: its length, 4, or 7 of compressed ones, of which what is
 *  behind the first four bytes stays with the body. */
int mysql_frame_take(struct mysql_frame *f, struct span *rest, size_t header, size_t cap,
                     const struct chunk *in, struct mysql_packet *p, size_t *need);
/** A hole of n bytes, after `rest` was left unused: true when it lies within one message, which goes on behind it. */
bool mysql_frame_gap(struct mysql_frame *f, struct span rest, uint64_t n, const struct chunk *in);
/** Uncompress the body of a compressed packet onto out; it begins with the length that it had. ERR_SYNTAX. */
int mysql_frame_unpack(bool zstd, uint64_t ratio, struct span body, struct buf *out);

/* mysql_login.c */
bool mysql_login_greeting(struct mysql_state *st, struct span body);
/** The client's answer to it: opens the login. *ssl: it goes on in TLS. False: it is none. */
bool mysql_login_request(struct mysql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                         const struct mysql_packet *p, bool *ssl);
void mysql_login_change(struct mysql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                        const struct mysql_packet *p);
void mysql_login_answer(struct mysql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                        const struct mysql_packet *p);
/** The server refuses a client before it said anything. */
void mysql_login_refused(struct mysql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                         const struct mysql_packet *p);

/* mysql_command.c */
/** Whether body may be a command. */
bool mysql_command_fits(struct span body);
void mysql_command_take(struct mysql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                        const struct mysql_packet *p);
/** A transaction begun by the client, or NULL; p NULL: its request was not seen. */
struct mysql_command *mysql_command_open(struct mysql_state *st, struct dissect_ctx *cx,
                                         const struct chunk *in, const struct mysql_packet *p, int code);
/** Close the oldest; unseen: bits for its answer. */
void mysql_command_close(struct mysql_state *st, struct dissect_ctx *cx, uint32_t unseen);
/** An error's code, state and message. */
void mysql_command_error(struct mysql_state *st, struct mysql_command *c, struct span body);
void mysql_command_see(struct side *s, const struct chunk *in, const struct mysql_packet *p);

/* mysql_prepared.c */
struct mysql_prepared *mysql_prepared_find(struct mysql_state *st, uint32_t id);
struct mysql_prepared *mysql_prepared_add(struct mysql_state *st, struct dissect_ctx *cx, uint32_t id);
void mysql_prepared_drop(struct mysql_state *st, uint32_t id);
void mysql_prepared_free(struct mysql_state *st);
/** Values of an execution as rows of its request. */
void mysql_prepared_values(struct mysql_state *st, struct mysql_prepared *x, struct txn *t, struct reader r,
                           bool bulk);

/* mysql_answer.c */
void mysql_answer_take(struct mysql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                       const struct mysql_packet *p);
void mysql_answer_file(struct mysql_state *st, const struct chunk *in, const struct mysql_packet *p);
/** Whether body reads as a row of the answer under way, or as its end. */
bool mysql_answer_row(const struct mysql_state *st, struct span body);
bool mysql_answer_end(struct span body);
/** Forget the answer under way. */
void mysql_answer_reset(struct mysql_state *st);

#endif
