/* SPDX-License-Identifier: Apache-2.0 */
/* Link-layer headers by DLT or LINKTYPE (tcpdump.org/linktypes.html) down to an EtherType or an IP header. */
#include "capture/walk.h"

enum {
  L_NULL = 0,
  L_ETHERNET = 1,
  L_TOKEN_RING = 6,
  L_PPP = 9,
  L_FDDI = 10,
  L_RAW_DLT = 12,
  L_RAW_BSD = 14,
  L_PPP_SERIAL = 50,
  L_PPP_ETHER = 51,
  L_RAW = 101,
  L_C_HDLC = 104,
  L_WIFI = 105,
  L_FRAME_RELAY = 107,
  L_LOOP = 108,
  L_ENC = 109,
  L_SLL = 113,
  L_PFLOG = 117,
  L_PRISM = 119,
  L_RADIOTAP = 127,
  L_AVS = 163,
  L_PPP_PPPD = 166,
  L_PPI = 192,
  L_PPP_DIR = 204,
  L_C_HDLC_DIR = 205,
  L_FRAME_RELAY_DIR = 206,
  L_MPLS = 219,
  L_IPV4 = 228,
  L_IPV6 = 229,
  L_NFLOG = 239,
  L_PKTAP = 258,
  L_MPACKET = 274,
  L_SLL2 = 276
};

static uint32_t le16(const uint8_t *p) { return (uint32_t)(p[1] << 8 | p[0]); }
static uint32_t le32(const uint8_t *p) { return __builtin_bswap32(walk_be32(p)); }

static enum next pass(struct walk *w, uint32_t n, enum next then) {
  if (w->cap < n) return walk_fail(w, CTR_DECODE_MALFORMED);
  walk_skip(w, n);
  return then;
}

static enum next typed(struct walk *w, uint32_t type_at, uint32_t size) {
  if (w->cap < size) return walk_fail(w, CTR_DECODE_MALFORMED);
  w->type = walk_be16(w->at + type_at);
  walk_skip(w, size);
  return NEXT_TYPE;
}

/* Cisco's framing puts an EtherType behind address (unicast, multicast) and control. */
static enum next hdlc(struct walk *w) {
  if (w->cap >= 2 && (w->at[0] == 0x0f || w->at[0] == 0x8f)) return typed(w, 2, 4);
  return ether_ppp(w);
}

/* Q.922 address of 2 to 4 bytes, control, NLPID (RFC 2427); Cisco's own has an EtherType instead. */
static enum next frame_relay(struct walk *w) {
  uint32_t n = 0;
  while (n < 4 && n < w->cap && !(w->at[n] & 1)) n++;
  if (w->cap < ++n + 2) return walk_fail(w, CTR_DECODE_MALFORMED);
  walk_skip(w, n);
  if (w->at[0] != 3) return typed(w, 0, 2);
  uint32_t pad = w->at[1] == 0 ? 2 : 1;
  if (w->cap < pad + 1) return walk_fail(w, CTR_DECODE_MALFORMED);
  uint8_t nlpid = w->at[pad];
  walk_skip(w, pad + 1);
  if (nlpid == 0xcc || nlpid == 0x8e) return NEXT_IP;
  return nlpid == 0x80 ? typed(w, 3, 5) : walk_fail(w, CTR_DECODE_UNKNOWN);
}

static enum next token_ring(struct walk *w) {
  if (w->cap < 16) return walk_fail(w, CTR_DECODE_MALFORMED);
  uint32_t route = w->at[8] & 0x80 ? w->at[14] & 31u : 0;
  enum next n = pass(w, 14 + route, NEXT_DONE);
  return n == NEXT_FAIL ? n : ether_llc(w);
}

/* Attributes of host-order length and type; type 9 is the packet. */
static enum next nflog(struct walk *w) {
  if (w->cap < 4) return walk_fail(w, CTR_DECODE_MALFORMED);
  walk_skip(w, 4);
  while (w->cap >= 4) {
    uint32_t len = le16(w->at), room = (len + 3) & ~3u;
    if (len < 4) break;
    if ((le16(w->at + 2) & 0x7fff) == 9) {
      walk_skip(w, 4);
      walk_limit(w, len - 4 < w->wire ? len - 4 : w->wire);
      return NEXT_IP;
    }
    if (room > w->cap) break;
    walk_skip(w, room);
  }
  return walk_fail(w, CTR_DECODE_UNKNOWN);
}

/* A header of its own length that names the link type of what follows. */
static enum next wrapped(struct walk *w, uint32_t len, uint32_t link) {
  if (len < 8 || link == w->p->link) return walk_fail(w, CTR_DECODE_MALFORMED);
  enum next n = pass(w, len, NEXT_DONE);
  return n == NEXT_FAIL || link == L_PPI || link == L_PKTAP || link > 0xffff
             ? walk_fail(w, CTR_DECODE_UNKNOWN)
             : link_of(w, (uint16_t)link);
}

static enum next monitor(struct walk *w, uint32_t len) {
  enum next n = pass(w, len, NEXT_DONE);
  return n == NEXT_FAIL ? n : wifi_header(w, false);
}

/* Before the frame stands which way it went. */
static enum next directed(struct walk *w, uint32_t n, uint16_t link) {
  if (pass(w, n, NEXT_DONE) == NEXT_FAIL) return NEXT_FAIL;
  return link == L_FRAME_RELAY ? frame_relay(w) : hdlc(w);
}

static enum next rare(struct walk *w, uint16_t link) {
  switch (link) {
  case L_PPP:
  case L_PPP_SERIAL:
  case L_C_HDLC: return hdlc(w);
  case L_PPP_PPPD: return directed(w, w->cap >= 2 && w->at[1] == 3 ? 2 : 1, L_PPP);
  case L_PPP_DIR: return directed(w, 1, L_PPP);
  case L_C_HDLC_DIR: return directed(w, 1, L_C_HDLC);
  case L_FRAME_RELAY_DIR: return directed(w, 1, L_FRAME_RELAY);
  case L_MPLS: return NEXT_MPLS;
  case L_PPP_ETHER: w->type = 0x8864; return NEXT_TYPE;
  case L_FRAME_RELAY: return frame_relay(w);
  case L_TOKEN_RING: return token_ring(w);
  case L_FDDI: return pass(w, 13, NEXT_DONE) == NEXT_FAIL ? NEXT_FAIL : ether_llc(w);
  case L_ENC: return pass(w, 12, NEXT_IP);
  case L_PFLOG: return w->cap ? pass(w, (w->at[0] + 3u) & ~3u, NEXT_IP) : walk_fail(w, CTR_DECODE_MALFORMED);
  case L_NFLOG: return nflog(w);
  case L_MPACKET: return pass(w, 8, NEXT_ETHER);
  case L_WIFI: return wifi_header(w, false);
  case L_PRISM: return monitor(w, 144);
  case L_AVS: return monitor(w, w->cap >= 8 ? walk_be32(w->at + 4) : 8);
  case L_RADIOTAP: return monitor(w, w->cap >= 4 ? le16(w->at + 2) : 4);
  case L_PPI: return wrapped(w, w->cap >= 8 ? le16(w->at + 2) : 8, w->cap >= 8 ? le32(w->at + 4) : L_PPI);
  case L_PKTAP: return wrapped(w, w->cap >= 12 ? le32(w->at) : 12, w->cap >= 12 ? le32(w->at + 8) : L_PKTAP);
  default: return walk_fail(w, CTR_DECODE_UNKNOWN);
  }
}

enum next link_of(struct walk *w, uint16_t link) {
  switch (link) {
  case L_ETHERNET: return ether_header(w);
  case L_SLL: return typed(w, 14, 16);
  case L_SLL2: return typed(w, 0, 20);
  case L_NULL:
  case L_LOOP: return pass(w, 4, NEXT_IP);
  case L_RAW:
  case L_RAW_DLT:
  case L_RAW_BSD:
  case L_IPV4:
  case L_IPV6: return NEXT_IP;
  default: return rare(w, link);
  }
}
