/* SPDX-License-Identifier: Apache-2.0 */
/* Builds the pipeline, starts and stops its threads. */
#include "app/pipeline.h"
#include "capture/dedup.h"
#include "app/cpus.h"
#include "base/err.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static unsigned worker_count(const struct sensor_conf *c) {
  long n = c->workers;
  if (n == 0) {
    n = sysconf(_SC_NPROCESSORS_ONLN) - 1;
    if (n > PIPELINE_SHARDS) n = PIPELINE_SHARDS;
  }
  if (n > PIPELINE_WORKERS) n = PIPELINE_WORKERS;
  return n < 1 ? 1 : (unsigned)n;
}

int pipeline_check(const struct settings *s, struct conf_error *err) {
  int rc = cpus_check(&s->capture.cpus, "capture.cpus", true, err);
  return rc < 0 ? rc : cpus_check(&s->sensor.cpus, "sensor.cpus", false, err);
}

int pipeline_init(struct pipeline *p, const struct settings *s, struct ruleset *rules,
                  struct conf_error *err) {
  memset(p, 0, sizeof *p);
  p->settings = s;
  p->state_dir = s->state.dir[0] ? s->state.dir : NULL;
  p->workers = worker_count(&s->sensor);
  atomic_store(&p->rules, rules);
  int rc = pipeline_check(s, err);
  for (unsigned w = 0; w < p->workers && rc >= 0; w++)
    if ((rc = worker_init(&p->worker[w], p, w)) < 0)
      snprintf(err->text, sizeof err->text, "out of memory while starting worker %u: lower dissect.memory_mb",
               w);
  return rc;
}

int pipeline_sinks(struct pipeline *p, char *const *sinks, size_t nsinks, struct conf_error *err) {
  return analysis_init(&p->analysis, p, sinks, nsinks, err);
}

/* Signals are for the main thread alone. */
static int spawn(pthread_t *t, void *(*body)(void *), void *arg) {
  sigset_t all, old;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &old);
  int rc = pthread_create(t, NULL, body, arg);
  pthread_sigmask(SIG_SETMASK, &old, NULL);
  return rc == 0 ? 0 : ERR_NOMEM;
}

int pipeline_start(struct pipeline *p) {
  int rc = spawn(&p->analysis.thread, analysis_run, &p->analysis);
  for (unsigned w = 0; w < p->workers && rc >= 0; w++)
    rc = spawn(&p->worker[w].thread, worker_run, &p->worker[w]);
  for (unsigned r = 0; r < p->readers && rc >= 0; r++)
    rc = spawn(&p->reader[r].thread, p->reader[r].live ? reader_live : reader_replay, &p->reader[r]);
  return rc;
}

long pipeline_join(struct pipeline *p) {
  for (unsigned r = 0; r < p->readers; r++) pthread_join(p->reader[r].thread, NULL);
  for (unsigned w = 0; w < p->workers; w++) pthread_join(p->worker[w].thread, NULL);
  pthread_join(p->analysis.thread, NULL);
  analysis_report(&p->analysis);
  p->undelivered = router_end(p->analysis.router, 30000);
  atomic_store(&p->done, true);
  int failed = atomic_load(&p->failed);
  return failed < 0 ? failed : p->undelivered;
}

void pipeline_done(struct pipeline *p) {
  for (unsigned r = 0; r < PIPELINE_READERS; r++)
    if (p->reader[r].p) reader_done(&p->reader[r]);
  for (unsigned w = 0; w < PIPELINE_WORKERS; w++)
    if (p->worker[w].p) worker_done(&p->worker[w]);
  if (p->analysis.p) analysis_done(&p->analysis);
  replay_close(p->replay);
  ruleset_free((struct ruleset *)(uintptr_t)atomic_load(&p->rules));
}

void pipeline_rules(struct pipeline *p, struct ruleset *rules) {
  const struct timespec nap = {0, 1000000};
  const struct ruleset *old = atomic_load(&p->rules);
  atomic_store_explicit(&p->rules, rules, memory_order_release);
  for (unsigned w = 0; w < p->workers; w++)
    while (atomic_load_explicit(&p->worker[w].rules, memory_order_acquire) == old && !atomic_load(&p->stop))
      nanosleep(&nap, NULL);
  while (atomic_load_explicit(&p->analysis.rules, memory_order_acquire) == old && !atomic_load(&p->stop))
    nanosleep(&nap, NULL);
  if (atomic_load(&p->stop)) return;
  ruleset_keep(rules, (struct ruleset *)(uintptr_t)old);
  ruleset_free((struct ruleset *)(uintptr_t)old);
}

static void add(uint64_t *totals, const struct counters *c) {
  for (unsigned i = 0; i < CTR_COUNT; i++) totals[i] += ctr_get(c, (enum counter)i);
}

void pipeline_counters(struct pipeline *p, uint64_t *totals) {
  memset(totals, 0, CTR_COUNT * sizeof *totals);
  for (unsigned r = 0; r < p->readers; r++) add(totals, &p->reader[r].ctr);
  for (unsigned w = 0; w < p->workers; w++) {
    struct worker *k = &p->worker[w];
    add(totals, &k->ctr);
    totals[CTR_DISSECT_REFUSED] += atomic_load(&k->pool_budget.refused);
    for (unsigned i = 0; i < PIPELINE_SHARDS; i++)
      totals[CTR_DISSECT_REFUSED] += atomic_load(&k->shard_budget[i].refused);
  }
  add(totals, &p->analysis.ctr);
  if (p->analysis.router) router_counters(p->analysis.router, totals);
}

static int by_place(const void *a, const void *b) {
  const struct duplicate_pair *x = a, *y = b;
  for (int i = 0; i < 2; i++) {
    if (x->source[i] != y->source[i]) return x->source[i] - y->source[i];
    if (x->vlan[i] != y->vlan[i]) return x->vlan[i] - y->vlan[i];
  }
  return 0;
}

size_t pipeline_duplicates(struct pipeline *p, struct duplicate_pair out[DUPLICATE_PAIRS]) {
  size_t n = 0;
  for (unsigned r = 0; r < p->readers; r++)
    n = decoder_duplicates(p->reader[r].decoder, out, n, DUPLICATE_PAIRS);
  for (unsigned w = 0; w < p->workers; w++) {
    const struct dedup *copies = atomic_load_explicit(&p->worker[w].copies, memory_order_acquire);
    if (copies) n = dedup_pairs(copies, out, n, DUPLICATE_PAIRS);
  }
  qsort(out, n, sizeof *out, by_place);
  return n;
}
