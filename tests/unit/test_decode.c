/* SPDX-License-Identifier: Apache-2.0 */
/* Decoding: link layers, tunnels around one inner packet, lengths, options, hash, fall-back to the outer packet. */
#include "decode_bytes.h"

static void test_tcp_fields(void **state) {
  (void)state;
  struct bytes x = {.n = 0};
  struct packet p;
  inner_frame(&x);
  PUT(&x, "\0\0\0\0\0\0"); /* Ethernet padding is no payload */
  assert_int_equal(decode(&x, 1, &p), 1);
  assert_inner(&p);
  assert_int_equal(p.seq, 100);
  assert_int_equal(p.ack, 200);
  assert_int_equal(p.tcp_flags, TCP_PSH | TCP_ACK);
  assert_int_equal(p.window, 256);
  assert_int_equal(p.flags, PACKET_HAS_TS);
  assert_int_equal(p.ts_val, 7);
  assert_int_equal(p.ts_ecr, 9);
  assert_int_equal(p.ttl, 64);
  assert_int_equal(p.nlayers, 0);
}

static void test_links(void **state) {
  (void)state;
  static const struct {
    uint16_t link;
    const char *head;
    size_t n;
  } cases[] = {{113, "\0\0\0\1\0\6\0\0\0\0\0\0\0\0\x08\0", 16},
               {276, "\x08\0\0\0\0\0\0\2\0\1\0\6\0\0\0\0\0\0\0\0", 20},
               {101, "", 0},
               {12, "", 0},
               {14, "", 0},
               {228, "", 0},
               {0, "\2\0\0\0", 4},
               {108, "\0\0\0\2", 4},
               {9, "\xff\x03\0\x21", 4},
               {9, "\0\x21", 2},
               {9, "\x21", 1},
               {50, "\x0f\0\x08\0", 4},
               {104, "\x0f\0\x08\0", 4},
               {166, "\1\x03\0\x21", 4},
               {166, "\1\0\x21", 3},
               {204, "\1\xff\x03\0\x21", 5},
               {205, "\0\x0f\0\x08\0", 5},
               {206, "\1\x18\x41\x03\xcc", 5},
               {107, "\x18\x41\x03\xcc", 4},
               {107, "\x18\x41\x08\0", 4},
               {127, "\0\0\x08\0\0\0\0\0\x08\x01\0\0......++++++......\0\0\xaa\xaa\3\0\0\0\x08\0", 40},
               {105, "\x88\x02\0\0......++++++......\0\0\0\0\xaa\xaa\3\0\0\0\x08\0", 34},
               {192, "\0\0\x08\0\x65\0\0\0", 8},
               {239, "\2\0\0\0\x3d\0\x09\0", 8},
               {109, "\2\0\0\0\0\0\0\0\0\0\0\0", 12},
               {6, "\x10\x40......++++++\xaa\xaa\3\0\0\0\x08\0", 22},
               {10, "\x50......++++++\xaa\xaa\3\0\0\0\x08\0", 21}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct bytes x = {.n = 0};
    put(&x, cases[i].head, cases[i].n);
    inner_tcp(&x);
    expect(&x, cases[i].link, NULL, 0);
  }
}

static void test_tags(void **state) {
  (void)state;
  struct bytes a = {.n = 0}, b = a, c = a, d = a, e = a, f = a;
  ether(&a, 0x88a8);
  PUT(&a, "\x20\x64\x81\x00\x00\x14\x08\x00");
  inner_tcp(&a);
  EXPECT(&a, 1, {LAYER_VLAN, 100}, {LAYER_VLAN, 20});
  ether(&b, 0x8926);
  PUT(&b, "\x00\x05\x00\x09\x81\x00\x00\x07\x08\x00");
  inner_tcp(&b);
  EXPECT(&b, 1, {LAYER_VNTAG, 9}, {LAYER_VLAN, 7});
  ether(&c, 0x8864);
  PUT(&c, "\x11\x00\x00\x33\x00\x3b\x00\x21");
  inner_tcp(&c);
  EXPECT(&c, 1, {LAYER_PPPOE, 0x33});
  ether(&d, 0x8847);
  PUT(&d, "\x00\x01\x00\x40\x00\x02\x01\x40");
  inner_tcp(&d);
  EXPECT(&d, 1, {LAYER_MPLS, 32});
  ether(&e, 0x8847); /* pseudowire with control word */
  PUT(&e, "\x00\x03\x01\x40\x00\x00\x00\x00");
  inner_frame(&e);
  EXPECT(&e, 1, {LAYER_MPLS, 48});
  ether(&f, 0x88e7);
  PUT(&f, "\x00\x00\x12\x34");
  inner_frame(&f);
  EXPECT(&f, 1, {LAYER_PBB, 0x1234});
}

static void test_ip_tunnels(void **state) {
  (void)state;
  struct bytes x = {.n = 0};
  outer_ip(&x, 4, 57);
  inner_tcp(&x);
  EXPECT(&x, 1, {LAYER_IPIP, 0});
  x.n = 0;
  outer_ip(&x, 47, 4 + 4 + 4 + 4 + 57); /* checksum, key, sequence */
  PUT(&x, "\xb0\x00\x08\x00\0\0\0\0\0\0\1\2\0\0\0\3");
  inner_tcp(&x);
  EXPECT(&x, 1, {LAYER_GRE, 0x102});
  x.n = 0;
  outer_ip(&x, 47, 8 + 71);
  PUT(&x, "\x20\x00\x65\x58\x00\x00\x63\x01");
  inner_frame(&x);
  EXPECT(&x, 1, {LAYER_NVGRE, 99});
  x.n = 0;
  outer_ip(&x, 47, 4 + 71); /* ERSPAN I */
  PUT(&x, "\x00\x00\x88\xbe");
  inner_frame(&x);
  EXPECT(&x, 1, {LAYER_ERSPAN, 0});
  x.n = 0;
  outer_ip(&x, 47, 8 + 8 + 71); /* ERSPAN II */
  PUT(&x, "\x10\x00\x88\xbe\0\0\0\1\x10\x14\x00\x07\0\0\0\0");
  inner_frame(&x);
  EXPECT(&x, 1, {LAYER_ERSPAN, 7});
  x.n = 0;
  outer_ip(&x, 47, 8 + 20 + 71); /* ERSPAN III with a subheader */
  PUT(&x, "\x10\x00\x22\xeb\0\0\0\1\x20\x14\x00\x08\0\0\0\0\0\0\x80\x01\0\0\0\0\0\0\0\0");
  inner_frame(&x);
  EXPECT(&x, 1, {LAYER_ERSPAN, 8});
  x.n = 0;
  outer_ip(&x, 47, 16 + 2 + 57); /* PPTP */
  PUT(&x, "\x30\x81\x88\x0b\x00\x3b\x00\x2a\0\0\0\1\0\0\0\2\x00\x21");
  inner_tcp(&x);
  EXPECT(&x, 1, {LAYER_GRE, 42});
  x.n = 0;
  outer_ip(&x, 97, 2 + 71);
  PUT(&x, "\x30\x00");
  inner_frame(&x);
  EXPECT(&x, 1, {LAYER_ETHERIP, 0});
}

static void test_udp_tunnels(void **state) {
  (void)state;
  static const struct {
    uint16_t port;
    uint8_t kind;
    uint32_t id;
    bool ip;
    size_t n;
    const char *head;
  } cases[] = {
      {4789, LAYER_VXLAN, 5, false, 8, "\x08\0\0\0\0\0\5\0"},
      {8472, LAYER_VXLAN, 5, false, 8, "\x88\xff\xff\xff\0\0\5\xff"}, /* reserved bits set */
      {4790, LAYER_VXLAN_GPE, 5, true, 8, "\x0c\0\0\1\0\0\5\0"},
      {4790, LAYER_VXLAN_GPE, 5, false, 8, "\x0c\0\0\3\0\0\5\0"},
      {4790, LAYER_VXLAN_GPE, 5, true, 16, "\x0c\0\0\4\0\0\5\0\0\2\2\1\0\0\0\0"},
      {6081, LAYER_GENEVE, 6, false, 16, "\x02\0\x65\x58\0\0\6\0\1\2\3\1\0\0\0\0"},
      {6081, LAYER_GENEVE, 6, true, 8, "\x00\0\x08\x00\0\0\6\0"},
      {2152, LAYER_GTPU, 0x01020304, true, 8, "\x30\xff\x00\x39\1\2\3\4"},
      {2152, LAYER_GTPU, 7, true, 16, "\x34\xff\x00\x41\0\0\0\7\0\0\0\x85\1\0\1\0"},
      {37008, LAYER_TZSP, 0, false, 8, "\x01\0\0\1\x0a\x01\x33\x01"},
      {1701, LAYER_L2TP, 0x00010002, true, 8, "\0\2\0\1\0\2\0\x21"},
      {4754, LAYER_GRE, 0, true, 4, "\0\0\x08\0"},
      {6635, LAYER_MPLS, 16, true, 4, "\0\1\1\x40"},
      {5247, LAYER_CAPWAP, 0, false, 8, "\x00\x10\0\0\0\0\0\0"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct bytes x = {.n = 0};
    struct layer want = {.kind = cases[i].kind, .id = cases[i].id};
    outer_udp(&x, cases[i].port, cases[i].n + (cases[i].ip ? 57 : 71));
    put(&x, cases[i].head, cases[i].n);
    if (cases[i].ip)
      inner_tcp(&x);
    else
      inner_frame(&x);
    expect(&x, 1, &want, 1);
  }
}

/* A reply to a client that happens to use a tunnel's port stays what it is. */
static void test_not_a_tunnel(void **state) {
  (void)state;
  static const uint16_t ports[] = {4789, 6081, 2152, 37008, 1701, 3544, 4754, 5247, 6635};
  for (size_t i = 0; i < sizeof ports / sizeof *ports; i++)
    for (int fill = 0; fill < 256; fill++) {
      struct bytes x = {.n = 0};
      struct packet p;
      uint8_t body[64];
      memset(body, fill, sizeof body);
      outer_udp(&x, ports[i], sizeof body);
      put(&x, body, sizeof body);
      assert_int_equal(decode(&x, 1, &p), 1);
      assert_int_equal(p.nlayers, 0);
      assert_int_equal(p.tuple.dport, ports[i]);
      assert_int_equal(p.payload_len, sizeof body);
    }
}

static void test_ip6(void **state) {
  (void)state;
  struct bytes x = {.n = 0};
  struct packet p;
  ether(&x, 0x86dd); /* hop-by-hop, destination options, atomic fragment, UDP of 4 bytes */
  PUT(&x, "\x60\0\0\0\x00\x24\x00\x40"
          "0123456789abcdef"
          "fedcba9876543210");
  PUT(&x, "\x3c\0\1\4\0\0\0\0"
          "\x2c\0\1\4\0\0\0\0"
          "\x11\0\0\0\0\0\0\1"
          "\0\7\0\x35\0\x0c\0\0body");
  assert_int_equal(decode(&x, 1, &p), 1);
  assert_int_equal(p.tuple.ipver, 6);
  assert_int_equal(p.tuple.proto, 17);
  assert_int_equal(p.tuple.dport, 53);
  assert_memory_equal(packet_payload(&p).base - p.data + x.b, "body", 4);
  x.n = 0;
  outer_ip(&x, 41, 40 + 12); /* 6in4 */
  PUT(&x, "\x60\0\0\0\x00\x0c\x11\x40"
          "0123456789abcdef"
          "fedcba9876543210"
          "\0\7\0\x35\0\x0c\0\0body");
  assert_int_equal(decode(&x, 1, &p), 1);
  assert_int_equal(p.layer[0].kind, LAYER_SIXINFOUR);
  assert_int_equal(p.tuple.ipver, 6);
  x.n = 0;
  outer_udp(&x, 3544, 8 + 52); /* Teredo with an origin indication */
  PUT(&x, "\0\0\1\2\3\4\5\6"
          "\x60\0\0\0\x00\x0c\x11\x40"
          "\x20\1\0\0"
          "456789abcdef"
          "fedcba9876543210");
  PUT(&x, "\0\7\0\x35\0\x0c\0\0body");
  assert_int_equal(decode(&x, 1, &p), 1);
  assert_int_equal(p.layer[0].kind, LAYER_TEREDO);
  assert_int_equal(p.payload_len, 4);
}

static void test_hash_both_ways(void **state) {
  (void)state;
  struct bytes x = {.n = 0}, y, z;
  struct packet p, q, r;
  inner_frame(&x);
  y = z = x;
  memcpy(y.b + 14 + 12, x.b + 14 + 16, 4);
  memcpy(y.b + 14 + 16, x.b + 14 + 12, 4);
  memcpy(y.b + 34, x.b + 36, 2);
  memcpy(y.b + 36, x.b + 34, 2);
  z.b[35] ^= 1;
  assert_int_equal(decode(&x, 1, &p), 1);
  assert_int_equal(decode(&y, 1, &q), 1);
  assert_int_equal(decode(&z, 1, &r), 1);
  assert_true(p.hash == q.hash);
  assert_true(p.hash != r.hash);
}

static void test_cut_everywhere(void **state) {
  (void)state;
  struct bytes x = {.n = 0};
  ether(&x, 0x8100);
  PUT(&x, "\x00\x64\x08\x00");
  inner_tcp(&x);
  for (uint32_t n = 0; n <= x.n; n++) {
    struct guard g = guard_copy(x.b, n);
    struct frame f = {g.s.base, n, (uint32_t)x.n, now += 1000000000, 0, 1};
    struct packet p;
    int rc = decoder_frame(dec, &f, &p, &scratch);
    assert_int_equal(rc, n >= 18 + 20);
    if (rc && n >= 18 + 40) {
      assert_int_equal(p.payload_wire, 5);
      assert_int_equal(!!(p.flags & PACKET_SNAPPED), n < x.n);
    }
    guard_free(g);
  }
}

static void test_zero_length_and_depth(void **state) {
  (void)state;
  struct bytes x = {.n = 0};
  struct packet p;
  inner_frame(&x);
  x.b[16] = x.b[17] = 0; /* offload: total length not filled in */
  assert_int_equal(decode(&x, 1, &p), 1);
  assert_inner(&p);
  x.n = 0;
  ether(&x, 0x8100);
  for (int i = 0; i < 20; i++) PUT(&x, "\x00\x01\x81\x00");
  PUT(&x, "\x00\x01\x08\x00");
  inner_tcp(&x);
  uint64_t before = ctr_get(&ctr, CTR_DECODE_DEPTH);
  assert_int_equal(decode(&x, 1, &p), 0);
  assert_int_equal(ctr_get(&ctr, CTR_DECODE_DEPTH), before + 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      DECODER_TEST(test_tcp_fields),
      DECODER_TEST(test_links),
      DECODER_TEST(test_tags),
      DECODER_TEST(test_ip_tunnels),
      DECODER_TEST(test_udp_tunnels),
      DECODER_TEST(test_not_a_tunnel),
      DECODER_TEST(test_ip6),
      DECODER_TEST(test_hash_both_ways),
      DECODER_TEST(test_cut_everywhere),
      DECODER_TEST(test_zero_length_and_depth),
  };
  return cmocka_run_group_tests(tests, decoder_setup, decoder_teardown);
}
