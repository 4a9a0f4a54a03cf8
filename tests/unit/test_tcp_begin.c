/* SPDX-License-Identifier: Apache-2.0 */
/* How connections begin and end where a mirror swaps frames, and where somebody means to mislead: SYNs after data, answers to
 * nobody, acknowledgements of nothing, resets ahead of the data before them. */
#include "tcp.h"

static void at_ms(uint64_t ms) { w.ns += ms * 1000000 - 1000000; }

/* The server acknowledges the SYN before it sends its own. */
static void test_split_in_five(void **state) {
  (void)state;
  wire_packet(&w, C2S, TCP_SYN, C - 1, 0, NULL, 0, 0, NULL);
  wire_ack(&w, S2C, 0, C);
  wire_packet(&w, S2C, TCP_SYN, S - 1, 0, NULL, 0, 0, NULL);
  wire_packet(&w, C2S, TCP_SYN | TCP_ACK, C - 1, S, NULL, 0, 0, NULL);
  wire_ack(&w, S2C, S, C);
  wire_text(&w, C2S, C, S, REQ_A);
  wire_text(&w, S2C, S, C + Q, RES_A);
  expect(A_OK);
  assert_true(flagged(ANOMALY_SPLIT_HANDSHAKE));
  assert_int_equal(ctr_get(&w.ctr, CTR_FLOW_NEW), 1);
}

/* The bytes tell who asks, even if the other end sent the SYN. */
static void test_turned_round(void **state) {
  (void)state;
  for (size_t step = 1; step < 64; step *= 4) {
    w.cport++;
    wire_packet(&w, S2C, TCP_SYN, S - 1, 0, NULL, 0, 0, NULL);
    wire_packet(&w, C2S, TCP_SYN | TCP_ACK, C - 1, S, NULL, 0, 0, NULL);
    w.at[C2S] = C;
    w.at[S2C] = S;
    w.step = step;
    wire_say(&w, C2S, REQ_A, Q);
    wire_say(&w, S2C, RES_A, P);
  }
  expect(A_OK A_OK A_OK);
}

static void test_answer_to_nobody(void **state) {
  (void)state;
  wire_packet(&w, C2S, TCP_SYN, C - 1, 0, NULL, 0, 0, NULL);
  wire_packet(&w, S2C, TCP_SYN | TCP_ACK, 777777, C + 4000, NULL, 0, 0, NULL);
  wire_packet(&w, S2C, TCP_SYN | TCP_ACK, S - 1, C, NULL, 0, 0, NULL);
  wire_packet(&w, S2C, TCP_SYN | TCP_ACK, 777777, C + 4000, NULL, 0, 0, NULL);
  wire_text(&w, C2S, C, S, REQ_A);
  wire_text(&w, S2C, S, C + Q, RES_A);
  expect(A_OK);
  assert_int_equal(ctr_get(&w.ctr, CTR_FLOW_NEW), 1);
}

/* One fibre's clock is ahead: all of the server's side comes before the client's. */
static void test_one_side_ahead(void **state) {
  (void)state;
  wire_packet(&w, S2C, TCP_SYN | TCP_ACK, S - 1, C, NULL, 0, 0, NULL);
  wire_text(&w, S2C, S, C + Q, RES_A);
  wire_text(&w, S2C, S + P, C + 2 * Q, RES_B);
  at_ms(100);
  wire_packet(&w, C2S, TCP_SYN, C - 1, 0, NULL, 0, 0, NULL);
  wire_text(&w, C2S, C, S, REQ_A);
  wire_text(&w, C2S, C + Q, S + P, REQ_B);
  expect(A_OK B_OK);
}

/* The SYN-ACK acknowledges data of a SYN that comes later. */
static void test_fast_open_late(void **state) {
  (void)state;
  wire_packet(&w, S2C, TCP_SYN | TCP_ACK, S - 1, C + Q, NULL, 0, 0, NULL);
  wire_text(&w, S2C, S, C + Q, RES_A);
  wire_packet(&w, C2S, TCP_SYN, C - 1, 0, REQ_A, Q, 0, NULL);
  expect(A_OK);
  assert_int_equal(ctr_get(&w.ctr, CTR_FLOW_NEW), 1);
}

/* The first packet seen is not the first one sent. */
static void test_handshake_last(void **state) {
  (void)state;
  wire_packet(&w, C2S, TCP_ACK, C + 9, S, REQ_A + 9, Q - 9, 0, NULL);
  wire_text(&w, S2C, S, C + Q, RES_A);
  wire_packet(&w, C2S, TCP_ACK, C, S, REQ_A, 9, 0, NULL);
  wire_packet(&w, S2C, TCP_SYN | TCP_ACK, S - 1, C, NULL, 0, 0, NULL);
  wire_packet(&w, C2S, TCP_SYN, C - 1, 0, NULL, 0, 0, NULL);
  assert_int_equal(w.count, 1);
  expect(A_OK);
  assert_int_equal(ctr_get(&w.ctr, CTR_FLOW_NEW), 1);
}

/* The same without a handshake: what came first waits for a hundredth of a second. */
static void test_under_way_out_of_order(void **state) {
  (void)state;
  for (int i = 2; i >= 0; i--)
    wire_packet(&w, C2S, TCP_ACK, C + (uint32_t)i * 9, S, REQ_A + i * 9, i == 2 ? Q - 18 : 9, 0, NULL);
  wire_text(&w, S2C, S, C + Q, RES_A);
  assert_int_equal(w.count, 0);
  at_ms(20);
  wire_text(&w, C2S, C + Q, S + P, REQ_B);
  assert_int_equal(w.count, 1);
  wire_text(&w, S2C, S + P, C + 2 * Q, RES_B);
  expect(A_OK B_OK);
}

/* Server's data before its SYN-ACK are no forgery when they agree with it. */
static void test_data_before_answer(void **state) {
  (void)state;
  wire_packet(&w, C2S, TCP_SYN, C - 1, 0, NULL, 0, 0, NULL);
  wire_text(&w, S2C, S, C + Q, RES_A);
  wire_packet(&w, S2C, TCP_SYN | TCP_ACK, S - 1, C, NULL, 0, 0, NULL);
  wire_text(&w, C2S, C, S, REQ_A);
  expect(A_OK);
  assert_int_equal(ctr_get(&w.ctr, CTR_FLOW_NEW), 1);
}

/* Acknowledged long before it is sent, a few bytes at a time: each byte shows that nothing was lost. */
static void test_acknowledged_early(void **state) {
  (void)state;
  wire_open(&w, C - 1, S - 1);
  wire_ack(&w, S2C, S, C + 100000);
  w.at[C2S] = C;
  w.at[S2C] = S;
  w.step = 1;
  for (int i = 0; i < 20; i++) {
    wire_say(&w, C2S, REQ_A, Q);
    wire_say(&w, S2C, RES_A, P);
  }
  assert_int_equal(w.count, 20);
  assert_null(strstr(w.calls, "gap"));
  assert_int_equal(ctr_get(&w.ctr, CTR_TCP_GAP), 0);
}

static void stamped(int dir, uint8_t flags, uint32_t seq, uint32_t ack, const char *text, uint32_t ts) {
  struct packet like = {.flags = PACKET_HAS_TS, .ts_val = ts};
  wire_packet(&w, dir, flags, seq, ack, text, strlen(text), 0, &like);
}

/* The first data are old by the timestamp of the SYN; as many as one likes are. */
static void test_old_from_the_start(void **state) {
  (void)state;
  stamped(C2S, TCP_SYN, C - 1, 0, "", 900000000);
  stamped(S2C, TCP_SYN | TCP_ACK, S - 1, C, "", 5000);
  for (int i = 0; i < 5; i++) stamped(C2S, TCP_ACK, C, S, REQ_B, 3 + (uint32_t)i);
  stamped(C2S, TCP_ACK, C, S, REQ_A, 900000010);
  stamped(S2C, TCP_ACK, S, C + Q, RES_A, 5001);
  expect(A_OK);
}

static void test_reset_before_data(void **state) {
  (void)state;
  wire_open(&w, C - 1, S - 1);
  wire_text(&w, C2S, C, S, REQ_A);
  wire_packet(&w, S2C, TCP_RST | TCP_ACK, S + P, C + Q, NULL, 0, 0, NULL);
  wire_text(&w, S2C, S, C + Q, RES_A);
  expect(A_OK);
  assert_false(flagged(ANOMALY_RESET_BAD_SEQ));
  assert_string_equal(w.flows, "http:reset:40000->80\n");
}

/* What a reset within the window leaves out was lost. */
static void test_reset_behind_a_hole(void **state) {
  (void)state;
  wire_open(&w, C - 1, S - 1);
  wire_text(&w, C2S, C, S, REQ_A);
  wire_packet(&w, S2C, TCP_RST | TCP_ACK, S + P, C + Q, NULL, 0, 0, NULL);
  expect("GET /a -1 [] [gap]\n");
  assert_string_equal(w.flows, "http:reset:40000->80\n");
}

/* The client ends at once, before anything of the server was seen; the answer takes its time. */
static void test_half_closed_before_the_other_is_seen(void **state) {
  (void)state;
  wire_packet(&w, C2S, TCP_SYN, C - 1, 0, NULL, 0, 0, NULL);
  wire_packet(&w, C2S, TCP_ACK | TCP_FIN, C, S, REQ_A, Q, 0, NULL);
  wire_ack(&w, S2C, S, C + Q + 1);
  at_ms(w.conf.tcp_closed_timeout_ns / 1000000 + 3000);
  dissect_tick(w.d, w.ns, ++w.order);
  wire_text(&w, S2C, S, C + Q + 1, RES_A);
  expect(A_OK);
  assert_int_equal(ctr_get(&w.ctr, CTR_FLOW_NEW), 1);
}

/* A connection turned out of order shows a keep-alive before the data it stands behind were delivered. */
static void test_keepalive_in_the_queue(void **state) {
  (void)state;
  wire_open(&w, C - 1, S - 1);
  wire_text(&w, S2C, S, C + Q, RES_A);
  wire_packet(&w, S2C, TCP_ACK, S + P - 1, C + Q, "Z", 1, 0, NULL);
  wire_text(&w, C2S, C, S, REQ_A);
  expect(A_OK);
  assert_string_equal(w.body[1], "hello");
  assert_false(flagged(ANOMALY_OVERLAP_DIFFERS));
  assert_int_equal(ctr_get(&w.ctr, CTR_TCP_KEEPALIVE), 1);
}

/* One sequence number acknowledged and silence look like a lost FIN, until more comes. */
static void test_no_fin_after_all(void **state) {
  (void)state;
  wire_open(&w, C - 1, S - 1);
  wire_text(&w, C2S, C, S, REQ_A);
  wire_text(&w, S2C, S, C + Q + 1, RES_A);
  at_ms(9 * w.conf.gap_wait_ns / 1000000);
  dissect_tick(w.d, w.ns, ++w.order);
  wire_text(&w, C2S, C + Q + 1, S + P, REQ_B);
  wire_text(&w, S2C, S + P, C + 2 * Q + 1, RES_B);
  expect(A_OK B_OK);
  assert_false(flagged(ANOMALY_DATA_AFTER_END));
}

/* The tuple is used again and again, and nothing of the ends was seen: each time another SYN, a little below the one before. */
static void test_reuse_below(void **state) {
  (void)state;
  for (uint32_t i = 0; i < 4; i++) {
    uint32_t c = C - 10 * i, s = S + i * 7000000;
    wire_open(&w, c - 1, s - 1);
    wire_text(&w, C2S, c, s, REQ_A);
    wire_text(&w, S2C, s, c + Q, RES_A);
    at_ms(3000);
  }
  expect(A_OK A_OK A_OK A_OK);
  assert_int_equal(ctr_get(&w.ctr, CTR_FLOW_NEW), 4);
}

/* After a reset the next SYN is lost; its answer shows the new connection. */
static void test_reuse_without_syn(void **state) {
  (void)state;
  wire_text(&w, C2S, C, S, REQ_A);
  wire_text(&w, S2C, S, C + Q, RES_A);
  wire_packet(&w, S2C, TCP_RST | TCP_ACK, S + P, C + Q, NULL, 0, 0, NULL);
  wire_packet(&w, S2C, TCP_SYN | TCP_ACK, S + 900000, C + 500001, NULL, 0, 0, NULL);
  wire_text(&w, C2S, C + 500001, S + 900001, REQ_B);
  wire_text(&w, S2C, S + 900001, C + 500001 + Q, RES_B);
  expect(A_OK B_OK);
  assert_int_equal(ctr_get(&w.ctr, CTR_TCP_GAP), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      T(split_in_five),
      T(turned_round),
      T(answer_to_nobody),
      T(one_side_ahead),
      T(fast_open_late),
      T(handshake_last),
      T(under_way_out_of_order),
      T(data_before_answer),
      T(acknowledged_early),
      T(old_from_the_start),
      T(reset_before_data),
      T(reset_behind_a_hole),
      T(reuse_below),
      T(reuse_without_syn),
      T(half_closed_before_the_other_is_seen),
      T(keepalive_in_the_queue),
      T(no_fin_after_all),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
