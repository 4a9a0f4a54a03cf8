/* SPDX-License-Identifier: Apache-2.0 */
/* The data map: which service gives or takes which class of data, to or from whom, about how many people; and lineage: the
 * same value seen again on its way, by keyed tokens. */
#ifndef ANALYTICS_DATAMAP_H
#define ANALYTICS_DATAMAP_H

#include "analytics/analyst_zone.h"
#include "analytics/state_host.h"
#include "base/distinct.h"
#include "base/table.h"

enum { DATAMAP_NAME = STATE_HOST_NAME, DATAMAP_CLASS = 32 };

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

/** state_dir/datamap.db. As state_db_open. */
int datamap_store_open(struct state_db **out, const char *state_dir, bool read_only, struct conf_error *err);
/** Hand over every row, then every step, to be kept (distinct_done, mem_free). < 0: what a callee returned, or ERR_IO, ERR_NOMEM. */
int datamap_store_load(struct state_db *db, int (*row)(void *user, struct datamap_row *r),
                       int (*step)(void *user, struct datamap_step *x), void *user);
int datamap_store_row(struct state_db *db, const struct datamap_row *r);
int datamap_store_step(struct state_db *db, const struct datamap_step *x);

#endif
