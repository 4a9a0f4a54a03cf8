/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of SQL (ISO 9075; MySQL reference manual 9.1; PostgreSQL manual 4.1). */
#include "base/err.h"
#include "base/ascii.h"
#include "dissect/body/charset.h"
#include "dissect/body/rows.h"
#include "dissect/proto/statement.h"

struct statement_lex statement_lex_of(struct span sql, enum statement_dialect d) {
  return (struct statement_lex){sql.base, sql.len ? sql.base + sql.len : sql.base, d};
}

static bool is_letter(uint8_t c) { return ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_' || c >= 0x80; }
static bool is_blank(uint8_t c) { return c == ' ' || (c >= 9 && c <= 13) || c == 0; }
static uint8_t at(const struct statement_lex *x, size_t i) {
  return (size_t)(x->end - x->pos) > i ? x->pos[i] : 0;
}
static struct span rest_of(const struct statement_lex *x) {
  return span_of(x->pos, (size_t)(x->end - x->pos));
}

static void skip_line(struct statement_lex *x) {
  struct span s = rest_of(x);
  x->pos += span_index(s, '\n');
}

/* Comments nest in PostgreSQL. */
static void skip_comment(struct statement_lex *x) {
  unsigned depth = 0;
  while (x->pos < x->end) {
    if (at(x, 0) == '/' && at(x, 1) == '*') {
      if (depth == 0 || x->dialect == STATEMENT_PGSQL) depth++;
      x->pos += 2;
    } else if (at(x, 0) == '*' && at(x, 1) == '/') {
      x->pos += 2;
      if (--depth == 0) return;
    } else {
      x->pos++;
    }
  }
}

static bool skip_space(struct statement_lex *x) {
  const uint8_t *from = x->pos;
  while (x->pos < x->end) {
    uint8_t c = *x->pos;
    if (is_blank(c))
      x->pos++;
    else if (c == '-' && at(x, 1) == '-' &&
             (x->dialect == STATEMENT_PGSQL || is_blank(at(x, 2)))) /* MySQL: 1--1 is a sum */
      skip_line(x);
    else if (c == '#' && x->dialect == STATEMENT_MYSQL)
      skip_line(x);
    else if (c == '/' && at(x, 1) == '*')
      skip_comment(x);
    else
      break;
  }
  return x->pos > from;
}

/* From behind the opening quote to behind the closing one. */
static struct span quoted(struct statement_lex *x, uint8_t quote, bool backslash) {
  const uint8_t *from = x->pos;
  while (x->pos < x->end) {
    if (*x->pos == '\\' && backslash && x->pos + 1 < x->end) {
      x->pos += 2;
    } else if (*x->pos >= 0x81) { /* a byte of GBK or Big5 may look like a sign */
      size_t n = charset_sequence(span_of(x->pos, (size_t)(x->end - x->pos)));
      x->pos += n ? n : at(x, 1) >= 0x40 ? 2 : 1;
    } else if (*x->pos == quote) {
      if (at(x, 1) != quote) break;
      x->pos += 2;
    } else {
      x->pos++;
    }
  }
  struct span s = span_of(from, (size_t)(x->pos - from));
  if (x->pos < x->end) x->pos++;
  return s;
}

static struct token string(struct statement_lex *x, bool backslash) {
  struct token t = {.kind = TOKEN_STRING, .quote = *x->pos, .backslash = backslash};
  x->pos++;
  t.text = quoted(x, t.quote, backslash);
  return t;
}

/* $tag$ … $tag$ */
static bool dollars(struct statement_lex *x, struct token *t) {
  size_t n = 1;
  while (is_letter(at(x, n)) || (n > 1 && ascii_is_digit(at(x, n)))) n++;
  if (at(x, n) != '$') return false;
  struct span tag = span_of(x->pos, n + 1), rest = span_skip(rest_of(x), n + 1);
  size_t end = span_find(rest, tag);
  *t = (struct token){.kind = TOKEN_STRING, .text = span_head(rest, end)};
  x->pos = end < rest.len ? rest.base + end + tag.len : x->end;
  return true;
}

static struct token number(struct statement_lex *x) {
  const uint8_t *from = x->pos;
  while (x->pos < x->end && (ascii_is_digit(*x->pos) || is_letter(*x->pos) || *x->pos == '.' ||
                             ((*x->pos == '+' || *x->pos == '-') && (x->pos[-1] | 32) == 'e' &&
                              x->pos - from > 1 && ascii_is_digit(x->pos[-2]) && ascii_is_digit(at(x, 1)))))
    x->pos++;
  return (struct token){.kind = TOKEN_NUMBER, .text = span_of(from, (size_t)(x->pos - from))};
}

/* N'…', X'…', E'…', U&'…', _utf8'…' */
static bool prefix(struct statement_lex *x, struct span word, struct token *t) {
  if (at(x, 0) == '&' && at(x, 1) == '\'' && word.len == 1 && (word.base[0] | 32) == 'u') x->pos++;
  if (at(x, 0) != '\'') return false;
  bool charset = word.base[0] == '_' && x->dialect == STATEMENT_MYSQL;
  if (!charset && (word.len != 1 || !memchr("nxbeuNXBEU", word.base[0], 10))) return false;
  bool escape = (word.base[0] | 32) == 'e';
  *t = string(x, x->dialect == STATEMENT_MYSQL || (escape && word.len == 1));
  return true;
}

static struct token word(struct statement_lex *x) {
  const uint8_t *from = x->pos;
  while (x->pos < x->end && (is_letter(*x->pos) || ascii_is_digit(*x->pos) || *x->pos == '$')) x->pos++;
  struct token t = {.kind = TOKEN_WORD, .text = span_of(from, (size_t)(x->pos - from))};
  prefix(x, t.text, &t);
  return t;
}

static struct token placeholder(struct statement_lex *x) {
  const uint8_t *from = x->pos++;
  struct token t = {.kind = TOKEN_MARK};
  while (ascii_is_digit(at(x, 0)) && t.number < 100000)
    t.number = t.number * 10 + (uint32_t)(*x->pos++ - '0');
  t.text = span_of(from, (size_t)(x->pos - from));
  return t;
}

static struct token one(struct statement_lex *x) {
  uint8_t c = *x->pos;
  bool mysql = x->dialect == STATEMENT_MYSQL;
  struct token t;
  if (ascii_is_digit(c) || (c == '.' && ascii_is_digit(at(x, 1)))) return number(x);
  if (is_letter(c)) return word(x);
  if (c == '\'') return string(x, mysql);
  if (c == '"' && mysql) return string(x, true);
  if (c == '"' || c == '`') {
    x->pos++;
    return (struct token){.kind = TOKEN_NAME, .text = quoted(x, c, false)};
  }
  if (c == '?' && mysql) return placeholder(x);
  if (c == '$' && !mysql && ascii_is_digit(at(x, 1))) return placeholder(x);
  if (c == '$' && !mysql && dollars(x, &t)) return t;
  t = (struct token){.kind = TOKEN_SIGN, .text = span_of(x->pos, 1)};
  if (memchr("<>=!~", c, 5))
    while (t.text.len < 3 && memchr("<>=~*", at(x, t.text.len), 5) && at(x, t.text.len)) t.text.len++;
  x->pos += t.text.len;
  return t;
}

struct token statement_lex_next(struct statement_lex *x) {
  bool space = skip_space(x);
  struct token t = {.kind = TOKEN_END};
  if (x->pos < x->end) t = one(x);
  t.space = space;
  return t;
}

struct span statement_lex_cut(struct span *rest, enum statement_dialect d) {
  struct statement_lex x = statement_lex_of(*rest, d);
  const uint8_t *from = NULL;
  unsigned depth = 0;
  for (;;) {
    skip_space(&x);
    const uint8_t *start = x.pos;
    struct token t = statement_lex_next(&x);
    bool sign = t.kind == TOKEN_SIGN;
    if (sign && t.text.base[0] == '(') depth++;
    if (sign && t.text.base[0] == ')' && depth) depth--;
    bool end = sign && t.text.base[0] == ';' && !depth;
    if (t.kind == TOKEN_END || (end && from)) {
      *rest = span_of(x.pos, (size_t)(x.end - x.pos));
      return from ? span_of(from, (size_t)(start - from)) : span_of(NULL, 0);
    }
    if (!from && !end) from = start;
  }
}

static uint8_t unescaped(uint8_t c) {
  static const char from[] = "0nrtbZ", to[] = "\0\n\r\t\b\x1a";
  const char *p = c ? strchr(from, c) : NULL;
  return p ? (uint8_t)to[p - from] : c;
}

int statement_lex_cell(struct buf *out, const struct token *t) {
  struct span s = t->text;
  size_t pairs = 0;
  bool plain = t->kind != TOKEN_STRING || !t->quote ||
               (span_index(s, t->quote) == s.len && (!t->backslash || span_index(s, '\\') == s.len));
  if (plain) return rows_cell(out, s);
  for (size_t i = 0; i + 1 < s.len; i++)
    if (s.base[i] == t->quote || (s.base[i] == '\\' && t->backslash)) pairs++, i++;
  uint8_t *p = rows_room(out, s.len - pairs);
  if (!p) return ERR_CAP;
  for (size_t i = 0; i < s.len; i++) {
    bool slash = s.base[i] == '\\' && t->backslash;
    if (i + 1 < s.len && (slash || s.base[i] == t->quote)) i++;
    *p++ = slash && i < s.len ? unescaped(s.base[i]) : s.base[i];
  }
  return 0;
}
