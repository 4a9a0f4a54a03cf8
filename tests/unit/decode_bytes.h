/* SPDX-License-Identifier: Apache-2.0 */
/* Frames put together byte by byte around one TCP segment, and what the decoder must make of them. */
#ifndef TESTS_UNIT_DECODE_BYTES_H
#define TESTS_UNIT_DECODE_BYTES_H

#include "decoder.h"
#include "guard.h"

struct bytes {
  uint8_t b[2048];
  size_t n;
};
static inline void put(struct bytes *x, const void *p, size_t n) {
  assert_true(x->n + n <= sizeof x->b);
  memcpy(x->b + x->n, p, n);
  x->n += n;
}
#define PUT(x, lit) put(x, lit, sizeof(lit) - 1)
static inline void put16(struct bytes *x, uint32_t v) {
  put(x, (uint8_t[]){(uint8_t)(v >> 8), (uint8_t)v}, 2);
}

/* 10.0.0.1:1000 -> 10.0.0.2:80, "hello", with time stamps; 57 bytes of IP. */
static inline void inner_tcp(struct bytes *x) {
  PUT(x, "\x45\x00\x00\x39\x12\x34\x40\x00\x40\x06\x00\x00\x0a\x00\x00\x01\x0a\x00\x00\x02");
  PUT(x, "\x03\xe8\x00\x50\x00\x00\x00\x64\x00\x00\x00\xc8\x80\x18\x01\x00\x00\x00\x00\x00");
  PUT(x, "\x01\x01\x08\x0a\x00\x00\x00\x07\x00\x00\x00\x09hello");
}
static inline void ether(struct bytes *x, uint32_t type) {
  PUT(x, "\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02");
  put16(x, type);
}
static inline void inner_frame(struct bytes *x) {
  ether(x, 0x0800);
  inner_tcp(x);
}
/* 192.0.2.1 -> 192.0.2.2 carrying n more bytes. */
static inline void outer_ip(struct bytes *x, uint8_t proto, size_t n) {
  ether(x, 0x0800);
  PUT(x, "\x45\x00");
  put16(x, (uint32_t)(20 + n));
  put(x, (uint8_t[]){0x56, 0x78, 0, 0, 63, proto, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2}, 16);
}
static inline void outer_udp(struct bytes *x, uint32_t dport, size_t n) {
  outer_ip(x, 17, 8 + n);
  put16(x, 50000);
  put16(x, dport);
  put16(x, (uint32_t)(8 + n));
  put16(x, 0);
}

static uint64_t now = 1000000000;
/* Decode at a guard page, each time a second later. */
static inline int decode(const struct bytes *x, uint16_t link, struct packet *p) {
  struct guard g = guard_copy(x->b, x->n);
  struct frame f = {g.s.base, (uint32_t)x->n, (uint32_t)x->n, now += 1000000000, 0, link};
  buf_reset(&scratch);
  p->order = 1;
  int rc = decoder_frame(dec, &f, p, &scratch);
  if (rc > 0) assert_true(p->payload_off + p->payload_len <= p->caplen);
  guard_free(g);
  return rc;
}
static inline void assert_inner(const struct packet *p) {
  assert_int_equal(p->tuple.proto, 6);
  assert_int_equal(p->tuple.sport, 1000);
  assert_int_equal(p->tuple.dport, 80);
  assert_memory_equal(p->tuple.src + 10, "\xff\xff\x0a\x00\x00\x01", 6);
  assert_memory_equal(p->tuple.dst + 10, "\xff\xff\x0a\x00\x00\x02", 6);
  assert_int_equal(p->payload_len, 5);
  assert_int_equal(p->payload_wire, 5);
}
static inline void expect(const struct bytes *x, uint16_t link, const struct layer *want, uint8_t n) {
  struct packet p;
  assert_int_equal(decode(x, link, &p), 1);
  assert_inner(&p);
  assert_int_equal(p.nlayers, n);
  for (uint8_t i = 0; i < n; i++) {
    assert_string_equal(layer_name(p.layer[i].kind), layer_name(want[i].kind));
    assert_int_equal(p.layer[i].id, want[i].id);
  }
}
#define EXPECT(x, link, ...) \
  do { \
    static const struct layer want[] = {__VA_ARGS__}; \
    expect(x, link, want, sizeof want / sizeof *want); \
  } while (0)

#endif
