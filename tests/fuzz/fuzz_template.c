/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: paths, a line each, learned and named; names do not depend on being asked twice. */
#include "analytics/template.h"
#include "analytics/template_rule.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct counters ctr = {0};
  struct templates *t = templates_new(512, &ctr);
  struct template_rules *r = template_rule_new();
  struct span service = SPAN_LIT("a"), method = SPAN_LIT("GET");
  struct arena a;
  bool known;
  if (!t || !r) abort();
  arena_init(&a, NULL, 1 << 22);
  for (int pass = 0; pass < 2; pass++) {
    struct span rest = {data, size};
    for (int i = 0; i < 256 && rest.len; i++) {
      struct span path = span_cut(&rest, '\n');
      if (i % 16 == 15) templates_seed(t, service, path, 3, 1), template_rule_add(r, service, path);
      if (pass == 0) templates_learn(t, service, method, path, path.len);
      struct span one = templates_name(t, service, method, path, &a, &known);
      struct span two = templates_name(t, service, method, path, &a, &known);
      if (one.base && two.base && !span_eq(one, two)) abort();
      (void)template_rule_find(r, service, path);
    }
    templates_settle(t);
  }
  template_rule_free(r);
  templates_free(t);
  arena_done(&a);
  return 0;
}
