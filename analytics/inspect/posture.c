/* SPDX-License-Identifier: Apache-2.0 */
/* Headers and cookie flags that pages should have (OWASP Secure Headers; RFC 6265 4.1.2). */
#include "analytics/inspect/rules.h"

static const struct rule rule_headers = {
    .id = "missing_security_headers",
    .name = "Missing security headers",
    .name_zh = "缺少安全响应头",
    .category = CATEGORY_POSTURE,
    .severity = SEVERITY_INFO,
    .technique = {"T1189"},
    .tactic = {"TA0001"},
    API8,
    .reason = "A page is served without the headers that protect it in a browser.",
    .reason_zh = "页面响应缺少浏览器防护所需的安全头。",
    .remedy = "Set Content-Security-Policy, X-Content-Type-Options and frame options.",
    .remedy_zh = "设置 CSP、X-Content-Type-Options 与 frame-ancestors。",
};
static const struct rule rule_cookie = {
    .id = "insecure_cookie",
    .name = "Session cookie without flags",
    .name_zh = "会话 Cookie 缺少安全标志",
    .category = CATEGORY_POSTURE,
    .severity = SEVERITY_LOW,
    .technique = {"T1539"},
    .tactic = {"TA0006"},
    .owasp = {"API8:2023", "API2:2023"},
    .reason = "A session cookie is set without HttpOnly, or over TLS without Secure.",
    .reason_zh = "会话 Cookie 未设置 HttpOnly，或在 TLS 下未设置 Secure。",
    .remedy = "Set HttpOnly, Secure and SameSite.",
    .remedy_zh = "设置 HttpOnly、Secure 与 SameSite。",
};

static void once(struct inspect_ctx *cx, const struct rule *r, struct span what) {
  struct signal *s = inspect_signal(cx, r, r->severity, 80, OUTCOME_NONE, SPAN_LIT("response.headers"), what);
  if (s) s->per_endpoint = true;
}

static bool flag(struct span cookie, const char *name) {
  return span_find_nocase(cookie, span_str(name)) < cookie.len;
}

static void cookies(struct inspect_ctx *cx) {
  const struct headers *h = &cx->txn->side[DIR_RESPONSE].headers;
  for (uint32_t i = 0; i < h->count; i++) {
    if (h->item[i].name.len != 10 || !span_eq_nocase(h->item[i].name, SPAN_LIT("set-cookie"))) continue;
    struct span v = h->item[i].value, rest = v, name = span_cut(&rest, '=');
    bool session = flag(name, "sess") || flag(name, "token") || flag(name, "auth");
    if (flag(name, "csrf") || flag(name, "xsrf") || !session) continue;
    if (!flag(v, "httponly") || (cx->event->encrypted && !flag(v, "secure"))) once(cx, &rule_cookie, name);
  }
}

static void call(struct inspect_ctx *cx) {
  const struct side *resp = &cx->txn->side[DIR_RESPONSE];
  if (!resp->headers.count || !resp->complete) return;
  cookies(cx);
  bool page =
      span_starts(resp->mime, SPAN_LIT("text/html")) && cx->txn->status == 200 && cx->answer.len > 256;
  if (!page || span_find(span_head(cx->answer, 512), SPAN_LIT("<html")) >=
                   (cx->answer.len < 512 ? cx->answer.len : 512))
    return;
  bool none = !headers_get(&resp->headers, "content-security-policy").len &&
              !headers_get(&resp->headers, "x-content-type-options").len &&
              !headers_get(&resp->headers, "x-frame-options").len;
  if (none)
    once(cx, &rule_headers, SPAN_LIT("content-security-policy, x-content-type-options, x-frame-options"));
}
const struct inspection inspect_posture = {.rule = &rule_headers, .call = call};
