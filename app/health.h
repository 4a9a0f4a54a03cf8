/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics of a running pipeline: gathered here, written to a file each interval and served over HTTP. */
#ifndef APP_HEALTH_H
#define APP_HEALTH_H

#include "app/pipeline.h"
#include "output/metrics.h"

struct health {
  struct pipeline *p;
  struct metrics_server *server; /* NULL: none */
  double start, written;         /* monotonic seconds */
  bool failing;                  /* told that the file cannot be written */
};
/** Serve if the configuration asks for it. ERR_SYNTAX, ERR_IO with err. */
int health_start(struct health *h, struct pipeline *p, double now, struct conf_error *err);
/** Write the file when it is due, or in any case. */
void health_tick(struct health *h, double now, bool force);
void health_stop(struct health *h);

#endif
