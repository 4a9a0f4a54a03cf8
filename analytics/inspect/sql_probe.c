/* SPDX-License-Identifier: Apache-2.0 */
/* Fragments of SQL that probes send: no whole expression, but nothing that a caller would write either. */
#include "analytics/inspect/sql.h"

enum { PROBE_TEXT = 160, PROBE = 60 };

static bool kw(const struct sql *q, unsigned i, enum sql_keyword k) {
  return i < q->n && q->tok[i].type == SQL_KEYWORD && q->tok[i].kw == k;
}
static bool ends(const struct sql *q, unsigned i) {
  return i >= q->n || q->tok[i].type == SQL_COMMENT || q->tok[i].type == SQL_SEMI;
}
static bool logic(const struct sql *q, unsigned i) {
  return q->tok[i].type == SQL_LOGIC || q->tok[i].type == SQL_CONCAT || kw(q, i, KW_AND) || kw(q, i, KW_OR) ||
         kw(q, i, KW_XOR);
}
static bool operand(const struct sql *q, unsigned i) {
  uint8_t t = q->tok[i].type;
  return t == SQL_NUMBER || t == SQL_STRING || t == SQL_WORD || t == SQL_VAR || t == SQL_OPEN ||
         kw(q, i, KW_NULL) || kw(q, i, KW_TRUE) || kw(q, i, KW_FALSE);
}
/* A comparison that markup and arrows of prose do not look like. */
static bool compares(const struct sql *q, unsigned i) {
  if (q->tok[i].type != SQL_CMP) return false;
  struct span s = sql_text(q, i);
  if (s.len > 1 || s.base[0] == '=') return true;
  return q->tok[i + 1].type == SQL_NUMBER || ends(q, i + 1);
}
static bool verb(const struct sql *q, unsigned i) {
  static const uint8_t verbs[] = {KW_ALTER,  KW_CREATE, KW_DELETE,  KW_DROP,     KW_EXEC,     KW_EXECUTE,
                                  KW_GRANT,  KW_INSERT, KW_REPLACE, KW_SHUTDOWN, KW_TRUNCATE, KW_UNION,
                                  KW_UPDATE, KW_SELECT, KW_DECLARE, KW_REVOKE};
  for (size_t k = 0; k < sizeof verbs; k++)
    if (kw(q, i, (enum sql_keyword)verbs[k])) return true;
  return false;
}
static bool object(const struct sql *q, unsigned i) {
  return kw(q, i, KW_TABLE) || kw(q, i, KW_INTO) || kw(q, i, KW_FROM) || kw(q, i, KW_DATABASE) ||
         kw(q, i, KW_USER) || kw(q, i, KW_VIEW) || kw(q, i, KW_PROCEDURE) || kw(q, i, KW_FUNCTION);
}

/* The parameter itself would be the left operand: AND uid!=(, ||(c=!1), / 3 or, XOR 5. */
static uint8_t leads_with_operator(const struct sql *q) {
  unsigned i = 1;
  if (logic(q, 0)) {
    while (q->tok[i].type == SQL_LEFT || kw(q, i, KW_NOT)) i++;
    if (operand(q, i) && compares(q, i + 1)) return PROBE;
    bool number = q->tok[1].type == SQL_NUMBER && q->n <= 3;
    if (number && !kw(q, 0, KW_AND) && (ends(q, 2) || q->tok[2].type == SQL_ARITH)) return PROBE;
    return 0;
  }
  if (kw(q, 0, KW_DIV) && q->tok[1].type == SQL_WORD && q->tok[2].type == SQL_CMP && q->n == 4 &&
      q->tok[3].type == SQL_OPEN)
    return PROBE;
  if (q->tok[0].type != SQL_ARITH || !operand(q, 1) || !logic(q, 2)) return 0;
  return ends(q, 3) || (q->tok[3].type == SQL_LEFT && ends(q, 4)) ? PROBE : 0;
}

/* ; drop, ; insert into, -- alter, (select, set @x */
static uint8_t leads_with_verb(const struct sql *q) {
  unsigned i = 0;
  if (q->tok[0].type == SQL_SEMI && verb(q, 1))
    return ends(q, 2) || object(q, 2) || q->tok[2].type == SQL_WORD ? PROBE : 0;
  if (q->tok[0].type == SQL_COMMENT && q->n == 1) {
    static const char *const words[] = {"alter", "drop ", "union", "insert ", "delete ", "sp_password"};
    struct span c = span_trim(span_skip(sql_text(q, 0), 2));
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
      if (span_starts(c, span_str(words[k]))) return PROBE;
    return 0;
  }
  while (q->tok[i].type == SQL_CMP || q->tok[i].type == SQL_VAR) i++;
  if (i < 3 && q->tok[i].type == SQL_LEFT && kw(q, i + 1, KW_SELECT) && ends(q, i + 2)) return PROBE;
  return i < 2 && kw(q, i, KW_SET) && q->tok[i + 1].type == SQL_VAR && q->tok[i + 1].len > 2 ? PROBE : 0;
}

static bool prose(const struct sql *q, unsigned from) {
  unsigned run = 0;
  for (unsigned i = from; i < q->n; i++) {
    run = q->tok[i].type == SQL_WORD ? run + 1 : 0;
    if (run > 1) return true;
  }
  return q->n > from + 8;
}

/* Behind a quote at the very start that nothing closes. */
static uint8_t after_quote(const struct sql *q, bool closed) {
  if (!q->n) return 0;
  const struct sql_token *t = &q->tok[0];
  if (t->type == SQL_SEMI)
    return ends(q, 1) || verb(q, 1) || kw(q, 1, KW_PRINT) || kw(q, 1, KW_IF) ? PROBE : 0;
  if (logic(q, 0) && operand(q, 1) && !prose(q, 1) && !closed) return PROBE;
  if (logic(q, 0) && q->tok[1].type == SQL_LEFT && q->tok[q->n - 1].type == SQL_COMMENT) return PROBE;
  struct span s = sql_text(q, 0);
  if (t->type == SQL_CMP && s.len == 1 && s.base[0] == '=') return PROBE;
  if (t->type == SQL_ARITH && s.base[0] == '*' &&
      (q->tok[1].type == SQL_KEYWORD || q->tok[1].type == SQL_NUMBER))
    return PROBE;
  if (closed) return 0;
  if ((kw(q, 0, KW_ALTER) || kw(q, 0, KW_UNION) || kw(q, 0, KW_GLOB) || kw(q, 0, KW_SOUNDS)) && q->n < 6)
    return PROBE;
  return verb(q, 0) && object(q, 1) ? PROBE : 0;
}

/* A quote, an operator, and at the very end a comment sign with nothing behind it. */
static uint8_t cut_off(const struct sql *q) {
  const struct sql_token *last = q->n ? &q->tok[q->n - 1] : NULL;
  if (!last || last->type != SQL_COMMENT || q->n < 3) return 0;
  struct span c = sql_text(q, q->n - 1);
  while (c.len && (c.base[0] == '-' || c.base[0] <= ' ' || c.base[0] == '#')) c = span_skip(c, 1);
  if (c.len) return 0;
  return logic(q, 0) || kw(q, 0, KW_IS) || kw(q, 0, KW_NOT) || kw(q, 0, KW_SOUNDS) || kw(q, 0, KW_LIKE) ||
                 kw(q, 0, KW_IN) || kw(q, 0, KW_BETWEEN) || kw(q, 0, KW_RLIKE) || kw(q, 0, KW_REGEXP) ||
                 kw(q, 0, KW_GLOB) || kw(q, 0, KW_HAVING) || kw(q, 0, KW_PROCEDURE)
             ? 70
             : 0;
}

/* UNION with a row of numbers, or behind a number and cut off; 1 or 1; a=a. */
static uint8_t rows(const struct sql *q) {
  unsigned pairs = 0;
  bool united = false;
  for (unsigned i = 0; i < q->n; i++) {
    united |= kw(q, i, KW_UNION);
    pairs += q->tok[i].type == SQL_NUMBER && q->tok[i + 1].type == SQL_COMMA;
    bool number = i && i < 8 && q->tok[i - 1].type == SQL_NUMBER;
    if (kw(q, i, KW_UNION) && number && (ends(q, i + 1) || compares(q, i + 2))) return PROBE;
    if ((kw(q, i, KW_OR) || kw(q, i, KW_AND)) && i && i + 2 < q->n + 1) {
      struct span a = sql_text(q, i - 1), b = sql_text(q, i + 1), c = sql_text(q, i + 3);
      if (q->tok[i - 1].type == SQL_NUMBER && q->tok[i + 1].type == SQL_NUMBER && span_eq(a, b) &&
          ends(q, i + 2) && i < 3)
        return PROBE;
      if (q->tok[i + 1].type == SQL_WORD && q->tok[i + 2].type == SQL_CMP && q->tok[i + 3].type == SQL_WORD &&
          span_eq(b, c) && ends(q, i + 4))
        return PROBE + 5;
      if (q->tok[i - 1].type == SQL_NUMBER && i == 1 && kw(q, i + 1, KW_TRUE) && ends(q, i + 2)) return 75;
    }
  }
  return united && pairs >= 3 && q->n && q->tok[0].type != SQL_WORD ? 75 : 0;
}

/* (expression) and a comment sign: what an application appends is to be lost. */
static uint8_t bracketed(const struct sql *q) {
  if (q->n < 4 || q->tok[0].type != SQL_LEFT || q->tok[q->n - 1].type != SQL_COMMENT ||
      q->tok[q->n - 2].type != SQL_RIGHT || q->tok[q->n - 1].len > 3)
    return 0;
  for (unsigned i = 1; i < q->n; i++)
    if (q->tok[i].type == SQL_NUMBER || q->tok[i].type == SQL_STRING || q->tok[i].type == SQL_VAR) return 65;
  return 0;
}

/* ' DIV ', a' ^ 'b: two ends of strings with an operator between them, and nothing else. */
static uint8_t between_strings(struct span low) {
  static const char *const ops[] = {
      "&&",       "||",        "&",          "|",           "^",   "*",     "/",    "%",     "+",
      ">=",       "<=",        "<<",         ">>",          "<>",  "!=",    "=",    "<",     ">",
      "<=>",      "div",       "mod",        "xor",         "and", "or",    "like", "rlike", "regexp",
      "not like", "not rlike", "not regexp", "sounds like", "is",  "is not"};
  size_t open = 0;
  while (open < low.len && low.base[open] != '\'' && low.base[open] != '"') open++;
  struct span rest = span_skip(low, open + 1);
  size_t close = open < low.len ? span_index(rest, low.base[open]) : rest.len;
  if (open > 12 || close >= rest.len || close > 14 || rest.len - close > 13) return 0;
  struct span inside = span_trim(span_head(rest, close)), before = span_trim(span_head(low, open)),
              behind = span_trim(span_skip(rest, close + 1));
  if (span_index(before, ' ') < before.len || span_index(behind, ' ') < behind.len) return 0;
  if (before.len && behind.len && low.base[open] == '"') return 0; /* the "&" sign */
  bool word = inside.len && inside.base[0] >= 'a' && inside.base[0] <= 'z';
  if (word && close == inside.len && (!before.len || !behind.len))
    return 0; /* 'and' as it is quoted in prose */
  for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
    if (span_eq(inside, span_str(ops[i])))
      return before.len && behind.len ? 60 : close != inside.len ? 60 : 0;
  return 0;
}

uint8_t sql_probe(struct sql *q, struct span low) {
  if (low.len < 2 || low.len > PROBE_TEXT || !q->n) return 0;
  uint8_t score = leads_with_operator(q);
  if (!score) score = leads_with_verb(q);
  if (!score) score = rows(q);
  if (!score) score = bracketed(q);
  if (!score) score = between_strings(low);
  if (score) return score;
  size_t at = 0;
  while (at < low.len && low.base[at] != '\'' && low.base[at] != '"') at++;
  if (at >= low.len) return 0;
  struct span rest = span_skip(low, at + 1);
  bool closed = span_index(rest, low.base[at]) < rest.len, first = span_trim(span_head(low, at)).len == 0;
  while (rest.len && rest.base[0] == ')') rest = span_skip(rest, 1);
  sql_lex(q, rest);
  if (first) score = after_quote(q, closed);
  return score ? score : cut_off(q);
}
