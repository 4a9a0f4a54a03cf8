/* SPDX-License-Identifier: Apache-2.0 */
/* Escapes undone one layer at a time, and packed texts. */
#include "analytics/inspect/normalize.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void unescaped(const char *in, const char *want) {
  uint8_t out[256];
  bool changed;
  size_t n = normalize_unescape(span_str(in), false, out, sizeof out, &changed);
  assert_true(changed);
  assert_int_equal(n, strlen(want));
  assert_memory_equal(out, want, n);
}

static void test_unescape(void **state) {
  (void)state;
  unescaped("%27or%201", "'or 1");
  unescaped("%u0027", "'");
  unescaped("&lt;script&#62;&#x27;", "<script>'");
  unescaped("\\u003cb\\x3e", "<b>");
  unescaped("\xc0\xae\xc0\xaf", "./");
  unescaped("\xef\xbc\x9cx", "<x");
  unescaped("%2527", "%27");
}

static void test_packed(void **state) {
  (void)state;
  uint8_t out[64];
  assert_int_equal(normalize_base64(SPAN_LIT("PHNjcmlwdD4="), out, sizeof out), 8);
  assert_memory_equal(out, "<script>", 8);
  assert_int_equal(normalize_base64(SPAN_LIT("not base64!"), out, sizeof out), 0);
  assert_int_equal(normalize_hex(SPAN_LIT("3c7363726970743e"), out, sizeof out), 8);
  assert_int_equal(normalize_utf7(SPAN_LIT("+ADw-script+AD4-"), out, sizeof out), 8);
  assert_memory_equal(out, "<script>", 8);
}

static void test_classes(void **state) {
  (void)state;
  assert_int_equal(normalize_classes(SPAN_LIT("ab12")), CLASS_HEX);
  assert_true(normalize_classes(SPAN_LIT("a'b")) & CLASS_QUOTE);
  assert_true(normalize_classes(SPAN_LIT("\xc0\xaf")) & CLASS_ODD);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_unescape), cmocka_unit_test(test_packed),
                                     cmocka_unit_test(test_classes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
