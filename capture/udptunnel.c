/* SPDX-License-Identifier: Apache-2.0 */
/* Tunnels over UDP: VXLAN (RFC 7348), VXLAN-GPE, Geneve (RFC 8926), GTP-U (3GPP TS 29.281), Teredo (RFC 4380),
 * TZSP, L2TP (RFC 2661), CAPWAP (RFC 5415), GRE and MPLS in UDP (RFC 8086, 7510). */
#include "capture/walk.h"

enum { TEREDO = 3544, L2TP = 1701, GRE_IN_UDP = 4754, CAPWAP = 5247, MPLS_IN_UDP = 6635, HEADER = 8 };

static uint8_t port_kind(const struct decoder *d, uint16_t port) {
  if (!(d->port_bits[port >> 6 & 15] >> (port & 63) & 1)) return LAYER_NONE;
  for (size_t i = 0; i < d->nports; i++)
    if (d->ports[i].port == port) return d->ports[i].kind;
  return LAYER_NONE;
}

/* Take the tunnel: n bytes of UDP and tunnel header are passed over. */
static bool enter(struct walk *w, uint8_t kind, uint32_t id, uint32_t n, uint32_t vni) {
  walk_mark(w);
  if (!walk_layer(w, kind, id)) return false;
  walk_skip(w, n);
  walk_enter(w, vni);
  return true;
}

/* Flags, reserved (GPE: next protocol in the last octet), VNI, reserved. Only the I bit can be relied on. */
static enum next vxlan(struct walk *w) {
  const uint8_t *h = w->at + HEADER;
  if (w->cap < HEADER + 8 + 1 || !(h[0] & 0x08)) return NEXT_FAIL;
  uint32_t vni = walk_be32(h + 4) >> 8;
  uint8_t version = h[8] >> 4;
  bool ip = (h[3] == 1 && version == 4) || (h[3] == 2 && version == 6), nsh = h[3] == 4 && version == 0;
  bool mpls = h[3] == 5 && !ether_fits(w, HEADER + 8);
  bool gpe = (h[0] & 0x04) && (ip || nsh || mpls || h[3] == 3);
  if (!enter(w, gpe ? LAYER_VXLAN_GPE : LAYER_VXLAN, vni, HEADER + 8, vni)) return NEXT_FAIL;
  if (!gpe || h[3] == 3) return NEXT_ETHER;
  if (mpls) return NEXT_MPLS;
  w->type = 0x894f;
  return nsh ? NEXT_TYPE : NEXT_IP;
}

static enum next geneve(struct walk *w) {
  const uint8_t *h = w->at + HEADER;
  if (w->cap < HEADER + 8 || h[0] >> 6 != 0) return NEXT_FAIL;
  uint32_t len = 8 + (uint32_t)(h[0] & 0x3f) * 4, vni = walk_be32(h + 4) >> 8;
  uint16_t type = walk_be16(h + 2);
  if (w->cap < HEADER + len || type <= 1500) return NEXT_FAIL;
  if (!enter(w, LAYER_GENEVE, vni, HEADER + len, vni)) return NEXT_FAIL;
  w->type = type;
  return NEXT_TYPE;
}

/* Flags, type, length, TEID; then where a flag says so sequence, N-PDU and a chain of extension headers. */
static enum next gtpu(struct walk *w) {
  enum { EXTENSION = 4, ANY = 7, T_PDU = 255 };
  const uint8_t *h = w->at + HEADER;
  if (w->cap < HEADER + 9 || (h[0] & 0xf0) != 0x30 || h[1] != T_PDU) return NEXT_FAIL;
  uint32_t n = HEADER + 8;
  if (h[0] & ANY) {
    if (w->cap < n + 5) return NEXT_FAIL;
    uint8_t next = h[0] & EXTENSION ? w->at[n + 3] : 0;
    n += 4;
    while (next) {
      uint32_t len = w->cap > n ? (uint32_t)w->at[n] * 4 : 0;
      if (len == 0 || w->cap <= n + len) return NEXT_FAIL;
      next = w->at[n + len - 1];
      n += len;
    }
  }
  uint8_t version = w->at[n] >> 4;
  bool ether = ether_fits(w, n) && !(version == 4 && walk_be16(w->at + n + 2) + n == w->wire);
  if (version != 4 && version != 6 && !ether) return NEXT_FAIL;
  if (!enter(w, LAYER_GTPU, walk_be32(h + 4), n, 0)) return NEXT_FAIL;
  return ether ? NEXT_ETHER : NEXT_IP;
}

/* Version, type, what is carried, then tagged fields up to tag 1. */
static enum next tzsp(struct walk *w) {
  enum { PAD = 0, END = 1, ETHERNET = 1, WIFI = 18 };
  const uint8_t *h = w->at + HEADER;
  if (w->cap < HEADER + 5 || h[0] != 1 || h[1] > 1) return NEXT_FAIL;
  uint32_t n = HEADER + 4;
  uint16_t carried = walk_be16(h + 2);
  while (n < w->cap && w->at[n] != END) {
    if (w->at[n] == PAD)
      n++;
    else if (n + 1 < w->cap)
      n += 2u + w->at[n + 1];
    else
      return NEXT_FAIL;
  }
  if (n >= w->cap || (carried != ETHERNET && carried != WIFI)) return NEXT_FAIL;
  if (!enter(w, LAYER_TZSP, 0, n + 1, 0)) return NEXT_FAIL;
  return carried == WIFI ? wifi_header(w, false) : NEXT_ETHER;
}

/* Authentication and origin indication may stand before the IPv6 packet, of which one end is in 2001::/32, or which fills
 * the datagram. */
static enum next teredo(struct walk *w) {
  uint32_t n = HEADER;
  if (w->cap >= n + 4 && walk_be16(w->at + n) == 1) n += 13u + w->at[n + 2] + w->at[n + 3];
  if (w->cap >= n + 8 && walk_be16(w->at + n) == 0) n += 8;
  if (w->cap < n + 40 || w->at[n] >> 4 != 6) return NEXT_FAIL;
  const uint8_t *h = w->at + n;
  bool known =
      walk_be32(h + 8) == 0x20010000 || walk_be32(h + 24) == 0x20010000 || walk_be16(h + 8) == 0xfe80;
  uint32_t end = walk_be16(h + 4) + n + 40u;
  if (known ? end > w->wire : end != w->wire) return NEXT_FAIL;
  return enter(w, LAYER_TEREDO, 0, n, 0) ? NEXT_IP : NEXT_FAIL;
}

/* Two Teredo clients talk to each other from any port: an IPv6 packet that fills the datagram, of such an address. */
static bool teredo_peers(const struct walk *w) {
  const uint8_t *h = w->at + HEADER;
  return w->cap >= HEADER + 40 && h[0] >> 4 == 6 && walk_be16(h + 4) + HEADER + 40u == w->wire &&
         (walk_be32(h + 8) == 0x20010000 || walk_be32(h + 24) == 0x20010000);
}

/* Version 2 data messages, which carry PPP. */
static enum next l2tp(struct walk *w) {
  enum { CONTROL = 0x8000, LENGTH = 0x4000, SEQUENCE = 0x0800, OFFSET = 0x0200 };
  if (w->cap < HEADER + 8) return NEXT_FAIL;
  const uint8_t *h = w->at + HEADER;
  uint32_t flags = walk_be16(h), n = HEADER + 2;
  if ((flags & 15) != 2 || (flags & CONTROL)) return NEXT_FAIL;
  if (flags & LENGTH) n += 2;
  uint32_t id_at = n;
  n += 4;
  if (flags & SEQUENCE) n += 4;
  if (flags & OFFSET) n += w->cap >= n + 2 ? 2u + walk_be16(w->at + n) : 2u;
  if (w->cap < n + 2) return NEXT_FAIL;
  return enter(w, LAYER_L2TP, walk_be32(w->at + id_at), n, 0) ? NEXT_PPP : NEXT_FAIL;
}

/* Header of HLEN words; T: an 802.11 frame, else 802.3. Encrypted (preamble 1) and fragments cannot be read. */
static enum next capwap(struct walk *w) {
  enum { FRAGMENT = 0x80, NATIVE = 1 };
  const uint8_t *h = w->at + HEADER;
  if (w->cap < HEADER + 8 || h[0] != 0 || (h[3] & FRAGMENT)) return NEXT_FAIL;
  uint32_t len = (uint32_t)(h[1] >> 3) * 4;
  bool native = h[2] & NATIVE;
  if (len < 8 || w->cap < HEADER + len || !enter(w, LAYER_CAPWAP, 0, HEADER + len, 0)) return NEXT_FAIL;
  return native ? wifi_header(w, true) : NEXT_ETHER;
}

static enum next gre_in_udp(struct walk *w) {
  walk_mark(w);
  walk_skip(w, HEADER);
  return tunnel_gre(w);
}

static enum next mpls_in_udp(struct walk *w) {
  walk_mark(w);
  walk_skip(w, HEADER);
  return NEXT_MPLS;
}

enum next udptunnel_try(struct walk *w) {
  uint16_t sport = w->p->tuple.sport, dport = w->p->tuple.dport;
  uint8_t kind = port_kind(w->d, dport);
  if (kind == LAYER_NONE && port_kind(w->d, sport) == LAYER_GTPU) kind = LAYER_GTPU;
  switch (kind) {
  case LAYER_VXLAN: return vxlan(w);
  case LAYER_GENEVE: return geneve(w);
  case LAYER_GTPU: return gtpu(w);
  case LAYER_TZSP: return tzsp(w);
  default: break;
  }
  switch (dport) {
  case GRE_IN_UDP: return gre_in_udp(w);
  case MPLS_IN_UDP: return mpls_in_udp(w);
  default: break;
  }
  if (sport == CAPWAP || dport == CAPWAP) return capwap(w);
  if (sport == TEREDO || dport == TEREDO) return teredo(w);
  if (sport == L2TP || dport == L2TP) return l2tp(w);
  return teredo_peers(w) ? teredo(w) : NEXT_FAIL;
}
