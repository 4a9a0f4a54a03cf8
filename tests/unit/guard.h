/* SPDX-License-Identifier: Apache-2.0 */
/* Test inputs that end at an unmapped page, so that reading one byte too far crashes. */
#ifndef TESTS_UNIT_GUARD_H
#define TESTS_UNIT_GUARD_H

#include "base/span.h"
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct guard {
  uint8_t *map;
  size_t room; /* bytes mapped before the unmapped page */
  struct span s;
};

/** Copy n bytes to the end of fresh pages. The caller frees them with guard_free. */
static inline struct guard guard_copy(const void *p, size_t n) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE), room = (n + page - 1) / page * page;
  struct guard g = {
      mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), room, {NULL, n}};
  if (g.map == MAP_FAILED || mprotect(g.map + room, page, PROT_NONE)) abort();
  if (n) memcpy(g.map + room - n, p, n);
  g.s.base = g.map + room - n;
  return g;
}
static inline struct guard guard_str(const char *z) { return guard_copy(z, strlen(z)); }
static inline void guard_free(struct guard g) { munmap(g.map, g.room + (size_t)sysconf(_SC_PAGESIZE)); }

#endif
