/* SPDX-License-Identifier: Apache-2.0 */
/* Members of a JSON object or items of a list, one level at a time and without a copy (RFC 8259). */
#ifndef DISSECT_BODY_MEMBERS_H
#define DISSECT_BODY_MEMBERS_H

#include "base/arena.h"
#include "base/span.h"

struct members {
  struct span rest;
  bool list;
};
struct member {
  struct span key;   /* without quotes, as sent; empty in a list */
  struct span value; /* a string without its quotes, as sent; a container with its brackets */
  uint8_t kind;      /* first character: '{' '[' '"' 't' 'f' 'n', '0' for a number */
};

/** Begin with the object or list that s starts with (white space before it is skipped). False where there is none. */
bool members_open(struct members *m, struct span s);
/** The next one; false at the end or where it is no JSON. A value cut off by the end of the text is given as far as it goes. */
bool members_next(struct members *m, struct member *out);
/** The member of a JSON object by name; kind 0 where there is none. */
struct member members_find(struct span object, const char *key);
/** Undo the escapes of a string in arena; s itself where there are none, an empty span when out of memory. */
struct span members_text(struct arena *arena, struct span s);

#endif
