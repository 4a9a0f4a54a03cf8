/* SPDX-License-Identifier: Apache-2.0 */
/* Which pairs of neighbouring bytes a short text has: most words that are not in it are ruled out by one look. */
#ifndef BASE_GRAMS_H
#define BASE_GRAMS_H

#include "base/span.h"

enum { GRAMS_BITS = 1024 };
struct grams {
  struct span text;
  uint64_t bit[GRAMS_BITS / 64];
};

static inline unsigned grams_slot(uint8_t a, uint8_t b) { return (a * 37u ^ b * 5u) % GRAMS_BITS; }

/** Note the pairs of s, which is kept. */
void grams_of(struct span s, struct grams *g);
/** Index of the first occurrence of word (two bytes and more) in the text, or its length. */
static inline size_t grams_find(const struct grams *g, const char *word) {
  unsigned slot = grams_slot((uint8_t)word[0], (uint8_t)word[1]);
  if (!(g->bit[slot / 64] >> (slot % 64) & 1)) return g->text.len;
  return span_find(g->text, span_str(word));
}
static inline bool grams_has(const struct grams *g, const char *word) {
  return grams_find(g, word) < g->text.len;
}

#endif
