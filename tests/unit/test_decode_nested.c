/* SPDX-License-Identifier: Apache-2.0 */
/* Decoding of what nests: frames in pseudowires, bridged PPP, Ethernet and MPLS in tunnels over UDP, fragments around copies. */
#include "decode_bytes.h"

/* What stands behind the first type of a frame may look like a type too, if the first four bytes are taken for a control word. */
static void test_pseudowires(void **state) {
  (void)state;
  static const struct {
    bool word;
    const char *tag;
    size_t n;
    struct layer want;
  } cases[] = {
      {false, "\x81\x00\x00\x64", 4, {LAYER_VLAN, 100}},
      {true, "\x81\x00\x00\x64", 4, {LAYER_VLAN, 100}},
      {false, "\x92\x00\x00\x64", 4, {LAYER_VLAN, 100}},
      {true, "\x89\x26\x00\x05\x00\x09", 6, {LAYER_VNTAG, 9}},
      {false, "\x00\x41\xaa\xaa\x03\0\0\0", 8, {LAYER_NONE, 0}},
      {true, "\x00\x41\xaa\xaa\x03\0\0\0", 8, {LAYER_NONE, 0}},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct bytes x = {.n = 0};
    struct layer want[] = {{LAYER_MPLS, 48}, cases[i].want};
    ether(&x, 0x8847);
    PUT(&x, "\x00\x03\x01\x40");
    if (cases[i].word) PUT(&x, "\0\0\0\1");
    PUT(&x, "\x00\x1b\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02");
    put(&x, cases[i].tag, cases[i].n);
    PUT(&x, "\x08\x00");
    inner_tcp(&x);
    expect(&x, 1, want, cases[i].want.kind ? 2 : 1);
  }
}

/* Captured as label stacks, without anything around them. */
static void test_bare_labels(void **state) {
  (void)state;
  struct bytes x = {.n = 0};
  PUT(&x, "\x00\x03\x01\x40");
  inner_tcp(&x);
  EXPECT(&x, 219, {LAYER_MPLS, 48});
}

static void test_bridged_ppp(void **state) {
  (void)state;
  struct bytes x = {.n = 0};
  PUT(&x, "\xff\x03\x00\x31\x00\x01");
  inner_frame(&x);
  expect(&x, 9, NULL, 0);
  x.n = 0;
  PUT(&x, "\xff\x03\x00\x31\x80\x01\0\0\0\7"); /* with a LAN id */
  inner_frame(&x);
  expect(&x, 9, NULL, 0);
}

static void test_in_udp(void **state) {
  (void)state;
  struct bytes x = {.n = 0};
  outer_udp(&x, 2152, 8 + 71); /* a session of Ethernet in 5G */
  PUT(&x, "\x30\xff\x00\x47\0\0\0\7");
  inner_frame(&x);
  EXPECT(&x, 1, {LAYER_GTPU, 7});
  x.n = 0;
  outer_udp(&x, 4790, 8 + 4 + 57);
  PUT(&x, "\x0c\0\0\5\0\0\5\0\0\1\1\x40");
  inner_tcp(&x);
  EXPECT(&x, 1, {LAYER_VXLAN_GPE, 5}, {LAYER_MPLS, 16});
}

/* Behind relays both ends may have other prefixes than Teredo's: the packet fills the datagram. */
static void test_teredo(void **state) {
  (void)state;
  for (int extra = 0; extra < 2; extra++) {
    struct bytes x = {.n = 0};
    struct packet p;
    outer_udp(&x, 3544, 40 + 20 + (size_t)extra);
    PUT(&x, "\x60\0\0\0\0\x14\x06\x40");
    PUT(&x, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2");
    PUT(&x, "\x03\xe8\x00\x50\x00\x00\x00\x64\x00\x00\x00\xc8\x50\x18\x01\x00\x00\x00\x00\x00");
    put(&x, "x", (size_t)extra);
    assert_int_equal(decode(&x, 1, &p), 1);
    assert_int_equal(p.tuple.proto, extra ? 17 : 6);
    assert_int_equal(p.nlayers, !extra);
  }
}

/* VSID 0 belongs to nobody: a key below 256 is a key. */
static void test_small_key(void **state) {
  (void)state;
  struct bytes x = {.n = 0};
  outer_ip(&x, 47, 8 + 71);
  PUT(&x, "\x20\x00\x65\x58\x00\x00\x00\x2a");
  inner_frame(&x);
  EXPECT(&x, 1, {LAYER_GRE, 42});
}

/* On the way to its last stop: that is the other end of the conversation. */
static void test_routed(void **state) {
  (void)state;
  static const uint8_t types[] = {0, 2, 4, 253};
  for (size_t i = 0; i < sizeof types; i++)
    for (uint8_t left = 0; left < 2; left++) {
      struct bytes x = {.n = 0};
      struct packet p;
      ether(&x, 0x86dd);
      PUT(&x, "\x60\0\0\0\0\x2c\x2b\x40");
      PUT(&x, "\x20\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\1\x20\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\2");
      put(&x, (uint8_t[]){6, 2, types[i], left, 0, 0, 0, 0}, 8);
      PUT(&x, "\x20\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\3");
      PUT(&x, "\x03\xe8\x00\x50\x00\x00\x00\x64\x00\x00\x00\xc8\x50\x18\x01\x00\x00\x00\x00\x00");
      assert_int_equal(decode(&x, 1, &p), 1);
      assert_int_equal(p.tuple.proto, 6);
      assert_int_equal(p.tuple.dst[15], left && types[i] != 253 ? 3 : 2);
    }
}

static int fragment(const struct bytes *whole, uint8_t id, size_t from, size_t to, bool more) {
  struct bytes x = {.n = 0};
  struct packet p;
  ether(&x, 0x0800);
  PUT(&x, "\x45\x00");
  put16(&x, (uint32_t)(20 + to - from));
  put(&x,
      (uint8_t[]){0x77, id, more ? 0x20 : 0, (uint8_t)(from / 8), 63, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2},
      16);
  put(&x, whole->b + 34 + from, to - from);
  struct frame f = {x.b, (uint32_t)x.n, (uint32_t)x.n, 5000000000 + id * 100000ULL, 0, 1};
  return decoder_frame(dec, &f, &p, &scratch);
}

/* Two mirrors put the same packet into tunnels of their own, whose fragments are numbered apart. */
static void test_copy_in_fragments(void **state) {
  (void)state;
  struct bytes x = {.n = 0};
  outer_udp(&x, 4789, 8 + 71);
  PUT(&x, "\x08\0\0\0\0\0\5\0");
  inner_frame(&x);
  for (uint8_t id = 1; id < 4; id++) {
    assert_int_equal(fragment(&x, id, 0, 40, true), 0);
    assert_int_equal(fragment(&x, id, 40, x.n - 34, false), id == 1);
  }
  assert_int_equal(ctr_get(&ctr, CTR_CAPTURE_DUPLICATE), 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      DECODER_TEST(test_pseudowires), DECODER_TEST(test_routed),
      DECODER_TEST(test_bare_labels), DECODER_TEST(test_bridged_ppp),
      DECODER_TEST(test_in_udp),      DECODER_TEST(test_teredo),
      DECODER_TEST(test_small_key),   DECODER_TEST(test_copy_in_fragments),
  };
  return cmocka_run_group_tests(tests, decoder_setup, decoder_teardown);
}
