/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions of SQL, read with tolerance for what an application would put behind them. */
#include "analytics/inspect/sql.h"

static bool over(const struct sql *q) { return sql_is(q, SQL_END); }

/* Arguments behind '(' up to the matching ')'; the end of the text closes all. */
static bool arguments(struct sql *q) {
  unsigned level = 1;
  while (!over(q) && level) {
    if (sql_is(q, SQL_LEFT)) {
      level++, q->i++;
      continue;
    }
    if (sql_is(q, SQL_RIGHT)) {
      level--, q->i++;
      continue;
    }
    if (sql_is(q, SQL_COMMENT) || sql_is(q, SQL_COMMA)) {
      if (sql_is(q, SQL_COMMENT)) return true;
      q->i++;
      continue;
    }
    if (sql_kw(q, KW_SELECT) && sql_clauses(q)) continue;
    if (sql_kw(q, KW_DISTINCT) || sql_kw(q, KW_AS) || sql_kw(q, KW_FROM) || sql_kw(q, KW_USING) ||
        sql_kw(q, KW_FOR) || sql_kw(q, KW_ALL)) {
      q->i++;
      continue;
    }
    if (!sql_expr(q) && !over(q)) q->i++; /* what it took to find out may have been the rest */
  }
  return true;
}

static bool call(struct sql *q, struct span name) {
  bool tell = sql_name_tells(name), usual = sql_name_is_common(name);
  unsigned before = q->i;
  q->i += 2;
  unsigned args = q->i;
  bool empty = sql_is(q, SQL_RIGHT);
  uint32_t saved = q->features;
  q->depth++;
  if (q->depth < SQL_DEPTH) arguments(q);
  q->depth--;
  if (!tell && !usual) q->features = saved | (q->features & (SQLF_SUBQUERY | SQLF_FUNC | SQLF_SCHEMA));
  if (tell) {
    q->features |= sql_name_is_weak(name) || (empty && args) ? SQLF_WEAKFUNC : SQLF_FUNC;
  } else if (usual) {
    q->features |= SQLF_WEAKFUNC;
  }
  return q->i > before;
}

static bool case_of(struct sql *q) {
  unsigned from = q->i++;
  if (!sql_kw(q, KW_WHEN) && !sql_expr(q)) return q->i = from, false;
  unsigned whens = 0;
  while (sql_kw(q, KW_WHEN) || sql_kw(q, KW_THEN) || sql_kw(q, KW_ELSE)) {
    whens++, q->i++;
    if (!sql_expr(q)) break;
  }
  if (!whens) return q->i = from, false;
  if (sql_kw(q, KW_END)) q->i++;
  q->features |= SQLF_CASE;
  return true;
}

static bool inside(struct sql *q) {
  unsigned from = q->i++;
  uint32_t before = q->features;
  if (sql_kw(q, KW_SELECT)) {
    q->features &= ~(uint32_t)SQLF_CLAUSE;
    bool ok = sql_clauses(q);
    if (ok) q->features |= SQLF_SUBQUERY;
    q->features |= before;
    if (!ok) return q->i = from, false;
  } else if (!sql_expr(q)) {
    return q->i = from, false;
  }
  while (sql_is(q, SQL_COMMA)) {
    q->i++;
    if (!sql_expr(q)) return q->i = from, false;
  }
  sql_clauses(q);
  if (sql_is(q, SQL_RIGHT))
    q->i++;
  else if (!over(q) && !sql_is(q, SQL_COMMENT) && !sql_is(q, SQL_SEMI))
    return q->i = from, false;
  return true;
}

static bool parens(struct sql *q) {
  if (q->depth >= SQL_DEPTH) return false;
  q->depth++;
  bool ok = inside(q);
  q->depth--;
  return ok;
}

static bool keyword_operand(struct sql *q) {
  switch (sql_peek(q)->kw) {
  case KW_NULL:
  case KW_TRUE:
  case KW_FALSE: q->features |= SQLF_LITERAL, q->i++; return true;
  case KW_CASE: return case_of(q);
  case KW_EXISTS:
  case KW_ANY:
  case KW_ALL:
  case KW_SOME:
    if (q->tok[q->i + 1].type != SQL_LEFT) return false;
    q->i++;
    return parens(q);
  case KW_INTERVAL:
  case KW_DISTINCT:
    q->i++;
    if (sql_expr(q)) return true;
    q->i--;
    return false;
  case KW_IF:
  case KW_LEFT:
  case KW_RIGHT:
  case KW_REPLACE:
  case KW_USER:
  case KW_DATABASE:
  case KW_LIKE:
  case KW_PROCEDURE:
  case KW_MOD:
  case KW_INSERT:
    if (q->tok[q->i + 1].type == SQL_LEFT) return call(q, sql_text(q, q->i));
    if (!sql_kw(q, KW_USER) && !sql_kw(q, KW_DATABASE)) return false;
    q->i++;
    return true;
  case KW_TIME:
  case KW_DESC:
  case KW_ASC:
  case KW_END:
  case KW_INDEX:
  case KW_TABLE:
  case KW_FUNCTION:
    if (q->tok[q->i + 1].type == SQL_CMP) return q->i++, true;
    return false;
  default: return false;
  }
}

static void suffixes(struct sql *q) {
  for (unsigned n = 0; n < 4; n++) {
    if (sql_is(q, SQL_CAST)) {
      q->i++;
      if (sql_is(q, SQL_WORD) || sql_is(q, SQL_KEYWORD)) q->i++;
      if (sql_is(q, SQL_LEFT) && q->depth + 1 < SQL_DEPTH) {
        q->i++, q->depth++;
        arguments(q);
        q->depth--;
      }
      q->features |= SQLF_WEAKFUNC;
    } else if (sql_kw(q, KW_COLLATE)) {
      q->i += 2;
      if (q->i > q->n) q->i = q->n;
    } else {
      break;
    }
  }
}

static bool operand(struct sql *q) {
  if (q->work >= SQL_WORK) return false;
  q->work++;
  for (unsigned n = 0; n < 16; n++) { /* signs */
    const struct sql_token *t = sql_peek(q);
    uint8_t c = t->len ? q->text.base[t->pos] : 0;
    if (sql_kw(q, KW_NOT) || sql_kw(q, KW_BINARY) ||
        (t->type == SQL_ARITH && (c == '-' || c == '+' || c == '~' || c == '!')))
      q->i++;
    else
      break;
  }
  const struct sql_token *t = sql_peek(q);
  bool ok = true;
  switch (t->type) {
  case SQL_NUMBER: q->features |= SQLF_LITERAL, q->i++; break;
  case SQL_STRING:
    q->features |= SQLF_LITERAL | SQLF_STRING;
    while (sql_is(q, SQL_STRING)) q->i++;
    if (sql_is(q, SQL_OPEN)) q->i++;
    break;
  case SQL_OPEN: q->features |= SQLF_LITERAL | SQLF_STRING, q->i++; break;
  case SQL_VAR:
    if (t->len > 2 && q->text.base[t->pos + 1] == '@') q->features |= SQLF_SCHEMA;
    q->features |= SQLF_VAR, q->i++;
    break;
  case SQL_WORD:
    if (sql_name_is_system(sql_text(q, q->i))) q->features |= SQLF_SCHEMA;
    if (q->tok[q->i + 1].type == SQL_LEFT)
      ok = call(q, sql_text(q, q->i));
    else
      q->i++;
    break;
  case SQL_BRACE:
    if (q->text.base[t->pos] != '{') return false;
    if (q->depth >= SQL_DEPTH) return false;
    q->i++; /* ODBC escape: {x 1} */
    if (sql_is(q, SQL_WORD) || (sql_is(q, SQL_KEYWORD) && q->tok[q->i + 1].type != SQL_LEFT)) q->i++;
    ok = sql_expr(q);
    if (sql_is(q, SQL_BRACE)) q->i++;
    break;
  case SQL_LEFT: ok = parens(q); break;
  case SQL_KEYWORD: ok = keyword_operand(q); break;
  default: ok = false;
  }
  if (ok) suffixes(q);
  return ok;
}

/* An operator at this place: its features, and whether a right operand must follow. 0 where there is none. */
static uint32_t operator_at(struct sql *q, bool *unary) {
  const struct sql_token *t = sql_peek(q);
  *unary = false;
  switch (t->type) {
  case SQL_ARITH: q->i++; return SQLF_ARITH;
  case SQL_CMP: q->i++; return SQLF_CMP;
  case SQL_LOGIC: q->i++; return SQLF_LOGIC;
  case SQL_CONCAT: q->i++; return SQLF_CONCAT;
  case SQL_KEYWORD: break;
  default: return 0;
  }
  switch (t->kw) {
  case KW_AND:
  case KW_XOR: q->i++; return SQLF_LOGIC;
  case KW_OR: q->i++; return SQLF_LOGIC | SQLF_OR;
  case KW_DIV:
  case KW_MOD: q->i++; return SQLF_ARITH;
  case KW_NOT:
    if (q->tok[q->i + 1].type != SQL_KEYWORD) return 0;
    q->i++;
    return operator_at(q, unary);
  case KW_LIKE:
  case KW_RLIKE:
  case KW_REGEXP:
  case KW_ILIKE:
  case KW_GLOB: q->i++; return SQLF_CMP | SQLF_LIKE;
  case KW_SOUNDS:
    if (q->i + 2 > q->n) return 0;
    q->i += 2;
    return SQLF_CMP;
  case KW_BETWEEN: q->i++; return SQLF_CMP;
  case KW_IN:
    if (q->tok[q->i + 1].type != SQL_LEFT) return 0;
    q->i++;
    return SQLF_CMP;
  case KW_IS:
    q->i++;
    if (sql_kw(q, KW_NOT)) q->i++;
    if (!sql_kw(q, KW_NULL) && !sql_kw(q, KW_TRUE) && !sql_kw(q, KW_FALSE)) return q->i--, 0;
    q->i++, *unary = true;
    return SQLF_CMP;
  default: return 0;
  }
}

bool sql_operators(struct sql *q, bool literal) {
  bool any = false;
  for (unsigned n = 0; n < SQL_TOKENS; n++) {
    unsigned from = q->i;
    bool unary;
    uint32_t f = operator_at(q, &unary);
    if (!f) break;
    if (unary) {
      q->features |= f, any = true;
      continue;
    }
    uint32_t before = q->features;
    q->features = 0;
    if (!operand(q)) {
      q->features = before, q->i = from;
      break;
    }
    bool right = (q->features & SQLF_LITERAL) != 0;
    if ((f & SQLF_CMP) && literal && right) f |= SQLF_SAME;
    q->features |= before | f;
    if (!(f & SQLF_ARITH)) literal = right;
    any = true;
  }
  return any;
}

bool sql_expr(struct sql *q) {
  if (q->depth >= SQL_DEPTH) return false;
  q->depth++;
  uint32_t before = q->features;
  q->features = 0;
  bool ok = operand(q);
  if (ok) sql_operators(q, (q->features & SQLF_LITERAL) != 0);
  q->features |= before;
  q->depth--;
  return ok;
}
