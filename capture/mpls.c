/* SPDX-License-Identifier: Apache-2.0 */
/* MPLS label stacks (RFC 3032); what they carry is told by its first bytes (RFC 4928, control word of RFC 4385). */
#include "capture/walk.h"

static bool ip_at(const struct walk *w) {
  const uint8_t *h = w->at;
  if (w->cap >= 20 && h[0] >> 4 == 4) return (h[0] & 15) >= 5 && walk_be16(h + 2) <= w->wire;
  return w->cap >= 40 && h[0] >> 4 == 6 && walk_be16(h + 4) + 40u <= w->wire;
}

enum next mpls_stack(struct walk *w) {
  uint32_t entry = 0;
  do {
    if (w->cap < 4) return walk_fail(w, CTR_DECODE_MALFORMED);
    entry = walk_be32(w->at);
    walk_skip(w, 4);
  } while (!(entry & 0x100));
  if (!walk_layer(w, LAYER_MPLS, entry >> 12)) return NEXT_FAIL;
  if (ip_at(w)) return NEXT_IP;
  if (ether_fits(w, 0)) return NEXT_ETHER; /* first: behind a tag there is a type too */
  if (w->cap >= 4 && w->at[0] >> 4 == 0 && ether_fits(w, 4)) {
    walk_skip(w, 4);
    return NEXT_ETHER;
  }
  return walk_fail(w, CTR_DECODE_UNKNOWN);
}
