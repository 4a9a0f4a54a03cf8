/* SPDX-License-Identifier: Apache-2.0 */
/* An allocator for one test program that fails on request. Include it in exactly one file: it takes the place of
 * base/mem.c in that program. */
#ifndef TESTS_UNIT_FAILMEM_H
#define TESTS_UNIT_FAILMEM_H

#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

static long failmem_after = -1; /* allocations that still succeed; -1: all */
static bool failmem_once;       /* one is refused, not all after it */
static long failmem_live;       /* blocks not freed */

static inline bool failmem_refuse(void) {
  if (failmem_after == 0) {
    if (failmem_once) failmem_after = -1;
    return true;
  }
  if (failmem_after > 0) failmem_after--;
  return false;
}
static inline void *failmem_count(void *p) {
  failmem_live += p != NULL;
  return p;
}
void *mem_zalloc(size_t n) { return failmem_refuse() ? NULL : failmem_count(calloc(1, n ? n : 1)); }
void *mem_alloc(size_t n) { return failmem_refuse() ? NULL : failmem_count(malloc(n ? n : 1)); }
void *mem_realloc(void *p, size_t n) {
  if (failmem_refuse()) return NULL;
  void *q = realloc(p, n ? n : 1);
  failmem_live += !p && q;
  return q;
}
void mem_free(void *p) {
  failmem_live -= p != NULL;
  free(p);
}
char *mem_strdup(const char *z) { return failmem_refuse() ? NULL : failmem_count(strdup(z)); }

#endif
