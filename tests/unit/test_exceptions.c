/* SPDX-License-Identifier: Apache-2.0 */
/* Exceptions: what fits, what has run out, which line is wrong, and what the book of findings makes of them. */
#include "analytics/exceptions.h"
#include "base/err.h"
#include "temp.h"

static const struct rule rule = {
    .id = "sqli", .name = "x", .name_zh = "x", .category = CATEGORY_ABUSE, .severity = SEVERITY_HIGH};

static int load(struct exceptions **x, const char *text, struct conf_error *err) {
  char path[TEMP_NAME];
  err->text[0] = 0;
  int rc = exceptions_load(x, temp_text(path, text), err);
  unlink(path);
  return rc;
}

static struct raise raise_of(const uint8_t (*actor)[16], const struct evidence *e) {
  return (struct raise){.rule = &rule,
                        .actor = actor,
                        .nactors = 1,
                        .endpoint = SPAN_LIT("POST /admin/reports"),
                        .service = SPAN_LIT("reports"),
                        .evidence = e,
                        .nevidence = 1};
}

static void test_judge(void **state) {
  (void)state;
  static const uint8_t inside[1][16] = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 9, 0, 7}};
  static const uint8_t outside[1][16] = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 8, 8, 8, 8}};
  const struct evidence e = {SPAN_LIT("body.query"), SPAN_LIT("x")};
  struct raise in = raise_of(inside, &e), out = raise_of(outside, &e);
  const uint64_t y2026 = 1767225600ULL * 1000000000ULL;
  static const struct {
    const char *entry;
    enum exception_action in, out;
  } rows[] = {
      {"{rule: sqli}", EXCEPTION_SUPPRESS, EXCEPTION_SUPPRESS},
      {"{rule: \"sql*\", actor: 10.9.0.0/24}", EXCEPTION_SUPPRESS, EXCEPTION_NONE},
      {"{rule: \"*\", actor: [10.9.0.7, 8.8.8.0/24], action: shadow}", EXCEPTION_SHADOW, EXCEPTION_SHADOW},
      {"{rule: xss}", EXCEPTION_NONE, EXCEPTION_NONE},
      {"{rule: sqli, endpoint: \"post /admin/*\", field: \"body.*\", severity: low}", EXCEPTION_SEVERITY,
       EXCEPTION_SEVERITY},
      {"{rule: sqli, endpoint: \"GET *\"}", EXCEPTION_NONE, EXCEPTION_NONE},
      {"{rule: sqli, field: query.id}", EXCEPTION_NONE, EXCEPTION_NONE},
      {"{rule: sqli, service: rep?rts, until: 2026-01-02}", EXCEPTION_SUPPRESS, EXCEPTION_SUPPRESS},
      {"{rule: sqli, until: 2026-01-01}", EXCEPTION_NONE, EXCEPTION_NONE},
      {"{rule: sqli, until: \"2026-01-01T00:00:01Z\"}", EXCEPTION_SUPPRESS, EXCEPTION_SUPPRESS},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct exceptions *x = NULL;
    struct conf_error err;
    char text[512];
    uint8_t severity = 0;
    snprintf(text, sizeof text, "exceptions:\n  - %s\n", rows[i].entry);
    if (load(&x, text, &err) < 0) fail_msg("%s: %s", rows[i].entry, err.text);
    if (exceptions_judge(x, &in, y2026, &severity) != rows[i].in ||
        exceptions_judge(x, &out, y2026, &severity) != rows[i].out)
      fail_msg("%s", rows[i].entry);
    if (rows[i].in == EXCEPTION_SEVERITY) assert_int_equal(severity, 20);
    exceptions_free(x);
  }
}

static void test_errors(void **state) {
  (void)state;
  static const struct {
    const char *text, *says;
  } rows[] = {
      {"exceptions:\n  - {rule: a}\n  - {endpoint: b}\n", ":3: rule is missing"},
      {"exceptions:\n  - rule: a\n    actor: 10.0.0.0/99\n", ":3: an address"},
      {"exceptions:\n  - rule: a\n    until: soon\n", ":3: until"},
      {"exceptions:\n  - rule: a\n    colour: red\n", ":3: rule, endpoint"},
      {"exceptions:\n  - rule: a\n    severity: 300\n", ":3: severity"},
      {"exceptions: {a: b}\n", ":1: a list"},
      {"exceptions: []\nseverity: {}\n", ":2: unknown key"},
      {"exceptions:\n  - {rule: [\n", ":3: "},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct exceptions *x = NULL;
    struct conf_error err;
    assert_int_equal(load(&x, rows[i].text, &err), ERR_SYNTAX);
    if (!strstr(err.text, rows[i].says)) fail_msg("%s: says %s", rows[i].text, err.text);
  }
  struct exceptions *x = NULL;
  struct conf_error err;
  assert_int_equal(exceptions_load(&x, "/nowhere/x.yaml", &err), ERR_IO);
  assert_int_equal(load(&x, "exceptions: []\n", &err), 0);
  assert_int_equal(exceptions_count(x), 0);
  exceptions_free(x);
}

struct seen {
  unsigned n;
  bool shadow;
  uint8_t severity;
};
static void on_finding(void *user, const struct finding *f) {
  struct seen *s = user;
  s->n++, s->shadow = f->shadow, s->severity = f->severity;
}

static void test_book(void **state) {
  (void)state;
  static const uint8_t actor[1][16] = {{10, 9}};
  const struct evidence e = {SPAN_LIT("body.query"), SPAN_LIT("x")};
  static const char *const entries[] = {"{rule: sqli}", "{rule: sqli, action: shadow}",
                                        "{rule: sqli, severity: 15}"};
  for (unsigned i = 0; i < 3; i++) {
    struct counters ctr = {0};
    struct seen seen = {0};
    struct exceptions *x = NULL;
    struct conf_error err;
    char text[128];
    snprintf(text, sizeof text, "exceptions:\n  - %s\n", entries[i]);
    assert_int_equal(load(&x, text, &err), 0);
    struct finding_book *b = finding_book_new(16, 1000, &ctr, on_finding, &seen);
    finding_book_exceptions(b, x);
    struct raise r = raise_of(actor, &e);
    finding_book_raise(b, &r, 100);
    finding_book_finish(b, 200);
    finding_book_free(b);
    exceptions_free(x);
    assert_int_equal(seen.n, i ? 1 : 0);
    assert_int_equal(seen.shadow, i == 1);
    if (i == 2) assert_int_equal(seen.severity, 15);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_judge), cmocka_unit_test(test_errors),
                                     cmocka_unit_test(test_book)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
