/* SPDX-License-Identifier: Apache-2.0 */
/* Formats of field values. */
#include "analytics/schema.h"

static bool digits_at(struct span s, size_t at, size_t n) {
  if (at + n > s.len) return false;
  for (size_t i = at; i < at + n; i++)
    if (s.base[i] < '0' || s.base[i] > '9') return false;
  return true;
}

static uint16_t date_format(struct span s) {
  if (s.len < 8 || !digits_at(s, 0, 4)) return 0;
  uint8_t sep = s.base[4];
  if ((sep != '-' && sep != '/' && sep != '.') || !digits_at(s, 5, 1)) return 0;
  size_t i = 5;
  while (i < s.len && i < 7 && s.base[i] != sep) i++;
  if (i >= s.len || s.base[i] != sep || !digits_at(s, i + 1, 1)) return 0;
  i += 1;
  size_t from = i;
  while (i < s.len && i < from + 2 && digits_at(s, i, 1)) i++;
  if (i == s.len) return FORMAT_DATE;
  return s.base[i] == 'T' || s.base[i] == ' ' ? FORMAT_DATETIME : 0;
}

static uint16_t token_format(struct span s, unsigned digits, const struct look_parts *h) {
  if (s.len == 36 && h->dashes == 4 && h->hex == 32) return FORMAT_UUID;
  if (s.len >= 16 && h->hex == s.len && digits) return FORMAT_HEX;
  if (s.len >= 16 && digits && h->letters && !h->spaces && !h->colons) return FORMAT_TOKEN;
  return FORMAT_WORD;
}

uint16_t schema_look(struct span s, const struct look *look) {
  if (!s.len) return FORMAT_EMPTY;
  struct span head = span_head(s, LOOK_MAX);
  unsigned digits = look->digits;
  bool sign = s.base[0] == '-' || s.base[0] == '+';
  if (digits && digits + sign == head.len) return FORMAT_INTEGER;
  struct look_parts h;
  look_closer(head, &h);
  if (digits && h.dots == 1 && digits + sign + 1 == head.len) return FORMAT_DECIMAL;
  uint16_t date = date_format(s);
  if (date) return date;
  if (h.high * 2u >= head.len) return FORMAT_HAN;
  if (h.dots == 3 && digits + 3u == head.len && head.len <= 15) return FORMAT_IP;
  size_t scheme = h.colons ? span_find(head, SPAN_LIT("://")) : head.len;
  if (scheme > 0 && scheme < 12 && scheme < head.len) return FORMAT_URI;
  if (look->mail && s.base[0] != '@' && h.dots && !h.spaces) return FORMAT_EMAIL;
  if (span_eq(s, SPAN_LIT("true")) || span_eq(s, SPAN_LIT("false"))) return FORMAT_BOOLEAN;
  unsigned plain = digits + h.letters + h.dashes + h.dots + h.code;
  return !h.spaces && !h.high && plain == head.len ? token_format(head, digits, &h) : FORMAT_TEXT;
}

uint16_t schema_format(struct span s) {
  struct look h;
  look_at(s, &h);
  return schema_look(s, &h);
}

const char *schema_format_name(uint16_t bit) {
  switch (bit) {
  case FORMAT_UUID: return "uuid";
  case FORMAT_DATE: return "date";
  case FORMAT_DATETIME: return "date-time";
  case FORMAT_EMAIL: return "email";
  case FORMAT_URI: return "uri";
  case FORMAT_IP: return "ipv4";
  default: return "";
  }
}
