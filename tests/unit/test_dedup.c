/* SPDX-License-Identifier: Apache-2.0 */
/* Copies made by a mirror are left out, what a host sends again is not. */
#include "capture/dedup.h"
#include "decoder.h"

enum { FRAME = 14 + 20 + 20 + 300 };
/* A TCP segment of 300 bytes with this IP identification. */
static void segment(uint8_t b[FRAME], uint16_t id, uint32_t seq) {
  memset(b, 'x', FRAME);
  memcpy(b, "\2\0\0\0\0\1\2\0\0\0\0\2\x08\0\x45\0\1\x54\0\0\x40\0\x40\6\x11\x11\x0a\0\0\1\x0a\0\0\2", 34);
  memcpy(b + 34, "\3\xe8\0\x50\0\0\0\0\0\0\0\1\x50\x18\1\0\0\0\0\0", 20);
  b[18] = (uint8_t)(id >> 8);
  b[19] = (uint8_t)id;
  b[40] = (uint8_t)(seq >> 8);
  b[41] = (uint8_t)seq;
}
static int see(const uint8_t *b, size_t n, uint64_t us) {
  struct frame f = {b, (uint32_t)n, (uint32_t)n, 1000000000 + us * 1000, 0, 1};
  struct packet p;
  buf_reset(&scratch);
  return decoder_frame(dec, &f, &p, &scratch);
}

static void test_copies(void **state) {
  (void)state;
  uint8_t a[FRAME], hop[FRAME], tagged[FRAME + 4];
  segment(a, 7, 1);
  assert_int_equal(see(a, FRAME, 0), 1);
  assert_int_equal(see(a, FRAME, 2), 0);
  memcpy(hop, a, FRAME); /* behind a router: addresses of the link, TTL, checksum, DSCP */
  memset(hop, 9, 12);
  hop[15] = 0xb8;
  hop[22]--;
  hop[24] = 0x12;
  assert_int_equal(see(hop, FRAME, 900), 0);
  memcpy(tagged, a, 12);
  memcpy(tagged + 12, "\x81\0\0\x64", 4);
  memcpy(tagged + 16, a + 12, FRAME - 12);
  assert_int_equal(see(tagged, FRAME + 4, 1000), 0);
  assert_int_equal(ctr_get(&ctr, CTR_CAPTURE_DUPLICATE), 3);
  struct duplicate_pair pairs[4];
  assert_int_equal(decoder_duplicates(dec, pairs, 0, 4), 2);
  assert_int_equal(pairs[0].count, 2);
  assert_int_equal(pairs[1].vlan[0], 0);
  assert_int_equal(pairs[1].vlan[1], 100);
}

static void test_sent_again(void **state) {
  (void)state;
  uint8_t a[FRAME], b[FRAME];
  segment(a, 7, 1);
  segment(b, 8, 1); /* a retransmission carries a new identification */
  assert_int_equal(see(a, FRAME, 0), 1);
  assert_int_equal(see(b, FRAME, 300), 1);
  assert_int_equal(see(a, FRAME, 200000), 1); /* too late for a copy */
  segment(a, 9, 2);
  segment(b, 9, 2);
  b[200] ^= 1; /* in the middle, beyond the first bytes: the checksum tells */
  b[50] ^= 1;
  assert_int_equal(see(a, FRAME, 300000), 1);
  assert_int_equal(see(b, FRAME, 300001), 1);
  segment(a, 10, 3);
  segment(b, 10, 3);
  b[FRAME - 1] ^= 1;
  assert_int_equal(see(a, FRAME, 400000), 1);
  assert_int_equal(see(b, FRAME, 400001), 1);
  assert_int_equal(ctr_get(&ctr, CTR_CAPTURE_DUPLICATE), 0);
}

/* Without an identification only a very near copy is one. */
static void test_not_numbered(void **state) {
  (void)state;
  uint8_t a[FRAME];
  segment(a, 0, 1);
  assert_int_equal(see(a, FRAME, 0), 1);
  assert_int_equal(see(a, FRAME, 50), 0);
  assert_int_equal(see(a, FRAME, 3000), 1);
}

static void test_every_frame_twice(void **state) {
  (void)state;
  uint8_t a[FRAME];
  unsigned seen = 0;
  for (uint32_t i = 0; i < 50000; i++) {
    segment(a, (uint16_t)(i + 1), i & 0xffff);
    a[45] = (uint8_t)(i >> 16);
    seen += (unsigned)see(a, FRAME, i * 5);
    seen += (unsigned)see(a, FRAME, i * 5 + 2);
  }
  assert_int_equal(seen, 50000);
}

/* Two readers, one window behind them: the same packet by another interface and with another tag. */
static void test_two_readers(void **state) {
  struct counters other_ctr = {0};
  struct decoder *other = decoder_new(&conf, 42, &other_ctr);
  struct dedup *d = dedup_new(1024, conf.dedup_ns, 7);
  uint8_t a[FRAME], tagged[FRAME + 4];
  (void)state;
  assert_true(other && d);
  for (uint32_t i = 0; i < 1000; i++) {
    struct packet p, q;
    segment(a, (uint16_t)(i + 1), i);
    memcpy(tagged, a, 12);
    memcpy(tagged + 12, "\x81\0\0\x64", 4);
    memcpy(tagged + 16, a + 12, FRAME - 12);
    struct frame f = {a, FRAME, FRAME, 1000000000 + i * 1000ULL, 0, 1},
                 g = {tagged, FRAME + 4, FRAME + 4, 1000000000 + i * 1000ULL + 9000, 1, 1};
    assert_int_equal(decoder_frame(dec, &f, &p, &scratch), 1);
    assert_int_equal(decoder_frame(other, &g, &q, &scratch), 1);
    assert_true(p.digest && p.digest == q.digest);
    assert_false(dedup_known(d, q.digest, q.ns, (struct dedup_place){q.source, 0})); /* in either order */
    assert_true(dedup_known(d, p.digest, p.ns, (struct dedup_place){p.source, 0}));
  }
  dedup_free(d);
  decoder_free(other);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      DECODER_TEST(test_copies),       DECODER_TEST(test_sent_again),
      DECODER_TEST(test_not_numbered), DECODER_TEST(test_every_frame_twice),
      DECODER_TEST(test_two_readers),
  };
  return cmocka_run_group_tests(tests, decoder_setup, decoder_teardown);
}
