/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: datagrams of a QUIC flow, each behind two bytes of direction and length; and the input as frames. */
#include "dissect/proto/quic_packet.h"
#include "tests/unit/fake_flow.h"

extern const struct dissector dissector_quic;

static void on_crypto(void *user, uint64_t off, struct span data) {
  uint64_t *sum = user;
  *sum += off;
  for (size_t i = 0; i < data.len; i++) *sum += data.base[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct span in = {data, size};
  uint64_t sum = 0;
  quic_packet_frames(in, on_crypto, &sum, &sum);
  struct fake_flow *f = fake_new();
  fake_begin(f, &dissector_quic, 0, NULL);
  while (in.len > 2) {
    size_t len = (size_t)(in.base[0] & 0x7f) << 8 | in.base[1];
    struct span piece = span_head(span_skip(in, 2), len);
    dissector_quic.probe(piece, DIR_REQUEST);
    fake_feed(f, in.base[0] & 0x80 ? DIR_RESPONSE : DIR_REQUEST, piece);
    in = span_skip(in, 2 + piece.len);
  }
  if (fake_free(f)) __builtin_trap();
  return 0;
}
