/* SPDX-License-Identifier: Apache-2.0 */
/* Spans and the reader over them, at guard pages. */
#include "base/err.h"
#include "base/reader.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/guard.h"

static void nocase(void **state) {
  (void)state;
  assert_true(span_eq_nocase(SPAN_LIT("Content-Type"), SPAN_LIT("cONTENT-tYPE")));
  assert_false(span_eq_nocase(SPAN_LIT("a[b"), SPAN_LIT("a{b"))); /* differ in bit 0x20 only */
  assert_false(span_eq_nocase(SPAN_LIT("@"), SPAN_LIT("`")));
  assert_false(span_eq_nocase(SPAN_LIT("ab"), SPAN_LIT("abc")));
  assert_true(span_eq_nocase(span_of(NULL, 0), SPAN_LIT("")));
  assert_true(span_starts_nocase(SPAN_LIT("Bearer x"), SPAN_LIT("bearer ")));
  assert_false(span_starts_nocase(SPAN_LIT("Bear"), SPAN_LIT("bearer")));
}

static void find(void **state) {
  (void)state;
  struct guard g = guard_str("xxab ABc");
  assert_int_equal(span_find(g.s, SPAN_LIT("ABc")), 5);
  assert_int_equal(span_find(g.s, SPAN_LIT("ABcd")), g.s.len);
  assert_int_equal(span_find(g.s, SPAN_LIT("")), 0);
  assert_int_equal(span_find(span_of(NULL, 0), SPAN_LIT("a")), 0);
  assert_int_equal(span_find_nocase(g.s, SPAN_LIT("aBC")), 5);
  assert_int_equal(span_find_nocase(g.s, SPAN_LIT("abcd")), g.s.len);
  assert_int_equal(span_find_nocase(g.s, SPAN_LIT("b a")), 3);
  assert_int_equal(span_find_nocase(g.s, SPAN_LIT("")), 0);
  assert_int_equal(span_index(g.s, 'c'), 7);
  assert_int_equal(span_index(g.s, 'z'), 8);
  guard_free(g);
}

static void trim_and_cut(void **state) {
  (void)state;
  struct guard g = guard_str(" \t a, b ,c\r\n");
  struct span s = span_trim(g.s);
  assert_true(span_eq(span_trim(span_cut(&s, ',')), SPAN_LIT("a")));
  assert_true(span_eq(span_trim(span_cut(&s, ',')), SPAN_LIT("b")));
  assert_true(span_eq(span_trim(span_cut(&s, ',')), SPAN_LIT("c")));
  assert_int_equal(s.len, 0);
  assert_int_equal(span_trim(SPAN_LIT(" \r\n")).len, 0);
  struct span last = SPAN_LIT("a,");
  assert_true(span_eq(span_cut(&last, ','), SPAN_LIT("a")));
  assert_int_equal(last.len, 0);
  guard_free(g);
}

static void numbers(void **state) {
  (void)state;
  uint64_t v = 7;
  assert_int_equal(span_u64(SPAN_LIT("18446744073709551615"), &v), 0);
  assert_true(v == UINT64_MAX);
  v = 7;
  assert_int_equal(span_u64(SPAN_LIT("18446744073709551616"), &v), ERR_RANGE);
  assert_int_equal(span_u64(SPAN_LIT("99999999999999999999999999"), &v), ERR_RANGE);
  assert_int_equal(span_u64(SPAN_LIT(""), &v), ERR_SYNTAX);
  assert_int_equal(span_u64(SPAN_LIT("+1"), &v), ERR_SYNTAX);
  assert_int_equal(span_u64(SPAN_LIT("1 "), &v), ERR_SYNTAX);
  assert_int_equal(v, 7);
  assert_int_equal(span_u64(SPAN_LIT("0000000000000000000000012"), &v), 0);
  assert_int_equal(v, 12);
}

static void order(void **state) {
  (void)state;
  assert_true(span_cmp(SPAN_LIT("a"), SPAN_LIT("ab")) < 0);
  assert_true(span_cmp(SPAN_LIT("b"), SPAN_LIT("ab")) > 0);
  assert_true(span_cmp(SPAN_LIT("\xff"), SPAN_LIT("a")) > 0);
  assert_int_equal(span_cmp(span_of(NULL, 0), SPAN_LIT("")), 0);
}

static void reads(void **state) {
  (void)state;
  struct guard g = guard_copy("\x01\x02\x03\x04\x05\x06\x07\x08\x09", 9);
  struct reader r = reader_of(g.s);
  assert_int_equal(reader_u8(&r), 1);
  assert_int_equal(reader_u16be(&r), 0x0203);
  assert_int_equal(reader_u16le(&r), 0x0504);
  assert_int_equal(reader_u24be(&r), 0x060708);
  assert_false(r.bad);
  assert_int_equal(reader_u16be(&r), 0);
  assert_true(r.bad);
  assert_int_equal(reader_u8(&r), 0); /* sticky, though there was one byte more */
  assert_int_equal(reader_left(&r), 0);
  r = reader_of(span_of(NULL, 0));
  assert_int_equal(reader_take(&r, 0).len, 0);
  assert_false(r.bad);
  reader_skip(&r, 1);
  assert_true(r.bad);
  guard_free(g);
}

static uint64_t varint(const char *p, size_t n, bool *bad) {
  struct guard g = guard_copy(p, n);
  struct reader r = reader_of(g.s);
  uint64_t v = reader_varint(&r);
  *bad = r.bad;
  guard_free(g);
  return v;
}

static void varints(void **state) {
  (void)state;
  bool bad;
  assert_int_equal(varint("\x96\x01", 2, &bad), 150);
  assert_false(bad);
  assert_true(varint("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10, &bad) == UINT64_MAX);
  assert_false(bad);
  assert_int_equal(varint("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10, &bad), 0);
  assert_true(bad);
  assert_int_equal(varint("\x80\x80", 2, &bad), 0);
  assert_true(bad);
  assert_int_equal(varint("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 11, &bad), 0);
  assert_true(bad);
}

static void until(void **state) {
  (void)state;
  struct guard g = guard_copy("ab\0c", 4);
  struct reader r = reader_of(g.s);
  assert_true(span_eq(reader_until(&r, 0), SPAN_LIT("ab")));
  assert_false(r.bad);
  assert_int_equal(reader_until(&r, 0).len, 0);
  assert_true(r.bad);
  guard_free(g);
}

static void text(void **state) {
  (void)state;
  char to[4] = "xyz";
  struct guard g = guard_copy("abc", 3);
  assert_true(span_text(to, sizeof to, g.s));
  assert_string_equal(to, "abc");
  assert_false(span_text(to, 3, g.s));
  assert_string_equal(to, "ab");
  assert_true(span_text(to, 1, span_of(NULL, 0)));
  assert_string_equal(to, "");
  guard_free(g);
}

static void error_names(void **state) {
  (void)state;
  assert_string_equal(err_str(3), "no error");
  for (int e = -1; e >= ERR_AGAIN; e--) assert_string_not_equal(err_str(e), "unknown error");
  assert_string_equal(err_str(-1000), "unknown error");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nocase),      cmocka_unit_test(find),  cmocka_unit_test(trim_and_cut),
      cmocka_unit_test(numbers),     cmocka_unit_test(order), cmocka_unit_test(reads),
      cmocka_unit_test(varints),     cmocka_unit_test(until), cmocka_unit_test(text),
      cmocka_unit_test(error_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
