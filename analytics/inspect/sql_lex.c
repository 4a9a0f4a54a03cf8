/* SPDX-License-Identifier: Apache-2.0 */
/* SQL fragments cut into tokens, as MySQL, PostgreSQL, SQL Server, Oracle and SQLite would, whichever gives most. */
#include "analytics/inspect/sql.h"
#include "base/ascii.h"

static const char *const keywords[] = {
#define X(name) #name,
    SQL_KEYWORDS(X)
#undef X
};

static bool is_word(uint8_t c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '$' || c >= 0x80;
}
static bool is_space(uint8_t c) { return c <= ' ' || c == 0x7f; }

/* Keywords are stored in capitals; the text is in lower case. */
static int compare(const char *kw, struct span s) {
  size_t i = 0;
  for (; i < s.len && kw[i]; i++) {
    int d = (kw[i] | 0x20) - s.base[i];
    if (d) return d;
  }
  return kw[i] ? 1 : i < s.len ? -1 : 0;
}

static int find_keyword(struct span s) {
  int lo = 0, hi = KW_COUNT - 1;
  while (lo <= hi) {
    int mid = (lo + hi) / 2, d = compare(keywords[mid], s);
    if (d == 0) return mid;
    if (d > 0)
      hi = mid - 1;
    else
      lo = mid + 1;
  }
  return -1;
}

static void put(struct sql *q, enum sql_type t, size_t pos, size_t len, int kw) {
  if (q->n >= SQL_TOKENS) return;
  q->tok[q->n++] = (struct sql_token){(uint8_t)t, (uint8_t)kw, (uint16_t)pos, (uint16_t)len};
}

/* The end of a quoted text that begins at i; *closed tells whether it has one. */
static size_t quoted(struct span s, size_t i, bool *closed) {
  uint8_t quote = s.base[i];
  for (size_t k = i + 1; k < s.len; k++) {
    if (s.base[k] == '\\' && quote != '`') {
      k++;
      continue;
    }
    if (s.base[k] != quote) continue;
    if (k + 1 < s.len && s.base[k + 1] == quote) {
      k++;
      continue;
    }
    *closed = true;
    return k + 1;
  }
  *closed = false;
  return s.len;
}

static size_t number(struct sql *q, struct span s, size_t i) {
  size_t k = i;
  if (s.base[i] == '0' && i + 2 < s.len && (s.base[i + 1] == 'x' || s.base[i + 1] == 'b')) {
    for (k = i + 2; k < s.len && ((ascii_is_digit(s.base[k])) || (s.base[k] >= 'a' && s.base[k] <= 'f'));
         k++) {}
  } else {
    while (k < s.len && (ascii_is_digit(s.base[k]) || s.base[k] == '.')) k++;
    if (k + 1 < s.len && s.base[k] == 'e' && ascii_is_digit(s.base[k + 1]))
      for (k++; k < s.len && ascii_is_digit(s.base[k]);) k++;
  }
  size_t w = k;
  while (w < s.len && is_word(s.base[w])) w++;
  if (w > k && find_keyword(span_of(s.base + k, w - k)) < 0) {
    put(q, SQL_WORD, i, w - i, 0);
    return w;
  }
  put(q, SQL_NUMBER, i, k - i, 0);
  return k;
}

static size_t word(struct sql *q, struct span s, size_t i) {
  size_t k = i;
  while (k < s.len && (is_word(s.base[k]) || (s.base[k] == '.' && k + 1 < s.len && is_word(s.base[k + 1])) ||
                       (s.base[k] == '.' && k + 2 < s.len && s.base[k + 1] == '.' && is_word(s.base[k + 2]))))
    k++;
  size_t dot = span_index(span_of(s.base + i, k - i), '.');
  if (i + dot + 1 < k && ascii_is_digit(s.base[i + dot + 1]) && find_keyword(span_of(s.base + i, dot)) >= 0)
    k = i + dot; /* select.1 */
  int kw = find_keyword(span_of(s.base + i, k - i));
  if (kw < 0 && (s.base[i] == 'n' || s.base[i] == 'x' || s.base[i] == 'b' || s.base[i] == 'q') &&
      k == i + 1 && k < s.len && s.base[k] == '\'')
    return k; /* prefix of a literal */
  put(q, kw >= 0 ? SQL_KEYWORD : SQL_WORD, i, k - i, kw >= 0 ? kw : 0);
  return k;
}

/* Blanks, comments that end and MySQL's executable ones; what is left of a comment runs to the end. */
static size_t comment(struct sql *q, struct span s, size_t i) {
  if (i + 2 < s.len && s.base[i + 2] == '!') {
    size_t k = i + 3;
    while (k < s.len && ascii_is_digit(s.base[k])) k++;
    q->features |= SQLF_CONDITIONAL;
    return k;
  }
  size_t end = span_find(span_skip(s, i + 2), SPAN_LIT("*/"));
  if (i + 2 + end >= s.len) {
    put(q, SQL_COMMENT, i, s.len - i, 0);
    return s.len;
  }
  return i + 2 + end + 2;
}

static size_t variable(struct sql *q, struct span s, size_t i) {
  size_t k = i;
  while (k < s.len && s.base[k] == '@') k++;
  if (k < s.len && (s.base[k] == '`' || s.base[k] == '\'' || s.base[k] == '"')) {
    bool closed;
    k = quoted(s, k, &closed);
  } else {
    while (k < s.len && (is_word(s.base[k]) || s.base[k] == '.')) k++;
  }
  put(q, SQL_VAR, i, k - i, 0);
  return k;
}

static size_t name_quoted(struct sql *q, struct span s, size_t i) {
  size_t close = span_index(span_skip(s, i), s.base[i] == '[' ? ']' : '`');
  size_t from = i;
  if (s.base[i] == '`') close = 1 + span_index(span_skip(s, i + 1), '`');
  i += close + 1;
  if (i > s.len) i = s.len;
  put(q, i - from > 1 ? SQL_WORD : SQL_BAD, from, i - from, 0);
  return i;
}

static size_t sign(struct sql *q, struct span s, size_t i) {
  uint8_t c = s.base[i], d = i + 1 < s.len ? s.base[i + 1] : 0;
  switch (c) {
  case '(': put(q, SQL_LEFT, i, 1, 0); return i + 1;
  case ')': put(q, SQL_RIGHT, i, 1, 0); return i + 1;
  case ',': put(q, SQL_COMMA, i, 1, 0); return i + 1;
  case ';': put(q, SQL_SEMI, i, 1, 0); return i + 1;
  case '{':
  case '}': put(q, SQL_BRACE, i, 1, 0); return i + 1;
  case '|': put(q, d == '|' ? SQL_CONCAT : SQL_ARITH, i, d == '|' ? 2 : 1, 0); return i + (d == '|' ? 2 : 1);
  case '&': put(q, d == '&' ? SQL_LOGIC : SQL_ARITH, i, d == '&' ? 2 : 1, 0); return i + (d == '&' ? 2 : 1);
  case ':':
    put(q, d == ':' ? SQL_CAST : d == '=' ? SQL_CMP : SQL_BAD, i, d == ':' || d == '=' ? 2 : 1, 0);
    return i + (d == ':' || d == '=' ? 2 : 1);
  case '=':
  case '<':
  case '>':
  case '!': {
    size_t k = i + 1;
    while (k < s.len && k < i + 3 && (s.base[k] == '=' || s.base[k] == '>' || (c == '<' && s.base[k] == '<')))
      k++;
    put(q, c == '!' && k == i + 1 ? SQL_ARITH : SQL_CMP, i, k - i, 0);
    return k;
  }
  case '+':
  case '-':
  case '*':
  case '/':
  case '%':
  case '^':
  case '~': put(q, SQL_ARITH, i, 1, 0); return i + 1;
  default: put(q, SQL_BAD, i, 1, 0); return i + 1;
  }
}

/* A '+' beside AND, UNION and the like stands for a blank: it was encoded once too often. */
static bool blank_plus(const struct sql *q, struct span s, size_t i) {
  static const uint8_t alone[] = {KW_AND,   KW_OR,    KW_XOR,   KW_UNION, KW_SELECT, KW_ALL,    KW_FROM,
                                  KW_WHERE, KW_ORDER, KW_GROUP, KW_BY,    KW_LIMIT,  KW_HAVING, KW_LIKE};
  const struct sql_token *last = q->n ? &q->tok[q->n - 1] : NULL;
  bool before = last && last->type == SQL_KEYWORD && last->pos + last->len == i;
  size_t k = i + 1;
  while (k < s.len && is_word(s.base[k])) k++;
  int next = k > i + 1 ? find_keyword(span_of(s.base + i + 1, k - i - 1)) : -1;
  for (size_t n = 0; n < sizeof alone; n++)
    if ((before && last->kw == alone[n]) || next == alone[n]) return true;
  return false;
}

void sql_lex(struct sql *q, struct span s) {
  q->text = s = span_head(s, 0xfff0);
  q->n = q->i = q->depth = q->work = 0, q->features = 0;
  for (size_t i = 0; i < s.len && q->n < SQL_TOKENS;) {
    uint8_t c = s.base[i], d = i + 1 < s.len ? s.base[i + 1] : 0;
    if (is_space(c) || (c == '+' && blank_plus(q, s, i))) {
      i++;
    } else if (c == '\'' || c == '"') {
      bool closed;
      size_t k = quoted(s, i, &closed);
      put(q, closed ? SQL_STRING : SQL_OPEN, i, k - i, 0);
      i = k;
    } else if (c == '/' && d == '*') {
      i = comment(q, s, i);
    } else if (c == '*' && d == '/') {
      i += 2; /* end of an executable comment */
    } else if (c == '#' || (c == '-' && d == '-')) {
      size_t k = i; /* to the end of the line */
      while (k < s.len && s.base[k] != '\n') k++;
      if (k + 1 < s.len && q->n) {
        i = k;
        continue;
      }
      put(q, SQL_COMMENT, i, s.len - i, 0);
      i = s.len;
    } else if (ascii_is_digit(c) || (c == '.' && ascii_is_digit(d))) {
      i = number(q, s, i);
    } else if (is_word(c)) {
      i = word(q, s, i);
    } else if (c == '@') {
      i = variable(q, s, i);
    } else if (c == '`' || (c == '[' && d != '\'' && d != '"')) {
      i = name_quoted(q, s, i);
    } else if (c == '\\' && (d == '\'' || d == '"' || d == 'n')) {
      i += d == 'n' ? 2 : 1;
      if (d == 'n') put(q, SQL_KEYWORD, i - 2, 2, KW_NULL);
    } else {
      i = sign(q, s, i);
    }
  }
  for (unsigned k = 0; k < SQL_AHEAD; k++)
    q->tok[q->n + k] = (struct sql_token){SQL_END, 0, (uint16_t)s.len, 0};
}
