/* SPDX-License-Identifier: Apache-2.0 */
/* Endpoints take other names as more is known: some become one, some part. */
#include "analytics/inventory_core.h"
#include "base/mem.h"

#include <stdio.h>

/* Move r to another name, into the row that has it where there is one. */
static void rename_row(struct inventory *v, struct row *r, struct span name, uint64_t now) {
  struct row *to = inventory_find(v, row_service(r), name);
  inventory_publish(v, r, "merged", name, now);
  if (v->store && inventory_store_begin(v->store) == 0) inventory_store_drop(v->store, r);
  table_remove(&v->rows, &r->te);
  if (to) {
    inventory_row_absorb(to, r);
    if (v->store && (to->owner[0] || to->user_tags[0])) {
      char id[ROW_ID + 1] = "";
      memcpy(id, to->id, ROW_ID);
      inventory_store_label(v->store, id, to->user_tags, to->owner);
    }
    inventory_touch(v, to);
    if (r->dirty) v->dirty--;
    inventory_row_free(r);
    return;
  }
  inventory_row_name(r, name);
  inventory_row_resample(r);
  struct row_key k = {row_service(r), row_name(r)};
  inventory_touch(v, r);
  if (table_add(&v->rows, &r->te, row_hash(&k)) < 0)
    inventory_row_free(r);
  else
    inventory_publish(v, r, "new", (struct span){0}, now);
}

/* What its path is called now. */
static struct span name_now(const struct row *r, unsigned sample, inventory_name_fn name, void *user,
                            struct arena *arena) {
  struct span path =
      name(user, row_service(r), span_of(r->method, r->method_len), span_str(r->sample[sample]), arena);
  if (!path.len) return path;
  return span_head(arena_printf(arena, "%.*s %.*s", r->method_len, r->method, SPAN_FMT(path)), ROW_NAME);
}

/* A row beside r with its figures, which begin where r's stood. NULL at the cap or without memory. */
static struct row *row_beside(struct inventory *v, const struct row *r, struct span name) {
  if (v->rows.cap && v->rows.count >= v->rows.cap) {
    ctr_inc(v->ctr, CTR_ANALYTICS_STATE_CAP);
    return NULL;
  }
  struct row *to = mem_zalloc(sizeof *to);
  if (!to) {
    ctr_inc(v->ctr, CTR_ANALYTICS_MEMORY);
    return NULL;
  }
  memcpy(to->service, r->service, sizeof to->service);
  memcpy(to->method, r->method, sizeof to->method);
  to->service_len = r->service_len, to->method_len = r->method_len;
  inventory_row_name(to, name);
  to->first_ns = r->first_ns, to->last_ns = r->last_ns, to->auth = r->auth, to->exposure = r->exposure;
  memcpy(to->addr, r->addr, 16);
  to->port = r->port;
  memcpy(to->protocol, r->protocol, sizeof to->protocol);
  struct row_key k = {row_service(to), row_name(to)};
  if (table_add(&v->rows, &to->te, row_hash(&k)) == 0) return to;
  ctr_inc(v->ctr, CTR_ANALYTICS_MEMORY);
  mem_free(to);
  return NULL;
}

/* Values that turned out to be words of their own leave: each becomes a row. */
static void split_row(struct inventory *v, struct row *r, unsigned sample, struct span name, uint64_t now) {
  if (!inventory_find(v, row_service(r), name)) {
    struct row *to = row_beside(v, r, name);
    if (to) {
      to->calls = 1;
      inventory_touch(v, to);
      if (inventory_row_sample(to, span_str(r->sample[sample])) < 0) ctr_inc(v->ctr, CTR_ANALYTICS_MEMORY);
      inventory_publish(v, to, "new", SPAN_LIT("split from another endpoint"), now);
    }
  }
  mem_free(r->sample[sample]);
  memmove(r->words_of + sample, r->words_of + sample + 1, (r->nsamples - sample - 1u) * sizeof *r->words_of);
  memmove(r->sample + sample, r->sample + sample + 1, (r->nsamples - sample - 1u) * sizeof *r->sample);
  r->nsamples--;
}

/* An endpoint whose name itself falls under a rule of the user's. */
static bool rename_ruled(struct inventory *v, struct row *r, uint64_t now) {
  char text[ROW_NAME];
  struct span path = row_name(r);
  span_cut(&path, ' ');
  struct span to = v->rules && path.len ? inventory_ruled(v, row_service(r), path) : (struct span){0};
  if (!to.len || span_eq(to, path)) return false;
  int n = snprintf(text, sizeof text, "%.*s %.*s", r->method_len, r->method, SPAN_FMT(to));
  if (n <= 0 || (size_t)n >= sizeof text) return false;
  rename_row(v, r, span_of(text, (size_t)n), now);
  return true;
}

void inventory_rename(struct inventory *v, inventory_name_fn name, void *user, uint64_t now) {
  struct arena arena;
  arena_init(&arena, NULL, 0);
  struct table_entry *last = v->rows.newest;
  for (struct table_entry *te = v->rows.oldest, *next; te; te = next) {
    struct row *r = (struct row *)te;
    struct span to = {0};
    bool stays = false;
    next = te == last ? NULL : te->newer;
    if (!r->method_len) continue;
    if (rename_ruled(v, r, now) || !r->nsamples) continue;
    ctr_add(v->ctr, CTR_ANALYTICS_MEMORY, arena.missed);
    arena_reset(&arena);
    for (unsigned i = 0; i < r->nsamples && !stays; i++) {
      struct span now_called = name_now(r, i, name, user, &arena);
      stays = !now_called.len || span_eq(now_called, row_name(r));
      if (!to.len) to = now_called;
    }
    for (unsigned i = r->nsamples; i > 0; i--) {
      struct span one = name_now(r, i - 1, name, user, &arena);
      if (!one.len || span_eq(one, stays ? row_name(r) : to)) continue;
      split_row(v, r, i - 1, one, now);
    }
    if (!stays && to.len) rename_row(v, r, to, now);
  }
  ctr_add(v->ctr, CTR_ANALYTICS_MEMORY, arena.missed);
  arena_done(&arena);
}
