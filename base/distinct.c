/* SPDX-License-Identifier: Apache-2.0 */
/* Distinct values: a small set, then registers. */
#include "base/distinct.h"
#include "base/err.h"
#include "base/mem.h"

#include <math.h>

enum { START = 8, SAVE_EXACT = 1, SAVE_REG = 2 };

void distinct_init(struct distinct *d, uint32_t most, uint8_t bits) {
  *d = (struct distinct){.most = most ? most : DISTINCT_EXACT, .bits = bits ? bits : DISTINCT_BITS};
}

void distinct_done(struct distinct *d) {
  mem_free(d->exact);
  mem_free(d->reg);
  d->exact = NULL;
  d->reg = NULL;
  d->count = d->size = 0;
}

static void note(struct distinct *d, uint64_t h, bool *grew) {
  uint32_t at = (uint32_t)(h >> (64 - d->bits));
  uint64_t rest = h << d->bits | (1ULL << (d->bits - 1));
  uint8_t rank = (uint8_t)(__builtin_clzll(rest) + 1);
  *grew = rank > d->reg[at];
  if (*grew) d->reg[at] = rank;
}

static uint64_t *slot(uint64_t *item, uint32_t size, uint64_t h) {
  uint32_t i = (uint32_t)(h * 0x9e3779b97f4a7c15ULL >> 32) & (size - 1);
  while (item[i] && item[i] != h) i = (i + 1) & (size - 1);
  return &item[i];
}

static int to_registers(struct distinct *d) {
  bool grew;
  d->reg = mem_zalloc((size_t)1 << d->bits);
  if (!d->reg) return ERR_NOMEM;
  for (uint32_t i = 0; i < d->size; i++)
    if (d->exact[i]) note(d, d->exact[i], &grew);
  mem_free(d->exact);
  d->exact = NULL;
  d->count = d->size = 0;
  return 0;
}

static int grow(struct distinct *d) {
  uint32_t size = d->size ? d->size * 2 : START;
  uint64_t *item = mem_zalloc(size * sizeof *item);
  if (!item) return ERR_NOMEM;
  for (uint32_t i = 0; i < d->size; i++)
    if (d->exact[i]) *slot(item, size, d->exact[i]) = d->exact[i];
  mem_free(d->exact);
  d->exact = item;
  d->size = size;
  return 0;
}

int distinct_add(struct distinct *d, uint64_t h) {
  bool grew;
  if (!h) h = 1;
  if (d->reg) {
    note(d, h, &grew);
    return grew;
  }
  if ((d->count + 1) * 4 > d->size * 3) {
    int rc = grow(d);
    if (rc < 0) return rc;
  }
  uint64_t *s = slot(d->exact, d->size, h);
  if (*s) return 0;
  if (d->count == d->most) {
    int rc = to_registers(d);
    if (rc < 0) return rc;
    note(d, h, &grew);
    return 1;
  }
  *s = h;
  d->count++;
  return 1;
}

/* Linear counting while many registers are empty; 64-bit hashes need no correction at the top. */
uint64_t distinct_count(const struct distinct *d) {
  if (!d->reg) return d->count;
  uint32_t m = 1u << d->bits, empty = 0;
  double sum = 0, alpha = d->bits == 4   ? 0.673
                          : d->bits == 5 ? 0.697
                          : d->bits == 6 ? 0.709
                                         : 0.7213 / (1 + 1.079 / m);
  for (uint32_t i = 0; i < m; i++) {
    empty += d->reg[i] == 0;
    sum += ldexp(1, -(int)d->reg[i]);
  }
  double e = alpha * m * m / sum;
  if (e <= 2.5 * m && empty) e = m * log((double)m / empty);
  uint64_t n = (uint64_t)(e + 0.5);
  return n > d->most ? n : d->most + 1ULL;
}

size_t distinct_size(const struct distinct *d) {
  return d->reg ? 2 + ((size_t)1 << d->bits) : 2 + (size_t)d->count * 8;
}

static int order(uint64_t a, uint64_t b) { return a < b ? -1 : a > b; }

/* Sorted, so that what is stored does not depend on the order of arrival. */
static void sort(uint64_t *v, uint32_t n) {
  for (uint32_t gap = n / 2; gap; gap /= 2)
    for (uint32_t i = gap; i < n; i++) {
      uint64_t x = v[i];
      uint32_t k = i;
      for (; k >= gap && order(x, v[k - gap]) < 0; k -= gap) v[k] = v[k - gap];
      v[k] = x;
    }
}

void distinct_save(const struct distinct *d, uint8_t *out) {
  out[0] = d->reg ? SAVE_REG : SAVE_EXACT;
  out[1] = d->bits;
  if (d->reg) {
    memcpy(out + 2, d->reg, (size_t)1 << d->bits);
    return;
  }
  uint64_t v[DISTINCT_EXACT];
  uint32_t n = 0;
  for (uint32_t i = 0; i < d->size && n < DISTINCT_EXACT; i++)
    if (d->exact[i]) v[n++] = d->exact[i];
  sort(v, n);
  if (n) memcpy(out + 2, v, n * sizeof *v);
}

int distinct_load(struct distinct *d, struct span in) {
  if (in.len < 2 || in.base[1] != d->bits) return ERR_SYNTAX;
  struct span rest = span_skip(in, 2);
  if (in.base[0] == SAVE_REG) {
    if (rest.len != (size_t)1 << d->bits) return ERR_SYNTAX;
    distinct_done(d);
    d->reg = mem_alloc(rest.len);
    if (!d->reg) return ERR_NOMEM;
    memcpy(d->reg, rest.base, rest.len);
    return 0;
  }
  if (in.base[0] != SAVE_EXACT || rest.len % 8) return ERR_SYNTAX;
  for (size_t i = 0; i < rest.len; i += 8) {
    uint64_t h;
    memcpy(&h, rest.base + i, 8);
    int rc = distinct_add(d, h);
    if (rc < 0) return rc;
  }
  return 0;
}
