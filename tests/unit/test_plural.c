/* SPDX-License-Identifier: Apache-2.0 */
/* One is no plural; more than one is; words that end in s and are none stay. */
#include "analytics/plural.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static void mends(void **state) {
  (void)state;
  static const char *const rows[][2] = {
      {"33 tries on 1 accounts in 1 s, 1 failed, 0 succeeded.",
       "33 tries on 1 account in 1 s, 1 failed, 0 succeeded."},
      {"1 failed logins to one account from 1 addresses.", "1 failed login to one account from 1 address."},
      {"After 1 ordinary calls 1 administrative functions, 1 refused.",
       "After 1 ordinary call 1 administrative function, 1 refused."},
      {"1 tries, 21 accounts, 1 MB sent", "1 try, 21 accounts, 1 MB sent"},
      {"1 of 2 took another step first.", "1 of 2 took another step first."},
      {"0.1 calls, 10.0.0.1 sends, 1 % fail", "0.1 calls, 10.0.0.1 sends, 1 % fail"},
      {"Quiet for 1 days, now", "Quiet for 1 day, now"},
      {"1 bytes of commands in, 1 processes", "1 byte of commands in, 1 process"},
      {"at least 1 people in 1 calls", "at least 1 person in 1 call"},
      {"1", "1"},
      {"", ""},
      {"1 ", "1 "}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char text[128];
    snprintf(text, sizeof text, "%s", rows[i][0]);
    size_t n = plural_mend(text, strlen(text));
    text[n] = 0;
    assert_string_equal(text, rows[i][1]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(mends)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
