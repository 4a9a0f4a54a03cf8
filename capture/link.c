/* SPDX-License-Identifier: Apache-2.0 */
/* Link-layer headers by DLT (tcpdump.org/linktypes.html) down to an EtherType or an IP header. */
#include "capture/walk.h"

enum {
  DLT_NULL_ = 0, DLT_EN10MB_ = 1, DLT_TOKENRING = 6, DLT_PPP_ = 9, DLT_FDDI_ = 10, DLT_RAW_ = 12, DLT_RAW_BSD = 14,
  DLT_PPP_SERIAL_ = 50, DLT_PPP_ETHER_ = 51, DLT_RAW_LINKTYPE = 101, DLT_C_HDLC_ = 104, DLT_80211 = 105,
  DLT_FRELAY_ = 107, DLT_LOOP_ = 108, DLT_ENC_ = 109, DLT_LINUX_SLL_ = 113, DLT_RADIOTAP = 127, DLT_PPI_ = 192,
  DLT_IPV4_ = 228, DLT_IPV6_ = 229, DLT_SLL2 = 276
};

/* Address family in the host order of the capturing machine, or in network order (LOOP). */
static enum next link_null(struct walk *w) {
  if (w->cap < 4) return walk_fail(w, CTR_DECODE_MALFORMED);
  walk_skip(w, 4);
  return NEXT_IP;
}

static enum next cooked(struct walk *w, uint32_t type_at, uint32_t size) {
  if (w->cap < size) return walk_fail(w, CTR_DECODE_MALFORMED);
  w->type = walk_be16(w->at + type_at);
  walk_skip(w, size);
  return NEXT_TYPE;
}

enum next link_start(struct walk *w) {
  switch (w->p->link) {
  case DLT_EN10MB_: return ether_header(w);
  case DLT_LINUX_SLL_: return cooked(w, 14, 16);
  case DLT_SLL2: return cooked(w, 0, 20);
  case DLT_NULL_:
  case DLT_LOOP_: return link_null(w);
  case DLT_RAW_:
  case DLT_RAW_BSD:
  case DLT_RAW_LINKTYPE:
  case DLT_IPV4_:
  case DLT_IPV6_: return NEXT_IP;
  default: return walk_fail(w, CTR_DECODE_UNKNOWN);
  }
}
