/* SPDX-License-Identifier: Apache-2.0 */
/* The user's rules for templates, as they stand in the store. */
#include "analytics/inventory_core.h"

static int load_rule(void *user, struct span kind, struct span service, struct span path) {
  struct template_rules *r = user;
  (void)kind;
  template_rule_add(r, service, path);
  return 0;
}

/* All of them anew: they are few. */
void inventory_rules_load(struct inventory *v) {
  struct template_rules *r = template_rule_new();
  if (!r || inventory_store_rules(v->store, load_rule, r) < 0) {
    template_rule_free(r);
    return;
  }
  bool none = template_rule_none(r) && (!v->rules || template_rule_none(v->rules));
  v->ruled = !none;
  template_rule_free(v->rules);
  v->rules = r;
}

bool inventory_rules_new(struct inventory *v) {
  bool anew = v->ruled;
  v->ruled = false;
  return anew;
}

struct span inventory_ruled(const struct inventory *v, struct span service, struct span path) {
  const struct template_rule *r = template_rule_find(v->rules, service, path);
  return r ? r->path : (struct span){0};
}
