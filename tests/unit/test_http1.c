/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1 to the letter of RFC 9110 and 9112, and what breaks it. */
#include "wire.h"
#include "cmocka_all.h"
#include <zlib.h>

#define C 1001u
#define S 5001u
#define HEAD(rest) "GET /a HTTP/1.1\r\nHost: h\r\n" rest "\r\n"
#define OK5 "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

static struct wire w;
static uint32_t at[2];

static int begin(void **state) {
  (void)state;
  wire_begin(&w);
  at[C2S] = C;
  at[S2C] = S;
  wire_open(&w, C - 1, S - 1);
  return 0;
}

static int end(void **state) {
  (void)state;
  wire_done(&w);
  return 0;
}

static void say_n(int dir, const void *data, size_t n) {
  wire_packet(&w, dir, TCP_ACK, at[dir], at[!dir], data, n, 0, NULL);
  at[dir] += (uint32_t)n;
}
static void say(int dir, const char *text) { say_n(dir, text, strlen(text)); }
static void slow(int dir, const char *text) {
  for (; *text; text++) say_n(dir, text, 1);
}
static void fin(int dir) {
  wire_packet(&w, dir, TCP_ACK | TCP_FIN, at[dir], at[!dir], NULL, 0, 0, NULL);
  at[dir]++;
}

static void expect(const char *calls) {
  wire_end(&w);
  assert_string_equal(w.calls, calls);
}
static bool flagged(unsigned id) { return w.anomalies & ANOMALY_BIT(id); }

static void test_chunked(void **state) {
  (void)state;
  say(C2S, HEAD(""));
  slow(S2C, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: "
            "X\r\n\r\n5;a=\"b\"\r\nhello\r\n00a\r\n, my world"
            "\r\n0\r\nX: y\r\n\r\n");
  assert_int_equal(w.count, 1);
  assert_string_equal(w.body[1], "hello, my world");
  assert_int_equal(w.last.side[1].body_bytes, 15);
  assert_int_equal(w.last.side[1].trailers.count, 1);
  assert_true(w.last.side[1].complete);
  expect("GET /a 200 [] []\n");
  assert_int_equal(w.anomalies, 0);
}

static void test_pipelining(void **state) {
  (void)state;
  say(C2S,
      "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nHEAD /2 HTTP/1.1\r\nHost: h\r\n\r\nPOST /3 HTTP/1.1\r\nHost: h\r\n"
      "Content-Length: 3\r\n\r\nabcGET /4 HTTP/1.1\r\nHost: h\r\n\r\n");
  say(S2C, OK5 "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nHTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n"
               "HTTP/1.1 304 Not Modified\r\nContent-Length: 12\r\n\r\n");
  expect("GET /1 200 [] []\nHEAD /2 200 [] []\nPOST /3 201 [] []\nGET /4 304 [] []\n");
}

static void test_interim(void **state) {
  (void)state;
  say(C2S, "POST /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  say(S2C, "HTTP/1.1 100 Continue\r\n\r\n");
  say(C2S, "ok");
  say(S2C, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" OK5);
  assert_int_equal(w.last.side[1].headers.count, 1);
  expect("POST /a 200 [] []\n");
}

static void test_until_close(void **state) {
  (void)state;
  say(C2S, "GET /a HTTP/1.0\r\n\r\n");
  say(S2C, "HTTP/1.0 200 OK\r\n\r\nall of ");
  say(S2C, "this");
  assert_int_equal(w.count, 0);
  fin(S2C);
  assert_int_equal(w.count, 1);
  assert_string_equal(w.body[1], "all of this");
  expect("GET /a 200 [] []\n");
}

static void test_cut_at_the_end(void **state) {
  (void)state;
  say(C2S, HEAD(""));
  say(S2C, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf");
  expect("GET /a 200 [] [unfinished]\n");
}

static void test_request_without_answer(void **state) {
  (void)state;
  say(C2S, HEAD(""));
  fin(C2S);
  fin(S2C);
  expect("GET /a -1 [] []\n");
}

static void test_half_a_head(void **state) {
  (void)state;
  say(C2S, "GET /a HTTP/1.1\r\nHost: h\r\nX-Par");
  expect("GET /a -1 [unfinished] [unfinished]\n");
}

static void test_upgrade_and_connect(void **state) {
  (void)state;
  say(C2S, HEAD("Upgrade: something\r\nConnection: upgrade\r\n"));
  say(S2C, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: something\r\n\r\n\x01\x02\x03");
  say(C2S, "\x04\x05");
  expect("GET /a 101 [] []\n");
}

static void test_connect(void **state) {
  (void)state;
  say(C2S, "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n");
  say(S2C, "HTTP/1.1 200 Connection established\r\n\r\n");
  say(C2S, HEAD("")); /* inside the tunnel */
  say(S2C, OK5);
  expect("CONNECT h:443 200 [] []\nGET /a 200 [] []\n");
}

static void test_smuggling(void **state) {
  (void)state;
  say(C2S, "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  say(S2C, OK5);
  say(C2S, "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc");
  say(S2C, OK5);
  expect("POST /a 200 [] []\nPOST /b 200 [] []\n");
  assert_true(flagged(ANOMALY_CL_AND_TE));
  assert_true(flagged(ANOMALY_LENGTH_CONFLICT));
}

static void test_odd_heads(void **state) {
  (void)state;
  say(C2S, "\r\nPOST  /a HTTP/1.1\nHost: h\nHost: i\nX : y\r\n folded\r\nno colon\r\nContent-Length: 2, 2\r\n"
           "Transfer-Encoding: \x0b"
           "chunked\r\n\r\n0\r\n\r\n");
  say(S2C, OK5);
  expect("POST /a 200 [] []\n");
  assert_true(flagged(ANOMALY_BARE_LF) && flagged(ANOMALY_HOST_CONFLICT) &&
              flagged(ANOMALY_SPACE_BEFORE_COLON));
  assert_true(flagged(ANOMALY_OBS_FOLD) && flagged(ANOMALY_BAD_HEADER) && flagged(ANOMALY_LENGTH_REPEATED));
  assert_true(flagged(ANOMALY_TE_BAD) && flagged(ANOMALY_BAD_REQUEST_LINE));
}

static void test_huge_head(void **state) {
  (void)state;
  say(C2S, "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n");
  char line[1024];
  for (int i = 0; i < 200; i++) {
    snprintf(line, sizeof line, "X-%03d: %0900d\r\n", i, i);
    say(C2S, line);
  }
  say(C2S, "\r\nabc" HEAD(""));
  say(S2C, OK5 OK5);
  expect("POST /a 200 [capped] []\nGET /a 200 [] []\n");
  assert_true(flagged(ANOMALY_HEADER_CUT));
  assert_int_equal(ctr_get(&w.ctr, CTR_DISSECT_HEADER_CAP), 1);
}

static void test_body_cap(void **state) {
  (void)state;
  static char big[100000];
  char head[100];
  w.conf.max_body_bytes = 5000; /* of transactions made from now on */
  memset(big, 'x', sizeof big);
  say(C2S, HEAD(""));
  snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", sizeof big);
  say(S2C, head);
  for (size_t i = 0; i < sizeof big; i += 1000) say_n(S2C, big + i, 1000);
  assert_int_equal(w.last.side[1].body_bytes, sizeof big);
  expect("GET /a 200 [] [capped]\n");
}

static void say_coded(const char *coding, const void *data, size_t n) {
  char head[200];
  say(C2S, HEAD(""));
  snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %zu\r\n\r\n",
           coding, n);
  say(S2C, head);
  say_n(S2C, data, n);
}

static void test_codings(void **state) {
  (void)state;
  uint8_t out[200];
  uLongf n = sizeof out;
  compress(out, &n, (const uint8_t *)"hello hello hello", 17);
  say_coded("deflate", out, n);
  assert_string_equal(w.body[1], "hello hello hello");
  assert_int_equal(w.last.side[1].decoded_bytes, 17);
  say_coded("deflate", out + 2, n - 6); /* raw, as some servers mean it */
  assert_string_equal(w.body[1], "hello hello hello");
  say_coded("gzip", out, n); /* mislabelled */
  assert_string_equal(w.body[1], "hello hello hello");
  say_coded("identity", "plain", 5);
  assert_string_equal(w.body[1], "plain");
  assert_int_equal(w.anomalies, 0);
  static const char bare[] = "{\"姓名\":\"never packed, whatever the header says\"}";
  say_coded("gzip", bare, sizeof bare - 1);
  assert_string_equal(w.body[1], bare);
  assert_true(flagged(ANOMALY_CODING_MISMATCH));
  w.anomalies = 0;
  out[n - 1] ^= 1;
  say_coded("deflate", out, n);
  assert_string_equal(w.body[1], "hello hello hello");
  assert_true(flagged(ANOMALY_CODING_BAD));
}

static void test_bomb(void **state) {
  (void)state;
  w.conf.max_ratio = 10;
  size_t size = 8 << 20;
  uint8_t *zeros = calloc(1, size), *out = malloc(size);
  uLongf n = size;
  compress(out, &n, zeros, size);
  say_coded("deflate", out, n);
  free(zeros);
  free(out);
  expect("GET /a 200 [] [capped]\n");
  assert_true(flagged(ANOMALY_BOMB));
}

static void test_targets(void **state) {
  (void)state;
  say(C2S, "GET http://User@Example.COM:8080/p/q?x=1#f HTTP/1.1\r\nHost: other\r\n\r\n");
  say(S2C, OK5);
  assert_int_equal(w.last.host_port, 8080);
  say(C2S, "OPTIONS * HTTP/1.1\r\nHost: [::1]:81\r\n\r\n");
  say(S2C, OK5);
  assert_int_equal(w.last.host_port, 81);
  expect("GET http://User@Example.COM:8080/p/q?x=1#f 200 [] []\nOPTIONS * 200 [] []\n");
}

static void test_http09(void **state) {
  (void)state;
  say(C2S, "GET /a\r\n");
  say(S2C, "HTTP/1.0 200 OK\r\n\r\nx");
  fin(S2C);
  expect("GET /a 200 [] []\n");
}

static void test_unasked_timeout(void **state) {
  (void)state;
  say(C2S, HEAD(""));
  say(S2C, OK5 "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
  expect("GET /a 200 [] []\n  408 [] []\n");
  assert_true(flagged(ANOMALY_UNPAIRED_RESPONSE));
}

static void test_not_http(void **state) {
  (void)state;
  say(C2S, "hello there, this is no request\r\n");
  say(S2C, "nor is this an answer\r\n");
  expect("");
  assert_int_equal(ctr_get(&w.ctr, CTR_DISSECT_UNKNOWN), 1);
}

static void test_early_answer(void **state) {
  (void)state;
  say(C2S, "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabc");
  say(S2C, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
  assert_int_equal(w.count, 0);
  say(C2S, "def");
  assert_string_equal(w.body[0], "abcdef");
  expect("POST /a 413 [] []\n");
}

/* HTTP/0.9: a line, and an answer without a head. */
static void test_old(void **state) {
  (void)state;
  say(C2S, "GET /old\r\n");
  slow(S2C, "<html>plain</html>");
  fin(S2C);
  assert_string_equal(w.body[1], "<html>plain</html>");
  assert_true(w.last.side[1].complete);
  expect("GET /old -1 [] []\n");
}

/* Lines of other protocols that begin with a method's name. */
static void test_not_old(void **state) {
  (void)state;
  say(C2S, "CONNECT {\"verbose\":false}\r\nPING\r\n");
  say(S2C, "PONG\r\n");
  expect("");
}

/* A head in text is HTTP/1's, whatever version its client claims. */
static void test_claimed_version(void **state) {
  (void)state;
  say(C2S, "GET /a HTTP/2.0\r\nHost: h\r\n\r\n");
  say(S2C, "HTTP/1.1 505 No\r\nContent-Length: 0\r\n\r\n");
  expect("GET /a 505 [] []\n");
}

static void test_any_token(void **state) {
  (void)state;
  say(C2S, "|GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
  say(S2C, "HTTP/1.1 501 No\r\nContent-Length: 0\r\n\r\n");
  expect("|GET /a 501 [] []\n");
}

/* A length that is there to overflow is no length: what follows is the next request. */
static void test_endless_length(void **state) {
  (void)state;
  say(C2S, "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 18446744073709551615\r\n\r\n" HEAD(""));
  expect("POST /a -1 [] [unfinished]\nGET /a -1 [] [unfinished]\n");
  assert_true(flagged(ANOMALY_LENGTH_BAD));
}

/* A body that nothing announced is told, however it is cut. */
static void test_unannounced_body(void **state) {
  (void)state;
  say(C2S, HEAD(""));
  slow(C2S, "foo=bar");
  say(S2C, OK5);
  expect("GET /a 200 [] []\n");
  assert_true(flagged(ANOMALY_BODY_UNEXPECTED));
}

/* One side only: an answer to a HEAD that nobody saw has no body, told by the head behind it however that is cut. */
static void test_unseen_head(void **state) {
  (void)state;
  for (int tiny = 0; tiny < 2; tiny++) {
    static const char both[] = "HTTP/1.1 200 OK\r\nServer: a\r\n\r\n" OK5;
    wire_done(&w);
    wire_begin(&w);
    at[S2C] = S, at[C2S] = C;
    tiny ? slow(S2C, both) : say(S2C, both);
    wire_end(&w);
    assert_int_equal(w.count, 2);
    assert_string_equal(w.body[1], "hello");
  }
}

/* Refused before it was told to go on, a client sends no body and may ask for something else. */
static void test_refused_expectation(void **state) {
  (void)state;
  static const char post[] =
      "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n";
  for (int tiny = 0; tiny < 2; tiny++) {
    wire_done(&w);
    begin(state);
    say(C2S, post);
    say(S2C, "HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n");
    tiny ? slow(C2S, HEAD("")) : say(C2S, HEAD(""));
    say(S2C, OK5);
    expect("POST /p 413 [] []\nGET /a 200 [] []\n");
  }
}

/* A body that comes after the answer all the same, or one that reads like a request where nothing was refused. */
static void test_kept_expectation(void **state) {
  (void)state;
  say(C2S, "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  say(S2C, "HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n");
  slow(C2S, "12345");
  say(C2S, "POST /q HTTP/1.1\r\nHost: h\r\nContent-Length: 25\r\nExpect: 100-continue\r\n\r\n");
  say(S2C, "HTTP/1.1 100 Continue\r\n\r\n");
  say(C2S, "GET / HTTP/1.1\r\nHost: h\r\n");
  assert_int_equal(w.count, 1);
  say(C2S, "GET / HTTP/1.1\r\nHost: h\r\n");
  say(S2C, OK5);
  assert_int_equal(w.last.side[0].body_bytes, 25);
  assert_int_equal(w.last.status, 200);
}

int main(void) {
#define T(name) cmocka_unit_test_setup_teardown(test_##name, begin, end)
  /* clang-format off */
  const struct CMUnitTest tests[] = {
    T(refused_expectation), T(kept_expectation),
    T(claimed_version), T(unseen_head), T(any_token),
    T(chunked),        T(pipelining),
    T(interim),        T(until_close),
    T(cut_at_the_end), T(request_without_answer),
    T(half_a_head),    T(upgrade_and_connect),
    T(connect),        T(smuggling),
    T(odd_heads),      T(huge_head),
    T(body_cap),       T(codings),
    T(bomb),           T(targets),
    T(http09),         T(unasked_timeout),
    T(not_http),       T(early_answer),
    T(old),            T(not_old),
    T(endless_length), T(unannounced_body),
  };
  /* clang-format on */
  return cmocka_run_group_tests(tests, NULL, NULL);
}
