/* SPDX-License-Identifier: Apache-2.0 */
/* The analyst's thread: merges what the workers made of each epoch in packet order, encodes, hands to sinks. */
#include "app/lookahead.h"
#include "base/err.h"
#include "base/log.h"

#include <sys/resource.h>

enum { REPORT_ROWS = 20000 };

static void put(struct analysis *a, int rc, const struct record *r) {
  if (rc < 0) {
    ctr_inc(&a->ctr, CTR_ANALYTICS_MEMORY);
    return;
  }
  ctr_add(&a->ctr, CTR_ANALYTICS_MEMORY, encoder_missed(a->encoder));
  a->summary.records[r->kind]++;
  router_put(a->router, r);
}

static void on_call(void *user, const struct api_event *e) {
  struct analysis *a = user;
  struct record r;
  put(a, encode_call(a->encoder, e, &r), &r);
  if (e->txn->kind == TXN_CALL) summary_call(&a->summary, e);
  if (e->txn->kind == TXN_CALL) report_call(a->report, e);
  atomic_fetch_add_explicit(&a->p->calls, e->txn->kind == TXN_CALL, memory_order_relaxed);
}

static void on_exposure(void *user, const struct exposure *x) {
  struct analysis *a = user;
  struct record r;
  put(a, encode_exposure(a->encoder, x, &r), &r);
  report_exposure(a->report, x);
}

static void on_finding(void *user, const struct finding *f) {
  struct analysis *a = user;
  struct record r;
  put(a, encode_finding(a->encoder, f, &r), &r);
  summary_finding(&a->summary, f);
  report_finding(a->report, f);
}

static void on_incident(void *user, const struct incident *i) {
  struct analysis *a = user;
  struct record r;
  put(a, encode_incident(a->encoder, i, &r), &r);
  summary_incident(&a->summary, i);
  report_incident(a->report, i);
}

static void on_asset(void *user, const struct asset *asset) {
  struct analysis *a = user;
  struct record r;
  put(a, encode_asset(a->encoder, asset, &r), &r);
  summary_asset(&a->summary, asset);
  report_asset(a->report, asset);
}

static void on_flow(void *user, const struct flow_record *f) {
  struct analysis *a = user;
  struct record r;
  put(a, encode_flow(a->encoder, f, &r), &r);
}

static void look_learn(void *user, struct result *r);
static void look_judge(void *user, struct result *r);
static void look_tick(void *user, uint64_t clock);
static void look_back(void *user, unsigned worker, struct results *r);
static void look_lost(void *user, size_t results);

int analysis_init(struct analysis *a, struct pipeline *p, char *const *sinks, size_t nsinks,
                  struct conf_error *err) {
  const struct settings *s = p->settings;
  a->p = p;
  a->encoder = encoder_new(&s->output, TAPSCOPE_VERSION);
  if (!a->encoder) {
    snprintf(err->text, sizeof err->text, "out of memory while starting");
    return ERR_NOMEM;
  }
  if (s->sensor.report[0]) a->report = report_new(REPORT_ROWS);
  int rc = router_new(&a->router, &s->output, sinks, nsinks, p->state_dir, err);
  if (rc < 0) return rc;
  if (!p->replay) router_live(a->router);
  const struct analyst_sink sink = {a, on_call, on_exposure, on_finding, on_incident, on_asset, on_flow};
  atomic_store(&a->rules, atomic_load(&p->rules));
  a->lookahead =
      lookahead_new((struct lookahead_user){a, look_learn, look_judge, look_tick, look_back, look_lost});
  if (!a->lookahead) return ERR_NOMEM;
  return analyst_new(&a->analyst, &s->analytics, atomic_load(&p->rules), p->state_dir, &a->ctr, sink, err);
}

void analysis_done(struct analysis *a) {
  analyst_free(a->analyst);
  lookahead_free(a->lookahead);
  if (a->router) router_close(a->router, 0);
  encoder_free(a->encoder);
  report_free(a->report);
}

void analysis_report(struct analysis *a) {
  if (!a->report) return;
  uint64_t totals[CTR_COUNT];
  const char *path = a->p->settings->sensor.report;
  pipeline_counters(a->p, totals);
  report_datamap(a->report, analyst_datamap(a->analyst));
  const struct report_totals t = {
      .counters = totals, .title = a->p->title, .first_ns = a->first_clock, .last_ns = a->clock};
  int rc = report_write(a->report, path, &t);
  if (rc < 0) log_msg(LOG_ERROR, "cannot write the report %s: %s; is the folder there?", path, err_str(rc));
}

static void sensor_record(struct analysis *a, const char *reason) {
  uint64_t totals[CTR_COUNT];
  struct rusage ru;
  struct record r;
  struct duplicate_pair pairs[DUPLICATE_PAIRS];
  pipeline_counters(a->p, totals);
  getrusage(RUSAGE_SELF, &ru);
  uint64_t ended = totals[CTR_FLOW_CLOSED];
  const struct sensor_state st = {
      .ns = a->clock,
      .interval_ns = a->p->settings->sensor.interval_ns,
      .totals = totals,
      .rss_bytes = (uint64_t)ru.ru_maxrss * 1024,
      .flows = totals[CTR_FLOW_NEW] > ended ? totals[CTR_FLOW_NEW] - ended : 0,
      .reason = reason,
      .duplicates = pairs,
      .nduplicates = pipeline_duplicates(a->p, pairs),
  };
  put(a, encode_sensor(a->encoder, &st, &r), &r);
}

static void tick(struct analysis *a, uint64_t clock) {
  if (clock < a->clock || !clock) return;
  if (!a->first_clock) a->first_clock = clock;
  a->clock = clock;
  for (char text[512]; router_message(a->router, text, sizeof text);) log_msg(LOG_WARN, "%s", text);
  router_flush(a->router);
  analyst_tick(a->analyst, clock);
  if (a->next_sensor && clock < a->next_sensor) return;
  if (a->next_sensor) sensor_record(a, "interval");
  a->next_sensor = clock + a->p->settings->sensor.interval_ns;
}

static void one(struct analysis *a, struct result *r) {
  if (r->kind == RESULT_FLOW) {
    analyst_flow(a->analyst, r->flow);
    return;
  }
  ctr_inc(&a->ctr, CTR_ANALYTICS_CALLS);
  analyst_event(a->analyst, r->event);
}

/* One worker's sorted results. */
static void all_of(struct analysis *a, struct results *r) {
  for (size_t i = 0; i < r->count; i++) one(a, &r->item[i]);
}

static void look_learn(void *user, struct result *r) {
  analyst_learn(((struct analysis *)user)->analyst, r->event);
}
static void look_judge(void *user, struct result *r) { one(user, r); }
static void look_tick(void *user, uint64_t clock) { tick(user, clock); }
static void look_back(void *user, unsigned worker, struct results *r) {
  struct analysis *a = user;
  ring_push_wait(a->p->worker[worker].back, r, -1);
}

static void look_lost(void *user, size_t results) {
  ctr_add(&((struct analysis *)user)->ctr, CTR_ANALYTICS_MEMORY, results);
}

static void adopt_rules(struct analysis *a) {
  const struct ruleset *now = atomic_load_explicit(&a->p->rules, memory_order_acquire);
  if (now == atomic_load_explicit(&a->rules, memory_order_relaxed)) return;
  analyst_rules(a->analyst, now);
  atomic_store_explicit(&a->rules, now, memory_order_release);
}

/* One reader: every worker closes every epoch, so the whole order is known. */
static void run_ordered(struct analysis *a) {
  struct pipeline *p = a->p;
  struct results *set[PIPELINE_WORKERS];
  for (bool last = false; !last;) {
    for (unsigned w = 0; w < p->workers; w++) {
      set[w] = ring_pop_wait(p->worker[w].to, -1);
      last = set[w]->last;
    }
    adopt_rules(a);
    lookahead_put(a->lookahead, set, p->workers);
  }
}

/* Several readers: results are taken as they come; each worker's are in order. */
static void run_live(struct analysis *a) {
  struct pipeline *p = a->p;
  unsigned ended = 0;
  while (ended < p->workers) {
    for (unsigned w = 0; w < p->workers; w++) {
      struct results *r =
          p->workers == 1 ? ring_pop_wait(p->worker[w].to, 100) : ring_pop_wait(p->worker[w].to, 1);
      if (!r) continue;
      adopt_rules(a);
      all_of(a, r);
      tick(a, r->clock);
      ended += r->last;
      ring_push_wait(p->worker[w].back, r, -1);
    }
  }
}

void *analysis_run(void *arg) {
  struct analysis *a = arg;
  if (a->p->readers == 1)
    run_ordered(a);
  else
    run_live(a);
  int rc = analyst_finish(a->analyst);
  if (rc < 0) atomic_store(&a->p->failed, rc);
  sensor_record(a, "end");
  return NULL;
}
