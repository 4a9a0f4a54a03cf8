/* SPDX-License-Identifier: Apache-2.0 */
/* Builds with the address sanitizer, which replaces poison.c there. */
#include "base/poison.h"
#include <sanitizer/asan_interface.h>

void poison_hide(const void *p, size_t n) { __asan_poison_memory_region(p, n); }

void poison_show(const void *p, size_t n) { __asan_unpoison_memory_region(p, n); }
