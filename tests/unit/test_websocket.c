/* SPDX-License-Identifier: Apache-2.0 */
/* WebSocket connections: fragments, masks, control frames, compression with context, holes, long ones in parts. */
#include "cmocka_all.h"
#include "fake_flow.h"
#include "leaves.h"
#include <stdio.h>
#include <zlib.h>

extern const struct dissector dissector_websocket;

struct wire {
  uint8_t b[1 << 18];
  size_t n;
};
static struct wire w;

static void frame(uint8_t first, bool masked, const void *p, size_t n) {
  static const uint8_t mask[4] = {1, 2, 3, 250};
  uint8_t *b = w.b + w.n;
  size_t k = 2;
  b[0] = first;
  b[1] = (uint8_t)((masked ? 0x80 : 0) | (n < 126 ? n : 126));
  if (n >= 126) b[2] = (uint8_t)(n >> 8), b[3] = (uint8_t)n, k = 4;
  if (masked) memcpy(b + k, mask, 4), k += 4;
  for (size_t i = 0; i < n; i++) b[k + i] = ((const uint8_t *)p)[i] ^ (masked ? mask[i & 3] : 0);
  w.n += k + n;
}
static void text(bool masked, const char *z) { frame(0x81, masked, z, strlen(z)); }

static struct fake_flow *begin(const char *extensions) {
  struct fake_flow *f = fake_new();
  struct txn *t = txn_open(&f->cx, "http");
  t->version = SPAN_LIT("1.1");
  t->method = SPAN_LIT("GET");
  t->target = SPAN_LIT("/ws?x=1");
  t->status = 101;
  t->side[0].seen = t->side[1].seen = true;
  txn_header(t, &t->side[0].headers, SPAN_LIT("Host"), SPAN_LIT("api.example"));
  if (extensions)
    txn_header(t, &t->side[1].headers, SPAN_LIT("Sec-WebSocket-Extensions"), span_str(extensions));
  fake_begin(f, &dissector_websocket, 0, t);
  assert_true(f->cx.from_taken);
  w.n = 0;
  return f;
}
static void send_all(struct fake_flow *f, enum dir d, size_t piece) {
  for (size_t i = 0; i < w.n; i += piece)
    fake_feed(f, d, span_of(w.b + i, w.n - i < piece ? w.n - i : piece));
  w.n = 0;
}

static const char *walk(struct txn *t, enum dir d) {
  struct span body = side_body(&t->side[d]);
  leaves_of("", body.base, body.len);
  assert_true(leaves_result >= 0);
  return leaves;
}

static void whole(void **state) {
  (void)state;
  for (size_t piece = 1; piece < 4096; piece = piece * 5 + 2) {
    struct fake_flow *f = begin(NULL);
    frame(0x01, true, "{\"a\":", 5);
    frame(0x89, true, "ping", 4);
    frame(0x80, true, "1}", 2);
    text(true, "42[\"chat\",{\"m\":\"hi\"}]");
    frame(0x82, true, "\x0a\x03zhu", 5);
    frame(0x88, true, "\x03\xe8", 2);
    send_all(f, DIR_REQUEST, piece);
    text(false, "plain words");
    send_all(f, DIR_RESPONSE, piece);
    fake_end(f, END_FIN);
    assert_int_equal(f->count, 1);
    struct txn *t = f->txn[0];
    assert_string_equal(t->protocol, "websocket");
    assert_int_equal(t->status, 101);
    assert_int_equal(t->side[0].body_bytes, 7 + 21 + 5);
    assert_int_equal(t->side[0].decoded_bytes, 7 + 21 + 5);
    assert_int_equal(t->side[1].decoded_bytes, 11);
    assert_int_equal(txn_fact(t, "tapscope.websocket.request.messages")->num, 3);
    assert_int_equal(txn_fact(t, "tapscope.websocket.close")->num, 1000);
    assert_true(span_eq(t->host, SPAN_LIT("api.example")));
    assert_string_equal(walk(t, DIR_REQUEST), "a=1;[]=chat;[].m=hi;1=zhu;");
    assert_string_equal(walk(t, DIR_RESPONSE), "=plain words;");
    assert_int_equal(fake_free(f), 0);
  }
}

/* STOMP in SockJS: its frames are strings of a list. */
static void sockjs(void **state) {
  (void)state;
  struct fake_flow *f = begin(NULL);
  text(true, "[\"SEND\\ndestination:/q\\n\\n{\\\"a\\\":1}\\u0000\"]");
  send_all(f, DIR_REQUEST, 4096);
  text(false, "a[\"MESSAGE\\nsubscription:s\\n\\n{\\\"b\\\":2}\\u0000\"]");
  send_all(f, DIR_RESPONSE, 4096);
  fake_end(f, END_FIN);
  assert_string_equal(walk(f->txn[0], DIR_REQUEST), "[].destination=/q;[].a=1;");
  assert_string_equal(walk(f->txn[0], DIR_RESPONSE), "[].subscription=s;[].b=2;");
  assert_int_equal(fake_free(f), 0);
}

static size_t pack(z_stream *z, const char *in, uint8_t *out) {
  z->next_in = (Bytef *)(uintptr_t)in;
  z->avail_in = (uInt)strlen(in);
  z->next_out = out;
  z->avail_out = 4096;
  deflate(z, Z_SYNC_FLUSH);
  return 4096 - z->avail_out - 4;
}

static void compressed(void **state) {
  (void)state;
  struct fake_flow *f = begin("permessage-deflate; server_no_context_takeover");
  z_stream z = {0};
  uint8_t out[4096];
  deflateInit2(&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
  for (int i = 0; i < 3; i++) { /* later ones lean on the first */
    size_t n = pack(&z, "{\"name\":\"a long enough text to be found again\"}", out);
    frame(0x41, true, out, n / 2);
    frame(0x80, true, out + n / 2, n - n / 2);
  }
  deflateEnd(&z);
  send_all(f, DIR_REQUEST, 11);
  fake_end(f, END_FIN);
  struct txn *t = f->txn[0];
  assert_int_equal(t->side[0].decoded_bytes, 3 * 47);
  assert_true(t->side[0].body_bytes < 3 * 47);
  assert_string_equal(walk(t, DIR_REQUEST),
                      "name=a long enough text to be found again;name=a long enough text to be "
                      "found again;name=a long enough text to be found again;");
  assert_int_equal(t->side[0].unseen, 0);
  assert_int_equal(fake_free(f), 0);
}

static void holes(void **state) {
  (void)state;
  struct fake_flow *f = begin(NULL);
  text(true, "one");
  send_all(f, DIR_REQUEST, 4096);
  text(true, "a message of which the middle is lost");
  fake_feed(f, DIR_REQUEST, span_of(w.b, 12));
  fake_gap(f, DIR_REQUEST, 10);
  fake_feed(f, DIR_REQUEST, span_of(w.b + 22, w.n - 22));
  w.n = 0;
  text(true, "three");
  send_all(f, DIR_REQUEST, 4096);
  fake_gap(f, DIR_REQUEST, 77);
  text(true, "five");
  send_all(f, DIR_REQUEST, 4096);
  fake_end(f, END_DRAIN);
  struct txn *t = f->txn[0];
  assert_int_equal(txn_fact(t, "tapscope.websocket.request.messages")->num, 4);
  assert_true(t->side[0].unseen & UNSEEN_GAP);
  assert_non_null(strstr(walk(t, DIR_REQUEST), "=three;=five;"));
  assert_int_equal(fake_free(f), 0);
}

static void parts(void **state) {
  (void)state;
  struct fake_flow *f = begin(NULL);
  for (int i = 0; i < 2500; i++) text(false, "{\"tick\":1}");
  send_all(f, DIR_RESPONSE, 1460);
  fake_end(f, END_DRAIN);
  assert_int_equal(f->count, 3);
  for (size_t i = 0; i < 3; i++) {
    assert_true(span_eq(f->txn[i]->target, SPAN_LIT("/ws?x=1")));
    assert_int_equal(f->txn[i]->status, 101);
    assert_int_equal(txn_fact(f->txn[i], "tapscope.websocket.part")->num, i + 1);
    assert_int_equal(txn_fact(f->txn[i], "tapscope.websocket.response.messages")->num, i < 2 ? 1000 : 500);
    assert_int_equal(f->txn[i]->side[1].decoded_bytes, i < 2 ? 10000 : 5000);
  }
  assert_int_equal(fake_free(f), 0);
}

/* Joined in the middle: JSON in whole frames tells it. */
static void late(void **state) {
  (void)state;
  struct fake_flow *f = fake_new();
  w.n = 0;
  text(true, "{\"op\":\"sub\"}");
  text(true, "[1]");
  assert_int_equal(dissector_websocket.probe(span_of(w.b, w.n), DIR_REQUEST), PROBE_YES);
  assert_int_equal(dissector_websocket.probe(span_of(w.b, w.n - 1), DIR_REQUEST), PROBE_NO);
  assert_int_equal(dissector_websocket.side(span_of(w.b, w.n)), DIR_REQUEST);
  fake_begin(f, &dissector_websocket, UNSEEN_MIDSTREAM, NULL);
  send_all(f, DIR_REQUEST, 4096);
  fake_end(f, END_FIN);
  assert_int_equal(f->count, 1);
  assert_true(f->txn[0]->side[0].unseen & UNSEEN_MIDSTREAM);
  assert_string_equal(walk(f->txn[0], DIR_REQUEST), "op=sub;[]=1;");
  assert_int_equal(fake_free(f), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(whole), cmocka_unit_test(sockjs), cmocka_unit_test(compressed),
      cmocka_unit_test(holes), cmocka_unit_test(parts),  cmocka_unit_test(late),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
