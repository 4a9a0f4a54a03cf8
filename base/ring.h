/* SPDX-License-Identifier: Apache-2.0 */
/* Single-producer single-consumer ring of pointers; the only thing that threads share. */
#ifndef BASE_RING_H
#define BASE_RING_H

#include <stdbool.h>
#include <stddef.h>

struct ring;

/** A ring for n pointers (rounded up to a power of two). NULL when out of memory. */
struct ring *ring_new(size_t n);
/** Free; takes NULL. Both ends must have stopped. What is still inside is not freed. */
void ring_free(struct ring *r);
/** False when full. Producer only. */
bool ring_push(struct ring *r, void *item);
/** NULL when empty. Consumer only. */
void *ring_pop(struct ring *r);
/** Wait until it can push, for timeout_ms at most (-1: for ever); false on time-out. */
bool ring_push_wait(struct ring *r, void *item, int timeout_ms);
/** Wait for an item, for timeout_ms at most; NULL on time-out. */
void *ring_pop_wait(struct ring *r, int timeout_ms);
/** Items inside, as either end sees it now. */
size_t ring_len(const struct ring *r);

#endif
