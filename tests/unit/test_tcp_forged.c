/* SPDX-License-Identifier: Apache-2.0 */
/* Segments made for a listener: their receiver drops them, or never gets them. What the ends acknowledge tells. */
#include "tcp.h"

static void sent(int dir, uint8_t flags, uint32_t seq, uint32_t ack, const char *text, struct packet like) {
  wire_packet(&w, dir, flags, seq, ack, text, strlen(text), 0, &like);
}
static const struct packet far = {.ttl = 60}, near = {.ttl = 4},
                           sealed = {.ttl = 60, .flags = PACKET_TCP_MD5};

static void open_far(void) {
  sent(C2S, TCP_SYN, C - 1, 0, "", far);
  sent(S2C, TCP_SYN | TCP_ACK, S - 1, C, "", far);
  sent(C2S, TCP_ACK, C, S, "", far);
}

static void test_other_request_first(void **state) {
  (void)state;
  const struct {
    uint8_t flags;
    struct packet like;
  } ways[] = {{TCP_ACK, near}, {TCP_ACK, sealed}, {TCP_PSH, far}};
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    w.cport++;
    open_far();
    sent(C2S, ways[i].flags, C, S, REQ_B, ways[i].like);
    sent(C2S, TCP_ACK, C, S, REQ_A, far);
    sent(S2C, TCP_ACK, S, C + Q, RES_A, far);
  }
  expect(A_OK A_OK A_OK);
  assert_true(flagged(ANOMALY_OVERLAP_DIFFERS));
  assert_string_equal(w.versions[0], "a HTTP/1.1\r\nHost: h\r\n\r\n");
  assert_string_equal(w.versions[1], "b HTTP/1.1\r\nHost: h\r\n\r\n");
}

/* Another path has fewer hops left: its segments are used once they are acknowledged, and later at once. */
static void test_path_changes(void **state) {
  (void)state;
  open_far();
  for (uint32_t i = 0; i < 12; i++) {
    sent(C2S, TCP_ACK, C + i * Q, S + i * P, REQ_A, near);
    sent(S2C, TCP_ACK, S + i * P, C + (i + 1) * Q, RES_A, far);
  }
  assert_int_equal(w.count, 12);
}

static void test_reset_that_ends_nothing(void **state) {
  (void)state;
  open_far();
  sent(C2S, TCP_ACK, C, S, REQ_A, far);
  sent(S2C, TCP_ACK, S, C + Q, RES_A, far);
  sent(C2S, TCP_RST, C + Q, 0, "", near);
  sent(C2S, TCP_ACK, C + Q, S + P, REQ_B, far);
  assert_int_equal(w.count, 1);
  sent(S2C, TCP_ACK, S + P, C + 2 * Q, RES_B, far);
  assert_int_equal(w.count, 2);
  sent(C2S, TCP_ACK, C + 2 * Q, S + 2 * P, REQ_C, far);
  expect(A_OK B_OK "GET /c -1 [] [unfinished]\n");
  assert_true(flagged(ANOMALY_DATA_AFTER_END));
  assert_string_equal(w.flows, "http:drained:40000->80\n");
}

static void test_fin_that_ends_nothing(void **state) {
  (void)state;
  open_far();
  sent(C2S, TCP_ACK, C, S, REQ_A, far);
  sent(S2C, TCP_ACK, S, C + Q, RES_A, far);
  sent(C2S, TCP_FIN | TCP_ACK, C + Q, S + P, "", near);
  sent(C2S, TCP_ACK, C + Q, S + P, REQ_B, far);
  sent(S2C, TCP_ACK, S + P, C + 2 * Q, RES_B, far);
  expect(A_OK B_OK);
}

/* With one side alone nobody acknowledges: the end stands. */
static void test_end_seen_from_one_side(void **state) {
  (void)state;
  sent(C2S, TCP_SYN, C - 1, 0, "", far);
  sent(C2S, TCP_ACK, C, S, REQ_A, far);
  sent(C2S, TCP_FIN | TCP_ACK, C + Q, S, "", far);
  sent(C2S, TCP_ACK, C + Q + 1, S, REQ_B, far);
  wire_end(&w);
  assert_null(strstr(w.calls, "/b"));
  assert_true(flagged(ANOMALY_DATA_AFTER_END));
}

int main(void) {
  const struct CMUnitTest tests[] = {T(other_request_first), T(path_changes), T(reset_that_ends_nothing),
                                     T(fin_that_ends_nothing), T(end_seen_from_one_side)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
