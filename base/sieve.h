/* SPDX-License-Identifier: Apache-2.0 */
/* Whether any of many literals may stand in a text: rules most texts out before a real search. */
#ifndef BASE_SIEVE_H
#define BASE_SIEVE_H

#include "base/span.h"

/* Three neighbouring bytes of each literal are looked at, at sixteen places at once: their nibbles are looked up
 * in tables whose bits are groups of literals. Where a group hits, the bytes together are looked up in a set. */
enum { SIEVE_BYTES = 3, SIEVE_SET = 1 << 16, SIEVE_PAIRS = 1 << 10 };
struct sieve_tables {
  uint8_t low[SIEVE_BYTES][16], high[SIEVE_BYTES][16];
};
/** Zeroed memory is a sieve that lets nothing through. */
struct sieve {
  struct sieve_tables tables;
  uint64_t set[SIEVE_SET / 64], pair[SIEVE_PAIRS / 64]; /* hashes of three bytes, of two */
  bool pairs, open; /* there are literals of two bytes; of one, so that everything is let through */
};

/** Let texts with this literal through. */
void sieve_add(struct sieve *s, struct span literal);
/** False only where no literal of the sieve stands in text. */
bool sieve_may(const struct sieve *s, struct span text);

#endif
