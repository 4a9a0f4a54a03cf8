/* SPDX-License-Identifier: Apache-2.0 */
/* Options of section "output". */
#include "output/record.h"

#include <stddef.h>

#define AT(field) offsetof(struct output_conf, field)

const struct conf_option output_options[] = {
    {"observer", CONF_STRING, AT(observer), "", 0, 0, NULL,
     "observer.name in every record; the host's name when empty"},
    {"kinds", CONF_LIST, AT(kinds), "", 0, 0, NULL,
     "record kinds to emit: call, exposure, finding, incident, asset, flow, dns, tls, sensor; all when "
     "empty"},
    {"sample_calls", CONF_DOUBLE, AT(sample_calls), "1", 0, 1, NULL,
     "share of calls kept; calls with sensitive data or signs of an attack are always kept"},
    {"file_rotate_mb", CONF_INT, AT(file_rotate_mb), "0", 0, 1048576, NULL,
     "start a new file at this size in MiB; 0: never"},
    {"file_rotate", CONF_DURATION, AT(file_rotate_ns), "0s", 0, 31536000, NULL,
     "start a new file after this time; 0s: never"},
    {"file_keep", CONF_INT, AT(file_keep), "0", 0, 100000, NULL,
     "finished files kept beside the present one, the oldest are removed; 0: all"},
    {"fsync", CONF_DURATION, AT(fsync_ns), "1s", 0, 3600, NULL,
     "longest time between writing a record to a file and its fsync; 0s: leave it to the system"},
    {"spool_dir", CONF_STRING, AT(spool_dir), "", 0, 0, NULL,
     "records wait here while a sink cannot take them; <state dir>/spool when empty"},
    {"spool_mb", CONF_INT, AT(spool_mb), "1024", 1, 16777216, NULL,
     "disk space for waiting records, per sink, in MiB; beyond it calls and flows are given up first, "
     "findings last"},
    {"kafka", CONF_LIST, AT(kafka), "", 0, 0, NULL,
     "librdkafka properties, name=value: security.protocol=SASL_SSL, sasl.mechanism=SCRAM-SHA-512, "
     "ssl.ca.location=…"},
    {"topic_prefix", CONF_STRING, AT(topic_prefix), "tapscope.", 0, 0, NULL,
     "a record goes to the Kafka topic with this prefix and the name of its kind"},
    {"queue", CONF_INT, AT(queue), "8192", 256, 1048576, NULL,
     "records that may wait in memory for the sinks"},
    {NULL, CONF_BOOL, 0, NULL, 0, 0, NULL, NULL},
};
