/* SPDX-License-Identifier: Apache-2.0 */
/* Tags and owners of endpoints, by rules in YAML on any field. */
#ifndef ANALYTICS_INVENTORY_TAG_H
#define ANALYTICS_INVENTORY_TAG_H

#include "base/conf.h"
#include "base/mem.h"

struct row;
struct inventory_tags;
/** No rules yet. NULL when out of memory. */
struct inventory_tags *inventory_tag_new(void);
void inventory_tag_free(struct inventory_tags *t); /* takes NULL */
/** Add the rules of a file; later rules may name an owner anew. ERR_IO, ERR_SYNTAX, ERR_NOMEM; err names file, rule, remedy. */
int inventory_tag_load(struct inventory_tags *t, const char *file, struct conf_error *err);
/** Write r->tags and r->rule_owner by what is known of it now. t may be NULL. */
void inventory_tag_row(const struct inventory_tags *t, struct row *r);

/** Whether a comma separated list holds the tag. */
bool inventory_tag_has(struct span tags, struct span tag);

#endif
