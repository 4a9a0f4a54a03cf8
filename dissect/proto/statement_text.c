/* SPDX-License-Identifier: Apache-2.0 */
/* What of statements and messages may be told: names, never values. */
#include "dissect/body/path.h"
#include "base/ascii.h"
#include "dissect/proto/statement.h"

enum { NUMBER_MAX = 5, MESSAGE = 160 };

bool statement_text_name(struct span s) {
  size_t run = 0;
  if (!s.len || s.len > STATEMENT_NAME) return false;
  for (size_t i = 0; i < s.len; i++) {
    uint8_t c = s.base[i];
    run = ascii_is_digit(c) ? run + 1 : 0;
    bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';
    if (run > NUMBER_MAX || (!letter && !ascii_is_digit(c) && !memchr("_$-. #", c, 6))) return false;
  }
  return true;
}

/* Part of a name up to the next '_' or '.': digits at its end, or what is a value altogether, are folded. */
static size_t fold(struct span part, uint8_t *to) {
  size_t digits = 0;
  while (digits < part.len && ascii_is_digit(part.base[part.len - 1 - digits])) digits++;
  size_t keep = part.len;
  if (digits == part.len || digits > 2) keep -= digits;
  if (part.len >= 8 && path_is_value(part)) keep = 0;
  if (keep) memcpy(to, part.base, keep);
  if (keep == part.len) return keep;
  memcpy(to + keep, "{n}", 3);
  return keep + 3;
}

struct span statement_text_table(struct span s, struct arena *a) {
  uint8_t buf[STATEMENT_NAME * 4];
  size_t n = 0, from = 0;
  if (s.len > STATEMENT_NAME) return span_of(NULL, 0);
  for (size_t i = 0; i <= s.len; i++) {
    uint8_t c = i < s.len ? s.base[i] : 0;
    bool letter = c >= 0x80 || ((c | 32) >= 'a' && (c | 32) <= 'z');
    if (i < s.len && !letter && !ascii_is_digit(c) && !memchr("_$-.#", c, 5))
      return arena_copy(a, SPAN_LIT("{name}"));
    if (i < s.len && c != '_' && c != '.') continue;
    if (i > from) n += fold(span_of(s.base + from, i - from), buf + n);
    if (i < s.len) buf[n++] = c;
    from = i + 1;
  }
  return arena_copy(a, span_of(buf, n));
}

static bool is_letter(struct span s, size_t i) {
  return i < s.len && ((s.base[i] | 32) >= 'a' && (s.base[i] | 32) <= 'z');
}

/* An apostrophe between letters quotes nothing. */
static bool is_quote(struct span s, size_t i) {
  uint8_t c = s.base[i];
  if (c == '"' || c == '`') return true;
  return c == '\'' && !(i > 0 && is_letter(s, i - 1) && is_letter(s, i + 1));
}

struct span statement_text_error(struct span message, struct arena *a) {
  struct span s = message;
  uint8_t buf[MESSAGE];
  size_t first = 0, last = s.len, n = 0, run = 0;
  while (first < s.len && !is_quote(s, first)) first++;
  while (last > first && !is_quote(s, last - 1)) last--;
  for (size_t i = 0; i < s.len && n + 1 < sizeof buf; i++) {
    uint8_t c = s.base[i];
    if (i == first && first < s.len) {
      buf[n++] = '?';
      i = last > first ? last - 1 : s.len;
      run = 0;
      continue;
    }
    run = ascii_is_digit(c) ? run + 1 : 0;
    if (c < 0x20 || c >= 0x7f || c == '=' || c == '(' || run > NUMBER_MAX) return span_of(NULL, 0);
    buf[n++] = c;
  }
  return arena_copy(a, span_of(buf, n));
}
