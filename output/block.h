/* SPDX-License-Identifier: Apache-2.0 */
/* Many records in one piece of memory: how they travel between threads. */
#ifndef OUTPUT_BLOCK_H
#define OUTPUT_BLOCK_H

#include "output/record.h"

struct block_record {
  uint32_t key_len, json_len;
  size_t at; /* of the key in bytes; the JSON follows */
  uint64_t ns;
  uint8_t kind, priority;
  char id[32];
};
struct block {
  struct buf bytes;
  struct block_record *rec;
  uint32_t count, size;
  uint32_t refs; /* lanes that still need it; the clerk's alone */
  bool pooled;   /* goes back to the producer; else freed by the clerk */
};

/** NULL when out of memory. */
struct block *block_new(size_t bytes);
void block_free(struct block *b);
void block_reset(struct block *b);
/** Append a copy of r. ERR_NOMEM (b unchanged). */
int block_put(struct block *b, const struct record *r);
/** Record i; borrows from b. */
void block_get(const struct block *b, uint32_t i, struct record *out);

#endif
