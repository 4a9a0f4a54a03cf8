/* SPDX-License-Identifier: Apache-2.0 */
/* Protocols that begin late, as lines, or again behind a hole. */
#include "wire.h"
#include "cmocka_all.h"

#define C 1001u
#define S 5001u
#define BYTES(text) text, sizeof(text) - 1
/* A ClientHello of one cipher suite, without extensions, in a record of its own. */
#define RANDOM "0123456789abcdef0123456789abcdef"
#define HELLO "\26\3\1\0\55\1\0\0\51\3\3" RANDOM "\0\0\2\0\57\1\0"
#define ANSWER "\26\3\3\0\52\2\0\0\46\3\3" RANDOM "\0\0\57\0"
#define QUERY(name) "\0\26" name "\1\0\0\1\0\0\0\0\0\0\1a\2bc\0\0\1\0\1"

static struct wire w;
static uint32_t at[2];
static size_t step;

static void begin(size_t bytes) {
  wire_begin(&w);
  at[C2S] = C;
  at[S2C] = S;
  step = bytes;
  wire_open(&w, C - 1, S - 1);
}

static void say(int dir, const char *data, size_t n) {
  for (size_t i = 0, k; i < n; i += k) {
    k = n - i < step ? n - i : step;
    wire_packet(&w, dir, TCP_ACK, at[dir], at[!dir], data + i, k, 0, NULL);
    at[dir] += (uint32_t)k;
  }
}

static void expect(unsigned calls, const char *flow) {
  wire_end(&w);
  assert_int_equal(w.count, calls);
  assert_non_null(strstr(w.flows, flow));
  wire_done(&w);
}

static void test_starttls(void **state) {
  (void)state;
  for (size_t cut = 1; cut < 100; cut += 33) {
    begin(cut);
    say(S2C, BYTES("220 mail ready\r\n"));
    say(C2S, BYTES("EHLO me\r\n"));
    say(S2C, BYTES("250 STARTTLS\r\n"));
    say(C2S, BYTES("STARTTLS\r\n"));
    say(S2C, BYTES("220 go\r\n"));
    say(C2S, BYTES(HELLO));
    expect(1, "tls:");
  }
}

static void test_database(void **state) {
  (void)state;
  for (size_t cut = 1; cut < 100; cut += 33) {
    begin(cut);
    say(C2S, BYTES("\0\0\0\10\4\322\26\57"));
    say(S2C, "S", 1);
    say(C2S, BYTES(HELLO));
    say(S2C, BYTES(ANSWER));
    assert_int_equal(w.count, 0);
    say(C2S, BYTES("\27\3\3\0\1x"));
    assert_int_equal(w.count, 1);
    assert_int_equal(w.last.outcome, TXN_OK);
    expect(1, "tls:");
  }
}

/* Bytes that only begin like a ClientHello. */
static void test_no_hello(void **state) {
  (void)state;
  begin(7);
  say(S2C, BYTES("220 mail ready\r\n"));
  say(C2S, BYTES("DATA \26\3\1\0\56\1\0\0\51\3\3" RANDOM "\26\26\3\1"));
  expect(0, ":");
}

static void test_redis_lines(void **state) {
  (void)state;
  for (size_t cut = 1; cut < 100; cut += 33) {
    begin(cut);
    say(C2S, BYTES("PING\r\n\r\nconfig get dir\r\n"));
    say(S2C, BYTES("+PONG\r\n*2\r\n$3\r\ndir\r\n$4\r\n/tmp\r\n"));
    expect(2, "redis:");
  }
}

static void test_dns_hole(void **state) {
  (void)state;
  begin(100);
  say(C2S, BYTES(QUERY("\0\1")));
  at[C2S] += 24;
  say(S2C, BYTES("\0\26"
                 "\0\1\201\200\0\1\0\0\0\0\0\0\1a\2bc\0\0\1\0\1"));
  for (unsigned i = 0; i < 5000 && w.count < 1; i++) wire_ack(&w, S2C, at[S2C], at[C2S]);
  say(C2S, BYTES(QUERY("\0\3")));
  for (unsigned i = 0; i < 200; i++) wire_ack(&w, S2C, at[S2C], at[C2S]);
  expect(2, "dns-tcp:");
}

/* A request whose first line breaks off at a hole is one all the same. */
static void test_cut_line(void **state) {
  (void)state;
  begin(1000);
  say(C2S, BYTES("GET /images/box.gif HT"));
  at[C2S] += 400;
  say(S2C, BYTES("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
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
  at[C2S] = C, at[S2C] = S, step = 1;
  say(S2C, body, sizeof body);
  say(C2S, BYTES("GET /a HTTP/1.1\r\nHost: h\r\n\r\n"));
  say(S2C, BYTES("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  wire_end(&w);
  assert_non_null(strstr(w.calls, "GET /a 200"));
  wire_done(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_starttls), cmocka_unit_test(test_late_tiny), cmocka_unit_test(test_cut_line),
      cmocka_unit_test(test_database), cmocka_unit_test(test_no_hello),  cmocka_unit_test(test_redis_lines),
      cmocka_unit_test(test_dns_hole),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
