/* SPDX-License-Identifier: Apache-2.0 */
/* The heap in test builds: the n-th request and those after it, TAPSCOPE_FAIL_RUN of them (1 when unset), are
 * refused; n is TAPSCOPE_FAIL_AT, counted from 1 over all threads, 0 or unset for never. From there on every
 * TAPSCOPE_FAIL_EVERY-th as well (0 or unset: none). */
#include "base/mem.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static _Atomic unsigned long seen;

static unsigned long env_number(const char *name, unsigned long unset) {
  const char *z = getenv(name);
  return z ? strtoul(z, NULL, 10) : unset;
}

static bool refuse(void) {
  unsigned long n = atomic_fetch_add_explicit(&seen, 1, memory_order_relaxed) + 1;
  unsigned long at = env_number("TAPSCOPE_FAIL_AT", 0);
  if (!at || n < at) return false;
  unsigned long every = env_number("TAPSCOPE_FAIL_EVERY", 0);
  return n - at < env_number("TAPSCOPE_FAIL_RUN", 1) || (every && (n - at) % every == 0);
}

void *mem_zalloc(size_t n) { return refuse() ? NULL : calloc(1, n ? n : 1); }

void *mem_alloc(size_t n) { return refuse() ? NULL : malloc(n ? n : 1); }

void *mem_realloc(void *p, size_t n) { return refuse() ? NULL : realloc(p, n ? n : 1); }

void mem_free(void *p) { free(p); }

char *mem_strdup(const char *z) { return refuse() ? NULL : strdup(z); }
