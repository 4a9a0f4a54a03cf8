/* SPDX-License-Identifier: Apache-2.0 */
/* Byte budgets. */
#include "base/mem.h"

bool budget_take(struct budget *b, size_t n) {
  if (!b) return true;
  if (b->cap && (n > b->cap || b->used > b->cap - n)) {
    b->refused++;
    return false;
  }
  b->used += n;
  return true;
}

void budget_give(struct budget *b, size_t n) {
  if (b) b->used -= n < b->used ? n : b->used;
}
