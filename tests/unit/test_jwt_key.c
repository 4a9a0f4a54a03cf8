/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens signed with a common secret are told, others are not (RFC 7515 appendix A.1 for one of the latter). */
#include "analytics/jwt.h"

#include "cmocka_all.h"

static bool common(const char *token) {
  struct arena a;
  struct jwt j;
  arena_init(&a, NULL, 0);
  bool yes = jwt_parse(&j, span_str(token), &a) >= 0 && jwt_key_is_common(&j);
  arena_done(&a);
  return yes;
}

static void test_tokens(void **state) {
  (void)state;
  assert_true(common("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
                     "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ."
                     "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"));
  assert_false(common("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
                      "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ."
                      "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5d0"));
  assert_false(
      common("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
             "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
             "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
  assert_false(common("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0."));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_tokens)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
