/* SPDX-License-Identifier: Apache-2.0 */
/* A WebSocket connection whose pieces, directions and holes come from the input. */
#include "tests/fuzz/flow.h"

extern const struct dissector dissector_websocket;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct span in = {data, size};
  struct fake_flow *f = fake_new();
  struct txn *t = txn_open(&f->cx, "http");
  t->side[0].seen = t->side[1].seen = true;
  struct span how = SPAN_LIT("permessage-deflate; client_no_context_takeover");
  if (size && (data[0] & 1))
    (void)txn_header(t, &t->side[1].headers, SPAN_LIT("sec-websocket-extensions"), how);
  fake_begin(f, &dissector_websocket, 0, t);
  in = span_skip(in, 1);
  fuzz_pieces(f, in, true);
  fuzz_free(f);
  return 0;
}
