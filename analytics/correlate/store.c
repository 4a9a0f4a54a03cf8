/* SPDX-License-Identifier: Apache-2.0 */
/* Bounded state for correlations: keyed entries, small sets. */
#include "analytics/correlate/correlate.h"

int store_init(struct store *s, size_t size, size_t cap, void (*done)(void *entry)) {
  s->size = size;
  s->done = done;
  return table_init(&s->table, table_by_hash, cap, NULL);
}

static void drop(struct store *s, void *entry) {
  struct table_entry *e = entry;
  table_remove(&s->table, e);
  if (s->done) s->done(entry);
  mem_free(entry);
}

void store_done(struct store *s) {
  while (s->table.oldest) drop(s, s->table.oldest);
  table_done(&s->table);
}

void *store_find(const struct store *s, uint64_t key) { return table_find(&s->table, key, NULL); }

/* The oldest, emptied, to be used anew. What will be the next one is sent for: it has not been touched for long. */
static void *take_oldest(struct store *s) {
  struct table_entry *e = s->table.oldest;
  table_remove(&s->table, e);
  if (s->done) s->done(e);
  memset(e, 0, s->size);
  __builtin_prefetch(s->table.oldest);
  return e;
}

void *store_get(struct store *s, struct correlate_ctx *cx, uint64_t key) {
  struct table_entry *e = table_find(&s->table, key, NULL);
  if (e) {
    table_touch(&s->table, e);
    return e;
  }
  if (s->table.cap && s->table.count >= s->table.cap) {
    ctr_inc(cx->ctr, CTR_ANALYTICS_STATE_CAP);
    e = take_oldest(s);
  } else {
    e = mem_zalloc(s->size);
  }
  if (!e || table_add(&s->table, e, key) < 0) {
    ctr_inc(cx->ctr, CTR_ANALYTICS_MEMORY);
    mem_free(e);
    return NULL;
  }
  return e;
}

bool few_has(const struct few *f, uint64_t v) {
  if (!f->size) return false;
  for (uint32_t i = (uint32_t)(v * 0x9e3779b97f4a7c15ULL >> 32) & (f->size - 1);;
       i = (i + 1) & (f->size - 1)) {
    if (!f->item[i]) return false;
    if (f->item[i] == v) return true;
  }
}

static void place(uint64_t *item, uint32_t size, uint64_t v) {
  uint32_t i = (uint32_t)(v * 0x9e3779b97f4a7c15ULL >> 32) & (size - 1);
  while (item[i]) i = (i + 1) & (size - 1);
  item[i] = v;
}

bool few_add(struct few *f, const struct correlate_ctx *cx, uint64_t v, uint32_t cap) {
  if (!v) v = 1;
  if (few_has(f, v)) return false;
  if (f->count >= cap) {
    f->more++;
    return true;
  }
  if ((f->count + 1) * 2 > f->size) {
    uint32_t size = f->size ? f->size * 2 : 8;
    uint64_t *item = mem_zalloc(size * sizeof *item);
    if (!item) {
      ctr_inc(cx->ctr, CTR_ANALYTICS_MEMORY);
      f->more++;
      return true;
    }
    for (uint32_t i = 0; i < f->size; i++)
      if (f->item[i]) place(item, size, f->item[i]);
    mem_free(f->item);
    f->item = item;
    f->size = size;
  }
  place(f->item, f->size, v);
  f->count++;
  return true;
}

void few_done(struct few *f) {
  mem_free(f->item);
  *f = (struct few){0};
}

bool addr_add(struct addr_set *s, const struct correlate_ctx *cx, const uint8_t a[16], uint32_t cap) {
  for (uint32_t i = 0; i < s->count; i++)
    if (memcmp(s->item[i], a, 16) == 0) return false;
  if (s->count >= cap) return true;
  if (s->count == s->size) {
    uint32_t size = s->size ? s->size * 2 : 4;
    uint8_t(*item)[16] = mem_realloc(s->item, size * 16);
    if (!item) {
      ctr_inc(cx->ctr, CTR_ANALYTICS_MEMORY);
      return true;
    }
    s->item = item;
    s->size = size;
  }
  memcpy(s->item[s->count++], a, 16);
  return true;
}

void addr_done(struct addr_set *s) {
  mem_free(s->item);
  *s = (struct addr_set){0};
}
