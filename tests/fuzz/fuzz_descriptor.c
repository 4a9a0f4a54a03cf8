/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: descriptor sets, and a message read by each type in one. */
#include "dissect/body/descriptor.h"
#include "tests/fuzz/body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct descriptors d;
  uint64_t sum = 0;
  size_t cut = size ? data[0] : 0;
  struct span in = span_skip(span_of(data, size), 1);
  descriptors_init(&d);
  (void)descriptors_add(&d, span_skip(in, cut));
  descriptors_join(&d);
  unsigned n = 0;
  for (const struct descriptor_message *m = d.messages; m && n < 16; m = m->next, n++) {
    struct body_walk w = {
        .leaf = fuzz_leaf, .user = &sum, .mime = SPAN_LIT("application/x-protobuf"), .message = m};
    (void)body_walk(&w, span_head(in, cut), NULL);
  }
  descriptors_done(&d);
  return 0;
}
