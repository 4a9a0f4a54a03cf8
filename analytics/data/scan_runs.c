/* SPDX-License-Identifier: Apache-2.0 */
/* Runs of digits and letters inside a text: mail addresses, dates, phone numbers, addresses of hosts, numbers, codes. */
#include "analytics/data/scan_state.h"

enum { GROUPS = 6, PHONE_MAX = 24 };

static size_t run_end(const struct scan *s, size_t i, size_t *digits) {
  size_t d = 0;
  for (; i < s->text.len && scan_is_alnum(s->text.base[i]); i++) d += scan_is_digit(s->text.base[i]);
  *digits = d;
  return i;
}

static size_t mail(struct scan *s, size_t at_sign) {
  static const char local[] = "._%+-";
  size_t from = at_sign, to = at_sign + 1;
  while (from > 0 && at_sign - from < 64 &&
         (scan_is_alnum(scan_before(s, from)) || memchr(local, scan_before(s, from), 5)))
    from--;
  while (from < at_sign && !scan_is_alnum(s->text.base[from])) from++;
  while (to < s->text.len && to - at_sign < 190 &&
         (scan_is_alnum(scan_at(s, to)) || scan_at(s, to) == '.' || scan_at(s, to) == '-'))
    to++;
  while (to > at_sign && !scan_is_alnum(scan_before(s, to))) to--;
  if (from == at_sign || to <= at_sign + 1 || scan_before(s, from) == '*') return at_sign + 1;
  if (scan_before(s, from) == ':' || scan_before(s, from) == '/') { /* scheme://user:word@host is no mail */
    size_t k = from > 64 ? from - 64 : 0;
    struct span w = {s->text.base + k, from - k};
    if (span_find(w, SPAN_LIT("://")) < w.len &&
        span_index(
            (struct span){w.base + span_find(w, SPAN_LIT("://")), w.len - span_find(w, SPAN_LIT("://"))},
            ' ') == w.len - span_find(w, SPAN_LIT("://")))
      return at_sign + 1;
  }
  return scan_shape(s, SHAPE_MAIL, from, to) ? to : at_sign + 1;
}

/* 1990-03-07 and 1990年3月7日: as far as digits and separators of dates go. */
static void date(struct scan *s, size_t from) {
  size_t i = from, parts = 0;
  while (i < s->text.len && i - from < 20) {
    uint8_t c = scan_at(s, i);
    if (scan_is_digit(c)) {
      i++;
    } else if ((c == '-' || c == '/' || c == '.') && scan_is_digit(scan_at(s, i + 1)) && parts < 2) {
      parts++;
      i++;
    } else if (c == 0xe5 || c == 0xe6) { /* 年月日 */
      struct span rest = span_skip(s->text, i);
      if (!span_starts(rest, SPAN_LIT("年")) && !span_starts(rest, SPAN_LIT("月")) &&
          !span_starts(rest, SPAN_LIT("日")))
        break;
      i += 3;
    } else {
      break;
    }
  }
  if (i - from >= 8) scan_shape(s, SHAPE_DATE, from, i);
}

/* As far as a phone number's digits and marks go. */
static size_t phone(struct scan *s, size_t from) {
  size_t end = from, gap = 0;
  if (scan_before(s, from) == '+' || scan_before(s, from) == '(') from--;
  if (scan_before(s, from) == '+') from--;
  for (size_t i = from; i < s->text.len && i - from < PHONE_MAX && gap <= 2; i++) {
    uint8_t c = scan_at(s, i);
    if (scan_is_digit(c))
      end = i + 1, gap = 0;
    else if (c == ' ' || c == '-' || c == '.' || c == '(' || c == ')')
      gap++;
    else if (i > from)
      break;
  }
  if (scan_is_alnum(scan_at(s, end)) || scan_at(s, end) == '*' || end - from < 8) return 0;
  return scan_shape(s, SHAPE_PHONE, from, end) ? end : 0;
}

/* 41.173.96.26 and 6e40:4041::2eb4. */
static size_t net_address(struct scan *s, size_t from) {
  size_t i = from, dots = 0, colons = 0;
  for (; i < s->text.len && i - from < 45; i++) {
    uint8_t c = scan_at(s, i);
    if (c == '.')
      dots++;
    else if (c == ':')
      colons++;
    else if (!scan_is_digit(c) && !((c | 32) >= 'a' && (c | 32) <= 'f'))
      break;
  }
  while (i > from && (scan_before(s, i) == '.' ||
                      (scan_before(s, i) == ':' && i - from > 1 && s->text.base[i - 2] != ':')))
    dots -= scan_before(s, i) == '.', i--;
  if ((dots != 3 && colons < 2) || scan_is_alnum(scan_at(s, i)) || i - from < 7) return 0;
  return scan_shape(s, SHAPE_IP, from, i) ? i : 0;
}

static size_t digits(struct scan *s, size_t from, size_t end) {
  size_t stop[GROUPS], groups = 0, start = from;
  uint8_t prev = scan_before(s, from), next = scan_at(s, end);
  if (prev == '*' || next == '*' || prev == '_') return end;
  if (prev == '.' && from > 1 && scan_is_digit(s->text.base[from - 2])) return end;
  if (next == '.' && scan_is_digit(scan_at(s, end + 1)) && end - from < 11) {
    size_t past = end - from <= 3 ? net_address(s, from) : 0;
    if (!past && end - from == 3) past = phone(s, from);
    return past ? past : end;
  }
  if (end - from == 4 || end - from == 8) date(s, from);
  if (prev == '+') start--;
  if (prev == '(' && next == ')' && scan_is_digit(scan_at(s, end + 1))) { /* (010)83046639 */
    size_t d, e = run_end(s, end + 1, &d);
    if (d == e - end - 1 && scan_shape(s, SHAPE_DIGITS, from - 1, e)) return e;
  }
  stop[groups++] = end;
  for (size_t i = end; groups < GROUPS && (scan_at(s, i) == ' ' || scan_at(s, i) == '-') &&
                       scan_is_digit(scan_at(s, i + 1));) {
    size_t d, e = run_end(s, i + 1, &d);
    if (d != e - i - 1 || scan_at(s, e) == '*') break;
    stop[groups++] = i = e;
  }
  if (scan_claimed(s, from, end)) return end;
  while (groups > 0) {
    size_t to = stop[--groups];
    if (to - start < 7) break;
    if (scan_shape(s, SHAPE_DIGITS, start, to)) return to;
  }
  if (start < from || prev == '(' || stop[0] != end || next == '-' || next == ' ') {
    size_t past = phone(s, from);
    if (past) return past;
  }
  if (end - from >= 8 && end - from <= 22) scan_shape(s, SHAPE_TOKEN, from, end);
  return end;
}

/* Short runs matter in front of others only: +1 …, (02) …, 78 651 450. */
static bool worth_digits(const struct scan *s, size_t from, size_t end) {
  if (end - from >= 3) return true;
  uint8_t prev = scan_before(s, from), next = scan_at(s, end);
  if (prev == '+' || (prev == '(' && next == ')')) return true;
  return end - from == 2 && (next == ' ' || next == '-' || next == '.') && scan_is_digit(scan_at(s, end + 1));
}

static void plate(struct scan *s, size_t from) {
  if (from < 3 || s->classes->plate_class < 0) return;
  size_t n = validate_plate_head(span_skip(s->text, from - 3));
  if (!n || scan_is_alnum(scan_at(s, from - 3 + n)) || scan_claimed(s, from - 3, from - 3 + n)) return;
  scan_hit(s, (unsigned)s->classes->plate_class, from - 3, from - 3 + n);
}

static void code(struct scan *s, size_t from, size_t end) {
  uint8_t prev = scan_before(s, from), next = scan_at(s, end);
  size_t n = end - from;
  if (prev == '*' || next == '*' || prev == '_' || next == '_') return;
  if (n < 7 || n > 42) return;
  if ((prev == '-' || prev == '.') && from > 1 && scan_is_alnum(s->text.base[from - 2])) return;
  if (next == '-' && scan_is_alnum(scan_at(s, end + 1))) return;
  if (!scan_claimed(s, from, end)) scan_shape(s, SHAPE_TOKEN, from, end);
}

/* One run of letters and digits; where to go on. */
static size_t run(struct scan *s, size_t i, size_t end, size_t ndigits) {
  if (scan_before(s, i) >= 0x80 && scan_is_alpha(s->text.base[i])) plate(s, i);
  size_t past = end - i <= 4 && scan_at(s, end) == ':' && scan_before(s, i) != ':' ? net_address(s, i) : 0;
  if (past) return past;
  if (ndigits == end - i) return worth_digits(s, i, end) ? digits(s, i, end) : end;
  code(s, i, end);
  return end;
}

void scan_runs(struct scan *s) {
  size_t i = 0, n = s->text.len;
  while (i < n) {
    uint8_t c = s->text.base[i];
    if (c == '@') {
      size_t past = mail(s, i);
      i = past > i ? past : i + 1;
    } else if (scan_is_alnum(c)) {
      size_t d, end = run_end(s, i, &d);
      i = run(s, i, end, d);
    } else {
      i++;
    }
  }
}

void scan_short_runs(struct scan *s, const struct look *look) {
  uint64_t word = look->digit_at | look->letter_at, telling = word | look->mail_at;
  size_t i = 0, n = s->text.len;
  while (i < n && telling >> i) {
    i += (unsigned)__builtin_ctzll(telling >> i);
    if (look->mail_at >> i & 1) {
      size_t past = mail(s, i);
      i = past > i ? past : i + 1;
      continue;
    }
    uint64_t rest = ~(word >> i);
    size_t len = rest ? (unsigned)__builtin_ctzll(rest) : LOOK_BITS;
    if (len > n - i) len = n - i;
    uint64_t mask = len < LOOK_BITS ? (1ULL << len) - 1 : ~0ULL;
    i = run(s, i, i + len, (size_t)__builtin_popcountll(look->digit_at >> i & mask));
  }
}
