/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of patterns compiled by Hyperscan, which takes a quarter of a second, or taken from where an earlier run left them. */
#ifndef ANALYTICS_PATTERNS_H
#define ANALYTICS_PATTERNS_H

#include <stddef.h>

struct hs_database;
struct pattern_set {
  const char *name;        /* of its file, static text */
  const char *const *text; /* expressions; literals where len is there */
  const size_t *len;
  const unsigned *flags, *ids;
  unsigned count;
};

/** Compile the set. cache: a folder to keep the result in, NULL for none; what is found there counts only when it is whole
 *  and was made of the same patterns by the same library for such a processor. ERR_NOMEM; ERR_SYNTAX, *bad the index of
 *  the pattern (-1: none in particular) and why, 128 bytes, the reason. */
int patterns_compile(const struct pattern_set *set, const char *cache, struct hs_database **db, int *bad,
                     char why[128]);

#endif
