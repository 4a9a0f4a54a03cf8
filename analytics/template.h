/* SPDX-License-Identifier: Apache-2.0 */
/* Endpoint templates learned from traffic: /accounts/123 → /accounts/{accountId}. */
#ifndef ANALYTICS_TEMPLATE_H
#define ANALYTICS_TEMPLATE_H

#include "base/arena.h"
#include "base/counters.h"

/** What one segment of a path looks like by itself. */
enum template_shape {
  SHAPE_WORD,    /* a word: literal until evidence says otherwise */
  SHAPE_SLUG,    /* words joined by hyphens, a word with digits: may be either */
  SHAPE_ID,      /* integer, UUID, hex, date, token, code, e-mail, digest …: a variable at first sight */
  SHAPE_FILE,    /* name with a known extension */
  SHAPE_LITERAL, /* version, action and other words that are never variables */
  SHAPE_ODD, /* what no API has for a name: quotes, blanks, control characters, percent-coded separators */
};
enum template_shape template_shape(struct span segment);

struct templates;
/** cap: most nodes. NULL when out of memory. */
struct templates *templates_new(size_t cap, struct counters *ctr);
void templates_free(struct templates *t); /* takes NULL */
/** Learn from one call that was answered well. fingerprint: of the answer's fields, 0 where unknown. */
void templates_learn(struct templates *t, struct span service, struct span method, struct span path,
                     uint64_t fingerprint);
/** Take up a template of an earlier run, "/accounts/{accountId}", that `calls` calls had. words: bit i is set where words stood
 *  for the variable that is segment i. */
void templates_seed(struct templates *t, struct span service, struct span path, uint64_t calls,
                    uint32_t words);
/** The template of path by what is known now, "/accounts/{accountId}"; lives in arena. An empty span: no memory.
 *  *known tells whether the whole path was learned before (never NULL). */
struct span templates_name(struct templates *t, struct span service, struct span method, struct span path,
                           struct arena *arena, bool *known);
/** Bring every service's names up to what was learned. */
void templates_settle(struct templates *t);
/** Rises whenever a name given before may differ now. */
uint64_t templates_generation(const struct templates *t);

#endif
