/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: a call whose request and answer are the input's two halves, parted by a NUL. */
#include "dissect/model/dialect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct span rest = {data, size};
  struct span half[2] = {span_cut(&rest, 0), rest};
  struct txn t = {.protocol = "http", .method = SPAN_LIT("POST"), .path = SPAN_LIT("/graphql")};
  arena_init(&t.arena, NULL, 1 << 22);
  for (int d = 0; d < 2; d++) {
    t.side[d].seen = half[d].len > 0;
    buf_init(&t.side[d].raw, NULL, 0);
    (void)buf_put(&t.side[d].raw, half[d]);
  }
  if (half[0].len && half[0].base[0] >= 'A') t.query = half[0];
  dialect_apply(&t);
  for (int d = 0; d < 2; d++) buf_done(&t.side[d].raw);
  arena_done(&t.arena);
  return 0;
}
