/* SPDX-License-Identifier: Apache-2.0 */
/* Packets of two flows in any state: sequence numbers, flags and lengths from the input. */
#include "tests/unit/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct wire w;
  wire_begin(&w);
  w.conf.max_segments = 32;
  w.conf.max_segment_bytes = 4096;
  w.conf.max_buffer_bytes = 8192;
  uint32_t next[2] = {1000, 5000};
  struct reader r = reader_of(span_of(data, size));
  while (!r.bad && reader_left(&r) >= 8) {
    uint8_t head = reader_u8(&r), flags = reader_u8(&r);
    int dir = head & 1;
    w.cport = (uint16_t)(40000 + (head >> 1 & 1));
    uint32_t seq = next[dir] + (uint32_t)(int32_t)(int8_t)reader_u8(&r) * (head & 4   ? 1u
                                                                           : head & 8 ? 300000u
                                                                                      : 0u);
    uint32_t ack = next[!dir] + (uint32_t)(int32_t)(int8_t)reader_u8(&r) * (head & 16 ? 1u : 0u);
    struct packet like = {.flags = head & 32 ? PACKET_HAS_TS : 0, .ts_val = (uint32_t)reader_u8(&r) << 12};
    size_t len = reader_u16le(&r) & 1023, cut = reader_u8(&r) & (head & 64 ? 255 : 0);
    struct span s = span_head(reader_rest(&r), len);
    reader_skip(&r, s.len);
    wire_packet(&w, dir, flags & 63, seq, ack, s.base, s.len, s.len + cut, &like);
    next[dir] = seq + (uint32_t)(s.len + cut) + (flags & TCP_SYN ? 1 : 0);
    if (head & 128) dissect_tick(w.d, w.ns += 700000000, w.order);
    w.calls[0] = w.flows[0] = 0;
  }
  wire_done(&w);
  return 0;
}
