/* SPDX-License-Identifier: Apache-2.0 */
/* Chinese documents and numbers: GB 11643, GB 32100, GB 11714, GA 36 plates, MIIT number plan, exit-entry documents. */
#include "analytics/data/validate.h"
#include "base/ascii.h"

static unsigned number(const uint8_t *p, size_t n) {
  unsigned v = 0;
  for (size_t i = 0; i < n; i++) v = v * 10 + (unsigned)(p[i] - '0');
  return v;
}

bool validate_id18(struct span v, bool keyed) {
  static const uint8_t weight[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  (void)keyed;
  if (v.len != 18 || v.base[10] > '1' || v.base[12] > '3' || !span_is_digits(span_head(v, 17))) return false;
  unsigned sum = 0;
  for (size_t i = 0; i < 17; i++) sum += (unsigned)(v.base[i] - '0') * weight[i];
  if (ascii_upper(v.base[17]) != (uint8_t) "10X98765432"[sum % 11]) return false;
  return validate_region((const char *)v.base) &&
         validate_date(number(v.base + 6, 4), number(v.base + 10, 2), number(v.base + 12, 2));
}

bool validate_id15(struct span v, bool keyed) {
  return keyed && v.len == 15 && span_is_digits(v) && validate_region((const char *)v.base) &&
         validate_date(1900 + number(v.base + 6, 2), number(v.base + 8, 2), number(v.base + 10, 2));
}

/* Number plan of the MIIT: 1, then these second and third digits. */
static bool mobile_prefix(const char *d) {
  static const char *const third[10] = {"",          "",       "",          "0123456789", "01456789",
                                        "012356789", "124567", "012345678", "0123456789", "012356789"};
  return d[0] == '1' && d[1] >= '3' && d[1] <= '9' && strchr(third[d[1] - '0'], d[2]) != NULL && d[2];
}

bool validate_mobile(struct span v, bool keyed) {
  char d[20];
  bool plus = v.len && v.base[0] == '+';
  if (v.len > 2 && v.base[0] == '(' && v.base[1] == '+') { /* (+86) */
    size_t close = span_index(v, ')');
    if (close + 1 >= v.len) return false;
    return close == 4 && v.base[2] == '8' && v.base[3] == '6' &&
           validate_mobile(span_trim(span_skip(v, close + 1)), keyed);
  }
  struct span rest = plus ? span_skip(v, 1) : v;
  if (!rest.len || (rest.base[0] != '1' && rest.base[0] != '8' && rest.base[0] != '0')) return false;
  size_t n = validate_digits(rest, d, 16);
  const char *p = d;
  if (n == 15 && memcmp(d, "0086", 4) == 0)
    p += 4;
  else if (n == 13 && memcmp(d, "86", 2) == 0 && (plus || keyed || rest.len > 13 || true))
    p += 2;
  else if (n != 11 || plus)
    return false;
  if (!mobile_prefix(p)) return false;
  if (rest.len == n) return true;
  /* grouped: 138 0013 8000, 138-0013-8000, 86-13800138000, 1380 0138 000 */
  size_t groups = 1;
  for (size_t i = 0; i < rest.len; i++) groups += rest.base[i] == ' ' || rest.base[i] == '-';
  return groups <= 4;
}

bool validate_landline(struct span v, bool keyed) {
  char d[20];
  if (v.len && v.base[0] == '+') {
    if (!span_starts(v, SPAN_LIT("+86"))) return false;
    v = span_skip(v, 3);
    while (v.len && (v.base[0] == '-' || v.base[0] == ' ')) v = span_skip(v, 1);
    size_t m = validate_digits(v, d, 12);
    return m >= 9 && m <= 11 && d[0] != '0' && d[0] != '1';
  }
  if (v.len && v.base[0] == '(') {
    size_t close = span_index(v, ')');
    if (close < 4 || close > 5 || close + 8 > v.len) return false;
    return v.base[1] == '0' && validate_digits(span_skip(v, close + 1), d, 8) >= 7;
  }
  if (!keyed && v.len && v.base[0] != '0') return false;
  size_t n = validate_digits(v, d, 18), sep = span_index(v, '-');
  if (sep == v.len) sep = span_index(v, ' ');
  if (n < 7) return false;
  if (d[0] != '0') return keyed && (n == 7 || n == 8) && d[0] >= '2' && sep == v.len;
  size_t area = d[1] == '1' || d[1] == '2' ? 3 : 4;
  if (d[1] == '0' || (d[1] == '1' && d[2] != '0')) return false;
  if (n < area + 7 || n > area + 8 + 5 || d[area] < '2') return false;
  if (sep < v.len) return sep == area;
  return keyed && n <= area + 8;
}

static const char uscc_set[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

static int uscc_value(uint8_t c) {
  const char *p = c ? strchr(uscc_set, ascii_upper(c)) : NULL;
  return p ? (int)(p - uscc_set) : -1;
}

static bool is_month(const uint8_t *p) {
  unsigned m = number(p, 2);
  return m >= 1 && m <= 12;
}

/* The registering authority, and the kinds of body that it registers (GB 32100, table 1). */
static bool uscc_kind(uint8_t authority, uint8_t kind) {
  static const struct {
    char authority, kinds[7];
  } table[] = {{'1', "1239"}, {'2', "19"}, {'3', "123459"}, {'4', "19"}, {'5', "1239"}, {'6', "129"},
               {'7', "129"},  {'8', "19"}, {'9', "123"},    {'A', "19"}, {'N', "1239"}, {'Y', "1"}};
  for (size_t i = 0; i < sizeof table / sizeof *table; i++)
    if ((uint8_t)table[i].authority == authority) return kind && strchr(table[i].kinds, kind) != NULL;
  return false;
}

/* The organisation's code inside has a check character of its own. Not every code keeps to it, so only digits must. */
static bool org_check(const uint8_t *p) {
  static const uint8_t weight[8] = {3, 7, 9, 10, 5, 8, 4, 2};
  unsigned sum = 0;
  for (size_t i = 0; i < 8; i++) sum += (unsigned)(p[i] - '0') * weight[i];
  unsigned c = 11 - sum % 11;
  return p[8] == (c == 10 ? 'X' : c == 11 ? '0' : (uint8_t)('0' + c));
}

bool validate_uscc(struct span v, bool keyed) {
  static const uint8_t weight[17] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
  if (v.len != 18 || !uscc_kind(ascii_upper(v.base[0]), ascii_upper(v.base[1]))) return false;
  if (!span_is_digits(span_of(v.base + 2, 6))) return false;
  if (!keyed && span_is_digits(v)) {
    if (v.base[6] <= '2' && is_month(v.base + 10)) return false; /* more like an identity number */
    if (!org_check(v.base + 8)) return false;
  }
  char area[6]; /* registered by a province or the centre: the lower digits are zero */
  memcpy(area, v.base + 2, 6);
  if (area[2] == '0' && area[3] == '0') area[3] = '1';
  if (!validate_region(area) && memcmp(area, "100100", 6) != 0) return false;
  unsigned sum = 0;
  for (size_t i = 0; i < 17; i++) {
    int x = uscc_value(v.base[i]);
    if (x < 0) return false;
    sum += (unsigned)x * weight[i];
  }
  return uscc_value(v.base[17]) == (int)((31 - sum % 31) % 31);
}

/* GB 11714: eight characters and a check character. */
bool validate_orgcode(struct span v, bool keyed) {
  static const uint8_t weight[8] = {3, 7, 9, 10, 5, 8, 4, 2};
  if (!keyed || (v.len == 10 && v.base[8] != '-') || v.len < 9 || v.len > 10) return false;
  unsigned sum = 0;
  for (size_t i = 0; i < 8; i++) {
    uint8_t c = ascii_upper(v.base[i]);
    bool digit = c >= '0' && c <= '9', letter = c >= 'A' && c <= 'Z';
    if (!digit && !letter) return false;
    sum += (digit ? (unsigned)(c - '0') : (unsigned)(c - 'A') + 10) * weight[i];
  }
  unsigned c = 11 - sum % 11;
  return ascii_upper(v.base[v.len - 1]) == (c == 10 ? 'X' : c == 11 ? '0' : (uint8_t)('0' + c));
}

bool validate_taxid(struct span v, bool keyed) {
  if (!keyed) return false;
  if (v.len == 18) return validate_uscc(v, true) || validate_id18(v, true);
  return (v.len == 15 || v.len == 20) && validate_region((const char *)v.base) &&
         span_is_digits(span_head(v, 6));
}

static bool letters_digits(struct span v, size_t letters, size_t digits) {
  if (v.len != letters + digits) return false;
  for (size_t i = 0; i < letters; i++)
    if (ascii_upper(v.base[i]) < 'A' || ascii_upper(v.base[i]) > 'Z') return false;
  return span_is_digits(span_skip(v, letters));
}

/* Ordinary E and EA–EZ without I and O; official D, S, P; older G and 14, 15; Hong Kong H, K, Macau M. Foreign ones by key. */
bool validate_passport(struct span v, bool keyed) {
  if (!keyed) return false;
  uint8_t c = v.len ? ascii_upper(v.base[0]) : 0;
  if (letters_digits(v, 1, 8)) return strchr("DEGHKMPSL", c) != NULL || keyed;
  if (letters_digits(v, 2, 7)) return true;
  if (v.len == 9 && span_is_digits(v)) return true;
  return letters_digits(v, 1, 7) || letters_digits(v, 2, 6);
}

bool validate_hkm_permit(struct span v, bool keyed) {
  uint8_t c = v.len ? ascii_upper(v.base[0]) : 0;
  if (!keyed) return false;
  if (c != 'H' && c != 'M' && c != 'C' && c != 'W') return false;
  if (c == 'C' || c == 'W') return letters_digits(v, 1, 8) || letters_digits(v, 2, 7);
  return letters_digits(v, 1, 8) || letters_digits(v, 1, 10);
}

bool validate_tw_permit(struct span v, bool keyed) {
  if (!keyed) return false;
  uint8_t c = v.len ? ascii_upper(v.base[0]) : 0;
  return (v.len == 8 && span_is_digits(v)) || ((c == 'T' || c == 'L') && letters_digits(v, 1, 8)) ||
         (v.len == 10 && span_is_digits(v));
}

/* Foreign permanent resident: three letters and twelve digits, or since 2023 the form of an identity number with a 9 in front. */
bool validate_frp(struct span v, bool keyed) {
  if (letters_digits(v, 3, 12))
    return (keyed || (v.base[0] >= 'A' && v.base[0] <= 'Z')) &&
           validate_date(1900 + number(v.base + 7, 2), number(v.base + 9, 2), number(v.base + 11, 2));
  static const uint8_t weight[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  if (v.len != 18 || v.base[0] != '9' || !span_is_digits(span_head(v, 17))) return false;
  unsigned sum = 0;
  for (size_t i = 0; i < 17; i++) sum += (unsigned)(v.base[i] - '0') * weight[i];
  return ascii_upper(v.base[17]) == (uint8_t) "10X98765432"[sum % 11] && keyed &&
         validate_date(number(v.base + 6, 4), number(v.base + 10, 2), number(v.base + 12, 2));
}

/* 南字第01234567号, 军官证 and the like: by key, some Chinese and digits. */
bool validate_military(struct span v, bool keyed) {
  size_t digits = 0, high = 0;
  for (size_t i = 0; i < v.len; i++) {
    digits += v.base[i] >= '0' && v.base[i] <= '9';
    high += v.base[i] >= 0x80;
  }
  return keyed && digits >= 4 && (digits + high == v.len);
}

/* Twelve digits: bank, city, branch and check. */
bool validate_cnaps(struct span v, bool keyed) {
  return keyed && v.len == 12 && span_is_digits(v) && v.base[0] >= '0' && v.base[0] <= '9';
}

size_t validate_plate_head(struct span s) {
  static const char provinces[] = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";
  if (s.len < 9 || s.base[0] < 0xe4 || s.base[0] > 0xe9) return 0;
  struct span set = span_str(provinces);
  bool found = false;
  for (size_t i = 0; i + 3 <= set.len && !found; i += 3) found = memcmp(set.base + i, s.base, 3) == 0;
  if (!found || s.base[3] < 'A' || s.base[3] > 'Z' || s.base[3] == 'I') return 0;
  size_t i = 4, digits = 0, letters = 0;
  if (s.len - i >= 2 && s.base[4] == 0xc2 && s.base[5] == 0xb7)
    i = 6; /* 京A·12345 */
  else if (s.base[4] == '-' || s.base[4] == ' ')
    i = 5;
  size_t from = i;
  for (; i < s.len && i < from + 7; i++) {
    uint8_t c = s.base[i];
    if (c >= '0' && c <= '9')
      digits++;
    else if (c >= 'A' && c <= 'Z' && c != 'I' && c != 'O')
      letters++;
    else
      break;
  }
  size_t n = i - from;
  if (n == 4 && s.len - i >= 3 && memchr("\xe6\xe8\xe9", s.base[i], 3)) { /* 学警挂港澳 at the end */
    static const char tails[] = "学警挂港澳";
    for (size_t k = 0; k < sizeof tails - 1; k += 3)
      if (memcmp(tails + k, s.base + i, 3) == 0) return i + 3;
  }
  (void)letters;
  if (n == 5) return i;
  if (n == 6 && digits >= 4) return i; /* new energy: one or two letters */
  return 0;
}

bool validate_plate(struct span v, bool keyed) {
  (void)keyed;
  size_t n = validate_plate_head(v);
  return n > 0 && n == v.len;
}

bool validate_digits3to8(struct span v, bool keyed) {
  return keyed && v.len >= 3 && v.len <= 8 && span_is_digits(v);
}
