/* SPDX-License-Identifier: Apache-2.0 */
/* The data map: which service gives or takes which class of data, to or from whom, about how many people; and lineage: the
 * same value seen again on its way, by keyed tokens. */
#ifndef ANALYTICS_DATAMAP_H
#define ANALYTICS_DATAMAP_H

#include "analytics/analyst_zone.h"
#include "base/distinct.h"
#include "base/table.h"

enum { DATAMAP_NAME = 128, DATAMAP_CLASS = 32 };

/** Service, class, direction, consumer. */
struct datamap_row {
  struct table_entry te;
  char service[DATAMAP_NAME], consumer[DATAMAP_NAME], class_id[DATAMAP_CLASS]; /* end in NUL */
  enum dir dir;
  enum zone zone; /* of the consumer */
  struct grade grade;
  uint64_t calls, count, first_ns, last_ns;
  struct distinct subjects;
  bool dirty;
};
/** Values of a class that `service` answered to `consumer` after `from` had answered them to it. */
struct datamap_step {
  struct table_entry te;
  char from[DATAMAP_NAME], service[DATAMAP_NAME], consumer[DATAMAP_NAME], class_id[DATAMAP_CLASS];
  uint64_t calls, first_ns, last_ns;
  struct distinct subjects;
  bool dirty;
};

/** A host that answers calls: what it is called. */
struct datamap_host {
  struct table_entry te;
  char address[48], service[DATAMAP_NAME];
  bool dirty;
};
/** What hands on what is known; any may be NULL. Each entry is the callee's to keep (distinct_done, mem_free). */
struct datamap_load {
  int (*row)(void *user, struct datamap_row *r);
  int (*step)(void *user, struct datamap_step *x);
  int (*host)(void *user, struct datamap_host *h);
  void *user;
};

struct datamap;
/** state_dir NULL: memory only; else state_dir/datamap.db, docs/DATAMAP.md. Keeps zones and ctr. ERR_IO, ERR_NOMEM;
 *  err names the file and the remedy. */
int datamap_new(struct datamap **out, const struct zones *zones, const char *state_dir, struct counters *ctr,
                struct conf_error *err);
void datamap_free(struct datamap *m); /* takes NULL */
/** Count one call, its service named. */
void datamap_call(struct datamap *m, const struct api_event *e, uint64_t now);
/** Distinct values of a row: never more than there were values, as an estimate may be. */
uint64_t datamap_subjects(const struct datamap_row *r);
/** Store what changed now and then. */
void datamap_tick(struct datamap *m);
/** Store what changed. ERR_IO. */
int datamap_finish(struct datamap *m);
/** Every row and every step in the order of first appearance; either function may be NULL. */
void datamap_each(const struct datamap *m, void (*row)(void *user, const struct datamap_row *r),
                  void (*step)(void *user, const struct datamap_step *s), void *user);

/** state_dir/datamap.db. */
struct datamap_store;
int datamap_store_open(struct datamap_store **out, const char *state_dir, bool read_only,
                       struct conf_error *err);
void datamap_store_close(struct datamap_store *s); /* takes NULL */
/** < 0: what a callee returned, or ERR_IO. */
int datamap_store_load(struct datamap_store *s, const struct datamap_load *l);
int datamap_store_begin(struct datamap_store *s);
int datamap_store_row(struct datamap_store *s, const struct datamap_row *r);
int datamap_store_step(struct datamap_store *s, const struct datamap_step *x);
int datamap_store_host(struct datamap_store *s, const struct datamap_host *h);
int datamap_store_commit(struct datamap_store *s);

#endif
