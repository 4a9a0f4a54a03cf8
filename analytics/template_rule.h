/* SPDX-License-Identifier: Apache-2.0 */
/* Templates that were given, not learned: by the user's rules and by specifications. */
#ifndef ANALYTICS_TEMPLATE_RULE_H
#define ANALYTICS_TEMPLATE_RULE_H

#include "base/arena.h"

struct template_rule {
  struct span path; /* as given: "/accounts/{id}" */
  void *data;       /* the user's */
};
struct template_rules;
struct template_rules *template_rule_new(void);    /* NULL when out of memory */
void template_rule_free(struct template_rules *r); /* takes NULL; data are their owner's */
bool template_rule_none(const struct template_rules *r);
/** Add a template of a service ("*": any), or find the one that is there already, whatever its variables are called. Text is
 *  copied. NULL: no memory, or more than 100,000 segments. */
struct template_rule *template_rule_add(struct template_rules *r, struct span service, struct span path);
/** The template that a path belongs to: literal segments before variables, "{id}.json" before "{file}", the service's own before
 *  those of any. A variable takes one segment that is not empty. NULL: none. */
struct template_rule *template_rule_find(const struct template_rules *r, struct span service,
                                         struct span path);

#endif
