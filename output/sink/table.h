/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the sink table. */
#ifndef OUTPUT_SINK_TABLE_H
#define OUTPUT_SINK_TABLE_H

#include "output/sink.h"

extern const struct sink sink_stdout;
extern const struct sink sink_file;
extern const struct sink sink_kafka;

#endif
