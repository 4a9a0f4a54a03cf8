/* SPDX-License-Identifier: Apache-2.0 */
/* IPv4 (RFC 791) and IPv6 (RFC 8200) headers with options and extension headers. */
#include "capture/fragments.h"
#include "capture/walk.h"

enum {
  HOPBYHOP = 0,
  ROUTING = 43,
  FRAGMENT = 44,
  AH = 51,
  DSTOPTS = 60,
  MOBILITY = 135,
  HIP = 139,
  SHIM6 = 140
};
enum { IP_MF = 0x2000, IP_OFFSET = 0x1fff, EXT_MAX = 16 };

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

/* A fragment of which the capture kept a part only cannot be put together: the first one is read as it stands. */
static enum next partial(struct walk *w, uint32_t offset) {
  if (walk_copy(w)) return NEXT_NONE;
  w->looked = true;
  if (offset == 0) return l4_header(w, true);
  w->p->flags |= PACKET_FRAGMENT;
  w->type = 255;
  return l4_header(w, true);
}

/* Hold or complete a fragment; w->at is at its data. The header is the IP header to rebuild with. */
static enum next fragment(struct walk *w, struct span header, uint32_t id, uint32_t offset, bool more) {
  struct packet *p = w->p;
  ctr_inc(w->d->ctr, CTR_FRAG_SEEN);
  if (w->cap < w->wire) return partial(w, offset);
  if (walk_copy(w)) return NEXT_NONE;
  struct fragment in = {&p->tuple, walk_zone(w), id,     (uint8_t)w->type, p->ttl,
                        more,      offset,       header, {w->at, w->cap},  p->ns};
  struct rebuilt out;
  if (fragments_add(w->d->frags, &in, w->scratch, &out) == 0) return NEXT_NONE;
  p->data = w->scratch->base + out.at;
  p->caplen = p->wirelen = out.len;
  p->flags |= PACKET_DEFRAGMENTED | (out.overlap ? PACKET_FRAG_OVERLAP : 0);
  p->ttl = out.ttl;
  w->mark.set = false;
  w->ip = p->data;
  w->ip_cap = out.len;
  w->at = p->data + out.header;
  w->cap = w->wire = out.len - out.header;
  w->type = p->tuple.proto = out.proto;
  return NEXT_L4;
}

static enum next ip4(struct walk *w) {
  const uint8_t *h = w->at;
  if (w->cap < 20) return walk_fail(w, CTR_DECODE_MALFORMED);
  uint32_t hlen = (uint32_t)(h[0] & 15) * 4, total = walk_be16(h + 2);
  if (total == 0) total = w->wire; /* segmentation offload: the length was not filled in yet */
  if (total > w->wire && w->firm) total = w->wire;
  if (hlen < 20 || total < hlen) return walk_fail(w, CTR_DECODE_MALFORMED);
  if (w->cap < hlen) return walk_fail(w, CTR_DECODE_MALFORMED);
  if (w->d->conf->verify_checksums && !checksum_header(span_of(h, hlen))) {
    ctr_inc(w->d->ctr, CTR_DECODE_BAD_CHECKSUM);
    return NEXT_NONE;
  }
  walk_limit(w, total);
  w->ip = h;
  w->ip_cap = w->cap;
  struct tuple *t = &w->p->tuple;
  memcpy(t->src, mapped, 12);
  memcpy(t->src + 12, h + 12, 4);
  memcpy(t->dst, mapped, 12);
  memcpy(t->dst + 12, h + 16, 4);
  t->ipver = 4;
  t->proto = h[9];
  w->p->ttl = h[8];
  w->type = h[9];
  uint32_t frag = walk_be16(h + 6);
  walk_skip(w, hlen);
  if (__builtin_expect(frag & (IP_MF | IP_OFFSET), 0))
    return fragment(w, span_of(h, hlen), walk_be16(h + 4), (frag & IP_OFFSET) * 8, frag & IP_MF);
  return l4_header(w, false);
}

static enum next ip6_extensions(struct walk *w);

/* Next header, reserved, offset and M, identification. */
static enum next ip6_fragment(struct walk *w) {
  uint32_t at = walk_be16(w->at + 2), id = walk_be32(w->at + 4);
  w->type = w->at[0];
  walk_skip(w, 8);
  enum next n = fragment(w, span_of(w->ip, 40), id, at & 0xfff8, at & 1);
  return n == NEXT_L4 ? ip6_extensions(w) : n;
}

/* On its way the packet bears the address of the next stop: its end stands last in type 0 (RFC 2460), first in type 2 (RFC 6275)
 * and in segment routing (RFC 8754). */
static void routed(struct walk *w, uint32_t len) {
  enum { SOURCE_ROUTE = 0, MOBILE = 2, SEGMENTS = 4 };
  uint8_t type = w->at[2];
  if (type != SOURCE_ROUTE && type != MOBILE && type != SEGMENTS) return;
  memcpy(w->p->tuple.dst, type == SOURCE_ROUTE ? w->at + len - 16 : w->at + 8, 16);
}

/* Walk the chain of extension headers to the transport; each has its length in its second octet. */
static enum next ip6_extensions(struct walk *w) {
  for (int i = 0; i < EXT_MAX; i++) {
    uint32_t len;
    switch (w->type) {
    case HOPBYHOP:
    case ROUTING:
    case DSTOPTS:
    case MOBILITY:
    case HIP:
    case SHIM6:
      if (w->cap < 8) return walk_fail(w, CTR_DECODE_MALFORMED);
      len = ((uint32_t)w->at[1] + 1) * 8;
      break;
    case AH:
      if (w->cap < 8) return walk_fail(w, CTR_DECODE_MALFORMED);
      len = ((uint32_t)w->at[1] + 2) * 4;
      break;
    case FRAGMENT:
      if (w->cap < 8) return walk_fail(w, CTR_DECODE_MALFORMED);
      len = 8;
      if (walk_be16(w->at + 2) & 0xfff9) return ip6_fragment(w);
      break; /* an atomic fragment (RFC 6946) is whole */
    default: w->p->tuple.proto = (uint8_t)w->type; return l4_header(w, false);
    }
    if (w->cap < len) return walk_fail(w, CTR_DECODE_MALFORMED);
    if (w->type == ROUTING && w->at[3] && len >= 24) routed(w, len);
    w->type = w->at[0];
    walk_skip(w, len);
  }
  return walk_fail(w, CTR_DECODE_MALFORMED);
}

static enum next ip6(struct walk *w) {
  const uint8_t *h = w->at;
  if (w->cap < 40) return walk_fail(w, CTR_DECODE_MALFORMED);
  uint32_t len = walk_be16(h + 4);
  if (len == 0) len = w->wire - 40; /* offload, or a jumbogram (RFC 2675) */
  len += 40;
  walk_limit(w, len > w->wire && w->firm ? w->wire : len);
  w->ip = h;
  w->ip_cap = w->cap;
  struct tuple *t = &w->p->tuple;
  memcpy(t->src, h + 8, 16);
  memcpy(t->dst, h + 24, 16);
  t->ipver = 6;
  t->proto = h[6];
  w->p->ttl = h[7];
  w->type = h[6];
  walk_skip(w, 40);
  return ip6_extensions(w);
}

enum next ip_header(struct walk *w) {
  if (w->cap < 1) return walk_fail(w, CTR_DECODE_MALFORMED);
  switch (w->at[0] >> 4) {
  case 4: return ip4(w);
  case 6: return ip6(w);
  default: return walk_fail(w, w->ip ? CTR_DECODE_MALFORMED : CTR_DECODE_UNKNOWN);
  }
}
