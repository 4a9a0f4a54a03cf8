/* SPDX-License-Identifier: Apache-2.0 */
/* Signals become one finding; tries become part of a scan; findings become one incident. */
#include "analytics/finding_book.h"
#include "analytics/incident_book.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define SEC 1000000000ULL

static const struct rule sqli = {
    .id = "sqli", .name = "x", .category = CATEGORY_ATTACK, .severity = SEVERITY_HIGH};
static const struct rule scanner = {
    .id = "scanner", .name = "x", .category = CATEGORY_ATTACK, .severity = SEVERITY_MEDIUM};
static const struct rule drag = {
    .id = "data_drag", .name = "x", .category = CATEGORY_ABUSE, .severity = SEVERITY_HIGH};
static const uint8_t actor[16] = {[10] = 0xff, [11] = 0xff, 198, 51, 100, 7};
static const uint8_t target[16] = {[10] = 0xff, [11] = 0xff, 10, 0, 0, 1};

static const struct rule steps[] = {
    {.id = "a", .name = "x", .category = CATEGORY_ABUSE, .severity = SEVERITY_LOW, .tactic = {"TA0001"}},
    {.id = "b", .name = "x", .category = CATEGORY_ABUSE, .severity = SEVERITY_LOW, .tactic = {"TA0006"}},
    {.id = "c", .name = "x", .category = CATEGORY_ABUSE, .severity = SEVERITY_LOW, .tactic = {"TA0040"}}};

struct seen {
  struct incident_book *incidents;
  unsigned findings, scans, incidents_open, stages, severity;
  uint64_t count;
};

static void on_finding(void *user, const struct finding *f) {
  struct seen *s = user;
  s->findings += f->update == 0;
  s->scans += f->update == 0 && f->rule == &scanner;
  s->count = f->count;
  if (s->incidents) incident_book_add(s->incidents, f, f->ns);
}
static void on_incident(void *user, const struct incident *i) {
  struct seen *s = user;
  s->incidents_open += i->update == 0;
  s->stages = i->nstages;
  s->severity = i->severity;
  for (unsigned k = 1; k < i->nstages; k++) assert_true(i->stage[k - 1].first_ns <= i->stage[k].first_ns);
}

static struct raise of(const struct rule *r) {
  return (struct raise){.rule = r,
                        .actor = &actor,
                        .nactors = 1,
                        .target = &target,
                        .ntargets = 1,
                        .port = 80,
                        .outcome = OUTCOME_ATTEMPTED};
}

static void joins(void **state) {
  struct counters ctr = {0};
  struct seen s = {0};
  struct finding_book *b = finding_book_new(16, 60 * SEC, &ctr, on_finding, &s);
  (void)state;
  for (uint64_t i = 1; i <= 5; i++) {
    struct raise r = of(&sqli);
    finding_book_raise(b, &r, i * SEC);
  }
  assert_int_equal(s.findings, 0);
  finding_book_tick(b, 30 * SEC);
  assert_int_equal(s.findings, 1);
  finding_book_finish(b, 31 * SEC);
  assert_int_equal(s.findings, 1);
  assert_int_equal(s.count, 5);
  finding_book_free(b);
}

static void scans(void **state) {
  struct counters ctr = {0};
  struct seen s = {0};
  struct finding_book *b = finding_book_new(16, 60 * SEC, &ctr, on_finding, &s);
  struct raise r = of(&sqli);
  (void)state;
  finding_book_raise(b, &r, SEC);
  r = of(&scanner);
  finding_book_raise(b, &r, 2 * SEC);
  r = of(&sqli);
  finding_book_raise(b, &r, 3 * SEC);
  finding_book_finish(b, 40 * SEC);
  assert_int_equal(s.findings, 1);
  assert_int_equal(s.scans, 1);
  finding_book_free(b);
}

static void one_incident(void **state) {
  struct counters ctr = {0};
  struct seen s = {0};
  s.incidents = incident_book_new(16, 3600 * SEC, &ctr, on_incident, &s);
  struct finding_book *b = finding_book_new(16, 60 * SEC, &ctr, on_finding, &s);
  struct raise r = of(&sqli);
  (void)state;
  finding_book_raise(b, &r, SEC);
  r = of(&drag);
  finding_book_raise(b, &r, 20 * SEC);
  finding_book_finish(b, 21 * SEC);
  incident_book_finish(s.incidents, 21 * SEC);
  assert_int_equal(s.findings, 2);
  assert_int_equal(s.incidents_open, 1);
  finding_book_free(b);
  incident_book_free(s.incidents);
}

/* Three tactics, the last with success: graver than any member. */
static void stages(void **state) {
  struct counters ctr = {0};
  struct seen s = {0};
  s.incidents = incident_book_new(16, 3600 * SEC, &ctr, on_incident, &s);
  struct finding_book *b = finding_book_new(16, 60 * SEC, &ctr, on_finding, &s);
  (void)state;
  for (unsigned i = 0; i < 3; i++) {
    struct raise r = of(&steps[i]);
    if (i == 2) r.outcome = OUTCOME_SUCCESS;
    finding_book_raise(b, &r, (i + 1) * SEC);
    assert_int_equal(s.stages, i + 1);
    assert_int_equal(s.severity, i == 2 ? SEVERITY_CRITICAL : SEVERITY_LOW);
  }
  finding_book_free(b);
  incident_book_free(s.incidents);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(joins), cmocka_unit_test(scans),
                                     cmocka_unit_test(one_incident), cmocka_unit_test(stages)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
