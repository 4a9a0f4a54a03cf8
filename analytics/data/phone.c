/* SPDX-License-Identifier: Apache-2.0 */
/* Phone numbers of other countries: E.164 with a plus, the North American plan, and national forms where words tell of them. */
#include "analytics/data/validate.h"
#include "base/ascii.h"

/* Digits of a number however it is grouped (blanks, dashes, dots, one pair of brackets); 0 when there is anything else or more
 * than max. */
static size_t phone_digits(struct span v, char *out, size_t max) {
  size_t n = 0, open = 0, gap = 0;
  for (size_t i = 0; i < v.len; i++) {
    uint8_t c = v.base[i];
    if (ascii_is_digit(c)) {
      if (n == max) return 0;
      out[n++] = (char)c;
      gap = 0;
      continue;
    }
    if (c == '(') {
      if (open++) return 0;
    } else if (c == ')') {
      if (open != 1) return 0;
      open++;
    } else if (c != ' ' && c != '-' && c != '.') {
      return 0;
    }
    if (++gap > 2) return 0;
  }
  return open == 1 || (v.len && !ascii_is_digit(v.base[v.len - 1])) ? 0 : n;
}

/* Sizes of the groups of digits, at most max; their number, 0 when there are more. */
static size_t groups(struct span v, size_t *size, size_t max) {
  size_t n = 0;
  for (size_t i = 0; i < v.len; i++) {
    if (!ascii_is_digit(v.base[i])) continue;
    if (i == 0 || !ascii_is_digit(v.base[i - 1])) {
      if (n == max) return 0;
      size[n++] = 0;
    }
    size[n - 1]++;
  }
  return n;
}

/* 905-674-3793, (905) 674-3793, 905.674.3793: area and exchange begin with 2 to 9, neither is N11. */
static bool north_american(struct span v, const char *d, size_t n) {
  size_t size[4];
  if (n == 11 && d[0] == '1') d++, n--;
  if (n != 10 || d[0] < '2' || d[3] < '2' || (d[1] == '1' && d[2] == '1') || (d[4] == '1' && d[5] == '1'))
    return false;
  size_t count = groups(v, size, 4);
  if (count == 4 && size[0] == 1) return size[1] == 3 && size[2] == 3;
  if (count != 3 || size[0] != 3 || size[1] != 3) return false;
  return v.base[0] == '(' || v.base[3] == v.base[7];
}

bool validate_e164(struct span v, bool keyed) {
  char d[16];
  bool plus = v.len && v.base[0] == '+';
  if (!plus && !(keyed && span_starts(v, SPAN_LIT("00")))) return false;
  struct span rest = span_skip(v, plus ? 1 : 2);
  size_t n = phone_digits(rest, d, 15);
  return n >= 8 && d[0] != '0' && !(d[0] == '8' && d[1] == '6');
}

/* A date is no phone number: 2024-11-19, 19.11.2024. */
static bool is_date(const char *d, const size_t *size, size_t count) {
  unsigned part[3] = {0, 0, 0};
  if (count != 3) return false;
  for (size_t i = 0, at = 0; i < 3; i++)
    for (size_t k = 0; k < size[i]; k++) part[i] = part[i] * 10 + (unsigned)(d[at++] - '0');
  if (size[0] == 4 && size[1] <= 2 && size[2] <= 2) return validate_date(part[0], part[1], part[2]);
  return size[2] == 4 && size[0] <= 2 && size[1] <= 2 &&
         (validate_date(part[2], part[1], part[0]) || validate_date(part[2], part[0], part[1]));
}

bool validate_phone_local(struct span v, bool keyed) {
  char d[16];
  size_t size[7], n = phone_digits(v, d, 15), count = groups(v, size, 7);
  if (n < 7) return false;
  if (north_american(v, d, n)) return true;
  if (!keyed || n > 12 || is_date(d, size, count)) return false;
  if (count == 1) return d[0] == '0' && n >= 9 && n <= 11;
  if (count == 3 && size[0] == 3 && size[1] == 2 && size[2] == 4)
    return false; /* a US social security number */
  for (size_t i = 0; i < count; i++)
    if (size[i] > 8 || (i && size[i] < 2)) return false;
  return count >= 2 && !(count == 2 && size[0] == 4 && size[1] == 4 && d[0] != '0' && n != 8);
}
