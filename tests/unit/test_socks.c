/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP inside SOCKS connections of each version, however the handshake is cut. */
#include "wire.h"
#include "cmocka_all.h"

#define GET "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
#define BYTES(text) text, sizeof(text) - 1

static struct wire w;

static void expect(const char *calls) {
  wire_end(&w);
  assert_string_equal(w.calls, calls);
  wire_done(&w);
}

static void exchange(void) {
  wire_say(&w, C2S, BYTES(GET));
  wire_say(&w, S2C, BYTES(OK));
  expect("GET /a 200 [] []\n");
}

static void test_version5(void **state) {
  (void)state;
  for (size_t cut = 1; cut < 40; cut += 13) {
    wire_talk(&w, cut);
    wire_say(&w, C2S, BYTES("\5\1\0"));
    wire_say(&w, S2C, BYTES("\5\0"));
    wire_say(&w, C2S, BYTES("\5\1\0\3\7a.local\0\120"));
    wire_say(&w, S2C, BYTES("\5\0\0\1\12\0\0\1\20\1"));
    exchange();
  }
}

static void test_password(void **state) {
  (void)state;
  for (size_t cut = 1; cut < 40; cut += 13) {
    wire_talk(&w, cut);
    wire_say(&w, C2S, BYTES("\5\2\0\2"));
    wire_say(&w, S2C, BYTES("\5\2"));
    wire_say(&w, C2S, BYTES("\1\4user\3pwd"));
    wire_say(&w, S2C, BYTES("\1\0"));
    wire_say(&w, C2S, BYTES("\5\1\0\4\0\1\2\3\4\5\6\7\0\1\2\3\4\5\6\7\0\120"));
    wire_say(&w, S2C, BYTES("\5\0\0\1\12\0\0\1\20\1"));
    exchange();
  }
}

static void test_version4(void **state) {
  (void)state;
  for (size_t cut = 1; cut < 40; cut += 13) {
    wire_talk(&w, cut);
    wire_say(&w, C2S, BYTES("\4\1\0\120\0\0\0\1me\0host.example\0"));
    wire_say(&w, S2C, BYTES("\0\132\0\120\12\0\0\1"));
    exchange();
  }
}

/* A client that does not wait for the answers. */
static void test_haste(void **state) {
  (void)state;
  wire_talk(&w, 100);
  wire_say(&w, C2S, BYTES("\5\1\0\5\1\0\1\12\0\0\1\0\120" GET));
  wire_say(&w, S2C, BYTES("\5\0\5\0\0\1\12\0\0\1\20\1" OK));
  expect("GET /a 200 [] []\n");
}

static void test_refused(void **state) {
  (void)state;
  wire_talk(&w, 100);
  wire_say(&w, C2S, BYTES("\5\1\0"));
  wire_say(&w, S2C, BYTES("\5\377"));
  wire_say(&w, C2S, BYTES(GET));
  expect("");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_version5), cmocka_unit_test(test_password), cmocka_unit_test(test_version4),
      cmocka_unit_test(test_haste),    cmocka_unit_test(test_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
