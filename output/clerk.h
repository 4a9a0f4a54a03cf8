/* SPDX-License-Identifier: Apache-2.0 */
/* The clerk: one thread that hands blocks of records to every lane and keeps the spools. */
#ifndef OUTPUT_CLERK_H
#define OUTPUT_CLERK_H

#include "output/lane.h"

enum { CLERK_LANES = 16, CLERK_MESSAGES = 16 };

struct clerk {
  struct lane *lane; /* borrowed */
  size_t nlanes;
  struct ring *in, *free;       /* full blocks from the producer, empty ones to it; NULL block: the end */
  struct ring *messages, *read; /* texts for the operator, and back */
  char text[CLERK_MESSAGES][2 * LANE_TEXT];
  struct counters ctr;
  const _Atomic bool *closing;
  _Atomic int *close_ms; /* set to 0 when the time is over */
  _Atomic bool live;
  size_t nblocks;
  struct block end; /* its address marks the end of input */
  pthread_t thread;
  bool started;
  long undelivered; /* after the thread has ended */
};

/** Begin the thread. ERR_NOMEM. */
int clerk_start(struct clerk *c);
/** Wait for its end. */
void clerk_join(struct clerk *c);

#endif
