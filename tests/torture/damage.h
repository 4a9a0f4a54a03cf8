/* SPDX-License-Identifier: Apache-2.0 */
/* What torture programs share: numbers from a seed, and damage to a file as a file, whatever it holds. */
#ifndef TORTURE_DAMAGE_H
#define TORTURE_DAMAGE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAMAGE_MOST = 1 << 18 }; /* octets of a file that are damaged as a file */

struct rnd {
  uint64_t state;
};

/** The seed's stream number `n`. */
static inline struct rnd rnd_of(uint64_t seed, uint64_t n) {
  return (struct rnd){seed * 0x9e3779b97f4a7c15ULL + n};
}
static inline uint64_t rnd_next(struct rnd *r) { /* splitmix64 */
  uint64_t z = r->state += 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}
static inline size_t rnd_below(struct rnd *r, size_t n) { return n ? (size_t)(rnd_next(r) % n) : 0; }

/** A number that parsers are known to trip over, 1, 2 or 4 octets wide in either order, somewhere in data. */
static inline void damage_poke(struct rnd *r, uint8_t *data, size_t len) {
  static const uint32_t telling[] = {0,      1,      0x7f,       0x80,       0xff,      0x7fff,
                                     0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff};
  uint32_t v = telling[rnd_below(r, sizeof telling / sizeof *telling)];
  size_t width = (size_t)1 << rnd_below(r, 3);
  if (len < width) return;
  if (rnd_next(r) % 2) v = __builtin_bswap32(v) >> (32 - 8 * width);
  memcpy(data + rnd_below(r, len - width + 1), &v, width);
}

/** Damage a file in place: bytes, fields, a piece lost or doubled, the end cut. Its new length, never more than len. */
static inline size_t damage_file(struct rnd *r, uint8_t *file, size_t len) {
  for (size_t k = 1 + rnd_below(r, 20); k; k--) {
    size_t reach = rnd_next(r) % 2 && len > 200 ? 200 : len; /* headers as often as the rest */
    if (rnd_next(r) % 3)
      file[rnd_below(r, reach)] ^= (uint8_t)(1 + rnd_below(r, 255));
    else
      damage_poke(r, file, reach);
  }
  size_t at = rnd_below(r, len), n = 1 + rnd_below(r, len - at < 400 ? len - at : 400);
  switch (rnd_below(r, 6)) {
  case 0: return rnd_below(r, len);
  case 1: memmove(file + at, file + at + n, len - at - n); return len - n;
  case 2:
    if (at + 2 * n <= len) memmove(file + at + n, file + at, len - at - n);
    break;
  }
  return len;
}

/** The file's first most bytes on the heap, in *data; its length, or 0 when it cannot be read. */
static inline size_t damage_load(const char *path, size_t most, uint8_t **data) {
  FILE *f = fopen(path, "rb");
  if (!f) return 0;
  fseek(f, 0, SEEK_END);
  long end = ftell(f);
  rewind(f);
  size_t n = end > 0 ? (size_t)end : 0;
  if (n > most) n = most;
  *data = malloc(n ? n : 1);
  n = *data ? fread(*data, 1, n, f) : 0;
  fclose(f);
  return n;
}

#endif
