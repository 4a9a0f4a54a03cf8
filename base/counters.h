/* SPDX-License-Identifier: Apache-2.0 */
/* Counters: one array per thread, summed by the reader; every drop and every cap has a name here. */
#ifndef BASE_COUNTERS_H
#define BASE_COUNTERS_H

#include <stdatomic.h>
#include <stdint.h>

/* id, name as in sensor records and metrics ("a.b" nests), what it counts */
#define COUNTERS(X) \
  X(CAPTURE_PACKETS, "capture.packets", "packets read") \
  X(CAPTURE_BYTES, "capture.bytes", "bytes on the wire of packets read") \
  X(CAPTURE_DROP_KERNEL, "capture.drop.kernel", "packets the kernel dropped for want of ring space") \
  X(CAPTURE_DROP_INTERFACE, "capture.drop.interface", "packets the interface dropped") \
  X(CAPTURE_DROP_RING, "capture.drop.ring_full", "packets dropped because a worker's ring was full") \
  X(CAPTURE_DROP_SHED, "capture.drop.shed", "packets of flows shed because a core could not keep up") \
  X(CAPTURE_SNAPPED, "capture.snapped", "packets cut by the snapshot length") \
  X(CAPTURE_DUPLICATE, "capture.duplicate", "duplicate frames left out") \
  X(CAPTURE_FILE_CUT, "capture.file_cut", "capture files that end in mid-packet") \
  X(CAPTURE_BAD_RECORD, "capture.bad_record", "capture records that make no sense") \
  X(DECODE_UNKNOWN, "decode.unknown", "frames without an IP packet inside") \
  X(DECODE_MALFORMED, "decode.malformed", "packets with impossible lengths or headers") \
  X(DECODE_DEPTH, "decode.depth", "packets nested deeper than the cap") \
  X(DECODE_BAD_CHECKSUM, "decode.bad_checksum", "packets left out for a wrong checksum") \
  X(DECODE_OTHER_L4, "decode.other_l4", "IP packets that are neither TCP nor UDP") \
  X(FRAG_SEEN, "fragment.seen", "IP fragments") \
  X(FRAG_DONE, "fragment.reassembled", "datagrams put together from fragments") \
  X(FRAG_TIMEOUT, "fragment.timeout", "datagrams given up because a fragment never came") \
  X(FRAG_CAP, "fragment.cap", "fragments dropped at the table's cap") \
  X(FRAG_OVERLAP, "fragment.overlap", "fragments that overlap another") \
  X(FLOW_NEW, "flow.new", "flows begun") \
  X(FLOW_CLOSED, "flow.closed", "flows ended") \
  X(FLOW_CAP, "flow.drop.cap", "flows ended early at the table's cap") \
  X(FLOW_MEMORY, "flow.drop.memory", "packets not followed for want of memory") \
  X(FLOW_MIDSTREAM, "flow.midstream", "TCP flows picked up without their handshake") \
  X(FLOW_ONE_SIDED, "flow.one_sided", "flows of which one direction was seen") \
  X(TCP_SEGMENTS, "tcp.segments", "TCP segments with payload") \
  X(TCP_OUT_OF_ORDER, "tcp.out_of_order", "segments that came before an earlier one") \
  X(TCP_RETRANSMIT, "tcp.retransmit", "bytes seen again") \
  X(TCP_OVERLAP_DIFFERS, "tcp.overlap_differs", "retransmissions with other content") \
  X(TCP_KEEPALIVE, "tcp.keepalive", "keep-alive and window probes") \
  X(TCP_GAP, "tcp.gap", "holes given up") \
  X(TCP_GAP_BYTES, "tcp.gap_bytes", "bytes in holes given up") \
  X(TCP_SEGMENT_CAP, "tcp.drop.segment_cap", "segments dropped at the reassembly cap") \
  X(TCP_OUT_OF_WINDOW, "tcp.drop.out_of_window", "segments dropped for a sequence far outside the window") \
  X(TCP_AFTER_END, "tcp.drop.after_end", "bytes after FIN or RST left out") \
  X(DISSECT_UNKNOWN, "dissect.unknown", "flows that no dissector takes") \
  X(DISSECT_RESYNC, "dissect.resync", "times a parser found its place again") \
  X(DISSECT_LOST_SYNC, "dissect.lost_sync", "times a parser lost its place") \
  X(DISSECT_PENDING_CAP, "dissect.cap.pending", "transactions given up at the cap of open ones") \
  X(DISSECT_HEADER_CAP, "dissect.cap.header", "heads cut at the cap") \
  X(DISSECT_BODY_CAP, "dissect.cap.body", "bodies cut at the cap") \
  X(DISSECT_DECODE_CAP, "dissect.cap.decode", "decoded bodies cut at the cap") \
  X(DISSECT_MEMORY, "dissect.drop.memory", "transactions dropped for want of memory") \
  X(DISSECT_UNREAD, "dissect.unread", "bodies in a serialization that is not read") \
  X(DISSECT_REFUSED, "dissect.drop.refused", \
    "requests for memory that a worker's budget or the heap refused") \
  X(DISSECT_TXN, "dissect.transactions", "transactions") \
  X(ANALYTICS_CALLS, "analytics.calls", "API calls") \
  X(ANALYTICS_FINDINGS, "analytics.findings", "findings") \
  X(ANALYTICS_EXCEPTED, "analytics.excepted", "signals left out by an exception of the user") \
  X(ANALYTICS_SHADOWED, "analytics.shadowed", "signals of rules on trial") \
  X(ANALYTICS_REGRADED, "analytics.regraded", "signals whose severity an exception changed") \
  X(ANALYTICS_STATE_CAP, "analytics.cap.state", "entries given up at a cap of the analyst's tables") \
  X(ANALYTICS_DATA_CAP, "analytics.cap.data", "values of data classes not counted at a cap of one message") \
  X(ANALYTICS_MEMORY, "analytics.drop.memory", "events or parts of them dropped for want of memory") \
  X(OUTPUT_EMITTED, "output.emitted", "records given to sinks") \
  X(OUTPUT_DELIVERED, "output.delivered", "records a sink has safely passed on") \
  X(OUTPUT_SPOOLED, "output.spooled", "records waiting on disk") \
  X(OUTPUT_SHED, "output.shed", "records given up at the spool's disk cap") \
  X(OUTPUT_SAMPLED, "output.sampled_out", "records left out by the configured sampling") \
  X(OUTPUT_ERRORS, "output.errors", "delivery attempts that failed")

enum counter {
#define X(id, name, doc) CTR_##id,
  COUNTERS(X)
#undef X
      CTR_COUNT
};

/** One thread's counters. Written by its owner, read by anyone. */
struct counters {
  _Atomic uint64_t v[CTR_COUNT];
};
static inline void ctr_add(struct counters *c, enum counter id, uint64_t n) {
  atomic_store_explicit(&c->v[id], atomic_load_explicit(&c->v[id], memory_order_relaxed) + n,
                        memory_order_relaxed);
}
static inline void ctr_inc(struct counters *c, enum counter id) { ctr_add(c, id, 1); }
static inline uint64_t ctr_get(const struct counters *c, enum counter id) {
  return atomic_load_explicit(&c->v[id], memory_order_relaxed);
}
/** Name as printed, and what it counts. Static text. */
const char *ctr_name(enum counter id);
const char *ctr_doc(enum counter id);

#endif
