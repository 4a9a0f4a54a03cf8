/* SPDX-License-Identifier: Apache-2.0 */
/* Tunnels over UDP: VXLAN (RFC 7348) and VXLAN-GPE. */
#include "capture/walk.h"

static uint8_t port_kind(const struct decoder *d, uint16_t port) {
  if (!(d->port_bits[port >> 6 & 15] >> (port & 63) & 1)) return LAYER_NONE;
  for (size_t i = 0; i < d->nports; i++)
    if (d->ports[i].port == port) return d->ports[i].kind;
  return LAYER_NONE;
}

/* Flags, reserved (GPE: next protocol in the last octet), VNI, reserved. Only the I bit can be relied on. */
static enum next vxlan(struct walk *w) {
  const uint8_t *h = w->at + 8;
  if (w->cap < 8 + 8 + 14 || !(h[0] & 0x08)) return NEXT_FAIL;
  uint32_t vni = walk_be32(h + 4) >> 8;
  uint8_t version = h[8] >> 4;
  bool gpe = (h[0] & 0x04) && ((h[3] == 1 && version == 4) || (h[3] == 2 && version == 6) || h[3] == 3);
  walk_mark(w);
  if (!walk_layer(w, gpe ? LAYER_VXLAN_GPE : LAYER_VXLAN, vni)) return NEXT_FAIL;
  walk_skip(w, 16);
  walk_enter(w, vni);
  return gpe && h[3] != 3 ? NEXT_IP : NEXT_ETHER;
}

enum next udptunnel_try(struct walk *w) {
  switch (port_kind(w->d, w->p->tuple.dport)) {
  case LAYER_VXLAN: return vxlan(w);
  default: return NEXT_FAIL;
  }
}
