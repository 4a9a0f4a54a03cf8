/* SPDX-License-Identifier: Apache-2.0 */
/* What is learned before what, and when timers run, does not depend on how the packets were cut into epochs. */
#include "app/lookahead.c"
#include "cmocka_all.h"
#include <stdio.h>
#include <stdlib.h>

#define MS 1000000ULL
#define SEC (1000 * MS)
enum { CALLS = 1500, LOG = 1 << 20 };
static struct txn txns[CALLS];
static struct api_event events[CALLS];
static struct result results[CALLS];
static char logs[2][LOG];
static size_t len;
static int which, lent;

static void say(const char *what, uint64_t n) {
  int k = snprintf(logs[which] + len, LOG - len, "%s%llu ", what, (unsigned long long)n);
  assert_true(k > 0 && len + (size_t)k < LOG);
  len += (size_t)k;
}
static void learn(void *user, struct result *r) {
  (void)user;
  say("l", r->order);
}
static void judge(void *user, struct result *r) {
  (void)user;
  say("j", r->order);
}
static void tick(void *user, uint64_t clock) {
  uint64_t *second = user;
  if (clock / SEC <= *second) return;
  *second = clock / SEC;
  say("t", *second);
}
static void back(void *user, unsigned worker, struct results *r) {
  (void)user, (void)worker;
  lent--;
  free(r);
}

static void lost(void *user, size_t n) {
  (void)user;
  say("lost", n);
}

static void put(struct lookahead *l, size_t from, size_t to, uint64_t clock, bool last) {
  struct results *r = calloc(1, sizeof *r);
  lent++;
  assert_true(lent <= LOOKAHEAD_EPOCHS);
  r->item = results + from;
  r->count = to - from;
  r->clock = clock;
  r->last = last;
  lookahead_put(l, &r, 1);
}

/* A packet each step_ns; a call ends with some of them. Epochs hold so many packets, and end where a second begins. */
static void run(int log, unsigned packets, uint64_t gap_ns) {
  uint64_t second = 0, clock = 0;
  struct lookahead *l = lookahead_new((struct lookahead_user){&second, learn, judge, tick, back, lost});
  assert_non_null(l);
  which = log, len = 0;
  size_t from = 0, held = 0;
  for (size_t i = 0; i < CALLS; i++) {
    uint64_t ns = SEC + i * gap_ns;
    if (ns / SEC > clock / SEC) {
      put(l, from, i, ns / SEC * SEC, false);
      from = i, held = 0;
    }
    clock = ns;
    /* one that is known late: its bytes ended long before the packet that completed it */
    txns[i].side[1].last_ns = i % 7 ? ns : ns - ns / 20;
    events[i].txn = &txns[i];
    results[i] = (struct result){.kind = RESULT_EVENT, .order = i, .event = &events[i]};
    for (unsigned k = 0; k < 3; k++) { /* packets that complete nothing */
      if (++held < packets) continue;
      put(l, from, k ? i + 1 : i, clock, false);
      from = k ? i + 1 : i, held = 0;
    }
  }
  put(l, from, CALLS, clock, true);
  assert_int_equal(lent, 0);
  lookahead_free(l);
}

static void same_however_cut(void **state) {
  (void)state;
  static const uint64_t gaps[] = {3 * SEC, 77 * MS, 5 * MS};
  static const unsigned cuts[] = {1, 2, 5, 100, 100000};
  for (size_t g = 0; g < 3; g++) {
    run(0, 7, gaps[g]);
    for (size_t c = 0; c < sizeof cuts / sizeof *cuts; c++) {
      run(1, cuts[c], gaps[g]);
      assert_string_equal(logs[0], logs[1]);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(same_however_cut)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
