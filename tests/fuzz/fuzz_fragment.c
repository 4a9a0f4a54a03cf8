/* SPDX-License-Identifier: Apache-2.0 */
/* Fragments of any offsets and lengths, each 4 octets of input: what is rebuilt must be bytes that were sent. */
#include "capture/fragments.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct capture_conf conf = {.frag_max = 4, .frag_max_bytes = 65536, .frag_timeout_ns = 1000000000};
  struct counters ctr = {0};
  struct tuple t = {.ipver = 4};
  struct buf scratch;
  static uint8_t bytes[2048];
  for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(i * 7);
  if (size < 1) return 0;
  conf.frag_policy = data[0] % 5;
  struct fragments *f = fragments_new(&conf, 1, &ctr);
  if (!f) return 0;
  buf_init(&scratch, NULL, 0);
  uint64_t ns = 1;
  for (data++, size--; size >= 4; data += 4, size -= 4) {
    uint32_t offset = (uint32_t)(data[0] & 63) * 8, len = data[1];
    struct fragment in = {&t,     0,           data[2] & 7,           17, 64, data[2] & 8,
                          offset, {bytes, 20}, {bytes + offset, len}, ns};
    struct rebuilt out;
    if (data[2] & 16) in.header.len = 24;
    if (data[2] & 32) in.offset += 60000;
    ns += (uint64_t)data[3] << 22;
    buf_reset(&scratch);
    if (!fragments_add(f, &in, &scratch, &out)) continue;
    if (out.at + out.len != scratch.len || out.header > out.len) abort();
    for (uint32_t i = out.header; i < out.len && out.len < 900; i++)
      if (scratch.base[i] != bytes[i - out.header]) abort();
  }
  fragments_free(f);
  buf_done(&scratch);
  return 0;
}
