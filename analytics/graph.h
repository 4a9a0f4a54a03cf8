/* SPDX-License-Identifier: Apache-2.0 */
/* The service graph: who calls whom, by which protocol and operation, how often, how well, how fast, with which classes of data. */
#ifndef ANALYTICS_GRAPH_H
#define ANALYTICS_GRAPH_H

#include "analytics/analyst_zone.h"
#include "analytics/service.h"
#include "analytics/state_host.h"
#include "base/table.h"
#include "dissect/dissect.h"

enum {
  GRAPH_NAME = STATE_HOST_NAME,
  GRAPH_OPERATION = 192,
  GRAPH_PROTOCOL = 24,
  GRAPH_CLASSES = 256,
  GRAPH_HIST = 32
};

/** What was counted on an edge; sums of two edges are those of both. */
struct graph_sums {
  uint64_t calls;                                         /* of operation "-": flows */
  uint64_t errors_client, errors_server, errors_protocol; /* HTTP 4xx, HTTP 5xx, the protocol's own */
  uint64_t bytes[2];                                      /* by enum dir */
  uint64_t timed, micros;    /* calls whose end of request and begin of response were seen, and their sum */
  uint64_t hist[GRAPH_HIST]; /* by bits of the microseconds: 0, 1, 2-3, 4-7, … */
  uint64_t first_ns, last_ns;
  char classes[2][GRAPH_CLASSES]; /* ids of data classes with commas between, in order of appearance */
  uint8_t jrt0171[2], jrt0197[2]; /* highest of them */
};
struct graph_edge {
  struct table_entry te;
  char caller[GRAPH_NAME]; /* a service, an address, or "internet" */
  char service[GRAPH_NAME], protocol[GRAPH_PROTOCOL];
  char operation[GRAPH_OPERATION]; /* "*": those beyond the cap; "-": flows without calls that were seen */
  uint16_t port;
  struct graph_sums sums;
  bool dirty;
};
struct graph;
/** state_dir NULL: memory only; else state_dir/graph.db, docs/DATAMAP.md. Keeps zones, names and ctr. ERR_IO, ERR_NOMEM;
 *  err names the file and the remedy. */
int graph_new(struct graph **out, const struct zones *zones, const struct service_names *names,
              const char *state_dir, struct counters *ctr, struct conf_error *err);
void graph_free(struct graph *g); /* takes NULL */
/** Count one call, its service and endpoint named. */
void graph_call(struct graph *g, const struct api_event *e);
/** Count a flow that carried payload both ways and no call that was seen. */
void graph_flow(struct graph *g, const struct flow_record *f);
/** Store what changed now and then. */
void graph_tick(struct graph *g);
/** Store what changed. ERR_IO. */
int graph_finish(struct graph *g);
/** Every edge in the order of first appearance. */
void graph_each(const struct graph *g, void (*edge)(void *user, const struct graph_edge *e), void *user);

/** Note a class of one direction. False: there is no room for it. */
bool graph_class(struct graph_sums *s, enum dir d, struct span id);
/** Count how long a call was waited for. */
void graph_timed(struct graph_sums *s, uint64_t micros);
/** Add the sums of `more`. False: a class found no room. */
bool graph_add(struct graph_sums *to, const struct graph_sums *more);
/** Microseconds within which so many per cent of the timed calls were answered; between powers of two in proportion. */
uint64_t graph_within(const struct graph_sums *s, unsigned percent);

/** state_dir/graph.db. As state_db_open. */
int graph_store_open(struct state_db **out, const char *state_dir, bool read_only, struct conf_error *err);
/** Hand over every edge, to be kept (mem_free). < 0: what the callee returned, or ERR_IO, ERR_NOMEM. */
int graph_store_load(struct state_db *db, int (*edge)(void *user, struct graph_edge *e), void *user);
int graph_store_edge(struct state_db *db, const struct graph_edge *e);

#endif
