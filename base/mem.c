/* SPDX-License-Identifier: Apache-2.0 */
/* The heap, as it is in the product. */
#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

void *mem_zalloc(size_t n) { return calloc(1, n ? n : 1); }

void *mem_alloc(size_t n) { return malloc(n ? n : 1); }

void *mem_realloc(void *p, size_t n) { return realloc(p, n ? n : 1); }

void mem_free(void *p) { free(p); }

char *mem_strdup(const char *z) { return strdup(z); }
