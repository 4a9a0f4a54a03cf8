/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: DNS messages. */
#include "dissect/proto/dns_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct arena a;
  struct dns_message m;
  struct dns_answer r;
  arena_init(&a, NULL, 1 << 20);
  if (dns_message_parse(span_of(data, size), &a, &m) == 0)
    for (unsigned i = 0; i < 300 && dns_message_answer(&m, &a, &r) == 0; i++) {}
  arena_done(&a);
  return 0;
}
