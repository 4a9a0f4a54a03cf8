/* SPDX-License-Identifier: Apache-2.0 */
/* The heap in test builds: the n-th request and those after it, TAPSCOPE_FAIL_RUN of them (1 when unset), are
 * refused; n is TAPSCOPE_FAIL_AT, counted from 1 over all threads, 0 or unset for never. From there on every
 * TAPSCOPE_FAIL_EVERY-th as well (0 or unset: none). With TAPSCOPE_FAIL_TRACE the callers stand on standard error. */
#include "base/mem_fail.h"
#include "base/mem.h"
#include <sanitizer/common_interface_defs.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static _Atomic unsigned long seen;
static unsigned long from_at, from_run; /* set by mem_fail_at, before there are threads */

static unsigned long env_number(const char *name, unsigned long unset) {
  const char *z = getenv(name);
  return z ? strtoul(z, NULL, 10) : unset;
}

void mem_fail_at(unsigned long n, unsigned long run) {
  from_at = n ? atomic_load(&seen) + n : 0;
  from_run = run;
}

unsigned long mem_fail_seen(void) { return atomic_load(&seen); }

static bool due(void) {
  unsigned long n = atomic_fetch_add_explicit(&seen, 1, memory_order_relaxed) + 1;
  if (from_at) return n >= from_at && n - from_at < from_run;
  unsigned long at = env_number("TAPSCOPE_FAIL_AT", 0);
  if (!at || n < at) return false;
  unsigned long every = env_number("TAPSCOPE_FAIL_EVERY", 0);
  return n - at < env_number("TAPSCOPE_FAIL_RUN", 1) || (every && (n - at) % every == 0);
}

static bool refuse(void) {
  if (!due()) return false;
  if (getenv("TAPSCOPE_FAIL_TRACE")) __sanitizer_print_stack_trace();
  return true;
}

void *mem_zalloc(size_t n) { return refuse() ? NULL : calloc(1, n ? n : 1); }

void *mem_alloc(size_t n) { return refuse() ? NULL : malloc(n ? n : 1); }

void *mem_realloc(void *p, size_t n) { return refuse() ? NULL : realloc(p, n ? n : 1); }

void mem_free(void *p) { free(p); }

char *mem_strdup(const char *z) { return refuse() ? NULL : strdup(z); }
