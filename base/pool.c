/* SPDX-License-Identifier: Apache-2.0 */
/* Objects of one size, recycled through a free list; slabs are given back by pool_done only. */
#include "base/pool.h"
#include "base/poison.h"
#include <stdint.h>
#include <string.h>

enum { ALIGN = 16, SLAB_FIRST = 4096, SLAB_MAX = 256 * 1024 };

struct pool_slab {
  struct pool_slab *next;
  size_t bytes, count, handed; /* allocated; objects in it; objects that were out at least once */
  _Alignas(ALIGN) uint8_t data[];
};

void pool_init(struct pool *p, size_t size, size_t cap, struct budget *budget) {
  if (size < sizeof(void *)) size = sizeof(void *);
  *p = (struct pool){.size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1), .cap = cap, .budget = budget};
}

void pool_done(struct pool *p) {
  while (p->slabs) {
    struct pool_slab *next = p->slabs->next;
    poison_show(p->slabs->data, p->slabs->count * p->size);
    budget_free(p->budget, p->slabs, p->slabs->bytes);
    p->slabs = next;
  }
  p->free = NULL;
  p->live = 0;
}

static bool add_slab(struct pool *p) {
  size_t bytes = p->slabs ? p->slabs->bytes * 2 : SLAB_FIRST;
  if (bytes > SLAB_MAX) bytes = SLAB_MAX;
  if (bytes < sizeof(struct pool_slab) + p->size) bytes = sizeof(struct pool_slab) + p->size;
  struct pool_slab *s = budget_alloc(p->budget, bytes);
  if (!s) return false;
  *s = (struct pool_slab){.next = p->slabs, .bytes = bytes, .count = (bytes - sizeof *s) / p->size};
  poison_hide(s->data, s->count * p->size);
  p->slabs = s;
  return true;
}

void *pool_get(struct pool *p) {
  if (p->cap && p->live >= p->cap) return NULL;
  void *obj = p->free;
  if (obj) {
    poison_show(obj, p->size);
    memcpy(&p->free, obj, sizeof p->free);
  } else {
    struct pool_slab *s = p->slabs;
    if ((!s || s->handed == s->count) && !add_slab(p)) return NULL;
    s = p->slabs;
    obj = s->data + s->handed++ * p->size;
    poison_show(obj, p->size);
  }
  p->live++;
  return memset(obj, 0, p->size);
}

void pool_put(struct pool *p, void *obj) {
  if (!obj) return;
  memcpy(obj, &p->free, sizeof p->free);
  p->free = obj;
  p->live--;
  poison_hide(obj, p->size);
}
