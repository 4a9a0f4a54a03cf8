/* SPDX-License-Identifier: Apache-2.0 */
/* Bump allocator over blocks, each as large as all before it together. */
#include "base/arena.h"
#include "base/poison.h"
#include <stdarg.h>
#include <stdio.h>

enum { ALIGN = 16, BLOCK_MIN = 2048, BLOCK_MAX = 64 * 1024 };

struct arena_block {
  struct arena_block *prev;
  size_t pos, size; /* bytes of data used, allocated */
  _Alignas(ALIGN) uint8_t data[];
};

void arena_init(struct arena *a, struct budget *budget, size_t cap) {
  *a = (struct arena){.budget = budget, .cap = cap};
}

static void drop_block(struct arena *a, struct arena_block *b) {
  poison_show(b->data, b->size);
  budget_free(a->budget, b, sizeof *b + b->size);
}

void arena_done(struct arena *a) {
  while (a->head) {
    struct arena_block *prev = a->head->prev;
    drop_block(a, a->head);
    a->head = prev;
  }
  a->first = NULL;
  a->used = a->missed = 0;
}

void arena_reset(struct arena *a) {
  while (a->head != a->first) {
    struct arena_block *prev = a->head->prev;
    drop_block(a, a->head);
    a->head = prev;
  }
  if (a->first) {
    a->first->pos = 0;
    poison_hide(a->first->data, a->first->size);
  }
  a->used = a->missed = 0;
}

static struct arena_block *new_block(struct arena *a, size_t n) {
  size_t size = a->used > BLOCK_MIN ? a->used : BLOCK_MIN - sizeof(struct arena_block);
  if (size > BLOCK_MAX) size = BLOCK_MAX;
  if (size < n) size = n;
  struct arena_block *b = budget_alloc(a->budget, sizeof *b + size);
  if (!b) return NULL;
  *b = (struct arena_block){.prev = a->head, .size = size};
  poison_hide(b->data, size);
  if (!a->first) a->first = b;
  return a->head = b;
}

void *arena_alloc(struct arena *a, size_t n) {
  if (n > SIZE_MAX / 4) return NULL;
  size_t asked = n;
  n = (n + (n == 0) + ALIGN - 1) & ~(size_t)(ALIGN - 1);
  if (a->cap && (n > a->cap || a->used > a->cap - n)) return NULL;
  struct arena_block *b = a->head;
  if ((!b || b->size - b->pos < n) && !(b = new_block(a, n))) {
    a->missed++;
    return NULL;
  }
  void *p = b->data + b->pos;
  b->pos += n;
  a->used += n;
  poison_show(p, asked);
  return p;
}

void *arena_zalloc(struct arena *a, size_t n) {
  void *p = arena_alloc(a, n);
  return p ? memset(p, 0, n) : NULL;
}

struct span arena_copy(struct arena *a, struct span s) {
  uint8_t *p = s.len ? arena_alloc(a, s.len) : NULL;
  return p ? span_of(memcpy(p, s.base, s.len), s.len) : span_of(NULL, 0);
}

struct span arena_printf(struct arena *a, const char *fmt, ...) {
  char small[256];
  va_list ap;
  va_start(ap, fmt);
  int n = vsnprintf(small, sizeof small, fmt, ap);
  va_end(ap);
  if (n <= 0) return span_of(NULL, 0);
  size_t len = (size_t)n;
  if (len < sizeof small) return arena_copy(a, span_of(small, len));
  char *p = arena_alloc(a, len + 1);
  if (!p) return span_of(NULL, 0);
  va_start(ap, fmt);
  vsnprintf(p, len + 1, fmt, ap);
  va_end(ap);
  return span_of(p, len);
}
