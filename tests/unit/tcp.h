/* SPDX-License-Identifier: Apache-2.0 */
/* Requests and answers to send over hand-made TCP, and what must come of them. */
#ifndef TESTS_UNIT_TCP_H
#define TESTS_UNIT_TCP_H

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

/** Around each test: an empty flow table. */
static inline int begin(void **state) {
  (void)state;
  wire_begin(&w);
  return 0;
}

static inline int end(void **state) {
  (void)state;
  wire_done(&w);
  return 0;
}

/** The calls up to the end of the capture are these. */
static inline void expect(const char *calls) {
  wire_end(&w);
  assert_string_equal(w.calls, calls);
}

static inline bool flagged(unsigned id) { return w.anomalies & ANOMALY_BIT(id); }

#define T(name) cmocka_unit_test_setup_teardown(test_##name, begin, end)

#endif
