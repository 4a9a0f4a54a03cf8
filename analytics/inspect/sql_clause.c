/* SPDX-License-Identifier: Apache-2.0 */
/* Clauses and statements of SQL. */
#include "analytics/inspect/sql.h"

static bool accept(struct sql *q, enum sql_keyword k) {
  if (!sql_kw(q, k)) return false;
  q->i++;
  return true;
}

static bool name(struct sql *q) {
  if (!sql_is(q, SQL_WORD) && !sql_is(q, SQL_STRING) && !sql_is(q, SQL_VAR)) return false;
  q->i++;
  return true;
}

/* expr [[AS] name], expr… ; '*' counts. The number of items. */
static unsigned list(struct sql *q, bool alias) {
  unsigned n = 0;
  for (;;) {
    const struct sql_token *t = sql_peek(q);
    if (t->type == SQL_ARITH && q->text.base[t->pos] == '*') {
      q->i++;
      q->features |= SQLF_STAR;
    } else if (!sql_expr(q)) {
      return n;
    }
    n++;
    if (accept(q, KW_ASC) || accept(q, KW_DESC)) continue;
    if (accept(q, KW_AS)) {
      if (sql_is(q, SQL_WORD) || sql_is(q, SQL_KEYWORD) || sql_is(q, SQL_STRING)) q->i++;
    } else if (alias && sql_is(q, SQL_WORD) && q->tok[q->i + 1].type != SQL_WORD) {
      q->i++;
    }
    if (!sql_is(q, SQL_COMMA)) return n;
    q->i++;
  }
}

/* What follows SELECT. True when it can be nothing else than SQL. */
static bool select_rest(struct sql *q) {
  uint32_t before = q->features;
  q->features = 0;
  while (accept(q, KW_ALL) || accept(q, KW_DISTINCT) || accept(q, KW_DISTINCTROW)) {}
  if (accept(q, KW_TOP) && sql_is(q, SQL_NUMBER)) q->i++;
  unsigned items = list(q, true);
  uint32_t shape = q->features & (SQLF_LITERAL | SQLF_FUNC | SQLF_WEAKFUNC | SQLF_STAR | SQLF_CASE |
                                  SQLF_SUBQUERY | SQLF_VAR | SQLF_SCHEMA | SQLF_CONCAT);
  bool from = sql_kw(q, KW_FROM) || sql_kw(q, KW_INTO), where = false;
  if (items && from) {
    q->i++;
    list(q, true);
    while (accept(q, KW_LEFT) || accept(q, KW_RIGHT) || accept(q, KW_INNER) || accept(q, KW_OUTER) ||
           accept(q, KW_NATURAL) || accept(q, KW_JOIN) || accept(q, KW_ON) || accept(q, KW_USING))
      list(q, true);
    where = sql_kw(q, KW_WHERE) && q->tok[q->i + 1].type != SQL_END &&
            (q->tok[q->i + 2].type == SQL_CMP || q->tok[q->i + 2].type == SQL_KEYWORD ||
             q->tok[q->i + 1].type != SQL_WORD);
  }
  if (items && !from && sql_kw(q, KW_WHERE)) { /* select x where 1=1: of tools that try no table */
    uint8_t left = q->tok[q->i + 1].type;
    where = (left == SQL_NUMBER || left == SQL_STRING) && q->tok[q->i + 2].type == SQL_CMP;
    if (where) q->i++, sql_expr(q);
  }
  bool ended = sql_is(q, SQL_END) || sql_is(q, SQL_RIGHT) || sql_is(q, SQL_COMMENT) || sql_is(q, SQL_SEMI);
  bool schema = (q->features & SQLF_SCHEMA) != 0;
  q->features |= before;
  if (!items) return false;
  return where || schema || (shape && (from || ended || sql_kw(q, KW_WHERE) || sql_kw(q, KW_UNION))) ||
         (from && ended && items > 1) || (from && q->depth && ended);
}

static bool union_rest(struct sql *q) {
  while (accept(q, KW_ALL) || accept(q, KW_DISTINCT) || accept(q, KW_DISTINCTROW)) {}
  while (sql_is(q, SQL_LEFT)) q->i++;
  if (!accept(q, KW_SELECT) && !accept(q, KW_VALUES)) return false;
  unsigned at = q->i;
  select_rest(q);
  bool any = q->i > at || sql_is(q, SQL_END);
  if (any) q->features |= SQLF_UNION;
  return any;
}

static bool one(struct sql *q) {
  if (q->depth >= SQL_DEPTH) return false;
  switch (sql_is(q, SQL_KEYWORD) ? sql_peek(q)->kw : KW_COUNT) {
  case KW_UNION:
  case KW_INTERSECT:
  case KW_EXCEPT:
  case KW_MINUS: q->i++; return union_rest(q);
  case KW_SELECT: {
    q->i++, q->depth++;
    bool ok = select_rest(q);
    q->depth--;
    return ok;
  }
  case KW_WHERE:
  case KW_HAVING: q->i++; return sql_expr(q);
  case KW_ORDER:
  case KW_GROUP: q->i++; return accept(q, KW_BY) && list(q, false) > 0;
  case KW_LIMIT:
  case KW_OFFSET: q->i++; return list(q, false) > 0;
  case KW_PROCEDURE: q->i++; return sql_expr(q) && (q->features |= SQLF_FUNC);
  case KW_INTO:
    q->i++;
    if (!accept(q, KW_OUTFILE) && !accept(q, KW_DUMPFILE)) return false;
    q->features |= SQLF_FUNC;
    return sql_expr(q);
  case KW_AS:
    q->i++;
    return name(q) &&
           (sql_kw(q, KW_WHERE) || sql_is(q, SQL_SEMI) || sql_is(q, SQL_COMMENT) || sql_is(q, SQL_RIGHT));
  case KW_IN: /* IN BOOLEAN MODE, behind AGAINST */
    q->i += 3;
    if (q->i > q->n) return q->i = q->n, false;
    return sql_is(q, SQL_RIGHT);
  case KW_WAITFOR:
    q->i++;
    if (!accept(q, KW_DELAY) && !accept(q, KW_TIME)) return false;
    q->features |= SQLF_FUNC;
    return sql_expr(q);
  case KW_FROM: q->i++; return list(q, true) > 0;
  default: return false;
  }
}

bool sql_clauses(struct sql *q) {
  bool any = false;
  for (unsigned n = 0; n < 16; n++) {
    unsigned from = q->i;
    if (!one(q)) {
      q->i = from;
      break;
    }
    any = true;
    q->features |= SQLF_CLAUSE;
    while (sql_is(q, SQL_RIGHT) && q->depth == 0) q->i++;
    if (q->depth == 0) sql_operators(q, false);
  }
  return any;
}

static bool insert(struct sql *q) {
  while (sql_is(q, SQL_KEYWORD) && !sql_kw(q, KW_INTO)) q->i++;
  if (!accept(q, KW_INTO) || !name(q)) return false;
  return sql_is(q, SQL_LEFT) || sql_kw(q, KW_VALUES) || sql_kw(q, KW_SELECT) || sql_kw(q, KW_SET);
}

static bool replace(struct sql *q) { /* REPLACE t (a, b) VALUES (…) */
  unsigned from = q->i;
  if (insert(q)) return true;
  q->i = from;
  if (!name(q)) return false;
  if (sql_is(q, SQL_ARITH) && !name((q->i++, q))) return false;
  if (!sql_is(q, SQL_LEFT)) return false;
  for (unsigned n = 0; n < 32 && !sql_is(q, SQL_RIGHT) && !sql_is(q, SQL_END); n++) q->i++;
  return q->tok[q->i].type == SQL_RIGHT && q->tok[q->i + 1].type == SQL_KEYWORD &&
         q->tok[q->i + 1].kw == KW_VALUES;
}

static bool grant(struct sql *q) {
  if (sql_is(q, SQL_KEYWORD)) return true;
  return name(q) &&
         (sql_kw(q, KW_ON) || (sql_is(q, SQL_WORD) && span_eq(sql_text(q, q->i), SPAN_LIT("to")))) &&
         (q->tok[q->i + 2].type == SQL_SEMI || q->tok[q->i + 2].type == SQL_COMMENT);
}

static bool drop(struct sql *q) {
  if (!accept(q, KW_TABLE) && !accept(q, KW_DATABASE) && !accept(q, KW_VIEW) && !accept(q, KW_USER) &&
      !accept(q, KW_PROCEDURE) && !accept(q, KW_FUNCTION) && !accept(q, KW_INDEX) && !accept(q, KW_TRIGGER) &&
      !sql_is(q, SQL_WORD))
    return false;
  if (accept(q, KW_IF)) accept(q, KW_EXISTS);
  return name(q) && (sql_over(q) || sql_is(q, SQL_COMMA) || sql_is(q, SQL_LEFT) || sql_is(q, SQL_ARITH));
}

static bool create(struct sql *q) {
  if (accept(q, KW_OR)) accept(q, KW_REPLACE);
  enum sql_keyword what = (enum sql_keyword)sql_peek(q)->kw;
  if (!sql_is(q, SQL_KEYWORD) ||
      (what != KW_TABLE && what != KW_VIEW && what != KW_FUNCTION && what != KW_PROCEDURE &&
       what != KW_TRIGGER && what != KW_USER && what != KW_DATABASE && what != KW_INDEX))
    return false;
  q->i++;
  if (accept(q, KW_IF)) accept(q, KW_NOT), accept(q, KW_EXISTS);
  return name(q) && (sql_is(q, SQL_LEFT) || sql_is(q, SQL_KEYWORD) || what == KW_USER);
}

static bool execute(struct sql *q) {
  struct span t = sql_text(q, q->i);
  if (sql_is(q, SQL_LEFT) || sql_is(q, SQL_STRING) || sql_is(q, SQL_VAR)) return true;
  return sql_is(q, SQL_WORD) &&
         (span_starts(t, SPAN_LIT("xp_")) || span_starts(t, SPAN_LIT("sp_")) || memchr(t.base, '.', t.len) ||
          q->tok[q->i + 1].type == SQL_STRING || q->tok[q->i + 1].type == SQL_VAR);
}

static bool update(struct sql *q) {
  if (!name(q) || !accept(q, KW_SET)) return false;
  return sql_expr(q) && (q->features & SQLF_CMP);
}

bool sql_statement(struct sql *q) {
  if (!sql_is(q, SQL_KEYWORD)) {
    struct span w = sql_text(q, q->i);
    if (!sql_is(q, SQL_WORD)) return false;
    if (span_eq(w, SPAN_LIT("pragma")) || span_eq(w, SPAN_LIT("vacuum")))
      return q->tok[q->i + 1].type == SQL_WORD;
    q->i++;
    return q->tok[q->i - 1].type == SQL_WORD &&
           (span_starts(w, SPAN_LIT("xp_")) || span_starts(w, SPAN_LIT("dbms_")) ||
            (span_eq(w, SPAN_LIT("iif")) && sql_is(q, SQL_LEFT)) ||
            (span_eq(w, SPAN_LIT("backup")) && sql_kw(q, KW_DATABASE)));
  }
  uint8_t kw = sql_peek(q)->kw;
  unsigned from = q->i++;
  bool ok = false;
  switch (kw) {
  case KW_SELECT:
    q->depth++;
    ok = select_rest(q);
    q->depth--;
    break;
  case KW_REPLACE: ok = replace(q); break;
  case KW_INSERT:
  case KW_MERGE: ok = insert(q); break;
  case KW_UPDATE: ok = update(q); break;
  case KW_DELETE:
    ok = accept(q, KW_FROM) && name(q) && (sql_over(q) || (accept(q, KW_WHERE) && sql_expr(q)));
    break;
  case KW_ALTER: ok = accept(q, KW_TABLE) && name(q) && !sql_is(q, SQL_END); break;
  case KW_DROP:
  case KW_TRUNCATE:
  case KW_RENAME: ok = drop(q); break;
  case KW_CREATE: ok = create(q); break;
  case KW_EXEC:
  case KW_EXECUTE: ok = execute(q); break;
  case KW_CALL: ok = name(q) && sql_is(q, SQL_LEFT); break;
  case KW_DECLARE:
    ok = sql_is(q, SQL_VAR) || (name(q) && (sql_is(q, SQL_WORD) || sql_is(q, SQL_KEYWORD)));
    break;
  case KW_WAITFOR: ok = accept(q, KW_DELAY) || accept(q, KW_TIME); break;
  case KW_SHUTDOWN: ok = sql_over(q) || sql_kw(q, KW_WITH); break;
  case KW_BEGIN:
    ok = sql_over(q) || (sql_is(q, SQL_WORD) && memchr(sql_text(q, q->i).base, '.', sql_text(q, q->i).len)) ||
         sql_kw(q, KW_DECLARE);
    break;
  case KW_IF:
    ok =
        sql_is(q, SQL_LEFT) && sql_expr(q) && (q->features & (SQLF_CMP | SQLF_FUNC)) && !sql_is(q, SQL_BRACE);
    break;
  case KW_SET: ok = sql_is(q, SQL_VAR); break;
  case KW_PRINT: ok = sql_is(q, SQL_VAR) || sql_is(q, SQL_STRING); break;
  case KW_GRANT:
  case KW_REVOKE: ok = grant(q); break;
  case KW_HANDLER: ok = name(q); break;
  case KW_LOAD:
  case KW_ATTACH: ok = sql_is(q, SQL_WORD) || sql_is(q, SQL_KEYWORD); break;
  case KW_DO: ok = q->tok[q->i + 1].type == SQL_LEFT || sql_is(q, SQL_STRING); break;
  case KW_COPY: ok = name(q) || sql_is(q, SQL_LEFT); break;
  case KW_USE:
  case KW_KILL:
  case KW_SHOW: ok = false; break;
  default: ok = false;
  }
  if (ok)
    q->features |= SQLF_STATEMENT;
  else
    q->i = from;
  return ok;
}
