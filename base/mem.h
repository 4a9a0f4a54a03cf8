/* SPDX-License-Identifier: Apache-2.0 */
/* The only door to the heap, so that tests can make the n-th allocation fail; and byte budgets. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/** Zeroed memory or NULL. The caller owns it, gives it back with mem_free. */
void *mem_zalloc(size_t n);
void *mem_alloc(size_t n);
void *mem_realloc(void *p, size_t n);
/** Free; takes NULL. */
void mem_free(void *p);
char *mem_strdup(const char *z);
/** n bytes and a NUL behind them, or NULL. The caller frees it. */
static inline char *mem_text(const void *p, size_t n) {
  char *z = mem_alloc(n + 1);
  if (z && n) memcpy(z, p, n);
  if (z) z[n] = 0;
  return z;
}

/** Bytes that one owner (a worker, a shard) may hold. Any thread may take and give: a transaction charged to its
    worker grows and ends in the analyst's thread. */
struct budget {
  _Atomic size_t used;    /* bytes */
  size_t cap;             /* 0 means no cap */
  _Atomic size_t refused; /* requests turned down, by the cap or by the heap */
};
/** Reserve n bytes. False, and counted, when the cap would be passed. b may be NULL (always true). */
bool budget_take(struct budget *b, size_t n);
void budget_give(struct budget *b, size_t n);
/** Count a request that the heap turned down. b may be NULL. */
void budget_refuse(struct budget *b);
/** Give back n bytes that were taken and that the heap then refused. */
void budget_undo(struct budget *b, size_t n);
/** Memory of n bytes that are reserved in b until budget_free; NULL, and counted, when either refuses. */
void *budget_alloc(struct budget *b, size_t n);
void *budget_zalloc(struct budget *b, size_t n);
/** Free the n bytes at p and give them back; p NULL: nothing. */
void budget_free(struct budget *b, void *p, size_t n);

#endif
