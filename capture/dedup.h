/* SPDX-License-Identifier: Apache-2.0 */
/* A bounded window over packets seen, to tell the mirror's copies: one a reader for its own, one a worker for those that came by
 * different readers. */
#ifndef CAPTURE_DEDUP_H
#define CAPTURE_DEDUP_H

#include "capture/capture.h"

struct dedup;
/** Window of `frames` entries; copies come within `ns`. NULL when out of memory. */
struct dedup *dedup_new(size_t frames, uint64_t ns, uint64_t seed);
void dedup_free(struct dedup *d);
/** Where a frame was seen: its input and its outermost VLAN (0: none). */
struct dedup_place {
  uint16_t source, vlan;
};
/** True when the datagram at ip (cap bytes of it captured) is a copy of one in the window; else it is remembered.
 *  What a router or switch may change (TTL, DSCP, header checksum, tags, link addresses) does not count. */
bool dedup_seen(struct dedup *d, struct span ip, uint32_t zone, uint64_t ns, struct dedup_place place);
uint64_t dedup_seed(const struct dedup *d);
/** What such a copy has in common with its first, never 0; the lowest bit says that the host numbered it. */
uint64_t dedup_digest(uint64_t seed, struct span ip, uint32_t zone);
/** The same as dedup_seen, by digest. */
bool dedup_known(struct dedup *d, uint64_t digest, uint64_t ns, struct dedup_place place);
/** Copies by pair of places, at most n; how many there are. */
size_t dedup_pairs(const struct dedup *d, struct duplicate_pair *out, size_t n);

#endif
