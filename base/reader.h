/* SPDX-License-Identifier: Apache-2.0 */
/* A cursor over bytes. A failed read gives zero, sets a sticky flag that is checked once at the end, and leaves nothing
 * to read, so that a loop over what is left ends. */
#ifndef BASE_READER_H
#define BASE_READER_H

#include "base/span.h"

struct reader {
  const uint8_t *pos, *end;
  bool bad; /* a read went past the end, or a varint was malformed */
};

static inline struct reader reader_of(struct span s) {
  return (struct reader){s.base, s.len ? s.base + s.len : s.base, false};
}
static inline size_t reader_left(const struct reader *r) { return (size_t)(r->end - r->pos); }
static inline struct span reader_rest(const struct reader *r) {
  return (struct span){r->pos, reader_left(r)};
}
/** Fail: set `bad` and go to the end. */
static inline void reader_fail(struct reader *r) {
  r->bad = true;
  r->pos = r->end;
}
/** Take n bytes; an empty span and `bad` when fewer are left. */
static inline struct span reader_take(struct reader *r, size_t n) {
  if (n > reader_left(r) || r->bad) {
    reader_fail(r);
    return (struct span){NULL, 0};
  }
  struct span s = {r->pos, n};
  r->pos += n;
  return s;
}
static inline void reader_skip(struct reader *r, size_t n) { (void)reader_take(r, n); }
static inline uint64_t reader_be(struct reader *r, unsigned n) {
  struct span s = reader_take(r, n);
  uint64_t v = 0;
  for (size_t i = 0; i < s.len; i++) v = v << 8 | s.base[i];
  return v;
}
static inline uint64_t reader_le(struct reader *r, unsigned n) {
  struct span s = reader_take(r, n);
  uint64_t v = 0;
  for (size_t i = s.len; i > 0; i--) v = v << 8 | s.base[i - 1];
  return v;
}
static inline uint8_t reader_u8(struct reader *r) { return (uint8_t)reader_be(r, 1); }
static inline uint16_t reader_u16be(struct reader *r) { return (uint16_t)reader_be(r, 2); }
static inline uint32_t reader_u24be(struct reader *r) { return (uint32_t)reader_be(r, 3); }
static inline uint32_t reader_u32be(struct reader *r) { return (uint32_t)reader_be(r, 4); }
static inline uint64_t reader_u64be(struct reader *r) { return reader_be(r, 8); }
static inline uint16_t reader_u16le(struct reader *r) { return (uint16_t)reader_le(r, 2); }
static inline uint32_t reader_u24le(struct reader *r) { return (uint32_t)reader_le(r, 3); }
static inline uint32_t reader_u32le(struct reader *r) { return (uint32_t)reader_le(r, 4); }
static inline uint64_t reader_u64le(struct reader *r) { return reader_le(r, 8); }
/** Base-128 varint, least significant group first (protobuf, Thrift compact, Kafka). At most 10 bytes. */
uint64_t reader_varint(struct reader *r);
/** Bytes up to sep, which is consumed and not returned; `bad` when sep does not occur. */
struct span reader_until(struct reader *r, uint8_t sep);

#endif
