/* SPDX-License-Identifier: Apache-2.0 */
/* Hash table of intrusive entries, seeded by its user's hash, capped; entries also hang in an age list
 * (least recently touched first), so that the oldest can be given up at the cap. Single-threaded. */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include "base/mem.h"
#include <stdint.h>

/** First member of every entry. */
struct table_entry {
  struct table_entry *next;          /* chain */
  struct table_entry *older, *newer; /* age list */
  uint64_t hash;
};
/** A chain, and a bit for each hash in it, so that what is not in the table is seldom looked for in memory gone cold. */
struct table_slot {
  struct table_entry *first;
  uint64_t marks;
};
struct table {
  struct table_slot *slots;
  size_t mask, count, cap; /* cap: most entries, 0 for none */
  struct table_entry *oldest, *newest;
  bool (*eq)(const struct table_entry *e, const void *key);
  struct budget *budget;
};

/** ERR_NOMEM. Keeps budget (may be NULL). Entries belong to the user. */
int table_init(struct table *t, bool (*eq)(const struct table_entry *, const void *), size_t cap,
               struct budget *budget);
void table_done(struct table *t);
/** Hand every entry to done (NULL: mem_free), oldest first, then table_done; done leaves the table alone. */
void table_drop(struct table *t, void (*done)(struct table_entry *e));
/** An eq for tables whose key is the 64-bit hash alone. */
bool table_by_hash(const struct table_entry *e, const void *key);
/** The entry, or NULL. */
struct table_entry *table_find(const struct table *t, uint64_t hash, const void *key);
/** Have memory sent for, ahead of table_find. */
void table_ahead(const struct table *t, uint64_t hash);
/** Add an entry that is not in it. ERR_CAP at the cap (take t->oldest out first), ERR_NOMEM. */
int table_add(struct table *t, struct table_entry *e, uint64_t hash);
void table_remove(struct table *t, struct table_entry *e);
/** Make e the newest. */
void table_touch(struct table *t, struct table_entry *e);

#endif
