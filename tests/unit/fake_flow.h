/* SPDX-License-Identifier: Apache-2.0 */
/* One flow without a flow table: feeds bytes to a dissector and keeps the transactions it emits. */
#ifndef TESTS_UNIT_FAKE_FLOW_H
#define TESTS_UNIT_FAKE_FLOW_H

#include "dissect/dissect.h"
#include <netinet/in.h>
#include <stdlib.h>

enum { FAKE_TXNS = 4096 };

struct fake_flow {
  struct dissect_conf conf;
  struct counters ctr;
  struct budget budget;
  struct conn conn;
  struct dissect_ctx cx;
  uint32_t seq;
  const struct dissector *d;
  void *state;
  struct buf rest[2];
  uint64_t off[2];
  bool dead;
  struct txn *txn[FAKE_TXNS];
  size_t count;
};

static inline void fake_emit(void *user, struct txn *t) {
  struct fake_flow *f = user;
  if (f->count < FAKE_TXNS)
    f->txn[f->count++] = t;
  else
    txn_pool_put(f->cx.pool, t);
}

/** Begin a flow of dissector d; unseen: what the transport knows; from: as in dissect_ctx. */
static inline void fake_begin(struct fake_flow *f, const struct dissector *d, uint32_t unseen,
                              struct txn *from) {
  f->d = d;
  f->state = calloc(1, d->state_size);
  f->cx.flow_unseen = unseen;
  f->cx.from = from;
  f->cx.from_taken = false;
  if (d->start) d->start(f->state, &f->cx);
  f->cx.from = NULL;
}

static inline struct fake_flow *fake_new(void) {
  struct fake_flow *f = calloc(1, sizeof *f);
  struct conf_section sections[] = {{"dissect", dissect_options, &f->conf}, {NULL, NULL, NULL}};
  conf_defaults(sections);
  f->budget.cap = 256U << 20;
  f->conn = (struct conn){.proto = IPPROTO_TCP, .ipver = 4, .cport = 50000, .sport = 80};
  f->cx = (struct dissect_ctx){.conn = &f->conn,
                               .conf = &f->conf,
                               .ctr = &f->ctr,
                               .budget = &f->budget,
                               .next_seq = &f->seq,
                               .emit = fake_emit,
                               .user = f,
                               .ns = 1000};
  f->cx.pool = txn_pool_new(&f->conf, &f->budget);
  for (int i = 0; i < 2; i++) buf_init(&f->rest[i], NULL, 0);
  return f;
}

/** Feed bytes; what the parser leaves comes again with the next. */
static inline void fake_feed(struct fake_flow *f, enum dir d, struct span data) {
  struct buf *b = &f->rest[d];
  if (f->dead) return;
  buf_put(b, data);
  f->cx.ns += 1000;
  f->cx.order++;
  /* A copy of its exact size, so that reading beyond it is noticed. */
  uint8_t *exact = malloc(b->len + !b->len);
  if (b->len) memcpy(exact, b->base, b->len);
  struct chunk in = {.data = {exact, b->len},
                     .off = f->off[d],
                     .ns = f->cx.ns,
                     .first_ns = f->cx.ns,
                     .order = f->cx.order,
                     .ack = f->off[!d] + f->rest[!d].len,
                     .dir = d};
  struct parse p = f->d->parse(f->state, &f->cx, in);
  free(exact);
  f->dead = p.status != PARSE_OK;
  f->off[d] += p.used;
  buf_drop(b, p.used);
}

/** n bytes were lost. */
static inline void fake_gap(struct fake_flow *f, enum dir d, uint64_t n) {
  if (f->dead) return;
  f->cx.ns += 1000;
  f->cx.rest[d] = buf_span(&f->rest[d]);
  struct chunk in = {
      .off = f->off[d] + f->rest[d].len, .gap = n, .ns = f->cx.ns, .order = ++f->cx.order, .dir = d};
  (void)f->d->parse(f->state, &f->cx, in);
  f->cx.rest[d] = (struct span){0};
  f->off[d] = in.off + n;
  buf_reset(&f->rest[d]);
}

static inline void fake_end(struct fake_flow *f, enum end why) {
  if (!f->state) return;
  if (f->d->finish) f->d->finish(f->state, &f->cx, why);
  free(f->state);
  f->state = NULL;
}

/** End and free all. The bytes of the budget still taken: 0, unless something leaks. */
static inline size_t fake_free(struct fake_flow *f) {
  fake_end(f, END_DRAIN);
  while (f->count) txn_pool_put(f->cx.pool, f->txn[--f->count]);
  txn_pool_free(f->cx.pool);
  for (int i = 0; i < 2; i++) buf_done(&f->rest[i]);
  size_t left = f->budget.used;
  free(f);
  return left;
}

#endif
