/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: a Thrift connection whose pieces, directions and holes come from the input, which is a body as well. */
#include "tests/fuzz/body.h"
#include "tests/unit/fake_flow.h"

extern const struct dissector dissector_thrift;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct span in = {data, size};
  struct fake_flow *f = fake_new();
  fuzz_body("application/x-thrift", in);
  dissector_thrift.probe(in, DIR_REQUEST);
  fake_begin(f, &dissector_thrift, 0, NULL);
  while (in.len > 2) {
    enum dir d = in.base[0] & 1 ? DIR_RESPONSE : DIR_REQUEST;
    if ((in.base[0] & 0x7e) == 0x7e) fake_gap(f, d, 1 + in.base[1]);
    struct span piece = span_head(span_skip(in, 2), in.base[1]);
    fake_feed(f, d, piece);
    in = span_skip(in, 2 + piece.len);
  }
  if (fake_free(f)) __builtin_trap();
  return 0;
}
