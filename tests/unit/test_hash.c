/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes: known answers, no reading past the end, spread. */
#include "base/counters.h"
#include "base/hash.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/guard.h"
#include <openssl/evp.h>
#include <openssl/hmac.h>

static void every_length(void **state) {
  (void)state;
  uint8_t text[300], copy[300];
  for (int i = 0; i < 300; i++) text[i] = (uint8_t)(i * 7);
  for (size_t n = 0; n <= 300; n++) {
    struct guard g = guard_copy(text, n);
    uint64_t h = hash64(g.s, 1);
    assert_true(h == hash64(span_of(text, n), 1));
    assert_true(h != hash64(g.s, 2));
    for (size_t i = 0; i < n; i++) { /* every byte counts */
      memcpy(copy, text, n);
      copy[i] ^= 0x10;
      assert_true(hash64(span_of(copy, n), 1) != h);
    }
    guard_free(g);
  }
}

/* Consecutive keys over 2^16 buckets by low and by high bits: near what chance gives (63.2 % taken). */
static void spread(void **state) {
  (void)state;
  static uint8_t low[65536], high[65536];
  int taken_low = 0, taken_high = 0;
  for (uint32_t i = 0; i < 65536; i++) {
    uint64_t h = hash64(span_of(&i, sizeof i), 42);
    taken_low += !low[h & 0xffff]++;
    taken_high += !high[h >> 48]++;
  }
  assert_in_range(taken_low, 41000, 41900);
  assert_in_range(taken_high, 41000, 41900);
}

static void sha(void **state) {
  (void)state;
  uint8_t d[32];
  char hex[64];
  hash_sha256(SPAN_LIT("abc"), d);
  hash_hex(d, 32, hex);
  assert_memory_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 64);
  struct hash128 h = hash128(SPAN_LIT("abc"));
  assert_true(h.hi == 0xba7816bf8f01cfeaULL && h.lo == 0x414140de5dae2223ULL);
  hash_sha256(span_of(NULL, 0), d);
  assert_int_equal(d[0], 0xe3);
}

static void token(void **state) {
  (void)state;
  uint8_t key[32], d[32];
  char got[TOKEN_HEX], want[TOKEN_HEX];
  for (int i = 0; i < 32; i++) key[i] = (uint8_t)i;
  const char text[] = "bank_card\0"
                      "6222020200112233";
  unsigned len = sizeof d;
  HMAC(EVP_sha256(), key, 32, (const uint8_t *)text, sizeof text - 1, d, &len);
  hash_hex(d, 8, want);
  hash_token(key, SPAN_LIT("bank_card"), SPAN_LIT("6222020200112233"), got);
  assert_memory_equal(got, want, TOKEN_HEX);
  hash_token(key, SPAN_LIT("mobile"), SPAN_LIT("6222020200112233"), got);
  assert_memory_not_equal(got, want, TOKEN_HEX);
  hash_token(key, span_of(NULL, 0), span_of(NULL, 0), got);
}

static void counter_names(void **state) {
  (void)state;
  for (int i = 0; i < CTR_COUNT; i++) {
    assert_non_null(strchr(ctr_name((enum counter)i), '.'));
    assert_true(strlen(ctr_doc((enum counter)i)) > 3);
    for (int j = 0; j < i; j++) assert_string_not_equal(ctr_name((enum counter)i), ctr_name((enum counter)j));
  }
  assert_string_equal(ctr_name(CTR_COUNT), "");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_length), cmocka_unit_test(spread),
                                     cmocka_unit_test(sha), cmocka_unit_test(token),
                                     cmocka_unit_test(counter_names)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
