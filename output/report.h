/* SPDX-License-Identifier: Apache-2.0 */
/* The report: inventory, data classes, findings and losses in one self-contained HTML file. */
#ifndef OUTPUT_REPORT_H
#define OUTPUT_REPORT_H

#include "analytics/analyst.h"
#include "analytics/datamap.h"
#include "base/counters.h"

struct report;
/** Rows of each table are capped at `rows`. NULL when out of memory. */
struct report *report_new(size_t rows);
void report_free(struct report *r);
/** Feed it what the analyst publishes; everything is copied, later states of one thing replace earlier ones. Takes r NULL. */
void report_call(struct report *r, const struct api_event *e);
void report_exposure(struct report *r, const struct exposure *x);
void report_finding(struct report *r, const struct finding *f);
void report_incident(struct report *r, const struct incident *i);
void report_asset(struct report *r, const struct asset *a);
/** Once, at the end; m may be NULL. */
void report_datamap(struct report *r, const struct datamap *m);

struct report_totals {
  const uint64_t *counters;   /* CTR_COUNT values */
  const char *title;          /* what was replayed, or the sensor's name */
  uint64_t first_ns, last_ns; /* packet time; 0: unknown */
};
/** Write the page to path, by a new file and a rename. ERR_IO, ERR_NOMEM. */
int report_write(const struct report *r, const char *path, const struct report_totals *t);

#endif
