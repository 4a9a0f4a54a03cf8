/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/2 frames of a connection as each side sends them. */
#ifndef TESTS_UNIT_HTTP2_WIRE_H
#define TESTS_UNIT_HTTP2_WIRE_H

#include "cmocka_all.h"
#include "dissect/proto/http2_frame.h"
#include "fake_flow.h"

extern const struct dissector dissector_http2;

struct wire {
  uint8_t b[1 << 20];
  size_t n;
};
static struct wire c, s; /* what each side sends */

static inline void frame(struct wire *w, uint8_t type, uint8_t flags, uint32_t id, const void *p, size_t n) {
  const uint8_t head[9] = {(uint8_t)(n >> 16),  (uint8_t)(n >> 8),   (uint8_t)n,         type,       flags,
                           (uint8_t)(id >> 24), (uint8_t)(id >> 16), (uint8_t)(id >> 8), (uint8_t)id};
  memcpy(w->b + w->n, head, 9);
  if (n) memcpy(w->b + w->n + 9, p, n);
  w->n += 9 + n;
}
struct block {
  uint8_t b[4096];
  size_t n;
};
static inline void put(struct block *k, const char *name, const char *value, uint8_t how) {
  k->b[k->n++] = how; /* 0x40 kept in the table, 0 not */
  for (int i = 0; i < 2; i++) {
    const char *t = i ? value : name;
    k->b[k->n++] = (uint8_t)strlen(t);
    memcpy(k->b + k->n, t, strlen(t));
    k->n += strlen(t);
  }
}
static inline struct block request(const char *method, const char *path) {
  struct block k = {.n = 0};
  put(&k, ":method", method, 0);
  put(&k, ":scheme", "http", 0);
  put(&k, ":path", path, 0);
  put(&k, ":authority", "API.example:8443", 0);
  return k;
}
static inline void ask(uint32_t id, const char *path, uint8_t flags) {
  struct block k = request("GET", path);
  frame(&c, H2_HEADERS, H2_END_HEADERS | flags, id, k.b, k.n);
}
static inline void answer(uint32_t id, uint8_t flags) {
  const uint8_t ok = 0x88;
  frame(&s, H2_HEADERS, H2_END_HEADERS | flags, id, &ok, 1);
}
static inline struct fake_flow *begin(bool preface) {
  struct fake_flow *f = fake_new();
  fake_begin(f, &dissector_http2, preface ? 0 : UNSEEN_MIDSTREAM, NULL);
  c.n = s.n = 0;
  if (!preface) return f;
  memcpy(c.b, http2_frame_preface, H2_PREFACE);
  c.n = H2_PREFACE;
  frame(&c, H2_SETTINGS, 0, 0, NULL, 0);
  frame(&s, H2_SETTINGS, 0, 0, NULL, 0);
  return f;
}
static inline void send_all(struct fake_flow *f, size_t piece) {
  for (size_t i = 0; i < c.n; i += piece)
    fake_feed(f, DIR_REQUEST, span_of(c.b + i, c.n - i < piece ? c.n - i : piece));
  for (size_t i = 0; i < s.n; i += piece)
    fake_feed(f, DIR_RESPONSE, span_of(s.b + i, s.n - i < piece ? s.n - i : piece));
  c.n = s.n = 0;
}
static inline void is(struct span got, const char *want) { assert_true(span_eq(got, span_str(want))); }

#endif
