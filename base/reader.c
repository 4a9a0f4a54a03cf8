/* SPDX-License-Identifier: Apache-2.0 */
/* The cursor's longer reads. */
#include "base/reader.h"

uint64_t reader_varint(struct reader *r) {
  uint64_t v = 0;
  for (unsigned shift = 0; shift < 70; shift += 7) {
    uint8_t c = reader_u8(r);
    if (r->bad) return 0;
    if (shift == 63 && c > 1) break; /* more than 64 bits */
    v |= (uint64_t)(c & 0x7f) << shift;
    if (!(c & 0x80)) return v;
  }
  reader_fail(r);
  return 0;
}

struct span reader_until(struct reader *r, uint8_t sep) {
  struct span rest = reader_rest(r);
  size_t i = r->bad ? rest.len : span_index(rest, sep);
  if (i == rest.len) {
    reader_fail(r);
    return (struct span){NULL, 0};
  }
  r->pos += i + 1;
  return (struct span){rest.base, i};
}
