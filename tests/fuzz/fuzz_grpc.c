/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: a call by gRPC, gRPC-web or Connect whose messages are the input's halves, and the walk over what was unpacked. */
#include "dissect/proto/grpc.h"
#include "tests/fuzz/body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const types[] = {"application/grpc", "application/grpc-web+proto",
                                      "application/grpc-web-text", "application/connect+json",
                                      "application/proto"};
  struct span in = span_skip(span_of(data, size), 1);
  struct txn t = {.protocol = "http", .target = SPAN_LIT("/a.B/C"), .version = SPAN_LIT("2"), .status = 200};
  arena_init(&t.arena, NULL, 1 << 22);
  for (int d = 0; d < 2; d++) {
    struct span half = d ? span_skip(in, in.len / 2) : span_head(in, in.len / 2);
    buf_init(&t.side[d].raw, NULL, 1 << 20);
    buf_init(&t.side[d].decoded, NULL, 1 << 20);
    (void)buf_put(&t.side[d].raw, half);
    t.side[d].seen = true;
    t.side[d].mime = span_str(types[size ? data[0] % 5 : 0]);
    if (size && (data[0] & 0x40))
      (void)txn_header(&t, &t.side[d].headers, SPAN_LIT("grpc-encoding"), SPAN_LIT("gzip"));
  }
  (void)grpc_apply(&t, 100);
  for (int d = 0; d < 2; d++) {
    fuzz_walk(t.side[d].mime, side_body(&t.side[d]));
    buf_done(&t.side[d].raw);
    buf_done(&t.side[d].decoded);
  }
  arena_done(&t.arena);
  return 0;
}
