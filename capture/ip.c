/* SPDX-License-Identifier: Apache-2.0 */
/* IPv4 (RFC 791) and IPv6 (RFC 8200) headers with options and extension headers. */
#include "capture/walk.h"

enum { HOPBYHOP = 0, ROUTING = 43, FRAGMENT = 44, AH = 51, DSTOPTS = 60, MOBILITY = 135, HIP = 139, SHIM6 = 140 };
enum { IP_MF = 0x2000, IP_OFFSET = 0x1fff, EXT_MAX = 16 };

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

static enum next ip4(struct walk *w) {
  const uint8_t *h = w->at;
  if (w->cap < 20) return walk_fail(w, CTR_DECODE_MALFORMED);
  uint32_t hlen = (uint32_t)(h[0] & 15) * 4, total = walk_be16(h + 2);
  if (total == 0) total = w->wire; /* segmentation offload: the length was not filled in yet */
  if (hlen < 20 || total < hlen) return walk_fail(w, CTR_DECODE_MALFORMED);
  if (w->cap < hlen) return walk_fail(w, CTR_DECODE_MALFORMED);
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
  if (__builtin_expect(frag & (IP_MF | IP_OFFSET), 0)) {
    ctr_inc(w->d->ctr, CTR_FRAG_SEEN);
    return NEXT_NONE;
  }
  return l4_header(w, false);
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
      ctr_inc(w->d->ctr, CTR_FRAG_SEEN);
      return NEXT_NONE;
    default:
      w->p->tuple.proto = (uint8_t)w->type;
      return l4_header(w, false);
    }
    if (w->cap < len) return walk_fail(w, CTR_DECODE_MALFORMED);
    w->type = w->at[0];
    walk_skip(w, len);
  }
  return walk_fail(w, CTR_DECODE_MALFORMED);
}

static enum next ip6(struct walk *w) {
  const uint8_t *h = w->at;
  if (w->cap < 40) return walk_fail(w, CTR_DECODE_MALFORMED);
  uint32_t len = walk_be16(h + 4);
  if (len == 0 && h[6] != HOPBYHOP) len = w->wire - 40; /* offload, or a jumbogram */
  walk_limit(w, len + 40);
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
