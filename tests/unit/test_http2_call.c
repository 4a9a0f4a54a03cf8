/* SPDX-License-Identifier: Apache-2.0 */
/* What HTTP/2 carries: odd headers, misuse, gRPC, WebSockets. */
#include "http2_wire.h"

static void abuse(void **state) {
  (void)state;
  struct fake_flow *f = begin(true);
  for (uint32_t i = 0; i < 300; i++) {
    ask(i * 2 + 1, "/r", H2_END_STREAM);
    frame(&c, H2_RST_STREAM, 0, i * 2 + 1, "\0\0\0\10", 4);
  }
  send_all(f, 1 << 20);
  assert_int_equal(f->count, 300);
  assert_false(f->txn[50]->anomalies & ANOMALY_BIT(ANOMALY_H2_RAPID_RESET));
  assert_true(f->txn[299]->anomalies & ANOMALY_BIT(ANOMALY_H2_RAPID_RESET));
  struct block k = request("GET", "/flood");
  frame(&c, H2_HEADERS, 0, 1001, k.b, k.n);
  struct block more = {.n = 0};
  put(&more, "x-pad", "0123456789012345678901234567890123456789", 0);
  for (int i = 0; i < 4000; i++) frame(&c, H2_CONTINUATION, 0, 1001, more.b, more.n);
  frame(&c, H2_CONTINUATION, H2_END_HEADERS, 1001, more.b, more.n);
  answer(1001, H2_END_STREAM);
  send_all(f, 1 << 20);
  fake_end(f, END_FIN);
  assert_int_equal(f->count, 301);
  assert_true(f->txn[300]->anomalies & ANOMALY_BIT(ANOMALY_H2_CONTINUATION_FLOOD));
  assert_int_equal(fake_free(f), 0);
}

/* A flow of one call with this head. */
static struct fake_flow *asked(const struct block *k) {
  struct fake_flow *f = begin(true);
  frame(&c, H2_HEADERS, H2_END_HEADERS | H2_END_STREAM, 1, k->b, k->n);
  answer(1, H2_END_STREAM);
  send_all(f, 1 << 20);
  assert_int_equal(f->count, 1);
  return f;
}

static void bad_headers(void **state) {
  (void)state;
  struct block k = request("GET", "/x");
  put(&k, "transfer-encoding", "chunked", 0);
  put(&k, "x-split", "a\r\nhost: b", 0);
  struct fake_flow *f = asked(&k);
  assert_true(f->txn[0]->anomalies & ANOMALY_BIT(ANOMALY_H2_BAD_HEADER));
  assert_int_equal(fake_free(f), 0);
}

/* gRPC's own ends agree to send metadata as it is, behind a NUL. */
static void binary_metadata(void **state) {
  (void)state;
  struct block k = request("POST", "/risk.Risk/Score");
  put(&k, "grpc-trace-bin", "\n\1\2", 0);
  struct fake_flow *f = asked(&k);
  assert_false(f->txn[0]->anomalies & ANOMALY_BIT(ANOMALY_H2_BAD_HEADER));
  assert_int_equal(fake_free(f), 0);
}

/* RFC 8441: a WebSocket's path is that of its CONNECT. */
static void extended_connect(void **state) {
  (void)state;
  struct block k = request("CONNECT", "/ws/push");
  struct fake_flow *f = asked(&k);
  assert_true(span_eq(f->txn[0]->path, SPAN_LIT("/ws/push")));
  assert_int_equal(fake_free(f), 0);
}

static void grpc(void **state) {
  (void)state;
  struct fake_flow *f = begin(true);
  struct block k = request("POST", "/risk.Risk/Score"), h = {.n = 0}, t = {.n = 0};
  put(&k, "content-type", "application/grpc+proto", 0);
  frame(&c, H2_HEADERS, H2_END_HEADERS, 1, k.b, k.n);
  frame(&c, H2_DATA, 0, 1, "\0\0\0\0\3\12", 6);
  frame(&c, H2_DATA, H2_END_STREAM, 1, "\1x\0\0\0\0\0", 7);
  put(&h, ":status", "200", 0);
  put(&h, "content-type", "application/grpc", 0);
  frame(&s, H2_HEADERS, H2_END_HEADERS, 1, h.b, h.n);
  put(&t, "grpc-status", "5", 0);
  put(&t, "grpc-message", "not found", 0);
  frame(&s, H2_HEADERS, H2_END_HEADERS | H2_END_STREAM, 1, t.b, t.n);
  send_all(f, 5);
  assert_int_equal(f->count, 1);
  struct txn *x = f->txn[0];
  assert_string_equal(x->protocol, "grpc");
  is(x->operation, "risk.Risk/Score");
  is(x->service, "risk.Risk");
  assert_int_equal(txn_fact(x, "tapscope.grpc.status")->num, 5);
  assert_int_equal(txn_fact(x, "tapscope.grpc.request.messages")->num, 2);
  assert_int_equal(txn_fact(x, "tapscope.grpc.response.messages")->num, 0);
  assert_int_equal(x->outcome, TXN_ERROR);
  assert_int_equal(fake_free(f), 0);
}

/* A stream that lasts for hours comes in parts, cut between messages; the bytes of a message begun go to the next part. */
static void long_stream(void **state) {
  (void)state;
  struct fake_flow *f = begin(true);
  struct block k = request("POST", "/risk.Risk/Watch"), h = {.n = 0}, t = {.n = 0};
  put(&k, "content-type", "application/grpc", 0);
  frame(&c, H2_HEADERS, H2_END_HEADERS, 1, k.b, k.n);
  frame(&c, H2_DATA, H2_END_STREAM, 1, "\0\0\0\0\2\10\1", 7);
  put(&h, ":status", "200", 0);
  put(&h, "content-type", "application/grpc", 0);
  frame(&s, H2_HEADERS, H2_END_HEADERS, 1, h.b, h.n);
  frame(&s, H2_DATA, 0, 1, "\0\0\0\0\2\10\1\0\0\0\0\2\10", 13);
  send_all(f, 1 << 20);
  for (int i = 0; i < 3; i++) {
    f->cx.ns += 61000000000ULL;
    frame(&s, H2_DATA, 0, 1, "\2\0\0\0\0\2\10", 7);
    send_all(f, 1 << 20);
    assert_int_equal(f->count, i + 1);
  }
  frame(&s, H2_DATA, 0, 1, "\3", 1);
  put(&t, "grpc-status", "0", 0);
  frame(&s, H2_HEADERS, H2_END_HEADERS | H2_END_STREAM, 1, t.b, t.n);
  send_all(f, 1 << 20);
  assert_int_equal(f->count, 4);
  for (unsigned i = 0; i < 4; i++) {
    struct txn *x = f->txn[i];
    is(x->operation, "risk.Risk/Watch");
    assert_int_equal(x->status, 200);
    assert_int_equal(txn_fact(x, "tapscope.part")->num, i + 1);
    assert_int_equal(txn_fact(x, "tapscope.grpc.response.messages")->num, i == 3 ? 2 : 1);
    assert_int_equal(x->side[1].body_bytes, i == 3 ? 14 : 7);
    assert_int_equal(x->side[0].body_bytes, i == 0 ? 7 : 0);
    assert_int_equal(txn_unseen(x), 0);
  }
  assert_int_equal(fake_free(f), 0);
}

/* RFC 8441; long enough that it comes in parts. */
static void tunnel(void **state) {
  (void)state;
  struct fake_flow *f = begin(true);
  struct block k = request("CONNECT", "/chat");
  put(&k, ":protocol", "websocket", 0);
  frame(&c, H2_HEADERS, H2_END_HEADERS, 1, k.b, k.n);
  answer(1, 0);
  send_all(f, 1 << 20);
  for (int i = 0; i < 1500; i++) frame(&c, H2_DATA, 0, 1, "\x81\x87\0\0\0\0{\"a\":1}", 13);
  frame(&s, H2_DATA, H2_END_STREAM, 1, "\x81\2hi", 4);
  frame(&c, H2_DATA, H2_END_STREAM, 1, "\x81\x82\0\0\0\0yo", 8);
  send_all(f, 1000);
  assert_int_equal(f->count, 2);
  assert_string_equal(f->txn[1]->protocol, "websocket");
  is(f->txn[1]->target, "/chat");
  assert_int_equal(f->txn[0]->side[0].decoded_bytes, 7000);
  assert_int_equal(f->txn[1]->side[0].decoded_bytes, 3502);
  assert_int_equal(f->txn[1]->side[1].decoded_bytes, 2);
  assert_int_equal(fake_free(f), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(abuse),
      cmocka_unit_test(bad_headers),
      cmocka_unit_test(binary_metadata),
      cmocka_unit_test(extended_connect),
      cmocka_unit_test(grpc),
      cmocka_unit_test(long_stream),
      cmocka_unit_test(tunnel),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
