/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: the header of a load balancer at the front of a connection. */
#include "dissect/proxied.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct proxied p;
  if (proxied_read(span_of(data, size), &p) == PROBE_YES && (!p.len || p.len > size || p.len > PROXIED_MOST))
    __builtin_trap();
  return 0;
}
