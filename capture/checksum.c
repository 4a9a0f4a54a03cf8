/* SPDX-License-Identifier: Apache-2.0 */
/* The Internet checksum (RFC 1071) over an IPv4 header, and over TCP and UDP with their pseudo-header. */
#include "capture/walk.h"

static uint64_t add(uint64_t sum, const uint8_t *p, size_t n) {
  for (; n >= 2; n -= 2, p += 2) sum += walk_be16(p);
  return n ? sum + (uint64_t)(p[0] << 8) : sum;
}

static bool folds_to_ones(uint64_t sum) {
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return sum == 0xffff;
}

bool checksum_header(struct span header) { return folds_to_ones(add(0, header.base, header.len)); }

bool checksum_transport(const struct walk *w, uint8_t proto) {
  const struct tuple *t = &w->p->tuple;
  if (w->cap < w->wire) return true; /* cut: cannot be told */
  size_t skip = t->ipver == 4 ? 12 : 0;
  uint64_t sum = add(add(proto + w->wire, t->src + skip, 16 - skip), t->dst + skip, 16 - skip);
  return folds_to_ones(add(sum, w->at, w->wire));
}
