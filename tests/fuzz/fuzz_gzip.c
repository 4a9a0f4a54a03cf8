/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: bodies of type application/gzip. */
#include "tests/fuzz/body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_body("application/gzip", span_of(data, size));
  return 0;
}
