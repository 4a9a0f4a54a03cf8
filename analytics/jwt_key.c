/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a token is signed (HMAC-SHA-256, RFC 7518 3.2) with a word that everybody tries first. */
#include "analytics/jwt.h"
#include "base/hash.h"

enum { JWT_KEY_BLOCK = 64, JWT_KEY_TEXT = 4096 };

/* Secrets of tutorials and of products as they come. */
static const char *const secrets[] = {
    "secret",
    "password",
    "123456",
    "changeme",
    "your-256-bit-secret",
    "your-secret-key",
    "your_secret_key",
    "secretkey",
    "secret-key",
    "secret_key",
    "mysecret",
    "mysecretkey",
    "my-secret",
    "my-secret-key",
    "my_secret_key",
    "jwt_secret",
    "jwtsecret",
    "jwt-secret",
    "jwt",
    "jwtkey",
    "key",
    "test",
    "admin",
    "default",
    "qwerty",
    "supersecret",
    "secret123",
    "shhhhh",
    "shhhhhared-secret",
    "token",
    "private",
    "notasecret",
    "abcdefghijklmnopqrstuvwxyz",
    "development",
    "dev",
    "SECRET",
    "SECRET_KEY",
    "s3cr3t",
    "secretsecret",
    "keyboard cat",
    "1234567890",
    "qwertyuiopasdfghjklzxcvbnm123456",
    "SecretKey012345678901234567890123456789012345678901234567890123456789",
    "a-string-secret-at-least-256-bits-long",
    "spring-boot-demo",
    "ruoyi",
    "nacos",
    "example",
    "example_key",
    "hello",
    "node",
    "express",
    "flask",
    "django",
    "root",
};

static void hmac(struct span key, uint8_t *text, size_t len, uint8_t out[32]) {
  uint8_t outer[JWT_KEY_BLOCK + 32], digest[32];
  uint8_t block[JWT_KEY_BLOCK] = {0};
  if (key.len > JWT_KEY_BLOCK)
    hash_sha256(key, block);
  else
    memcpy(block, key.base, key.len);
  for (size_t i = 0; i < JWT_KEY_BLOCK; i++) text[i] = block[i] ^ 0x36, outer[i] = block[i] ^ 0x5c;
  hash_sha256(span_of(text, JWT_KEY_BLOCK + len), digest);
  memcpy(outer + JWT_KEY_BLOCK, digest, sizeof digest);
  hash_sha256(span_of(outer, sizeof outer), out);
}

bool jwt_key_is_common(const struct jwt *j) {
  uint8_t text[JWT_KEY_BLOCK + JWT_KEY_TEXT], want[48], have[32];
  if (!span_eq(j->alg, SPAN_LIT("HS256")) || !j->signing.len || j->signing.len > JWT_KEY_TEXT) return false;
  if (jwt_base64(span_head(j->signature, 60), want, sizeof want) != 32) return false;
  memcpy(text + JWT_KEY_BLOCK, j->signing.base, j->signing.len);
  for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
    hmac(span_str(secrets[i]), text, j->signing.len, have);
    if (memcmp(have, want, sizeof have) == 0) return true;
  }
  return false;
}
