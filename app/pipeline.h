/* SPDX-License-Identifier: Apache-2.0 */
/* Threads and rings: readers, workers, the analyst. What each owns, it alone frees. */
#ifndef APP_PIPELINE_H
#define APP_PIPELINE_H

#include "app/settings.h"
#include "app/summary.h"
#include "analytics/analyst.h"
#include "base/arena.h"
#include "base/ring.h"
#include "output/report.h"
#include "output/sink.h"

#include <pthread.h>
#include <stdatomic.h>

enum { PIPELINE_SHARDS = 16, PIPELINE_READERS = 32, PIPELINE_WORKERS = 16 };

/** A batch with the memory its copied frames live in. Made and freed by its reader. */
struct work {
  struct batch batch;
  struct arena arena;
};

enum result_kind { RESULT_EVENT, RESULT_FLOW };
struct result {
  enum result_kind kind;
  uint64_t order, conn;
  uint32_t seq;
  union {
    struct api_event *event;
    struct flow_record *flow;
  };
};
/** What one worker made of one epoch, sorted. Made and freed by its worker. */
struct results {
  struct result *item;
  size_t count, size;
  struct arena arena; /* flow records */
  uint64_t clock;
  bool last;
};

struct pipeline;

struct reader {
  struct pipeline *p;
  unsigned index;
  pthread_t thread;
  struct decoder *decoder;
  struct live *live;  /* NULL for replay */
  const char *source; /* its interface; NULL for replay */
  struct work *open[PIPELINE_WORKERS];
  struct ring *to[PIPELINE_WORKERS], *back[PIPELINE_WORKERS];
  struct counters ctr;
  struct buf scratch;
  uint64_t order, clock;
  unsigned shed; /* 0..15: sixteenths of flows given up under overload */
};

struct worker {
  struct pipeline *p;
  unsigned index;
  pthread_t thread;
  struct dissect *shard[PIPELINE_SHARDS]; /* those it owns; NULL for others */
  struct budget shard_budget[PIPELINE_SHARDS], pool_budget;
  struct txn_pool *pool;
  struct ndpi_env *ndpi;
  struct analyzer *analyzer;
  _Atomic(const struct ruleset *) rules;
  struct results *out;
  struct ring *to, *back; /* results to the analyst and back */
  struct results **spare; /* back already, the warmest last */
  uint64_t *mark;         /* of each set with results that is out: `sent` as it went; a ring of `sets` */
  size_t sets, nspare, nmarks, mark_head;
  uint64_t sent, home;            /* results handed on, come back */
  _Atomic(struct dedup *) copies; /* with several readers: packets that came by more than one; else NULL */
  struct counters ctr;
  uint64_t order;  /* end of the epoch in hand */
  uint64_t ticked; /* second whose timers were run, in replays */
};

struct analysis {
  struct pipeline *p;
  pthread_t thread;
  struct analyst *analyst;
  struct lookahead *lookahead;
  struct encoder *encoder;
  struct router *router;
  struct summary summary;
  struct counters ctr;
  _Atomic(const struct ruleset *) rules;
  uint64_t clock, next_sensor, first_clock;
  struct report *report; /* NULL: none is written */
};

struct pipeline {
  const struct settings *settings;
  const char *state_dir; /* NULL: none */
  char title[128];       /* what is read, for the report */
  struct replay *replay;
  struct reader reader[PIPELINE_READERS];
  struct worker worker[PIPELINE_WORKERS];
  struct analysis analysis;
  unsigned readers, workers;
  _Atomic(const struct ruleset *) rules;
  _Atomic bool stop; /* readers: end in order */
  _Atomic bool done; /* the analyst has finished */
  _Atomic uint64_t bytes_done, bytes_total, calls;
  _Atomic int failed; /* first enum err of any thread */
  long undelivered;
};

/** What the configuration says of this machine: is it so? 0 or < 0 with err. */
int pipeline_check(const struct settings *s, struct conf_error *err);
/** Prepare the workers; starts no thread. Takes rules over. 0 or < 0 with err; pipeline_done is owed either way. */
int pipeline_init(struct pipeline *p, const struct settings *s, struct ruleset *rules,
                  struct conf_error *err);
/** Open the sinks, whose threads start at once, once inputs are open and privileges are dropped. 0 or < 0 with err. */
int pipeline_sinks(struct pipeline *p, char *const *sinks, size_t nsinks, struct conf_error *err);
/** Start all threads; inputs are open and p->readers is set. */
int pipeline_start(struct pipeline *p);
/** Wait for all threads. The number of records left undelivered, or < 0. */
long pipeline_join(struct pipeline *p);
void pipeline_done(struct pipeline *p);
/** Let all threads use other rules; frees the old ones once nobody reads them any more. Takes rules over. */
void pipeline_rules(struct pipeline *p, struct ruleset *rules);
/** Sum of all threads' counters into totals[CTR_COUNT]. */
void pipeline_counters(struct pipeline *p, uint64_t *totals);
/** All threads' copies left out, by pair of places, in their order; how many pairs. */
size_t pipeline_duplicates(struct pipeline *p, struct duplicate_pair out[DUPLICATE_PAIRS]);

/** Prepare a reader that has no input yet. 0 or ERR_NOMEM; reader_done is owed either way. */
int reader_init(struct reader *r, struct pipeline *p, unsigned index);
void reader_done(struct reader *r);
/** Thread body for p->replay. */
void *reader_replay(void *reader);
/** Thread body for reader->live. */
void *reader_live(void *reader);

/** Prepare a worker with its shards, results and rings. 0 or ERR_NOMEM; worker_done is owed either way. */
int worker_init(struct worker *w, struct pipeline *p, unsigned index);
void worker_done(struct worker *w);
/** Thread body. */
void *worker_run(void *worker);

/** Prepare the analyst and open its sinks. 0 or < 0 with err; analysis_done is owed either way. */
int analysis_init(struct analysis *a, struct pipeline *p, char *const *sinks, size_t nsinks,
                  struct conf_error *err);
void analysis_done(struct analysis *a);
/** Write the report where the configuration asks for it; all threads but the writers have ended. */
void analysis_report(struct analysis *a);
/** Thread body. */
void *analysis_run(void *analysis);

#endif
