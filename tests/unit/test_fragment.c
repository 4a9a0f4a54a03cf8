/* SPDX-License-Identifier: Apache-2.0 */
/* Fragments: any order, overlaps by policy, caps, time-outs, inside tunnels. */
#include "decoder.h"
#include "guard.h"

static uint64_t now = 1000000000;

static int end(void **state) {
  conf.frag_policy = FRAG_FIRST;
  return decoder_end(state);
}

static int send_raw(const uint8_t *b, size_t n, struct packet *p) {
  struct guard g = guard_copy(b, n);
  struct frame f = {g.s.base, (uint32_t)n, (uint32_t)n, now += 1000000, 0, 101};
  buf_reset(&scratch);
  int rc = decoder_frame(dec, &f, p, &scratch);
  guard_free(g);
  return rc;
}
/* One IPv4 fragment of UDP datagram `id`, at offset (bytes), inside `wrap` IP-in-IP headers. */
static int send4(uint16_t id, uint32_t offset, bool more, const char *data, size_t n, bool wrap,
                 struct packet *p) {
  uint8_t b[2048] = {0}, *h = b;
  if (wrap) {
    memcpy(b, "\x45\0\0\0\1\1\0\0\x40\x04\0\0\x01\1\1\1\2\2\2\2", 20);
    b[2] = (uint8_t)((40 + n) >> 8);
    b[3] = (uint8_t)(40 + n);
    b[4] = (uint8_t)(now >> 20);
    b[5] = (uint8_t)(now >> 28);
    h = b + 20;
  }
  uint32_t at = offset / 8 | (more ? 0x2000 : 0);
  memcpy(h, "\x45\0\0\0\0\0\0\0\x40\x11\0\0\x0a\0\0\1\x0a\0\0\2", 20);
  h[2] = (uint8_t)((20 + n) >> 8);
  h[3] = (uint8_t)(20 + n);
  h[4] = (uint8_t)(id >> 8);
  h[5] = (uint8_t)id;
  h[6] = (uint8_t)(at >> 8);
  h[7] = (uint8_t)at;
  memcpy(h + 20, data, n);
  return send_raw(b, (size_t)(h - b) + 20 + n, p);
}
static void assert_payload(const struct packet *p, const char *want) {
  assert_int_equal(p->payload_len, strlen(want));
  assert_memory_equal(packet_payload(p).base, want, strlen(want));
  assert_true(p->flags & PACKET_DEFRAGMENTED);
  assert_int_equal(p->tuple.dport, 53);
}
#define HEAD "\0\7\0\x35\0\x20\0\0" /* UDP, 24 bytes of payload */

static void test_any_order(void **state) {
  (void)state;
  struct packet p;
  static const char *const part[] = {HEAD "aaaaaaaa", "bbbbbbbb", "cccccccc"};
  static const uint8_t at[] = {0, 16, 24}, len[] = {16, 8, 8};
  static const uint8_t orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  for (uint16_t i = 0; i < 12; i++)
    for (int k = 0; k < 3; k++) {
      uint8_t f = orders[i / 2][k];
      int rc = send4((uint16_t)(i + 1), at[f], f < 2, part[f], len[f], i & 1, &p);
      assert_int_equal(rc, k == 2);
      if (k == 2) assert_payload(&p, "aaaaaaaabbbbbbbbcccccccc");
      if (k == 2) assert_int_equal(p.nlayers, i & 1);
    }
  assert_int_equal(ctr_get(&ctr, CTR_FRAG_DONE), 12);
  assert_int_equal(ctr_get(&ctr, CTR_FRAG_SEEN), 36);
  assert_int_equal(ctr_get(&ctr, CTR_FRAG_OVERLAP), 0);
}

/* An older fragment at 16..24, a newer one at 8..32 or so: who wins is the policy's. */
static void test_policies(void **state) {
  static const struct {
    int policy;
    const char *equal, *wider, *behind;
  } cases[] = {
      /* the newer starts with the older; before it and ends behind it; inside it */
      {FRAG_FIRST, "oooooooo", "oooooooo", "oooooooooooooooo"},
      {FRAG_LAST, "nnnnnnnn", "nnnnnnnn", "oooooooonnnnnnnn"},
      {FRAG_LINUX, "nnnnnnnn", "nnnnnnnn", "oooooooooooooooo"},
      {FRAG_WINDOWS, "oooooooo", "nnnnnnnn", "oooooooooooooooo"},
      {FRAG_BSD, "oooooooo", "nnnnnnnn", "oooooooooooooooo"},
  };
  struct packet p;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    decoder_end(state);
    conf.frag_policy = cases[i].policy;
    assert_int_equal(decoder_begin(state), 0);
    assert_int_equal(send4(1, 16, true, "oooooooo", 8, false, &p), 0);
    assert_int_equal(send4(1, 16, true, "nnnnnnnn", 8, false, &p), 0);
    assert_int_equal(send4(1, 24, false, "zzzzzzzz", 8, false, &p), 0);
    assert_int_equal(send4(1, 0, true, HEAD "aaaaaaaa", 16, false, &p), 1);
    assert_memory_equal(packet_payload(&p).base + 8, cases[i].equal, 8);
    assert_true(p.flags & PACKET_FRAG_OVERLAP);
    assert_int_equal(send4(2, 16, true, "oooooooo", 8, false, &p), 0);
    assert_int_equal(send4(2, 8, false, "nnnnnnnnnnnnnnnnnnnnnnnn", 24, false, &p), 0);
    assert_int_equal(send4(2, 0, true, HEAD, 8, false, &p), 1);
    assert_memory_equal(packet_payload(&p).base, "nnnnnnnn", 8);
    assert_memory_equal(packet_payload(&p).base + 8, cases[i].wider, 8);
    assert_memory_equal(packet_payload(&p).base + 16, "nnnnnnnn", 8);
    assert_int_equal(send4(3, 16, false, "oooooooooooooooo", 16, false, &p), 0);
    assert_int_equal(send4(3, 24, false, "nnnnnnnn", 8, false, &p), 0);
    assert_int_equal(send4(3, 0, true, HEAD "aaaaaaaa", 16, false, &p), 1);
    assert_memory_equal(packet_payload(&p).base + 8, cases[i].behind, 16);
    assert_int_equal(ctr_get(&ctr, CTR_FRAG_OVERLAP), 3);
  }
}

static void test_repeated_is_no_overlap(void **state) {
  (void)state;
  struct packet p;
  conf.dedup = false;
  decoder_end(state);
  decoder_begin(state);
  for (int i = 0; i < 3; i++) assert_int_equal(send4(1, 16, false, "bbbbbbbbcccccccc", 16, false, &p), 0);
  assert_int_equal(send4(1, 0, true, HEAD "aaaaaaaa", 16, false, &p), 1);
  assert_false(p.flags & PACKET_FRAG_OVERLAP);
  conf.dedup = true;
}

static void test_limits(void **state) {
  (void)state;
  struct packet p;
  char big[1480] = {0};
  assert_int_equal(send4(1, 65528, false, big, 1480, false, &p), 0); /* beyond 64 KiB */
  assert_int_equal(ctr_get(&ctr, CTR_DECODE_MALFORMED), 1);
  for (uint16_t i = 2; i < 5002; i++) send4(i, 0, true, "xxxxxxxx", 8, false, &p);
  assert_true(ctr_get(&ctr, CTR_FRAG_CAP) >= 5000 - 4096);
  now += 120000000000;
  send4(1, 0, true, "xxxxxxxx", 8, false, &p);
  assert_true(ctr_get(&ctr, CTR_FRAG_TIMEOUT) >= 4000);
  for (uint16_t i = 0; i < 20000; i++) send4((uint16_t)(i + 6000), 8, true, big, 1480, false, &p);
  assert_true(ctr_get(&ctr, CTR_FRAG_CAP) > 10000);
}

static void test_ip6(void **state) {
  (void)state;
  struct packet p;
  static const uint8_t a[] = "\x60\0\0\0\x00\x18\x2c\x40"
                             "0123456789abcdef"
                             "fedcba9876543210"
                             "\x11\0\0\1\0\0\0\7" HEAD "aaaaaaaa";
  static const uint8_t b[] = "\x60\0\0\0\x00\x18\x2c\x40"
                             "0123456789abcdef"
                             "fedcba9876543210"
                             "\x11\0\0\x10\0\0\0\7"
                             "bbbbbbbbcccccccc";
  assert_int_equal(send_raw(b, sizeof b - 1, &p), 0);
  assert_int_equal(send_raw(a, sizeof a - 1, &p), 1);
  assert_payload(&p, "aaaaaaaabbbbbbbbcccccccc");
  assert_int_equal(p.tuple.ipver, 6);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_any_order, decoder_begin, end),
      cmocka_unit_test_setup_teardown(test_policies, decoder_begin, end),
      cmocka_unit_test_setup_teardown(test_repeated_is_no_overlap, decoder_begin, end),
      cmocka_unit_test_setup_teardown(test_limits, decoder_begin, end),
      cmocka_unit_test_setup_teardown(test_ip6, decoder_begin, end),
  };
  return cmocka_run_group_tests(tests, decoder_setup, decoder_teardown);
}
