/* SPDX-License-Identifier: Apache-2.0 */
/* Hessian 1.0.2 and 2.0 (hessian.caucho.com, the two protocol specifications): values of typed objects, as Java's RPC sends them. */
#ifndef DISSECT_BODY_HESSIAN_H
#define DISSECT_BODY_HESSIAN_H

#include "base/reader.h"
#include "dissect/body/walk.h"

enum { HESSIAN_DEFS = 256, HESSIAN_DATE_TEXT = 40 };
#define HESSIAN_OPEN UINT64_MAX /* of a list: until its end mark */

/** A class definition: its fields' names stand in the stream. */
struct hessian_def {
  struct span type;
  uint32_t fields;
  const uint8_t *names;
};
struct hessian {
  struct reader r;
  struct arena *scratch; /* for strings that are not as sent in one piece; NULL: those are given as sent */
  bool first;            /* version 1 */
  unsigned ndefs;
  struct hessian_def def[HESSIAN_DEFS];
};

enum hessian_kind {
  HESSIAN_NULL,
  HESSIAN_BOOL,
  HESSIAN_NUMBER, /* whole */
  HESSIAN_REAL,
  HESSIAN_DATE,
  HESSIAN_STRING,
  HESSIAN_BYTES,
  HESSIAN_REF, /* to a list, map or object before */
  HESSIAN_LIST,
  HESSIAN_MAP,
  HESSIAN_OBJECT,
  HESSIAN_END /* of a map or an open list */
};
/** One value, or the head of one that holds others. */
struct hessian_token {
  enum hessian_kind kind;
  int64_t number;                /* also of a date (milliseconds since 1970) and a truth value */
  double real;                   /* of HESSIAN_REAL */
  struct span text;              /* UTF-8 of strings, bytes */
  struct span type;              /* of a list or map: its type's name where it stands there */
  uint64_t count;                /* items of a list or fields of an object; HESSIAN_OPEN */
  const struct hessian_def *def; /* of an object */
};

/** Begin to read s; borrows it. */
void hessian_begin(struct hessian *h, struct span s, bool first, struct arena *scratch);
/** Read one token; class definitions before it are noted. 0, ERR_TRUNC, ERR_SYNTAX, ERR_CAP (too many classes). */
int hessian_next(struct hessian *h, struct hessian_token *t);
/** Read the string, or bytes, whose first chunk c heads. As hessian_next; ERR_SYNTAX where c heads none. */
int hessian_text_read(struct hessian *h, uint8_t c, bool bytes, struct span *out);
/** Text of Java as UTF-8: pairs of halves joined, in arena where there are any. */
struct span hessian_text_joined(struct arena *arena, struct span s);
/** Milliseconds since 1970 as "1990-03-07T08:00:00Z", or the number where no such year is. */
void hessian_text_date(char out[HESSIAN_DATE_TEXT], int64_t ms);
/** Read a string, or null as an empty one. As hessian_next; ERR_SYNTAX for another kind. */
int hessian_text(struct hessian *h, struct span *out);
/** Pass over one whole value, up to WALK_DEPTH deep. As hessian_next. */
int hessian_skip(struct hessian *h);
/** The name of an object's next field, of which *at is moved on from def->names. */
struct span hessian_field(const struct hessian *h, const uint8_t **at);
/** Give the leaves of one whole value, below node at. 0, an error of hessian_next, or what leaf() returned. */
int hessian_walk_value(struct hessian *h, struct body_walk *w, struct path_node *at);

/** What stands around values in a body of HTTP: "call" or "reply" of a version. */
enum hessian_envelope { HESSIAN_BARE, HESSIAN_CALL, HESSIAN_REPLY, HESSIAN_FAULT };
/** Begin to read a body whose version and envelope its first bytes tell; h stands at the first value behind it. *method and *args
 *  of a call (args HESSIAN_OPEN: until the end mark). As hessian_next. */
int hessian_open(struct hessian *h, struct span body, struct arena *scratch, enum hessian_envelope *what,
                 struct span *method, uint64_t *args);

#endif
