/* SPDX-License-Identifier: Apache-2.0 */
/* What a text has that may matter: digits, bytes beyond ASCII, '@', and what stands between a name and its value. */
#ifndef ANALYTICS_DATA_PROFILE_H
#define ANALYTICS_DATA_PROFILE_H

#include "base/span.h"

struct profile {
  size_t digits;
  bool high, mail, named;
};

#if defined(__SSE2__)
#include <emmintrin.h>
static inline void profile_block(__m128i v, struct profile *p, unsigned *seen) {
  const __m128i zero = _mm_set1_epi8('0' - 128), nine = _mm_set1_epi8(9 - 128);
  __m128i d = _mm_sub_epi8(v, zero); /* digits become -128…-119 */
  __m128i is_digit = _mm_cmpgt_epi8(_mm_add_epi8(nine, _mm_set1_epi8(1)), d);
  __m128i sums = _mm_sad_epu8(_mm_sub_epi8(_mm_setzero_si128(), is_digit), _mm_setzero_si128());
  __m128i named = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('=')), _mm_cmpeq_epi8(v, _mm_set1_epi8(':')));
  named = _mm_or_si128(named, _mm_cmpeq_epi8(v, _mm_set1_epi8(',')));
  p->digits += (size_t)(_mm_cvtsi128_si32(sums) + _mm_extract_epi16(sums, 4));
  seen[0] |= (unsigned)_mm_movemask_epi8(v);
  seen[1] |= (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('@')));
  seen[2] |= (unsigned)_mm_movemask_epi8(named);
}
static inline struct profile profile_of(struct span t) {
  struct profile p = {0, false, false, false};
  unsigned seen[3] = {0, 0, 0};
  size_t i = 0;
  for (; t.len - i >= 16; i += 16)
    profile_block(_mm_loadu_si128((const __m128i *)(const void *)(t.base + i)), &p, seen);
  if (i < t.len) {
    uint8_t rest[16] = {0};
    memcpy(rest, t.base + i, t.len - i);
    profile_block(_mm_loadu_si128((const __m128i *)(const void *)rest), &p, seen);
  }
  p.high = seen[0] != 0;
  p.mail = seen[1] != 0;
  p.named = seen[2] != 0;
  return p;
}
#else
static inline struct profile profile_of(struct span t) {
  struct profile p = {0, false, false, false};
  for (size_t i = 0; i < t.len; i++) {
    uint8_t c = t.base[i];
    p.digits += (uint8_t)(c - '0') < 10;
    p.high |= c >= 0x80;
    p.mail |= c == '@';
    p.named |= c == '=' || c == ':' || c == ',';
  }
  return p;
}
#endif

#endif
