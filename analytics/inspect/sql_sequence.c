/* SPDX-License-Identifier: Apache-2.0 */
/* Sequences of tokens that occur in statements of SQL and never in prose. */
#include "analytics/inspect/rules.h"
#include "analytics/inspect/sql.h"

static bool word_starts(const struct sql *q, unsigned i, const char *prefix) {
  return q->tok[i].type == SQL_WORD && span_starts(sql_text(q, i), span_str(prefix));
}

static bool telling_call(const struct sql *q, unsigned i) {
  static const char *const names[] = {"sleep",
                                      "benchmark",
                                      "pg_sleep",
                                      "extractvalue",
                                      "updatexml",
                                      "load_file",
                                      "regexp_substring",
                                      "randomblob",
                                      "generate_series",
                                      "xmltype",
                                      "name_const",
                                      "group_concat",
                                      "dbms_",
                                      "utl_",
                                      "ctxsys",
                                      "xp_",
                                      "sys_eval",
                                      "sys_exec",
                                      "pg_read_file",
                                      "pg_ls_dir",
                                      "lo_import",
                                      "user_lock",
                                      "gtid_subset",
                                      "st_latfromgeohash",
                                      "make_set",
                                      "elt",
                                      "current_setting",
                                      "openrowset",
                                      "opendatasource",
                                      "load_extension",
                                      "crypt_key",
                                      "hex_to"};
  if (q->tok[i].type != SQL_WORD || q->tok[i + 1].type != SQL_LEFT) return false;
  for (size_t k = 0; k < sizeof names / sizeof *names; k++)
    if (word_starts(q, i, names[k]) &&
        (names[k][strlen(names[k]) - 1] == '_' || sql_text(q, i).len == strlen(names[k]) ||
         memchr(sql_text(q, i).base, '.', sql_text(q, i).len))) {
      uint8_t arg = q->tok[i + 2].type;
      return arg == SQL_NUMBER || arg == SQL_STRING || arg == SQL_OPEN || arg == SQL_LEFT ||
             (arg == SQL_WORD && q->tok[i + 3].type != SQL_WORD) || arg == SQL_KEYWORD || arg == SQL_VAR ||
             arg == SQL_ARITH;
    }
  return false;
}

/* What follows SELECT at i reads like a list of SQL and not like a sentence. */
static bool select_list(const struct sql *q, unsigned i) {
  while (sql_kw_at(q, i, KW_ALL) || sql_kw_at(q, i, KW_DISTINCT) || sql_kw_at(q, i, KW_TOP)) i++;
  const struct sql_token *t = &q->tok[i], *next = &q->tok[i + 1];
  if (i >= q->n) return false;
  switch (t->type) {
  case SQL_NUMBER:
  case SQL_STRING:
  case SQL_OPEN:
  case SQL_VAR:
  case SQL_LEFT: return true;
  case SQL_ARITH: return true;
  case SQL_KEYWORD:
    return t->kw == KW_NULL || t->kw == KW_CASE || t->kw == KW_IF || t->kw == KW_USER || t->kw == KW_SELECT ||
           next->type == SQL_LEFT;
  case SQL_WORD:
    return next->type == SQL_LEFT || next->type == SQL_COMMA ||
           (next->type == SQL_KEYWORD && next->kw == KW_FROM &&
            (q->tok[i + 2].type == SQL_WORD || q->tok[i + 2].type == SQL_LEFT)) ||
           next->type == SQL_CONCAT || memchr(sql_text(q, i).base, '.', sql_text(q, i).len) ||
           memchr(sql_text(q, i).base, '_', sql_text(q, i).len);
  default: return false;
  }
}

/* f(version()), ascii(substring(…)): what is asked for letter by letter. */
static bool asks_identity(const struct sql *q, unsigned i) {
  static const char *const what[] = {"version",     "database", "user",    "current_user", "session_user",
                                     "system_user", "schema",   "db_name", "user_name"};
  static const char *const outer[] = {"ascii", "ord",         "hex",    "unicode",
                                      "bin",   "char_length", "length", "lower"};
  static const char *const inner[] = {"substr", "substring", "mid", "lower", "left", "right"};
  if (q->tok[i + 1].type != SQL_LEFT || i + 3 >= q->n || q->tok[i + 3].type != SQL_LEFT ||
      (q->tok[i].type != SQL_WORD && q->tok[i].type != SQL_KEYWORD))
    return false;
  struct span out = sql_text(q, i), in = sql_text(q, i + 2);
  if (q->tok[i + 4].type == SQL_RIGHT)
    for (size_t k = 0; k < sizeof what / sizeof *what; k++)
      if (span_eq(in, span_str(what[k]))) return true;
  for (size_t k = 0; k < sizeof outer / sizeof *outer; k++)
    for (size_t m = 0; m < sizeof inner / sizeof *inner && span_eq(out, span_str(outer[k])); m++)
      if (span_eq(in, span_str(inner[m]))) return true;
  return false;
}

uint8_t sql_sequences(const struct sql *q) {
  bool broken = false; /* something before that leads out of a value: a number, a quote's end, a bracket */
  for (unsigned i = 0; i < q->n; i++) {
    const struct sql_token *t = &q->tok[i];
    if (sql_kw_at(q, i, KW_UNION)) {
      unsigned k = i + 1;
      while (k < q->n &&
             (sql_kw_at(q, k, KW_ALL) || sql_kw_at(q, k, KW_DISTINCT) || q->tok[k].type == SQL_LEFT))
        k++;
      if (sql_kw_at(q, k, KW_SELECT) && select_list(q, k + 1)) return 92;
    }
    if (t->type == SQL_LEFT && sql_kw_at(q, i + 1, KW_SELECT) && select_list(q, i + 2)) return 85;
    if (telling_call(q, i) && (broken || i == 0)) return 85;
    if (asks_identity(q, i)) return 80;
    if (sql_kw_at(q, i, KW_WAITFOR) && sql_kw_at(q, i + 1, KW_DELAY)) return 92;
    if (sql_kw_at(q, i, KW_DECLARE) && q->tok[i + 1].type == SQL_VAR) return 90;
    if ((sql_kw_at(q, i, KW_EXEC) || sql_kw_at(q, i, KW_EXECUTE)) &&
        (word_starts(q, i + 1, "xp_") || word_starts(q, i + 1, "sp_") || word_starts(q, i + 1, "master.") ||
         q->tok[i + 1].type == SQL_VAR))
      return 90;
    if (sql_kw_at(q, i, KW_INTO) && (sql_kw_at(q, i + 1, KW_OUTFILE) || sql_kw_at(q, i + 1, KW_DUMPFILE)))
      return 92;
    if (sql_kw_at(q, i, KW_CASE) && sql_kw_at(q, i + 1, KW_WHEN)) return 80;
    if (t->type == SQL_SEMI && (sql_kw_at(q, i + 1, KW_SELECT) || sql_kw_at(q, i + 1, KW_IF)) &&
        (q->tok[i + 2].type == SQL_LEFT || select_list(q, i + 2)))
      return 85;
    if (sql_kw_at(q, i, KW_SELECT) && broken && select_list(q, i + 1) && i) {
      for (unsigned k = i + 1; k < q->n; k++)
        if (sql_kw_at(q, k, KW_FROM)) return 80;
    }
    if (t->type != SQL_WORD && t->type != SQL_BAD && t->type != SQL_COMMENT) broken = true;
  }
  return 0;
}
