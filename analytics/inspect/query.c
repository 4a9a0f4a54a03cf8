/* SPDX-License-Identifier: Apache-2.0 */
/* Injection into other query languages: operators of document stores, LDAP filters (RFC 4515), XPath. */
#include "analytics/inspect/rules.h"

#define QUERY_RULE(symbol, word, title, title_zh, text, text_zh) \
  const struct rule symbol = {.id = word, \
                              .name = title, \
                              .name_zh = title_zh, \
                              .category = CATEGORY_ATTACK, \
                              .severity = SEVERITY_HIGH, \
                              EXPLOIT_PUBLIC, \
                              API8, \
                              .reason = text, \
                              .reason_zh = text_zh, \
                              .remedy = "Check types and escape values before they go into a query.", \
                              .remedy_zh = "拼接查询前校验类型并转义取值。"}

QUERY_RULE(rule_nosqli, "nosqli", "NoSQL injection", "NoSQL 注入",
           "A parameter holds operators or script of a document store.",
           "参数中含有文档数据库的操作符或脚本。");
QUERY_RULE(rule_ldapi, "ldapi", "LDAP injection", "LDAP 注入",
           "A parameter would change the LDAP filter it is put into.", "参数会改变所拼接的 LDAP 过滤器。");
QUERY_RULE(rule_xpathi, "xpathi", "XPath injection", "XPath 注入",
           "A parameter would change the XPath expression it is put into.",
           "参数会改变所拼接的 XPath 表达式。");

static bool is_operator(struct span s) { /* $ne, [$gt] at the start of s */
  static const char *const ops[] = {
      "$ne",    "$eq",  "$gt",   "$gte", "$lt",     "$lte",        "$nin",       "$in",         "$regex",
      "$where", "$or",  "$and",  "$nor", "$not",    "$exists",     "$elemmatch", "$expr",       "$func",
      "$type",  "$mod", "$size", "$all", "$lookup", "$jsonschema", "$function",  "$accumulator"};
  for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
    size_t n = strlen(ops[i]);
    if (span_starts(s, span_str(ops[i])) &&
        (s.len == n || !((s.base[n] >= 'a' && s.base[n] <= 'z') || s.base[n] == '_')))
      return true;
  }
  return false;
}

static bool holds_operator(struct span s) {
  for (size_t i = 0; i < s.len; i++)
    if (s.base[i] == '$' && is_operator(span_skip(s, i)) &&
        (i == 0 || s.base[i - 1] == '[' || s.base[i - 1] == '"' || s.base[i - 1] == '\'' ||
         s.base[i - 1] == '{' || s.base[i - 1] == '.' || s.base[i - 1] == ' ' || s.base[i - 1] == ',' ||
         s.base[i - 1] == ':'))
      return true;
  return false;
}

static void nosql(struct inspect_ctx *cx, const struct leaf *leaf) {
  (void)leaf;
  if (inspect_done(cx, &rule_nosqli) || cx->place == PLACE_HEADER || cx->place == PLACE_ARG) return;
  struct span s = span_head(cx->form->low, 1024);
  uint8_t score = 0;
  bool json = memchr(s.base, '{', s.len) || memchr(s.base, '[', s.len) || s.base[0] == '$';
  if (holds_operator(s) && (json || memchr(s.base, '$', s.len) == s.base)) score = 80;
  if (score < 60 && inspect_has(s, "this.") &&
      ANY_OF(s, "return", "==", "match(", "||", "&&", "';") < s.len && s.len < 300)
    score = 75;
  if (score < 60 && ANY_OF(s, "db.", "mapreduce", "tojson(", "sleep(") < s.len &&
      ANY_OF(s, ".find", ".insert", ".drop", "getcollectionnames", "emit(", "';", "while(", "new date",
             "db.version", "injection.insert") < s.len &&
      s.len < 300)
    score = 70;
  if (score < 60 && ANY_OF(s, "$where:", "$where :", "$comment:") < s.len) score = 70;
  if (score < 60 && inspect_has(s, "new date()") && ANY_OF(s, "do{", "while(", "do {") < s.len && s.len < 300)
    score = 75;
  if (score < 60 && ANY_OF(s, "\";return(", "0;return true", "1;return true", "';return", "'; return",
                           "';sleep(", "; return(true)", "||'1'=='1", "|| 1==1", "|| '1'=='1", "' && this.",
                           "true, $where", "{ $ne: 1 }", "'} }", "|| 1=1") < s.len)
    score = 65;
  if (score >= 60) inspect_attack(cx, &rule_nosqli, score, 0);
}
const struct inspection inspect_nosql = {.rule = &rule_nosqli, .value = nosql, .wants = BIT(WORD_NOSQL)};

static void ldap(struct inspect_ctx *cx, const struct leaf *leaf) {
  (void)leaf;
  if (inspect_done(cx, &rule_ldapi) || cx->place == PLACE_HEADER || cx->place == PLACE_ARG) return;
  struct span s = span_head(cx->form->low, 512);
  uint8_t score = 0;
  /* a bracket that closes the application's filter, then another condition */
  if (ANY_OF(s, ")(&", ")(|", "*)(", ")(cn=", ")(uid=", ")(objectclass", ")(mail=", ")(userpassword", "(|(",
             "(&(", "*))(", "*(|", "x' or name()", "|(cn", "*|(", "(!(", ")(!(", "*()|", "*)&", "admin*)",
             ")%00", "*(&") < s.len) {
    bool attribute = memchr(s.base, '=', s.len) || memchr(s.base, '*', s.len) || memchr(s.base, '%', s.len);
    bool code = ANY_OF(s, "function", "=>", "return", "var ", "if(", "select ") < s.len;
    if (attribute && !code && s.len < 200) score = 70;
  }
  if (score < 60 && s.len > 2 && s.len < 40) { /* signs of filters and nothing else */
    size_t stars = 0, brackets = 0, others = 0;
    for (size_t i = 0; i < s.len; i++) {
      stars += s.base[i] == '*';
      brackets += s.base[i] == ')' || s.base[i] == '(';
      others += s.base[i] != '*' && s.base[i] != ')' && s.base[i] != '(' && s.base[i] != '&' &&
                s.base[i] != '|' && s.base[i] != '!' && s.base[i] != 0 && s.base[i] != '\'';
    }
    if (stars && brackets && !others) score = 65;
  }
  if (score < 60 && s.len < 64 && ANY_OF(s, ")(&)", ")(|)", ")(!)") < s.len)
    score = 70; /* RFC 4526: always true */
  if (score < 60 && (span_eq(s, SPAN_LIT("*(|(objectclass=*))")) || inspect_has(s, "(objectclass=*)")))
    score = 75;
  if (score >= 60) inspect_attack(cx, &rule_ldapi, score, 0);
}
const struct inspection inspect_ldap = {.rule = &rule_ldapi, .value = ldap, .wants = BIT(WORD_LDAP)};

static void xpath(struct inspect_ctx *cx, const struct leaf *leaf) {
  (void)leaf;
  if (inspect_done(cx, &rule_xpathi) || cx->place == PLACE_HEADER || cx->place == PLACE_PATH ||
      cx->place == PLACE_ARG)
    return;
  struct span s = span_head(cx->form->low, 512);
  uint8_t score = 0;
  if (ANY_OF(s, "child::", "descendant::", "ancestor::", "parent::", "following::", "preceding::",
             "attribute::", "-or-self::", "-sibling::") < s.len &&
      ANY_OF(s, "node()", "text()", "*", "/", "[", "position()") < s.len)
    score = 75;
  if (ANY_OF(s, "count(/", "name(/", "string-length(", "/text()", "position()=", "starts-with(", "//*", "/*[",
             "] | ", "]|//", "/node()", "doc(", "../", "/@*", "substring(name") < s.len &&
      ANY_OF(s, "' or ", "' and ", "\" or ", "']", "')", "count(", "name(", "//", "|") < s.len &&
      s.len < 300 && memchr(s.base, '/', s.len) && !inspect_has(s, "://") &&
      (memchr(s.base, '[', s.len) || memchr(s.base, '(', s.len) || memchr(s.base, '\'', s.len) ||
       memchr(s.base, '|', s.len) || inspect_has(s, "/*")))
    score = score > 65 ? score : 65;
  if (score >= 60) inspect_attack(cx, &rule_xpathi, score, 0);
}
const struct inspection inspect_xpath = {.rule = &rule_xpathi, .value = xpath, .wants = BIT(WORD_XPATH)};
