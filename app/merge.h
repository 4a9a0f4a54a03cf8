/* SPDX-License-Identifier: Apache-2.0 */
/* Packets of several live readers for one worker, in order of their time as far as that can be had without falling behind, and
 * without those that came by two of them. */
#ifndef APP_MERGE_H
#define APP_MERGE_H

#include "app/pipeline.h"

struct merge {
  struct pipeline *p;
  unsigned worker;
  struct {
    struct work *work; /* in hand; NULL: none */
    uint32_t at;
    uint64_t clock; /* its packets up to this time have come */
    bool ended;
  } from[PIPELINE_READERS];
  unsigned ended;
  uint64_t clock, order; /* all packets up to this time are given; end of the epochs given back */
  uint64_t waiting;      /* since when, monotonic ns; 0: not */
};
enum merge_step {
  MERGE_PACKET,
  MERGE_EPOCH /* a batch was used up: clock and order may have risen */,
  MERGE_END
};

/** For the worker of that index, whose counters and `copies` count what came twice. Keeps p. */
void merge_init(struct merge *m, struct pipeline *p, unsigned worker);
/** The next packet, valid until the next call. Waits for it. */
enum merge_step merge_next(struct merge *m, const struct packet **out);

#endif
