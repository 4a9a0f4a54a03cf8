/* SPDX-License-Identifier: Apache-2.0 */
/* Every class's own examples: what must match does, what must not does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "analytics/data/classes.h"
#include "analytics/data/classify.h"
#include "dissect/body/path.h"

#include <stdio.h>

static const uint8_t key[32] = {1};
static struct classes *classes;
static struct path_table *paths;
static struct classify *classify;

static int start(void **state) {
  (void)state;
  struct conf_error err = {""};
  if (classes_load(&classes, "rules", &err) < 0) {
    fprintf(stderr, "%s\n", err.text);
    return -1;
  }
  paths = path_table_new(10000);
  classify = classify_new(classes, key, 100);
  return paths && classify ? 0 : -1;
}

static int stop(void **state) {
  (void)state;
  classify_free(classify);
  path_table_free(paths);
  classes_free(classes);
  return 0;
}

/* "key=value" or a bare value. */
static struct span split(struct span example, struct span *name) {
  size_t eq = span_index(example, '=');
  *name = (struct span){0};
  if (eq == example.len || eq == 0 || eq > 40) return example;
  for (size_t i = 0; i < eq; i++) {
    uint8_t c = example.base[i];
    bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';
    if (!(letter || (c >= '0' && c <= '9' && i) || c == '_' || c == '.' || c >= 0x80)) return example;
  }
  *name = span_head(example, eq);
  return span_skip(example, eq + 1);
}

static bool found(struct span example, const char *id) {
  struct span name, value = split(example, &name);
  struct path_node *n = path_root(paths);
  if (name.len) n = path_child(paths, n, name);
  struct leaf leaf = {
      .path = n->path, .key = n->key, .value = value, .raw = value, .path_hash = n->hash, .node = n};
  struct arena arena;
  struct data_hits hits;
  bool yes = false;
  arena_init(&arena, NULL, 0);
  classify_begin(classify);
  classify_leaf(classify, DATA_BODY, &leaf);
  classify_end(classify, &arena, &hits);
  for (uint32_t i = 0; i < hits.count; i++) {
    yes |= strcmp(hits.item[i].class_id, id) == 0;
    assert_true(hits.item[i].count >= hits.item[i].subjects);
    if (value.len > 8) /* what is shown is never the value */
      assert_false(span_eq(hits.item[i].sample, value));
  }
  arena_done(&arena);
  return yes;
}

static void examples(void **state) {
  (void)state;
  unsigned bad = 0;
  for (uint32_t i = 0; i < classes->count; i++) {
    const struct data_class *c = &classes->item[i];
    for (uint32_t k = 0; k < c->match.count; k++) {
      if (found(c->match.item[k], c->id)) continue;
      printf("%s: must match: %.*s\n", c->id, SPAN_FMT(c->match.item[k]));
      bad++;
    }
    for (uint32_t k = 0; k < c->nomatch.count; k++) {
      if (!found(c->nomatch.item[k], c->id)) continue;
      printf("%s: must not match: %.*s\n", c->id, SPAN_FMT(c->nomatch.item[k]));
      bad++;
    }
    if (!c->match.count || !c->nomatch.count) printf("%s: no examples\n", c->id), bad++;
  }
  assert_int_equal(bad, 0);
}

static void graded(void **state) {
  (void)state;
  assert_true(classes->count >= 60);
  for (uint32_t i = 0; i < classes->count; i++)
    if (!classes->item[i].grade.jrt0197) fail_msg("%s has no grade", classes->item[i].id);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(examples), cmocka_unit_test(graded)};
  return cmocka_run_group_tests(tests, start, stop);
}
