/* SPDX-License-Identifier: Apache-2.0 */
/* Worker threads: packets of their shards in, events and flow records of an epoch out. */
#include "app/cpus.h"
#include "app/lookahead.h"
#include "app/merge.h"
#include "base/err.h"
#include "capture/dedup.h"

#include <stdlib.h>

/* Results of one worker with the analyst, who is slower when floods end flow after flow. */
enum { RESULTS_OUT = 16384 };

static struct results *results_new(void) {
  struct results *r = mem_zalloc(sizeof *r);
  if (r) arena_init(&r->arena, NULL, 0);
  return r;
}

static void results_free(struct worker *w, struct results *r) {
  if (!r) return;
  for (size_t i = 0; i < r->count; i++)
    if (r->item[i].kind == RESULT_EVENT) txn_pool_put(w->pool, r->item[i].event->txn);
  arena_done(&r->arena);
  mem_free(r->item);
  mem_free(r);
}

/* One that came back from the analyst: its transactions go home to the pool of this thread. */
static void take_home(struct worker *w, struct results *r) {
  for (size_t i = 0; i < r->count; i++)
    if (r->item[i].kind == RESULT_EVENT) txn_pool_put(w->pool, r->item[i].event->txn);
  if (r->count) {
    w->mark_head = (w->mark_head + 1) % w->sets;
    w->nmarks--;
  }
  w->home += r->count;
  r->count = 0;
  arena_reset(&r->arena);
  w->spare[w->nspare++] = r;
}

/* Too many results are out, and behind the oldest set there are enough for the analyst to be done with it. */
static bool crowded(const struct worker *w) {
  return w->sent - w->home > RESULTS_OUT && w->nmarks && w->sent - w->mark[w->mark_head] > LOOKAHEAD_RESULTS;
}

static struct results *results_open(struct worker *w) {
  struct results *r;
  while ((r = ring_pop(w->back))) take_home(w, r);
  while (!w->nspare || crowded(w)) take_home(w, ring_pop_wait(w->back, -1));
  return w->spare[--w->nspare];
}

static struct result *results_add(struct results *r) {
  if (r->count == r->size) {
    size_t size = r->size ? r->size * 2 : 256;
    struct result *item = mem_realloc(r->item, size * sizeof *item);
    if (!item) return NULL;
    r->item = item;
    r->size = size;
  }
  return &r->item[r->count++];
}

static void take_txn(void *user, struct txn *t) {
  struct worker *w = user;
  struct api_event *e = analyzer_txn(w->analyzer, t);
  struct result *r = e ? results_add(w->out) : NULL;
  if (!r) {
    ctr_inc(&w->ctr, CTR_ANALYTICS_MEMORY);
    txn_pool_put(w->pool, t);
    return;
  }
  encoder_call_id(e, e->id);
  txn_release_bodies(w->pool, t);
  *r =
      (struct result){.kind = RESULT_EVENT, .order = t->order, .conn = t->conn.id, .seq = t->seq, .event = e};
}

static void take_flow(void *user, const struct flow_record *f) {
  struct worker *w = user;
  struct flow_record *copy = arena_alloc(&w->out->arena, sizeof *copy);
  struct result *r = copy ? results_add(w->out) : NULL;
  if (!r) {
    ctr_inc(&w->ctr, CTR_ANALYTICS_MEMORY);
    return;
  }
  *copy = *f;
  *r = (struct result){
      .kind = RESULT_FLOW, .order = f->order, .conn = f->conn.id, .seq = UINT32_MAX, .flow = copy};
}

int worker_init(struct worker *w, struct pipeline *p, unsigned index) {
  const struct settings *s = p->settings;
  w->p = p;
  w->index = index;
  size_t memory = (size_t)s->dissect.memory_mb << 20, waiting = (size_t)s->sensor.queue + 2,
         results = waiting + LOOKAHEAD_EPOCHS;
  w->pool_budget.cap = memory / 2 / p->workers;
  w->pool = txn_pool_new(&s->dissect, &w->pool_budget);
  w->ndpi = s->dissect.ndpi ? ndpi_env_new(&s->dissect) : NULL;
  atomic_store(&w->rules, atomic_load(&p->rules));
  w->analyzer = analyzer_new(&s->analytics, atomic_load(&p->rules), &w->ctr);
  w->to = ring_new(waiting);
  w->back = ring_new(results);
  w->sets = results;
  w->spare = mem_zalloc(results * sizeof(struct results *));
  w->mark = mem_zalloc(results * sizeof *w->mark);
  if (!w->pool || !w->analyzer || !w->to || !w->back || !w->spare || !w->mark) return ERR_NOMEM;
  struct dissect_sink sink = {w, take_txn, take_flow};
  for (unsigned i = index; i < PIPELINE_SHARDS; i += p->workers) {
    w->shard_budget[i].cap = memory / 2 / PIPELINE_SHARDS;
    w->shard[i] = dissect_new(&s->dissect, PIPELINE_SHARDS, 0x666c6f77ULL + i, &w->ctr, w->pool,
                              &w->shard_budget[i], w->ndpi, sink);
    if (!w->shard[i]) return ERR_NOMEM;
  }
  for (size_t i = 0; i < results; i++) {
    struct results *r = results_new();
    if (!r) return ERR_NOMEM;
    w->spare[w->nspare++] = r;
  }
  return 0;
}

void worker_done(struct worker *w) {
  struct results *r;
  for (unsigned i = 0; i < PIPELINE_SHARDS; i++) dissect_free(w->shard[i]);
  while (w->to && (r = ring_pop(w->to))) results_free(w, r);
  while (w->back && (r = ring_pop(w->back))) results_free(w, r);
  while (w->nspare) results_free(w, w->spare[--w->nspare]);
  mem_free(w->spare);
  mem_free(w->mark);
  results_free(w, w->out);
  ring_free(w->to);
  ring_free(w->back);
  analyzer_free(w->analyzer);
  dedup_free(atomic_load(&w->copies));
  txn_pool_free(w->pool);
  ndpi_env_free(w->ndpi);
}

static int result_cmp(const void *a, const void *b) {
  const struct result *x = a, *y = b;
  if (x->order != y->order) return x->order < y->order ? -1 : 1;
  if (x->conn != y->conn) return x->conn < y->conn ? -1 : 1;
  if (x->seq != y->seq) return x->seq < y->seq ? -1 : 1;
  return (int)x->kind - (int)y->kind;
}

static void adopt_rules(struct worker *w) {
  const struct ruleset *now = atomic_load_explicit(&w->p->rules, memory_order_acquire);
  if (now == atomic_load_explicit(&w->rules, memory_order_relaxed)) return;
  if (analyzer_rules(w->analyzer, now) < 0) atomic_store(&w->p->failed, ERR_NOMEM);
  atomic_store_explicit(&w->rules, now, memory_order_release);
}

static void tick(struct worker *w, uint64_t clock) {
  if (w->p->replay) { /* as the reader begins them */
    clock -= clock % 1000000000ULL;
    if (clock <= w->ticked) return;
    w->ticked = clock;
  }
  for (unsigned i = w->index; i < PIPELINE_SHARDS; i += w->p->workers)
    dissect_tick(w->shard[i], clock, w->order);
}

static void work(struct worker *w, const struct batch *b) {
  adopt_rules(w);
  for (uint32_t i = 0; i < b->count; i++)
    dissect_packet(w->shard[b->packets[i].hash % PIPELINE_SHARDS], &b->packets[i]);
  if (b->order_end > w->order) w->order = b->order_end;
  tick(w, b->clock);
}

static void hand_on(struct worker *w, uint64_t clock, bool last) {
  struct results *r = w->out;
  if (r->count > 1) qsort(r->item, r->count, sizeof *r->item, result_cmp);
  r->clock = clock;
  r->last = last;
  w->sent += r->count;
  if (r->count) w->mark[(w->mark_head + w->nmarks++) % w->sets] = w->sent;
  ring_push_wait(w->to, r, -1);
  w->out = NULL;
}

static void drain(struct worker *w, uint64_t clock) {
  if (!w->out) w->out = results_open(w);
  for (unsigned i = w->index; i < PIPELINE_SHARDS; i += w->p->workers)
    dissect_drain(w->shard[i], w->order + 1);
  hand_on(w, clock, true);
}

static void from_one(struct worker *w) {
  struct reader *r = &w->p->reader[0];
  for (bool last = false; !last;) {
    struct work *b = ring_pop_wait(r->to[w->index], -1);
    uint64_t clock = b->batch.clock;
    if (!w->out) w->out = results_open(w);
    work(w, &b->batch);
    last = b->batch.last;
    ring_push_wait(r->back[w->index], b, -1);
    if (last)
      drain(w, clock);
    else
      hand_on(w, clock, false);
  }
}

static void from_many(struct worker *w) {
  struct merge m;
  const struct packet *p;
  merge_init(&m, w->p, w->index);
  for (enum merge_step s; (s = merge_next(&m, &p)) != MERGE_END;) {
    if (!w->out) w->out = results_open(w);
    if (s == MERGE_PACKET) {
      dissect_packet(w->shard[p->hash % PIPELINE_SHARDS], p);
      continue;
    }
    adopt_rules(w);
    if (m.order > w->order) w->order = m.order;
    tick(w, m.clock);
    hand_on(w, m.clock, false);
  }
  drain(w, m.clock);
}

void *worker_run(void *arg) {
  struct worker *w = arg;
  cpus_pin(&w->p->settings->sensor.cpus, w->index, NULL);
  if (w->p->readers == 1)
    from_one(w);
  else
    from_many(w);
  return NULL;
}
