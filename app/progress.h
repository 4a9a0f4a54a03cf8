/* SPDX-License-Identifier: Apache-2.0 */
/* Progress of a replay on standard error: a bar on a terminal, a line a second elsewhere. */
#ifndef APP_PROGRESS_H
#define APP_PROGRESS_H

#include "app/options.h"
#include "app/pipeline.h"

struct progress {
  enum progress_mode mode; /* AUTO: a bar */
  double start, shown;     /* seconds, monotonic */
};
/** Choose how to show it. */
void progress_start(struct progress *g, const struct options *o);
/** Show it if it is time to. */
void progress_show(struct progress *g, struct pipeline *p);
/** Clear the bar. */
void progress_end(struct progress *g);
/** Monotonic seconds. */
double progress_now(void);

#endif
