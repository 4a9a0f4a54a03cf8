/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: bodies of type text/event-stream. */
#include "tests/fuzz/body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_body("text/event-stream", span_of(data, size));
  return 0;
}
