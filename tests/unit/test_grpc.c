/* SPDX-License-Identifier: Apache-2.0 */
/* gRPC, gRPC-web and Connect: names, messages, trailers in the body, error codes. */
#include "cmocka_all.h"
#include "dissect/proto/grpc.h"
#include <zlib.h>

static struct txn t;

static void begin(const char *target, const char *mime, const char *version) {
  arena_done(&t.arena);
  for (int d = 0; d < 2; d++) {
    buf_done(&t.side[d].raw);
    buf_done(&t.side[d].decoded);
  }
  memset(&t, 0, sizeof t);
  arena_init(&t.arena, NULL, 0);
  t.protocol = "http";
  t.target = span_str(target);
  struct span rest = t.target;
  t.path = span_cut(&rest, '?');
  t.query = rest;
  t.version = span_str(version);
  t.status = 200;
  for (int d = 0; d < 2; d++) {
    t.side[d].seen = t.side[d].complete = true;
    t.side[d].mime = span_str(mime);
    buf_init(&t.side[d].raw, NULL, 1 << 20);
    buf_init(&t.side[d].decoded, NULL, 1 << 20);
  }
}
static void body(enum dir d, const void *p, size_t n) { buf_put(&t.side[d].raw, span_of(p, n)); }
#define BODY(d, lit) body(d, lit, sizeof(lit) - 1)
static uint64_t number(const char *name) {
  const struct fact *f = txn_fact(&t, name);
  return f ? f->num : 9999;
}
static void is(struct span got, const char *want) { assert_true(span_eq(got, span_str(want))); }
static void code_is(const char *code) { is(txn_fact(&t, "tapscope.grpc.code")->str, code); }

static void web(void **state) {
  (void)state;
  begin("/v1/proxy/bank.Desk/Do", "application/grpc-web+proto", "1.1");
  BODY(DIR_REQUEST, "\0\0\0\0\2\10\1");
  BODY(DIR_RESPONSE, "\0\0\0\0\2\10\1\200\0\0\0\40grpc-status:5\r\ngrpc-message:gone\r\n");
  assert_true(grpc_apply(&t, 100));
  assert_string_equal(t.protocol, "grpc");
  is(t.operation, "bank.Desk/Do");
  assert_int_equal(number("tapscope.grpc.status"), 5);
  assert_int_equal(number("tapscope.grpc.response.messages"), 1);
  is(txn_fact(&t, "tapscope.grpc.message")->str, "gone");
  assert_int_equal(t.outcome, TXN_ERROR);
}

static void web_text(void **state) {
  (void)state;
  begin("/bank.Desk/Do", "application/grpc-web-text", "1.1");
  BODY(DIR_REQUEST, "AAAAAAIIAQ==");
  BODY(DIR_RESPONSE, "AAAAAAIIAQ==gAAAAA9ncnBjLXN0YXR1czowDQo=");
  assert_true(grpc_apply(&t, 100));
  assert_int_equal(number("tapscope.grpc.status"), 0);
  assert_int_equal(number("tapscope.grpc.request.messages"), 1);
  assert_int_equal(t.outcome, TXN_OK);
  assert_memory_equal(side_body(&t.side[0]).base, "\0\0\0\0\2\10\1", 7);
}

static void packed(void **state) {
  (void)state;
  uint8_t out[64], message[80] = {1};
  z_stream z = {
      .next_in = (Bytef *)(uintptr_t) "\x0a\x03", .avail_in = 2, .next_out = out, .avail_out = sizeof out};
  deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  deflate(&z, Z_FINISH);
  message[4] = (uint8_t)z.total_out;
  memcpy(message + 5, out, z.total_out);
  begin("/bank.Desk/Do", "application/grpc", "2");
  txn_header(&t, &t.side[0].headers, SPAN_LIT("grpc-encoding"), SPAN_LIT("gzip"));
  body(DIR_REQUEST, message, 5 + z.total_out);
  deflateEnd(&z);
  assert_true(grpc_apply(&t, 100));
  assert_memory_equal(side_body(&t.side[0]).base, "\0\0\0\0\2\x0a\3", 7);
}

static void connect(void **state) {
  (void)state;
  begin("/bank.Desk/Do", "application/connect+json", "2");
  BODY(DIR_REQUEST, "\0\0\0\0\7{\"a\":1}");
  BODY(DIR_RESPONSE, "\0\0\0\0\7{\"b\":1}\2\0\0\0\35{\"error\":{\"code\":\"canceled\"}}");
  assert_true(grpc_apply(&t, 100));
  is(txn_fact(&t, "tapscope.grpc.kind")->str, "connect");
  assert_int_equal(number("tapscope.grpc.response.messages"), 1);
  code_is("canceled");
  begin("/bank.Desk/Do", "application/json", "1.1");
  txn_header(&t, &t.side[0].headers, SPAN_LIT("Connect-Protocol-Version"), SPAN_LIT("1"));
  t.status = 404;
  BODY(DIR_RESPONSE, "{\"code\":\"not_found\",\"message\":\"x\"}");
  assert_true(grpc_apply(&t, 100));
  code_is("not_found");
  assert_int_equal(t.outcome, TXN_ERROR);
  begin("/bank.Desk/Get?encoding=json&connect=v1&message=%7B%7D", "", "1.1");
  assert_true(grpc_apply(&t, 100));
  is(t.operation, "bank.Desk/Get");
}

static void others(void **state) {
  (void)state;
  begin("/a/b", "application/json", "2");
  assert_false(grpc_apply(&t, 100));
  begin("/a/b", "", "1.1");
  assert_false(grpc_apply(&t, 100));
}

static int clean(void **state) {
  (void)state;
  begin("", "", "");
  arena_done(&t.arena);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(web), cmocka_unit_test(web_text),
                                     cmocka_unit_test(packed), cmocka_unit_test(connect),
                                     cmocka_unit_test(others)};
  return cmocka_run_group_tests(tests, NULL, clean);
}
