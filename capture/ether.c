/* SPDX-License-Identifier: Apache-2.0 */
/* Ethernet II and 802.3, VLAN tags (802.1Q, 802.1ad). */
#include "capture/walk.h"

enum next ether_header(struct walk *w) {
  if (w->cap < 14) return walk_fail(w, CTR_DECODE_MALFORMED);
  w->type = walk_be16(w->at + 12);
  walk_skip(w, 14);
  return ether_type(w);
}

/* TCI (priority, DEI, VLAN id), then the EtherType of what is tagged. */
static enum next vlan(struct walk *w) {
  if (w->cap < 4) return walk_fail(w, CTR_DECODE_MALFORMED);
  uint32_t id = walk_be16(w->at) & 0xfff;
  if (!walk_layer(w, LAYER_VLAN, id)) return NEXT_FAIL;
  w->vlans = w->vlans << 12 | id;
  w->type = walk_be16(w->at + 2);
  walk_skip(w, 4);
  return NEXT_TYPE;
}

enum next ether_type(struct walk *w) {
  switch (w->type) {
  case 0x0800:
  case 0x86dd: return ip_header(w);
  case 0x8100:
  case 0x88a8:
  case 0x9100:
  case 0x9200:
  case 0x9300: return vlan(w);
  default: return walk_fail(w, CTR_DECODE_UNKNOWN);
  }
}

enum next ether_mpls(struct walk *w) { return walk_fail(w, CTR_DECODE_UNKNOWN); }
enum next ether_ppp(struct walk *w) { return walk_fail(w, CTR_DECODE_UNKNOWN); }
