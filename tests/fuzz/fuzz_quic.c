/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: datagrams of a QUIC flow, each behind two bytes of direction and length; and the input as frames. */
#include "dissect/proto/quic_packet.h"
#include "tests/fuzz/flow.h"

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
  fuzz_records(f, in);
  fuzz_free(f);
  return 0;
}
