/* SPDX-License-Identifier: Apache-2.0 */
/* Classification while every allocation fails in turn: what is found may be less, never wrong, and less is told. */
#include "analytics/data/classes.h"
#include "analytics/data/classify.h"
#include "base/err.h"
#include "dissect/body/path.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/failmem.h"

#include <stdio.h>

static void test_failing(void **state) {
  (void)state;
  static const uint8_t key[32] = {7};
  static const char *const names[] = {"mobile", "name", "password", "certNo", "value"},
                           *const values[] = {"13812345678", "\xe7\x8e\x8b\xe8\x8a\xb3", "S3cret_x!9",
                                              "138****5678", "S3cret_y!8"};
  struct conf_error err = {""};
  struct classes *classes;
  assert_int_equal(classes_load(&classes, "rules", &err), 0);
  uint32_t most = 0, all = 0;
  for (long n = -1; n < 300; n++) { /* first undisturbed */
    struct path_table *paths = path_table_new(1000);
    struct classify *c = classify_new(classes, key, 100);
    struct arena arena;
    struct data_hits hits;
    assert_true(paths && c);
    arena_init(&arena, NULL, 0);
    bool short_of_paths = false;
    failmem_after = n;
    classify_begin(c);
    for (size_t i = 0; i < 80; i++) { /* so many places that blocks run out at every point */
      char parent[8];
      snprintf(parent, sizeof parent, "p%zu", i);
      struct path_node *p = path_child(paths, path_root(paths), span_str(parent));
      if (p) p = path_child(paths, p, span_str(names[i % 5]));
      struct span v = span_str(values[i % 5]);
      if (!p) short_of_paths = true;
      if (!p) continue;
      struct leaf leaf = {
          .path = p->path, .key = p->key, .value = v, .raw = v, .path_hash = p->hash, .node = p};
      if (i % 5 == 4) leaf.label[0] = SPAN_LIT("password"); /* what its key does not say */
      classify_leaf(c, DATA_BODY, &leaf);
    }
    int rc = classify_end(c, &arena, &hits);
    failmem_after = -1;
    if (n < 0) all = hits.count;
    if (hits.count < all && !short_of_paths) assert_int_equal(rc, ERR_NOMEM);
    for (uint32_t i = 0; i < hits.count; i++) assert_non_null(classes_find(classes, hits.item[i].class_id));
    if (hits.count > most) most = hits.count;
    arena_done(&arena);
    classify_free(c);
    path_table_free(paths);
  }
  assert_true(most >= 2);
  classes_free(classes);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_failing)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
