/* SPDX-License-Identifier: Apache-2.0 */
/* HPACK's string code (RFC 7541 5.2, appendix B). */
#include "dissect/proto/hpack.h"
#include "dissect/proto/hpack_tables.h"

enum { FAST_BITS = 10 };

/* Symbol at the top of `window`; its length goes to *bits. */
static unsigned symbol(uint32_t window, unsigned *bits) {
  uint16_t f = hpack_tables_fast[window >> (32 - FAST_BITS)];
  if (f) {
    *bits = f >> 8;
    return f & 0xff;
  }
  const struct hpack_length *l = hpack_tables_lengths;
  while (window > l->last) l++;
  *bits = l->bits;
  return hpack_tables_symbols[l->index + ((window >> (32 - l->bits)) - l->first)];
}

int hpack_unpack(struct span in, struct buf *out) {
  int err = buf_reserve(out, in.len * 8 / 5 + 1);
  if (err < 0) return err;
  uint8_t *to = out->base + out->len;
  const uint8_t *p = in.base, *end = in.len ? in.base + in.len : in.base;
  uint64_t acc = 0; /* left aligned */
  unsigned have = 0;
  for (;;) {
    while (have <= 56 && p < end) {
      acc |= (uint64_t)*p++ << (56 - have);
      have += 8;
    }
    if (have < 5) break;
    unsigned bits, s = symbol((uint32_t)(acc >> 32) | (have < 32 ? UINT32_MAX >> have : 0), &bits);
    if (bits > have) break;
    if (s == HPACK_EOS) return ERR_SYNTAX;
    *to++ = (uint8_t)s;
    acc <<= bits;
    have -= bits;
  }
  /* What is left must be fewer than eight ones. */
  if (have > 7 || (have && acc >> (64 - have) != (1U << have) - 1)) return ERR_SYNTAX;
  out->len = (size_t)(to - out->base);
  return 0;
}
