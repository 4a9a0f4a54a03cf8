/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes. The fast one folds 128-bit products, the construction published as wyhash; SHA-256 is libcrypto's
 * (FIPS 180-4), by its direct calls because the generic interface costs more than hashing a short value does. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/hash.h"
#include <openssl/sha.h>

static inline uint64_t load64(const uint8_t *p) {
  uint64_t v;
  memcpy(&v, p, sizeof v);
  return v;
}

static inline uint64_t load32(const uint8_t *p) {
  uint32_t v;
  memcpy(&v, p, sizeof v);
  return v;
}

uint64_t hash64(struct span s, uint64_t seed) {
  const uint8_t *p = s.base;
  size_t n = s.len;
  uint64_t h = hash_mix(seed, 0x2d358dccaa6c78a5ULL), a = 0, b = 0;
  if (n > 16) {
    uint64_t g = ~h; /* a second lane, for speed */
    for (; n > 32; n -= 32, p += 32) {
      h = hash_mix(load64(p) ^ h, load64(p + 8));
      g = hash_mix(load64(p + 16) ^ g, load64(p + 24));
    }
    h = hash_mix(h, g);
    if (n > 16) h = hash_mix(load64(p) ^ h, load64(p + 8));
    a = load64(p + n - 16);
    b = load64(p + n - 8);
  } else if (n >= 4) {
    size_t mid = n >> 3 << 2; /* 0 for 4..7 bytes, 4 for 8..15, 8 for 16 */
    a = load32(p) << 32 | load32(p + mid);
    b = load32(p + n - 4) << 32 | load32(p + n - 4 - mid);
  } else if (n) {
    a = (uint64_t)p[0] << 16 | (uint64_t)p[n >> 1] << 8 | p[n - 1];
  }
  return hash_mix(hash_mix(a ^ h, b) ^ s.len, h);
}

void hash_sha256(struct span s, uint8_t out[32]) {
  SHA256_CTX cx;
  SHA256_Init(&cx);
  if (s.len) SHA256_Update(&cx, s.base, s.len);
  SHA256_Final(out, &cx);
}

void hash_sha1(struct span s, uint8_t out[20]) {
  SHA_CTX cx;
  SHA1_Init(&cx);
  if (s.len) SHA1_Update(&cx, s.base, s.len);
  SHA1_Final(out, &cx);
}

struct hash128 hash128(struct span s) {
  uint8_t d[32];
  hash_sha256(s, d);
  struct hash128 h = {0, 0};
  for (int i = 0; i < 8; i++) {
    h.hi = h.hi << 8 | d[i];
    h.lo = h.lo << 8 | d[i + 8];
  }
  return h;
}

void hash_hex(const uint8_t *p, size_t n, char *out) {
  static const char digit[] = "0123456789abcdef";
  for (size_t i = 0; i < n; i++) {
    out[2 * i] = digit[p[i] >> 4];
    out[2 * i + 1] = digit[p[i] & 15];
  }
}

/* RFC 2104 with a key shorter than the block: begin one of its two hashes. */
static void hmac_begin(SHA256_CTX *cx, const uint8_t key[32], uint8_t pad) {
  uint8_t block[64];
  for (int i = 0; i < 64; i++) block[i] = (uint8_t)((i < 32 ? key[i] : 0) ^ pad);
  SHA256_Init(cx);
  SHA256_Update(cx, block, sizeof block);
}

void hash_token(const uint8_t key[32], struct span class_id, struct span value, char out[TOKEN_HEX]) {
  SHA256_CTX cx;
  uint8_t d[32];
  hmac_begin(&cx, key, 0x36);
  if (class_id.len) SHA256_Update(&cx, class_id.base, class_id.len);
  SHA256_Update(&cx, "", 1);
  if (value.len) SHA256_Update(&cx, value.base, value.len);
  SHA256_Final(d, &cx);
  hmac_begin(&cx, key, 0x5c);
  SHA256_Update(&cx, d, sizeof d);
  SHA256_Final(d, &cx);
  hash_hex(d, TOKEN_HEX / 2, out);
}
