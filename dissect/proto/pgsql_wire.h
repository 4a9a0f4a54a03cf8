/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL on the wire (PostgreSQL manual, "Frontend/Backend Protocol", version 3): messages and values. */
#ifndef DISSECT_PROTO_PGSQL_WIRE_H
#define DISSECT_PROTO_PGSQL_WIRE_H

#include "base/reader.h"
#include "dissect/dissector.h"

enum { PGSQL_HEADER = 5, PGSQL_WAIT = 1 << 16 /* longer messages are copied as they come */ };
/** What stands in place of a version in the first message. */
enum { PGSQL_CANCEL = 80877102, PGSQL_SSL = 80877103, PGSQL_GSS = 80877104, PGSQL_V3 = 3 << 16 };

struct pgsql_message {
  uint8_t type; /* 0: of the start, which has none */
  struct span body;
  size_t wire;
  bool cut; /* bytes of it were lost or are over the cap */
};
struct pgsql_column {
  uint32_t oid;
  uint16_t format; /* 1: binary */
};
/** Messages cut out of a direction's bytes. */
struct pgsql_frame {
  struct buf body;
  uint32_t left;
  uint64_t first_ns;
  size_t wire;
  uint8_t type;
  bool open, cut, lost;
};

/* pgsql_frame.c */
/** Cut the next message out of *rest. 1: m; 0: *need bytes are wanted; ERR_SYNTAX: no message. typed: it begins with its type. */
int pgsql_frame_take(struct pgsql_frame *f, struct span *rest, bool typed, size_t cap, const struct chunk *in,
                     struct pgsql_message *m, size_t *need);
/** A hole of n bytes, after `rest` was left unused: true when it lies within one message. */
bool pgsql_frame_gap(struct pgsql_frame *f, struct span rest, uint64_t n, const struct chunk *in);
/** Whether a message of that direction may begin here. */
bool pgsql_frame_fits(struct span s, enum dir d);
/** Bytes before a run of messages that reaches the end of s; s.len where there is none. */
size_t pgsql_frame_find(struct span s, enum dir d);

/* pgsql_value.c */
/** A binary value of a type that is no array as text: borrowed, or in buf. */
struct span pgsql_value_text(uint32_t oid, struct span v, char buf[256]);
/** How values of a type are taken (enum leaf_type). */
unsigned pgsql_value_leaf(uint32_t oid);

/* pgsql_array.c */
/** A binary value as a cell of rows; arrays as the server writes them as text, {1,NULL,"a b"}. ERR_CAP, ERR_NOMEM. */
int pgsql_array_cell(struct buf *out, uint32_t oid, struct span v);

#endif
