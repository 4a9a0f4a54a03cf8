/* SPDX-License-Identifier: Apache-2.0 */
/* Sixteen bytes at a time where the processor has SSE2, one by one elsewhere. */
#include "base/look.h"

enum kind { DIGIT, LETTER, HIGH, MAIL, STAR, NAMED, KINDS };
enum part { LETTERS, HEX, DOT, DASH, COLON, SPACE, BEYOND, CODE, PARTS };
/* One bit a byte. */
struct marks {
  uint16_t at[KINDS];
};
struct part_marks {
  uint16_t at[PARTS];
};

#if defined(__SSE2__)
#include <emmintrin.h>

static inline uint64_t load(const uint8_t *p, size_t n) {
  uint64_t v = 0;
  memcpy(&v, p, n);
  return v;
}

/* Fewer than sixteen bytes, without touching what stands behind them. */
static inline __m128i load_part(const uint8_t *p, size_t n) {
  uint64_t lo, hi = 0;
  if (n >= 8) {
    lo = load(p, 8);
    if (n > 8) hi = load(p + n - 8, 8) >> (8 * (16 - n));
  } else if (n >= 4) {
    lo = load(p, 4) | load(p + n - 4, 4) << (8 * (n - 4));
  } else {
    lo = (uint64_t)p[0] | (uint64_t)p[n / 2] << (8 * (n / 2)) | (uint64_t)p[n - 1] << (8 * (n - 1));
  }
  return _mm_set_epi64x((long long)hi, (long long)lo);
}

static inline __m128i upto(__m128i v, char most) {
  return _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(most)), v);
}
static inline __m128i is(__m128i v, char c) { return _mm_cmpeq_epi8(v, _mm_set1_epi8(c)); }
static inline uint16_t bits(__m128i v) { return (uint16_t)_mm_movemask_epi8(v); }

static inline __m128i load_some(const uint8_t *p, size_t n) {
  return n >= 16 ? _mm_loadu_si128((const __m128i *)(const void *)p) : load_part(p, n);
}
static inline __m128i digits_of(__m128i v) { return upto(_mm_sub_epi8(v, _mm_set1_epi8('0')), 9); }
static inline __m128i from_a(__m128i v) {
  return _mm_sub_epi8(_mm_or_si128(v, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
}

static inline void mark(const uint8_t *p, size_t n, struct marks *m) {
  __m128i v = load_some(p, n);
  m->at[DIGIT] = bits(digits_of(v));
  m->at[LETTER] = bits(upto(from_a(v), 25));
  m->at[HIGH] = bits(v);
  m->at[MAIL] = bits(is(v, '@'));
  m->at[STAR] = bits(is(v, '*'));
  m->at[NAMED] = bits(_mm_or_si128(_mm_or_si128(is(v, '='), is(v, ':')), is(v, ',')));
}

static inline void mark_parts(const uint8_t *p, size_t n, struct part_marks *m) {
  __m128i v = load_some(p, n), letter = from_a(v);
  uint16_t valid = (uint16_t)(n >= 16 ? 0xffff : (1u << n) - 1);
  m->at[LETTERS] = bits(upto(letter, 25));
  m->at[HEX] = bits(_mm_or_si128(digits_of(v), upto(letter, 5)));
  m->at[DOT] = bits(is(v, '.'));
  m->at[DASH] = bits(is(v, '-'));
  m->at[COLON] = bits(is(v, ':'));
  m->at[SPACE] = bits(upto(v, ' ')) & valid;
  m->at[BEYOND] = bits(v);
  m->at[CODE] =
      bits(_mm_or_si128(_mm_or_si128(is(v, '_'), is(v, '+')), _mm_or_si128(is(v, '/'), is(v, '='))));
}
#else
static inline void mark(const uint8_t *p, size_t n, struct marks *m) {
  *m = (struct marks){0};
  for (size_t i = 0; i < n && i < 16; i++) {
    uint8_t c = p[i], l = c | 32;
    uint16_t bit = (uint16_t)(1u << i);
    if (c >= '0' && c <= '9') m->at[DIGIT] |= bit;
    if (l >= 'a' && l <= 'z') m->at[LETTER] |= bit;
    if (c >= 0x80) m->at[HIGH] |= bit;
    if (c == '@') m->at[MAIL] |= bit;
    if (c == '*') m->at[STAR] |= bit;
    if (c == '=' || c == ':' || c == ',') m->at[NAMED] |= bit;
  }
}

static inline void mark_parts(const uint8_t *p, size_t n, struct part_marks *m) {
  *m = (struct part_marks){0};
  for (size_t i = 0; i < n && i < 16; i++) {
    uint8_t c = p[i], l = c | 32;
    uint16_t bit = (uint16_t)(1u << i);
    if (l >= 'a' && l <= 'z') m->at[LETTERS] |= bit;
    if ((c >= '0' && c <= '9') || (l >= 'a' && l <= 'f')) m->at[HEX] |= bit;
    if (c == '.') m->at[DOT] |= bit;
    if (c == '-') m->at[DASH] |= bit;
    if (c == ':') m->at[COLON] |= bit;
    if (c <= ' ') m->at[SPACE] |= bit;
    if (c >= 0x80) m->at[BEYOND] |= bit;
    if (c == '_' || c == '+' || c == '/' || c == '=') m->at[CODE] |= bit;
  }
}
#endif

static inline uint8_t more(uint8_t had, uint16_t m) { return (uint8_t)(had + __builtin_popcount(m)); }

/* Most values are of one block. */
static inline void look_block(const struct marks *m, struct look *out) {
  *out = (struct look){m->at[DIGIT],     m->at[LETTER],    m->at[MAIL],      more(0, m->at[DIGIT]),
                       m->at[HIGH] != 0, m->at[MAIL] != 0, m->at[STAR] != 0, m->at[NAMED] != 0};
}

void look_at(struct span s, struct look *out) {
  struct marks m;
  if (!s.len) {
    *out = (struct look){0};
    return;
  }
  mark(s.base, s.len, &m);
  look_block(&m, out);
  for (size_t i = 16; i < s.len && i < LOOK_MAX; i += 16) {
    mark(s.base + i, s.len - i, &m);
    out->digits = more(out->digits, m.at[DIGIT]);
    out->high |= m.at[HIGH] != 0;
    out->mail |= m.at[MAIL] != 0;
    out->star |= m.at[STAR] != 0;
    out->named |= m.at[NAMED] != 0;
    if (i >= LOOK_BITS) continue;
    out->digit_at |= (uint64_t)m.at[DIGIT] << i;
    out->letter_at |= (uint64_t)m.at[LETTER] << i;
    out->mail_at |= (uint64_t)m.at[MAIL] << i;
  }
}

void look_closer(struct span s, struct look_parts *out) {
  struct look_parts l = {0};
  struct part_marks m;
  for (size_t i = 0; i < s.len && i < LOOK_MAX; i += 16) {
    mark_parts(s.base + i, s.len - i, &m);
    l.letters = more(l.letters, m.at[LETTERS]);
    l.hex = more(l.hex, m.at[HEX]);
    l.dots = more(l.dots, m.at[DOT]);
    l.dashes = more(l.dashes, m.at[DASH]);
    l.colons = more(l.colons, m.at[COLON]);
    l.spaces = more(l.spaces, m.at[SPACE]);
    l.high = more(l.high, m.at[BEYOND]);
    l.code = more(l.code, m.at[CODE]);
  }
  *out = l;
}
