/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks on the protocol itself: header injection, request smuggling (RFC 9112 11.2), floods of HTTP/2, GraphQL abuse. */
#include "analytics/inspect/rules.h"

const struct rule rule_crlf = {
    .id = "crlf",
    .name = "Header injection",
    .name_zh = "CRLF/响应头注入",
    .category = CATEGORY_ATTACK,
    .severity = SEVERITY_MEDIUM,
    EXPLOIT_PUBLIC,
    API8,
    .reason =
        "A parameter holds line ends followed by what would become a header, a request or a mail command.",
    .reason_zh = "参数中含有换行及其后会变成协议头、请求或邮件命令的内容。",
    .remedy = "Reject line ends in values that go into headers or protocols.",
    .remedy_zh = "写入协议头的取值应拒绝换行符。",
};
static const struct rule rule_smuggling = {
    .id = "http_smuggling",
    .name = "HTTP request smuggling",
    .name_zh = "HTTP 请求走私",
    .category = CATEGORY_ATTACK,
    .severity = SEVERITY_HIGH,
    .technique = {"T1190"},
    .tactic = {"TA0001"},
    API8,
    .reason = "A request states its length in two ways, so that two servers would part it differently.",
    .reason_zh = "请求以两种方式声明长度，前后端服务器会作出不同切分。",
    .remedy = "Reject ambiguous requests at the edge; use HTTP/2 to the backends.",
    .remedy_zh = "在边界拒绝歧义请求；后端链路使用 HTTP/2。",
};
static const struct rule rule_rapid_reset = {
    .id = "h2_rapid_reset",
    .name = "HTTP/2 rapid reset",
    .name_zh = "HTTP/2 快速重置攻击",
    .category = CATEGORY_ATTACK,
    .severity = SEVERITY_HIGH,
    .technique = {"T1499.002"},
    .tactic = {"TA0040"},
    .owasp = {"API4:2023"},
    .reason = "Streams are opened and reset at once, many times, or headers continue without end.",
    .reason_zh = "大量流被打开后立即重置，或头部帧无限延续。",
    .remedy = "Limit resets per connection; update the server.",
    .remedy_zh = "限制单连接重置次数；升级服务端。",
};
static const struct rule rule_graphql = {
    .id = "graphql_abuse",
    .name = "GraphQL abuse",
    .name_zh = "GraphQL 滥用",
    .category = CATEGORY_ATTACK,
    .severity = SEVERITY_MEDIUM,
    .technique = {"T1499.003", "T1595"},
    .tactic = {"TA0040", "TA0043"},
    .owasp = {"API4:2023"},
    .reason = "A GraphQL request nests too deep, repeats a field under many names, batches many operations "
              "or asks for the whole schema.",
    .reason_zh = "GraphQL 请求嵌套过深、别名或批量过多，或请求完整模式。",
    .remedy = "Limit depth, aliases, batches and cost; switch off introspection outside of development.",
    .remedy_zh = "限制深度、别名、批量与开销；生产环境关闭内省。",
};

static bool header_line(struct span s) { /* "name: value" or a request line at s */
  static const char *const verbs[] = {"get ",     "post ",    "head ",  "put ",  "delete ",
                                      "options ", "connect ", "trace ", "patch "};
  static const char *const mail[] = {"mail from:", "rcpt to:", "ehlo ", "helo ",
                                     "data\r\n",   "vrfy ",    "expn ", "auth login"};
  for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
    if (span_starts(s, span_str(verbs[i])))
      return span_find(span_head(s, 200), SPAN_LIT(" http/")) < (s.len < 200 ? s.len : 200);
  for (size_t i = 0; i < sizeof mail / sizeof *mail; i++)
    if (span_starts(s, span_str(mail[i]))) return true;
  if (span_starts(s, SPAN_LIT("http/1")) || span_starts(s, SPAN_LIT("<html")) ||
      span_starts(s, SPAN_LIT("<script")))
    return true;
  static const char *const names[] = {
      "set-cookie",      "location",   "content-", "transfer-encoding", "refresh",
      "remote-addr",     "x-",         "host",     "cache-control",     "connection",
      "access-control-", "status",     "link",     "injectedheader",    "header",
      "cookie",          "user-agent", "referer"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (span_starts(s, span_str(names[i]))) {
      size_t colon = 0;
      while (colon < s.len && colon < 40 &&
             ((s.base[colon] >= 'a' && s.base[colon] <= 'z') || s.base[colon] == '-' || s.base[colon] <= ' '))
        colon++;
      return colon < s.len && s.base[colon] == ':';
    }
  return false;
}

static void crlf(struct inspect_ctx *cx, const struct leaf *leaf) {
  struct span s = span_head(cx->form->low, 2048);
  if (cx->place == PLACE_BODY && (s.len > 512 || !leaf->key.len))
    return; /* no key: all of the body, a tunnel's perhaps */
  size_t ends = 0;
  while (ends < s.len && (s.base[ends] == '\r' || s.base[ends] == '\n')) ends++;
  if (s.len >= 2 && ends == s.len && cx->form != cx->forms) { /* line ends alone, encoded once too often */
    inspect_attack(cx, &rule_crlf, 60, 0);
    return;
  }
  for (size_t i = 0; i < s.len; i++) {
    if (s.base[i] != '\r' && s.base[i] != '\n' && (i || !header_line(s))) continue;
    size_t k = i;
    while (k < s.len && (s.base[k] == '\r' || s.base[k] == '\n' || s.base[k] == ' ' || s.base[k] == '\t'))
      k++;
    if (i == 0 && k == 0 && !span_starts(s, SPAN_LIT("get ")) && !span_starts(s, SPAN_LIT("post "))) continue;
    if (!header_line(span_skip(s, k))) continue;
    if (cx->place == PLACE_BODY && cx->event->body_format[0] &&
        strcmp(cx->event->body_format[0], "text") == 0)
      return;
    inspect_attack(cx, &rule_crlf, 80, i);
    return;
  }
}
const struct inspection inspect_crlf = {.rule = &rule_crlf, .value = crlf, .wants = BIT(WORD_CRLF)};

static void evidence(struct inspect_ctx *cx, const struct rule *r, uint8_t confidence, const char *what) {
  inspect_signal(cx, r, r->severity, confidence, OUTCOME_ATTEMPTED, SPAN_LIT("request"), span_str(what));
}

/* What a hidden second request looks like behind a body that was framed one way. */
static void smuggling(struct inspect_ctx *cx) {
  uint64_t a = cx->txn->anomalies;
  if (a & ANOMALY_BIT(ANOMALY_CL_AND_TE))
    evidence(cx, &rule_smuggling, 85, "Content-Length and Transfer-Encoding");
  else if (a & ANOMALY_BIT(ANOMALY_LENGTH_CONFLICT))
    evidence(cx, &rule_smuggling, 85, "two lengths that differ");
  else if ((a & ANOMALY_BIT(ANOMALY_TE_BAD)) &&
           (a & (ANOMALY_BIT(ANOMALY_SPACE_BEFORE_COLON) | ANOMALY_BIT(ANOMALY_LENGTH_REPEATED))))
    evidence(cx, &rule_smuggling, 70, "a transfer coding in disguise");
  if (a & (ANOMALY_BIT(ANOMALY_H2_RAPID_RESET) | ANOMALY_BIT(ANOMALY_H2_CONTINUATION_FLOOD)))
    evidence(cx, &rule_rapid_reset, 85,
             a & ANOMALY_BIT(ANOMALY_H2_RAPID_RESET) ? "streams reset at once" : "CONTINUATION without end");
}
const struct inspection inspect_protocol = {.rule = &rule_smuggling, .call = smuggling};

enum {
  GRAPHQL_DEPTH = 15,
  GRAPHQL_ALIASES = 30,
  GRAPHQL_BATCH = 20,
  GRAPHQL_DIRECTIVES = 100,
  GRAPHQL_TEXT = 65536
};

static void graphql(struct inspect_ctx *cx) {
  struct span body = span_head(side_body(&cx->txn->side[DIR_REQUEST]), GRAPHQL_TEXT);
  struct span query = cx->txn->query;
  if (!body.len && span_find(query, SPAN_LIT("__schema")) < query.len &&
      (span_find(query, SPAN_LIT("ypes")) < query.len || span_find(query, SPAN_LIT("queryType")) < query.len))
    evidence(cx, &rule_graphql, 65, "introspection");
  if (body.len < 20) return;
  bool named = span_find_nocase(cx->txn->path, SPAN_LIT("graphql")) < cx->txn->path.len ||
               span_find_nocase(cx->txn->path, SPAN_LIT("/gql")) < cx->txn->path.len;
  if (!named && !(body.base[0] == '{' && span_find(span_head(body, 64), SPAN_LIT("\"query\"")) < 64)) return;
  unsigned depth = 0, deepest = 0, aliases = 0, batch = 0, directives = 0;
  for (size_t i = 0; i < body.len; i++) {
    uint8_t c = body.base[i];
    if (c == '{')
      deepest = ++depth > deepest ? depth : deepest;
    else if (c == '}' && depth)
      depth--;
    else if (c == '@' && depth && i + 1 < body.len && (uint8_t)((body.base[i + 1] | 0x20) - 'a') < 26)
      directives++;
    else if (c == ':' && depth > 1 && i + 2 < body.len &&
             (body.base[i + 1] == ' ' || (body.base[i + 1] | 0x20) >= 'a') && i &&
             ((body.base[i - 1] | 0x20) >= '0') && body.base[i - 1] != '"')
      aliases++;
  }
  for (struct span s = body; batch < 1000;) {
    size_t at = span_find(s, SPAN_LIT("\"query\""));
    if (at >= s.len) break;
    batch++;
    s = span_skip(s, at + 7);
  }
  const char *what = deepest > GRAPHQL_DEPTH           ? "nesting"
                     : aliases > GRAPHQL_ALIASES       ? "aliases"
                     : batch > GRAPHQL_BATCH           ? "batch"
                     : directives > GRAPHQL_DIRECTIVES ? "directives"
                                                       : NULL;
  if (!what && span_find(body, SPAN_LIT("__schema")) < body.len &&
      (span_find(body, SPAN_LIT("queryType")) < body.len || span_find(body, SPAN_LIT("types")) < body.len))
    what = "introspection";
  if (what) evidence(cx, &rule_graphql, what[0] == 'i' ? 65 : 80, what);
}
const struct inspection inspect_graphql = {.rule = &rule_graphql, .call = graphql};
