/* SPDX-License-Identifier: Apache-2.0 */
/* IEEE 802.11 data frames that are not encrypted, down to LLC. */
#include "capture/walk.h"

enum next wifi_header(struct walk *w) {
  enum { DATA = 0x08, TYPE = 0x0c, NO_DATA = 0x40, QOS = 0x80 };            /* first octet */
  enum { TO_DS = 1, FROM_DS = 2, FRAGMENTS = 4, PROTECTED = 0x40, ORDER = 0x80 }; /* second */
  if (w->cap < 24) return walk_fail(w, CTR_DECODE_UNKNOWN);
  uint8_t kind = w->at[0], flags = w->at[1];
  if ((kind & (TYPE | NO_DATA)) != DATA || (flags & (PROTECTED | FRAGMENTS)))
    return walk_fail(w, CTR_DECODE_UNKNOWN);
  uint32_t n = 24;
  if ((flags & (TO_DS | FROM_DS)) == (TO_DS | FROM_DS)) n += 6;
  if (kind & QOS) {
    if (w->cap < n + 2 || (w->at[n] & 0x80)) return walk_fail(w, CTR_DECODE_UNKNOWN); /* aggregated */
    n += flags & ORDER ? 6 : 2;
  }
  if (w->cap < n) return walk_fail(w, CTR_DECODE_UNKNOWN);
  walk_skip(w, n);
  return ether_llc(w);
}
