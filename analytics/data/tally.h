/* SPDX-License-Identifier: Apache-2.0 */
/* Counts what one message holds: occurrences and distinct values by class and path. */
#ifndef ANALYTICS_DATA_TALLY_H
#define ANALYTICS_DATA_TALLY_H

#include "analytics/data/classes.h"
#include "analytics/data/classify.h"

struct tally;
/** key: of the tokens. max_tokens: distinct values kept per hit. NULL when out of memory. */
struct tally *tally_new(const struct classes *classes, const uint8_t key[32], uint32_t max_tokens);
void tally_free(struct tally *t); /* takes NULL */
void tally_begin(struct tally *t);
/** One value of a class at a path. */
void tally_add(struct tally *t, unsigned item, enum data_place place, const struct path_node *node,
               struct span value);
/** One value that hides its content. */
void tally_cover(struct tally *t, unsigned item, enum data_hidden how, enum data_place place,
                 const struct path_node *node);
int tally_covers(struct tally *t, struct arena *arena,
                 struct data_covers *out); /* after tally_end; as classify_covers */
/** Hits not counted for want of room since the last call. */
uint64_t tally_capped(struct tally *t);
/** As classify_end. */
int tally_end(struct tally *t, struct arena *arena, struct data_hits *out);

#endif
