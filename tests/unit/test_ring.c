/* SPDX-License-Identifier: Apache-2.0 */
/* Ring: order, full and empty, two threads with and without waiting, time-outs. */
#include "base/ring.h"
#include "tests/unit/cmocka_all.h"
#include <pthread.h>
#include <time.h>

enum { N = 200000 };

static void alone(void **state) {
  (void)state;
  struct ring *r = ring_new(5);
  int v[8];
  assert_null(ring_pop(r));
  for (int i = 0; i < 8; i++) assert_true(ring_push(r, &v[i]));
  assert_false(ring_push(r, v));
  assert_int_equal(ring_len(r), 8);
  for (int round = 0; round < 100; round++) {
    assert_ptr_equal(ring_pop(r), &v[round % 8]);
    assert_true(ring_push(r, &v[round % 8]));
  }
  ring_free(r);
  ring_free(NULL);
}

struct job {
  struct ring *there, *back;
  int wait;
};

static void *echo(void *arg) {
  struct job *j = arg;
  for (int i = 0; i < N; i++) {
    void *p = j->wait ? ring_pop_wait(j->there, -1) : NULL;
    while (!p) p = ring_pop_wait(j->there, 1);
    *(uint64_t *)p += 1;
    while (!(j->wait ? ring_push_wait(j->back, p, -1) : ring_push_wait(j->back, p, 1))) {}
  }
  return NULL;
}

/* Values change hands both ways: a missing barrier shows as a wrong sum, and to the thread sanitizer. */
static void two_threads(int wait) {
  static uint64_t value[64];
  struct job j = {ring_new(8), ring_new(64), wait};
  pthread_t t;
  for (int i = 0; i < 64; i++) value[i] = 0;
  assert_int_equal(pthread_create(&t, NULL, echo, &j), 0);
  int sent = 0, got = 0;
  while (got < N) {
    while (sent < N && sent - got < 64 && ring_push(j.there, &value[sent % 64])) sent++;
    void *p = ring_pop_wait(j.back, -1);
    assert_ptr_equal(p, &value[got % 64]);
    got++;
    assert_int_equal(*(uint64_t *)p, (got + 63) / 64);
  }
  pthread_join(t, NULL);
  ring_free(j.there);
  ring_free(j.back);
}

static void waiting(void **state) {
  (void)state;
  two_threads(1);
}

static void short_waits(void **state) {
  (void)state;
  two_threads(0);
}

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void timeouts(void **state) {
  (void)state;
  struct ring *r = ring_new(2);
  int v;
  double start = seconds();
  assert_null(ring_pop_wait(r, 0));
  assert_null(ring_pop_wait(r, 20));
  assert_true(seconds() - start >= 0.02);
  while (ring_push(r, &v)) {}
  start = seconds();
  assert_false(ring_push_wait(r, &v, 20));
  assert_true(seconds() - start >= 0.02);
  ring_free(r);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(alone), cmocka_unit_test(waiting),
                                     cmocka_unit_test(short_waits), cmocka_unit_test(timeouts)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
