/* SPDX-License-Identifier: Apache-2.0 */
/* Charsets: whatever is guessed converts, and the result is UTF-8. */
#include "dissect/body/charset.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct span s = span_of(data, size);
  struct buf out;
  buf_init(&out, NULL, size * 4 + 64);
  (void)charset_nearly_utf8(s);
  int rc = charset_utf8(span_str(charset_guess(s)), s, &out);
  if (rc == 0 && !charset_is_utf8(buf_span(&out))) abort();
  buf_done(&out);
  return 0;
}
