/* SPDX-License-Identifier: Apache-2.0 */
/* Collects the fields of a message: one entry per path. */
#ifndef ANALYTICS_FIELDS_H
#define ANALYTICS_FIELDS_H

#include "analytics/event.h"
#include "base/look.h"
#include "dissect/body/body.h"

/** Seed of value hashes: fixed, so that enumerations agree from run to run. */
#define FIELDS_SEED 0x656e756d76616c75ULL
struct fields_env;
/** field.value_hash of a value, as the analyzer makes it. */
uint64_t fields_hash(struct span value);
/** One per worker; max: fields of a message that are kept. NULL when out of memory. */
struct fields_env *fields_new(uint32_t max, uint64_t seed);
void fields_free(struct fields_env *f); /* takes NULL */
/** Begin a message: nothing seen. */
void fields_begin(struct fields_env *f);
/** One value and what it is made of; prefix is "" for bodies, "?" for queries, "#" for headers. leaf->node must be set. */
void fields_add(struct fields_env *f, const char *prefix, const struct leaf *leaf, const struct look *look);
/** The same value may be told, if it is a word of a closed set: no data class was found in it. After its fields_add. */
void fields_tell(struct fields_env *f, const char *prefix, const struct leaf *leaf);
/** Ids of path nodes start anew (path_begin said so). */
void fields_forget(struct fields_env *f);
/** Whether a field of this name holds words of a closed set: status, type, currency, … */
bool fields_word_key(struct span key);
/** Whether a value is such a word: letters, one or two digits at most, or a small number. */
bool fields_word_value(const struct leaf *leaf);
/** Copy what was seen into the arena, in order of first occurrence. ERR_NOMEM (out: what fitted). */
int fields_end(struct fields_env *f, struct arena *arena, struct fields *out);

#endif
