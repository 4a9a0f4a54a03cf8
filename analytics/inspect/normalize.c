/* SPDX-License-Identifier: Apache-2.0 */
/* Text seen through its encodings: byte classes, unescaping, base64, hex and UTF-7 (RFC 3986, 4648, 2152; HTML). */
#include "analytics/inspect/normalize.h"
#include "base/coded.h"

#define H CLASS_HEX
#define A CLASS_ALPHA
#define P CLASS_PLAIN
#define C CLASS_CTRL
#define X CLASS_HIGH
#define O (CLASS_HIGH | CLASS_ODD)
/* clang-format off */
static const uint32_t classes[256] = {
  C, C, C, C, C, C, C, C, C, CLASS_SPACE, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C,
  CLASS_SPACE, CLASS_EQUAL, CLASS_QUOTE, CLASS_BRACE, CLASS_BRACE, CLASS_PERCENT, CLASS_SEP, CLASS_QUOTE,
  CLASS_PAREN, CLASS_PAREN, CLASS_EQUAL, CLASS_PLUS, P, P, P, CLASS_SLASH,
  H, H, H, H, H, H, H, H, H, H, P, CLASS_SEP, CLASS_ANGLE, CLASS_EQUAL, CLASS_ANGLE, CLASS_EQUAL,
  P, H, H, H, H, H, H, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A,
  CLASS_PAREN, CLASS_BACKSLASH, CLASS_PAREN, CLASS_EQUAL, P,
  CLASS_QUOTE, H, H, H, H, H, H, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A,
  CLASS_BRACE, CLASS_SEP, CLASS_BRACE, CLASS_EQUAL, C,
  X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
  X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
  O, O, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
  O, X, O, X, X, X, X, X, X, X, X, X, X, X, X, O, O, X, X, X, X, O, O, O, O, O, O, O, O, O, O, O,
};
/* clang-format on */
#undef H
#undef A
#undef P
#undef C
#undef X
#undef O

uint32_t normalize_classes(struct span s) {
  uint32_t m = 0;
  for (size_t i = 0; i < s.len; i++) m |= classes[s.base[i]];
  return m;
}

void normalize_lower(struct span in, uint8_t *out) {
  for (size_t i = 0; i < in.len; i++) {
    uint8_t c = in.base[i];
    out[i] = (uint8_t)(c + ((uint8_t)(c - 'A') < 26 ? 32 : 0));
  }
}

/* n hexadecimal digits at p, or -1. */
static long hexes(const uint8_t *p, const uint8_t *end, unsigned n) {
  long v = 0;
  if ((size_t)(end - p) < n) return -1;
  for (unsigned i = 0; i < n; i++) {
    int d = coded_hex(p[i]);
    if (d < 0) return -1;
    v = v << 4 | d;
  }
  return v;
}

/* Letters and signs that stand for an ASCII one: full-width forms, circled letters and digits, ideographic stop, quotes. */
static uint32_t fold(uint32_t c) {
  if (c >= 0xff01 && c <= 0xff5e) return c - 0xff01 + '!';
  if (c >= 0x24b6 && c <= 0x24cf) return c - 0x24b6 + 'A';
  if (c >= 0x24d0 && c <= 0x24e9) return c - 0x24d0 + 'a';
  if (c >= 0x2460 && c <= 0x2468) return c - 0x2460 + '1';
  if (c == 0x24ea) return '0';
  if (c == 0x3002 || c == 0xff61) return '.';
  if (c == 0x2018 || c == 0x2019 || c == 0x02bc || c == 0x02b9 || c == 0x2032) return '\'';
  if (c == 0x2215 || c == 0x2044) return '/';
  if (c == 0x2216 || c == 0x2f02) return '\\';
  if (c == 0x2039 || c == 0x2329 || c == 0x3008) return '<';
  if (c == 0x203a || c == 0x232a || c == 0x3009) return '>';
  if (c == 0x2025) return '.';
  if (c == 0xa0 || c == 0x3000) return ' ';
  return c;
}

static size_t put_utf8(uint32_t c, uint8_t *out) {
  if (c < 0x80) return out[0] = (uint8_t)c, 1;
  if (c < 0x800) return out[0] = (uint8_t)(0xc0 | c >> 6), out[1] = (uint8_t)(0x80 | (c & 63)), 2;
  out[0] = (uint8_t)(0xe0 | (c >> 12 & 15)), out[1] = (uint8_t)(0x80 | (c >> 6 & 63));
  out[2] = (uint8_t)(0x80 | (c & 63));
  return 3;
}

/* One unescape step: bytes eaten at p, with the character in *c; 0 when there is no escape here. */
static size_t percent(const uint8_t *p, const uint8_t *end, uint32_t *c, bool *raw) {
  long v;
  if (end - p >= 6 && (p[1] | 0x20) == 'u' && (v = hexes(p + 2, end, 4)) >= 0)
    return *c = fold((uint32_t)v), 6;
  if ((v = hexes(p + 1, end, 2)) < 0) return 0;
  return *c = (uint32_t)v, *raw = true, 3;
}

/* clang-format off */
static const struct {
  const char *name; uint8_t c; } entities[] = {
  {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}, {"amp", '&'}, {"lpar", '('}, {"rpar", ')'},
  {"tab", '\t'}, {"newline", '\n'}, {"colon", ':'}, {"sol", '/'}, {"bsol", '\\'}, {"equals", '='},
  {"nbsp", ' '},
  {"semi", ';'}, {"excl", '!'}, {"num", '#'}, {"dollar", '$'}, {"lbrace", '{'}, {"rbrace", '}'},
  {"lsqb", '['},
  {"rsqb", ']'}, {"grave", '`'}, {"period", '.'}, {"comma", ','}, {"lcub", '{'}, {"rcub", '}'}, {"vert", '|'},
};
/* clang-format on */

static size_t entity(const uint8_t *p, const uint8_t *end, uint32_t *c) {
  if (end - p < 3) return 0;
  const uint8_t *q = p + 1;
  if (*q == '#') {
    bool hex = (q[1] | 0x20) == 'x';
    const uint8_t *start = q += hex ? 2 : 1;
    uint32_t v = 0;
    for (; q < end && q - start < 10; q++) {
      int d = coded_hex(*q);
      if (d < 0 || (!hex && d > 9)) break;
      v = v * (hex ? 16 : 10) + (uint32_t)d;
    }
    if (q == start || v > 0xffff || v == 0) return 0;
    if (q < end && *q == ';') q++;
    return *c = fold(v), (size_t)(q - p);
  }
  for (size_t i = 0; i < sizeof entities / sizeof *entities; i++) {
    struct span name = span_str(entities[i].name);
    if (span_starts_nocase(span_of(q, (size_t)(end - q)), name)) {
      q += name.len;
      if (q >= end || *q != ';') return 0;
      return *c = entities[i].c, (size_t)(q + 1 - p);
    }
  }
  return 0;
}

static size_t backslash(const uint8_t *p, const uint8_t *end, uint32_t *c) {
  long v;
  if (end - p < 2) return 0;
  switch (p[1]) {
  case 'u':
    if (end - p > 4 && p[2] == '{') {
      const uint8_t *q = p + 3;
      for (v = 0; q < end && coded_hex(*q) >= 0 && v < 0x10000; q++) v = v << 4 | coded_hex(*q);
      return q < end && *q == '}' && q > p + 3 ? (*c = fold((uint32_t)v), (size_t)(q + 1 - p)) : 0;
    }
    return (v = hexes(p + 2, end, 4)) >= 0 ? (*c = fold((uint32_t)v), 6u) : 0;
  case 'x': return (v = hexes(p + 2, end, 2)) >= 0 ? (*c = (uint32_t)v, 4u) : 0;
  case '/':
  case '"':
  case '\'': return *c = p[1], 2;
  case 'n':
  case 'r':
  case 't': return *c = p[1] == 't' ? '\t' : '\n', 2;
  case '0':
    return end - p >= 4 && p[2] >= '0' && p[2] <= '7' && p[3] >= '0' && p[3] <= '7'
               ? (*c = (uint32_t)((p[2] - '0') * 8 + p[3] - '0'), 4u)
               : 0;
  case '1':
    if (end - p >= 4 && p[2] >= '0' && p[2] <= '7' && p[3] >= '0' && p[3] <= '7')
      return *c = (uint32_t)(64 + (p[2] - '0') * 8 + p[3] - '0'), 4;
    return 0;
  default: return 0;
  }
}

/* Overlong forms of ASCII, and characters that fold to ASCII. */
static size_t wide(const uint8_t *p, const uint8_t *end, uint32_t *c) {
  size_t left = (size_t)(end - p);
  if ((p[0] == 0xc0 || p[0] == 0xc1) && left > 1) {
    uint32_t v = (uint32_t)(p[0] & 1) << 6 | (p[1] & 0x3f);
    return v ? (*c = v, 2u) : 0;
  }
  if (p[0] == 0xe0 && left > 2 && p[1] == 0x80) return *c = p[2] & 0x3fu ? (p[2] & 0x3fu) : '.', 3;
  if (p[0] == 0xe0 && left > 2 && p[1] == 0x81) return *c = 0x40 | (p[2] & 0x3fu), 3;
  if (p[0] == 0xf0 && left > 3 && p[1] == 0x80 && (p[2] & 0xfe) == 0x80)
    return *c = (uint32_t)(p[2] & 1) << 6 | (p[3] & 0x3fu), 4;
  if (p[0] == 0xf8 && left > 4 && p[1] == 0x80 && p[2] == 0x80 && p[3] == 0x80)
    return *c = p[4] & 0x3fu ? (p[4] & 0x3fu) : '.', 5;
  if (p[0] == 0xfc && left > 5 && p[1] == 0x80 && p[2] == 0x80 && p[3] == 0x80 && p[4] == 0x80)
    return *c = p[5] & 0x3fu ? (p[5] & 0x3fu) : '.', 6;
  if ((p[0] == 0xef || p[0] == 0xe2 || p[0] == 0xe3) && left > 2) {
    uint32_t v = (uint32_t)(p[0] & 15) << 12 | (uint32_t)(p[1] & 63) << 6 | (p[2] & 63u), f = fold(v);
    return f != v ? (*c = f, 3u) : 0;
  }
  return 0;
}

size_t normalize_unescape(struct span in, bool plus, uint8_t *out, size_t cap, bool *changed) {
  const uint8_t *p = in.base, *end = p + in.len;
  size_t n = 0;
  *changed = false;
  while (p < end && n + 4 <= cap) {
    uint32_t c = *p;
    bool raw = false;
    size_t ate = 0;
    if (c == '%')
      ate = percent(p, end, &c, &raw);
    else if (c == '&')
      ate = entity(p, end, &c);
    else if (c == '\\')
      ate = backslash(p, end, &c);
    else if (c >= 0xc0)
      ate = wide(p, end, &c);
    else if (c == '+' && plus)
      c = ' ', ate = 1;
    if (!ate) {
      out[n++] = *p++;
      continue;
    }
    *changed = true;
    if (raw)
      out[n++] = (uint8_t)c;
    else
      n += put_utf8(c, out + n);
    p += ate;
  }
  return n;
}

/* Whether decoded bytes are worth a look: text with something but letters in it, or a serialization's magic. */
static bool worth(const uint8_t *p, size_t n) {
  if (n < 4) return false;
  if ((p[0] == 0xac && p[1] == 0xed && p[2] == 0) || (p[0] == 0x80 && p[1] >= 2 && p[1] <= 5) ||
      (p[0] == 0 && p[1] == 1 && p[2] == 0 && p[3] == 0) || (p[0] == 0xff && p[1] == 1) ||
      (p[0] == 0x1f && p[1] == 0x8b))
    return true;
  size_t odd = 0;
  for (size_t i = 0; i < n; i++)
    odd += (p[i] < 0x20 && p[i] != '\n' && p[i] != '\r' && p[i] != '\t') || p[i] >= 0x7f;
  return odd * 16 <= n;
}

size_t normalize_base64(struct span in, uint8_t *out, size_t cap) {
  if (in.len < 8) return 0;
  size_t n = 0;
  uint32_t acc = 0;
  unsigned have = 0;
  for (size_t i = 0; i < in.len && n < cap; i++) {
    uint8_t c = in.base[i];
    if (c == '=' || c == '\r' || c == '\n') {
      if (c == '=' && i + 2 < in.len) return 0;
      continue;
    }
    int v = coded_64(c);
    if (v < 0) return 0;
    acc = acc << 6 | (uint32_t)v, have += 6;
    if (have >= 8) out[n++] = (uint8_t)(acc >> (have -= 8));
  }
  return worth(out, n < 4096 ? n : 4096) ? n : 0;
}

size_t normalize_hex(struct span in, uint8_t *out, size_t cap) {
  if (span_starts_nocase(in, SPAN_LIT("0x"))) in = span_skip(in, 2);
  if (in.len < 12 || in.len % 2) return 0;
  size_t n = 0;
  for (size_t i = 0; i + 1 < in.len && n < cap; i += 2) {
    long v = hexes(in.base + i, in.base + in.len, 2);
    if (v < 0) return 0;
    out[n++] = (uint8_t)v;
  }
  return worth(out, n < 4096 ? n : 4096) ? n : 0;
}

size_t normalize_utf7(struct span in, uint8_t *out, size_t cap) {
  size_t n = 0, shifts = 0;
  for (size_t i = 0; i < in.len && n + 2 < cap;) {
    if (in.base[i] != '+' || i + 3 >= in.len) {
      out[n++] = in.base[i++];
      continue;
    }
    size_t j = i + 1, start = n;
    uint32_t acc = 0;
    unsigned have = 0;
    bool good = true;
    for (; j < in.len && coded_64(in.base[j]) >= 0 && in.base[j] != '-' && in.base[j] != '_'; j++) {
      acc = acc << 6 | (uint32_t)coded_64(in.base[j]), have += 6;
      if (have < 16) continue;
      uint32_t c = acc >> (have -= 16) & 0xffff;
      if (c == 0 || c >= 0x80 || n + 2 >= cap)
        good = false;
      else
        out[n++] = (uint8_t)c;
    }
    if (!good || n == start) {
      n = start;
      out[n++] = in.base[i++];
      continue;
    }
    shifts++;
    i = j < in.len && in.base[j] == '-' ? j + 1 : j;
  }
  return shifts ? n : 0;
}
