/* SPDX-License-Identifier: Apache-2.0 */
/* A growing run of bytes with a cap. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/mem.h"
#include "base/span.h"

struct buf {
  uint8_t *base;
  size_t len, size;      /* bytes used, bytes allocated */
  size_t cap;            /* most bytes it may hold, 0 for no cap */
  struct budget *budget; /* borrowed; may be NULL */
};

void buf_init(struct buf *b, struct budget *budget, size_t cap);
void buf_done(struct buf *b);
/** Empty it; keeps the allocation. */
static inline void buf_reset(struct buf *b) { b->len = 0; }
static inline struct span buf_span(const struct buf *b) { return (struct span){b->base, b->len}; }
/** Make room for n more bytes. ERR_NOMEM, ERR_CAP. */
int buf_reserve(struct buf *b, size_t n);
/** Append all of s or nothing. ERR_NOMEM, ERR_CAP. */
int buf_put(struct buf *b, struct span s);
/** Append what fits under the cap; the number of bytes taken, or ERR_NOMEM. */
long buf_put_some(struct buf *b, struct span s);
int buf_put_u8(struct buf *b, uint8_t c);
int buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** Remove the first n bytes. */
void buf_drop(struct buf *b, size_t n);

#endif
