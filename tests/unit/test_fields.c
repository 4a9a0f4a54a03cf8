/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of a message's fields: numbers are read as strtod reads them, at guard pages. */
#include "analytics/fields.h"
#include "dissect/body/path.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/guard.h"

#include <stdlib.h>

static double read_back(struct fields_env *f, struct path_table *t, const char *text) {
  struct arena arena;
  struct fields out;
  struct look look;
  struct guard g = guard_copy((const uint8_t *)text, strlen(text));
  struct path_node *n = path_child(t, path_root(t), SPAN_LIT("amount"));
  struct leaf leaf = {.path = n->path, .key = n->key, .value = g.s, .path_hash = n->hash, .node = n};
  leaf.type = LEAF_NUMBER;
  arena_init(&arena, NULL, 0);
  fields_begin(f);
  look_at(g.s, &look);
  fields_add(f, "", &leaf, &look);
  assert_int_equal(fields_end(f, &arena, &out), 0);
  assert_int_equal(out.count, 1);
  double v = out.item[0].min;
  assert_true(v <= out.item[0].max && v >= out.item[0].max);
  arena_done(&arena);
  guard_free(g);
  return v;
}

static void numbers(void **state) {
  (void)state;
  static const char *const text[] = {
      "0",    "7",          "-7",       "12345678",      "-12345678",      "123456789",       "1234567.89",
      "-0.5", "99999999.5", "00000012", "1795000000000", "12345.67890123", "123456789012345", "+42"};
  struct fields_env *f = fields_new(16, FIELDS_SEED);
  struct path_table *t = path_table_new(64);
  assert_true(f && t);
  for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
    double v = read_back(f, t, text[i]), want = strtod(text[i], NULL);
    assert_true(v <= want && v >= want);
  }
  /* what is no number any more ends it */
  assert_true(read_back(f, t, "1234567x9") > 1234566.5 && read_back(f, t, "1234567x9") < 1234567.5);
  assert_true(read_back(f, t, "12345678x") > 12345677.5 && read_back(f, t, "12345678x") < 12345678.5);
  path_table_free(t);
  fields_free(f);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(numbers)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
