/* SPDX-License-Identifier: Apache-2.0 */
/* A call's own strings as they are printed: data in them are stars, and where there is no memory to note them nothing is printed. */
#include "analytics/analyzer.h"
#include "analytics/ruleset.h"
#include "cmocka_all.h"
#include "output/redact.h"

#include <stdio.h>
#include <stdlib.h>

#define NAME "\xe7\x8e\x8b\xe8\x8a\xb3" /* told by its key alone */

static struct analytics_conf conf;
static struct counters ctr;
static struct ruleset *rules;
static struct analyzer *analyzer;

static int begin(void **state) {
  (void)state;
  struct conf_section sections[] = {{"analytics", analytics_options, &conf}, {NULL, NULL, NULL}};
  struct conf_error err = {""};
  if (conf_defaults(sections) < 0 || conf_set(sections, "analytics.rules_dir=rules", &err) < 0) return -1;
  if (ruleset_load(&rules, &conf, &err) < 0) return -1;
  analyzer = analyzer_new(&conf, rules, &ctr);
  return analyzer ? 0 : -1;
}
static int end(void **state) {
  (void)state;
  struct conf_section sections[] = {{"analytics", analytics_options, &conf}, {NULL, NULL, NULL}};
  analyzer_free(analyzer);
  ruleset_free(rules);
  conf_done(sections);
  return 0;
}

/* What is printed of the target, "" where the call is given up; cap: bytes of the call's own memory, 0 for any. */
static void target(char out[128], size_t cap) {
  struct txn *t = calloc(1, sizeof *t);
  struct buf scratch;
  struct span s = SPAN_LIT("/list?custName=" NAME "&custName=" NAME "&page=2");
  buf_init(&scratch, NULL, 0);
  arena_init(&t->arena, NULL, cap);
  for (int d = 0; d < 2; d++) {
    t->side[d].seen = t->side[d].complete = true;
    buf_init(&t->side[d].raw, NULL, 0), buf_init(&t->side[d].decoded, NULL, 0);
  }
  t->protocol = "http";
  t->method = SPAN_LIT("GET");
  t->status = 200;
  t->target = t->query = s;
  t->path = span_cut(&t->query, '?');
  struct api_event *e = analyzer_txn(analyzer, t);
  struct span shown = e ? redact_url(&scratch, t->target, t, &e->redact) : SPAN_LIT("");
  snprintf(out, 128, "%.*s", SPAN_FMT(shown));
  if (e) {
    shown = redact_span(&scratch, t->target, &e->redact);
    assert_true(span_find(shown, SPAN_LIT(NAME)) == shown.len);
  }
  buf_done(&scratch);
  arena_done(&t->arena);
  free(t);
}

static void masked(void **state) {
  (void)state;
  char out[128];
  target(out, 0);
  assert_string_equal(out, "/list?custName=******&custName=******&page=2");
  assert_int_equal(ctr_get(&ctr, CTR_ANALYTICS_MEMORY), 0);
}

/* A hole ends the target: what is left of its last value may be of a secret. */
static void cut(void **state) {
  (void)state;
  struct txn t = {.side[0] = {.seen = true, .unseen = UNSEEN_SNAPLEN}};
  struct buf scratch;
  buf_init(&scratch, NULL, 0);
  assert_true(span_eq(redact_url(&scratch, SPAN_LIT("/a?page=2&t=1313883335_fc2"), &t, NULL),
                      SPAN_LIT("/a?page=2&t=**************")));
  assert_true(span_eq(redact_url(&scratch, SPAN_LIT("/customers/1380013"), &t, NULL),
                      SPAN_LIT("/customers/*******")));
  assert_true(span_eq(redact_url(&scratch, SPAN_LIT("/a?page=2"), &t, NULL), SPAN_LIT("/a?page=2")));
  t.side[0].unseen = 0;
  assert_true(span_eq(redact_url(&scratch, SPAN_LIT("/a?t=1313883335_fc2"), &t, NULL),
                      SPAN_LIT("/a?t=1313883335_fc2")));
  buf_done(&scratch);
}

static void short_of_memory(void **state) {
  (void)state;
  unsigned hidden = 0;
  for (size_t cap = 16; cap < 16384; cap += 16) {
    char out[128];
    target(out, cap);
    assert_null(strstr(out, NAME));
    hidden += strcmp(out, "***") == 0;
  }
  assert_true(hidden > 0);
  assert_true(ctr_get(&ctr, CTR_ANALYTICS_MEMORY) >= hidden);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(masked), cmocka_unit_test(cut),
                                     cmocka_unit_test(short_of_memory)};
  return cmocka_run_group_tests(tests, begin, end);
}
