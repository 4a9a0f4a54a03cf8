/* SPDX-License-Identifier: Apache-2.0 */
/* Remembers what a function of a short text gave: names of headers and words of paths come again and again. Direct-mapped, so it
 * never grows; what it gives is what the function would give again. Zeroed memory is an empty memo. */
#ifndef BASE_MEMO_H
#define BASE_MEMO_H

#include "base/span.h"

enum { MEMO_SLOTS = 256, MEMO_TEXT = 30 };
struct memo_slot {
  uint8_t len; /* 0: empty */
  uint8_t value;
  uint8_t text[MEMO_TEXT];
};
struct memo {
  struct memo_slot slot[MEMO_SLOTS];
};

/** Up to eight bytes as a word. */
static inline uint64_t memo_word(const uint8_t *p, size_t n) {
  uint64_t v = 0;
  if (n >= 8) return memcpy(&v, p, 8), v;
  if (n >= 4) {
    uint32_t a, b;
    memcpy(&a, p, 4);
    memcpy(&b, p + n - 4, 4);
    return (uint64_t)a << 32 | b;
  }
  for (size_t i = 0; i < n; i++) v = v << 8 | p[i];
  return v;
}
/** The place of a text; NULL where it is empty or too long to be remembered. */
static inline struct memo_slot *memo_slot(struct memo *m, struct span s) {
  if (!s.len || s.len > MEMO_TEXT) return NULL;
  size_t end = s.len < 8 ? s.len : 8;
  uint64_t h = memo_word(s.base, end) ^ memo_word(s.base + s.len - end, end) * 3;
  return &m->slot[(h + s.len) * 0x9e3779b97f4a7c15ULL >> 56];
}
/** Whether a place holds this text. */
static inline bool memo_has(const struct memo_slot *slot, struct span s) {
  return slot && slot->len == s.len && memcmp(slot->text, s.base, s.len) == 0;
}
static inline void memo_put(struct memo_slot *slot, struct span s, uint8_t value) {
  if (!slot) return;
  slot->len = (uint8_t)s.len;
  slot->value = value;
  memcpy(slot->text, s.base, s.len);
}

#endif
