/* SPDX-License-Identifier: Apache-2.0 */
/* The last veil before a text of traffic is shown: personal data and secrets that tell themselves by their shape, wherever they stand. */
#ifndef ANALYTICS_DATA_VEIL_H
#define ANALYTICS_DATA_VEIL_H

#include "base/arena.h"

enum {
  VEIL_SHAPES = 1, /* mobiles, resident ids, bank cards, e-mail addresses */
  VEIL_SECRETS =
      2 /* tokens of known makers, values of secret keys (password='x'), either of them in base64 */
};
/** Whether s holds any. Percent-coded separators count as such. Linear in the length of s. */
bool veil_hits(struct span s, unsigned what);
/** Stars over every hit, byte for byte. */
void veil_stars(uint8_t *text, size_t n, unsigned what);
/** s where it is clean, else a copy with stars; an empty span when out of memory. */
struct span veil_copy(struct arena *a, struct span s, unsigned what);
/** Whether a key of a query, form or cookie names a secret, whatever its case. */
bool veil_is_secret(struct span key);

#endif
