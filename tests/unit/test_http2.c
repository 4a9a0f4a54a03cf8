/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/2 connections made of frames: whole, in pieces, joined late, with holes. */
#include "http2_wire.h"
#include <stdio.h>

/* Padding, priority, CONTINUATION, 1xx, trailers; in one piece and byte by byte. */
static void whole(void **state) {
  (void)state;
  const size_t pieces[] = {1 << 20, 1, 7};
  for (size_t i = 0; i < 3; i++) {
    struct fake_flow *f = begin(true);
    struct block k = request("POST", "/v1/a?b=c");
    put(&k, "x-long", "value", 0x40);
    uint8_t padded[256] = {4, 0, 0, 0, 0, 16};
    memcpy(padded + 6, k.b, 20);
    frame(&c, H2_HEADERS, H2_PADDED | H2_PRIORITIZED, 1, padded, 6 + 20 + 4);
    frame(&c, H2_CONTINUATION, 0, 1, k.b + 20, 10);
    frame(&c, H2_CONTINUATION, H2_END_HEADERS, 1, k.b + 30, k.n - 30);
    frame(&c, H2_DATA, H2_PADDED, 1, "\2helloxx", 8);
    frame(&c, H2_PING, 0, 0, "12345678", 8);
    frame(&c, H2_DATA, H2_END_STREAM, 1, " you", 4);
    struct block early = {.n = 0}, trailer = {.n = 0};
    put(&early, ":status", "103", 0);
    frame(&s, H2_HEADERS, H2_END_HEADERS, 1, early.b, early.n);
    answer(1, 0);
    frame(&s, H2_DATA, 0, 1, "fine", 4);
    put(&trailer, "x-sum", "1", 0);
    frame(&s, H2_HEADERS, H2_END_HEADERS | H2_END_STREAM, 1, trailer.b, trailer.n);
    send_all(f, pieces[i]);
    assert_int_equal(f->count, 1);
    struct txn *t = f->txn[0];
    is(t->method, "POST");
    is(t->target, "/v1/a?b=c");
    is(t->path, "/v1/a");
    is(t->query, "b=c");
    is(t->host, "api.example");
    assert_int_equal(t->host_port, 8443);
    is(headers_get(&t->side[0].headers, "x-long"), "value");
    is(buf_span(&t->side[0].raw), "hello you");
    assert_int_equal(t->side[0].body_bytes, 9);
    assert_int_equal(t->status, 200);
    is(buf_span(&t->side[1].raw), "fine");
    is(headers_get(&t->side[1].trailers, "x-sum"), "1");
    assert_true(t->side[0].complete && t->side[1].complete);
    assert_int_equal(txn_unseen(t), 0);
    assert_int_equal(t->anomalies, 0);
    assert_int_equal(fake_free(f), 0);
  }
}

static void many_streams(void **state) {
  (void)state;
  struct fake_flow *f = begin(true);
  char path[32];
  for (uint32_t i = 0; i < 600; i++) {
    snprintf(path, sizeof path, "/%u", i);
    ask(i * 2 + 1, path, H2_END_STREAM);
  }
  for (uint32_t i = 600; i-- > 0;) answer(i * 2 + 1, H2_END_STREAM);
  send_all(f, 1460);
  assert_int_equal(f->count, 600);
  for (uint32_t i = 0; i < 600; i++) {
    assert_int_equal(f->txn[i]->stream, (599 - i) * 2 + 1);
    assert_int_equal(f->txn[i]->seq, 599 - i);
    assert_int_equal(f->txn[i]->status, 200);
  }
  assert_int_equal(fake_free(f), 0);
}

static void push(void **state) {
  (void)state;
  struct fake_flow *f = begin(true);
  ask(1, "/page", H2_END_STREAM);
  struct block k = {.n = 4};
  k.b[3] = 2;
  k.b[0] = k.b[1] = k.b[2] = 0;
  struct block r = request("GET", "/style");
  memcpy(k.b + 4, r.b, r.n);
  frame(&s, H2_PUSH_PROMISE, H2_END_HEADERS, 1, k.b, r.n + 4);
  answer(2, H2_END_STREAM);
  answer(1, H2_END_STREAM);
  send_all(f, 1 << 20);
  assert_int_equal(f->count, 2);
  is(f->txn[0]->target, "/style");
  assert_non_null(txn_fact(f->txn[0], "tapscope.http2.pushed"));
  is(f->txn[1]->target, "/page");
  assert_int_equal(fake_free(f), 0);
}

static void late_join(void **state) {
  (void)state;
  struct fake_flow *f = begin(false);
  const uint8_t unknown[] = {0x82, 0x86, 0x84, 0xbe, 0xbf}; /* two fields that stand in a table never seen */
  frame(&c, H2_HEADERS, H2_END_HEADERS | H2_END_STREAM, 31, unknown, sizeof unknown);
  answer(31, 0);
  frame(&s, H2_DATA, H2_END_STREAM, 31, "{}", 2);
  assert_int_equal(dissector_http2.probe(span_of(c.b, c.n), DIR_REQUEST), PROBE_YES);
  assert_int_equal(dissector_http2.side(span_of(c.b, c.n)), DIR_REQUEST);
  assert_int_equal(dissector_http2.side(span_of(s.b, s.n)), DIR_RESPONSE);
  send_all(f, 1 << 20);
  assert_int_equal(f->count, 1);
  struct txn *t = f->txn[0];
  is(t->method, "GET");
  assert_int_equal(t->host.len, 0);
  assert_int_equal(t->side[0].headers.count, 2);
  assert_false(t->side[0].headers.item[0].name_known);
  assert_true(t->side[0].unseen & UNSEEN_HPACK_LATE_JOIN);
  assert_int_equal(t->status, 200);
  assert_int_equal(fake_free(f), 0);
}

/* A hole within a DATA frame costs body bytes only; one across frames costs the stream, not the connection. */
static void holes(void **state) {
  (void)state;
  struct fake_flow *f = begin(true);
  static uint8_t body[5000];
  memset(body, 'x', sizeof body);
  ask(1, "/a", H2_END_STREAM);
  send_all(f, 1 << 20);
  answer(1, 0);
  frame(&s, H2_DATA, H2_END_STREAM, 1, body, sizeof body);
  fake_feed(f, DIR_RESPONSE, span_of(s.b, 1000));
  fake_gap(f, DIR_RESPONSE, 1460);
  fake_feed(f, DIR_RESPONSE, span_of(s.b + 2460, s.n - 2460));
  assert_int_equal(f->count, 1);
  assert_true(f->txn[0]->side[1].complete);
  assert_int_equal(f->txn[0]->side[1].gap_bytes, 1460);
  assert_int_equal(f->txn[0]->side[1].unseen, UNSEEN_GAP);
  c.n = s.n = 0;
  struct block k = {.n = 0};
  put(&k, "x-a", "1", 0x40);
  memmove(k.b + 1, k.b, k.n++);
  k.b[0] = 0x88;
  ask(3, "/b", H2_END_STREAM);
  ask(5, "/c", H2_END_STREAM);
  send_all(f, 1 << 20);
  fake_gap(f, DIR_RESPONSE, 100); /* the whole answer of 3 */
  frame(&s, H2_HEADERS, H2_END_HEADERS | H2_END_STREAM, 5, k.b, k.n);
  send_all(f, 1 << 20);
  assert_int_equal(f->count, 2);
  is(f->txn[1]->target, "/c");
  assert_int_equal(f->txn[1]->status, 200);
  fake_end(f, END_FIN);
  assert_int_equal(f->count, 3);
  is(f->txn[2]->target, "/b");
  assert_true(f->txn[2]->side[1].unseen & UNSEEN_GAP);
  assert_int_equal(fake_free(f), 0);
}

/* After a hole old entries are used again only when it is sure which they are. */
static void healing(void **state) {
  (void)state;
  struct fake_flow *f = begin(true);
  struct block first = {.n = 0};
  put(&first, ":method", "GET", 0x40);
  put(&first, ":path", "/same", 0x40);
  put(&first, ":authority", "bank", 0x40);
  put(&first, "x-app", "one", 0x40);
  put(&first, "x-id", "aaaa", 0x40);
  frame(&c, H2_HEADERS, H2_END_HEADERS | H2_END_STREAM, 1, first.b, first.n);
  answer(1, H2_END_STREAM);
  send_all(f, 1 << 20);
  /* each call inserts a new x-id and refers to the rest; stream 3 is lost, with one insertion */
  fake_gap(f, DIR_REQUEST, 40);
  uint8_t next[] = {0xc3, 0xc2, 0xc1, 0xc0, 0x7f, 0, 4, 'c', 'c', 'c', 'c'};
  frame(&c, H2_HEADERS, H2_END_HEADERS | H2_END_STREAM, 5, next, sizeof next);
  answer(5, H2_END_STREAM);
  send_all(f, 1 << 20);
  assert_int_equal(f->count, 2);
  is(f->txn[1]->target, "/same");
  is(f->txn[1]->host, "bank");
  is(headers_get(&f->txn[1]->side[0].headers, "x-app"), "one");
  is(headers_get(&f->txn[1]->side[0].headers, "x-id"), "cccc");
  assert_false(f->txn[1]->side[0].unseen & UNSEEN_HPACK_LATE_JOIN);
  assert_int_equal(fake_free(f), 0);
}

static void probes(void **state) {
  (void)state;
  assert_int_equal(dissector_http2.probe(span_str("PRI * HT"), DIR_REQUEST), PROBE_MAYBE);
  assert_int_equal(dissector_http2.probe(span_of(http2_frame_preface, 24), DIR_REQUEST), PROBE_YES);
  assert_int_equal(dissector_http2.probe(span_of("\0\0\6\4\0\0\0\0\0\0\3\0\0\0\144", 15), DIR_RESPONSE),
                   PROBE_YES);
  assert_int_equal(dissector_http2.probe(span_str("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), DIR_REQUEST),
                   PROBE_NO);
  assert_int_equal(dissector_http2.probe(span_str("\x16\x03\x01\x02..............."), DIR_REQUEST), PROBE_NO);
  static const uint8_t zeros[512];
  assert_int_not_equal(dissector_http2.probe(span_of(zeros, sizeof zeros), DIR_REQUEST), PROBE_YES);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(whole),     cmocka_unit_test(many_streams), cmocka_unit_test(push),
      cmocka_unit_test(late_join), cmocka_unit_test(holes),        cmocka_unit_test(healing),
      cmocka_unit_test(probes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
