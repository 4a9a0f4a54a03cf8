/* SPDX-License-Identifier: Apache-2.0 */
/* IP fragments put together (RFC 815, RFC 8200 4.5). Internal to capture/. */
#ifndef CAPTURE_FRAGMENTS_H
#define CAPTURE_FRAGMENTS_H

#include "capture/capture.h"

/** One fragment as seen. */
struct fragment {
  const struct tuple *tuple; /* addresses, IP version; zone */
  uint32_t zone, id;
  uint8_t proto; /* IPv4: protocol; IPv6: next header behind the fragment header */
  uint8_t ttl;
  bool more;
  uint32_t offset;    /* bytes */
  struct span header; /* IPv4 header with options, or the fixed IPv6 header */
  struct span data;   /* all of the fragment's bytes */
  uint64_t ns;
};
struct fragments;
/** NULL when out of memory. Keeps conf and ctr. */
struct fragments *fragments_new(const struct capture_conf *conf, uint64_t seed, struct counters *ctr);
/** Free; what still waits is counted as timed out. */
void fragments_free(struct fragments *f);
/** A datagram that is whole, appended to scratch: its header, made right, and its data. */
struct rebuilt {
  size_t at;            /* in scratch */
  uint32_t header, len; /* bytes of the header; of all */
  uint8_t proto, ttl;
  bool overlap;
};
/** Add a fragment. 1: *out is a whole datagram; 0: held, or dropped and counted. */
int fragments_add(struct fragments *f, const struct fragment *in, struct buf *scratch, struct rebuilt *out);

#endif
