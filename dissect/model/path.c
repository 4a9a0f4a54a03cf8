/* SPDX-License-Identifier: Apache-2.0 */
/* Paths and queries for models. */
#include "dissect/model/path.h"

struct model_path model_path_cut(const struct txn *t) {
  struct model_path p;
  p.count = 0;
  struct span rest = t->path;
  while (rest.len && rest.base[0] == '/') rest = span_skip(rest, 1);
  while (rest.len && p.count < MODEL_SEGMENTS) {
    if (p.count == MODEL_SEGMENTS - 1) {
      p.part[p.count++] = rest;
      break;
    }
    p.part[p.count++] = span_cut(&rest, '/');
  }
  return p;
}

struct span model_query(const struct txn *t, const char *name) {
  struct span rest = t->query, key = span_str(name);
  while (rest.len) {
    struct span pair = span_cut(&rest, '&'), value = pair;
    struct span k = span_cut(&value, '=');
    if (span_eq(k, key)) return value.base ? value : span_of("", 0);
  }
  return span_of(NULL, 0);
}

void model_action(struct txn *t, struct span a, const char *b) {
  txn_fact_str(t, "tapscope.action", arena_printf(&t->arena, "%.*s.%s", SPAN_FMT(a), b));
}
