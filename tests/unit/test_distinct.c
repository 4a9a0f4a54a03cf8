/* SPDX-License-Identifier: Apache-2.0 */
/* Counting distinct values: exact while few, near enough beyond, the same in any order, through a store and a merge. */
#include "tests/unit/cmocka_all.h"

#include "base/distinct.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"

static uint64_t value(uint64_t i) { return hash64(span_of(&i, sizeof i), 5); }

static void exact(void **state) {
  (void)state;
  struct distinct d;
  distinct_init(&d, 0, 0);
  for (uint64_t i = 0; i < 1000; i++) {
    assert_int_equal(distinct_add(&d, value(i)), 1);
    assert_int_equal(distinct_add(&d, value(i)), 0);
    assert_int_equal(distinct_count(&d), i + 1);
  }
  assert_null(d.reg);
  distinct_add(&d, value(1000));
  assert_non_null(d.reg);
  assert_true(distinct_count(&d) > 1000);
  distinct_done(&d);
}

static void near_enough(void **state) {
  (void)state;
  struct distinct d;
  uint64_t n = 0;
  distinct_init(&d, 0, 0);
  for (uint64_t to = 2000; to <= 2000000; to *= 10) {
    for (; n < to; n++) distinct_add(&d, value(n));
    double off = (double)distinct_count(&d) / (double)to - 1;
    if (off < -0.05 || off > 0.05)
      fail_msg("%lu counted as %lu", (unsigned long)to, (unsigned long)distinct_count(&d));
  }
  distinct_done(&d);
}

static void any_order(void **state) {
  (void)state;
  static const uint64_t sizes[] = {0, 1, 900, 1000, 1001, 30000};
  for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
    struct distinct a, b;
    distinct_init(&a, 0, 0);
    distinct_init(&b, 0, 0);
    for (uint64_t i = 0; i < sizes[k]; i++) {
      distinct_add(&a, value(i));
      distinct_add(&b, value(sizes[k] - 1 - i));
    }
    size_t n = distinct_size(&a);
    assert_int_equal(n, distinct_size(&b));
    uint8_t *x = mem_alloc(n), *y = mem_alloc(n);
    distinct_save(&a, x);
    distinct_save(&b, y);
    assert_memory_equal(x, y, n);
    struct distinct c;
    distinct_init(&c, 0, 0);
    assert_int_equal(distinct_load(&c, span_of(x, n)), 0);
    assert_int_equal(distinct_count(&c), distinct_count(&a));
    mem_free(x);
    mem_free(y);
    distinct_done(&a);
    distinct_done(&b);
    distinct_done(&c);
  }
}

static void broken(void **state) {
  (void)state;
  struct distinct d;
  distinct_init(&d, 0, 0);
  assert_int_equal(distinct_load(&d, SPAN_LIT("")), ERR_SYNTAX);
  assert_int_equal(distinct_load(&d, SPAN_LIT("\1\14abc")), ERR_SYNTAX);
  assert_int_equal(distinct_load(&d, SPAN_LIT("\2\14abc")), ERR_SYNTAX);
  assert_int_equal(distinct_load(&d, SPAN_LIT("\3\14")), ERR_SYNTAX);
  assert_int_equal(distinct_count(&d), 0);
  distinct_done(&d);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(exact), cmocka_unit_test(near_enough),
                                     cmocka_unit_test(any_order), cmocka_unit_test(broken)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
