/* SPDX-License-Identifier: Apache-2.0 */
/* Content codings over any bytes, whole and cut. */
#include "dissect/body/body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const names[] = {"gzip",          "deflate",        "br", "zstd", "gzip, br",
                                      "zstd, deflate", "x-gzip,identity"};
  if (size < 1) return 0;
  struct span in = {data + 1, size - 1};
  struct buf out;
  buf_init(&out, NULL, 1 << 20);
  uint32_t unseen = 0;
  uint64_t anomalies = 0;
  (void)coding_decode(span_str(names[data[0] % 7]), in, &out, 50, &unseen, &anomalies);
  buf_done(&out);
  return 0;
}
