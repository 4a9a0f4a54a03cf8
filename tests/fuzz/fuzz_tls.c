/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: TLS hello messages, fingerprints and certificates. */
#include "dissect/proto/tls_cert.h"
#include "dissect/proto/tls_hello.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct tls_client_hello c;
  struct tls_server_hello s;
  char ja3[32], ja4[36];
  struct txn t = {.kind = TXN_TLS};
  if (tls_hello_client(span_of(data, size), &c) == 0) {
    tls_hello_ja3(&c, ja3);
    tls_hello_ja4(&c, 't', ja4);
  }
  tls_hello_server(span_of(data, size), &s);
  arena_init(&t.arena, NULL, 1 << 20);
  tls_cert_facts(&t, size & 1 ? DIR_REQUEST : DIR_RESPONSE, span_of(data, size), 1795000000ULL * 1000000000);
  tls_cert_chain(&t, span_of(data, size), 1795000000ULL * 1000000000);
  arena_done(&t.arena);
  return 0;
}
