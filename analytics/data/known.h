/* SPDX-License-Identifier: Apache-2.0 */
/* What the keys of paths, and the labels beside values, say of the values: learnt once a path. */
#ifndef ANALYTICS_DATA_KNOWN_H
#define ANALYTICS_DATA_KNOWN_H

#include "analytics/data/classes.h"
#include "dissect/body/path.h"

struct known {
  bool known;
  uint8_t key_says; /* enum data_hidden */
  struct class_hints hints;
  /* what values of this path were in this message */
  uint32_t stamp;
  uint8_t item, streak;   /* the class of the last ones, and how many in a row */
  uint32_t values, names; /* under a key that says nothing: all, and those that read like a person's name */
};
/* Paths beyond the table share one that learns nothing. */
struct known_keys {
  const struct classes *classes;
  struct known *node; /* by node id: what its key says */
  uint32_t nodes;
  uint32_t stamp; /* of the message */
  struct known spare;
  struct said *said; /* NULL: no value had a label yet */
  bool missed;       /* for want of memory labels were not looked at; the owner takes it back */
};

/** Free what t holds; t itself is the caller's, zeroed but for classes before its first use. */
void known_done(struct known_keys *t);
/** The ids of paths mean others from now on. */
void known_forget(struct known_keys *t);
/** A message begins. */
void known_begin(struct known_keys *t);
/** What the key of a path says; never NULL, good until the next call. */
struct known *known_of(struct known_keys *t, const struct path_node *n);
/** The same by the id of a path that was asked for in this message. */
const struct known *known_at(const struct known_keys *t, uint32_t id);
/** The label's word where the key, n, says nothing; strong: the label stands there as a name and nothing else. */
struct known *known_labelled(struct known_keys *t, struct known *n, struct span label, bool strong);

#endif
