/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the scanner share. */
#ifndef ANALYTICS_DATA_SCAN_STATE_H
#define ANALYTICS_DATA_SCAN_STATE_H

#include "analytics/data/literals.h"
#include "analytics/data/scan.h"

enum { SCAN_CACHE = 2048, SCAN_REFUSED = 8 };

struct scan_cached {
  uint64_t hash;
  struct class_hints hints;
};
struct scan {
  const struct classes *classes;
  struct literals_scratch *literals;
  uint64_t *claimed; /* a bit per byte of the text */
  size_t room;       /* words */
  bool missed;       /* memory, for a text */
  struct scan_cached cache[SCAN_CACHE];
  /* the text in hand */
  struct span text;
  const struct class_hints *hints;
  bool skip_credentials;
  scan_fn fn;
  void *user;
  unsigned found;
  size_t last; /* length of the last one */
  /* where a maker's prefix stands and the rest is not of its form: no token of any kind begins there */
  size_t refused[SCAN_REFUSED];
  unsigned nrefused;
};

static inline bool scan_is_digit(uint8_t c) { return c >= '0' && c <= '9'; }
static inline bool scan_is_alpha(uint8_t c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }
static inline bool scan_is_alnum(uint8_t c) { return scan_is_digit(c) || scan_is_alpha(c); }
static inline uint8_t scan_at(const struct scan *s, size_t i) {
  return i < s->text.len ? s->text.base[i] : 0;
}
static inline uint8_t scan_before(const struct scan *s, size_t i) { return i > 0 ? s->text.base[i - 1] : 0; }

/** Whether the first or last byte belongs to a value found already. */
static inline bool scan_claimed(const struct scan *s, size_t from, size_t to) {
  return (s->claimed[from / 64] >> (from % 64) & 1) ||
         (to > from && s->claimed[(to - 1) / 64] >> ((to - 1) % 64) & 1);
}

/** Report the value from…to as one of this class; its bytes are claimed. */
void scan_hit(struct scan *s, unsigned item, size_t from, size_t to);
/** The class of the value at from…to among those of a shape: one that the context names, else one that needs none. Whether any. */
bool scan_shape(struct scan *s, enum shape shape, size_t from, size_t to);
/** Look at all runs of letters and digits; the second over the bits of a text of at most LOOK_BITS. */
void scan_runs(struct scan *s);
void scan_short_runs(struct scan *s, const struct look *look);

#endif
