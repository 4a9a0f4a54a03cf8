/* SPDX-License-Identifier: Apache-2.0 */
/* What the analytics have found out about the key of a path: once per path, kept with its node. Zero: not looked at yet. */
#ifndef ANALYTICS_NOTES_H
#define ANALYTICS_NOTES_H

#include "dissect/body/body.h"
#include "dissect/body/path.h"

enum note {
  NOTE_HEADER,  /* classify: of a header, whether anything can stand in it */
  NOTE_ACCOUNT, /* login: what a request's field is to an account */
  NOTE_VERDICT, /* login: what an answer's field says of success */
  NOTES
};
_Static_assert((int)NOTES <= (int)PATH_NOTES, "a node has room for all notes");

/** The note of a leaf's key; NULL where the key is not its path's. */
static inline uint16_t *notes_at(const struct leaf *leaf, enum note n) {
  return leaf->node && leaf->node->key.base == leaf->key.base && leaf->node->key.len == leaf->key.len
             ? &leaf->node->note[n]
             : NULL;
}

#endif
