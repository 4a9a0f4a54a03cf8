/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns of users: found where they apply, refused with file and line where they are wrong, kept over a reload. */
#include "analytics/inspect/custom.h"
#include "base/err.h"

#include "inspect_bench.h"
#include "temp.h"

#include <sys/stat.h>

#define HEAD \
  "patterns:\n  - id: acme_probe\n    pattern: '(?i)acme-[0-9]{3}(?!0)'\n    place: [query, body]\n"
#define GOOD \
  HEAD "    severity: critical\n    match: [acme-123, xACME-999y]\n    no_match: [acme-12, acme-1230]\n"

static int load(struct inspect_rules **r, const char *text, struct conf_error *err) {
  char dir[TEMP_NAME], path[64];
  snprintf(path, sizeof path, "%s/attack", temp_folder(dir));
  assert_int_equal(mkdir(path, 0700), 0);
  snprintf(path, sizeof path, "%s/attack/x.yaml", dir);
  write_text(path, text);
  err->text[0] = 0;
  int rc = inspect_rules_open(r, dir, NULL, err);
  temp_drop(dir);
  return rc;
}

static void test_found(void **state) {
  (void)state;
  struct bench b = {0};
  struct conf_error err;
  struct inspect_rules *next;
  assert_int_equal(load(&b.rules, GOOD, &err), 0);
  b.in = inspect_new(&conf, b.rules);
  assert_non_null(b.in);
  assert_string_equal(judge(&b, PLACE_BODY, "see acme-123 (now)", NULL, NULL), "acme_probe");
  assert_string_equal(judge(&b, PLACE_QUERY, "q=a%20Acme-123", NULL, NULL), "acme_probe");
  assert_string_equal(judge(&b, PLACE_HEADER, "see acme-123 (now)", NULL, NULL), "");
  assert_string_equal(judge(&b, PLACE_BODY, "see acme-1230 (now)", NULL, NULL), "");
  assert_string_equal(judge(&b, PLACE_BODY, "1' OR '1'='1", NULL, NULL), "sqli");
  inspect_free(b.in);
  assert_int_equal(inspect_rules_open(&next, NULL, NULL, &err), 0);
  const struct rule *held = &words_custom(b.rules)->item[0].rule;
  inspect_rules_keep(next, b.rules);
  inspect_rules_free(b.rules);
  assert_string_equal(held->id, "acme_probe");
  assert_null(words_custom(next));
  inspect_rules_free(next);
}

static void test_wrong(void **state) {
  (void)state;
  static const struct {
    const char *text, *says;
  } rows[] = {
      {HEAD "    match: [acme-12]\n", "x.yaml:5: the pattern does not match"},
      {HEAD "    match: [acme-123]\n    no_match: [acme-124]\n", "x.yaml:6: the pattern matches what"},
      {HEAD, "x.yaml:2: missing"},
      {"patterns:\n  - {id: a, pattern: '(', match: [x]}\n", "x.yaml:2: the pattern does not compile"},
      {"patterns:\n  - {id: A-b, pattern: 'x', match: [x]}\n", "x.yaml:2: an id has"},
      {"patterns:\n  - {id: a, pattern: 'x', place: [moon], match: [x]}\n", "x.yaml:2: path, query"},
      {"- a\n", "x.yaml:1: \"patterns:\""},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct inspect_rules *r;
    struct conf_error err;
    assert_int_equal(load(&r, rows[i].text, &err), ERR_SYNTAX);
    if (!strstr(err.text, rows[i].says)) fail_msg("%s: says %s", rows[i].text, err.text);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_found), cmocka_unit_test(test_wrong)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
