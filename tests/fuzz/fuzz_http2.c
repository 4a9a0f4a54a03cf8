/* SPDX-License-Identifier: Apache-2.0 */
/* An HTTP/2 connection whose pieces, directions and holes come from the input. */
#include "tests/fuzz/flow.h"

extern const struct dissector dissector_http2;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct span in = {data, size};
  (void)dissector_http2.probe(in, DIR_REQUEST);
  (void)dissector_http2.side(in);
  struct fake_flow *f = fake_new();
  fake_begin(f, &dissector_http2, size && (data[0] & 1) ? UNSEEN_MIDSTREAM : 0, NULL);
  in = span_skip(in, 1);
  fuzz_pieces(f, in, true);
  fuzz_free(f);
  return 0;
}
