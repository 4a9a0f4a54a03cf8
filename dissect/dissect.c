/* SPDX-License-Identifier: Apache-2.0 */
/* One shard: packets to flows, flows to transactions. */
#include "dissect/dissect.h"

struct dissect {
  const struct dissect_conf *conf;
};

struct dissect *dissect_new(const struct dissect_conf *conf, unsigned share, uint64_t seed, struct counters *ctr,
                            struct txn_pool *pool, struct budget *budget, struct ndpi_env *ndpi,
                            struct dissect_sink sink) {
  (void)share, (void)seed, (void)ctr, (void)pool, (void)budget, (void)ndpi, (void)sink;
  struct dissect *d = mem_zalloc(sizeof *d);
  if (d) d->conf = conf;
  return d;
}

void dissect_free(struct dissect *d) { mem_free(d); }
void dissect_packet(struct dissect *d, const struct packet *p) { (void)d, (void)p; }
void dissect_tick(struct dissect *d, uint64_t clock, uint64_t order) { (void)d, (void)clock, (void)order; }
void dissect_drain(struct dissect *d, uint64_t order) { (void)d, (void)order; }

void txn_close(struct dissect_ctx *cx, struct txn *t) { cx->emit(cx->user, t); }
struct ndpi_env *ndpi_env_new(const struct dissect_conf *conf) { (void)conf; return NULL; }
void ndpi_env_free(struct ndpi_env *e) { (void)e; }
