/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: a PostgreSQL connection whose pieces, directions and holes come from the input; its bodies are walked. */
#include "tests/fuzz/flow.h"

extern const struct dissector dissector_pgsql;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_database(&dissector_pgsql, span_of(data, size));
  return 0;
}
