/* SPDX-License-Identifier: Apache-2.0 */
/* What of statements and messages may be told: names, never values. */
#include "dissect/proto/statement.h"

enum { NUMBER_MAX = 5, MESSAGE = 160 };

static bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }

bool statement_text_name(struct span s) {
  size_t run = 0;
  if (!s.len || s.len > STATEMENT_NAME) return false;
  for (size_t i = 0; i < s.len; i++) {
    uint8_t c = s.base[i];
    run = is_digit(c) ? run + 1 : 0;
    bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';
    if (run > NUMBER_MAX || (!letter && !is_digit(c) && !memchr("_$-. #", c, 6))) return false;
  }
  return true;
}

struct span statement_text_table(struct span s, struct arena *a) {
  uint8_t buf[STATEMENT_NAME * 2];
  size_t n = 0;
  if (s.len > STATEMENT_NAME) return span_of(NULL, 0);
  for (size_t i = 0; i < s.len && n + 3 < sizeof buf; i++) {
    uint8_t c = s.base[i];
    size_t end = i;
    while (end < s.len && is_digit(s.base[end])) end++;
    bool behind = i > 0 && (s.base[i - 1] == '_' || end - i > 2);
    if (end > i && behind) {
      memcpy(buf + n, "{n}", 3);
      n += 3;
      i = end - 1;
      continue;
    }
    if (c < 0x80 && !((c | 32) >= 'a' && (c | 32) <= 'z') && !is_digit(c) && !memchr("_$-.#", c, 5))
      return arena_copy(a, SPAN_LIT("{name}"));
    buf[n++] = c;
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
    run = is_digit(c) ? run + 1 : 0;
    if (c < 0x20 || c >= 0x7f || c == '=' || c == '(' || run > NUMBER_MAX) return span_of(NULL, 0);
    buf[n++] = c;
  }
  return arena_copy(a, span_of(buf, n));
}
