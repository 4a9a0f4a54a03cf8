/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: bodies of type text/html, and what markup a text holds. */
#include "tests/fuzz/body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_body("text/html", span_of(data, size));
  fuzz_body("text/plain", span_of(data, size));
  return 0;
}
