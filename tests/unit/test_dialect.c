/* SPDX-License-Identifier: Apache-2.0 */
/* What a dialect says of a call outlives the call's bodies, which are given back first. */
#include "dissect/model/dialect.h"

#include "cmocka_all.h"

#include <stdlib.h>

static void outlives(const char *mime, const char *head, const char *tail, const char *want) {
  struct txn t = {.protocol = "http",
                  .kind = TXN_CALL,
                  .method = SPAN_LIT("POST"),
                  .path = SPAN_LIT("/rpc"),
                  .target = SPAN_LIT("/rpc")};
  struct side *s = &t.side[DIR_REQUEST];
  arena_init(&t.arena, NULL, 0);
  buf_init(&s->raw, NULL, 0);
  buf_init(&s->decoded, NULL, 0);
  s->seen = s->complete = true;
  s->mime = span_str(mime);
  assert_true(buf_put(&s->raw, span_str(head)) >= 0);
  for (int i = 0; i < 10000; i++) assert_true(buf_put(&s->raw, SPAN_LIT("aaaaaaaaaa")) >= 0);
  assert_true(buf_put(&s->raw, span_str(tail)) >= 0);
  dialect_apply(&t);
  buf_done(&s->raw); /* the address sanitizer tells if a name still lies in it */
  if (!span_eq(t.operation, span_str(want))) print_error("%.*s, not %s\n", SPAN_FMT(t.operation), want);
  assert_true(span_eq(t.operation, span_str(want)));
  arena_done(&t.arena);
}

static void test_names(void **state) {
  (void)state;
  outlives("text/xml",
           "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><transfer><m>",
           "</m></transfer></s:Body></s:Envelope>", "transfer");
  outlives("text/xml",
           "<?xml version=\"1.0\"?><methodCall><methodName>bank.transfer</methodName><params><param><value>",
           "</value></param></params></methodCall>", "bank.transfer");
  outlives("application/x-www-form-urlencoded", "Action=RunInstances&Version=2016-11-15&Data=", "",
           "RunInstances");
  outlives("application/json", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"account.query\",\"params\":[\"",
           "\"]}", "account.query");
  outlives("application/json",
           "{\"operationName\":\"Cards\",\"query\":\"query Cards { cards { id } }\",\"variables\":{\"x\":\"",
           "\"}}", "Cards");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_names)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
