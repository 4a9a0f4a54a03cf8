/* SPDX-License-Identifier: Apache-2.0 */
/* Names of functions and of system tables in SQL. */
#include "analytics/inspect/sql.h"

#include <stddef.h>

/* Functions that only an attacker calls from a parameter, and functions of databases at large; sorted. */
static const char *const telling[] = {
    "benchmark",
    "char",
    "chr",
    "concat_ws",
    "crypt_key",
    "ctxsys.drithsx.sn",
    "current_database",
    "database",
    "dbms_lock.sleep",
    "dbms_pipe.receive_message",
    "dbms_session.sleep",
    "dbms_utility.sqlid_to_sqlhash",
    "dbms_xmlgen.getxml",
    "dbms_ldap.init",
    "elt",
    "exp",
    "extractvalue",
    "generate_series",
    "group_concat",
    "gtid_subset",
    "httpuritype",
    "iif",
    "json_search",
    "lo_get",
    "lo_export",
    "json_keys",
    "like",
    "load_extension",
    "load_file",
    "lo_import",
    "make_set",
    "name_const",
    "opendatasource",
    "openquery",
    "openrowset",
    "pg_ls_dir",
    "pg_read_file",
    "pg_sleep",
    "polygon",
    "procedure",
    "randomblob",
    "regexp_substring",
    "row",
    "sleep",
    "sqlite_version",
    "st_latfromgeohash",
    "sys_eval",
    "sys_exec",
    "updatexml",
    "user_lock.sleep",
    "utl_http.request",
    "utl_inaddr.get_host_address",
    "utl_inaddr.get_host_name",
    "uuid_generate_v4",
    "xmltype",
    "zeroblob",
    "ascii",
    "substring",
    "substr",
    "version",
    "user",
    "current_user",
    "system_user",
    "session_user",
    "db_name",
    "suser_sname",
    "schema",
    "has_dbaccess",
    "is_srvrolemember",
    "unhex",
    "ord",
    "mid",
    "hex",
    NULL,
};
static const char *const common[] = {
    "abs",        "avg",        "cast",    "ceil",     "coalesce",   "concat",       "convert",
    "conv",       "count",      "date",    "exists",   "floor",      "ifnull",       "iif",
    "instr",      "isnull",     "lcase",   "length",   "len",        "locate",       "lower",
    "lpad",       "max",        "md5",     "min",      "now",        "nullif",       "nvl",
    "pi",         "pow",        "quote",   "rand",     "random",     "repeat",       "replace",
    "reverse",    "round",      "sha1",    "sign",     "sqrt",       "str",          "sum",
    "to_char",    "to_number",  "trim",    "ucase",    "upper",      "xor",          "bin",
    "space",      "sysdate",    "getdate", "power",    "if",         "listagg",      "xmlagg",
    "string_agg", "left",       "right",   "password", "encode",     "decode",       "rownum",
    "typeof",     "chr",        "match",   "cos",      "sin",        "tan",          "acos",
    "asin",       "atan",       "cot",     "log",      "ln",         "degrees",      "radians",
    "compress",   "uncompress", "format",  "insert",   "json_array", "json_extract", "json_object",
    "json_value", "bit_count",  "crc32",   "greatest", "least",      NULL,
};
static const char *const systems[] = {"information_schema",
                                      "pg_catalog",
                                      "sysibm",
                                      "rdb$",
                                      "sysobjects",
                                      "syscolumns",
                                      "sysdatabases",
                                      "all_tables",
                                      "user_tables",
                                      "all_users",
                                      "dba_users",
                                      "sqlite_master",
                                      "msysobjects",
                                      "mysql.",
                                      "master.",
                                      "dual",
                                      "pg_",
                                      "sys.",
                                      "systables",
                                      "v$version",
                                      "domain.domains",
                                      "all_tab_columns",
                                      "user_tab_columns",
                                      NULL};

/* Of the telling ones, those that applications may call as well. */
static const char *const weak[] = {"char",     "chr",     "row",   "like",      "exp",     "elt",
                                   "user",     "version", "ascii", "substring", "substr",  "schema",
                                   "database", "hex",     "mid",   "ord",       "polygon", NULL};

bool sql_name_tells(struct span s) {
  return span_in(s, telling) || span_starts(s, SPAN_LIT("dbms_")) || span_starts(s, SPAN_LIT("utl_")) ||
         span_starts(s, SPAN_LIT("xp_"));
}

bool sql_name_is_weak(struct span s) { return span_in(s, weak); }

bool sql_name_is_common(struct span s) { return span_in(s, common); }

bool sql_name_is_system(struct span s) {
  for (const char *const *name = systems; *name; name++)
    if (span_starts(s, span_str(*name))) return true;
  return false;
}
