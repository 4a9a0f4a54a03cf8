/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: a spool file of any bytes is read up to its first damage. */
#include "output/spool_segment.h"
#include "tests/fuzz/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct span rest = {data, size};
  struct record r;
  uint64_t off = size ? data[0] : 0, sound, records;
  for (size_t n; (n = spool_segment_parse(rest, &r)) > 0; rest = span_skip(rest, n))
    if (n > rest.len || spool_segment_need(&r) != n) abort();
  struct fuzz_file f = fuzz_file(span_of(data, size));
  if (spool_segment_scan(f.path, &off, &sound, &records) >= 0 && (sound > size || off > size)) abort();
  fuzz_file_end(&f);
  return 0;
}
