/* SPDX-License-Identifier: Apache-2.0 */
/* Options of section "dissect". */
#include "base/conf.h"
#include "dissect/dissector.h"

#define AT(field) offsetof(struct dissect_conf, field)

const struct conf_option dissect_options[] = {
    {"max_flows", CONF_INT, AT(max_flows), "1000000", 1024, 1e8, NULL,
     "flows followed at once; the oldest are ended early beyond it"},
    {"memory_mb", CONF_INT, AT(memory_mb), "2048", 64, 1e6, NULL,
     "MiB for flows, streams and open transactions of all workers together"},
    {"tcp_timeout", CONF_DURATION, AT(tcp_timeout_ns), "10m", 1, 1e6, NULL,
     "silence after which a TCP flow is taken as ended"},
    {"tcp_closed_timeout", CONF_DURATION, AT(tcp_closed_timeout_ns), "5s", 0.001, 1e6, NULL,
     "silence after which a TCP flow that was closed or reset is forgotten"},
    {"udp_timeout", CONF_DURATION, AT(udp_timeout_ns), "1m", 1, 1e6, NULL,
     "silence after which a UDP flow is taken as ended"},
    {"syn_timeout", CONF_DURATION, AT(syn_timeout_ns), "10s", 0.1, 1e6, NULL,
     "silence after which a TCP flow that never carried data is forgotten"},
    {"max_segments", CONF_INT, AT(max_segments), "4096", 16, 1e6, NULL,
     "TCP segments kept out of order, per direction"},
    {"max_segment_bytes", CONF_INT, AT(max_segment_bytes), "1M", 4096, 1e9, NULL,
     "bytes kept out of order, per direction"},
    {"gap_wait", CONF_DURATION, AT(gap_wait_ns), "2s", 0.001, 3600, NULL,
     "longest wait for a missing TCP segment that the peer has acknowledged"},
    {"gap_wait_packets", CONF_INT, AT(gap_wait_packets), "96", 1, 1e6, NULL,
     "the same in packets of the flow"},
    {"max_probe_bytes", CONF_INT, AT(max_probe_bytes), "4096", 64, 65536, NULL,
     "bytes of a direction looked at before its protocol is called unknown"},
    {"max_buffer_bytes", CONF_INT, AT(max_buffer_bytes), "1M", 4096, 1e9, NULL,
     "bytes that a parser may leave for later, per direction"},
    {"max_header_bytes", CONF_INT, AT(max_header_bytes), "64K", 1024, 16777216, NULL,
     "bytes of a message head that are kept"},
    {"max_headers", CONF_INT, AT(max_headers), "512", 8, 65536, NULL,
     "header fields of a message that are kept"},
    {"max_body_bytes", CONF_INT, AT(max_body_bytes), "16M", 0, 4294967296.0, NULL,
     "bytes of a body that are kept"},
    {"max_decoded_bytes", CONF_INT, AT(max_decoded_bytes), "64M", 0, 4294967296.0, NULL,
     "bytes of a body that are kept after content codings were undone"},
    {"max_ratio", CONF_INT, AT(max_ratio), "2000", 2, 1e6, NULL,
     "a body that grows more than so many times when decoded is a bomb"},
    {"max_pending", CONF_INT, AT(max_pending), "256", 1, 1e6, NULL, "open transactions of one flow"},
    {"stream_part", CONF_DURATION, AT(stream_part_ns), "1m", 1, 1e6, NULL,
     "a stream of messages that lasts longer is told in parts of this length"},
    {"ndpi", CONF_BOOL, AT(ndpi), "true", 0, 0, NULL, "name the protocols that no dissector takes by nDPI"},
    {NULL, CONF_BOOL, 0, NULL, 0, 0, NULL, NULL},
};
