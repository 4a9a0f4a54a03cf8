/* SPDX-License-Identifier: Apache-2.0 */
/* Protocols that begin late, as lines, or again behind a hole. */
#include "wire.h"
#include "cmocka_all.h"

#define BYTES(text) text, sizeof(text) - 1
/* A ClientHello of one cipher suite, without extensions, in a record of its own. */
#define RANDOM "0123456789abcdef0123456789abcdef"
#define HELLO "\26\3\1\0\55\1\0\0\51\3\3" RANDOM "\0\0\2\0\57\1\0"
#define ANSWER "\26\3\3\0\52\2\0\0\46\3\3" RANDOM "\0\0\57\0"
#define QUERY(name) "\0\26" name "\1\0\0\1\0\0\0\0\0\0\1a\2bc\0\0\1\0\1"

static struct wire w;

static void expect(unsigned calls, const char *flow) {
  wire_end(&w);
  assert_int_equal(w.count, calls);
  assert_non_null(strstr(w.flows, flow));
  wire_done(&w);
}

static void test_starttls(void **state) {
  (void)state;
  for (size_t cut = 1; cut < 100; cut += 33) {
    wire_talk(&w, cut);
    wire_say(&w, S2C, BYTES("220 mail ready\r\n"));
    wire_say(&w, C2S, BYTES("EHLO me\r\n"));
    wire_say(&w, S2C, BYTES("250 STARTTLS\r\n"));
    wire_say(&w, C2S, BYTES("STARTTLS\r\n"));
    wire_say(&w, S2C, BYTES("220 go\r\n"));
    wire_say(&w, C2S, BYTES(HELLO));
    expect(1, "tls:");
  }
}

static void test_database(void **state) {
  (void)state;
  for (size_t cut = 1; cut < 100; cut += 33) {
    wire_talk(&w, cut);
    wire_say(&w, C2S, BYTES("\0\0\0\10\4\322\26\57"));
    wire_say(&w, S2C, "S", 1);
    wire_say(&w, C2S, BYTES(HELLO));
    wire_say(&w, S2C, BYTES(ANSWER));
    assert_int_equal(w.count, 0);
    wire_say(&w, C2S, BYTES("\27\3\3\0\1x"));
    assert_int_equal(w.count, 1);
    assert_int_equal(w.last.outcome, TXN_OK);
    expect(1, "postgresql:"); /* the flow is the database's, TLS or not */
  }
}

/* Bytes that only begin like a ClientHello. */
static void test_no_hello(void **state) {
  (void)state;
  wire_talk(&w, 7);
  wire_say(&w, S2C, BYTES("220 mail ready\r\n"));
  wire_say(&w, C2S, BYTES("DATA \26\3\1\0\56\1\0\0\51\3\3" RANDOM "\26\26\3\1"));
  expect(0, ":");
}

static void test_redis_lines(void **state) {
  (void)state;
  for (size_t cut = 1; cut < 100; cut += 33) {
    wire_talk(&w, cut);
    wire_say(&w, C2S, BYTES("PING\r\n\r\nconfig get dir\r\n"));
    wire_say(&w, S2C, BYTES("+PONG\r\n*2\r\n$3\r\ndir\r\n$4\r\n/tmp\r\n"));
    expect(2, "redis:");
  }
}

static void test_dns_hole(void **state) {
  (void)state;
  wire_talk(&w, 100);
  wire_say(&w, C2S, BYTES(QUERY("\0\1")));
  w.at[C2S] += 24;
  wire_say(&w, S2C,
           BYTES("\0\26"
                 "\0\1\201\200\0\1\0\0\0\0\0\0\1a\2bc\0\0\1\0\1"));
  for (unsigned i = 0; i < 5000 && w.count < 1; i++) wire_ack(&w, S2C, w.at[S2C], w.at[C2S]);
  wire_say(&w, C2S, BYTES(QUERY("\0\3")));
  for (unsigned i = 0; i < 200; i++) wire_ack(&w, S2C, w.at[S2C], w.at[C2S]);
  expect(2, "dns-tcp:");
}

/* A request whose first line breaks off at a hole is one all the same. */
static void test_cut_line(void **state) {
  (void)state;
  wire_talk(&w, 1000);
  wire_say(&w, C2S, BYTES("GET /images/box.gif HT"));
  w.at[C2S] += 400;
  wire_say(&w, S2C, BYTES("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  wire_end(&w);
  assert_string_equal(w.calls, "GET /images/box.gif 200 [gap] []\n");
  wire_done(&w);
}

/* A capture that begins in a body sent in tiny segments: what comes behind is found all the same. */
static void test_late_tiny(void **state) {
  (void)state;
  static char body[300];
  memset(body, '9', sizeof body);
  wire_begin(&w);
  w.at[C2S] = 1001, w.at[S2C] = 5001, w.step = 1;
  wire_say(&w, S2C, body, sizeof body);
  wire_say(&w, C2S, BYTES("GET /a HTTP/1.1\r\nHost: h\r\n\r\n"));
  wire_say(&w, S2C, BYTES("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  wire_end(&w);
  assert_non_null(strstr(w.calls, "GET /a 200"));
  wire_done(&w);
}

/* HAProxy's PROXY protocol before TLS, HTTP and a database: off it comes, and its client is kept. */
static void test_proxied(void **state) {
  (void)state;
#define V2 "\r\n\r\n\0\r\nQUIT\n"
#define FOUR "\313\0\161\7\12\115\0\1\310\42\1\273"
#define ASK "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
  static const struct {
    const char *bytes;
    size_t len;
    int outer; /* its last byte; -1: none */
    const char *flow;
  } cases[] = {
      {BYTES("PROXY TCP4 203.0.113.7 10.77.0.1 51234 443\r\n" ASK), 7, "http:"},
      {BYTES("PROXY TCP6 2001:db8::9 2001:db8::1 51234 443\r\n" HELLO), 9, "tls:"},
      {BYTES("PROXY UNKNOWN\r\n" ASK), -1, "http:"},
      {BYTES(V2 "\41\21\0\14" FOUR HELLO), 7, "tls:"},
      {BYTES(V2 "\41\21\0\21" FOUR "\4\0\2\0\0" ASK), 7, "http:"},
      {BYTES(V2 "\40\0\0\0" ASK), -1, "http:"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (size_t cut = 1; cut < 200; cut += 33) {
      wire_talk(&w, cut);
      wire_say(&w, C2S, cases[i].bytes, cases[i].len);
      wire_end(&w);
      assert_int_equal(w.count, 1);
      assert_int_equal(w.last.conn.has_outer, cases[i].outer >= 0);
      if (cases[i].outer >= 0) assert_int_equal(w.last.conn.outer[15], cases[i].outer);
      assert_non_null(strstr(w.flows, cases[i].flow));
      wire_done(&w);
    }
  wire_talk(&w, 3); /* only like it */
  wire_say(&w, C2S, BYTES("PROXY /a HTTP/1.1\r\nHost: h\r\n\r\n"));
  expect(1, "http:");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_starttls), cmocka_unit_test(test_late_tiny), cmocka_unit_test(test_cut_line),
      cmocka_unit_test(test_database), cmocka_unit_test(test_no_hello),  cmocka_unit_test(test_redis_lines),
      cmocka_unit_test(test_dns_hole), cmocka_unit_test(test_proxied),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
