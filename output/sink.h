/* SPDX-License-Identifier: Apache-2.0 */
/* Sinks: where records end. One file under sink/, one row in sink/table.c; one writer thread each. */
#ifndef OUTPUT_SINK_H
#define OUTPUT_SINK_H

#include "output/record.h"

struct sink_ctx {
  const struct output_conf *conf;
  struct counters *ctr; /* of the sink's thread */
  const char *state_dir; /* may be NULL */
};
struct sink {
  const char *kind; /* "file": what stands before ':' in -o KIND:REST */
  /** ERR_IO, ERR_SYNTAX, ERR_NOMEM; err names what is wrong and the remedy. */
  int (*open)(void **state, const char *rest, const struct sink_ctx *cx, struct conf_error *err);
  /** Take one record; borrowed. Blocks only its own thread. < 0: not taken, try again later (spooled by the router). */
  int (*write)(void *state, const struct record *r);
  /** Called every 100 ms or so and when idle: flush, poll delivery reports. */
  int (*poll)(void *state);
  /** Flush within timeout_ms; the number of records that could not be delivered. */
  long (*close)(void *state, int timeout_ms);
};
extern const struct sink *const sink_table[];

/** Fans records out to the sinks' writer threads through rings; spools where a sink cannot keep up. */
struct router;
/** specs: "file:PATH", "stdout:", "kafka:HOST:PORT[,…]". */
int router_new(struct router **out, const struct output_conf *conf, char *const *specs, size_t n,
               const char *state_dir, struct conf_error *err);
/** Copy r to every sink that wants its kind. Called from one thread (the analyst's). */
void router_put(struct router *r, const struct record *rec);
/** Sum the sinks' counters into totals[CTR_COUNT]. */
void router_counters(const struct router *r, uint64_t *totals);
/** Flush and stop: the number of records not delivered (kept in the spool). Frees r. */
long router_close(struct router *r, int timeout_ms);

#endif
