/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that begin something worth a look, found all at once by Vectorscan. */
#ifndef ANALYTICS_DATA_LITERALS_H
#define ANALYTICS_DATA_LITERALS_H

#include "analytics/data/classes.h"

struct literals;
struct literals_scratch;
enum literal_kind {
  LITERAL_PATTERN /* a class's pattern begins here */,
  LITERAL_NAME /* a person's name may follow */,
  LITERAL_PLACE /* an address may begin here */,
  LITERAL_URL /* "://" */
};
/** Class (of a pattern), and where the literal stands in the text. */
typedef void (*literal_fn)(void *user, enum literal_kind kind, unsigned item, size_t from, size_t to);

/** cache: a folder that keeps what was compiled, or NULL. ERR_NOMEM, ERR_UNSUPPORTED (the library refused). */
int literals_compile(struct classes *c, const char *cache);
void literals_free(struct literals *l);
struct literals_scratch *literals_scratch_new(const struct classes *c);
void literals_scratch_free(struct literals_scratch *s);
void literals_scan(const struct classes *c, struct literals_scratch *s, struct span text, literal_fn fn,
                   void *user);
/** Length of the match of item's pattern at the front of text, 0 for none. */
size_t literals_match(const struct data_class *item, struct literals_scratch *s, struct span text);

#endif
