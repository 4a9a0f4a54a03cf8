/* SPDX-License-Identifier: Apache-2.0 */
/* Rules out texts that hold none of many literals. */
#include "base/sieve.h"

/* What a byte of a literal tells: most texts are of small letters, digits and blanks. The nibbles of marks stand
 * for no letter and no digit, those of capitals for no small letter. */
enum kind { PLAIN, MARK, CAPITAL, HIGH };

static enum kind kind_of(uint8_t c) {
  if (c >= 0x80) return HIGH;
  if (c >= 'A' && c <= 'Z') return CAPITAL;
  return c && strchr("-./:=_", c) ? MARK : PLAIN;
}

/* The place of the first byte of such a kind, or n. */
static unsigned first_of(const uint8_t *p, unsigned n, enum kind kind) {
  unsigned k = 0;
  while (k < n && kind_of(p[k]) != kind) k++;
  return k;
}

/* Literals that tell by the same kind of byte at the same place are one group: marks at the first or last, capitals
 * at the first or second. */
static uint8_t group_of(const uint8_t *p, unsigned n) {
  enum { FIRST_MARK, REST, LAST_MARK, CAPITALS, RARE = 5, OTHERS };
  unsigned g = REST;
  if (kind_of(p[0]) == HIGH)
    g = OTHERS + (p[0] & 1);
  else if (kind_of(p[0]) == MARK)
    g = FIRST_MARK;
  else if (n == SIEVE_BYTES && kind_of(p[2]) == MARK)
    g = LAST_MARK;
  else if (first_of(p, n, CAPITAL) < 2)
    g = CAPITALS + first_of(p, n, CAPITAL);
  else if (p[0] == 'w' || p[0] == 'o')
    g = RARE;
  return (uint8_t)(1u << g);
}

static void join(struct sieve_tables *t, const uint8_t *p, unsigned n) {
  uint8_t group = group_of(p, n);
  for (unsigned k = 0; k < n; k++) t->low[k][p[k] & 15] |= group, t->high[k][p[k] >> 4] |= group;
  for (unsigned k = n; k < SIEVE_BYTES; k++) /* any byte */
    for (unsigned i = 0; i < 16; i++) t->low[k][i] |= group, t->high[k][i] |= group;
}

static inline unsigned place(const uint8_t *p) {
  return ((unsigned)p[0] << 16 | (unsigned)p[1] << 8 | p[2]) * 0x9e3779b1u >> 16;
}
static inline unsigned pair_place(const uint8_t *p) { return (p[0] * 37u ^ p[1] * 5u) % SIEVE_PAIRS; }

/* The neighbours that tell most: of a group with a mark or a capital, and the rarest of these. */
static unsigned worth(const uint8_t *p) {
  unsigned sum = group_of(p, SIEVE_BYTES) == group_of((const uint8_t[]){'a', 'a', 'a'}, SIEVE_BYTES) ? 0 : 16;
  for (unsigned k = 0; k < SIEVE_BYTES; k++) {
    enum kind kind = kind_of(p[k]);
    sum += kind == CAPITAL                                       ? 4
           : kind == MARK                                        ? 3
           : kind == HIGH || (p[k] && strchr(" etaoinsr", p[k])) ? 0
                                                                 : 1;
  }
  return sum;
}

static const uint8_t *telling(struct span literal) {
  const uint8_t *best = literal.base, *last = literal.base + literal.len - SIEVE_BYTES;
  for (const uint8_t *p = best; p <= last; p++)
    if (worth(p) > worth(best)) best = p;
  return best;
}

void sieve_add(struct sieve *s, struct span literal) {
  const uint8_t *p = literal.base;
  if (literal.len >= SIEVE_BYTES) {
    p = telling(literal);
    join(&s->tables, p, SIEVE_BYTES);
    s->set[place(p) / 64] |= 1ULL << place(p) % 64;
  } else if (literal.len == 2) {
    join(&s->tables, p, 2);
    s->pair[pair_place(p) / 64] |= 1ULL << pair_place(p) % 64;
    s->pairs = true;
  } else {
    s->open = true;
  }
}

static inline bool has_pair(const struct sieve *s, const uint8_t *p) {
  unsigned i = pair_place(p);
  return s->pair[i / 64] >> i % 64 & 1;
}

static inline bool in_set(const struct sieve *s, const uint8_t *p) {
  unsigned i = place(p);
  return (s->set[i / 64] >> i % 64 & 1) || (s->pairs && has_pair(s, p));
}

#if defined(__SSSE3__)
#include <tmmintrin.h>
enum { BLOCK = 16 };

static inline __m128i load(const uint8_t *p) { return _mm_loadu_si128((const __m128i *)(const void *)p); }

/* Groups whose byte k may stand at each of sixteen places. */
static inline __m128i groups(const struct sieve_tables *t, unsigned k, const uint8_t *p) {
  const __m128i nibble = _mm_set1_epi8(15);
  __m128i v = load(p);
  __m128i low = _mm_shuffle_epi8(load(t->low[k]), _mm_and_si128(v, nibble));
  __m128i high = _mm_shuffle_epi8(load(t->high[k]), _mm_and_si128(_mm_srli_epi16(v, 4), nibble));
  return _mm_and_si128(low, high);
}

/* Sixteen places from p on, which has SIEVE_BYTES - 1 bytes more. */
static inline bool block(const struct sieve *s, const uint8_t *p) {
  const struct sieve_tables *t = &s->tables;
  __m128i all = _mm_and_si128(_mm_and_si128(groups(t, 0, p), groups(t, 1, p + 1)), groups(t, 2, p + 2));
  unsigned hit = ~(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(all, _mm_setzero_si128())) & 0xffff;
  for (; hit; hit &= hit - 1)
    if (in_set(s, p + __builtin_ctz(hit))) return true;
  return false;
}
#else
enum { BLOCK = 1 };

static inline bool block(const struct sieve *s, const uint8_t *p) { return in_set(s, p); }
#endif

bool sieve_may(const struct sieve *s, struct span text) {
  enum { LEAST = BLOCK + SIEVE_BYTES - 1 };
  if (s->open) return true;
  if (s->pairs && text.len >= 2 && has_pair(s, text.base + text.len - 2))
    return true; /* nothing may follow */
  if (text.len < LEAST) {
    uint8_t padded[LEAST] = {0};
    if (text.len) memcpy(padded, text.base, text.len);
    return block(s, padded);
  }
  const uint8_t *p = text.base, *last = text.base + text.len - LEAST;
  for (; p < last; p += BLOCK)
    if (block(s, p)) return true;
  return block(s, last);
}
