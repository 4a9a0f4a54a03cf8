/* SPDX-License-Identifier: Apache-2.0 */
/* Counts distinct 64-bit hashes: exactly while they are few, by HyperLogLog (Flajolet et al. 2007) beyond. What it counts
 * does not depend on the order in which values came. */
#ifndef BASE_DISTINCT_H
#define BASE_DISTINCT_H

#include "base/span.h"

enum { DISTINCT_EXACT = 1000, DISTINCT_BITS = 12 };

struct distinct {
  uint64_t *exact; /* open addressing, 0 is free */
  uint8_t *reg;    /* 1 << bits registers, once exact is left */
  uint32_t count, size, most;
  uint8_t bits;
};

/** most: values counted exactly (0: DISTINCT_EXACT); bits: log2 of the registers after that, 4–16 (0: DISTINCT_BITS, 1.6 %
 *  standard error). Takes no memory until a value comes. */
void distinct_init(struct distinct *d, uint32_t most, uint8_t bits);
void distinct_done(struct distinct *d); /* takes a zeroed one */
/** Add a well-mixed hash. ERR_NOMEM (nothing is lost but this value). 1 when it may be new, else 0. */
int distinct_add(struct distinct *d, uint64_t hash);
uint64_t distinct_count(const struct distinct *d);
/** Bytes that distinct_save writes. */
size_t distinct_size(const struct distinct *d);
void distinct_save(const struct distinct *d, uint8_t *out);
/** Read what distinct_save wrote into an initialised one. ERR_SYNTAX, ERR_NOMEM. */
int distinct_load(struct distinct *d, struct span in);

#endif
