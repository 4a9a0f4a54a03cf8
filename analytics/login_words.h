/* SPDX-License-Identifier: Apache-2.0 */
/* Looking for words in names. Lists end with NULL. */
#ifndef ANALYTICS_LOGIN_WORDS_H
#define ANALYTICS_LOGIN_WORDS_H

#include "base/grams.h"
#include "base/span.h"

#define WORDS(name, ...) static const char *const name[] = {__VA_ARGS__, NULL}

bool login_has(struct span s, const char *word);
/** Whether a word of list occurs in s, of which the second takes what was prepared. */
bool login_any_in(struct span s, const char *const *list);
bool login_any_of(const struct grams *g, const char *const *list);
/** name without case and without '-', '_', '.', into buf, of which it is a part. */
struct span login_squeeze(struct span name, uint8_t *buf, size_t cap);

#endif
