/* SPDX-License-Identifier: Apache-2.0 */
/* A borrowed run of bytes: pointer and length, never NUL-terminated. */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
  const uint8_t *base; /* may be NULL when len is 0 */
  size_t len;          /* bytes */
};

/** Span over a string literal, without its NUL. */
#define SPAN_LIT(s) ((struct span){(const uint8_t *)(s), sizeof(s) - 1})
/** printf's "%.*s" arguments for a span. */
#define SPAN_FMT(s) (int)(s).len, (const char *)(s).base

static inline struct span span_of(const void *base, size_t len) {
  return (struct span){(const uint8_t *)base, len};
}
static inline struct span span_str(const char *z) {
  return (struct span){(const uint8_t *)z, z ? strlen(z) : 0};
}
/** Drop up to n leading bytes. */
static inline struct span span_skip(struct span s, size_t n) {
  if (n > s.len) n = s.len;
  return (struct span){s.len ? s.base + n : s.base, s.len - n};
}
/** Keep at most the first n bytes. */
static inline struct span span_head(struct span s, size_t n) {
  return (struct span){s.base, s.len < n ? s.len : n};
}
static inline bool span_eq(struct span a, struct span b) {
  return a.len == b.len && (a.len == 0 || memcmp(a.base, b.base, a.len) == 0);
}
static inline bool span_starts(struct span s, struct span prefix) {
  return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.base, prefix.base, prefix.len) == 0);
}
static inline bool span_ends(struct span s, struct span tail) {
  return s.len >= tail.len && (tail.len == 0 || memcmp(s.base + s.len - tail.len, tail.base, tail.len) == 0);
}
/** One of the words of a list that ends with NULL? */
static inline bool span_in(struct span s, const char *const *list) {
  for (; *list; list++)
    if (span_eq(s, span_str(*list))) return true;
  return false;
}
/** Nothing but decimal digits, one at least? */
static inline bool span_is_digits(struct span s) {
  for (size_t i = 0; i < s.len; i++)
    if (s.base[i] < '0' || s.base[i] > '9') return false;
  return s.len > 0;
}
/** Does it end with one of them? */
static inline bool span_ends_in(struct span s, const char *const *list) {
  for (; *list; list++)
    if (span_ends(s, span_str(*list))) return true;
  return false;
}
/** Equal when ASCII letters are compared without case. */
bool span_eq_nocase(struct span a, struct span b);
bool span_starts_nocase(struct span s, struct span prefix);
/** Index of byte c, or s.len. */
static inline size_t span_index(struct span s, uint8_t c) {
  const uint8_t *p = s.len ? memchr(s.base, c, s.len) : NULL;
  return p ? (size_t)(p - s.base) : s.len;
}
/** Index of the first occurrence of needle, or s.len. */
size_t span_find(struct span s, struct span needle);
/** The same without ASCII case. */
size_t span_find_nocase(struct span s, struct span needle);
/** Without leading and trailing SP, HTAB, CR and LF. */
struct span span_trim(struct span s);
/** Take the text before sep off the front of *s (and sep itself); the whole rest where there is none. */
struct span span_cut(struct span *s, uint8_t sep);
/** Read an unsigned decimal that fills the whole span. ERR_SYNTAX, ERR_RANGE; *out untouched on failure. */
int span_u64(struct span s, uint64_t *out);
/** Copy what fits with a NUL behind it. False: s was cut. */
bool span_text(char *to, size_t size, struct span s);
/** Order as memcmp does, a shorter prefix first. */
int span_cmp(struct span a, struct span b);

#endif
