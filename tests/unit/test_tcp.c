/* SPDX-License-Identifier: Apache-2.0 */
/* TCP as a mirror shows it: order, beginnings, ends, one side alone, floods. */
#include "tcp.h"

static void test_plain(void **state) {
  (void)state;
  wire_open(&w, C - 1, S - 1);
  wire_text(&w, C2S, C, S, REQ_A);
  wire_text(&w, S2C, S, C + Q, RES_A);
  wire_packet(&w, C2S, TCP_FIN | TCP_ACK, C + Q, S + P, NULL, 0, 0, NULL);
  wire_packet(&w, S2C, TCP_FIN | TCP_ACK, S + P, C + Q + 1, NULL, 0, 0, NULL);
  assert_string_equal(w.calls, A_OK); /* at once, without a tick */
  expect(A_OK);
  assert_string_equal(w.flows, "http:closed:40000->80\n");
  assert_string_equal(w.body[1], "hello");
}

static void test_response_before_request(void **state) {
  (void)state;
  wire_open(&w, C - 1, S - 1);
  wire_text(&w, S2C, S, C + Q, RES_A);
  assert_int_equal(w.count, 0);
  wire_text(&w, C2S, C, S, REQ_A);
  assert_int_equal(w.count, 1);
  expect(A_OK);
}

static void test_segments_in_any_order(void **state) {
  (void)state;
  wire_open(&w, C - 1, S - 1);
  for (int i = Q - 1; i >= 0; i--) wire_packet(&w, C2S, TCP_ACK, C + (uint32_t)i, S, REQ_A + i, 1, 0, NULL);
  for (int i = P - 1; i >= 0; i--)
    wire_packet(&w, S2C, TCP_ACK, S + (uint32_t)i, C + Q, RES_A + i, 1, 0, NULL);
  expect(A_OK);
}

static void test_wrap(void **state) {
  (void)state;
  uint32_t c = 0xfffffff8u, s = 0xfffffffeu;
  wire_open(&w, c - 1, s - 1);
  wire_text(&w, C2S, c, s, REQ_A);
  wire_text(&w, S2C, s + 10, c + Q, RES_A + 10);
  wire_packet(&w, S2C, TCP_ACK, s, c + Q, RES_A, 10, 0, NULL);
  expect(A_OK);
}

static void test_data_in_syn(void **state) {
  (void)state;
  wire_packet(&w, C2S, TCP_SYN, C - 1, 0, REQ_A, Q, 0, NULL);
  wire_packet(&w, S2C, TCP_SYN | TCP_ACK, S - 1, C + Q, NULL, 0, 0, NULL);
  wire_text(&w, S2C, S, C + Q, RES_A);
  expect(A_OK);
  assert_true(flagged(ANOMALY_DATA_IN_SYN));
}

static void test_data_in_syn_refused(void **state) {
  (void)state;
  wire_packet(&w, C2S, TCP_SYN, C - 1, 0, REQ_B, Q, 0, NULL);
  wire_packet(&w, S2C, TCP_SYN | TCP_ACK, S - 1, C, NULL, 0, 0, NULL);
  wire_text(&w, C2S, C, S, REQ_A);
  wire_text(&w, S2C, S, C + Q, RES_A);
  expect(A_OK);
}

static void test_one_way(void **state) {
  (void)state;
  wire_packet(&w, S2C, TCP_SYN | TCP_ACK, S - 1, C, NULL, 0, 0, NULL);
  wire_text(&w, S2C, S, C + Q, RES_A);
  wire_text(&w, S2C, S + P, C + 2 * Q, RES_B);
  assert_int_equal(w.count, 0); /* the other side may be a little late */
  dissect_tick(w.d, w.ns + w.conf.gap_wait_ns / 4, ++w.order);
  assert_int_equal(w.count, 2); /* but not held for one that is not there */
  expect("  200 [one_sided] []\n  404 [one_sided] []\n");
}

static void test_one_way_requests(void **state) {
  (void)state;
  wire_packet(&w, C2S, TCP_SYN, C - 1, 0, NULL, 0, 0, NULL);
  wire_text(&w, C2S, C, S, REQ_A);
  wire_text(&w, C2S, C + Q, S + P, REQ_B);
  expect("GET /a -1 [] [one_sided]\nGET /b -1 [] [one_sided,unfinished]\n");
}

static void test_midstream(void **state) {
  (void)state;
  wire_text(&w, S2C, S, C, "tail of a body that nobody asked for");
  wire_text(&w, S2C, S + 36, C, RES_B);
  wire_text(&w, C2S, C, S + 36 + P, REQ_A);
  wire_text(&w, S2C, S + 36 + P, C + Q, RES_A);
  expect("  404 [midstream] []\n" A_OK);
  assert_string_equal(w.flows, "http:drained:40000->80\n");
}

static void test_forged_reset(void **state) {
  (void)state;
  wire_open(&w, C - 1, S - 1);
  wire_text(&w, C2S, C, S, REQ_A);
  wire_packet(&w, S2C, TCP_RST, S - 77777, 0, NULL, 0, 0, NULL);
  wire_packet(&w, S2C, TCP_RST, S + 99, 0, NULL, 0, 0, NULL); /* in the window, but not exact */
  wire_text(&w, S2C, S, C + Q, RES_A);
  expect(A_OK);
  assert_true(flagged(ANOMALY_RESET_BAD_SEQ));
}

static void test_data_after_end(void **state) {
  (void)state;
  wire_open(&w, C - 1, S - 1);
  wire_text(&w, C2S, C, S, REQ_A);
  wire_packet(&w, C2S, TCP_FIN | TCP_ACK, C + Q, S, NULL, 0, 0, NULL);
  wire_text(&w, C2S, C + Q + 1, S, REQ_B);
  wire_text(&w, S2C, S, C + Q + 1, RES_A);
  wire_packet(&w, S2C, TCP_RST | TCP_ACK, S + P, C + Q + 1, NULL, 0, 0, NULL);
  wire_text(&w, S2C, S + P, C + Q + 1, RES_B);
  expect(A_OK);
  assert_true(flagged(ANOMALY_DATA_AFTER_END));
  assert_int_equal(ctr_get(&w.ctr, CTR_TCP_AFTER_END), Q + P);
}

static void test_keepalive_and_urgent(void **state) {
  (void)state;
  struct packet like = {0};
  wire_open(&w, C - 1, S - 1);
  wire_packet(&w, C2S, TCP_ACK | TCP_URG, C, S, REQ_A, Q, 0, &like);
  wire_text(&w, S2C, S, C + Q, RES_A);
  wire_packet(&w, C2S, TCP_ACK, C + Q - 1, S + P, "\0", 1, 0, NULL);
  wire_packet(&w, C2S, TCP_ACK, C + Q - 1, S + P, NULL, 0, 0, NULL);
  wire_text(&w, C2S, C + Q, S + P, REQ_B);
  wire_text(&w, S2C, S + P, C + 2 * Q, RES_B);
  expect(A_OK B_OK);
  assert_true(flagged(ANOMALY_URGENT));
  assert_false(flagged(ANOMALY_OVERLAP_DIFFERS));
  assert_int_equal(ctr_get(&w.ctr, CTR_TCP_KEEPALIVE), 2);
}

static void test_tuple_reuse(void **state) {
  (void)state;
  for (uint32_t i = 0; i < 3; i++) {
    uint32_t c = C + i * 100000, s = S + i * 300000;
    wire_open(&w, c - 1, s - 1);
    wire_text(&w, C2S, c, s, REQ_A);
    wire_text(&w, S2C, s, c + Q, RES_A);
    wire_packet(&w, C2S, TCP_FIN | TCP_ACK, c + Q, s + P, NULL, 0, 0, NULL);
    if (i < 1) wire_packet(&w, S2C, TCP_FIN | TCP_ACK, s + P, c + Q + 1, NULL, 0, 0, NULL);
  }
  expect(A_OK A_OK A_OK);
  assert_int_equal(ctr_get(&w.ctr, CTR_FLOW_NEW), 3);
}

static void test_stray_syn_does_not_kill(void **state) {
  (void)state;
  wire_open(&w, C - 1, S - 1);
  wire_text(&w, C2S, C, S, REQ_A);
  wire_packet(&w, C2S, TCP_SYN, C + 5000000, 0, NULL, 0, 0, NULL);
  wire_text(&w, S2C, S, C + Q, RES_A);
  expect(A_OK);
  assert_int_equal(ctr_get(&w.ctr, CTR_FLOW_NEW), 1);
}

static void test_split_handshake(void **state) {
  (void)state;
  wire_packet(&w, C2S, TCP_SYN, C - 1, 0, NULL, 0, 0, NULL);
  wire_packet(&w, S2C, TCP_SYN, S - 1, 0, NULL, 0, 0, NULL);
  wire_packet(&w, C2S, TCP_SYN | TCP_ACK, C - 1, S, NULL, 0, 0, NULL);
  wire_packet(&w, S2C, TCP_ACK, S, C, NULL, 0, 0, NULL);
  wire_text(&w, C2S, C, S, REQ_A);
  wire_text(&w, S2C, S, C + Q, RES_A);
  expect(A_OK);
  assert_true(flagged(ANOMALY_SPLIT_HANDSHAKE));
  assert_string_equal(w.flows, "http:drained:40000->80\n");
}

static void test_states(void **state) {
  (void)state;
  wire_packet(&w, C2S, TCP_SYN, C - 1, 0, NULL, 0, 0, NULL);
  w.cport++;
  wire_packet(&w, C2S, TCP_SYN, C - 1, 0, NULL, 0, 0, NULL);
  wire_packet(&w, S2C, TCP_RST | TCP_ACK, 0, C, NULL, 0, 0, NULL);
  w.cport++;
  wire_open(&w, C - 1, S - 1);
  wire_packet(&w, C2S, TCP_RST, C, 0, NULL, 0, 0, NULL);
  expect("");
  assert_string_equal(w.flows, ":attempt:40000->80\n:rejected:40001->80\n:reset:40002->80\n");
}

static void test_forged_refusal(void **state) {
  (void)state;
  wire_packet(&w, C2S, TCP_SYN, C - 1, 0, NULL, 0, 0, NULL);
  wire_packet(&w, S2C, TCP_RST | TCP_ACK, 0, C, "x", 1, 0, NULL);
  wire_packet(&w, S2C, TCP_FIN | TCP_ACK, 0, C, "y", 1, 0, NULL);
  wire_packet(&w, S2C, TCP_SYN | TCP_ACK, S - 1, C, NULL, 0, 0, NULL);
  wire_text(&w, C2S, C, S, REQ_A);
  wire_text(&w, S2C, S, C + Q, RES_A);
  expect(A_OK);
}

static void test_flood_is_cheap(void **state) {
  (void)state;
  for (uint32_t i = 0; i < 20000; i++) {
    w.cport = (uint16_t)(1024 + i);
    wire_packet(&w, C2S, TCP_SYN, C, 0, NULL, 0, 0, NULL);
  }
  assert_true(w.budget.used < 20000u * 800);
  dissect_tick(w.d, w.ns + w.conf.syn_timeout_ns + 2000000000, ++w.order);
  assert_int_equal(ctr_get(&w.ctr, CTR_FLOW_CLOSED), 20000);
  w.flows[0] = 0;
}

static void test_lost_fin(void **state) {
  (void)state;
  wire_open(&w, C - 1, S - 1);
  wire_text(&w, C2S, C, S, "GET /a HTTP/1.0\r\n\r\n");
  wire_text(&w, S2C, S, C + 19, "HTTP/1.0 200 OK\r\n\r\nhello");
  wire_ack(&w, C2S, C + 19, S + 24 + 1); /* acknowledges a FIN that was not captured */
  expect("GET /a 200 [] []\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      T(plain),
      T(response_before_request),
      T(segments_in_any_order),
      T(wrap),
      T(data_in_syn),
      T(data_in_syn_refused),
      T(one_way),
      T(one_way_requests),
      T(midstream),
      T(forged_reset),
      T(data_after_end),
      T(keepalive_and_urgent),
      T(tuple_reuse),
      T(stray_syn_does_not_kill),
      T(split_handshake),
      T(states),
      T(forged_refusal),
      T(flood_is_cheap),
      T(lost_fin),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
