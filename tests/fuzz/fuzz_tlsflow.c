/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: records of a TLS flow, each piece behind two bytes of direction and length. */
#include "tests/fuzz/flow.h"

extern const struct dissector dissector_tls;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct span in = {data, size};
  struct fake_flow *f = fake_new();
  fake_begin(f, &dissector_tls, 0, NULL);
  fuzz_records(f, in);
  fuzz_free(f);
  return 0;
}
