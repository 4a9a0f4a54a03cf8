/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: records of a TLS flow, each piece behind two bytes of direction and length. */
#include "tests/unit/fake_flow.h"

extern const struct dissector dissector_tls;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct span in = {data, size};
  struct fake_flow *f = fake_new();
  fake_begin(f, &dissector_tls, 0, NULL);
  while (in.len > 2) {
    size_t len = (size_t)(in.base[0] & 0x7f) << 8 | in.base[1];
    struct span piece = span_head(span_skip(in, 2), len);
    dissector_tls.probe(piece, DIR_REQUEST);
    fake_feed(f, in.base[0] & 0x80 ? DIR_RESPONSE : DIR_REQUEST, piece);
    in = span_skip(in, 2 + piece.len);
  }
  if (fake_free(f)) __builtin_trap();
  return 0;
}
