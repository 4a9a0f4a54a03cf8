/* SPDX-License-Identifier: Apache-2.0 */
/* Which data classes a message carries, where, and how many distinct values. */
#ifndef ANALYTICS_DATA_CLASSIFY_H
#define ANALYTICS_DATA_CLASSIFY_H

#include "analytics/event.h"
#include "base/look.h"
#include "dissect/body/body.h"

struct classes;
struct classify;
enum data_place { DATA_BODY, DATA_QUERY, DATA_PATH, DATA_HEADER, DATA_COOKIE, DATA_ARG, DATA_PLACES };

/** One per worker. Keeps classes and key until classify_free. max_tokens: distinct values kept per hit. NULL when out
 *  of memory. */
struct classify *classify_new(const struct classes *classes, const uint8_t key[32], uint32_t max_tokens);
void classify_free(struct classify *c); /* takes NULL */
/** Ids of path nodes start anew (path_begin said so). */
void classify_forget(struct classify *c);
/** Begin one side of a transaction. */
void classify_begin(struct classify *c);
/** Look at one value; leaf->node must be set. The number of hits in it. */
unsigned classify_leaf(struct classify *c, enum data_place place, const struct leaf *leaf);
/** The same where the value was looked at already. */
unsigned classify_look(struct classify *c, enum data_place place, const struct leaf *leaf,
                       const struct look *look);
/** Copy the hits into the arena, ordered by class and path, graded. ERR_NOMEM (out: what fitted). */
int classify_end(struct classify *c, struct arena *arena, struct data_hits *out);
/** After classify_end: the values that were masked, hashed or encrypted, in the same order. ERR_NOMEM. */
int classify_covers(struct classify *c, struct arena *arena, struct data_covers *out);
/** Times a cap was met since the last call. */
uint64_t classify_capped(struct classify *c);

#endif
