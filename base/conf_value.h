/* SPDX-License-Identifier: Apache-2.0 */
/* Values of options: reading one from text into its field. Private to the configuration. */
#ifndef BASE_CONF_VALUE_H
#define BASE_CONF_VALUE_H

#include "base/conf.h"

/** What an option takes, in words: "a number from 1 to 64". */
struct conf_expected {
  char text[256];
};

/** Read text into the option's field inside `into`. ERR_SYNTAX, ERR_RANGE, ERR_NOMEM; untouched on failure. */
int conf_value_scalar(const struct conf_option *o, void *into, struct span text);
/** Replace a list. ERR_NOMEM; untouched on failure. */
int conf_value_list(const struct conf_option *o, void *into, const struct span *item, size_t count);
/** Read a list from "a, b" or "[a, b]". ERR_NOMEM. */
int conf_value_split(const struct conf_option *o, void *into, struct span text);
/** Free what the field holds and zero it. */
void conf_value_free(const struct conf_option *o, void *into);
/** Say what the option takes. */
struct conf_expected conf_value_expected(const struct conf_option *o);

#endif
