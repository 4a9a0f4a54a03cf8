/* SPDX-License-Identifier: Apache-2.0 */
/* Sinks: where records end. One file under sink/, one row in sink/table.c; one writer thread each. */
#ifndef OUTPUT_SINK_H
#define OUTPUT_SINK_H

#include "output/record.h"

struct sink_ctx {
  const struct output_conf *conf;
  struct counters *ctr;  /* of the sink's thread */
  const char *state_dir; /* may be NULL */
  /** Give back a record that was taken but could not be delivered; copies r. Only within write, poll, sync, close. */
  void (*back)(void *user, const struct record *r);
  void *user;
  const _Atomic bool *closing; /* the program ends: no long waits any more */
  _Atomic int *cause;          /* set it to an errno that says why records are refused, for the operator */
};
struct sink {
  const char *kind; /* "file": what stands before ':' in -o KIND:REST */
  bool spooled;     /* what it cannot take is kept on disk, for the next run too */
  /** ERR_IO, ERR_SYNTAX, ERR_NOMEM; err names what is wrong and the remedy. */
  int (*open)(void **state, const char *rest, const struct sink_ctx *cx, struct conf_error *err);
  /** Take one record; borrowed. Blocks only its own thread. Not taken: ERR_AGAIN busy, try again at once; ERR_NOTFOUND the reader is
   *  gone for good; others: down, try again later (spooled by the router). The sink counts DELIVERED and ERRORS. */
  int (*write)(void *state, const struct record *r);
  /** Called every 100 ms or so and when idle: flush, poll delivery reports. */
  int (*poll)(void *state);
  /** Optional. Wait until all that was taken is delivered or given back; ERR_AGAIN when it takes too long. */
  int (*sync)(void *state);
  /** Flush within timeout_ms and free state; the number of records that could not be delivered. */
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
/** Live traffic: never wait for a sink; spool, and where there is no room, give up and count. Replay (the default) waits. */
void router_live(struct router *r);
/** The end is near: wait for sinks no longer than ms from now, then give up and count as in live. Any thread. */
void router_hurry(struct router *r, int ms);
/** Hand on what waits to be a full block; call when the input is idle. */
void router_flush(struct router *r);
/** Next message about a sink ("kafka:…: broker down, records wait in …"), copied to text; false when there is none. */
bool router_message(struct router *r, char *text, size_t size);
/** Sum the sinks' counters into totals[CTR_COUNT]. */
void router_counters(const struct router *r, uint64_t *totals);
/** What became of one sink's records. Once the router has ended: emitted = delivered + spooled + shed. */
struct sink_account {
  const char *name, *kind; /* as in -o; "file". Valid until router_close */
  uint64_t emitted;        /* records that it was to get, those found in the spool at the start among them */
  uint64_t delivered, spooled, shed;
  uint64_t errors; /* attempts that failed */
};
/** The accounts of up to `most` sinks; their number. Any thread. */
size_t router_accounts(const struct router *r, struct sink_account *out, size_t most);
/** Flush and stop: the number of records not delivered (kept in the spool). Counters and accounts stay readable. */
long router_end(struct router *r, int timeout_ms);
/** router_end, and free r. Takes NULL. */
long router_close(struct router *r, int timeout_ms);

#endif
