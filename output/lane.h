/* SPDX-License-Identifier: Apache-2.0 */
/* One sink with its writer thread. The clerk gives it jobs through one ring and gets them back through another. */
#ifndef OUTPUT_LANE_H
#define OUTPUT_LANE_H

#include "base/ring.h"
#include "output/sink.h"
#include "output/spool.h"

#include <pthread.h>

enum { LANE_JOBS = 8, LANE_TEXT = 320 };
enum job_kind { JOB_RECORDS, JOB_GIVEN /* records that the sink gives back */, JOB_STOP };

struct job {
  enum job_kind kind;
  struct block *block;
  uint32_t from, taken; /* first record to write; after return: the first that was not taken */
  bool retry;           /* the sink may try again after a refusal */
  bool sync;            /* wait for delivery */
  bool failed;          /* after return: taken, but the sink cannot pass it on now */
};

/** A block that waits for the lane, from its record `from` on. */
struct lane_wait {
  struct block *block;
  uint32_t from;
};

struct lane {
  const struct sink *kind;
  void *state;
  uint32_t kinds;       /* 1 << enum record_kind it wants */
  char name[LANE_TEXT]; /* as in -o */
  struct ring *work, *back;
  struct job job[LANE_JOBS], given, stop;
  struct counters ctr; /* the writer's */
  pthread_t thread;
  bool started;
  _Atomic bool gone;        /* set by the writer: reader gone for good */
  _Atomic int error;        /* last refusal, an enum err */
  _Atomic int cause;        /* errno of the last refusal, 0: not known */
  _Atomic long undelivered; /* set by the writer when it has closed */
  const _Atomic bool *closing;
  const _Atomic int *close_ms;
  struct sink_ctx cx;
  /* the writer's own */
  bool refusing;
  struct block *fill, *spare; /* records given back: being filled, and its twin */
  bool given_out;
  /* the clerk's own */
  struct job *idle[LANE_JOBS];
  unsigned nidle, out;
  struct lane_wait *queue, *refused; /* capacity: lane_cap */
  size_t head, len, nrefused, cap;
  struct spool *spool; /* NULL: none */
  struct block *drain; /* being read from the spool; its job is out when drain_out */
  bool down, drain_out, stopped;
  _Atomic uint64_t accepted,
      given_up;             /* records that it wanted, those found on disk among them; and those lost */
  _Atomic uint64_t waiting; /* in the spool, as of the clerk's last round */
  bool last_try;            /* the input has ended, and the sink was not tried since */
  uint64_t retry_at;        /* monotonic ns */
};

/** Parse "KIND:REST[?kinds=a,b]" and open the sink. ERR_SYNTAX, ERR_IO, ERR_NOMEM. */
int lane_open(struct lane *l, const char *spec, const struct output_conf *conf, const char *state_dir,
              size_t cap, struct conf_error *err);
/** Begin the writer thread. ERR_NOMEM. */
int lane_start(struct lane *l);
/** Wait for the thread's end, once it was told to stop. */
void lane_join(struct lane *l);
/** Join the thread, close the spool, free all but l. */
void lane_done(struct lane *l);

#endif
