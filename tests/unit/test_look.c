/* SPDX-License-Identifier: Apache-2.0 */
/* What a value is made of: vectors against one byte after the other, at guard pages; and pairs of bytes. */
#include "base/grams.h"
#include "base/look.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/guard.h"

static struct look plainly(struct span s, struct look_parts *p) {
  struct look l = {0};
  *p = (struct look_parts){0};
  for (size_t i = 0; i < s.len && i < LOOK_MAX; i++) {
    uint8_t c = s.base[i], low = c | 32;
    bool digit = c >= '0' && c <= '9', letter = low >= 'a' && low <= 'z';
    uint64_t bit = i < LOOK_BITS ? 1ULL << i : 0;
    l.digits += digit;
    p->letters += letter;
    if (digit || (low >= 'a' && low <= 'f')) p->hex++;
    if (c == '.') p->dots++;
    if (c == '-') p->dashes++;
    if (c == ':') p->colons++;
    if (c <= ' ') p->spaces++;
    if (c >= 0x80) p->high++, l.high = true;
    if (c == '_' || c == '+' || c == '/' || c == '=') p->code++;
    l.mail |= c == '@';
    l.star |= c == '*';
    l.named |= c == '=' || c == ':' || c == ',';
    if (digit) l.digit_at |= bit;
    if (letter) l.letter_at |= bit;
    if (c == '@') l.mail_at |= bit;
  }
  return l;
}

static void check(struct span s) {
  struct look_parts pa, pb;
  struct look a, b = plainly(s, &pb);
  look_at(s, &a);
  look_closer(s, &pa);
  assert_true(a.digit_at == b.digit_at && a.letter_at == b.letter_at && a.mail_at == b.mail_at);
  assert_true(a.digits == b.digits && a.high == b.high);
  assert_true(a.mail == b.mail && a.star == b.star && a.named == b.named);
  assert_memory_equal(&pa, &pb, sizeof pa);
}

static void same(void **state) {
  (void)state;
  uint8_t text[200];
  uint32_t x = 1;
  for (size_t len = 0; len < sizeof text; len++) {
    for (size_t i = 0; i < len; i++) text[i] = (uint8_t)((x = x * 1664525 + 1013904223) >> 24);
    struct guard g = guard_copy(text, len);
    check(g.s);
    guard_free(g);
  }
  for (unsigned c = 0; c < 256; c++) {
    memset(text, (int)c, 21);
    for (size_t len = 1; len <= 21; len++) check(span_of(text, len));
  }
}

static void pairs(void **state) {
  (void)state;
  struct grams g;
  grams_of(SPAN_LIT("/api/v1/login"), &g);
  assert_true(grams_has(&g, "login"));
  assert_int_equal(grams_find(&g, "api"), 1);
  assert_false(grams_has(&g, "logout"));
  grams_of(span_of(NULL, 0), &g);
  assert_false(grams_has(&g, "ab"));
  grams_of(SPAN_LIT("a"), &g);
  assert_false(grams_has(&g, "ab"));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(same), cmocka_unit_test(pairs)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
