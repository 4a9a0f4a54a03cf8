/* SPDX-License-Identifier: Apache-2.0 */
/* All decoders over one text. */
#include "analytics/inspect/normalize.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (!size || size > 65536) return 0;
  uint8_t *out = malloc(size + 8);
  if (!out) return 0;
  bool changed;
  struct span s = span_of(data, size);
  if (normalize_unescape(s, data[0] & 1, out, size + 8, &changed) > size) abort();
  if (normalize_base64(s, out, size) > size || normalize_hex(s, out, size) > size ||
      normalize_utf7(s, out, size) > size)
    abort();
  free(out);
  return 0;
}
