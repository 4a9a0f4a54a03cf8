/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: a Dubbo connection whose pieces, directions and holes come from the input. */
#include "tests/fuzz/flow.h"

extern const struct dissector dissector_dubbo;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct span in = {data, size};
  struct fake_flow *f = fake_new();
  dissector_dubbo.probe(in, DIR_REQUEST);
  fake_begin(f, &dissector_dubbo, 0, NULL);
  fuzz_pieces(f, in, false);
  fuzz_free(f);
  return 0;
}
