/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, header protection and AEAD of QUIC Initial packets by OpenSSL (RFC 9001 5.2-5.4, RFC 9369). */
#include "dissect/proto/quic_crypto.h"
#include "base/err.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>

enum { SECRET = 32, LABEL_MOST = 32 };

#define SALT_1 \
  { \
    0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, \
        0xbb, 0x7f, 0x0a \
  }
#define SALT_2 \
  { \
    0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, \
        0xbd, 0x2e, 0xd9 \
  }
#define SALT_29 \
  { \
    0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97, 0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, \
        0x90, 0xa8, 0x99 \
  }
#define SALT_23 \
  { \
    0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7, 0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe, \
        0xf9, 0xf5, 0x02 \
  }
#define DRAFT(n, salt) \
  { 0xff000000 + (n), "draft-" #n, 0, salt, "quic" }
static const struct quic_version versions[] = {
    {0x00000001, "1", 0, SALT_1, "quic"},
    {0x6b3343cf, "2", 1, SALT_2, "quicv2"},
    DRAFT(34, SALT_1),
    DRAFT(33, SALT_1),
    DRAFT(32, SALT_29),
    DRAFT(31, SALT_29),
    DRAFT(30, SALT_29),
    DRAFT(29, SALT_29),
    DRAFT(28, SALT_23),
    DRAFT(27, SALT_23),
    DRAFT(26, SALT_23),
    DRAFT(25, SALT_23),
    DRAFT(24, SALT_23),
    DRAFT(23, SALT_23),
    {0xfaceb002, "mvfst-27", 0, SALT_23, "quic"},
};

const struct quic_version *quic_crypto_version(uint32_t number) {
  for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
    if (versions[i].number == number) return &versions[i];
  return NULL;
}

static int hmac(const uint8_t *key, size_t nkey, const uint8_t *in, size_t n, uint8_t out[SECRET]) {
  return HMAC(EVP_sha256(), key, (int)nkey, in, n, out, NULL) ? 0 : ERR_NOMEM;
}

/* HKDF-Expand-Label of at most one block (RFC 8446 7.1). */
static int expand(const uint8_t secret[SECRET], const char *label, uint8_t *out, size_t n) {
  uint8_t info[LABEL_MOST + 5], block[SECRET];
  char text[LABEL_MOST];
  int len = snprintf(text, sizeof text, "tls13 %s", label);
  if (len < 0 || len >= LABEL_MOST) return ERR_RANGE;
  size_t at = 0;
  info[at++] = 0;
  info[at++] = (uint8_t)n;
  info[at++] = (uint8_t)len;
  memcpy(info + at, text, (size_t)len);
  at += (size_t)len;
  info[at++] = 0;
  info[at++] = 1; /* the block's number */
  int rc = hmac(secret, SECRET, info, at, block);
  memcpy(out, block, n);
  return rc;
}

int quic_crypto_keys(const struct quic_version *v, struct span dcid, struct quic_keys out[2]) {
  static const char *const sides[] = {"client in", "server in"};
  char key[16], iv[16], hp[16];
  uint8_t initial[SECRET], secret[SECRET];
  snprintf(key, sizeof key, "%s key", v->label);
  snprintf(iv, sizeof iv, "%s iv", v->label);
  snprintf(hp, sizeof hp, "%s hp", v->label);
  int rc = hmac(v->salt, sizeof v->salt, dcid.base, dcid.len, initial);
  for (int d = 0; d < 2 && rc >= 0; d++) {
    rc = expand(initial, sides[d], secret, SECRET);
    if (rc >= 0) rc = expand(secret, key, out[d].key, sizeof out[d].key);
    if (rc >= 0) rc = expand(secret, iv, out[d].iv, sizeof out[d].iv);
    if (rc >= 0) rc = expand(secret, hp, out[d].hp, sizeof out[d].hp);
  }
  return rc;
}

int quic_crypto_mask(const struct quic_keys *k, const uint8_t *sample, uint8_t mask[5]) {
  EVP_CIPHER_CTX *cx = EVP_CIPHER_CTX_new();
  uint8_t block[QUIC_SAMPLE + 16];
  int n = 0;
  bool ok = cx && EVP_EncryptInit_ex(cx, EVP_aes_128_ecb(), NULL, k->hp, NULL) == 1 &&
            EVP_CIPHER_CTX_set_padding(cx, 0) == 1 &&
            EVP_EncryptUpdate(cx, block, &n, sample, QUIC_SAMPLE) == 1;
  EVP_CIPHER_CTX_free(cx);
  if (!ok || n < 5) return ERR_NOMEM;
  memcpy(mask, block, 5);
  return 0;
}

int quic_crypto_open(const struct quic_keys *k, uint64_t number, struct span header, struct span in,
                     uint8_t *out) {
  uint8_t nonce[12], tag[QUIC_TAG];
  if (in.len < QUIC_TAG) return ERR_SYNTAX;
  memcpy(nonce, k->iv, sizeof nonce);
  for (unsigned i = 0; i < 8; i++) nonce[11 - i] ^= (uint8_t)(number >> (8 * i));
  size_t len = in.len - QUIC_TAG;
  memcpy(tag, in.base + len, QUIC_TAG);
  EVP_CIPHER_CTX *cx = EVP_CIPHER_CTX_new();
  int n = 0;
  bool ok = cx && EVP_DecryptInit_ex(cx, EVP_aes_128_gcm(), NULL, k->key, nonce) == 1 &&
            EVP_DecryptUpdate(cx, NULL, &n, header.base, (int)header.len) == 1 &&
            EVP_DecryptUpdate(cx, out, &n, in.base, (int)len) == 1 &&
            EVP_CIPHER_CTX_ctrl(cx, EVP_CTRL_GCM_SET_TAG, QUIC_TAG, tag) == 1 &&
            EVP_DecryptFinal_ex(cx, out + len, &n) == 1;
  EVP_CIPHER_CTX_free(cx);
  return ok ? 0 : ERR_SYNTAX;
}
