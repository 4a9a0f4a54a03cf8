/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions recycled: the object, its arena's first block and small body buffers. */
#include "base/poison.h"
#include "dissect/dissect.h"

enum { KEEP_MAX = 256, KEEP_BODY = 64 * 1024, ARENA_SLACK = 1024 * 1024, SPARE = 256 };

struct txn_pool {
  const struct dissect_conf *conf;
  struct budget *budget;
  struct txn *free[KEEP_MAX];
  struct buf spare[SPARE]; /* emptied, with their memory */
  unsigned count, nspare;
};

struct txn_pool *txn_pool_new(const struct dissect_conf *conf, struct budget *budget) {
  struct txn_pool *p = mem_zalloc(sizeof *p);
  if (!p) return NULL;
  p->conf = conf;
  p->budget = budget;
  return p;
}

static void destroy(struct txn_pool *p, struct txn *t) {
  for (int d = 0; d < 2; d++) {
    buf_done(&t->side[d].raw);
    buf_done(&t->side[d].decoded);
  }
  arena_done(&t->arena);
  budget_free(p->budget, t, sizeof *t);
}

void txn_pool_free(struct txn_pool *p) {
  if (!p) return;
  while (p->count) destroy(p, p->free[--p->count]);
  while (p->nspare) buf_done(&p->spare[--p->nspare]);
  mem_free(p);
}

/* Buffers do not stay with transactions, thousands of which wait for the analyst without a body. */
static void put_body(struct txn_pool *p, struct buf *b) {
  if (b->base && b->size <= KEEP_BODY && p->nspare < SPARE) {
    p->spare[p->nspare++] = *b;
    poison_hide(b->base, b->size);
    b->base = NULL;
    b->len = b->size = 0;
  } else {
    buf_done(b);
  }
}

static void get_body(struct txn_pool *p, struct buf *b) {
  if (b->base || !p->nspare) return;
  const struct buf *from = &p->spare[--p->nspare];
  poison_show(from->base, from->size);
  b->base = from->base;
  b->size = from->size;
}

void txn_release_bodies(struct txn_pool *p, struct txn *t) {
  for (int d = 0; d < 2; d++) {
    put_body(p, &t->side[d].raw);
    put_body(p, &t->side[d].decoded);
    t->side[d].is_decoded = false;
  }
}

void txn_pool_put(struct txn_pool *p, struct txn *t) {
  if (!t) return;
  if (p->count == KEEP_MAX) {
    destroy(p, t);
    return;
  }
  txn_release_bodies(p, t);
  arena_reset(&t->arena);
  p->free[p->count++] = t;
}

/* Everything zero but what owns memory. */
static void clear(struct txn *t) {
  struct arena arena = t->arena;
  struct buf bufs[4] = {t->side[0].raw, t->side[0].decoded, t->side[1].raw, t->side[1].decoded};
  memset(t, 0, sizeof *t);
  t->arena = arena;
  for (int d = 0; d < 2; d++) {
    t->side[d].raw = bufs[d * 2];
    t->side[d].decoded = bufs[d * 2 + 1];
  }
}

static struct txn *create(struct txn_pool *p) {
  struct txn *t = budget_zalloc(p->budget, sizeof *t);
  if (!t) return NULL;
  arena_init(&t->arena, p->budget, (size_t)p->conf->max_header_bytes * 4 + ARENA_SLACK);
  for (int d = 0; d < 2; d++) {
    buf_init(&t->side[d].raw, p->budget, (size_t)p->conf->max_body_bytes);
    buf_init(&t->side[d].decoded, p->budget, (size_t)p->conf->max_decoded_bytes);
  }
  return t;
}

struct txn *txn_open(struct dissect_ctx *cx, const char *protocol) {
  struct txn_pool *p = cx->pool;
  struct txn *t = p->count ? p->free[--p->count] : create(p);
  if (!t) {
    ctr_inc(cx->ctr, CTR_DISSECT_MEMORY);
    return NULL;
  }
  clear(t);
  for (int d = 0; d < 2; d++) get_body(p, &t->side[d].raw);
  t->conn = *cx->conn;
  t->order = cx->order;
  t->seq = (*cx->next_seq)++;
  t->protocol = protocol;
  t->status = -1;
  return t;
}

void txn_drop(struct dissect_ctx *cx, struct txn *t) { txn_pool_put(cx->pool, t); }
