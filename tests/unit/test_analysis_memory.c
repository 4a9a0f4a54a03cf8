/* SPDX-License-Identifier: Apache-2.0 */
/* Captures analysed while memory runs out at every point of the analysis: what is missing from what it tells is counted. */
#include "analytics/analyst.h"
#include "analytics/ruleset.h"
#include "starved.h"

static struct analytics_conf analytics;
static struct conf_section sections[] = {{"capture", capture_options, &starved_capture},
                                         {"dissect", dissect_options, &starved_dissect},
                                         {"analytics", analytics_options, &analytics},
                                         {NULL, NULL, NULL}};
static struct ruleset *rules;
static struct analyzer *analyzer;
static struct analyst *analyst;

static int begin(void **state) {
  (void)state;
  struct conf_error err = {""};
  if (conf_defaults(sections) < 0 || conf_set(sections, "analytics.rules_dir=rules", &err) < 0) return -1;
  return ruleset_load(&rules, &analytics, &err);
}
static int end(void **state) {
  (void)state;
  ruleset_free(rules);
  conf_done(sections);
  return 0;
}

static void tell_data(FILE *out, const struct api_event *e) {
  for (int d = 0; d < 2; d++) {
    for (uint32_t i = 0; i < e->data[d].count; i++)
      fprintf(out, " %s %llu %.*s", e->data[d].item[i].class_id, (unsigned long long)e->data[d].item[i].count,
              SPAN_FMT(e->data[d].item[i].path));
    fprintf(out, " %u", e->fields[d].count);
  }
}

static void on_call(void *user, const struct api_event *e) {
  struct starved *s = user;
  fprintf(s->out, "%.*s %.*s %d %.*s %.*s", SPAN_FMT(e->service), SPAN_FMT(e->endpoint), e->login.step,
          SPAN_FMT(e->who.user), SPAN_FMT(e->who.session));
  if (!e->redact.all) tell_data(s->out, e);
  fprintf(s->out, "\n");
}
static void on_finding(void *user, const struct finding *f) {
  struct starved *s = user;
  fprintf(s->out, "%s %.*s %.*s %.*s", f->rule->id, SPAN_FMT(f->endpoint), SPAN_FMT(f->reason),
          SPAN_FMT(f->reason_zh));
  for (unsigned i = 0; i < f->nevidence; i++)
    fprintf(s->out, " %.*s=%.*s", SPAN_FMT(f->evidence[i].where), SPAN_FMT(f->evidence[i].what));
  fputc('\n', s->out);
}
static void on_exposure(void *user, const struct exposure *x) {
  struct starved *s = user;
  fprintf(s->out, "exposure %s %.*s\n", x->hit->class_id, SPAN_FMT(x->consumer));
}
static void on_asset(void *user, const struct asset *a) {
  struct starved *s = user;
  fprintf(s->out, "%s %.*s %s\n", a->kind, SPAN_FMT(a->endpoint), a->change);
}

/* What the worker and the analysis do with a transaction. */
static void on_txn(void *user, struct txn *t) {
  struct starved *s = user;
  starved_on(s);
  struct api_event *e = analyzer_txn(analyzer, t);
  if (e)
    analyst_event(analyst, e);
  else
    ctr_inc(&s->ctr, CTR_ANALYTICS_MEMORY);
  starved_off(s);
  txn_pool_put(s->pool, t);
}

static void on_flow(void *user, const struct flow_record *f) {
  struct starved *s = user;
  starved_on(s);
  analyst_flow(analyst, f);
  starved_off(s);
}

static void start(struct starved *s) {
  struct conf_error err = {""};
  const struct analyst_sink sink = {
      .user = s, .call = on_call, .exposure = on_exposure, .finding = on_finding, .asset = on_asset};
  analyzer = analyzer_new(&analytics, rules, &s->ctr);
  assert_non_null(analyzer);
  assert_int_equal(analyst_new(&analyst, &analytics, rules, NULL, &s->ctr, sink, &err), 0);
}

static void stop(struct starved *s) {
  starved_on(s);
  assert_true(analyst_finish(analyst) <= 0);
  starved_off(s);
  analyst_free(analyst);
  analyzer_free(analyzer);
}

static void captures(void **state) {
  (void)state;
  static const char *const names[] = {"protocols", "rpc", "real/database", "real/graphql", "real/registry"};
  const struct starved_test test = {{NULL, on_txn, on_flow}, start, stop};
  starved_captures(&test, names, sizeof names / sizeof *names);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(captures)};
  return cmocka_run_group_tests(tests, begin, end);
}
