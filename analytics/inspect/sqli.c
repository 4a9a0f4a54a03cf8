/* SPDX-License-Identifier: Apache-2.0 */
/* SQL injection, judged by grammar: the value is read as it is, and as what follows each quote that could end a string. */
#include "analytics/inspect/rules.h"
#include "analytics/inspect/sql.h"

const struct rule rule_sqli = {
    .id = "sqli",
    .name = "SQL injection",
    .name_zh = "SQL 注入",
    .category = CATEGORY_ATTACK,
    .severity = SEVERITY_HIGH,
    EXPLOIT_PUBLIC,
    API8,
    .reason = "A parameter holds text that would change the SQL statement it is put into.",
    .reason_zh = "参数中含有会改变所拼接 SQL 语句结构的内容。",
    .remedy = "Bind parameters instead of joining strings; check what the statement returned and what the "
              "account may read.",
    .remedy_zh = "改用参数绑定而非字符串拼接；核查该语句的返回内容及数据库账号权限。",
};

enum { SQLI_QUOTES = 5 };

static bool simple(struct span s) { /* a name or a number before the quote */
  for (size_t i = 0; i < s.len; i++) {
    uint8_t c = s.base[i];
    if (c == ' ' || c == '+' || c == '\'' || c == '"' || c == '<' || c == '=' || c == '&' || c == '?' ||
        c == '/')
      return false;
  }
  return s.len <= 40;
}

/* Text behind a comment sign that no one would write as prose: nothing, or one short word. */
static bool tail_of_comment(const struct sql *q) {
  struct span c = sql_text(q, q->i);
  size_t skip = c.base[0] == '#' ? 1 : 2;
  c = span_trim(span_skip(c, skip));
  while (c.len && (c.base[0] == '-' || c.base[0] == ' ' || c.base[0] == '+')) c = span_skip(c, 1);
  return c.len <= 12 && span_index(c, ' ') == c.len;
}

static bool real_comment(const struct sql *q) {
  if (!sql_is(q, SQL_COMMENT)) return false;
  return tail_of_comment(q);
}

static bool stacked(struct sql *q) {
  for (unsigned n = 0; n < 8 && q->i < q->n; n++) {
    while (sql_is(q, SQL_SEMI) || sql_is(q, SQL_RIGHT)) q->i++;
    if (sql_statement(q)) return true;
    while (q->i < q->n && !sql_is(q, SQL_SEMI)) q->i++;
  }
  return false;
}

static uint8_t strong(uint32_t f) {
  if (f & SQLF_UNION) return 95;
  if (f & SQLF_FUNC) return 90;
  if (f & SQLF_SUBQUERY) return 90;
  if ((f & SQLF_CASE) && (f & SQLF_LITERAL)) return 85;
  if ((f & SQLF_SCHEMA) && (f & (SQLF_CMP | SQLF_WEAKFUNC | SQLF_CLAUSE))) return 85;
  return 0;
}

/* After a quote that ended the application's string: what is the rest worth? */
static uint8_t judge_break(struct sql *q, struct span prefix, struct span whole) {
  unsigned closed = 0;
  while (sql_is(q, SQL_RIGHT)) q->i++, closed++;
  bool short_name = simple(prefix);
  if (sql_is(q, SQL_COMMENT))
    return short_name && real_comment(q) && (prefix.len || closed || whole.len < 12) ? 70 : 0;
  if (short_name && !sql_kw_at(q, q->i, KW_SELECT) && sql_is(q, SQL_KEYWORD)) {
    unsigned at = q->i;
    if (sql_statement(q)) return 85;
    q->i = at, q->features = 0;
  }
  if (sql_is(q, SQL_SEMI) && q->tok[q->i + 1].type == SQL_END && short_name &&
      memchr(whole.base, '@', whole.len))
    return 65;
  unsigned from = q->i;
  bool comma = false;
  while (sql_is(q, SQL_COMMA)) {
    unsigned at = q->i++;
    if (!sql_expr(q)) {
      q->i = at;
      break;
    }
    comma = true;
  }
  sql_operators(q, true);
  while (sql_is(q, SQL_RIGHT)) {
    q->i++, closed++;
    sql_operators(q, true);
  }
  sql_clauses(q);
  sql_operators(q, true);
  while (sql_is(q, SQL_RIGHT)) q->i++;
  sql_clauses(q);
  uint32_t f = q->features;
  bool moved = q->i > from, clean = sql_over(q), comment = real_comment(q);
  if (sql_is(q, SQL_SEMI)) {
    unsigned at = q->i;
    if (stacked(q)) return 95;
    q->i = at;
    if (q->tok[q->i + 1].type == SQL_COMMENT) comment = true;
    clean = q->tok[q->i + 1].type == SQL_END || q->tok[q->i + 1].type == SQL_COMMENT;
  }
  if (!moved) return 0;
  if (strong(f)) return strong(f);
  if (q->n && q->tok[0].type == SQL_ARITH && !clean) return 0;
  if ((f & SQLF_LOGIC) && (f & SQLF_CMP) && (f & (SQLF_LITERAL | SQLF_WEAKFUNC)) &&
      (clean || (f & SQLF_SAME)))
    return 90;
  if ((f & SQLF_CMP) && (f & SQLF_WEAKFUNC) && clean) return 85;
  if ((f & SQLF_CONCAT) && (f & (SQLF_LITERAL | SQLF_WEAKFUNC)) && clean)
    return short_name || comment ? 75 : 0;
  if ((f & SQLF_CLAUSE) && clean &&
      ((f & SQLF_CMP) || ((f & SQLF_LITERAL) && (comment || !(f & SQLF_STRING)))))
    return 85;
  if (comment && (f & (SQLF_LITERAL | SQLF_VAR)) && (f & (SQLF_LOGIC | SQLF_CMP | SQLF_ARITH)) && short_name)
    return 85;
  if (comment && comma && (f & SQLF_LITERAL)) return 75;
  if (comment && short_name && (f & SQLF_LOGIC)) return 70;
  if (short_name && (f & SQLF_LOGIC) && (f & SQLF_LITERAL) && sql_is(q, SQL_CMP))
    return 65; /* cut off: ' or 5 < */
  if (short_name && comment && (f & (SQLF_ARITH | SQLF_CMP)) && prefix.len) return 65;
  if (short_name && (f & SQLF_OR) && (f & SQLF_LITERAL) && sql_is(q, SQL_SEMI)) return 65;
  if (!clean) return 0;
  if ((f & SQLF_LOGIC) && (f & SQLF_LITERAL) && short_name)
    return (f & SQLF_OR) || !(f & SQLF_STRING) ? 75 : 60;
  if ((f & SQLF_LOGIC) && (f & SQLF_OR) && short_name && prefix.len < 12 && whole.len < 24) return 60;
  if ((f & SQLF_CMP) && (f & SQLF_LITERAL) && short_name && (f & SQLF_STRING) && whole.len < 64) return 65;
  bool sign_only = whole.len == 3 && whole.base[0] == '\'' && whole.base[2] == '\'';
  return (f & (SQLF_ARITH | SQLF_CMP)) && sign_only ? 60 : 0;
}

/* 3 > 2 and 2 > 1; =IF(A1>5,…): figures and formulas of a sheet. */
static bool formula(const struct sql *q) {
  if (q->tok[0].type == SQL_CMP && sql_text(q, 0).base[0] == '=' && q->tok[2].type == SQL_LEFT) return true;
  if (q->tok[0].type != SQL_NUMBER || q->tok[1].type != SQL_CMP) return false;
  for (unsigned i = 0; i < q->n; i++) {
    const struct sql_token *t = &q->tok[i];
    bool order = t->type == SQL_CMP && (sql_text(q, i).base[0] == '<' || sql_text(q, i).base[0] == '>');
    if (t->type != SQL_NUMBER && t->type != SQL_WORD && !order &&
        !(t->type == SQL_KEYWORD && t->kw == KW_AND))
      return false;
  }
  return true;
}

/* The value as it is, behind a number or as a whole statement. */
static uint8_t judge_plain(struct sql *q, struct span key) {
  static const char *const own[] = {"sql",    "statement", "hql",  "jql",       "soql",
                                    "cypher", "kql",       "expr", "expression"};
  for (size_t i = 0; i < sizeof own / sizeof *own; i++)
    if (span_eq_nocase(key, span_str(own[i]))) return 0;
  if (formula(q)) return 0;
  while (sql_is(q, SQL_SEMI)) q->i++;
  if (sql_statement(q)) {
    uint32_t f = q->features;
    bool select = sql_kw_at(q, 0, KW_SELECT), from = false;
    for (unsigned i = 0; i < q->n; i++) from |= sql_kw_at(q, i, KW_FROM);
    if (!select || from || q->n > 4 || (f & (SQLF_WEAKFUNC | SQLF_FUNC | SQLF_VAR)))
      return strong(f) ? strong(f) : 80;
  }
  q->i = 0;
  unsigned first = sql_peek(q)->type;
  bool number = first == SQL_NUMBER || (first == SQL_ARITH && q->tok[1].type == SQL_NUMBER);
  unsigned closed = 0;
  if (sql_is(q, SQL_RIGHT)) {
    while (sql_is(q, SQL_RIGHT)) q->i++, closed++;
    sql_operators(q, true);
  } else if (!sql_expr(q)) {
    if (!sql_operators(q, true) && !sql_clauses(q)) return 0;
    number = true; /* begins with an operator: the parameter itself is the left operand */
  }
  while (sql_is(q, SQL_RIGHT)) q->i++, closed++, sql_operators(q, true);
  while (sql_is(q, SQL_COMMA)) {
    q->i++;
    if (!sql_expr(q)) break;
  }
  sql_clauses(q);
  while (sql_is(q, SQL_RIGHT)) q->i++, closed++;
  sql_operators(q, true);
  sql_clauses(q);
  uint32_t f = q->features;
  bool comment = real_comment(q), clean = sql_over(q);
  if (sql_is(q, SQL_SEMI) && stacked(q)) return 95;
  if (strong(f)) return strong(f);
  if (closed && number && comment) return 80;
  bool logic = f & SQLF_LOGIC, cmp = f & SQLF_CMP;
  if (logic && cmp && (f & SQLF_SAME) && (clean || comment)) return 88;
  if (logic && cmp && number && (f & SQLF_LITERAL) && clean) return 85;
  if (logic && (f & SQLF_WEAKFUNC) && cmp && clean) return 85;
  if (number && (f & SQLF_WEAKFUNC) && (logic || cmp || (f & (SQLF_ARITH | SQLF_CONCAT))) && clean) return 80;
  if ((f & SQLF_CONCAT) && (f & SQLF_WEAKFUNC) && clean) return 80;
  if (comment && logic && (number || (f & (SQLF_LITERAL | SQLF_VAR)))) return 75;
  if ((f & SQLF_CONCAT) && cmp && number && (f & SQLF_LITERAL) && clean) return 75;
  if (comment && cmp && (f & SQLF_SAME)) return 75;
  if ((f & SQLF_CLAUSE) && number && (f & (SQLF_LITERAL | SQLF_CMP)) && clean) return 80;
  if (logic && (f & SQLF_LITERAL) && number && sql_is(q, SQL_CMP) && q->tok[0].type == SQL_KEYWORD) return 65;
  if (number && !logic && (f & SQLF_SAME) && (f & SQLF_ARITH) && q->tok[0].type == SQL_LEFT && clean)
    return 75;
  if (comment && cmp && !number && (f & SQLF_CLAUSE) && (f & SQLF_SAME)) return 75;
  if ((f & SQLF_CONDITIONAL) && (logic || cmp || (f & SQLF_CLAUSE))) return 80;
  return 0;
}

static uint8_t after_quotes(struct sql *q, struct span text, uint8_t quote) {
  size_t at = 0;
  uint8_t best = 0;
  unsigned most = text.len > 512 ? 2 : SQLI_QUOTES;
  for (unsigned n = 0; n < most; n++) {
    size_t k = span_index(span_skip(text, at), quote);
    if (at + k >= text.len) break;
    struct span rest = span_skip(text, at + k + 1), prefix = span_head(text, at + k);
    at += k + 1;
    if (rest.len < 1) break;
    sql_lex(q, rest);
    uint8_t score = judge_break(q, prefix, text);
    if (score > best) best = score;
    if (best < 80 && n < 2 && (score = sql_sequences(q)) > best) best = score;
    if (best >= 85) break;
  }
  return best;
}

static uint8_t judge(struct span low, uint32_t classes, struct span key) {
  struct sql q;
  sql_lex(&q, low);
  uint8_t best = judge_plain(&q, key);
  if (best < 80) {
    uint8_t score = sql_sequences(&q);
    if (score > best) best = score;
  }
  if (best < 60) {
    uint8_t score = sql_fragment(low);
    if (score > best) best = score;
  }
  if (best < 60) {
    sql_lex(&q, low);
    uint8_t score = sql_probe(&q, low);
    if (score > best) best = score;
  }
  if (!(classes & CLASS_QUOTE) || best >= 85) return best;
  static const uint8_t quotes[] = {'\'', '"', '`'};
  for (size_t i = 0; i < sizeof quotes && best < 85; i++) {
    if (!memchr(low.base, quotes[i], low.len)) continue;
    uint8_t score = after_quotes(&q, low, quotes[i]);
    if (score > best) best = score;
  }
  return best;
}

/* User agents, cookies and the like are full of ';', '(' and '='; only what is strong counts there. */
static uint8_t needed(const struct inspect_ctx *cx) {
  switch (cx->place) {
  case PLACE_HEADER: return 80;
  case PLACE_COOKIE:
  case PLACE_PATH: return 65;
  default: return cx->form->text.len > 512 ? 80 : 60;
  }
}

static void value(struct inspect_ctx *cx, const struct leaf *leaf) {
  const struct inspect_form *f = cx->form;
  if (f->text.len < 2 || inspect_done(cx, &rule_sqli)) return;
  if (!(f->classes & (CLASS_QUOTE | CLASS_PAREN | CLASS_EQUAL | CLASS_SEP | CLASS_SPACE | CLASS_BRACE |
                      CLASS_PLUS | CLASS_ANGLE)) &&
      !inspect_saw(cx, WORD_SQLFN))
    return;
  struct span low = span_head(f->low, 2048);
  if (cx->place == PLACE_PATH) { /* the last step that holds a quote or a blank */
    for (size_t i = low.len; i > 0; i--)
      if (low.base[i - 1] == '/' && (i < 2 || low.base[i - 2] != '*') &&
          (i >= low.len || low.base[i] != '*')) {
        uint8_t part = judge(span_skip(low, i), f->classes, leaf->key);
        if (part >= needed(cx)) {
          inspect_attack(cx, &rule_sqli, part, i);
          if (!cx->proof_len) cx->proof_len = sql_proof(low, cx->proof);
          return;
        }
      }
  }
  uint8_t score = judge(low, f->classes, leaf->key);
  if (score < needed(cx)) return;
  inspect_attack(cx, &rule_sqli, score, 0);
  if (!cx->proof_len) cx->proof_len = sql_proof(low, cx->proof);
}

const struct inspection inspect_sqli = {
    .rule = &rule_sqli,
    .value = value,
    .wants = BIT(WORD_SQL) | BIT(WORD_SQLFN),
    .classes = CLASS_QUOTE,
};
