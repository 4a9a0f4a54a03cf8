/* SPDX-License-Identifier: Apache-2.0 */
/* Strings and bytes of Hessian. Lengths of strings are in UTF-16 units; Java sends each half of a pair as three bytes of its own. */
#include "base/err.h"
#include "dissect/body/hessian.h"

#include <stdio.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Bytes of plain ASCII at the front, at most n. */
static size_t ascii_run(const uint8_t *p, size_t n) {
  size_t i = 0;
#if defined(__SSE2__)
  for (; n - i >= 16; i += 16)
    if (_mm_movemask_epi8(_mm_loadu_si128((const __m128i *)(const void *)(p + i)))) break;
#endif
  while (i < n && p[i] < 0x80) i++;
  return i;
}

/* Take n UTF-16 units' worth of bytes; *halves when a half of a pair is among them. */
static struct span take_units(struct reader *r, uint64_t n, bool *halves) {
  const uint8_t *from = r->pos, *p = from;
  while (n) {
    size_t left = (size_t)(r->end - p);
    size_t run = ascii_run(p, n < left ? (size_t)n : left);
    p += run;
    n -= run;
    left -= run;
    if (!n) break;
    if (!left) {
      reader_fail(r);
      return (struct span){from, (size_t)(p - from)};
    }
    size_t size = *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;
    if (size > left) {
      reader_fail(r);
      return (struct span){from, (size_t)(p - from)};
    }
    if (size == 3 && p[0] == 0xed && p[1] >= 0xa0) *halves = true;
    n -= size == 4 && n > 1 ? 2 : 1;
    p += size;
  }
  r->pos = p;
  return (struct span){from, (size_t)(p - from)};
}

static uint32_t half(const uint8_t *p) {
  return ((uint32_t)p[0] & 15) << 12 | ((uint32_t)p[1] & 63) << 6 | ((uint32_t)p[2] & 63);
}

/* Pairs of halves become one character of four bytes, which is shorter. */
static size_t join_halves(uint8_t *out, struct span s) {
  size_t n = 0;
  for (size_t i = 0; i < s.len;) {
    const uint8_t *p = s.base + i;
    bool pair = s.len - i >= 6 && p[0] == 0xed && p[1] >= 0xa0 && p[1] < 0xb0 && p[3] == 0xed && p[4] >= 0xb0;
    if (!pair) {
      out[n++] = *p;
      i++;
      continue;
    }
    uint32_t c = 0x10000 + ((half(p) - 0xd800) << 10) + (half(p + 3) - 0xdc00);
    n += walk_utf8(c, out + n);
    i += 6;
  }
  return n;
}

struct span hessian_text_joined(struct arena *arena, struct span s) {
  uint8_t *p = span_index(s, 0xed) < s.len ? arena_alloc(arena, s.len) : NULL;
  return p ? span_of(p, join_halves(p, s)) : s;
}

/* The years of the calendar begin in March here. */
void hessian_text_date(char out[HESSIAN_DATE_TEXT], int64_t ms) {
  int64_t days = ms / 86400000, of_day = ms % 86400000;
  if (of_day < 0) {
    of_day += 86400000;
    days--;
  }
  if (days < -719468 || days > 2932896) {
    snprintf(out, HESSIAN_DATE_TEXT, "%lld", (long long)ms);
    return;
  }
  int64_t z = days + 719468, era = z / 146097, doe = z % 146097;
  int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
  int month = (int)(mp < 10 ? mp + 3 : mp - 9), day = (int)(doy - (153 * mp + 2) / 5 + 1);
  int year = (int)(yoe + era * 400 + (month <= 2)), s = (int)(of_day / 1000);
  snprintf(out, HESSIAN_DATE_TEXT, "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month, day, s / 3600, s / 60 % 60,
           s % 60);
}

/* Length of the chunk that c heads; *last when none follows. False where c is no string (or, bytes: no binary). */
static bool chunk(struct hessian *h, uint8_t c, bool bytes, uint64_t *n, bool *last) {
  struct reader *r = &h->r;
  uint8_t small = bytes ? 0x20 : 0x00, size = bytes ? 16 : 32, middle = bytes ? 0x34 : 0x30;
  *last = true;
  if (h->first ? c == (bytes ? 'B' : 'S') || (!bytes && c == 'X') : c == (bytes ? 'B' : 'S')) {
    *n = reader_u16be(r);
  } else if (h->first ? c == (bytes ? 'b' : 's') || (!bytes && c == 'x') : c == (bytes ? 'A' : 'R')) {
    *n = reader_u16be(r);
    *last = false;
  } else if (!h->first && c >= small && c < small + size) {
    *n = (uint64_t)(c - small);
  } else if (!h->first && c >= middle && c < middle + 4) {
    *n = (uint64_t)(c - middle) << 8 | reader_u8(r);
  } else {
    return false;
  }
  return true;
}

/* Chunks of one string are joined by doubling, so that many small ones cost no more than their bytes. */
struct joined {
  uint8_t *base;
  size_t len, size;
};
static bool join(struct hessian *h, struct joined *j, struct span piece) {
  if (j->size - j->len < piece.len) {
    size_t size = (j->len + piece.len) * 2 + 64;
    uint8_t *p = arena_alloc(h->scratch, size);
    if (!p) return false;
    if (j->len) memcpy(p, j->base, j->len);
    j->base = p;
    j->size = size;
  }
  if (piece.len) memcpy(j->base + j->len, piece.base, piece.len);
  j->len += piece.len;
  return true;
}

/* The string or bytes whose first chunk c heads. */
int hessian_text_read(struct hessian *h, uint8_t c, bool bytes, struct span *out) {
  struct joined j = {0};
  bool last = false, halves = false;
  uint64_t n;
  *out = (struct span){0};
  for (bool again = false;; again = true) {
    if (!chunk(h, c, bytes, &n, &last)) return ERR_SYNTAX;
    struct span piece = bytes ? reader_take(&h->r, (size_t)n) : take_units(&h->r, n, &halves);
    if (!again && (last || h->r.bad)) {
      *out = piece;
      break;
    }
    if (h->scratch && !join(h, &j, piece)) return ERR_NOMEM;
    if (last || h->r.bad) {
      *out = span_of(j.base, j.len);
      break;
    }
    c = reader_u8(&h->r);
    if (h->r.bad) return ERR_TRUNC;
  }
  if (halves && h->scratch) *out = hessian_text_joined(h->scratch, *out);
  return 0;
}
