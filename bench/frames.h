/* SPDX-License-Identifier: Apache-2.0 */
/* What the benchmarks share: a capture in memory that can be played again as if it were later traffic, and the parts of the program
 * joined on one thread up to a stage. */
#ifndef BENCH_FRAMES_H
#define BENCH_FRAMES_H

#include "analytics/analyst.h"
#include "capture/capture.h"
#include "output/record.h"

#include <stdio.h>

/** FLOWS: payloads that no parser takes, so that only flows and streams are followed. */
enum bench_stage { READ, DECODE, FLOWS, DISSECT, INSPECT, CORRELATE, WRITE, STAGES };

/** Every option at its default, rules loaded. */
struct bench {
  struct capture_conf cc;
  struct dissect_conf dc;
  struct analytics_conf ac;
  struct output_conf oc;
  struct ruleset *rules;
  const char *path;
  struct frame *frame;
  size_t count, size;
  uint64_t span; /* nanoseconds of one round */
};
struct bench_result {
  double seconds; /* processor time */
  unsigned long calls, bytes;
};

/** Processor seconds of this process. */
double bench_cpu(void);
/** Load PATH and the rules in dir; says why on stderr and returns false. */
bool bench_load(struct bench *b, const char *path, const char *dir);
void bench_free(struct bench *b);
/** Run everything up to stage so many rounds; watch may be NULL. */
struct bench_result bench_run(struct bench *b, enum bench_stage stage, unsigned rounds,
                              const struct watch *watch);

#endif
