/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses of mail and networks, devices, vehicles, dates, and numbers of other countries. */
#include "analytics/data/validate.h"
#include "base/ascii.h"

#include <arpa/inet.h>

/* File names and package versions look like mail until the last label. */
static bool file_suffix(struct span tld) {
  /* clang-format off */
  static const char *const list[] = {
    "png", "jpg", "jpeg", "gif", "svg", "webp", "bmp", "ico", "js", "css", "json", "html",
    "htm", "txt", "pdf", "zip", "gz", "tar", "jar", "exe", "mp4", "mp3", "xml", "yml",
    "yaml", "ts", "jsx", "tsx", "vue", "map", "woff", "ttf", "csv", "xlsx", "docx", "local",
    "localhost", "service", "target", "internal", "min", "dist",
  };
  /* clang-format on */
  for (size_t i = 0; i < sizeof list / sizeof *list; i++)
    if (span_eq_nocase(tld, span_str(list[i]))) return true;
  return false;
}

static bool domain_ok(struct span d) {
  size_t label = 0, dots = 0;
  struct span tld = d;
  for (size_t i = 0; i < d.len; i++) {
    uint8_t c = d.base[i];
    if (c == '.') {
      if (label == 0) return false;
      label = 0;
      dots++;
      tld = span_skip(d, i + 1);
    } else if (ascii_is_alnum(c) || (c == '-' && label)) {
      label++;
    } else {
      return false;
    }
  }
  if (!dots || tld.len < 2 || tld.len > 18 || file_suffix(tld)) return false;
  for (size_t i = 0; i < tld.len; i++)
    if (!ascii_is_alpha(tld.base[i])) return false;
  return true;
}

bool validate_email(struct span v, bool keyed) {
  (void)keyed;
  size_t at = span_index(v, '@');
  if (at == 0 || at > 64 || at + 4 > v.len) return false;
  for (size_t i = 0; i < at; i++) {
    uint8_t c = v.base[i];
    bool dot = c == '.' && i > 0 && i + 1 < at && v.base[i - 1] != '.';
    if (!ascii_is_alnum(c) && !dot && !memchr("_%+-'!#$&=~/?^", c, 14)) return false;
  }
  return domain_ok(span_skip(v, at + 1));
}

bool validate_ip(struct span v, bool keyed) {
  char text[48];
  uint8_t out[16];
  if (!keyed || !span_text(text, sizeof text, v)) return false;
  if (inet_pton(AF_INET, text, out) == 1) return out[0] != 0 && out[0] != 127;
  return inet_pton(AF_INET6, text, out) == 1 && v.len > 6;
}

bool validate_mac(struct span v, bool keyed) {
  size_t hex = 0, seps = 0;
  for (size_t i = 0; i < v.len; i++) {
    uint8_t c = v.base[i];
    if (ascii_is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'f'))
      hex++;
    else if (c == ':' || c == '-')
      seps++;
    else
      return false;
  }
  return keyed && hex == 12 && (seps == 5 || seps == 0);
}

bool validate_vin(struct span v, bool keyed) {
  static const uint8_t weight[17] = {8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
  static const uint8_t value[26] = {1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4,
                                    5, 0, 7, 0, 9, 2, 3, 4, 5, 6, 7, 8, 9};
  if (v.len != 17 || !keyed) return false;
  unsigned sum = 0, letters = 0;
  for (size_t i = 0; i < 17; i++) {
    uint8_t c = v.base[i];
    if (ascii_is_digit(c)) {
      sum += (unsigned)(c - '0') * weight[i];
    } else if (c >= 'A' && c <= 'Z' && c != 'I' && c != 'O' && c != 'Q') {
      sum += (unsigned)value[c - 'A'] * weight[i];
      letters++;
    } else {
      return false;
    }
  }
  unsigned check = sum % 11;
  return letters > 0 && v.base[8] == (check == 10 ? 'X' : (uint8_t)('0' + check));
}

bool validate_imei(struct span v, bool keyed) {
  char d[18];
  size_t n = validate_digits(v, d, sizeof d);
  return keyed && n >= 15 && n <= 16 && (n == 16 || validate_luhn(d, 15));
}

bool validate_imsi(struct span v, bool keyed) {
  char d[18];
  return keyed && validate_digits(v, d, sizeof d) == 15 && d[0] >= '2' && d[0] <= '7';
}

/* 1990-03-07, 1990/3/7, 19900307, 1990年3月7日, a time behind it. */
bool validate_birthday(struct span v, bool keyed) {
  unsigned part[3] = {0, 0, 0}, n = 0, len[3] = {0, 0, 0};
  if (!keyed) return false;
  size_t i = 0;
  for (; i < v.len && n < 3; i++) {
    uint8_t c = v.base[i];
    if (ascii_is_digit(c)) {
      if (n == 0 && len[0] == 4 && i == 4 && v.len >= 8 && ascii_is_digit(v.base[7]) &&
          ascii_is_digit(v.base[5]) && ascii_is_digit(v.base[6]))
        n = 1;
      if (n == 1 && len[1] == 2 && len[0] == 4) n = 2;
      part[n] = part[n] * 10 + (unsigned)(c - '0');
      if (++len[n] > 4) return false;
      if (n == 2 && len[2] == 2) break;
    } else if (len[n] > 0) {
      if (n == 2) break;
      n++;
      while (i + 1 < v.len && !ascii_is_digit(v.base[i + 1]) &&
             (v.base[i + 1] >= 0x80 || v.base[i + 1] == ' '))
        i++;
    } else {
      return false;
    }
  }
  if (!len[2]) return false;
  if (len[0] == 4) return validate_date(part[0], part[1], part[2]);
  if (len[2] == 4)
    return validate_date(part[2], part[0], part[1]) || validate_date(part[2], part[1], part[0]);
  return false;
}

bool validate_ssn(struct span v, bool keyed) {
  char d[10];
  size_t n = validate_digits(v, d, 9);
  if (n != 9 || !keyed) return false;
  bool dashed = v.len == 11 && v.base[3] == v.base[6] && (v.base[3] == '-' || v.base[3] == ' ');
  if (!dashed && v.len != 9) return false;
  if (memcmp(d, "000", 3) == 0 || memcmp(d, "666", 3) == 0 || d[0] == '9') return false;
  return memcmp(d + 3, "00", 2) != 0 && memcmp(d + 5, "0000", 4) != 0;
}

bool validate_nino(struct span v, bool keyed) {
  char t[10];
  size_t n = 0;
  for (size_t i = 0; i < v.len; i++) {
    if (v.base[i] == ' ') continue;
    if (n == 9) return false;
    t[n++] = (char)v.base[i];
  }
  if (!keyed || n != 9 || t[8] < 'A' || t[8] > 'D') return false;
  for (size_t i = 2; i < 8; i++)
    if (!ascii_is_digit((uint8_t)t[i])) return false;
  return t[0] >= 'A' && t[0] <= 'Z' && t[1] >= 'A' && t[1] <= 'Z' && !strchr("DFIQUV", t[0]) &&
         !strchr("DFIOQUV", t[1]);
}

bool validate_nhs(struct span v, bool keyed) {
  char d[12];
  if (!keyed || validate_digits(v, d, 10) != 10) return false;
  unsigned sum = 0;
  for (unsigned i = 0; i < 9; i++) sum += (unsigned)(d[i] - '0') * (10 - i);
  unsigned c = 11 - sum % 11;
  return c != 10 && (unsigned)(d[9] - '0') == (c == 11 ? 0 : c);
}
