/* SPDX-License-Identifier: Apache-2.0 */
/* TCP bytes that come twice: which copy counts, and what is said where they differ. */
#include "tcp.h"

static void sent_twice(const char *again) {
  wire_open(&w, C - 1, S - 1);
  wire_text(&w, C2S, C, S, REQ_A);
  wire_text(&w, C2S, C, S, again);
  wire_text(&w, S2C, S, C + Q, RES_A);
  expect(A_OK);
}

/* Which text each of two copies had. */
static void both_kept(void) {
  assert_true(flagged(ANOMALY_OVERLAP_DIFFERS));
  assert_memory_equal(w.versions[0], REQ_A + 5, 8);
  assert_memory_equal(w.versions[1], REQ_B + 5, 8);
}

static void test_first_copy_wins(void **state) {
  (void)state;
  wire_open(&w, C - 1, S - 1);
  wire_packet(&w, C2S, TCP_ACK, C + 4, S, REQ_A + 4, Q - 4, 0, NULL); /* early */
  wire_packet(&w, C2S, TCP_ACK, C + 4, S, REQ_B + 4, Q - 4, 0, NULL); /* another text for it */
  wire_packet(&w, C2S, TCP_ACK, C, S, "GET /x", 6, 0, NULL);          /* overlaps the front */
  wire_text(&w, S2C, S, C + Q, RES_A);
  expect(A_OK);
  assert_true(ctr_get(&w.ctr, CTR_TCP_OVERLAP_DIFFERS) >= 1);
  both_kept();
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
  sent_twice(REQ_A);
  assert_false(flagged(ANOMALY_OVERLAP_DIFFERS));
  assert_int_equal(ctr_get(&w.ctr, CTR_TCP_RETRANSMIT), Q);
}

static void test_differing_retransmission(void **state) {
  (void)state;
  sent_twice(REQ_B);
  both_kept();
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

int main(void) {
  const struct CMUnitTest tests[] = {
      T(first_copy_wins),          T(four_way_overlap), T(retransmission),
      T(differing_retransmission), T(old_timestamp),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
