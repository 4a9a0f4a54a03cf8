/* SPDX-License-Identifier: Apache-2.0 */
/* Bump allocator: many small things that die together. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/mem.h"
#include "base/span.h"

struct arena_block;
struct arena {
  struct arena_block *head, *first;
  struct budget *budget; /* borrowed; may be NULL */
  size_t used, cap;      /* bytes handed out; most that may be, 0 for no cap */
  uint32_t missed;       /* requests since init or reset that the heap or the budget refused */
};

/** Prepare an empty arena; allocates nothing yet. Keeps budget until arena_done. */
void arena_init(struct arena *a, struct budget *budget, size_t cap);
void arena_done(struct arena *a);
/** Forget everything; keeps the first block for reuse. */
void arena_reset(struct arena *a);
/** n bytes, 16-aligned, not zeroed; NULL when out of memory or over a cap. */
void *arena_alloc(struct arena *a, size_t n);
void *arena_zalloc(struct arena *a, size_t n);
/** Copy s; an empty span when it does not fit. */
struct span arena_copy(struct arena *a, struct span s);
/** Formatted text as a span; an empty one when it does not fit. */
struct span arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
