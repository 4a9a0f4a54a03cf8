/* SPDX-License-Identifier: Apache-2.0 */
/* Requests written so that two programs read them differently: names of arrays with tails (CAPEC-460), cookies of the old
 * kind with quotes (RFC 2109), a second media type in a parameter; sessions that are set for another (CAPEC-61). */
#include "analytics/inspect/rules.h"

static const struct rule rule_evasion = {
    .id = "http_evasion",
    .name = "Ambiguous request",
    .name_zh = "歧义请求（绕过检测）",
    .category = CATEGORY_ATTACK,
    .severity = SEVERITY_LOW,
    .technique = {"T1190", "T1562"},
    .tactic = {"TA0001", "TA0005"},
    API8,
    .reason =
        "A request is written so that a gateway and the application behind it would read it differently.",
    .reason_zh = "请求的写法会使网关与后端应用产生不同解析，常用于绕过防护。",
    .remedy = "Reject malformed names, cookies and media types at the gateway.",
    .remedy_zh = "在网关拒绝畸形的参数名、Cookie 与媒体类型。",
};
static const struct rule rule_fixation = {
    .id = "session_fixation",
    .name = "Session fixation",
    .name_zh = "会话固定",
    .category = CATEGORY_ATTACK,
    .severity = SEVERITY_MEDIUM,
    .technique = {"T1190", "T1539"},
    .tactic = {"TA0001", "TA0006"},
    .owasp = {"API2:2023"},
    .reason = "A parameter would set a session's cookie that someone else knows.",
    .reason_zh = "参数试图写入他人已知的会话标识。",
    .remedy = "Issue a new session id at login; never take one from a parameter.",
    .remedy_zh = "登录后重新签发会话标识；禁止从参数接收会话标识。",
};

static void say(struct inspect_ctx *cx, const struct rule *r, uint8_t confidence, const char *where,
                struct span what) {
  inspect_signal(cx, r, r->severity, confidence, OUTCOME_ATTEMPTED, span_str(where), what);
}

/* name[1]tail: what stands behind the bracket is lost in one parser and kept in another. */
static bool tailed(struct span name) {
  size_t open = span_index(name, '['), close = open + span_index(span_skip(name, open), ']');
  if (!open || close + 1 >= name.len) return false;
  uint8_t c = name.base[close + 1] | 0x20;
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9' && name.base[close + 1] >= '0');
}

static void query(struct inspect_ctx *cx) {
  struct span q = cx->txn->query;
  if (span_index(q, ']') >= q.len) return;
  for (unsigned n = 0; q.len && n < 64; n++) {
    struct span value = span_cut(&q, '&'), name = span_cut(&value, '=');
    if (tailed(name)) {
      say(cx, &rule_evasion, 60, "query", name);
      return;
    }
  }
}

static void cookie(struct inspect_ctx *cx, struct span v) {
  if (!v.len || v.base[0] != '$' || !span_starts_nocase(v, SPAN_LIT("$version"))) return;
  size_t open = span_index(v, '"'), close = open + 1 + span_index(span_skip(v, open + 1), '"');
  if (open < v.len && span_index(span_of(v.base + open, (close < v.len ? close : v.len) - open), ';') <
                          (close < v.len ? close : v.len) - open)
    say(cx, &rule_evasion, 70, "header.cookie", SPAN_LIT("$Version and a quoted value with ';'"));
}

static void media_type(struct inspect_ctx *cx, struct span v) {
  size_t semi = span_index(v, ';');
  if (semi >= v.len || span_starts_nocase(v, SPAN_LIT("multipart/"))) return;
  struct span rest = span_skip(v, semi + 1);
  size_t eq = span_index(rest, '=');
  struct span value = span_skip(rest, eq + 1);
  if (value.len && value.base[0] == '"') value = span_skip(value, 1);
  if (span_starts_nocase(value, SPAN_LIT("application/")) || span_starts_nocase(value, SPAN_LIT("text/")) ||
      span_starts_nocase(value, SPAN_LIT("multipart/")))
    say(cx, &rule_evasion, 65, "header.content-type", v);
}

static void fixation(struct inspect_ctx *cx) {
  struct span q = span_head(cx->txn->query, 1024);
  uint8_t buf[1024];
  if (q.len < 12) return;
  normalize_lower(q, buf);
  struct span s = span_of(buf, q.len);
  if (ANY_OF(s, "cookie;", "cookie%3b", "cookie=") >= s.len) return;
  if (ANY_OF(s, ";expires=", ";domain=", ";path=", "; expires", "%3bexpires", "%3bdomain", "expires%3d",
             "domain%3d") < s.len)
    say(cx, &rule_fixation, 65, "query", q);
}

static void call(struct inspect_ctx *cx) {
  const struct headers *h = &cx->txn->side[DIR_REQUEST].headers;
  query(cx);
  fixation(cx);
  for (uint32_t i = 0; i < h->count; i++) {
    const struct header *x = &h->item[i];
    if (x->name.len == 6 && span_eq_nocase(x->name, SPAN_LIT("cookie"))) cookie(cx, x->value);
    if (x->name.len == 12 && span_eq_nocase(x->name, SPAN_LIT("content-type"))) media_type(cx, x->value);
  }
}
const struct inspection inspect_evasion = {.rule = &rule_evasion, .call = call};
