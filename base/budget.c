/* SPDX-License-Identifier: Apache-2.0 */
/* Byte budgets. */
#include "base/mem.h"
#include <stdatomic.h>

bool budget_take(struct budget *b, size_t n) {
  if (!b) return true;
  size_t used = atomic_load_explicit(&b->used, memory_order_relaxed);
  do {
    if (b->cap && (n > b->cap || used > b->cap - n)) {
      atomic_fetch_add_explicit(&b->refused, 1, memory_order_relaxed);
      return false;
    }
  } while (!atomic_compare_exchange_weak_explicit(&b->used, &used, used + n, memory_order_relaxed,
                                                  memory_order_relaxed));
  return true;
}

void budget_give(struct budget *b, size_t n) {
  if (b) atomic_fetch_sub_explicit(&b->used, n, memory_order_relaxed);
}

void budget_refuse(struct budget *b) {
  if (b) atomic_fetch_add_explicit(&b->refused, 1, memory_order_relaxed);
}

void budget_undo(struct budget *b, size_t n) {
  budget_give(b, n);
  budget_refuse(b);
}

static void *taken(struct budget *b, void *p, size_t n) {
  if (!p) budget_undo(b, n);
  return p;
}

void *budget_alloc(struct budget *b, size_t n) {
  return budget_take(b, n) ? taken(b, mem_alloc(n), n) : NULL;
}

void *budget_zalloc(struct budget *b, size_t n) {
  return budget_take(b, n) ? taken(b, mem_zalloc(n), n) : NULL;
}

void budget_free(struct budget *b, void *p, size_t n) {
  if (p) budget_give(b, n);
  mem_free(p);
}
