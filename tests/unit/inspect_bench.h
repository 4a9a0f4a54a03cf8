/* SPDX-License-Identifier: Apache-2.0 */
/* One call through the inspections, for their tests. */
#ifndef TESTS_UNIT_INSPECT_BENCH_H
#define TESTS_UNIT_INSPECT_BENCH_H

#include "analytics/inspect/rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>

struct bench {
  struct inspect_rules *rules;
  struct inspect *in;
};
static const struct analytics_conf conf = {.inspect = true, .classify = true};

static inline int setup(void **state) {
  static struct bench b;
  struct conf_error err = {""};
  assert_int_equal(inspect_rules_open(&b.rules, NULL, NULL, &err), 0);
  b.in = inspect_new(&conf, b.rules);
  assert_non_null(b.in);
  *state = &b;
  return 0;
}

static inline int teardown(void **state) {
  struct bench *b = *state;
  inspect_free(b->in);
  inspect_rules_free(b->rules);
  return 0;
}

/* A call without a body yet. */
static inline void bench_buffers(struct txn *t) {
  arena_init(&t->arena, NULL, 0);
  for (int d = 0; d < 2; d++) buf_init(&t->side[d].raw, NULL, 0), buf_init(&t->side[d].decoded, NULL, 0);
}

/* The first signal of a call without a body; it lives in the call's arena, which the caller frees. */
static inline const struct signal *judge_call(struct bench *b, struct txn *t) {
  struct api_event e = {.txn = t};
  bench_buffers(t);
  inspect_begin(b->in, t, &e);
  inspect_call(b->in);
  assert_non_null(e.signals);
  return e.signals;
}

/* The id of the first attack that a call raises, "" for none. */
static inline const char *judge_named(struct bench *b, enum place place, const char *name, const char *value,
                                      const char *answer, enum outcome *outcome) {
  static char id[64];
  struct txn t = {.kind = TXN_CALL, .status = 200};
  struct api_event e = {.txn = &t};
  bench_buffers(&t);
  for (int d = 0; d < 2; d++) t.side[d].seen = t.side[d].complete = true;
  t.method = SPAN_LIT("GET"), t.path = SPAN_LIT("/api/items");
  if (place == PLACE_PATH) t.path = span_str(value);
  if (place == PLACE_QUERY) t.query = span_str(value);
  if (place == PLACE_HEADER) txn_header(&t, &t.side[0].headers, SPAN_LIT("User-Agent"), span_str(value));
  if (place == PLACE_COOKIE) txn_header(&t, &t.side[0].headers, SPAN_LIT("Cookie"), span_str(value));
  if (answer) buf_put(&t.side[1].raw, span_str(answer));
  inspect_begin(b->in, &t, &e);
  struct leaf l = {.path = span_str(name),
                   .key = span_str(name),
                   .value = span_str(value),
                   .raw = span_str(value),
                   .type = LEAF_STRING};
  if (place == PLACE_BODY) inspect_value(b->in, PLACE_BODY, &l);
  inspect_call(b->in);
  id[0] = 0;
  for (const struct signal *s = e.signals; s; s = s->next) {
    if (s->rule->category != CATEGORY_ATTACK) continue;
    strncpy(id, s->rule->id, sizeof id - 1);
    if (outcome) *outcome = s->outcome;
    assert_true(s->nevidence > 0);
  }
  for (int d = 0; d < 2; d++) buf_done(&t.side[d].raw), buf_done(&t.side[d].decoded);
  arena_done(&t.arena);
  return id;
}

static inline const char *judge(struct bench *b, enum place place, const char *value, const char *answer,
                                enum outcome *outcome) {
  return judge_named(b, place, "q", value, answer, outcome);
}

#endif
