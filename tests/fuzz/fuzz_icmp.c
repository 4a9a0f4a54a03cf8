/* SPDX-License-Identifier: Apache-2.0 */
/* Echoes of two hosts, version 4 and 6: types, numbers, data, cuts and pauses from the input. */
#include "tests/unit/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void echo(struct wire *w, uint8_t head, struct span s, size_t cut) {
  struct packet p = {.ns = w->ns += head & 16 ? 2000000000 : 1000000, .order = ++w->order, .hash = 42};
  uint8_t *copy = malloc(s.len ? s.len : 1); /* exactly as long, so that the sanitizer sees a byte too far */
  if (!copy) abort();
  memcpy(copy, s.base, s.len);
  p.data = copy;
  p.payload_len = p.caplen = p.wirelen = (uint32_t)s.len;
  p.payload_wire = (uint32_t)(s.len + cut);
  p.tuple.src[15] = head & 1 ? 1 : 2;
  p.tuple.dst[15] = head & 1 ? 2 : 1;
  p.tuple.proto = head & 2 ? 58 : 1;
  p.tuple.ipver = head & 2 ? 6 : 4;
  p.tuple.sport = p.tuple.dport = head & 2 ? 128 << 8 : 8 << 8;
  dissect_packet(w->d, &p);
  free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct wire w;
  wire_begin(&w);
  struct reader r = reader_of(span_of(data, size));
  while (!r.bad && reader_left(&r) >= 3) {
    uint8_t head = reader_u8(&r), len = reader_u8(&r), often = reader_u8(&r);
    struct span s = span_head(reader_rest(&r), len);
    reader_skip(&r, s.len);
    for (unsigned n = head & 4 ? often : 1; n; n--) echo(&w, head, s, head & 8 ? often : 0);
    if (head & 128) dissect_tick(w.d, w.ns += 700000000, w.order);
    w.calls[0] = w.flows[0] = 0;
  }
  wire_done(&w);
  return 0;
}
