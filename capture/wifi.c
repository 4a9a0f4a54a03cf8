/* SPDX-License-Identifier: Apache-2.0 */
/* IEEE 802.11 data frames that are not encrypted, down to LLC. */
#include "capture/walk.h"

/* Of an aggregate the first subframe: destination, source, length, LLC. */
static enum next aggregated(struct walk *w) {
  if (w->cap < 14) return walk_fail(w, CTR_DECODE_UNKNOWN);
  uint32_t len = walk_be16(w->at + 12);
  walk_skip(w, 14);
  if (len < w->wire) walk_limit(w, len);
  return ether_llc(w);
}

enum next wifi_header(struct walk *w, bool swapped) {
  enum { DATA = 0x08, TYPE = 0x0c, NO_DATA = 0x40, QOS = 0x80 };                  /* first octet */
  enum { TO_DS = 1, FROM_DS = 2, FRAGMENTS = 4, PROTECTED = 0x40, ORDER = 0x80 }; /* second */
  if (w->cap < 24) return walk_fail(w, CTR_DECODE_UNKNOWN);
  bool turn = swapped && (w->at[0] & TYPE) != DATA;
  uint8_t kind = w->at[turn], flags = w->at[!turn], aggregate = 0;
  if ((kind & (TYPE | NO_DATA)) != DATA || (flags & (PROTECTED | FRAGMENTS)))
    return walk_fail(w, CTR_DECODE_UNKNOWN);
  uint32_t n = 24;
  if ((flags & (TO_DS | FROM_DS)) == (TO_DS | FROM_DS)) n += 6;
  if (kind & QOS) {
    if (w->cap < n + 2) return walk_fail(w, CTR_DECODE_UNKNOWN);
    aggregate = w->at[n] & 0x80;
    n += flags & ORDER ? 6 : 2;
  }
  if (w->cap < n) return walk_fail(w, CTR_DECODE_UNKNOWN);
  walk_skip(w, n);
  return aggregate ? aggregated(w) : ether_llc(w);
}
