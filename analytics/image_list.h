/* SPDX-License-Identifier: Apache-2.0 */
/* Images that must not run and registries that are known, as a file of the user's says. */
#ifndef ANALYTICS_IMAGE_LIST_H
#define ANALYTICS_IMAGE_LIST_H

#include "base/conf.h"
#include "base/span.h"

struct image_list;
/** Read `file`, a line each: "deny,DIGEST" of an image, configuration or layer, or "registry,HOST"; *out NULL where file is NULL or
 *  empty. ERR_IO, ERR_SYNTAX, ERR_CAP, ERR_NOMEM; err names file, line and remedy. */
int image_list_load(struct image_list **out, const char *file, struct conf_error *err);
void image_list_free(struct image_list *l); /* takes NULL */
/** Must what has this digest not run? Takes NULL. */
bool image_list_denies(const struct image_list *l, struct span digest);
/** Does the list name registries at all, and is this one of them? Takes NULL. */
bool image_list_names_registries(const struct image_list *l);
bool image_list_has_registry(const struct image_list *l, struct span host);

#endif
