/* SPDX-License-Identifier: Apache-2.0 */
/* The last veil: what becomes stars, what must stay, no byte beyond the text, no long way through hostile ones. */
#include "analytics/data/veil.h"

#include "cmocka_all.h"
#include "guard.h"

#include <stdio.h>
#include <stdlib.h>

enum { BOTH = VEIL_SHAPES | VEIL_SECRETS };

static void is(const char *text, const char *want) {
  size_t n = strlen(text);
  struct guard g = guard_str(text);
  bool hits = veil_hits(g.s, BOTH);
  uint8_t copy[4096];
  memcpy(copy, text, n);
  veil_stars(copy, n, BOTH);
  copy[n] = 0;
  if (strcmp((char *)copy, want) != 0) print_error("%s: %s, not %s\n", text, (char *)copy, want);
  assert_string_equal((char *)copy, want);
  assert_int_equal(hits, strcmp(text, want) != 0);
  guard_free(g);
}

static void test_hits(void **state) {
  (void)state;
  is("13812345678", "***********");
  is("BankApp/3.1 (uid 13812345678; Android 14)", "BankApp/3.1 (uid ***********; Android 14)");
  is("/p?m=%3Cb%3E13812345678%27", "/p?m=%3Cb%3E***********%27");
  is("/p?m%3D13812345678", "/p?m%3D***********");
  is("8613812345678,6222020000000000018", "*************,*******************");
  is("6222020000000000019", "6222020000000000019");
  is("id 11010119900307476X.", "id 11010119900307476X."); /* its check digit is wrong */
  is("a@b.com <x.y+z@mail.example.cn>", "******* <*********************>");
  is("k@h6.ih.eyJzdWIiOiJhbGciOiJI1.x",
     "*******.***********************"); /* none before its end was hidden */
  is("m=zhang%40qq.com&x", "m=**************&x");
  is("1' OR password='abc.9!x' -- ", "1' OR password='*******' -- ");
  is("{\\\"pwd\\\":\\\"S3cret_x\\\"}", "{\\\"pwd\\\":\\\"********\\\"}");
  is("?a=%7B%22token%22%3A%22abcdef%22%7D", "?a=%7B%22token%22%3A%22******%22%7D");
  is("curl http://h/?accessToken=xyz|sh", "curl http://h/?accessToken=***|sh");
  is("AKIAIOSFODNN7EXAMPLE", "********************");
  is("t=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefghijk;",
     "t=************************************************;");
  is("d=eyJtIjoiMTM4MTIzNDU2NzgifQ==", "d=**************************==");
  is("password=***", "password=***");
}

static void test_misses(void **state) {
  static const char *const texts[] = {"/api/v1/orders/2026112113045500017",
                                      "7f1c13812345678abd",
                                      "550e8400-e29b-41d4-a716-446655440000",
                                      "1795000000000",
                                      "/@scope/pkg@4.17.21",
                                      "d=eyJwYWdlIjoxLCJzaXplIjo1MH0=",
                                      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36",
                                      "0x13812345678",
                                      "a=b:c=d&tokens=5",
                                      "",
                                      "%",
                                      "%4",
                                      "@",
                                      "=",
                                      "%3D"};
  (void)state;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) is(texts[i], texts[i]);
}

/* Every length and offset of texts that are made to be looked at again and again. */
static void test_hostile(void **state) {
  static const char *const parts[] = {"a@b.cc ", "1381234567", "13812345678 ", "password=x&", "eyJ",
                                      "%40",     "@@",         "a.a-a@",       "=:%3D",       "%3"};
  size_t n = 1 << 18;
  uint8_t *text = malloc(n);
  (void)state;
  assert_non_null(text);
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    size_t len = strlen(parts[i]);
    for (size_t at = 0; at < n; at++) text[at] = (uint8_t)parts[i][at % len];
    veil_stars(text, n, BOTH); /* with a square of n it would end by the tests' time limit */
    assert_false(veil_hits(span_of(text, n), BOTH));
  }
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_hits), cmocka_unit_test(test_misses),
                                     cmocka_unit_test(test_hostile)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
