/* SPDX-License-Identifier: Apache-2.0 */
/* multipart bodies: any bytes end in leaves inside the body's bounds. */
#include "tests/fuzz/body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_body("multipart/form-data", span_of(data, size));
  return 0;
}
