/* SPDX-License-Identifier: Apache-2.0 */
/* Health for Prometheus: every counter of every thread, each sink's account, gauges; as a file or over HTTP. */
#ifndef OUTPUT_METRICS_H
#define OUTPUT_METRICS_H

#include "base/buf.h"
#include "base/conf.h"
#include "base/counters.h"
#include "capture/capture.h"
#include "output/sink.h"

/** One thread's counters. */
struct metrics_part {
  const char *role; /* "reader", "worker", "analyst" */
  unsigned index;
  const char *source; /* a reader's interface or "replay"; NULL for others */
  const struct counters *ctr;
};
struct metrics_view {
  const struct metrics_part *part;
  size_t parts;
  const struct router *router;
  const struct duplicate_pair *duplicates;
  size_t nduplicates;
  uint64_t rss_bytes;
  double uptime; /* seconds */
  const char *version;
};
/** Append the text exposition (version 0.0.4) of view to out. ERR_NOMEM, ERR_CAP. */
int metrics_text(struct buf *out, const struct metrics_view *view);
/** Write text to path by way of a neighbour that takes its place when whole. ERR_IO with errno set. */
int metrics_file(const char *path, struct span text);

/** Makes the text anew for one request; called from the server's thread. */
typedef int (*metrics_fn)(void *user, struct buf *out);
struct metrics_server;
/** Serve GET /metrics on "ADDRESS:PORT" or "[ADDRESS]:PORT". ERR_SYNTAX, ERR_IO; err names what is wrong. */
int metrics_serve(struct metrics_server **out, const char *listen, metrics_fn text, void *user,
                  struct conf_error *err);
/** Stop serving; takes NULL. */
void metrics_stop(struct metrics_server *s);

#endif
