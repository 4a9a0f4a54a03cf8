/* SPDX-License-Identifier: Apache-2.0 */
/* One screen at the end of a replay: what was seen, found and lost. */
#ifndef APP_SUMMARY_H
#define APP_SUMMARY_H

#include "output/record.h"
#include "output/sink.h"

#include <stdio.h>

enum { SUMMARY_CLASSES = 128 };
struct summary_class {
  const char *id;
  uint64_t count;
  struct grade grade;
};
struct summary {
  uint64_t records[RECORD_KIND_COUNT];
  uint64_t endpoints;
  struct summary_class data[SUMMARY_CLASSES];
  size_t classes;
  uint64_t findings[5]; /* info, low, medium, high, critical; each finding once, as last published */
  uint64_t incidents;
};

/** Count one thing that was told. */
void summary_call(struct summary *s, const struct api_event *e);
void summary_finding(struct summary *s, const struct finding *f);
void summary_incident(struct summary *s, const struct incident *i);
void summary_asset(struct summary *s, const struct asset *a);
/** Print it. totals: CTR_COUNT counters; seconds of wall clock and of processor; peak resident bytes. */
void summary_print(const struct summary *s, const uint64_t *totals, double wall, double cpu, size_t rss,
                   FILE *out);
/** Print what became of each sink's records. */
void summary_sinks(const struct sink_account *sink, size_t n, FILE *out);

#endif
