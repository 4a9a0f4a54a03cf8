/* SPDX-License-Identifier: Apache-2.0 */
/* Two byte streams with holes through the flow table into HTTP/1 and what it hands over to. */
#include "tests/unit/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct wire w;
  wire_begin(&w);
  w.conf.max_header_bytes = 1024;
  w.conf.max_headers = 16;
  w.conf.max_body_bytes = 4096;
  w.conf.max_decoded_bytes = 16384;
  w.conf.max_pending = 8;
  uint32_t next[2] = {1001, 5001};
  wire_open(&w, 1000, 5000);
  struct reader r = reader_of(span_of(data, size));
  while (!r.bad && reader_left(&r) >= 3) {
    uint8_t op = reader_u8(&r);
    size_t len = reader_u16le(&r) & 2047;
    int dir = op & 1;
    if (op & 2) {
      next[dir] += (uint32_t)len;
      continue;
    }
    struct span s = span_head(reader_rest(&r), len);
    reader_skip(&r, s.len);
    uint8_t flags = op & 4 && op & 64 ? TCP_ACK | TCP_FIN : TCP_ACK;
    wire_packet(&w, dir, flags, next[dir], next[!dir], s.base, s.len, op & 8 ? s.len + 40 : 0, NULL);
    next[dir] += (uint32_t)(s.len + (op & 8 ? 40 : 0));
    if (op & 16) dissect_tick(w.d, w.ns += 3000000000u, w.order);
    w.calls[0] = w.flows[0] = 0;
  }
  wire_done(&w);
  return 0;
}
