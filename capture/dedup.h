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
/** Where a packet was seen: its input and its outermost VLAN (0: none). */
struct dedup_place {
  uint16_t source, vlan;
};
static inline struct dedup_place dedup_place(const struct packet *p) {
  bool tagged = p->nlayers && p->layer[0].kind == LAYER_VLAN;
  return (struct dedup_place){p->source, (uint16_t)(tagged ? p->layer[0].id : 0)};
}
uint64_t dedup_seed(const struct dedup *d);
/** What a copy of the datagram at ip, as much of it as was captured, has in common with its first, never 0; the lowest bit says
 *  that the host numbered it. What a router or switch may change (TTL, DSCP, header checksum, tags, link addresses) does not count. */
uint64_t dedup_digest(uint64_t seed, struct span ip, uint32_t zone);
/** True when one of this digest is in the window; else it is remembered. */
bool dedup_known(struct dedup *d, uint64_t digest, uint64_t ns, struct dedup_place place);
/** Add the copies by pair of places to the n pairs at out, which holds `room`; how many there are then. From any thread, at any time. */
size_t dedup_pairs(const struct dedup *d, struct duplicate_pair *out, size_t n, size_t room);

#endif
