/* SPDX-License-Identifier: Apache-2.0 */
/* Arena, buffer, pool and budget: caps, accounting, and every allocation failing in turn. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/pool.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/failmem.h"

static void budget(void **state) {
  (void)state;
  struct budget b = {.cap = 100};
  assert_true(budget_take(&b, 60));
  assert_false(budget_take(&b, 41));
  assert_false(budget_take(&b, SIZE_MAX));
  assert_int_equal(b.refused, 2);
  assert_true(budget_take(&b, 40));
  budget_give(&b, 100);
  assert_int_equal(b.used, 0);
  assert_true(budget_take(NULL, SIZE_MAX));
  struct budget open = {0};
  assert_true(budget_take(&open, 1u << 30));
}

static void arena_basics(void **state) {
  (void)state;
  struct budget b = {0};
  struct arena a;
  arena_init(&a, &b, 0);
  assert_int_equal(b.used, 0);
  for (int i = 0; i < 1000; i++) {
    uint8_t *p = arena_alloc(&a, (size_t)i % 300);
    assert_non_null(p);
    assert_int_equal((uintptr_t)p % 16, 0);
    memset(p, 0x5a, (size_t)i % 300);
  }
  uint8_t *big = arena_zalloc(&a, 1 << 20);
  assert_non_null(big);
  for (int i = 0; i < 1 << 20; i++) assert_int_equal(big[i], 0);
  struct span s = arena_printf(&a, "%s-%0300d", "x", 1);
  assert_int_equal(s.len, 302);
  assert_true(span_starts(s, SPAN_LIT("x-000")));
  assert_int_equal(arena_copy(&a, span_of(NULL, 0)).len, 0);
  arena_reset(&a);
  assert_int_equal(a.used, 0);
  assert_int_equal(b.used, 2048);
  assert_true(span_eq(arena_printf(&a, "%d", 42), SPAN_LIT("42")));
  arena_done(&a);
  assert_int_equal(b.used, 0);
  assert_int_equal(failmem_live, 0);
}

static void arena_caps(void **state) {
  (void)state;
  struct budget b = {.cap = 4096};
  struct arena a;
  arena_init(&a, &b, 100);
  assert_non_null(arena_alloc(&a, 96));
  assert_null(arena_alloc(&a, 1));
  assert_null(arena_alloc(&a, SIZE_MAX));
  arena_reset(&a);
  a.cap = 0;
  assert_null(arena_alloc(&a, 8192));
  assert_int_equal(b.refused, 1);
  assert_int_equal(arena_copy(&a, span_of("", 8192)).len, 0);
  arena_done(&a);
  failmem_after = 0;
  arena_init(&a, &b, 0);
  assert_null(arena_zalloc(&a, 1));
  assert_int_equal(arena_printf(&a, "x").len, 0);
  assert_int_equal(b.used, 0);
  assert_int_equal(a.missed, 2);
  assert_int_equal(b.refused, 4);
  failmem_after = -1;
  arena_done(&a);
}

static void buf_basics(void **state) {
  (void)state;
  struct budget b = {0};
  struct buf x;
  buf_init(&x, &b, 100);
  assert_int_equal(buf_put(&x, SPAN_LIT("hello ")), 0);
  assert_int_equal(buf_printf(&x, "%s %d", "world", 7), 0);
  assert_true(span_eq(buf_span(&x), SPAN_LIT("hello world 7")));
  buf_drop(&x, 6);
  assert_true(span_eq(buf_span(&x), SPAN_LIT("world 7")));
  assert_int_equal(buf_put_u8(&x, '!'), 0);
  uint8_t many[200] = {0};
  assert_int_equal(buf_put(&x, span_of(many, 93)), ERR_CAP);
  assert_int_equal(x.len, 8);
  assert_int_equal(buf_put_some(&x, span_of(many, 200)), 92);
  assert_int_equal(buf_put_some(&x, span_of(many, 200)), 0);
  assert_int_equal(buf_put_u8(&x, 1), ERR_CAP);
  assert_int_equal(buf_put(&x, span_of(NULL, 0)), 0);
  buf_drop(&x, 1000);
  assert_int_equal(x.len, 0);
  assert_int_equal(b.used, x.size);
  buf_done(&x);
  assert_int_equal(b.used, 0);
  assert_int_equal(failmem_live, 0);
}

static void buf_failures(void **state) {
  (void)state;
  struct budget b = {.cap = 200};
  struct buf x;
  buf_init(&x, &b, 0);
  failmem_after = 0;
  assert_int_equal(buf_put_u8(&x, 1), ERR_NOMEM);
  assert_int_equal(buf_put_some(&x, SPAN_LIT("a")), ERR_NOMEM);
  assert_int_equal(buf_printf(&x, "%500d", 1), ERR_NOMEM);
  assert_int_equal(b.used, 0);
  assert_int_equal(b.refused, 2);
  failmem_after = -1;
  assert_int_equal(buf_reserve(&x, 150), 0);
  assert_int_equal(buf_reserve(&x, 201), ERR_NOMEM); /* over the budget */
  assert_int_equal(x.size, 150);
  assert_int_equal(buf_reserve(&x, SIZE_MAX), ERR_CAP);
  buf_done(&x);
  buf_done(&x);
}

static void pool_basics(void **state) {
  (void)state;
  enum { N = 5000 };
  static void *obj[N];
  struct budget b = {0};
  struct pool p;
  pool_init(&p, 40, N, &b);
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < N; i++) {
      obj[i] = pool_get(&p);
      assert_non_null(obj[i]);
      for (int k = 0; k < 40; k++) assert_int_equal(((char *)obj[i])[k], 0);
      memset(obj[i], 0xff, 40);
    }
    assert_null(pool_get(&p));
    for (int i = 0; i < N; i++) pool_put(&p, obj[i]);
  }
  pool_put(&p, NULL);
  assert_int_equal(p.live, 0);
  pool_done(&p);
  assert_int_equal(b.used, 0);
  assert_int_equal(failmem_live, 0);
}

static void pool_failures(void **state) {
  (void)state;
  struct budget b = {.cap = 4096};
  struct pool p;
  pool_init(&p, 1000, 0, &b);
  failmem_after = 0;
  assert_null(pool_get(&p));
  failmem_after = -1;
  int n = 0;
  while (pool_get(&p)) n++;
  assert_int_equal(n, 4); /* one slab of the budget's size */
  assert_int_equal(p.live, 4);
  pool_done(&p);
  pool_init(&p, 1, 0, NULL);
  assert_non_null(pool_get(&p));
  pool_done(&p);
  assert_int_equal(failmem_live, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(budget),        cmocka_unit_test(arena_basics), cmocka_unit_test(arena_caps),
      cmocka_unit_test(buf_basics),    cmocka_unit_test(buf_failures), cmocka_unit_test(pool_basics),
      cmocka_unit_test(pool_failures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
