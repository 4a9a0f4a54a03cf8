/* SPDX-License-Identifier: Apache-2.0 */
/* Every corner of TCP that a mirror shows: what each does to the calls above it. */
#include "wire.h"
#include "cmocka_all.h"

#define REQ_A "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
#define REQ_B "GET /b HTTP/1.1\r\nHost: h\r\n\r\n"
#define REQ_C "GET /c HTTP/1.1\r\nHost: h\r\n\r\n"
#define RES_A "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define RES_B "HTTP/1.1 404 No\r\nContent-Length: 5\r\n\r\nworld"
enum { Q = sizeof REQ_A - 1, P = sizeof RES_A - 1 };
#define C 1001u
#define S 5001u
#define A_OK "GET /a 200 [] []\n"
#define B_OK "GET /b 404 [] []\n"

static struct wire w;

static int begin(void **state) {
  (void)state;
  wire_begin(&w);
  return 0;
}

static int end(void **state) {
  (void)state;
  wire_done(&w);
  return 0;
}

static void expect(const char *calls) {
  wire_end(&w);
  assert_string_equal(w.calls, calls);
}

static bool flagged(unsigned id) { return w.anomalies & ANOMALY_BIT(id); }

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

static void test_first_copy_wins(void **state) {
  (void)state;
  wire_open(&w, C - 1, S - 1);
  wire_packet(&w, C2S, TCP_ACK, C + 4, S, REQ_A + 4, Q - 4, 0, NULL); /* early */
  wire_packet(&w, C2S, TCP_ACK, C + 4, S, REQ_B + 4, Q - 4, 0, NULL); /* another text for it */
  wire_packet(&w, C2S, TCP_ACK, C, S, "GET /x", 6, 0, NULL);          /* overlaps the front */
  wire_text(&w, S2C, S, C + Q, RES_A);
  expect(A_OK);
  assert_true(flagged(ANOMALY_OVERLAP_DIFFERS));
  assert_true(ctr_get(&w.ctr, CTR_TCP_OVERLAP_DIFFERS) >= 1);
  assert_memory_equal(w.versions[0], REQ_A + 5, 8);
  assert_memory_equal(w.versions[1], REQ_B + 5, 8);
}

static void test_four_way_overlap(void **state) {
  (void)state;
  static const char text[] = REQ_A;
  wire_open(&w, C - 1, S - 1);
  wire_packet(&w, C2S, TCP_ACK, C + 5, S, text + 5, 5, 0, NULL);
  wire_packet(&w, C2S, TCP_ACK, C + 15, S, text + 15, 5, 0, NULL);
  wire_packet(&w, C2S, TCP_ACK, C + 3, S, text + 3, 20, 0, NULL);
  wire_packet(&w, C2S, TCP_ACK, C + 12, S, text + 12, Q - 12, 0, NULL);
  wire_packet(&w, C2S, TCP_ACK, C, S, text, 8, 0, NULL);
  wire_text(&w, S2C, S, C + Q, RES_A);
  expect(A_OK);
  assert_false(flagged(ANOMALY_OVERLAP_DIFFERS));
}

static void test_retransmission(void **state) {
  (void)state;
  wire_open(&w, C - 1, S - 1);
  wire_text(&w, C2S, C, S, REQ_A);
  wire_text(&w, C2S, C, S, REQ_A);
  wire_text(&w, S2C, S, C + Q, RES_A);
  expect(A_OK);
  assert_false(flagged(ANOMALY_OVERLAP_DIFFERS));
  assert_int_equal(ctr_get(&w.ctr, CTR_TCP_RETRANSMIT), Q);
}

static void test_differing_retransmission(void **state) {
  (void)state;
  wire_open(&w, C - 1, S - 1);
  wire_text(&w, C2S, C, S, REQ_A);
  wire_text(&w, C2S, C, S, REQ_B);
  wire_text(&w, S2C, S, C + Q, RES_A);
  expect(A_OK);
  assert_true(flagged(ANOMALY_OVERLAP_DIFFERS));
  assert_memory_equal(w.versions[0], REQ_A + 5, 8);
  assert_memory_equal(w.versions[1], REQ_B + 5, 8);
}

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

static void test_one_way(void **state) {
  (void)state;
  wire_packet(&w, S2C, TCP_SYN | TCP_ACK, S - 1, C, NULL, 0, 0, NULL);
  wire_text(&w, S2C, S, C + Q, RES_A);
  wire_text(&w, S2C, S + P, C + 2 * Q, RES_B);
  assert_int_equal(w.count, 2); /* not held for the side that is not there */
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
  expect("  404 [midstream,one_sided] []\n" A_OK);
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

static void test_old_timestamp(void **state) {
  (void)state;
  struct packet now = {.flags = PACKET_HAS_TS, .ts_val = 5000000},
                old = {.flags = PACKET_HAS_TS, .ts_val = 1000};
  wire_open(&w, C - 1, S - 1);
  wire_packet(&w, C2S, TCP_ACK, C, S, REQ_A, 4, 0, &now);
  wire_packet(&w, C2S, TCP_ACK, C + 4, S, REQ_B + 4, Q - 4, 0, &old); /* the receiver drops it */
  wire_packet(&w, C2S, TCP_ACK, C + 4, S, REQ_A + 4, Q - 4, 0, &now);
  wire_text(&w, S2C, S, C + Q, RES_A);
  expect(A_OK);
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

int main(void) {
#define T(name) cmocka_unit_test_setup_teardown(test_##name, begin, end)
  const struct CMUnitTest tests[] = {
      T(plain),
      T(response_before_request),
      T(segments_in_any_order),
      T(tiny_behind_a_hole),
      T(wrap),
      T(data_in_syn),
      T(data_in_syn_refused),
      T(first_copy_wins),
      T(four_way_overlap),
      T(retransmission),
      T(differing_retransmission),
      T(lost_request),
      T(lost_response),
      T(lost_answer_and_question),
      T(hole_in_body),
      T(hole_is_filled_late),
      T(hole_is_given_up),
      T(snapped),
      T(one_way),
      T(one_way_requests),
      T(midstream),
      T(forged_reset),
      T(data_after_end),
      T(keepalive_and_urgent),
      T(tuple_reuse),
      T(stray_syn_does_not_kill),
      T(split_handshake),
      T(old_timestamp),
      T(states),
      T(far_segment),
      T(forged_refusal),
      T(long_loss),
      T(segment_cap),
      T(forged_acknowledgement),
      T(flood_is_cheap),
      T(lost_fin),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
