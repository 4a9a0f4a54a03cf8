/* SPDX-License-Identifier: Apache-2.0 */
/* What replay and live share: the main thread's watch over a running pipeline. */
#ifndef APP_RUN_H
#define APP_RUN_H

#include "app/options.h"
#include "app/pipeline.h"

/** A pipeline with rules and sinks, no inputs yet. NULL after saying why. */
struct pipeline *run_open(const struct options *o, const struct settings *s);
/** Start it, watch it, join it, print the summary. The exit status. */
int run_watch(struct pipeline *p, const struct options *o);
void run_close(struct pipeline *p);

#endif
