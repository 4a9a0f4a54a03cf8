/* SPDX-License-Identifier: Apache-2.0 */
/* HPACK blocks, cut by the input itself, with holes between some. */
#include "dissect/proto/hpack.h"

static int sum(void *user, const struct hpack_field *f) {
  uint64_t *total = user;
  for (size_t i = 0; i < f->name.len; i++) *total += f->name.base[i];
  for (size_t i = 0; i < f->value.len; i++) *total += f->value.base[i];
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct span in = {data, size};
  struct budget budget = {.cap = 1 << 20};
  struct hpack h;
  uint64_t total = 0;
  hpack_init(&h, &budget, size && data[0] & 1);
  while (in.len) {
    uint8_t op = in.base[0];
    struct span block = span_head(span_skip(in, 1), op >> 2);
    in = span_skip(in, 1 + block.len);
    if ((op & 3) == 1) hpack_suspend(&h);
    if ((op & 3) == 2) (void)hpack_try(&h, block, op >> 4, sum, &total);
    if ((op & 3) == 3) (void)hpack_shift(&h, op >> 5);
    (void)hpack_decode(&h, block, sum, &total);
  }
  hpack_done(&h);
  return budget.used != 0 || total == 1;
}
