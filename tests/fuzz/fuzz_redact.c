/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: what must not be printed of URLs, headers and cookies; the length stays. */
#include "output/redact.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct span s = span_of(data, size);
  struct span marks[2] = {span_head(span_skip(s, 3), 5), span_skip(s, size / 2)};
  const struct redactions r = {.item = marks, .count = 2, .size = 2};
  for (int kind = REDACT_PLAIN; kind <= REDACT_URL; kind++) {
    struct buf scratch;
    buf_init(&scratch, NULL, 0);
    (void)redact_value(&scratch, (enum redact_header)kind, s, kind & 1 ? &r : NULL);
    buf_done(&scratch);
  }
  struct buf scratch;
  buf_init(&scratch, NULL, 0);
  if (redact_url(&scratch, s, NULL, &r).len != s.len) abort();
  buf_done(&scratch);
  (void)redact_header_kind(s);
  return 0;
}
