/* SPDX-License-Identifier: Apache-2.0 */
/* Calls without end over HTTP/1: event streams and watches come in parts, downloads do not. */
#include "cmocka_all.h"
#include "fake_flow.h"
#include <stdio.h>

extern const struct dissector dissector_http1;

static struct fake_flow *begin(const char *target, const char *type) {
  struct fake_flow *f = fake_new();
  char text[256];
  fake_begin(f, &dissector_http1, 0, NULL);
  int n = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: a.example\r\n\r\n", target);
  fake_feed(f, DIR_REQUEST, span_of(text, (size_t)n));
  n = snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n",
               type);
  fake_feed(f, DIR_RESPONSE, span_of(text, (size_t)n));
  return f;
}

static void say(struct fake_flow *f, const char *chunk) {
  f->cx.ns += 40000000000ULL;
  fake_feed(f, DIR_RESPONSE, span_str(chunk));
}

static void body_is(const struct txn *t, const char *text) {
  assert_true(span_eq(buf_span(&t->side[1].raw), span_str(text)));
  assert_int_equal(t->side[1].body_bytes, strlen(text));
}

static void events(void **state) {
  (void)state;
  struct fake_flow *f = begin("/quotes", "text/event-stream");
  say(f, "9\r\ndata: 1\n\n\r\n");
  say(f, "10\r\ndata: 2\n\ndata: 3\r\n");
  assert_int_equal(f->count, 1);
  body_is(f->txn[0], "data: 1\n\n");
  say(f, "2\r\n4\n\r\n");
  say(f, "1\r\n\n\r\n0\r\n\r\n");
  assert_int_equal(f->count, 3);
  body_is(f->txn[1], "data: 2\n\n");
  body_is(f->txn[2], "data: 34\n\n");
  for (unsigned i = 0; i < 3; i++) {
    assert_int_equal(txn_fact(f->txn[i], "tapscope.part")->num, i + 1);
    assert_true(span_eq(f->txn[i]->path, SPAN_LIT("/quotes")));
    assert_true(span_eq(f->txn[i]->host, SPAN_LIT("a.example")));
    assert_int_equal(txn_unseen(f->txn[i]), 0);
  }
  assert_int_equal(fake_free(f), 0);
}

static void watches(void **state) {
  (void)state;
  struct fake_flow *f = begin("/api/v1/pods?watch=true", "application/json");
  for (int i = 0; i < 10; i++) say(f, "8\r\n{\"a\":1}\n\r\n");
  assert_int_equal(f->count, 5);
  assert_int_equal(fake_free(f), 0);
}

static void download(void **state) {
  (void)state;
  struct fake_flow *f = begin("/report", "application/json");
  for (int i = 0; i < 10; i++) say(f, "8\r\n{\"a\":1}\n\r\n");
  say(f, "0\r\n\r\n");
  assert_int_equal(f->count, 1);
  assert_null(txn_fact(f->txn[0], "tapscope.part"));
  assert_int_equal(f->txn[0]->side[1].body_bytes, 80);
  assert_int_equal(fake_free(f), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(events), cmocka_unit_test(watches),
                                     cmocka_unit_test(download)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
