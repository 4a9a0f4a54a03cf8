/* SPDX-License-Identifier: Apache-2.0 */
/* The sinks that there are. */
#include "output/sink/table.h"

const struct sink *const sink_table[] = {&sink_file, &sink_stdout, &sink_kafka, NULL};
