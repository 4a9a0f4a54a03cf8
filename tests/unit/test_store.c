/* SPDX-License-Identifier: Apache-2.0 */
/* State of correlations while memory runs out: what is not kept is counted, and nothing is told to be known that is not. */
#include "analytics/correlate/correlate.h"
#include "cmocka_all.h"
#include "failmem.h"

static struct counters ctr;
static struct correlate_ctx cx = {.ctr = &ctr};

static void stores(void **state) {
  (void)state;
  struct store s;
  assert_true(store_init(&s, sizeof(struct table_entry), 2, NULL) >= 0);
  uint64_t before = ctr_get(&ctr, CTR_ANALYTICS_MEMORY);
  failmem_after = 0;
  assert_null(store_get(&s, &cx, 1));
  failmem_after = -1;
  assert_int_equal(ctr_get(&ctr, CTR_ANALYTICS_MEMORY), before + 1);
  for (uint64_t k = 1; k <= 3; k++) assert_non_null(store_get(&s, &cx, k));
  assert_null(store_find(&s, 1)); /* gave way */
  assert_int_equal(ctr_get(&ctr, CTR_ANALYTICS_STATE_CAP), 1);
  store_done(&s);
}

static void sets(void **state) {
  (void)state;
  struct few f = {0};
  uint64_t before = ctr_get(&ctr, CTR_ANALYTICS_MEMORY);
  unsigned kept = 0;
  for (uint64_t v = 1; v <= 100; v++) {
    failmem_after = v % 3 ? 0 : -1;
    assert_true(few_add(&f, &cx, v, 1000));
    kept += few_has(&f, v);
  }
  failmem_after = -1;
  assert_int_equal(f.count, kept);
  assert_true(f.more > 0);
  assert_int_equal(f.count + f.more, 100);
  assert_int_equal(ctr_get(&ctr, CTR_ANALYTICS_MEMORY), before + f.more);
  few_done(&f);
}

static void addresses(void **state) {
  (void)state;
  struct addr_set s = {0};
  uint64_t before = ctr_get(&ctr, CTR_ANALYTICS_MEMORY);
  for (uint8_t i = 0; i < 100; i++) {
    const uint8_t a[16] = {[15] = i};
    failmem_after = i % 3 ? 0 : -1;
    assert_true(addr_add(&s, &cx, a, 1000));
  }
  failmem_after = -1;
  assert_true(s.count < 100);
  assert_int_equal(ctr_get(&ctr, CTR_ANALYTICS_MEMORY), before + 100 - s.count);
  addr_done(&s);
  assert_int_equal(failmem_live, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(stores), cmocka_unit_test(sets),
                                     cmocka_unit_test(addresses)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
