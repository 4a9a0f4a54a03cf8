/* SPDX-License-Identifier: Apache-2.0 */
/* Ethernet II, 802.3 with LLC/SNAP, tags (802.1Q, 802.1ad, VN-Tag, 802.1ah, 802.1BR), PPPoE (RFC 2516), PPP (RFC 1661). */
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

/* A tag of `size` bytes whose last two are the next EtherType. */
static enum next tag(struct walk *w, uint8_t kind, uint32_t id, uint32_t size) {
  if (kind != LAYER_NONE && !walk_layer(w, kind, id)) return NEXT_FAIL;
  w->type = walk_be16(w->at + size - 2);
  walk_skip(w, size);
  return NEXT_TYPE;
}

/* I-SID (24 bits) behind flags, then the customer's whole Ethernet header. */
static enum next provider_backbone(struct walk *w) {
  if (w->cap < 4) return walk_fail(w, CTR_DECODE_MALFORMED);
  uint32_t isid = walk_be32(w->at) & 0xffffff;
  if (!walk_layer(w, LAYER_PBB, isid)) return NEXT_FAIL;
  walk_skip(w, 4);
  walk_enter(w, isid);
  return NEXT_ETHER;
}

/* IEEE 802.1AE: what is only authenticated can be read; the check value behind is no part of the IP length. */
static enum next macsec(struct walk *w) {
  enum { ENCRYPTED = 0x08, CHANGED = 0x04, HAS_SCI = 0x20 };
  if (w->cap < 16 || (w->at[0] & (ENCRYPTED | CHANGED))) return walk_fail(w, CTR_DECODE_UNKNOWN);
  return tag(w, LAYER_NONE, 0, w->at[0] & HAS_SCI ? 16 : 8);
}

/* Version, type, code, session, length, then PPP. Codes other than 0 are discovery. */
static enum next pppoe(struct walk *w) {
  if (w->cap < 8 || w->at[0] != 0x11 || w->at[1] != 0) return walk_fail(w, CTR_DECODE_UNKNOWN);
  uint32_t len = walk_be16(w->at + 4);
  if (!walk_layer(w, LAYER_PPPOE, walk_be16(w->at + 2))) return NEXT_FAIL;
  walk_skip(w, 6);
  if (len >= 2 && len <= w->wire) {
    walk_limit(w, len);
    w->firm = true;
  }
  return ether_ppp(w);
}

/* RFC 8300: base and service path headers, context by length; the next protocol is numbered on its own. */
static enum next service_header(struct walk *w) {
  if (w->cap < 8) return walk_fail(w, CTR_DECODE_MALFORMED);
  uint32_t len = (uint32_t)(w->at[1] & 0x3f) * 4;
  uint8_t proto = w->at[3];
  if (len < 8 || w->cap < len) return walk_fail(w, CTR_DECODE_MALFORMED);
  walk_skip(w, len);
  if (proto == 1 || proto == 2) return NEXT_IP;
  if (proto == 3) return NEXT_ETHER;
  return proto == 5 ? NEXT_MPLS : walk_fail(w, CTR_DECODE_UNKNOWN);
}

enum next ether_llc(struct walk *w) {
  if (w->cap >= 8 && walk_be16(w->at) == 0xaaaa && w->at[2] == 3) {
    w->type = walk_be16(w->at + 6);
    walk_skip(w, 8);
    return w->type > 1500 ? NEXT_TYPE : walk_fail(w, CTR_DECODE_UNKNOWN);
  }
  if (w->cap >= 3 && walk_be16(w->at) == 0x0606) {
    walk_skip(w, 3);
    return NEXT_IP;
  }
  return walk_fail(w, CTR_DECODE_UNKNOWN);
}

/* RFC 3518: flags (the first: a LAN id follows), the kind of address, the frame. */
static enum next bridged(struct walk *w) {
  uint32_t n = w->cap && (w->at[0] & 0x80) ? 6 : 2;
  if (w->cap < n) return walk_fail(w, CTR_DECODE_MALFORMED);
  walk_skip(w, n);
  return NEXT_ETHER;
}

enum next ether_ppp(struct walk *w) {
  uint32_t proto, size = 2;
  if (w->cap >= 2 && walk_be16(w->at) == 0xff03) walk_skip(w, 2);
  if (w->cap < 2) return walk_fail(w, CTR_DECODE_MALFORMED);
  proto = walk_be16(w->at);
  if (w->at[0] & 1) { /* compressed protocol field */
    proto = w->at[0];
    size = 1;
  }
  walk_skip(w, size);
  switch (proto) {
  case 0x0021:
  case 0x0057: return NEXT_IP;
  case 0x0281:
  case 0x0283: return NEXT_MPLS;
  case 0x0031: return bridged(w);
  default: return walk_fail(w, CTR_DECODE_UNKNOWN);
  }
}

/* ARP, LLDP, PPPoE discovery, spanning tree: surely Ethernet, and surely no IP. */
static bool surely_other(const struct walk *w) {
  if (w->type == 0x0806) return w->cap >= 4 && walk_be16(w->at) == 1 && walk_be16(w->at + 2) == 0x0800;
  if (w->type <= 1500) return w->cap >= 3 && walk_be16(w->at) == 0x4242 && w->at[2] == 3;
  return w->type == 0x88cc || w->type == 0x8863;
}

static enum next rare_type(struct walk *w) {
  static const struct {
    uint16_t type;
    uint8_t kind, size;
  } tags[] = {
      {0x8926, LAYER_VNTAG, 6},
      {0x893f, LAYER_NONE, 8}, /* 802.1BR */
      {0x8909, LAYER_NONE, 8},
      /* Cisco metadata */ {0x892f, LAYER_NONE, 6}, /* HSR */
  };
  for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
    if (tags[i].type == w->type) {
      if (w->cap < tags[i].size) return walk_fail(w, CTR_DECODE_MALFORMED);
      return tag(w, tags[i].kind, walk_be32(w->at) & 0xfff, tags[i].size);
    }
  if (w->type == 0x22f3) { /* TRILL (RFC 6325): options are counted in words */
    uint32_t len = w->cap >= 6 ? 6 + (uint32_t)(walk_be16(w->at) >> 6 & 31) * 4 : 6;
    if (w->cap < len) return walk_fail(w, CTR_DECODE_MALFORMED);
    walk_skip(w, len);
    return NEXT_ETHER;
  }
  if (w->type == 0x8903) { /* FabricPath: a tag of two bytes behind its own addresses */
    if (w->cap < 2) return walk_fail(w, CTR_DECODE_MALFORMED);
    walk_skip(w, 2);
    return NEXT_ETHER;
  }
  if (surely_other(w)) { /* the tunnel that carries it is no conversation of its own */
    ctr_inc(w->d->ctr, CTR_DECODE_UNKNOWN);
    return NEXT_NONE;
  }
  return w->type <= 1500 ? ether_llc(w) : walk_fail(w, CTR_DECODE_UNKNOWN);
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
  case 0x8847:
  case 0x8848: return mpls_stack(w);
  case 0x8864: return pppoe(w);
  case 0x880b: return ether_ppp(w);
  case 0x88e7: return provider_backbone(w);
  case 0x88e5: return macsec(w);
  case 0x894f: return service_header(w);
  case 0x6558: return NEXT_ETHER;
  default: return rare_type(w);
  }
}

bool ether_known(uint16_t type) {
  static const uint16_t known[] = {0x0800, 0x86dd, 0x0806, 0x8100, 0x88a8, 0x9100, 0x9200, 0x9300,
                                   0x8847, 0x8848, 0x8863, 0x8864, 0x8926, 0x88e7, 0x88e5, 0x894f};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (known[i] == type) return true;
  return false;
}

bool ether_fits(const struct walk *w, uint32_t off) {
  if (w->cap < off + 18) return false;
  const uint8_t *h = w->at + off + 12;
  uint16_t type = walk_be16(h);
  if (type == 0x0800) return h[2] >> 4 == 4;
  if (type == 0x86dd) return h[2] >> 4 == 6;
  if (type <= 1500) return walk_be16(h + 2) == 0xaaaa && h[4] == 3;
  return ether_known(type);
}
