/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies come together up to their cap, and tell where bytes are missing. */
#include "cmocka_all.h"
#include "dissect/side.h"

struct bench {
  struct counters ctr;
  struct budget budget;
  struct dissect_ctx cx;
  struct side side;
};

static void begin(struct bench *b, size_t cap, size_t memory) {
  memset(b, 0, sizeof *b);
  b->budget.cap = memory;
  b->cx.ctr = &b->ctr;
  buf_init(&b->side.raw, &b->budget, cap);
}

static void body_is(const struct bench *b, const char *text) {
  assert_true(span_eq(buf_span(&b->side.raw), span_str(text)));
}

static void cap(void **state) {
  (void)state;
  struct bench b;
  begin(&b, 8, 1 << 20);
  side_put(&b.side, &b.cx, SPAN_LIT("12345"));
  assert_int_equal(b.side.unseen, 0);
  side_put(&b.side, &b.cx, SPAN_LIT("67890"));
  side_put(&b.side, &b.cx, SPAN_LIT("abc"));
  body_is(&b, "12345678");
  assert_int_equal(b.side.body_bytes, 13);
  assert_int_equal(b.side.unseen, UNSEEN_CAPPED);
  assert_int_equal(ctr_get(&b.ctr, CTR_DISSECT_BODY_CAP), 1);
  buf_done(&b.side.raw);
}

static void no_memory(void **state) {
  (void)state;
  struct bench b;
  begin(&b, 0, 64);
  side_put(&b.side, &b.cx, SPAN_LIT("12345"));
  side_expect(&b.side, 1000); /* no room for it yet; nothing is said of that */
  assert_int_equal(b.side.unseen, 0);
  char more[100] = {0};
  side_put(&b.side, &b.cx, span_of(more, sizeof more));
  side_put(&b.side, &b.cx, SPAN_LIT("6"));
  body_is(&b, "12345");
  assert_int_equal(b.side.body_bytes, 106);
  assert_int_equal(b.side.unseen, UNSEEN_MEMORY | UNSEEN_CAPPED);
  assert_int_equal(ctr_get(&b.ctr, CTR_DISSECT_MEMORY), 1);
  buf_done(&b.side.raw);
  assert_int_equal(b.budget.used, 0);
}

static void expectations(void **state) {
  (void)state;
  struct bench b;
  begin(&b, 1 << 20, 1 << 22);
  side_expect(&b.side, 5000);
  assert_int_equal(b.side.raw.size, 5000);
  side_expect(&b.side, 100);
  assert_int_equal(b.side.raw.size, 5000);
  side_expect(&b.side, UINT64_MAX); /* whoever claims more gets no more than this at once */
  assert_int_equal(b.side.raw.size, 256 * 1024);
  assert_int_equal(b.side.raw.len, 0);
  buf_done(&b.side.raw);
  begin(&b, 1000, 1 << 20);
  side_expect(&b.side, 5000);
  assert_int_equal(b.side.raw.size, 0);
}

static void holes(void **state) {
  (void)state;
  struct bench b;
  begin(&b, 0, 1 << 20);
  side_put_values(&b.side, &b.cx, SPAN_LIT("123"), 7);
  assert_true(span_eq(side_unbroken(&b.side), SPAN_LIT("123")));
  side_hole(&b.side, 10, false, 8);
  side_put_values(&b.side, &b.cx, SPAN_LIT("456"), 9);
  side_hole(&b.side, 20, true, 10);
  body_is(&b, "123");
  assert_int_equal(b.side.hole, 4);
  assert_int_equal(b.side.body_bytes, 36);
  assert_int_equal(b.side.wire_bytes, 36);
  assert_int_equal(b.side.gap_bytes, 30);
  assert_int_equal(b.side.last_ns, 10);
  assert_int_equal(b.side.unseen, UNSEEN_GAP | UNSEEN_SNAPLEN);
  side_put(&b.side, &b.cx, SPAN_LIT("789")); /* text goes on behind a hole */
  body_is(&b, "123789");
  assert_true(span_eq(side_unbroken(&b.side), SPAN_LIT("123")));
  buf_done(&b.side.raw);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cap),
      cmocka_unit_test(no_memory),
      cmocka_unit_test(expectations),
      cmocka_unit_test(holes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
