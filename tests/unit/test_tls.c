/* SPDX-License-Identifier: Apache-2.0 */
/* TLS hellos: lists, GREASE, fingerprints by their published rules, cut input. */
#include "base/err.h"
#include "dissect/proto/tls_hello.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

/* version 1.2, two suites and GREASE, SNI a.example, ALPN h2, supported_versions 1.3 and 1.2, groups x25519 */
static const uint8_t hello[] = "\x03\x03"
                               "0123456789abcdef0123456789abcdef"
                               "\0"
                               "\0\6\x1a\x1a\x13\x01\xc0\x2f"
                               "\1\0"
                               "\0\x34"
                               "\0\0\0\x0e\0\x0c\0\0\x09"
                               "a.example"
                               "\0\x10\0\5\0\3\2h2"
                               "\0\x0a\0\4\0\2\0\x1d"
                               "\0\x2b\0\5\4\3\4\3\3"
                               "\0\x0d\0\4\0\2\4\3";

static void reads_client_hello(void **state) {
  (void)state;
  struct tls_client_hello h;
  assert_int_equal(tls_hello_client(span_of(hello, sizeof hello - 1), &h), 0);
  assert_int_equal(h.version, 0x0304);
  assert_int_equal(h.ciphers, 3);
  assert_true(span_eq(h.server_name, SPAN_LIT("a.example")));
  assert_true(span_eq(h.alpn[0], SPAN_LIT("h2")));
  char ja4[36];
  tls_hello_ja4(&h, 't', ja4);
  assert_memory_equal(ja4, "t13d0205h2_", 11);
}

static void cut_hello_is_told(void **state) {
  (void)state;
  struct tls_client_hello h;
  for (size_t n = 0; n < sizeof hello - 1; n++) {
    if (n == 45) continue; /* a hello without extensions is whole */
    assert_int_equal(tls_hello_client(span_of(hello, n), &h), ERR_TRUNC);
  }
}

static void names_suites(void **state) {
  (void)state;
  assert_string_equal(tls_hello_cipher(0xe013), "ECC_SM4_CBC_SM3");
  assert_string_equal(tls_hello_cipher(0x00c6), "TLS_SM4_GCM_SM3");
  assert_null(tls_hello_cipher(0xfefe));
  assert_true(tls_hello_cipher_weak(0x0005));
  assert_false(tls_hello_cipher_weak(0x1301));
  assert_string_equal(tls_hello_version(0x0101), "tlcp1.1");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_client_hello),
      cmocka_unit_test(cut_hello_is_told),
      cmocka_unit_test(names_suites),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
