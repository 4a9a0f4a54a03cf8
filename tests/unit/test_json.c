/* SPDX-License-Identifier: Apache-2.0 */
/* JSON text: escapes, invalid UTF-8, times, addresses, empty groups. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "output/json.h"

#include <math.h>

static struct buf out;
static struct json j;

static int begin(void **state) {
  (void)state;
  buf_init(&out, NULL, 0);
  j = (struct json){&out, false};
  return 0;
}
static int end(void **state) {
  (void)state;
  buf_done(&out);
  return 0;
}
static void expect(const char *text) {
  assert_int_equal(out.len, strlen(text));
  assert_memory_equal(out.base, text, out.len);
  buf_reset(&out);
}

static void test_strings(void **state) {
  (void)state;
  json_str(&j, SPAN_LIT("plain text that is longer than eight"));
  expect("\"plain text that is longer than eight\",");
  json_str(&j, SPAN_LIT("a\"b\\c\n\t\b\f\r\x01\x1f\x7f z"));
  expect("\"a\\\"b\\\\c\\n\\t\\b\\f\\r\\u0001\\u001f\x7f z\",");
  json_str(&j, SPAN_LIT("0123456\v"));
  expect("\"0123456\\u000b\",");
  json_str(&j, SPAN_LIT("张三 \xf0\x9f\x98\x80"));
  expect("\"张三 \xf0\x9f\x98\x80\",");
  json_str(&j, SPAN_LIT("\xff"
                        "a\xc0\xaf\xed\xa0\x80\xe4\xb8"));
  expect("\"\xef\xbf\xbd"
         "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\",");
  json_str(&j, (struct span){NULL, 0});
  expect("\"\",");
}

static void test_numbers(void **state) {
  (void)state;
  json_u64(&j, 0);
  json_u64(&j, UINT64_MAX);
  expect("0,9223372036854775807,"); /* the most that every reader takes */
  json_double(&j, 0.5);
  json_double(&j, 3);
  json_double(&j, NAN);
  expect("0.5,3,0,");
}

static void test_times(void **state) {
  (void)state;
  json_time(&j, 0);
  expect("\"1970-01-01T00:00:00.000000000Z\",");
  json_time(&j, 1709210096123456789ULL);
  expect("\"2024-02-29T12:34:56.123456789Z\",");
  json_time(&j, 4107542399999999999ULL);
  expect("\"2100-02-28T23:59:59.999999999Z\",");
}

static void test_addresses(void **state) {
  (void)state;
  uint8_t v4[16] = {[10] = 0xff, [11] = 0xff, 10, 0, 200, 99};
  json_ip(&j, v4);
  expect("\"10.0.200.99\",");
  uint8_t v6[16] = {0x20, 0x01, 0x0d, 0xb8, [14] = 0, [15] = 1};
  json_ip(&j, v6);
  expect("\"2001:db8::1\",");
  uint8_t none[16] = {0};
  json_ip(&j, none);
  expect("\"::\",");
  uint8_t one[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5};
  json_ip(&j, one);
  expect("\"2001:db8:0:1:2:3:4:5\",");
}

static void test_groups(void **state) {
  (void)state;
  JSON_LIT(&j, "{");
  size_t a = JSON_OPEN(&j, "a"), b = JSON_OPEN(&j, "b");
  json_close(&j, b, '}', false);
  json_close(&j, a, '}', false);
  a = JSON_OPEN_LIST(&j, "c");
  json_close(&j, a, ']', true);
  a = JSON_OPEN(&j, "d");
  JSON_U64(&j, "e", 1);
  json_close(&j, a, '}', false);
  json_close(&j, 0, '}', true);
  expect("{\"c\":[],\"d\":{\"e\":1}},");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_strings, begin, end),
      cmocka_unit_test_setup_teardown(test_numbers, begin, end),
      cmocka_unit_test_setup_teardown(test_times, begin, end),
      cmocka_unit_test_setup_teardown(test_addresses, begin, end),
      cmocka_unit_test_setup_teardown(test_groups, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
