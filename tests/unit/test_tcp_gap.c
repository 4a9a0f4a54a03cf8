/* SPDX-License-Identifier: Apache-2.0 */
/* TCP with bytes missing: what is lost, late, cut by the capture, far off or only pretended, and what each does to the calls above. */
#include "tcp.h"

static void test_lost_request(void **state) {
  (void)state;
  wire_open(&w, C - 1, S - 1);
  wire_text(&w, C2S, C, S, REQ_A);
  wire_text(&w, S2C, S, C + Q, RES_A);
  wire_text(&w, S2C, S + P, C + 2 * Q, RES_B); /* to /b, whose segment is lost */
  wire_text(&w, C2S, C + 2 * Q, S + 2 * P, REQ_C);
  wire_text(&w, S2C, S + 2 * P, C + 3 * Q, RES_A);
  expect(A_OK "  404 [gap] []\nGET /c 200 [] []\n");
}

static void test_lost_response(void **state) {
  (void)state;
  wire_open(&w, C - 1, S - 1);
  wire_text(&w, C2S, C, S, REQ_A);
  wire_text(&w, C2S, C + Q, S + P, REQ_B); /* has the answer to /a, which is lost */
  wire_text(&w, S2C, S + P, C + 2 * Q, RES_B);
  expect("GET /a -1 [] [gap]\nGET /b 404 [] []\n");
}

/* The first half of a head keeps its place: who it asked is who answers next, not who answers the next head. */
static void test_half_a_head(void **state) {
  (void)state;
  wire_open(&w, C - 1, S - 1);
  wire_packet(&w, C2S, TCP_ACK, C, S, REQ_A, 20, 0, NULL);
  wire_text(&w, S2C, S, C + Q, RES_A);
  wire_text(&w, C2S, C + Q, S + P, REQ_B);
  wire_text(&w, S2C, S + P, C + 2 * Q, RES_B);
  expect("GET /a 200 [gap] []\n" B_OK);
}

/* What is left of a method is none. */
static void test_torn_method(void **state) {
  (void)state;
  wire_open(&w, C - 1, S - 1);
  wire_text(&w, C2S, C, S, REQ_A);
  wire_text(&w, S2C, S, C + Q, RES_A);
  wire_text(&w, C2S, C + Q + 1, S + P, &REQ_B[1]);
  wire_text(&w, S2C, S + P, C + 2 * Q, RES_B);
  wire_text(&w, C2S, C + 2 * Q, S + 2 * P, REQ_C);
  wire_text(&w, S2C, S + 2 * P, C + 3 * Q, RES_A);
  expect(A_OK "  404 [gap] []\nGET /c 200 [] []\n");
}

/* More than is looked at of a connection that is older than the capture, and then the next request. */
static void test_long_answer_under_way(void **state) {
  (void)state;
  static char body[1400];
  memset(body, 'x', sizeof body);
  uint32_t at = S;
  for (int i = 0; i < 200; i++, at += sizeof body) {
    wire_packet(&w, S2C, TCP_ACK, at, C, body, sizeof body, 0, NULL);
    if (i % 2) wire_ack(&w, C2S, C, at + (uint32_t)sizeof body);
  }
  wire_text(&w, C2S, C, at, REQ_A);
  wire_text(&w, S2C, at, C + Q, RES_A);
  expect(A_OK);
}

static void test_lost_answer_and_question(void **state) {
  (void)state;
  wire_open(&w, C - 1, S - 1);
  wire_text(&w, C2S, C, S, REQ_A);
  wire_ack(&w, C2S, C + Q, S + P);
  wire_text(&w, S2C, S + P, C + 2 * Q, RES_B);
  expect("GET /a -1 [] [gap]\n  404 [gap] []\n");
}

static void test_hole_in_body(void **state) {
  (void)state;
  static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n0123456789";
  uint32_t n = sizeof head - 1;
  wire_open(&w, C - 1, S - 1);
  wire_text(&w, C2S, C, S, REQ_A);
  wire_text(&w, S2C, S, C + Q, head);
  wire_text(&w, S2C, S + n + 10, C + Q, "abcdefghij");
  wire_ack(&w, C2S, C + Q, S + n + 20);
  wire_text(&w, C2S, C + Q, S + n + 20, REQ_B);
  wire_text(&w, S2C, S + n + 20, C + 2 * Q, RES_B);
  expect("GET /a 200 [] [gap]\n" B_OK);
}

static void test_hole_is_filled_late(void **state) {
  (void)state;
  wire_open(&w, C - 1, S - 1);
  wire_text(&w, C2S, C, S, REQ_A);
  wire_packet(&w, S2C, TCP_ACK, S + 10, C + Q, RES_A + 10, P - 10, 0, NULL);
  for (uint32_t i = 0; i < 40; i++) wire_ack(&w, C2S, C + Q, S + P); /* acknowledged, and yet it comes */
  wire_packet(&w, S2C, TCP_ACK, S, C + Q, RES_A, 10, 0, NULL);
  expect(A_OK);
}

static void test_hole_is_given_up(void **state) {
  (void)state;
  wire_open(&w, C - 1, S - 1);
  wire_text(&w, C2S, C, S, REQ_A);
  wire_text(&w, S2C, S, C + Q, RES_A);
  wire_text(&w, S2C, S + P, C + 2 * Q, RES_B);
  assert_int_equal(w.count, 1);
  dissect_tick(w.d, w.ns + w.conf.gap_wait_ns + 1, ++w.order);
  assert_int_equal(w.count, 2);
  assert_int_equal(ctr_get(&w.ctr, CTR_TCP_GAP), 1);
  assert_int_equal(ctr_get(&w.ctr, CTR_TCP_GAP_BYTES), Q);
  expect(A_OK "  404 [gap] []\n");
}

/* An answer in segments of one byte and one time, behind a hole: they take the room of one, and reach no cap. */
static void test_tiny_behind_a_hole(void **state) {
  (void)state;
  static char body[6000];
  memset(body, 'x', sizeof body);
  wire_open(&w, C - 1, S - 1);
  wire_text(&w, C2S, C, S, REQ_A);
  static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 6000\r\n\r\n";
  uint32_t at = S + sizeof head - 1;
  for (uint32_t i = 0; i < 6000; i++) {
    w.ns -= 1000000;
    wire_packet(&w, S2C, TCP_ACK, at + i, C + Q, body + i, 1, 0, NULL);
  }
  assert_int_equal(ctr_get(&w.ctr, CTR_TCP_SEGMENT_CAP), 0);
  assert_true(w.budget.used < 64 << 10);
  wire_text(&w, S2C, S, C + Q, head);
  expect(A_OK);
  assert_int_equal(w.last.side[1].body_bytes, 6000);
}

static void test_snapped(void **state) {
  (void)state;
  static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n0123456789";
  uint32_t n = sizeof head - 1;
  wire_open(&w, C - 1, S - 1);
  wire_text(&w, C2S, C, S, REQ_A);
  wire_packet(&w, S2C, TCP_ACK, S, C + Q, head, n, n + 490, NULL);
  wire_text(&w, C2S, C + Q, S + n + 490, REQ_B);
  wire_text(&w, S2C, S + n + 490, C + 2 * Q, RES_B);
  expect("GET /a 200 [] [snaplen]\n" B_OK);
}

static void test_far_segment(void **state) {
  (void)state;
  wire_open(&w, C - 1, S - 1);
  wire_text(&w, C2S, C, S, REQ_A);
  wire_text(&w, S2C, S + 500000000, C + Q, RES_B);
  wire_text(&w, S2C, S, C + Q, RES_A);
  expect(A_OK);
  assert_int_equal(ctr_get(&w.ctr, CTR_TCP_OUT_OF_WINDOW), 1);
}

static void test_long_loss(void **state) {
  (void)state;
  wire_open(&w, C - 1, S - 1);
  wire_text(&w, C2S, C, S, REQ_A);
  wire_text(&w, S2C, S, C + Q, RES_A);
  uint32_t s = S + 500000000, c = C + 300000000;
  for (uint32_t i = 0; i < 8; i++) {
    wire_text(&w, C2S, c, s, REQ_B);
    wire_text(&w, S2C, s, c + Q, RES_B);
    c += Q;
    s += P;
  }
  wire_end(&w);
  if (!strstr(w.calls, B_OK)) fputs(w.calls, stderr);
  assert_non_null(strstr(w.calls, A_OK));
  assert_non_null(strstr(w.calls, B_OK));
}

static void test_segment_cap(void **state) {
  (void)state;
  w.conf.max_segments = 16;
  wire_open(&w, C - 1, S - 1);
  wire_text(&w, C2S, C, S, REQ_A);
  for (uint32_t i = 1; i < 100; i++) wire_text(&w, S2C, S + i * 2, C + Q, "x");
  wire_end(&w);
  assert_true(ctr_get(&w.ctr, CTR_TCP_GAP) > 0);
  assert_int_equal(w.count, 1);
}

static void test_forged_acknowledgement(void **state) {
  (void)state;
  wire_open(&w, C - 1, S - 1);
  wire_text(&w, C2S, C, S, REQ_A);
  wire_ack(&w, C2S, C + Q, S + 1000000); /* the server has sent nothing yet */
  dissect_tick(w.d, w.ns + w.conf.gap_wait_ns + 1, ++w.order);
  wire_text(&w, S2C, S, C + Q, RES_A);
  wire_text(&w, C2S, C + Q, S + P, REQ_B);
  wire_text(&w, S2C, S + P, C + 2 * Q, RES_B);
  wire_end(&w);
  assert_non_null(strstr(w.calls, B_OK));
}

/* Requests sent together behind a hole have seen the same answers: none of them went by. */
static void test_pipelined_behind_a_hole(void **state) {
  (void)state;
  static const char cut[] = "POST /p HTTP/1.1\r\nHost: h\r\nContent-";
  uint32_t n = sizeof cut - 1, lost = 13; /* "Length: 4\r\n\r\n" */
  wire_open(&w, C - 1, S - 1);
  wire_text(&w, C2S, C, S, cut);
  wire_text(&w, C2S, C + n + lost, S, "qqqq");
  wire_text(&w, S2C, S, C + n + lost + 4, RES_A);
  wire_text(&w, C2S, C + n + lost + 4, S + P, REQ_A REQ_B REQ_C);
  wire_text(&w, S2C, S + P, C + n + lost + 4 + 3 * Q, RES_A RES_B RES_A);
  wire_end(&w);
  assert_non_null(strstr(w.calls, "POST /p 200 [gap]"));
  assert_null(strstr(w.calls, "qGET")); /* the body's end is no part of a method */
  assert_null(strstr(w.calls, "GET /c 200 [] []"));
  assert_null(strstr(w.calls, "-1 [] []")); /* what has no answer is marked */
}

/* A line that begins within a target is no request: its first word is no method. */
static void test_rest_of_a_line(void **state) {
  (void)state;
  static const char rest[] = "x7.0 HTTP/1.1\r\nHost: h\r\n\r\n";
  uint32_t n = sizeof rest - 1;
  wire_text(&w, C2S, C, S, rest);
  wire_text(&w, S2C, S, C + n, RES_A);
  wire_text(&w, C2S, C + n, S + P, REQ_B);
  wire_text(&w, S2C, S + P, C + n + Q, RES_B);
  expect("  200 [midstream] []\n" B_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      T(lost_request),
      T(lost_response),
      T(lost_answer_and_question),
      T(half_a_head),
      T(torn_method),
      T(long_answer_under_way),
      T(hole_in_body),
      T(hole_is_filled_late),
      T(hole_is_given_up),
      T(tiny_behind_a_hole),
      T(snapped),
      T(far_segment),
      T(long_loss),
      T(segment_cap),
      T(forged_acknowledgement),
      T(pipelined_behind_a_hole),
      T(rest_of_a_line),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
