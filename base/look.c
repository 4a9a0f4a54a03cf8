/* SPDX-License-Identifier: Apache-2.0 */
/* Sixteen bytes at a time where the processor has SSE2, one by one elsewhere. */
#include "base/look.h"

enum kind { DIGIT, LETTER, HEX, DOT, DASH, COLON, SPACE, HIGH, CODE, MAIL, STAR, COMMA, EQUAL, KINDS };
/* One bit a byte. */
struct marks {
  uint16_t at[KINDS];
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

static inline void mark(const uint8_t *p, size_t n, struct marks *m) {
  __m128i v = n >= 16 ? _mm_loadu_si128((const __m128i *)(const void *)p) : load_part(p, n);
  __m128i letter = _mm_sub_epi8(_mm_or_si128(v, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
  __m128i digit = upto(_mm_sub_epi8(v, _mm_set1_epi8('0')), 9);
  uint16_t valid = (uint16_t)(n >= 16 ? 0xffff : (1u << n) - 1);
  m->at[DIGIT] = bits(digit);
  m->at[LETTER] = bits(upto(letter, 25));
  m->at[HEX] = bits(_mm_or_si128(digit, upto(letter, 5)));
  m->at[DOT] = bits(is(v, '.'));
  m->at[DASH] = bits(is(v, '-'));
  m->at[COLON] = bits(is(v, ':'));
  m->at[SPACE] = bits(upto(v, ' ')) & valid;
  m->at[HIGH] = bits(v);
  m->at[EQUAL] = bits(is(v, '='));
  m->at[CODE] = bits(_mm_or_si128(_mm_or_si128(is(v, '_'), is(v, '+')), is(v, '/'))) | m->at[EQUAL];
  m->at[MAIL] = bits(is(v, '@'));
  m->at[STAR] = bits(is(v, '*'));
  m->at[COMMA] = bits(is(v, ','));
}
#else
static inline void mark(const uint8_t *p, size_t n, struct marks *m) {
  *m = (struct marks){0};
  for (size_t i = 0; i < n && i < 16; i++) {
    uint8_t c = p[i], l = c | 32;
    uint16_t bit = (uint16_t)(1u << i);
    bool digit = c >= '0' && c <= '9';
    if (digit) m->at[DIGIT] |= bit;
    if (l >= 'a' && l <= 'z') m->at[LETTER] |= bit;
    if (digit || (l >= 'a' && l <= 'f')) m->at[HEX] |= bit;
    if (c == '.') m->at[DOT] |= bit;
    if (c == '-') m->at[DASH] |= bit;
    if (c == ':') m->at[COLON] |= bit;
    if (c <= ' ') m->at[SPACE] |= bit;
    if (c >= 0x80) m->at[HIGH] |= bit;
    if (c == '=') m->at[EQUAL] |= bit;
    if (c == '_' || c == '+' || c == '/' || c == '=') m->at[CODE] |= bit;
    if (c == '@') m->at[MAIL] |= bit;
    if (c == '*') m->at[STAR] |= bit;
    if (c == ',') m->at[COMMA] |= bit;
  }
}
#endif

static inline uint8_t more(uint8_t had, uint16_t m) { return (uint8_t)(had + __builtin_popcount(m)); }

void look_at(struct span s, struct look *out) {
  struct look l = {0};
  struct marks m;
  for (size_t i = 0; i < s.len && i < LOOK_MAX; i += 16) {
    mark(s.base + i, s.len - i, &m);
    l.digits = more(l.digits, m.at[DIGIT]);
    l.letters = more(l.letters, m.at[LETTER]);
    l.hex = more(l.hex, m.at[HEX]);
    l.dots = more(l.dots, m.at[DOT]);
    l.dashes = more(l.dashes, m.at[DASH]);
    l.colons = more(l.colons, m.at[COLON]);
    l.spaces = more(l.spaces, m.at[SPACE]);
    l.high = more(l.high, m.at[HIGH]);
    l.code = more(l.code, m.at[CODE]);
    l.mail |= m.at[MAIL] != 0;
    l.star |= m.at[STAR] != 0;
    l.named |= (m.at[COLON] | m.at[COMMA] | m.at[EQUAL]) != 0;
    if (i >= LOOK_BITS) continue;
    l.digit_at |= (uint64_t)m.at[DIGIT] << i;
    l.letter_at |= (uint64_t)m.at[LETTER] << i;
    l.mail_at |= (uint64_t)m.at[MAIL] << i;
  }
  *out = l;
}
