/* SPDX-License-Identifier: Apache-2.0 */
/* QUIC: keys and packets of RFC 9001 Appendix A and RFC 9369 Appendix A, frames, packets cut short. */
#include "base/err.h"
#include "cmocka_all.h"
#include "dissect/proto/quic_packet.h"
#include "guard.h"
#include "hex.h"

static void same(const uint8_t *got, const char *hex) {
  uint8_t want[64];
  size_t n = unhex(hex, want);
  assert_memory_equal(got, want, n);
}

static void derives_keys(void **state) {
  (void)state;
  static const uint8_t dcid[] = {0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08};
  struct quic_keys k[2];
  assert_int_equal(quic_crypto_keys(quic_crypto_version(1), span_of(dcid, 8), k), 0);
  same(k[0].key, "1f369613dd76d5467730efcbe3b1a22d");
  same(k[0].iv, "fa044b2f42a3fd3b46fb255c");
  same(k[0].hp, "9f50449e04a0e810283a1e9933adedd2");
  same(k[1].key, "cf3a5331653c364c88f0f379b6067e37");
  same(k[1].iv, "0ac1493ca1905853b0bba03e");
  same(k[1].hp, "c206b8d9b9f0f37644430b490eeaa314");
  uint8_t sample[16], mask[5];
  unhex("d1b1c98dd7689fb8ec11d242b123dc9b", sample);
  assert_int_equal(quic_crypto_mask(&k[0], sample, mask), 0);
  same(mask, "437b9aec36");
  assert_int_equal(quic_crypto_keys(quic_crypto_version(0x6b3343cf), span_of(dcid, 8), k), 0);
  same(k[0].key, "8b1a0bc121284290a29e0971b5cd045d");
  same(k[0].iv, "91f73e2351d8fa91660e909f");
  same(k[0].hp, "45b95e15235d6f45a6b19cbcb0294ba9");
  same(k[1].key, "82db637861d55e1d011f19ea71d5d2a7");
  assert_null(quic_crypto_version(0x51303433));
}

/* RFC 9001 A.3 */
static const char server_initial[] = "cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a5816b63"
                                     "94100f37a1c69797554780bb38cc5a99f5ede4cf73"
                                     "c3ec2493a1839b3dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562b"
                                     "fb19fb84022f8ef4cdd93795d77d06edbb7aaf2f58"
                                     "891850abbdca3d20398c276456cbc42158407dd074ee";

static size_t crypto_bytes;
static void on_crypto(void *user, uint64_t off, struct span data) {
  (void)user;
  assert_int_equal(off, 0);
  crypto_bytes += data.len;
  same(data.base, "020000560303eefce7f7b37ba1d1632e96677825ddf73988cfc79825df566dc5430b9a045a1200130100002e");
}

static void opens_server_initial(void **state) {
  (void)state;
  static const uint8_t dcid[] = {0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08};
  uint8_t bytes[256], out[256];
  struct quic_keys k[2];
  struct quic_packet p;
  uint64_t next = 0, closed = 0;
  struct span s = {bytes, unhex(server_initial, bytes)};
  quic_crypto_keys(quic_crypto_version(1), span_of(dcid, 8), k);
  assert_int_equal(quic_packet_next(&s, &p), 0);
  assert_int_equal(p.kind, QUIC_INITIAL);
  assert_int_equal(p.scid.len, 8);
  assert_int_equal(s.len, 0);
  assert_int_equal(quic_packet_open(&p, &k[0], &next, out), ERR_SYNTAX);
  long n = quic_packet_open(&p, &k[1], &next, out);
  assert_true(n > 90);
  assert_int_equal(next, 2);
  crypto_bytes = 0;
  quic_packet_frames(span_of(out, (size_t)n), on_crypto, NULL, &closed);
  assert_int_equal(crypto_bytes, 90);
  assert_int_equal(closed, 0);
  bytes[60] ^= 1;
  assert_int_equal(quic_packet_open(&p, &k[1], &next, out), ERR_SYNTAX);
}

static void refuses_cut_packets(void **state) {
  (void)state;
  uint8_t bytes[256];
  size_t n = unhex(server_initial, bytes);
  struct quic_packet p;
  for (size_t i = 0; i < n; i++) {
    struct guard g = guard_copy(bytes, i);
    struct span s = g.s;
    assert_int_equal(quic_packet_next(&s, &p), ERR_SYNTAX);
    guard_free(g);
  }
}

static void nothing(void *user, uint64_t off, struct span data) {
  (void)user;
  (void)off;
  (void)data;
}

static void stops_at_bad_frames(void **state) {
  (void)state;
  uint64_t closed = 0;
  quic_packet_frames(SPAN_LIT("\x06\x00\xff\xff\xff\xff\xff\xff\xff\xff"), nothing, NULL, &closed);
  quic_packet_frames(SPAN_LIT("\x02\x00\x00\xbf\xff\xff\xff\x00"), nothing, NULL, &closed);
  assert_int_equal(closed, 0);
  quic_packet_frames(SPAN_LIT("\x00\x01\x1c\x41\x28\x00\x00"), nothing, NULL, &closed);
  assert_int_equal(closed, 0x128 + 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(derives_keys),
      cmocka_unit_test(opens_server_initial),
      cmocka_unit_test(refuses_cut_packets),
      cmocka_unit_test(stops_at_bad_frames),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
