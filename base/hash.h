/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes: a fast seeded one for tables, 128 bits for record ids, HMAC-SHA-256 for tokens. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/span.h"

/** 64-bit hash of s under seed; not cryptographic, resists flooding while the seed is secret. */
uint64_t hash64(struct span s, uint64_t seed);
/** Mix one word into a running hash. */
static inline uint64_t hash_mix(uint64_t h, uint64_t v) {
  __extension__ unsigned __int128 p =
      (unsigned __int128)(h ^ 0x9e3779b97f4a7c15ULL) * (v ^ 0xe7037ed1a0b428dbULL);
  return (uint64_t)p ^ (uint64_t)(p >> 64);
}
struct hash128 {
  uint64_t hi, lo;
};
/** 128-bit digest for ids: the first half of SHA-256, the same on every machine and day. */
struct hash128 hash128(struct span s);
/** SHA-256 of s, 32 bytes to out. */
void hash_sha256(struct span s, uint8_t out[32]);
/** SHA-1 of s, 20 bytes to out: for ids that others define by it, never for safety. */
void hash_sha1(struct span s, uint8_t out[20]);
/** Lower-case hex of n bytes; writes 2n characters, no NUL. */
void hash_hex(const uint8_t *p, size_t n, char *out);

enum { TOKEN_HEX = 16 }; /* characters of a token */
/** Keyed token of a private value: first 64 bits of HMAC-SHA-256(key, class NUL value) as hex.
 *  The same value under the same key always gives the same token; it cannot be turned back without the key. */
void hash_token(const uint8_t key[32], struct span class_id, struct span value, char out[TOKEN_HEX]);

#endif
