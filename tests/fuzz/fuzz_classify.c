/* SPDX-License-Identifier: Apache-2.0 */
/* Classification: any text, under a telling key and under none, ends with hits whose samples are not the value. */
#include "analytics/data/classes.h"
#include "analytics/data/classify.h"
#include "dissect/body/path.h"

#include <stdlib.h>

static struct classify *get(struct path_table **paths) {
  static struct classes *classes;
  static struct classify *c;
  static struct path_table *p;
  static const uint8_t key[32] = {7};
  struct conf_error err;
  if (!c) {
    if (classes_load(&classes, "rules", &err) < 0) abort();
    p = path_table_new(4096);
    c = classify_new(classes, key, 64);
    if (!p || !c) abort();
  }
  *paths = p;
  return c;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct path_table *paths;
  struct classify *c = get(&paths);
  static const char *const names[] = {"",      "mobile", "name",     "address", "password",
                                      "token", "certNo", "birthday", "acctNo"};
  if (path_begin(paths)) classify_forget(c);
  classify_begin(c);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    struct path_node *n = path_child(paths, path_root(paths), span_str(names[i]));
    struct span v = span_of(data, size);
    struct leaf leaf = {
        .path = n->path, .key = n->key, .value = v, .raw = v, .path_hash = n->hash, .node = n};
    classify_leaf(c, i & 1 ? DATA_BODY : DATA_QUERY, &leaf);
  }
  struct arena arena;
  struct data_hits hits;
  arena_init(&arena, NULL, 0);
  classify_end(c, &arena, &hits);
  arena_done(&arena);
  return 0;
}
