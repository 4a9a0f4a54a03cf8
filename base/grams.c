/* SPDX-License-Identifier: Apache-2.0 */
/* Pairs of bytes as bits. */
#include "base/grams.h"

void grams_of(struct span s, struct grams *g) {
  *g = (struct grams){.text = s};
  for (size_t i = 1; i < s.len; i++) {
    unsigned slot = grams_slot(s.base[i - 1], s.base[i]);
    g->bit[slot / 64] |= 1ULL << (slot % 64);
  }
}
