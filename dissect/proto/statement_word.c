/* SPDX-License-Identifier: Apache-2.0 */
/* Words of SQL that tell where tables, columns and values stand, and the verbs that statements begin with. */
#include "dissect/proto/statement.h"

#include <stdlib.h>

enum { LONGEST = 14 };
struct row {
  const char *text;
  enum word word;
};

/* In order of strcmp. */
static const struct row words[] = {
    {"ALL", WORD_PLAIN},
    {"ANALYZE", WORD_PLAIN},
    {"AND", WORD_AND},
    {"ANY", WORD_PLAIN},
    {"AS", WORD_AS},
    {"ASC", WORD_PLAIN},
    {"BETWEEN", WORD_BETWEEN},
    {"BINARY", WORD_PLAIN},
    {"BY", WORD_PLAIN},
    {"CALL", WORD_OBJECT},
    {"CASE", WORD_PLAIN},
    {"CONCURRENTLY", WORD_MODIFIER},
    {"COPY", WORD_OBJECT},
    {"CROSS", WORD_PLAIN},
    {"DATABASE", WORD_TABLE},
    {"DEFAULT", WORD_PLAIN},
    {"DELAYED", WORD_MODIFIER},
    {"DELETE", WORD_DELETE},
    {"DESC", WORD_PLAIN},
    {"DESCRIBE", WORD_OBJECT},
    {"DISTINCT", WORD_DISTINCT},
    {"DUPLICATE", WORD_PLAIN},
    {"ELSE", WORD_PLAIN},
    {"END", WORD_PLAIN},
    {"ESCAPE", WORD_PLAIN},
    {"EVENT", WORD_ROUTINE},
    {"EXCEPT", WORD_STOP},
    {"EXISTS", WORD_MODIFIER},
    {"FALSE", WORD_PLAIN},
    {"FETCH", WORD_STOP},
    {"FOR", WORD_FOR},
    {"FORCE", WORD_STOP},
    {"FROM", WORD_FROM},
    {"FULL", WORD_PLAIN},
    {"FUNCTION", WORD_ROUTINE},
    {"GROUP", WORD_STOP},
    {"HAVING", WORD_STOP},
    {"HIGH_PRIORITY", WORD_MODIFIER},
    {"IF", WORD_MODIFIER},
    {"IGNORE", WORD_MODIFIER},
    {"ILIKE", WORD_COMPARE},
    {"IN", WORD_IN},
    {"INNER", WORD_PLAIN},
    {"INSERT", WORD_INSERT},
    {"INTERSECT", WORD_STOP},
    {"INTO", WORD_INTO},
    {"IS", WORD_PLAIN},
    {"JOIN", WORD_JOIN},
    {"KEY", WORD_KEY},
    {"LATERAL", WORD_MODIFIER},
    {"LEFT", WORD_PLAIN},
    {"LIKE", WORD_COMPARE},
    {"LIMIT", WORD_STOP},
    {"LOCK", WORD_PLAIN},
    {"LOW_PRIORITY", WORD_MODIFIER},
    {"NATURAL", WORD_PLAIN},
    {"NOT", WORD_MODIFIER},
    {"NULL", WORD_PLAIN},
    {"OFFSET", WORD_STOP},
    {"ON", WORD_ON},
    {"ONLY", WORD_MODIFIER},
    {"OR", WORD_PLAIN},
    {"ORDER", WORD_STOP},
    {"OUTER", WORD_PLAIN},
    {"OVERWRITE", WORD_MODIFIER},
    {"PROCEDURE", WORD_ROUTINE},
    {"QUICK", WORD_MODIFIER},
    {"REGEXP", WORD_COMPARE},
    {"RENAME", WORD_PLAIN},
    {"REPLACE", WORD_INSERT},
    {"RETURNING", WORD_STOP},
    {"RIGHT", WORD_PLAIN},
    {"RLIKE", WORD_COMPARE},
    {"SELECT", WORD_SELECT},
    {"SET", WORD_SET},
    {"SIMILAR", WORD_COMPARE},
    {"STRAIGHT_JOIN", WORD_JOIN},
    {"TABLE", WORD_TABLE},
    {"THEN", WORD_PLAIN},
    {"TO", WORD_PLAIN},
    {"TRIGGER", WORD_ROUTINE},
    {"TRUE", WORD_PLAIN},
    {"TRUNCATE", WORD_OBJECT},
    {"UNION", WORD_STOP},
    {"UPDATE", WORD_UPDATE},
    {"USE", WORD_OBJECT},
    {"USING", WORD_STOP},
    {"VALUE", WORD_VALUES},
    {"VALUES", WORD_VALUES},
    {"VIEW", WORD_TABLE},
    {"WHEN", WORD_PLAIN},
    {"WHERE", WORD_WHERE},
    {"WINDOW", WORD_STOP},
    {"WITH", WORD_WITH},
};

/* In order of strcmp. */
static const char *const verbs[] = {
    "ABORT",      "ALTER",    "ANALYZE",   "BEGIN",    "BINLOG",   "CALL",     "CHANGE",   "CHECK",
    "CHECKPOINT", "CHECKSUM", "CLOSE",     "CLUSTER",  "COMMENT",  "COMMIT",   "COPY",     "CREATE",
    "DEALLOCATE", "DECLARE",  "DELETE",    "DESC",     "DESCRIBE", "DISCARD",  "DO",       "DROP",
    "END",        "EXECUTE",  "EXPLAIN",   "FETCH",    "FLUSH",    "GET",      "GRANT",    "HANDLER",
    "HELP",       "INSERT",   "INSTALL",   "KILL",     "LISTEN",   "LOAD",     "LOCK",     "MERGE",
    "MOVE",       "NOTIFY",   "OPTIMIZE",  "PREPARE",  "PURGE",    "REASSIGN", "REFRESH",  "REINDEX",
    "RELEASE",    "RENAME",   "REPAIR",    "REPLACE",  "RESET",    "REVOKE",   "ROLLBACK", "SAVEPOINT",
    "SECURITY",   "SELECT",   "SET",       "SHOW",     "SHUTDOWN", "SIGNAL",   "START",    "STOP",
    "TABLE",      "TRUNCATE", "UNINSTALL", "UNLISTEN", "UNLOCK",   "UPDATE",   "USE",      "VACUUM",
    "VALUES",     "WITH",     "XA",
};

static bool upper(struct span s, char buf[LONGEST + 1]) {
  if (s.len < 2 || s.len > LONGEST) return false;
  for (size_t i = 0; i < s.len; i++) {
    uint8_t c = s.base[i];
    if (c >= 'a' && c <= 'z') c = (uint8_t)(c - 32);
    if (c != '_' && (c < 'A' || c > 'Z')) return false;
    buf[i] = (char)c;
  }
  buf[s.len] = 0;
  return true;
}

static int by_text(const void *key, const void *row) { return strcmp(key, ((const struct row *)row)->text); }
static int by_verb(const void *key, const void *verb) { return strcmp(key, *(const char *const *)verb); }

enum word statement_word(struct span s) {
  char buf[LONGEST + 1];
  if (!upper(s, buf)) return WORD_OTHER;
  const struct row *r = bsearch(buf, words, sizeof words / sizeof *words, sizeof *words, by_text);
  return r ? r->word : WORD_OTHER;
}

const char *statement_word_verb(struct span s) {
  char buf[LONGEST + 1];
  if (!upper(s, buf)) return NULL;
  const char *const *v = bsearch(buf, verbs, sizeof verbs / sizeof *verbs, sizeof *verbs, by_verb);
  return v ? *v : NULL;
}
