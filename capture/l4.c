/* SPDX-License-Identifier: Apache-2.0 */
/* Transport headers: TCP (RFC 9293, options of RFC 7323), UDP (RFC 768), ICMP, ports of SCTP. */
#include "capture/walk.h"

enum { ICMP = 1, TCP = 6, UDP = 17, AH = 51, ICMP6 = 58, SCTP = 132, UDPLITE = 136 };

static enum next done(struct walk *w) {
  struct packet *p = w->p;
  p->payload_off = (uint32_t)(w->at - p->data);
  p->payload_len = w->cap;
  p->payload_wire = w->wire;
  return NEXT_DONE;
}

static enum next no_header(struct walk *w) {
  w->p->flags |= PACKET_NO_L4;
  return done(w);
}

static void ports(struct walk *w) {
  w->p->tuple.sport = walk_be16(w->at);
  w->p->tuple.dport = walk_be16(w->at + 2);
}

static void tcp_option(struct packet *p, const uint8_t *o, uint32_t len) {
  if (o[0] == 8 && len == 10) {
    p->ts_val = walk_be32(o + 2);
    p->ts_ecr = walk_be32(o + 6);
    p->flags |= PACKET_HAS_TS;
  } else if (o[0] == 3 && len == 3) {
    p->wscale = o[2];
    p->flags |= PACKET_HAS_WSCALE;
  } else if (o[0] == 19) {
    p->flags |= PACKET_TCP_MD5;
  }
}

static void tcp_options(struct packet *p, const uint8_t *o, uint32_t n) {
  if (n >= 12 && walk_be32(o) == 0x0101080a) { /* NOP NOP timestamp: nearly every segment */
    tcp_option(p, o + 2, 10);
    o += 12;
    n -= 12;
  }
  while (n > 0 && o[0] != 0) {
    if (o[0] == 1) {
      o++;
      n--;
      continue;
    }
    if (n < 2 || o[1] < 2 || o[1] > n) return;
    tcp_option(p, o, o[1]);
    n -= o[1];
    o += o[1];
  }
}

static bool wrong_checksum(const struct walk *w, uint8_t proto) {
  if (!w->d->conf->verify_checksums || checksum_transport(w, proto)) return false;
  ctr_inc(w->d->ctr, CTR_DECODE_BAD_CHECKSUM);
  return true;
}

static enum next tcp(struct walk *w) {
  struct packet *p = w->p;
  const uint8_t *h = w->at;
  if (w->wire < 20) return walk_fail(w, CTR_DECODE_MALFORMED);
  if (w->cap >= 4) ports(w);
  if (w->cap < 20) return no_header(w);
  uint32_t hlen = (uint32_t)(h[12] >> 4) * 4;
  if (hlen < 20 || hlen > w->wire) return walk_fail(w, CTR_DECODE_MALFORMED);
  if (wrong_checksum(w, TCP)) return NEXT_NONE;
  p->seq = walk_be32(h + 4);
  p->ack = walk_be32(h + 8);
  p->tcp_flags = h[13] & 0x3f;
  p->window = walk_be16(h + 14);
  uint32_t have = hlen < w->cap ? hlen : w->cap;
  if (have > 20) tcp_options(p, h + 20, have - 20);
  w->wire -= hlen - have; /* a header cut by the snapshot length: none of the payload is left */
  walk_skip(w, have);
  return done(w);
}

static enum next udp(struct walk *w, bool plain) {
  if (w->wire < 8) return walk_fail(w, CTR_DECODE_MALFORMED);
  if (w->cap >= 4) ports(w);
  if (w->cap < 8) return no_header(w);
  uint32_t len = walk_be16(w->at + 4);
  if (len != 0 && len < 8) return walk_fail(w, CTR_DECODE_MALFORMED);
  if (len != 0 && len < w->wire) walk_limit(w, len);
  if (!plain) {
    const uint8_t *h = w->at;
    enum next n = udptunnel_try(w);
    if (n != NEXT_FAIL || w->at != h) return n;
  }
  if (walk_be16(w->at + 6) != 0 && wrong_checksum(w, UDP)) return NEXT_NONE;
  walk_skip(w, 8);
  return done(w);
}

/* RFC 4302; the length is in words, less two. */
static enum next authenticated(struct walk *w) {
  uint32_t len = w->cap >= 12 ? ((uint32_t)w->at[1] + 2) * 4 : 12;
  if (w->cap < len) return walk_fail(w, CTR_DECODE_MALFORMED);
  w->type = w->p->tuple.proto = w->at[0];
  walk_skip(w, len);
  return NEXT_L4;
}

enum next l4_header(struct walk *w, bool plain) {
  switch (w->type) {
  case TCP: return tcp(w);
  case UDP: return udp(w, plain);
  case AH: return authenticated(w);
  case 4:
  case 41:
  case 47:
  case 94:
  case 97:
  case 137:
    if (!plain) return tunnel_ip(w);
    break;
  default: break;
  }
  ctr_inc(w->d->ctr, CTR_DECODE_OTHER_L4);
  if (w->type == ICMP || w->type == ICMP6) {
    if (w->cap < 2) return no_header(w);
    bool answer = w->at[0] == (w->type == ICMP ? 0 : 129); /* of an echo: both directions are one flow */
    w->p->tuple.sport = answer ? w->at[1] : w->at[0];
    w->p->tuple.dport = answer ? (w->type == ICMP ? 8 : 128) : w->at[1];
    return done(w);
  }
  if ((w->type == SCTP || w->type == UDPLITE) && w->cap >= 4) ports(w);
  return no_header(w);
}
