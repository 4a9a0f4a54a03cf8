/* SPDX-License-Identifier: Apache-2.0 */
/* A PostgreSQL connection: what was asked, what is prepared, what the answer has told so far. */
#ifndef DISSECT_PROTO_PGSQL_H
#define DISSECT_PROTO_PGSQL_H

#include "dissect/inorder.h"
#include "dissect/proto/pgsql_wire.h"
#include "dissect/proto/statement.h"

enum {
  PGSQL_PENDING = 8192,
  PGSQL_FIRST = 16,
  PGSQL_STATEMENTS = 128,
  PGSQL_PORTALS = 16,
  PGSQL_NAME = 64,
  PGSQL_COLUMNS = 2048
};
/* What Parse said, under its name. Shared by portals and calls under way. */
struct pgsql_statement {
  unsigned refs;
  uint64_t used;
  char name[PGSQL_NAME];
  struct arena arena;
  struct statement st;
  struct span operation;
  struct buf oids;         /* of parameters, uint32_t */
  struct buf list, column; /* of its rows: as rows_list wrote it; struct pgsql_column */
};
struct pgsql_portal {
  char name[PGSQL_NAME];
  struct pgsql_statement *of;
  struct buf values;  /* as rows */
  struct buf formats; /* of its rows, uint16_t */
  uint32_t unseen;    /* of the values */
  uint64_t used;
};
enum pgsql_kind {
  PGSQL_LOGIN,
  PGSQL_QUERY, /* a statement of a simple query */
  PGSQL_PARSE,
  PGSQL_BIND,
  PGSQL_DESCRIBE,
  PGSQL_EXECUTE,
  PGSQL_CLOSE,
  PGSQL_SYNC,
  PGSQL_CALL,  /* of a function */
  PGSQL_ORPHAN /* its request was not seen */
};
/* What the server owes an answer to. */
struct pgsql_item {
  enum pgsql_kind kind;
  struct txn *t; /* of LOGIN, QUERY, EXECUTE, CALL, ORPHAN */
  const char *verb;
  struct span text;
  struct pgsql_statement *of;
  const uint16_t *formats; /* in t's arena */
  unsigned nformats;
  struct span *column; /* of COPY, in t's arena */
  unsigned columns;
  bool csv;
  uint64_t ns;
};
struct pgsql_answer {
  uint64_t rows;
  unsigned columns;           /* of rows, 0: not known */
  struct buf column;          /* struct pgsql_column */
  struct buf carry;           /* the beginning of a COPY line */
  struct statement_rows file; /* what COPY brings */
  bool full, told, copy;      /* no room; the list is written; in COPY */
  bool copy_binary, copy_out, stream;
};
struct pgsql_state {
  struct pgsql_frame f[2];
  struct pgsql_item *pending; /* a ring of `room` */
  unsigned head, count, room;
  struct pgsql_answer answer;
  struct pgsql_statement *statement[PGSQL_STATEMENTS];
  struct pgsql_portal portal[PGSQL_PORTALS];
  uint64_t uses;
  struct inorder order;    /* of cycles: what one Sync ends */
  bool within;             /* a cycle was begun by the client and not ended */
  bool holed;              /* bytes of the client were lost */
  bool started, asked_ssl; /* the start was seen; an answer of one byte is due */
  char user[PGSQL_NAME], db[PGSQL_NAME], version[PGSQL_NAME];
  const char *auth;
};

/** What was asked first of all that waits, or NULL. */
static inline struct pgsql_item *pgsql_head(struct pgsql_state *st) {
  return st->count ? &st->pending[st->head] : NULL;
}
/** The i-th of them; i < count. */
static inline struct pgsql_item *pgsql_at(struct pgsql_state *st, unsigned i) {
  return &st->pending[(st->head + i) & (st->room - 1)];
}

/* pgsql_item.c */
/** Append one; at the cap the oldest is given up (counted). NULL: there is no room for any. */
struct pgsql_item *pgsql_item_add(struct pgsql_state *st, struct dissect_ctx *cx, enum pgsql_kind kind);
/** A call: with its transaction. m NULL: its request was not seen. NULL: out of memory. */
struct pgsql_item *pgsql_item_call(struct pgsql_state *st, struct dissect_ctx *cx, enum pgsql_kind kind,
                                   const struct chunk *in, const struct pgsql_message *m);
/** Close the oldest, with bits for its answer; drop: without a word. */
void pgsql_item_close(struct pgsql_state *st, struct dissect_ctx *cx, uint32_t unseen, bool drop);
/** Why a message is not whole: bits of unseen. */
uint32_t pgsql_item_cut(const struct pgsql_message *m);
/** Count a message on a side. */
void pgsql_item_see(struct side *s, const struct chunk *in, const struct pgsql_message *m);
/** An error's code and message. */
void pgsql_item_error(struct pgsql_item *i, struct span body);
/** Name a call by its statement, whose spans live as long as the call. */
void pgsql_item_statement(struct pgsql_item *i, const struct statement *s, struct span operation);

/* pgsql_statement.c */
/** A prepared statement by name, or NULL. */
struct pgsql_statement *pgsql_statement_find(struct pgsql_state *st, struct span name);
/** Room for a statement, in place of one of that name, or of the one used longest ago. NULL: out of memory. Both are counted. */
struct pgsql_statement *pgsql_statement_new(struct pgsql_state *st, struct dissect_ctx *cx, struct span name);
/** Share it, and give a share back, which frees it with the last; both take no statement (NULL). */
struct pgsql_statement *pgsql_statement_ref(struct pgsql_statement *s);
void pgsql_statement_drop(struct pgsql_statement **s);
/** Close the one of that name. */
void pgsql_statement_forget(struct pgsql_state *st, struct span name);
/** A portal by name; make: another one's place where there is none, else NULL. */
struct pgsql_portal *pgsql_statement_portal(struct pgsql_state *st, struct span name, bool make);
/** What has no name and all portals: after a hole they may be others. */
void pgsql_statement_doubt(struct pgsql_state *st);
/** Free all statements and portals. */
void pgsql_statement_free(struct pgsql_state *st);

/** Close all, with bits for their answers. */
void pgsql_item_close_all(struct pgsql_state *st, struct dissect_ctx *cx, uint32_t unseen);
/** How many answers the server owes that end with it being ready. */
unsigned pgsql_item_cycles(struct pgsql_state *st);
/** Bits for what a request refers to and was not seen. */
uint32_t pgsql_item_blind(const struct pgsql_state *st, const struct dissect_ctx *cx);

/* pgsql_request.c */
/** Take a client's first message, which has no type. */
void pgsql_request_start(struct pgsql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                         const struct pgsql_message *m);
/** Take one of its others. */
void pgsql_request_take(struct pgsql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                        const struct pgsql_message *m);

/* pgsql_answer.c */
/** Take a message of the server. */
void pgsql_answer_take(struct pgsql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                       const struct pgsql_message *m);
/** Forget the answer under way. */
void pgsql_answer_reset(struct pgsql_state *st);

/* pgsql_copy.c */
/** Rows of COPY in one message of data, onto its side. */
void pgsql_copy_data(struct pgsql_answer *a, struct dissect_ctx *cx, const struct pgsql_item *i,
                     struct side *s, struct span data);

#endif
