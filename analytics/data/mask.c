/* SPDX-License-Identifier: Apache-2.0 */
/* Masked forms: what may be shown of a value. */
#include "analytics/data/classes.h"

enum { MASK_MAX = 96 };

static size_t chars(struct span v) {
  size_t n, count = 0;
  for (; v.len; v = span_skip(v, n)) {
    validate_char(v, &n);
    count++;
  }
  return count;
}

static size_t prefix(struct span v, size_t count) {
  size_t n, at = 0;
  for (; count && at < v.len; count--) {
    validate_char(span_skip(v, at), &n);
    at += n;
  }
  return at < v.len ? at : v.len;
}

/* Head and tail stay; never more than half of the value in all. */
static struct span keep(struct span v, size_t head, size_t tail, struct arena *arena) {
  size_t n = chars(v);
  if (head + tail > n / 2) {
    tail = 0;
    head = head < n / 2 ? head : n / 2;
  }
  size_t stars = n - head - tail;
  if (stars > 16) stars = 16;
  struct span h = span_head(v, prefix(v, head)), t = span_skip(v, prefix(v, n - tail));
  if (!tail) t.len = 0;
  return arena_printf(arena, "%.*s%.*s%.*s", SPAN_FMT(h), (int)stars, "****************", SPAN_FMT(t));
}

static struct span card(struct span v, struct arena *arena) {
  char d[24];
  size_t n = validate_digits(v, d, sizeof d);
  if (n < 12) return keep(v, 0, 4, arena);
  return arena_printf(arena, "%.4s **** **** %.4s", d, d + n - 4);
}

static struct span email(struct span v, struct arena *arena) {
  size_t at = span_index(v, '@');
  if (at == v.len) return keep(v, 1, 0, arena);
  struct span domain = span_skip(v, at);
  return arena_printf(arena, "%.1s***%.*s", (const char *)v.base, SPAN_FMT(domain));
}

struct span mask_value(const struct class_mask *m, struct span v, struct arena *arena) {
  if (v.len > MASK_MAX) v.len = prefix(span_head(v, MASK_MAX), MASK_MAX / 4);
  switch (m->style) {
  case MASK_CARD: return card(v, arena);
  case MASK_EMAIL: return email(v, arena);
  case MASK_KEEP: return keep(v, m->head, m->tail, arena);
  default: return arena_copy(arena, SPAN_LIT("********"));
  }
}
