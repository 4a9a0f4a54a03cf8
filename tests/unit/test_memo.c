/* SPDX-License-Identifier: Apache-2.0 */
/* What is remembered of short texts: found again as it was, never taken for another's. */
#include "base/memo.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/guard.h"

#include <stdio.h>

static void remembers(void **state) {
  (void)state;
  static struct memo m;
  uint8_t text[MEMO_TEXT + 1];
  for (size_t n = 1; n <= MEMO_TEXT; n++) {
    for (size_t i = 0; i < n; i++) text[i] = (uint8_t)('a' + (i * 7 + n) % 26);
    struct guard g = guard_copy(text, n);
    struct memo_slot *slot = memo_slot(&m, g.s);
    assert_non_null(slot);
    memo_put(slot, g.s, (uint8_t)n);
    assert_true(memo_has(memo_slot(&m, g.s), g.s));
    assert_int_equal(memo_slot(&m, g.s)->value, n);
    assert_false(memo_has(slot, span_head(g.s, n - 1)) && n > 1);
    guard_free(g);
  }
}

static void refuses(void **state) {
  (void)state;
  static struct memo m;
  uint8_t text[MEMO_TEXT + 1] = {0};
  assert_null(memo_slot(&m, span_of(NULL, 0)));
  assert_null(memo_slot(&m, span_of(text, sizeof text)));
  assert_false(memo_has(memo_slot(&m, span_of(NULL, 0)), span_of(NULL, 0)));
  memo_put(NULL, span_of(text, 1), 1);
  assert_false(memo_has(memo_slot(&m, span_of(text, 1)), span_of(text, 1)));
}

/* Many texts in few places: what is found is always what was put last under that very text. */
static void crowded(void **state) {
  (void)state;
  static struct memo m;
  char text[16];
  for (unsigned i = 0; i < 5000; i++) {
    struct span s = span_of(text, (size_t)snprintf(text, sizeof text, "w%u", i % 700));
    struct memo_slot *slot = memo_slot(&m, s);
    if (memo_has(slot, s)) assert_int_equal(slot->value, i % 700 % 251);
    memo_put(slot, s, (uint8_t)(i % 700 % 251));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(remembers), cmocka_unit_test(refuses),
                                     cmocka_unit_test(crowded)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
