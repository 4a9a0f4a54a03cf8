/* SPDX-License-Identifier: Apache-2.0 */
/* Objects of one size, recycled; capped. Single-threaded. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include "base/mem.h"

struct pool_slab;
struct pool {
  size_t size;      /* bytes an object, rounded up */
  size_t live, cap; /* objects out; most that may be out, 0 for no cap */
  void *free;
  struct pool_slab *slabs;
  struct budget *budget;
};

void pool_init(struct pool *p, size_t size, size_t cap, struct budget *budget);
void pool_done(struct pool *p);
/** A zeroed object, or NULL at the cap or when out of memory. */
void *pool_get(struct pool *p);
/** Give one back; takes NULL. */
void pool_put(struct pool *p, void *obj);

#endif
