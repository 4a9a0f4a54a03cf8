/* SPDX-License-Identifier: Apache-2.0 */
/* DNS messages: names that point, names that loop, records as text. */
#include "base/err.h"
#include "dissect/proto/dns_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const uint8_t answer[] =
    "\x12\x34\x81\x80\0\1\0\2\0\0\0\0\3pay\4bank\7example\0\0\1\0\1"
    "\xc0\x0c\0\5\0\1\0\0\0\x3c\0\6\3api\xc0\x10\xc0\x2e\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\7";

static void reads_records(void **state) {
  (void)state;
  struct arena a;
  struct dns_message m;
  struct dns_answer r;
  arena_init(&a, NULL, 0);
  assert_int_equal(dns_message_parse(span_of(answer, sizeof answer - 1), &a, &m), 0);
  assert_true(span_eq(m.question.name, SPAN_LIT("pay.bank.example")));
  assert_int_equal(m.head.id, 0x1234);
  assert_int_equal(dns_message_answer(&m, &a, &r), 0);
  assert_true(span_eq(r.data, SPAN_LIT("api.bank.example")));
  assert_int_equal(dns_message_answer(&m, &a, &r), 0);
  assert_true(span_eq(r.name, SPAN_LIT("api.bank.example")));
  assert_true(span_eq(r.data, SPAN_LIT("192.0.2.7")));
  assert_int_equal(dns_message_answer(&m, &a, &r), ERR_TRUNC);
  arena_done(&a);
}

static void refuses_loops(void **state) {
  (void)state;
  static const uint8_t loop[] = "\0\1\1\0\0\1\0\0\0\0\0\0\xc0\x0c\0\1\0\1";
  static const uint8_t forward[] = "\0\1\1\0\0\1\0\0\0\0\0\0\xc0\x10\0\1\0\1\0\0\0";
  struct arena a;
  struct dns_message m;
  arena_init(&a, NULL, 0);
  assert_int_equal(dns_message_parse(span_of(loop, sizeof loop - 1), &a, &m), ERR_SYNTAX);
  assert_int_equal(dns_message_parse(span_of(forward, sizeof forward - 1), &a, &m), ERR_SYNTAX);
  arena_done(&a);
}

static void every_cut_is_told(void **state) {
  (void)state;
  struct arena a;
  arena_init(&a, NULL, 0);
  for (size_t n = 0; n < 34; n++) {
    struct dns_message m;
    assert_int_equal(dns_message_parse(span_of(answer, n), &a, &m), ERR_TRUNC);
  }
  arena_done(&a);
}

static void escapes_odd_octets(void **state) {
  (void)state;
  static const uint8_t odd[] = "\0\1\1\0\0\1\0\0\0\0\0\0\4a.\\\7\0\0\1\0\1";
  struct arena a;
  struct dns_message m;
  arena_init(&a, NULL, 0);
  assert_int_equal(dns_message_parse(span_of(odd, sizeof odd - 1), &a, &m), 0);
  assert_true(span_eq(m.question.name, SPAN_LIT("a\\.\\\\\\007")));
  arena_done(&a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_records),
      cmocka_unit_test(refuses_loops),
      cmocka_unit_test(every_cut_is_told),
      cmocka_unit_test(escapes_odd_octets),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
