/* SPDX-License-Identifier: Apache-2.0 */
/* Searching, comparing and reading borrowed bytes. */
#include "base/span.h"
#include "base/ascii.h"
#include "base/err.h"

static bool same_nocase(const uint8_t *a, const uint8_t *b, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (ascii_lower(a[i]) != ascii_lower(b[i])) return false;
  return true;
}

bool span_eq_nocase(struct span a, struct span b) {
  return a.len == b.len && same_nocase(a.base, b.base, a.len);
}

bool span_starts_nocase(struct span s, struct span prefix) {
  return s.len >= prefix.len && same_nocase(s.base, prefix.base, prefix.len);
}

/* Names and words are short, and memmem prepares itself for longer than the search takes. */
enum { SPAN_SHORT = 128 };

static size_t find_short(struct span s, struct span needle) {
  const uint8_t *p = s.base, *last = s.base + (s.len - needle.len);
  while (p <= last && (p = memchr(p, needle.base[0], (size_t)(last - p) + 1))) {
    if (memcmp(p, needle.base, needle.len) == 0) return (size_t)(p - s.base);
    p++;
  }
  return s.len;
}

size_t span_find(struct span s, struct span needle) {
  if (!needle.len) return 0;
  if (needle.len > s.len) return s.len;
  if (s.len <= SPAN_SHORT) return find_short(s, needle);
  const uint8_t *p = memmem(s.base, s.len, needle.base, needle.len);
  return p ? (size_t)(p - s.base) : s.len;
}

size_t span_find_nocase(struct span s, struct span needle) {
  if (!needle.len) return 0;
  if (needle.len > s.len) return s.len;
  uint8_t lo = ascii_lower(needle.base[0]);
  uint8_t up = (uint8_t)(lo - 'a') < 26 ? (uint8_t)(lo & ~0x20) : lo;
  for (size_t i = 0, last = s.len - needle.len; i <= last; i++) {
    uint8_t c = s.base[i];
    if ((c == lo || c == up) && same_nocase(s.base + i, needle.base, needle.len)) return i;
  }
  return s.len;
}

static inline bool blank(uint8_t c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

struct span span_trim(struct span s) {
  while (s.len && blank(s.base[s.len - 1])) s.len--;
  while (s.len && blank(s.base[0])) s.base++, s.len--;
  return s;
}

struct span span_cut(struct span *s, uint8_t sep) {
  size_t i = span_index(*s, sep);
  struct span front = {s->base, i};
  *s = span_skip(*s, i < s->len ? i + 1 : i);
  return front;
}

int span_u64(struct span s, uint64_t *out) {
  if (!s.len) return ERR_SYNTAX;
  uint64_t v = 0;
  bool over = false;
  for (size_t i = 0; i < s.len; i++) {
    uint8_t d = (uint8_t)(s.base[i] - '0');
    if (d > 9) return ERR_SYNTAX;
    over |= __builtin_mul_overflow(v, 10, &v);
    over |= __builtin_add_overflow(v, d, &v);
  }
  if (over) return ERR_RANGE;
  *out = v;
  return 0;
}

bool span_text(char *to, size_t size, struct span s) {
  size_t n = s.len < size ? s.len : size - 1;
  if (n) memcpy(to, s.base, n);
  to[n] = 0;
  return n == s.len;
}

int span_cmp(struct span a, struct span b) {
  size_t n = a.len < b.len ? a.len : b.len;
  int c = n ? memcmp(a.base, b.base, n) : 0;
  return c ? c : (a.len > b.len) - (a.len < b.len);
}
