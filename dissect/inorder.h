/* SPDX-License-Identifier: Apache-2.0 */
/* Who answers whom on a connection whose answers come in the order of requests and name none, after a loss. */
#ifndef DISSECT_INORDER_H
#define DISSECT_INORDER_H

#include "dissect/dissector.h"

/** Zeroed: nothing was asked. */
struct inorder {
  bool begun, lossy; /* lossy: some was lost since it was last sure who answers whom */
  bool ever;         /* some was lost before */
  bool overlaps;     /* this client asks again before it has all answers to what it asked before */
  unsigned sure;     /* while lossy: of those that wait, so many from the oldest on may still be paired */
  uint64_t recv;     /* bytes that the client had received when it last asked */
  uint64_t last_ns;  /* of the last request or answer */
  uint64_t hole_to;  /* where the last hole in the answers ends */
};

/** A request comes while `waiting` are without an answer. True: those were answered unseen, so that the next
 * answer is this one's. A client that waits for its answers had all of them when it asked again; one that does not is
 * believed when both ends have been silent for a while. */
bool inorder_ask(struct inorder *o, const struct chunk *in, unsigned waiting);
/** An answer comes: may it be given to the oldest that waits? Uses up one that is sure. */
bool inorder_answer(struct inorder *o, const struct chunk *in);
/** Bytes were lost, or could not be read: in is the hole or they; `sure` of those that wait can still be paired. */
void inorder_gap(struct inorder *o, const struct chunk *in, unsigned sure);
/** Bits for the answer of the request that in brings: some of it may lie in a hole already told. */
uint32_t inorder_hit(const struct inorder *o, const struct chunk *in);

#endif
