/* SPDX-License-Identifier: Apache-2.0 */
/* Packets of several live readers for one worker, in order of their time as far as that can be had without falling behind, and
 * without those that came by two of them. */
#ifndef APP_MERGE_H
#define APP_MERGE_H

#include "app/pipeline.h"
#include "capture/dedup.h"

struct merge {
  struct pipeline *p;
  unsigned worker;
  struct counters *ctr;
  struct dedup *copies; /* NULL: off, or no memory for it */
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

/** ctr counts the copies. Keeps both. */
void merge_init(struct merge *m, struct pipeline *p, unsigned worker, struct counters *ctr);
void merge_done(struct merge *m);
/** The next packet, valid until the next call. Waits for it. */
enum merge_step merge_next(struct merge *m, const struct packet **out);

#endif
