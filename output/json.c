/* SPDX-License-Identifier: Apache-2.0 */
/* JSON text (RFC 8259) and the few value formats that records need. */
#include "output/json.h"

#include <math.h>
#include <stdio.h>

void json_close(struct json *j, size_t at, char bracket, bool keep) {
  struct buf *b = j->out;
  if (j->bad || b->len == 0) return;
  uint8_t last = b->base[b->len - 1];
  if (last == ',')
    b->len--;
  else if (!keep) {
    b->len = at;
    return;
  }
  char end[2] = {bracket, ','};
  json_raw(j, end, 2);
}

#define ONES 0x0101010101010101ULL
#define HIGHS 0x8080808080808080ULL

/* Non-zero when any of eight bytes is a control, a quote, a backslash or not ASCII. */
static uint64_t special(uint64_t w) {
  uint64_t q = w ^ (ONES * '"'), s = w ^ (ONES * '\\');
  return ((w - ONES * 0x20) | (q - ONES) | (s - ONES) | w) & HIGHS;
}

static uint64_t word(const uint8_t *p) {
  uint64_t w;
  memcpy(&w, p, 8);
  return w;
}

static size_t plain_run(const uint8_t *p, size_t n) {
  size_t i = 0;
  for (; i + 16 <= n; i += 16)
    if (special(word(p + i)) | special(word(p + i + 8))) break;
  for (; i + 8 <= n; i += 8)
    if (special(word(p + i))) break;
  if (i + 8 > n && n >= 8 && !special(word(p + n - 8)))
    return n; /* the last ones, with some before them again */
  while (i < n && p[i] >= 0x20 && p[i] < 0x80 && p[i] != '"' && p[i] != '\\') i++;
  return i;
}

/* Length of the well-formed sequence at p (Unicode 15, table 3-7), 0 where there is none. */
static size_t utf8_run(const uint8_t *p, size_t n) {
  uint8_t c = p[0];
  size_t len = c >= 0xc2 && c <= 0xdf ? 2 : (c & 0xf0) == 0xe0 ? 3 : c >= 0xf0 && c <= 0xf4 ? 4 : 0;
  if (len == 0 || len > n) return 0;
  for (size_t i = 1; i < len; i++)
    if ((p[i] & 0xc0) != 0x80) return 0;
  if ((c == 0xe0 && p[1] < 0xa0) || (c == 0xed && p[1] > 0x9f) || (c == 0xf0 && p[1] < 0x90) ||
      (c == 0xf4 && p[1] > 0x8f))
    return 0;
  return len;
}

static void escape_one(struct json *j, uint8_t c) {
  static const char hex[] = "0123456789abcdef";
  static const char names[] = "btn.fr"; /* 8, 9, 10, -, 12, 13 */
  char t[6] = {'\\', (char)c, '0', '0', 0, 0};
  if (c == '"' || c == '\\') {
    json_raw(j, t, 2);
  } else if (c >= 8 && c <= 13 && c != 11) {
    t[1] = names[c - 8];
    json_raw(j, t, 2);
  } else {
    t[1] = 'u';
    t[4] = hex[c >> 4];
    t[5] = hex[c & 15];
    json_raw(j, t, 6);
  }
}

static void escaped(struct json *j, struct span s) {
  while (s.len) {
    size_t n = plain_run(s.base, s.len);
    if (n) json_raw(j, s.base, n);
    s = span_skip(s, n);
    if (!s.len) break;
    if (s.base[0] < 0x80) {
      escape_one(j, s.base[0]);
      s = span_skip(s, 1);
    } else if ((n = utf8_run(s.base, s.len)) > 0) {
      json_raw(j, s.base, n);
      s = span_skip(s, n);
    } else {
      JSON_LIT(j, "\xef\xbf\xbd");
      s = span_skip(s, 1);
    }
  }
}

void json_str(struct json *j, struct span s) {
  uint8_t *to = json_room(j, s.len + 3);
  if (!to) return;
  *to++ = '"';
  j->out->len++;
  size_t n = s.len ? plain_run(s.base, s.len) : 0;
  if (n) memcpy(to, s.base, n);
  j->out->len += n;
  if (n < s.len) escaped(j, span_skip(s, n));
  JSON_LIT(j, "\",");
}

void json_texts(struct json *j, const char *const *text, unsigned n) {
  for (unsigned i = 0; i < n && text[i]; i++) json_text(j, text[i]);
}

static size_t digits(uint64_t v, char out[20]) {
  size_t n = 20;
  do out[--n] = (char)('0' + v % 10);
  while (v /= 10);
  return n;
}

void json_u64(struct json *j, uint64_t v) {
  char t[21];
  if (v > INT64_MAX) v = INT64_MAX;
  size_t at = digits(v, t);
  t[20] = ',';
  json_raw(j, t + at, 21 - at);
}

void json_double(struct json *j, double v) {
  if (!isfinite(v) || fabs(v) > 1e15) v = 0;
  char t[40];
  int n = snprintf(t, sizeof t, "%.4f", v);
  while (n > 1 && t[n - 1] == '0') n--;
  if (t[n - 1] == '.') n--;
  t[n++] = ',';
  json_raw(j, t, (size_t)n);
}

static void two(char *to, unsigned v) {
  to[0] = (char)('0' + v / 10);
  to[1] = (char)('0' + v % 10);
}

/* Civil date from days since 1970-01-01, by counting years from 1 March 0000 in eras of 400. */
static void civil(uint64_t days, unsigned *y, unsigned *m, unsigned *d) {
  uint64_t z = days + 719468, era = z / 146097, doe = z % 146097;
  uint64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  uint64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
  *d = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
  *m = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
  *y = (unsigned)(yoe + era * 400 + (*m <= 2));
}

void json_time(struct json *j, uint64_t ns) {
  char t[] = "\"0000-00-00T00:00:00.000000000Z\",";
  unsigned y, m, d, s = (unsigned)(ns / 1000000000 % 86400), f = (unsigned)(ns % 1000000000);
  civil(ns / 1000000000 / 86400, &y, &m, &d);
  two(t + 1, y / 100);
  two(t + 3, y % 100);
  two(t + 6, m);
  two(t + 9, d);
  two(t + 12, s / 3600);
  two(t + 15, s / 60 % 60);
  two(t + 18, s % 60);
  for (int i = 29; i > 20; i--, f /= 10) t[i] = (char)('0' + f % 10);
  json_raw(j, t, sizeof t - 1);
}

static size_t ip6_text(const uint8_t a[16], char *out, size_t room) {
  unsigned g[8];
  int run = -1, best = -1, len = 0;
  for (int i = 0; i < 8; i++) g[i] = (unsigned)a[2 * i] << 8 | a[2 * i + 1];
  for (int i = 0; i < 8; i++) {
    if (g[i])
      run = -1;
    else if (run < 0)
      run = i;
    if (run >= 0 && i - run + 1 > len) best = run, len = i - run + 1;
  }
  if (len < 2) best = -1;
  size_t n = 0;
  for (int i = 0; i < 8; i++) {
    if (i == best) {
      n += (size_t)snprintf(out + n, room - n, "::");
      i += len - 1;
      continue;
    }
    n += (size_t)snprintf(out + n, room - n, n && out[n - 1] != ':' ? ":%x" : "%x", g[i]);
  }
  return n;
}

void json_ip(struct json *j, const uint8_t a[16]) {
  static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
  char t[48] = "\"";
  size_t n = 1;
  if (memcmp(a, mapped, 12) == 0) {
    for (int i = 12; i < 16; i++) {
      unsigned v = a[i];
      if (v >= 100) t[n++] = (char)('0' + v / 100);
      if (v >= 10) t[n++] = (char)('0' + v / 10 % 10);
      t[n++] = (char)('0' + v % 10);
      t[n++] = '.';
    }
    n--;
  } else {
    n += ip6_text(a, t + 1, sizeof t - 4);
  }
  t[n++] = '"';
  t[n++] = ',';
  json_raw(j, t, n);
}
