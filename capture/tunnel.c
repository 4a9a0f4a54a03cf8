/* SPDX-License-Identifier: Apache-2.0 */
/* Tunnels that are IP protocols: GRE (RFC 2784, 2890, 1701, 2637), NVGRE (RFC 7637), ERSPAN, IP in IP, EtherIP. */
#include "capture/walk.h"

enum { GRE_C = 0x8000, GRE_R = 0x4000, GRE_K = 0x2000, GRE_S = 0x1000, GRE_A = 0x0080, GRE_VERSION = 7 };

struct gre {
  uint16_t flags, proto;
  uint32_t key;
};

/* Source route entries of RFC 1701, ended by one of length 0. */
static bool skip_routing(struct walk *w) {
  for (;;) {
    if (w->cap < 4) return false;
    uint32_t len = w->at[3];
    if (w->cap < 4 + len) return false;
    walk_skip(w, 4 + len);
    if (len == 0) return true;
  }
}

static bool gre_header(struct walk *w, struct gre *g) {
  if (w->cap < 4) return false;
  g->flags = walk_be16(w->at);
  g->proto = walk_be16(w->at + 2);
  g->key = 0;
  bool pptp = (g->flags & GRE_VERSION) == 1;
  if ((g->flags & GRE_VERSION) > 1) return false;
  uint32_t n = 4, key_at = 0;
  if (g->flags & (GRE_C | GRE_R)) n += 4;
  if (g->flags & GRE_K) {
    key_at = n;
    n += 4;
  }
  if (g->flags & GRE_S) n += 4;
  if (pptp && (g->flags & GRE_A)) n += 4;
  if (w->cap < n) return false;
  if (key_at) g->key = walk_be32(w->at + key_at);
  walk_skip(w, n);
  return !(g->flags & GRE_R) || skip_routing(w);
}

/* Type II has a header of 8 bytes (and a sequence number in GRE), type I none. */
static enum next erspan_1_2(struct walk *w, const struct gre *g) {
  bool two = (g->flags & GRE_S) && w->cap >= 8 && w->at[0] >> 4 == 1;
  uint32_t session = two ? walk_be16(w->at + 2) & 0x3ff : 0;
  if (!walk_layer(w, LAYER_ERSPAN, session)) return NEXT_FAIL;
  if (two) walk_skip(w, 8);
  walk_enter(w, 0);
  return NEXT_ETHER;
}

static enum next erspan_3(struct walk *w) {
  if (w->cap < 12 || w->at[0] >> 4 != 2) return walk_fail(w, CTR_DECODE_MALFORMED);
  uint32_t size = w->at[11] & 1 ? 20 : 12; /* O: a platform subheader follows */
  bool ip = (w->at[10] >> 2 & 31) == 2;
  if (w->cap < size) return walk_fail(w, CTR_DECODE_MALFORMED);
  if (!walk_layer(w, LAYER_ERSPAN, walk_be16(w->at + 2) & 0x3ff)) return NEXT_FAIL;
  walk_skip(w, size);
  walk_enter(w, 0);
  return ip ? NEXT_IP : NEXT_ETHER;
}

/* A redirect header of 4 bytes may stand before the packet (version 2). */
static enum next wccp(struct walk *w) {
  if (w->cap >= 5 && w->at[0] >> 4 != 4) walk_skip(w, 4);
  return NEXT_IP;
}

/* Aruba's access points number their radio's queues in the protocol type; what is carried is an 802.11 frame. */
static bool aruba(uint16_t proto) { return (proto >= 0x8200 && proto <= 0x82ff) || proto == 0x9000; }

enum next tunnel_gre(struct walk *w) {
  struct gre g;
  if (!gre_header(w, &g)) return walk_fail(w, CTR_DECODE_MALFORMED);
  if (g.proto == 0x88be) return erspan_1_2(w, &g);
  if (g.proto == 0x22eb) return erspan_3(w);
  bool nv = g.proto == 0x6558 && (g.flags & (GRE_K | GRE_C | GRE_S | GRE_R)) == GRE_K && g.key >> 8;
  uint32_t id = nv ? g.key >> 8 : (g.flags & GRE_VERSION) == 1 ? g.key & 0xffff : g.key;
  if (!walk_layer(w, nv ? LAYER_NVGRE : LAYER_GRE, id)) return NEXT_FAIL;
  walk_enter(w, nv ? id : 0);
  if (aruba(g.proto)) return wifi_header(w, false);
  if (g.proto == 0x883e) return wccp(w);
  w->type = g.proto;
  return g.proto > 1500 ? NEXT_TYPE : walk_fail(w, CTR_DECODE_UNKNOWN);
}

static enum next ip_in_ip(struct walk *w, uint8_t version) {
  bool six_in_four = version == 6 && w->p->tuple.ipver == 4;
  if (w->cap < 1 || w->at[0] >> 4 != version) return walk_fail(w, CTR_DECODE_MALFORMED);
  return walk_layer(w, six_in_four ? LAYER_SIXINFOUR : LAYER_IPIP, 0) ? NEXT_IP : NEXT_FAIL;
}

/* RFC 3378: version 3, twelve reserved bits. */
static enum next etherip(struct walk *w) {
  if (w->cap < 2 || w->at[0] >> 4 != 3) return walk_fail(w, CTR_DECODE_MALFORMED);
  if (!walk_layer(w, LAYER_ETHERIP, 0)) return NEXT_FAIL;
  walk_skip(w, 2);
  return NEXT_ETHER;
}

enum next tunnel_ip(struct walk *w) {
  walk_mark(w);
  switch (w->type) {
  case 4:
  case 94: return ip_in_ip(w, 4);
  case 41: return ip_in_ip(w, 6);
  case 47: return tunnel_gre(w);
  case 97: return etherip(w);
  case 137: return NEXT_MPLS;
  default: return NEXT_FAIL;
  }
}
