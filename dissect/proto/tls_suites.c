/* SPDX-License-Identifier: Apache-2.0 */
/* Cipher suites by number (IANA "TLS Cipher Suites"; GB/T 38636-2020 table 2; RFC 8998). */
#include "dissect/proto/tls_hello.h"

static const struct suite {
  uint16_t id;
  bool weak;
  const char *name;
} suites[] = {
    {0x0000, true, "TLS_NULL_WITH_NULL_NULL"},
    {0x0001, true, "TLS_RSA_WITH_NULL_MD5"},
    {0x0002, true, "TLS_RSA_WITH_NULL_SHA"},
    {0x0003, true, "TLS_RSA_EXPORT_WITH_RC4_40_MD5"},
    {0x0004, true, "TLS_RSA_WITH_RC4_128_MD5"},
    {0x0005, true, "TLS_RSA_WITH_RC4_128_SHA"},
    {0x0009, true, "TLS_RSA_WITH_DES_CBC_SHA"},
    {0x000a, true, "TLS_RSA_WITH_3DES_EDE_CBC_SHA"},
    {0x0016, true, "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA"},
    {0x0018, true, "TLS_DH_anon_WITH_RC4_128_MD5"},
    {0x002f, false, "TLS_RSA_WITH_AES_128_CBC_SHA"},
    {0x0033, false, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA"},
    {0x0034, true, "TLS_DH_anon_WITH_AES_128_CBC_SHA"},
    {0x0035, false, "TLS_RSA_WITH_AES_256_CBC_SHA"},
    {0x0039, false, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA"},
    {0x003b, true, "TLS_RSA_WITH_NULL_SHA256"},
    {0x003c, false, "TLS_RSA_WITH_AES_128_CBC_SHA256"},
    {0x003d, false, "TLS_RSA_WITH_AES_256_CBC_SHA256"},
    {0x0041, false, "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA"},
    {0x0067, false, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256"},
    {0x006b, false, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256"},
    {0x0084, false, "TLS_RSA_WITH_CAMELLIA_256_CBC_SHA"},
    {0x009c, false, "TLS_RSA_WITH_AES_128_GCM_SHA256"},
    {0x009d, false, "TLS_RSA_WITH_AES_256_GCM_SHA384"},
    {0x009e, false, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"},
    {0x009f, false, "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384"},
    {0x00c6, false, "TLS_SM4_GCM_SM3"},
    {0x00c7, false, "TLS_SM4_CCM_SM3"},
    {0x1301, false, "TLS_AES_128_GCM_SHA256"},
    {0x1302, false, "TLS_AES_256_GCM_SHA384"},
    {0x1303, false, "TLS_CHACHA20_POLY1305_SHA256"},
    {0x1304, false, "TLS_AES_128_CCM_SHA256"},
    {0x1305, false, "TLS_AES_128_CCM_8_SHA256"},
    {0xc007, true, "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA"},
    {0xc009, false, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"},
    {0xc00a, false, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"},
    {0xc011, true, "TLS_ECDHE_RSA_WITH_RC4_128_SHA"},
    {0xc012, true, "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"},
    {0xc013, false, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"},
    {0xc014, false, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"},
    {0xc023, false, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"},
    {0xc024, false, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384"},
    {0xc027, false, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"},
    {0xc028, false, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"},
    {0xc02b, false, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
    {0xc02c, false, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"},
    {0xc02f, false, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
    {0xc030, false, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
    {0xcca8, false, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
    {0xcca9, false, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"},
    {0xccaa, false, "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
    {0xe001, false, "ECDHE_SM1_SM3"},
    {0xe003, false, "ECC_SM1_SM3"},
    {0xe011, false, "ECDHE_SM4_CBC_SM3"},
    {0xe013, false, "ECC_SM4_CBC_SM3"},
    {0xe015, false, "IBSDH_SM4_CBC_SM3"},
    {0xe017, false, "IBC_SM4_CBC_SM3"},
    {0xe019, false, "RSA_SM4_CBC_SM3"},
    {0xe051, false, "ECDHE_SM4_GCM_SM3"},
    {0xe053, false, "ECC_SM4_GCM_SM3"},
};

static const struct suite *find(uint16_t id) {
  for (size_t i = 0; i < sizeof suites / sizeof *suites; i++)
    if (suites[i].id == id) return &suites[i];
  return NULL;
}

const char *tls_hello_cipher(uint16_t c) {
  const struct suite *s = find(c);
  return s ? s->name : NULL;
}

bool tls_hello_cipher_weak(uint16_t c) {
  const struct suite *s = find(c);
  return s ? s->weak : c < 0x002f;
}
