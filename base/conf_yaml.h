/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration file's YAML. Private to the configuration. */
#ifndef BASE_CONF_YAML_H
#define BASE_CONF_YAML_H

#include "base/conf.h"
#include <stdio.h>

/** Read f over the present values; `name` stands in messages. Errors as conf_file. */
int conf_yaml_read(const struct conf_section *sections, FILE *f, const char *name, struct conf_error *err);

#endif
