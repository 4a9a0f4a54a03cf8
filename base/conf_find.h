/* SPDX-License-Identifier: Apache-2.0 */
/* Finding options by name, and the nearest one to a misspelt name. Private to the configuration. */
#ifndef BASE_CONF_FIND_H
#define BASE_CONF_FIND_H

#include "base/conf.h"

/** The option `key` of the first section of that name that has it; NULL where there is none. */
const struct conf_option *conf_find_option(const struct conf_section *sections, struct span section,
                                           struct span key, void **into);
/** Whether a section has this name, or a name that begins with it and a dot. */
bool conf_find_section(const struct conf_section *sections, struct span name, bool *is_prefix);
/** Write the "section.key" nearest to name; false where nothing is near. */
bool conf_find_nearest(const struct conf_section *sections, const char *name, char *out, size_t size);

#endif
