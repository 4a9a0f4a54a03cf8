/* SPDX-License-Identifier: Apache-2.0 */
/* What replay and live share: the main thread's watch over a running pipeline. */
#ifndef APP_RUN_H
#define APP_RUN_H

#include "app/options.h"
#include "app/pipeline.h"

/** Opens a command's inputs into p. 0 or < 0 with err. */
typedef int (*run_inputs)(struct pipeline *p, const struct options *o, struct conf_error *err);
/** Build a pipeline with rules, inputs and sinks, in this order; start it, watch it, join it, print the summary. The exit status; what is
 *  wrong is said. */
int run_all(const struct options *o, const struct settings *s, run_inputs inputs);

#endif
