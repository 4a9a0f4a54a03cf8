/* SPDX-License-Identifier: Apache-2.0 */
/* A tolerant reading of SQL fragments: tokens, expressions, clauses, statements. */
#ifndef ANALYTICS_INSPECT_SQL_H
#define ANALYTICS_INSPECT_SQL_H

#include "base/span.h"

enum sql_type {
  SQL_END,
  SQL_NUMBER,
  SQL_STRING,
  SQL_OPEN /* string without its end */,
  SQL_VAR,
  SQL_WORD,
  SQL_KEYWORD,
  SQL_ARITH,
  SQL_CMP,
  SQL_LOGIC,
  SQL_CONCAT /* || */,
  SQL_LEFT,
  SQL_RIGHT,
  SQL_COMMA,
  SQL_SEMI,
  SQL_COMMENT,
  SQL_BRACE,
  SQL_CAST,
  SQL_BAD
};
/* clang-format off */
#define SQL_KEYWORDS(X) \
  X(ALL) X(ALTER) X(AND) X(ANY) X(AS) X(ASC) X(ATTACH) X(BEGIN) X(BETWEEN) X(BINARY) X(BY) X(CALL) \
  X(CASE) X(COLLATE) X(COPY) X(CREATE) X(DATABASE) X(DECLARE) X(DELAY) X(DELETE) X(DESC) X(DISTINCT) \
  X(DISTINCTROW) X(DIV) X(DO) X(DROP) X(DUMPFILE) X(ELSE) X(END) X(ESCAPE) X(EXCEPT) X(EXEC) X(EXECUTE) \
  X(EXISTS) X(EXPLAIN) X(FALSE) X(FOR) X(FROM) X(FUNCTION) X(GLOB) X(GRANT) X(GROUP) X(HANDLER) \
  X(HAVING) X(IF) X(ILIKE) X(IN) X(INDEX) X(INNER) X(INSERT) X(INTERSECT) X(INTERVAL) X(INTO) X(IS) \
  X(JOIN) X(KILL) X(LEFT) X(LIKE) X(LIMIT) X(LOAD) X(MERGE) X(MINUS) X(MOD) X(NATURAL) X(NOT) X(NULL) \
  X(OFFSET) X(ON) X(OR) X(ORDER) X(OUTER) X(OUTFILE) X(PRINT) X(PROCEDURE) X(REGEXP) X(RENAME) \
  X(REPLACE) X(REVOKE) X(RIGHT) X(RLIKE) X(SELECT) X(SET) X(SHOW) X(SHUTDOWN) X(SOME) X(SOUNDS) \
  X(TABLE) X(THEN) X(TIME) X(TOP) X(TRIGGER) X(TRUE) X(TRUNCATE) X(UNION) X(UPDATE) X(USE) X(USER) \
  X(USING) X(VALUES) X(VIEW) X(WAITFOR) X(WHEN) X(WHERE) X(WHILE) X(WITH) X(XOR)
/* clang-format on */
enum sql_keyword {
#define X(name) KW_##name,
  SQL_KEYWORDS(X)
#undef X
      KW_COUNT
};

struct sql_token {
  uint8_t type, kw;
  uint16_t pos, len;
};
enum {
  SQL_TOKENS = 256,
  SQL_DEPTH = 24,
  SQL_WORK = 2048,
  SQL_AHEAD = 6 /* ends behind the last token, to look ahead */
};
/** What an expression or a clause holds. */
enum sql_feature {
  SQLF_CMP = 1 << 0,
  SQLF_LOGIC = 1 << 1,
  SQLF_LITERAL = 1 << 2,
  SQLF_SUBQUERY = 1 << 3,
  SQLF_FUNC = 1 << 4 /* telling */,
  SQLF_WEAKFUNC = 1 << 5 /* any of the database's */,
  SQLF_ARITH = 1 << 6,
  SQLF_CONCAT = 1 << 7,
  SQLF_CASE = 1 << 8,
  SQLF_SAME = 1 << 9 /* literal against literal */,
  SQLF_UNION = 1 << 10,
  SQLF_CLAUSE = 1 << 11,
  SQLF_STATEMENT = 1 << 12,
  SQLF_VAR = 1 << 13,
  SQLF_STAR = 1 << 14,
  SQLF_LIKE = 1 << 15,
  SQLF_OR = 1 << 16,
  SQLF_STRING = 1 << 17,
  SQLF_SCHEMA = 1 << 18 /* names of system tables */,
  SQLF_CONDITIONAL = 1 << 19 /* MySQL's executable comment */,
};
struct sql {
  struct span text; /* lower case */
  struct sql_token tok[SQL_TOKENS + SQL_AHEAD];
  unsigned n, i;
  unsigned depth, work; /* work: operands tried; at the cap all reading fails */
  uint32_t features;
};

/** Cut text into tokens. Text beyond the cap of tokens is left out. */
void sql_lex(struct sql *q, struct span text);
/** An operand with what follows it; false, with the place unchanged, where none stands. Adds features. */
bool sql_expr(struct sql *q);
/** Operators with operands behind a left operand that was read already; whether any. literal: the left one is one. */
bool sql_operators(struct sql *q, bool literal);
/** Clauses (UNION, WHERE, ORDER BY…) at this place; whether any. */
bool sql_clauses(struct sql *q);
/** A statement at this place that cannot be a sentence of plain language. */
bool sql_statement(struct sql *q);
/** Points of a fragment that only a probe sends; 0 for none. q: low cut into tokens; may be cut anew. */
uint8_t sql_probe(struct sql *q, struct span low);
/** Points of text that may be too short for grammar: a function with its bracket, a cast, a name of the catalogue; 0 for none. */
uint8_t sql_fragment(struct span s);
enum { SQL_PROOF = 64 };
/** The mark that a statement, in lower case, would have its database make of numbers ("char(113,98,…)", "0x7162…"), which no
 *  answer holds by chance nor repeats from the request. Its length, 0 for none. */
size_t sql_proof(struct span low, uint8_t out[SQL_PROOF]);
/** Points of sequences that occur in statements and never in prose, wherever they stand; 0 for none. */
uint8_t sql_sequences(const struct sql *q);

/** A function that hardly anyone but an attacker calls from a parameter; weak: some applications do, too. In lower case. */
bool sql_name_tells(struct span s);
bool sql_name_is_weak(struct span s);
/** Any other function of databases. */
bool sql_name_is_common(struct span s);
/** A system table or schema, by how it begins. */
bool sql_name_is_system(struct span s);

static inline const struct sql_token *sql_peek(const struct sql *q) { return &q->tok[q->i]; }
static inline bool sql_is(const struct sql *q, enum sql_type t) { return q->tok[q->i].type == t; }
/** Whether the rest is left out by a database: nothing, a comment, another statement. */
static inline bool sql_over(const struct sql *q) {
  return sql_is(q, SQL_END) || sql_is(q, SQL_COMMENT) || sql_is(q, SQL_SEMI);
}
static inline bool sql_kw(const struct sql *q, enum sql_keyword k) {
  return q->tok[q->i].type == SQL_KEYWORD && q->tok[q->i].kw == k;
}
static inline bool sql_kw_at(const struct sql *q, unsigned i, enum sql_keyword k) {
  return i < q->n && q->tok[i].type == SQL_KEYWORD && q->tok[i].kw == k;
}
static inline struct span sql_text(const struct sql *q, unsigned i) {
  return (struct span){q->text.base + q->tok[i].pos, q->tok[i].len};
}

#endif
