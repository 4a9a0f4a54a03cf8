/* SPDX-License-Identifier: Apache-2.0 */
/* Chained hash table of intrusive entries with an age list. */
#include "base/table.h"
#include "base/err.h"

enum { SLOTS_MIN = 16 };

static struct table_slot *new_slots(struct table *t, size_t n) {
  return budget_zalloc(t->budget, n * sizeof(struct table_slot));
}

int table_init(struct table *t, bool (*eq)(const struct table_entry *, const void *), size_t cap,
               struct budget *budget) {
  *t = (struct table){.eq = eq, .cap = cap, .budget = budget};
  t->slots = new_slots(t, SLOTS_MIN);
  if (!t->slots) return ERR_NOMEM;
  t->mask = SLOTS_MIN - 1;
  return 0;
}

void table_done(struct table *t) {
  budget_free(t->budget, t->slots, (t->mask + 1) * sizeof *t->slots);
  t->slots = NULL;
  t->mask = t->count = 0;
  t->oldest = t->newest = NULL;
}

void table_drop(struct table *t, void (*done)(struct table_entry *e)) {
  for (struct table_entry *e = t->oldest, *newer; e; e = newer) {
    newer = e->newer;
    if (done)
      done(e);
    else
      mem_free(e);
  }
  table_done(t);
}

bool table_by_hash(const struct table_entry *e, const void *key) {
  (void)e, (void)key;
  return true;
}

/* Users' hashes may be weak in their low bits. */
static inline uint64_t spread(uint64_t hash) { return hash * 0x9e3779b97f4a7c15ULL; }
static inline struct table_slot *slot_of(const struct table *t, uint64_t hash) {
  return &t->slots[(size_t)(spread(hash) >> 32) & t->mask];
}
static inline uint64_t mark_of(uint64_t hash) { return 1ULL << (spread(hash) >> 58); }

struct table_entry *table_find(const struct table *t, uint64_t hash, const void *key) {
  if (!t->slots) return NULL;
  const struct table_slot *slot = slot_of(t, hash);
  if (!(slot->marks & mark_of(hash))) return NULL;
  struct table_entry *e = slot->first;
  while (e && !(e->hash == hash && t->eq(e, key))) e = e->next;
  return e;
}

void table_ahead(const struct table *t, uint64_t hash) {
  if (t->slots) __builtin_prefetch(slot_of(t, hash));
}

static void chain(struct table_slot *slot, struct table_entry *e) {
  e->next = slot->first;
  slot->first = e;
  slot->marks |= mark_of(e->hash);
}

/* Without memory for more slots the chains grow instead. */
static void double_slots(struct table *t) {
  struct table_slot *old = t->slots, *slots = new_slots(t, (t->mask + 1) * 2);
  if (!slots) return;
  size_t n = t->mask + 1;
  t->slots = slots;
  t->mask = n * 2 - 1;
  for (size_t i = 0; i < n; i++) {
    for (struct table_entry *e = old[i].first, *next; e; e = next) {
      next = e->next;
      chain(slot_of(t, e->hash), e);
    }
  }
  budget_free(t->budget, old, n * sizeof *old);
}

static void age_link(struct table *t, struct table_entry *e) {
  e->older = t->newest;
  e->newer = NULL;
  *(t->newest ? &t->newest->newer : &t->oldest) = e;
  t->newest = e;
}

static void age_unlink(struct table *t, struct table_entry *e) {
  *(e->older ? &e->older->newer : &t->oldest) = e->newer;
  *(e->newer ? &e->newer->older : &t->newest) = e->older;
}

int table_add(struct table *t, struct table_entry *e, uint64_t hash) {
  if (!t->slots) return ERR_NOMEM;
  if (t->cap && t->count >= t->cap) return ERR_CAP;
  if (t->count > t->mask && t->mask < UINT32_MAX / 2) double_slots(t);
  e->hash = hash;
  chain(slot_of(t, hash), e);
  age_link(t, e);
  t->count++;
  return 0;
}

void table_remove(struct table *t, struct table_entry *e) {
  struct table_slot *slot = slot_of(t, e->hash);
  struct table_entry **at = &slot->first;
  while (*at && *at != e) at = &(*at)->next;
  if (!*at) return;
  *at = e->next;
  slot->marks = 0;
  for (const struct table_entry *x = slot->first; x; x = x->next) slot->marks |= mark_of(x->hash);
  age_unlink(t, e);
  e->next = e->older = e->newer = NULL;
  t->count--;
}

void table_touch(struct table *t, struct table_entry *e) {
  if (t->newest == e) return;
  age_unlink(t, e);
  age_link(t, e);
}
