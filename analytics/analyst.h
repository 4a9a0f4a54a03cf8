/* SPDX-License-Identifier: Apache-2.0 */
/* The analyst: one thread, sees all events in packet order, keeps what needs more than one flow. */
#ifndef ANALYTICS_ANALYST_H
#define ANALYTICS_ANALYST_H

#include "analytics/analyzer.h"
#include "dissect/dissect.h"

struct schema_book;
struct service_row;
/** An endpoint as the inventory knows it; borrowed for the call. */
struct asset {
  struct span id; /* stable: hash of service, method and template */
  struct span service, method, endpoint;
  const char *kind;     /* "endpoint", "service", "image" */
  const char *change;   /* "new", "active", "changed", "dormant", "revived", "retired", "merged" */
  const char *state;    /* "active", … */
  const char *exposure; /* "internet", "partner", "internal", "management" */
  uint64_t ns, first_ns, last_ns, calls;
  uint32_t callers;
  uint8_t addr[16];
  uint16_t port; /* of the server first seen */
  const char *protocol;
  uint32_t auth;            /* bits: 1 << enum auth_kind */
  struct data_hits data[2]; /* classes with counts */
  double visibility;        /* share of bytes seen, 0..1 */
  int risk;                 /* 0..100, -1 unknown */
  struct span risk_why;     /* "exposure 20, auth 30, …" */
  struct span tags;         /* comma separated */
  struct span detail;       /* what changed */
  struct span owner;
  const char *auth_main;   /* kind that most calls had; "" unknown */
  struct span auth_others; /* its exceptions: "none 3 of 120" */
  const char (*algs)[12];  /* four, of JWTs, NUL-terminated; NULL: none */
  uint64_t plaintext;      /* calls without TLS */
  uint32_t findings;
  bool accepted;                    /* in the baseline */
  const struct schema_book *schema; /* analytics/schema_book.h; NULL: not told here */
  const struct service_row *about;  /* analytics/inventory_service.h; of kind "service" */
};

/** A data class that an endpoint moves to or from a consumer; one per new (endpoint, direction, class, consumer). */
struct exposure {
  const struct api_event *event; /* the call that showed it */
  enum dir dir;
  const struct data_hit *hit;
  struct span consumer; /* service name, or address prefix zone */
  const char *zone;     /* "internet", "partner", "internal", "management" */
  bool authenticated, plaintext;
};

/** What the analyst hands on; everything is borrowed for the call. Any member may be NULL. */
struct analyst_sink {
  void *user;
  void (*call)(void *user, const struct api_event *e); /* also DNS and TLS, by e->txn->kind */
  void (*exposure)(void *user, const struct exposure *x);
  void (*finding)(void *user, const struct finding *f);
  void (*incident)(void *user, const struct incident *i);
  void (*asset)(void *user, const struct asset *a);
  void (*flow)(void *user, const struct flow_record *f);
};

struct analyst;
struct datamap; /* analytics/datamap.h */
/** state_dir NULL: keep nothing on disk. ERR_IO, ERR_NOMEM; err names the file and the remedy. */
int analyst_new(struct analyst **out, const struct analytics_conf *conf, const struct ruleset *rules,
                const char *state_dir, struct counters *ctr, struct analyst_sink sink,
                struct conf_error *err);
void analyst_free(struct analyst *a);
void analyst_rules(struct analyst *a, const struct ruleset *rules);
/** Tell w, which is kept, of each correlation's work. */
void analyst_watch(struct analyst *a, const struct watch *w);
/** Optional look ahead: each event, in order, some seconds of packet time before analyst_event sees it. Templates, names and
 *  calls inside calls are then known before the first call is named and judged. Either for all events or for none. */
void analyst_learn(struct analyst *a, struct api_event *e);
/** One event; borrowed, the caller frees it after. */
void analyst_event(struct analyst *a, struct api_event *e);
void analyst_flow(struct analyst *a, const struct flow_record *f);
/** Packet time has come to clock. */
void analyst_tick(struct analyst *a, uint64_t clock);
/** What moved to whom so far. */
const struct datamap *analyst_datamap(const struct analyst *a);
/** The input ended: close windows, publish what is open, store the inventory. */
int analyst_finish(struct analyst *a);

/** One correlation: one file in correlate/, one row in correlate/table.c. */
struct correlate_ctx; /* analytics/correlate/correlate.h: raise a finding, now, conf, names */
struct correlation {
  const struct rule *rule;
  size_t state_size;                                   /* zeroed */
  int (*start)(void *state, struct correlate_ctx *cx); /* any may be NULL */
  void (*event)(void *state, struct correlate_ctx *cx, const struct api_event *e);
  void (*flow)(void *state, struct correlate_ctx *cx, const struct flow_record *f);
  void (*tick)(void *state, struct correlate_ctx *cx, uint64_t clock);
  void (*stop)(void *state, struct correlate_ctx *cx, bool end); /* end: raise what is open; then free */
};
extern const struct correlation *const correlation_table[];
/** Rows with tables so large that what a call looks up there is sent for ahead; ends with NULL members. Changes no result. */
struct correlation_ahead {
  const struct correlation *row;
  void (*ahead)(const void *state, const struct correlate_ctx *cx, const struct api_event *e);
};
extern const struct correlation_ahead correlation_aheads[];

#endif
