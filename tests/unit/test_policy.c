/* SPDX-License-Identifier: Apache-2.0 */
/* Policies: what they match, which comes first, and what is said of a broken file. */
#include "analytics/policy.h"
#include "base/err.h"
#include "base/glob.h"
#include "temp.h"

static int load(struct policies **p, const char *text, struct conf_error *err) {
  char path[TEMP_NAME];
  int rc = policy_load(p, temp_text(path, text), NULL, err);
  unlink(path);
  return rc;
}

static const char text[] =
    "places:\n  acme: [203.0.113.0/24, 2001:db8::/32]\npolicies:\n"
    "  - name: clearing\n    service: \"clearing.*\"\n    class: bank_card\n    to: acme\n    then: allow\n"
    "  - name: cards\n    class: [bank_card, cvv]\n    to: [acme, partner]\n    then: deny\n    severity: "
    "critical\n"
    "  - name: grave\n    grade: {jrt0197: 4}\n    direction: response\n    plaintext: true\n    subjects: "
    "10\n    then: deny\n"
    "  - name: exports\n    endpoint: \"GET */export*\"\n    authenticated: false\n    from: internal\n    "
    "then: deny\n";

static const uint8_t inside[16] = {[10] = 0xff, [11] = 0xff, 10, 0, 0, 1};
static const uint8_t acme[16] = {[10] = 0xff, [11] = 0xff, 203, 0, 113, 9};
static const uint8_t other[16] = {[10] = 0xff, [11] = 0xff, 198, 51, 100, 9};

static const char *judge(const struct policies *p, struct policy_case c) {
  const struct policy *by = policy_judge(p, &c);
  static char name[64];
  if (!by) return "none";
  snprintf(name, sizeof name, "%.*s", SPAN_FMT(by->name));
  return name;
}

static void matches(void **state) {
  (void)state;
  struct policies *p = NULL;
  struct conf_error err = {""};
  assert_int_equal(load(&p, text, &err), 0);
  assert_int_equal(policy_count(p), 4);
  struct data_hit card = {.class_id = "bank_card", .subjects = 1, .grade = {.jrt0197 = 3}};
  struct policy_case c = {.service = SPAN_LIT("shop"),
                          .endpoint = SPAN_LIT("GET /x"),
                          .hit = &card,
                          .dir = DIR_RESPONSE,
                          .from = inside,
                          .to = acme,
                          .from_zone = ZONE_INTERNAL,
                          .to_zone = ZONE_INTERNET,
                          .plaintext = true,
                          .authenticated = true};
  assert_string_equal(judge(p, c), "cards");
  assert_int_equal(policy_judge(p, &c)->severity, SEVERITY_CRITICAL);
  c.service = SPAN_LIT("clearing.bank");
  assert_string_equal(judge(p, c), "clearing");
  assert_false(policy_judge(p, &c)->deny);
  c.to = other;
  assert_string_equal(judge(p, c), "none");
  c.to_zone = ZONE_PARTNER;
  assert_string_equal(judge(p, c), "cards");
  struct data_hit grave = {.class_id = "cvv2", .subjects = 10, .grade = {.jrt0197 = 4}};
  c.hit = &grave;
  assert_string_equal(judge(p, c), "grave");
  c.plaintext = false;
  assert_string_equal(judge(p, c), "none");
  c.plaintext = true, c.dir = DIR_REQUEST;
  assert_string_equal(judge(p, c), "none");
  c.dir = DIR_RESPONSE, grave.subjects = 9;
  assert_string_equal(judge(p, c), "none");
  c.endpoint = SPAN_LIT("GET /v1/export.csv"), c.authenticated = false;
  assert_string_equal(judge(p, c), "exports");
  c.from_zone = ZONE_INTERNET;
  assert_string_equal(judge(p, c), "none");
  policy_free(p);
}

static void globs(void **state) {
  (void)state;
  assert_true(glob_match(SPAN_LIT("*"), SPAN_LIT(""), false));
  assert_true(glob_match(SPAN_LIT("a*c"), SPAN_LIT("abcbc"), false));
  assert_true(glob_match(SPAN_LIT("GET /v?/*"), SPAN_LIT("GET /v1/x/y"), false));
  assert_false(glob_match(SPAN_LIT("a*c"), SPAN_LIT("abcb"), false));
  assert_false(glob_match(SPAN_LIT(""), SPAN_LIT("a"), false));
  assert_false(glob_match(SPAN_LIT("?"), SPAN_LIT(""), false));
  assert_true(glob_match(SPAN_LIT("*****a"), SPAN_LIT("aaaaaaaaaaaaaaaaaaaaa"), false));
}

static void broken(void **state) {
  (void)state;
  static const struct {
    const char *text, *line, *what;
  } bad[] = {
      {"policies:\n  - name: a\n    then: perhaps\n", ":3:", "allow or deny"},
      {"policies:\n  - name: a\n", ":2:", "allow or deny"},
      {"policies:\n  - then: deny\n", ":2:", "needs a name"},
      {"policies:\n  - name: a\n    colour: red\n    then: deny\n", ":3:", "unknown key"},
      {"policies:\n  - name: a\n    to: moon\n    then: deny\n", ":3:", "no such zone or place"},
      {"places:\n  x: [300.1.1.1]\n", ":2:", "CIDR"},
      {"policies:\n  - name: a\n    severity: huge\n    then: deny\n", ":3:", "severity"},
      {"policies:\n  - name: a\n    subjects: many\n    then: deny\n", ":3:", "a number"},
      {"policies:\n  - name: a\n    grade: {jrt0197: 9}\n    then: deny\n", ":3:", "no such level"},
      {"polices:\n  - x\n", ":1:", "unknown key"},
      {"- x\n", ":1:", "were expected"},
      {"policies: [\n", ":2:", ""},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    struct policies *p = NULL;
    struct conf_error err = {""};
    assert_true(load(&p, bad[i].text, &err) < 0);
    if (!strstr(err.text, bad[i].line) || !strstr(err.text, bad[i].what)) fail_msg("%zu: %s", i, err.text);
  }
  struct conf_error err = {""};
  struct policies *p = NULL;
  assert_int_equal(policy_load(&p, "/no/such/file", NULL, &err), ERR_IO);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(matches), cmocka_unit_test(globs),
                                     cmocka_unit_test(broken)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
