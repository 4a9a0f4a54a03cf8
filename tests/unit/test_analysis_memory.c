/* SPDX-License-Identifier: Apache-2.0 */
/* Captures analysed while memory runs out at every point of the analysis: what is missing from what it tells is counted. */
#include "analytics/analyst.h"
#include "analytics/ruleset.h"
#include "capture/capture.h"
#include "cmocka_all.h"
#include "failmem.h"

#include <stdio.h>

static struct capture_conf capture;
static struct dissect_conf dissect;
static struct analytics_conf analytics;
static struct conf_section sections[] = {{"capture", capture_options, &capture},
                                         {"dissect", dissect_options, &dissect},
                                         {"analytics", analytics_options, &analytics},
                                         {NULL, NULL, NULL}};
static struct ruleset *rules;

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

struct run {
  FILE *out;
  struct txn_pool *pool;
  struct analyzer *analyzer;
  struct analyst *analyst;
  struct budget budget;
  struct counters ctr;
  long left; /* allocations of the analysis until one is refused; -1: none */
};

static void tell_data(FILE *out, const struct api_event *e) {
  for (int d = 0; d < 2; d++) {
    for (uint32_t i = 0; i < e->data[d].count; i++)
      fprintf(out, " %s %llu %.*s", e->data[d].item[i].class_id, (unsigned long long)e->data[d].item[i].count,
              SPAN_FMT(e->data[d].item[i].path));
    fprintf(out, " %u", e->fields[d].count);
  }
}

static void on_call(void *user, const struct api_event *e) {
  struct run *r = user;
  fprintf(r->out, "%.*s %.*s %d %.*s %.*s", SPAN_FMT(e->service), SPAN_FMT(e->endpoint), e->login.step,
          SPAN_FMT(e->who.user), SPAN_FMT(e->who.session));
  if (!e->redact.all) tell_data(r->out, e);
  fprintf(r->out, "\n");
}
static void on_finding(void *user, const struct finding *f) {
  struct run *r = user;
  fprintf(r->out, "%s %.*s %.*s %.*s", f->rule->id, SPAN_FMT(f->endpoint), SPAN_FMT(f->reason),
          SPAN_FMT(f->reason_zh));
  for (unsigned i = 0; i < f->nevidence; i++)
    fprintf(r->out, " %.*s=%.*s", SPAN_FMT(f->evidence[i].where), SPAN_FMT(f->evidence[i].what));
  fputc('\n', r->out);
}
static void on_exposure(void *user, const struct exposure *x) {
  struct run *r = user;
  fprintf(r->out, "exposure %s %.*s\n", x->hit->class_id, SPAN_FMT(x->consumer));
}
static void on_asset(void *user, const struct asset *a) {
  struct run *r = user;
  fprintf(r->out, "%s %.*s %s\n", a->kind, SPAN_FMT(a->endpoint), a->change);
}

/* What the worker and the analysis do with a transaction. */
static void on_txn(void *user, struct txn *t) {
  struct run *r = user;
  failmem_after = r->left;
  struct api_event *e = analyzer_txn(r->analyzer, t);
  if (e)
    analyst_event(r->analyst, e);
  else
    ctr_inc(&r->ctr, CTR_ANALYTICS_MEMORY);
  r->left = failmem_after;
  failmem_after = -1;
  txn_pool_put(r->pool, t);
}

static void on_flow(void *user, const struct flow_record *f) {
  struct run *r = user;
  failmem_after = r->left;
  analyst_flow(r->analyst, f);
  r->left = failmem_after;
  failmem_after = -1;
}

static void read_all(struct run *r, struct replay *from, struct decoder *dec, struct dissect *d) {
  struct frame frame;
  struct packet packet;
  struct buf scratch;
  uint64_t order = 0;
  bool stable;
  buf_init(&scratch, NULL, 0);
  while (replay_next(from, &frame, &stable) == 1) {
    buf_reset(&scratch);
    order++;
    if (decoder_frame(dec, &frame, &packet, &scratch) != 1) continue;
    packet.order = order;
    dissect_packet(d, &packet);
  }
  dissect_drain(d, order);
  buf_done(&scratch);
  failmem_after = r->left;
  assert_true(analyst_finish(r->analyst) <= 0);
  r->left = failmem_after;
  failmem_after = -1;
}

/* What is told of a capture, in text that the caller frees, while the allocation after so many of its analysis is refused (-1: none);
 * whether it came to that, and what was counted as lost. */
static char *told(const char *path, long granted, bool *refused, uint64_t *lost) {
  struct run r = {.budget = {0, (size_t)1 << 28, 0}, .left = granted};
  struct conf_error err = {""};
  struct replay *from = NULL;
  char *text = NULL, *paths[] = {(char *)(uintptr_t)path};
  size_t len;
  long live = failmem_live;
  r.out = open_memstream(&text, &len);
  r.pool = txn_pool_new(&dissect, &r.budget);
  assert_int_equal(replay_open(&from, &capture, paths, 1, &r.ctr, &err), 0);
  struct decoder *dec = decoder_new(&capture, 1, &r.ctr);
  struct dissect_sink sink = {&r, on_txn, on_flow};
  struct dissect *d = dissect_new(&dissect, 1, 7, &r.ctr, r.pool, &r.budget, NULL, sink);
  struct analyst_sink told_to = {
      .user = &r, .call = on_call, .exposure = on_exposure, .finding = on_finding, .asset = on_asset};
  r.analyzer = analyzer_new(&analytics, rules, &r.ctr);
  assert_int_equal(analyst_new(&r.analyst, &analytics, rules, NULL, &r.ctr, told_to, &err), 0);
  assert_true(r.out && r.pool && dec && d && r.analyzer);
  read_all(&r, from, dec, d);
  *refused = r.left < 0;
  dissect_free(d);
  decoder_free(dec);
  replay_close(from);
  analyst_free(r.analyst);
  analyzer_free(r.analyzer);
  txn_pool_free(r.pool);
  fclose(r.out);
  *lost = ctr_get(&r.ctr, CTR_ANALYTICS_MEMORY) + r.budget.refused;
  assert_int_equal(failmem_live, live);
  return text;
}

static unsigned every_one_counted(const char *path) {
  bool refused;
  uint64_t lost;
  unsigned less = 0;
  char *whole = told(path, -1, &refused, &lost);
  assert_int_equal(lost, 0);
  failmem_once = refused = true;
  for (long granted = 0; refused; granted++) {
    char *text = told(path, granted, &refused, &lost);
    bool same = strcmp(text, whole) == 0;
    if (!same && !lost) fail_msg("%s: without allocation %ld other records, not counted", path, granted);
    less += !same;
    free(text);
  }
  free(whole);
  return less;
}

static void captures(void **state) {
  (void)state;
  static const char *const paths[] = {"protocols", "rpc", "real/database", "real/graphql", "real/registry"};
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
    char path[64];
    snprintf(path, sizeof path, "pcaps/%s.pcap", paths[i]);
    assert_true(every_one_counted(path) > 0);
  }
}

/* With arguments: of these captures. */
int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(captures)};
  if (argc < 2) return cmocka_run_group_tests(tests, begin, end);
  if (begin(NULL) < 0) return 1;
  for (int i = 1; i < argc; i++) (void)every_one_counted(argv[i]);
  return end(NULL);
}
