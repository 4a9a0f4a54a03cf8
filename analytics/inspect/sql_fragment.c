/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of SQL too short for grammar, which only probes send. */
#include "analytics/inspect/rules.h"
#include "analytics/inspect/sql.h"

uint8_t sql_fragment(struct span s) {
  static const char *const functions[] = {
      "abs",        "cast",         "char",         "chr",       "count",    "database", "date",
      "day",        "default",      "floor",        "format",    "if",       "ascii",    "bin",
      "ceil",       "concat",       "convert",      "conv",      "curdate",  "left",     "right",
      "len",        "length",       "log",          "lower",     "upper",    "max",      "min",
      "mid",        "month",        "now",          "ord",       "password", "pi",       "position",
      "pow",        "power",        "quarter",      "quote",     "rand",     "repeat",   "replace",
      "reverse",    "round",        "row_count",    "second",    "sign",     "sleep",    "space",
      "sqrt",       "substr",       "substring",    "sum",       "time",     "trim",     "truncate",
      "unhex",      "user",         "values",       "version",   "week",     "year",     "greatest",
      "least",      "isnull",       "ifnull",       "hex",       "exp",      "elt",      "field",
      "instr",      "last",         "local",        "md5",       "sha1",     "in",       "is_null",
      "to_",        "benchmark",    "ln",           "minute",    "hour",     "sin",      "cos",
      "tan",        "cot",          "acos",         "asin",      "atan",     "avg",      "bit_and",
      "bit_or",     "ceiling",      "coalesce",     "crc32",     "degrees",  "encode",   "decode",
      "export_set", "found_rows",   "get_lock",     "inet_aton", "insert",   "interval", "is_free_lock",
      "lcase",      "load_file",    "locate",       "log2",      "log10",    "lpad",     "ltrim",
      "makedate",   "microsecond",  "name_const",   "nullif",    "oct",      "radians",  "rpad",
      "rtrim",      "schema",       "soundex",      "std",       "stddev",   "strcmp",   "sysdate",
      "ucase",      "uuid",         "var_pop",      "variance",  "weekday",  "yearweek", "xmltype",
      "updatexml",  "extractvalue", "group_concat", NULL};
  static const char *const catalogue[] = {
      "information_schema",   "pg_catalog",  "msysaccessobjects", "sysobjects", "mysql.db",  "tempdb", "msdb",
      "master..sysdatabases", "schema_name", "sqlite_master",     "syscolumns", "northwind", NULL};
  s = span_trim(s);
  if (span_in(s, catalogue)) return 60;
  if (s.len > 2 && s.len < 40 && s.base[s.len - 1] == '(') {
    size_t end = s.len - 1;
    while (end && !(s.base[end - 1] >= 'a' && s.base[end - 1] <= 'z') && s.base[end - 1] != '_' &&
           !(s.base[end - 1] >= '0' && s.base[end - 1] <= '9'))
      end--;
    size_t from = end;
    while (from && ((s.base[from - 1] >= 'a' && s.base[from - 1] <= 'z') || s.base[from - 1] == '_' ||
                    (s.base[from - 1] >= '0' && s.base[from - 1] <= '9')))
      from--;
    struct span name = span_of(s.base + from, end - from);
    if (span_in(name, functions)) return 60;
  }
  size_t cast = span_find(s, SPAN_LIT("::"));
  if (cast < s.len && cast && s.len < 80 &&
      ANY_OF(span_skip(s, cast + 2), "int", "text", "bigint", "double precision", "numeric", "varchar",
             "date", "json") == 0)
    return 60;
  if (s.len > 4 && s.len < 40 && s.base[0] >= '0' && s.base[0] <= '9') { /* MySQL reads 1.e as a number */
    size_t e = span_find(s, SPAN_LIT(".e"));
    if (e < 4 && e + 2 < s.len && (s.base[e + 2] == '(' || s.base[e + 2] == '.')) return 65;
  }
  if (ANY_OF(s, "unionallselect", "unionselect", "unionall select") < s.len) return 75;
  return ANY_OF(s, "execute immediate ", "dr/**/op", "un/**/ion", "uni/**/on", "sel/**/ect", "or/**/",
                "in/**/(", "2.2250738585072011e-308", "2.2250738585072007e-308") < s.len ||
                 span_eq(s, SPAN_LIT("4294967296")) || span_eq(s, SPAN_LIT("2147483648"))
             ? 65
             : 0;
}
