/* SPDX-License-Identifier: Apache-2.0 */
/* The sieve never holds back a text with one of its literals, reads no byte beyond, and holds back most others. */
#include "base/sieve.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/guard.h"

static const char *const literals[] = {"AKIA", "ghp_", "eyJ",        "curl ",   "postgresql://",
                                       "姓名", "7Q~",  "-----BEGIN", "\ndata:", "SK"};
enum { LITERALS = sizeof literals / sizeof *literals };

static struct sieve all(void) {
  struct sieve s = {0};
  for (unsigned i = 0; i < LITERALS; i++) sieve_add(&s, span_str(literals[i]));
  return s;
}

static void test_lets_literals_through(void **state) {
  (void)state;
  struct sieve s = all();
  uint8_t text[128];
  for (unsigned i = 0; i < LITERALS; i++) {
    size_t n = strlen(literals[i]);
    for (size_t len = n; len <= 80; len++)
      for (size_t at = 0; at + n <= len; at++) {
        memset(text, 'a', sizeof text);
        memcpy(text + at, literals[i], n);
        struct guard g = guard_copy(text, len);
        assert_true(sieve_may(&s, g.s));
        guard_free(g);
      }
  }
}

static void test_holds_others_back(void **state) {
  (void)state;
  static const char *const others[] = {"",
                                       "settled pending booked transfer salary",
                                       "0123456789abcdef0123456789abcdef",
                                       "grocery fee",
                                       "refund deposit exchange branch mobile online interest rent",
                                       "622848001122334455",
                                       "2026-11-18T11:06:40.000Z"};
  struct sieve s = all(), none = {0};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    struct guard g = guard_str(others[i]);
    assert_false(sieve_may(&s, g.s));
    assert_false(sieve_may(&none, g.s));
    guard_free(g);
  }
}

static void test_short_literal(void **state) {
  (void)state;
  struct sieve s = all();
  sieve_add(&s, SPAN_LIT("Q"));
  assert_true(sieve_may(&s, SPAN_LIT("nothing of the kind")));
  assert_true(sieve_may(&s, SPAN_LIT("")));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_lets_literals_through),
                                     cmocka_unit_test(test_holds_others_back),
                                     cmocka_unit_test(test_short_literal)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
