/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials as they travel: in the clear, in addresses, weak, or in answers. */
#include "analytics/inspect/rules.h"
#include "analytics/jwt.h"
#include "base/hash.h"

static const struct rule rule_plaintext = {
    .id = "plaintext_credentials",
    .name = "Credentials in the clear",
    .name_zh = "凭据明文传输",
    .category = CATEGORY_POSTURE,
    .severity = SEVERITY_MEDIUM,
    .technique = {"T1040"},
    .tactic = {"TA0006"},
    .owasp = {"API2:2023"},
    .reason = "A password travels without encryption.",
    .reason_zh = "口令在未加密的连接中传输。",
    .remedy = "Serve the endpoint over TLS only, inside the estate as well.",
    .remedy_zh = "仅通过 TLS 提供该接口，内网亦然。",
};
static const struct rule rule_token_in_url = {
    .id = "token_in_url",
    .name = "Token in an address",
    .name_zh = "URL 携带令牌",
    .category = CATEGORY_LEAK,
    .severity = SEVERITY_MEDIUM,
    .technique = {"T1552"},
    .tactic = {"TA0006"},
    .owasp = {"API2:2023"},
    .reason = "A token stands in the address, where logs and histories keep it.",
    .reason_zh = "令牌出现在 URL 中，会被日志和历史记录留存。",
    .remedy = "Send tokens in the Authorization header.",
    .remedy_zh = "改用 Authorization 请求头传递令牌。",
};
static const struct rule rule_secrets = {
    .id = "secrets_in_response",
    .name = "Secret in an answer",
    .name_zh = "响应泄露密钥",
    .category = CATEGORY_LEAK,
    .severity = SEVERITY_HIGH,
    .technique = {"T1552.001"},
    .tactic = {"TA0006"},
    .owasp = {"API3:2023"},
    .reason = "An answer carries a private key, a cloud key or a password.",
    .reason_zh = "响应中携带私钥、云访问密钥或口令。",
    .remedy = "Remove it from the answer and change it.",
    .remedy_zh = "从响应中移除并立即更换该密钥。",
};
static const struct rule rule_weak_jwt = {
    .id = "weak_jwt",
    .name = "Weak JWT",
    .name_zh = "JWT 弱配置",
    .category = CATEGORY_POSTURE,
    .severity = SEVERITY_MEDIUM,
    .technique = {"T1606.001"},
    .tactic = {"TA0006"},
    .owasp = {"API2:2023"},
    .reason =
        "A token is unsigned, signed with a common secret, never expires, or its header points to keys.",
    .reason_zh = "令牌未签名、使用常见弱密钥签名、永不过期，或其头部指向外部密钥。",
    .remedy = "Accept one algorithm only; set an expiry; ignore key addresses in headers.",
    .remedy_zh = "只接受单一算法；设置过期时间；忽略头部中的密钥地址。",
};
static const struct rule rule_forgery = {
    .id = "jwt_forgery",
    .name = "Forged JWT",
    .name_zh = "伪造 JWT",
    .category = CATEGORY_ATTACK,
    .severity = SEVERITY_HIGH,
    .technique = {"T1606.001", "T1190"},
    .tactic = {"TA0006", "TA0001"},
    .owasp = {"API2:2023"},
    .reason = "A token without a signature was sent, or one whose key id reaches for a file or a query.",
    .reason_zh = "请求携带无签名令牌，或其密钥标识指向文件或查询语句。",
    .remedy = "Accept one algorithm only; look keys up in a fixed list; check what the caller reached.",
    .remedy_zh = "只接受单一算法；密钥标识仅查固定列表；核查调用方访问了哪些数据。",
};
static const struct rule rule_weak_password = {
    .id = "weak_password",
    .name = "Weak or default password",
    .name_zh = "弱口令/默认口令",
    .category = CATEGORY_POSTURE,
    .severity = SEVERITY_MEDIUM,
    .technique = {"T1078.001", "T1110"},
    .tactic = {"TA0001", "TA0006"},
    .owasp = {"API2:2023"},
    .reason = "A login with a password from the lists of the most common ones succeeded.",
    .reason_zh = "使用常见弱口令登录成功。",
    .remedy = "Change it; refuse such passwords when they are set.",
    .remedy_zh = "立即更换；设置口令时拒绝弱口令。",
};

static struct signal *per_endpoint(struct inspect_ctx *cx, const struct rule *r, uint8_t severity,
                                   uint8_t confidence, const char *where, struct span what,
                                   const char *detail) {
  struct signal *s = inspect_signal(cx, r, severity, confidence, OUTCOME_NONE, span_str(where), what);
  if (s) s->per_endpoint = true, s->detail = span_str(detail);
  return s;
}

static void passwords(struct inspect_ctx *cx) {
  const struct api_event *e = cx->event;
  const struct txn *t = cx->txn;
  bool basic = e->who.auth == AUTH_BASIC,
       form = e->login.secret.len &&
              (e->login.step == LOGIN_ATTEMPT || e->login.step == LOGIN_REGISTER ||
               e->login.step == LOGIN_RESET) &&
              !basic;
  if (!basic && !form) return;
  if (!e->encrypted && t->path.len)
    per_endpoint(cx, &rule_plaintext, SEVERITY_MEDIUM, 95,
                 basic ? "header.authorization" : "request.password",
                 basic ? SPAN_LIT("Basic") : SPAN_LIT("password field"), basic ? "basic" : "password");
  if (form && e->login.step == LOGIN_ATTEMPT && cx->weak_password && e->login.result == TXN_OK)
    per_endpoint(cx, &rule_weak_password, SEVERITY_HIGH, 85, "request.password", SPAN_LIT("password field"),
                 "password");
  if (!basic || t->status < 200 || t->status >= 400) return;
  uint8_t text[256];
  struct span v = span_trim(headers_get(&t->side[DIR_REQUEST].headers, "authorization"));
  span_cut(&v, ' ');
  struct span pair = span_of(text, jwt_base64(span_head(span_trim(v), 340), text, sizeof text));
  span_cut(&pair, ':');
  if (words_common_password(pair))
    per_endpoint(cx, &rule_weak_password, SEVERITY_HIGH, 90, "header.authorization", SPAN_LIT("Basic"),
                 "basic");
}

static void urls(struct inspect_ctx *cx) {
  static const char *const names[] = {"access_token", "token",   "jwt",       "id_token",  "auth_token",
                                      "accesstoken",  "session", "sessionid", "jsessionid"};
  struct span q = cx->txn->query;
  for (unsigned n = 0; q.len && n < 64; n++) {
    struct span v = span_cut(&q, '&'), k = span_cut(&v, '=');
    bool jwt = v.len > 40 && span_starts(v, SPAN_LIT("eyJ")) && memchr(v.base, '.', v.len);
    bool named = false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) named |= span_eq_nocase(k, span_str(names[i]));
    if (!jwt && !(named && v.len >= 20)) continue;
    per_endpoint(cx, &rule_token_in_url, SEVERITY_MEDIUM, jwt ? 95 : 75, "url.query", k, "url");
    return;
  }
}

static bool common_key(struct inspect_ctx *cx, const struct jwt *j) {
  struct span host = headers_get(&cx->txn->side[DIR_REQUEST].headers, "host");
  struct span head = span_head(j->signing, span_index(j->signing, '.'));
  return span_eq(j->alg, SPAN_LIT("HS256")) &&
         inspect_common_key(cx, hash_mix(hash64(head, 5), hash64(host, 6)) | 2, j);
}

static bool hostile(struct span kid) { /* climbs, or leaves the query that looks the key up */
  return span_find(kid, SPAN_LIT("../")) < kid.len || span_index(kid, '\'') < kid.len ||
         span_index(kid, '|') < kid.len || span_index(kid, ';') < kid.len ||
         span_find(kid, SPAN_LIT("/dev/null")) < kid.len;
}

/* What forgers send: no signature at all, a key's name that reaches elsewhere. */
static void forged(struct inspect_ctx *cx, const struct jwt *j) {
  bool none = span_eq_nocase(j->alg, SPAN_LIT("none")), refused = cx->txn->status >= 400;
  bool keyed = hostile(j->kid);
  bool disguised = none && !span_eq(j->alg, SPAN_LIT("none")) && !span_eq(j->alg, SPAN_LIT("None")) &&
                   !span_eq(j->alg, SPAN_LIT("NONE"));
  if (!keyed && !disguised && !(none && refused)) return;
  bool in = cx->txn->status >= 200 && cx->txn->status < 300;
  inspect_signal(cx, &rule_forgery, in ? SEVERITY_CRITICAL : SEVERITY_HIGH, keyed ? 85 : 75,
                 in ? OUTCOME_PROBABLE : OUTCOME_ATTEMPTED, SPAN_LIT("header.authorization"),
                 keyed ? SPAN_LIT("kid that names no key") : SPAN_LIT("alg none"));
}

/* Tokens in cookies and queries: forged ones only, as what is weak is told of the header. */
static void other_tokens(struct inspect_ctx *cx, struct span pairs, uint8_t sep) {
  for (unsigned n = 0; pairs.len && n < 64; n++) {
    struct span v = span_cut(&pairs, sep);
    struct jwt j;
    span_cut(&v, '=');
    if (v.len < 20 || !span_starts(v, SPAN_LIT("eyJ")) || jwt_parse(&j, v, &cx->event->txn->arena) < 0)
      continue;
    forged(cx, &j);
    if (span_eq_nocase(j.alg, SPAN_LIT("none")) && cx->txn->status >= 200 && cx->txn->status < 300)
      per_endpoint(cx, &rule_weak_jwt, SEVERITY_CRITICAL, 85, sep == ';' ? "cookie" : "url.query",
                   SPAN_LIT("alg none"), "none");
  }
}

static void tokens(struct inspect_ctx *cx) {
  const struct api_event *e = cx->event;
  if (e->who.auth != AUTH_JWT) return;
  struct span v = span_trim(headers_get(&cx->txn->side[DIR_REQUEST].headers, "authorization"));
  if (span_starts_nocase(v, SPAN_LIT("bearer "))) v = span_skip(v, 7);
  struct jwt j;
  if (jwt_parse(&j, span_trim(v), &cx->event->txn->arena) < 0) return;
  forged(cx, &j);
  if (cx->txn->status < 200 || cx->txn->status >= 300) return;
  if (span_eq_nocase(j.alg, SPAN_LIT("none")) || !j.signature.len) {
    struct signal *s = per_endpoint(cx, &rule_weak_jwt, SEVERITY_CRITICAL, 90, "header.authorization",
                                    SPAN_LIT("alg none"), "none");
    if (s) s->outcome = OUTCOME_SUCCESS;
  } else if (j.jku.len || j.x5u.len || j.jwk.len || span_find(j.kid, SPAN_LIT("../")) < j.kid.len ||
             span_index(j.kid, '\'') < j.kid.len) {
    per_endpoint(cx, &rule_weak_jwt, SEVERITY_HIGH, 75, "header.authorization",
                 SPAN_LIT("key named by the token"), "key");
  } else if (common_key(cx, &j)) {
    per_endpoint(cx, &rule_weak_jwt, SEVERITY_CRITICAL, 95, "header.authorization",
                 SPAN_LIT("HS256 with a common secret"), "secret");
  } else if (!j.has_exp) {
    per_endpoint(cx, &rule_weak_jwt, SEVERITY_LOW, 80, "header.authorization", SPAN_LIT("no expiry"), "exp");
  }
}

/* Pages, scripts and styles speak of passwords; data hold them. */
static bool is_page(const struct txn *t) {
  struct span m = t->side[DIR_RESPONSE].mime;
  return span_find(m, SPAN_LIT("html")) < m.len || span_find(m, SPAN_LIT("script")) < m.len ||
         span_eq(m, SPAN_LIT("text/css")) || span_ends(t->path, SPAN_LIT(".js")) ||
         span_ends(t->path, SPAN_LIT(".css"));
}

/* A token endpoint's own tokens are no leak; keys of clouds and the like are, wherever they come. */
static void answers(struct inspect_ctx *cx) {
  static const char *const secrets[] = {"private_key",
                                        "aws_access_key",
                                        "access_key",
                                        "gcp_api_key",
                                        "azure_secret",
                                        "github_token",
                                        "gitlab_token",
                                        "slack_token",
                                        "stripe_key",
                                        "url_credential",
                                        "vendor_token",
                                        "azure_client_secret",
                                        "kubernetes_secret",
                                        "command_credential",
                                        "password_hash",
                                        "password",
                                        NULL};
  const struct api_event *e = cx->event;
  const struct data_hits *d = &e->data[DIR_RESPONSE];
  if (cx->txn->status < 200 || cx->txn->status >= 300) return;
  for (uint32_t i = 0; i < d->count; i++) {
    const struct data_hit *h = &d->item[i];
    if (span_in(span_str(h->class_id), secrets) &&
        (strcmp(h->class_id, "password") != 0 || (e->login.step == LOGIN_NONE && !is_page(cx->txn))))
      per_endpoint(cx, &rule_secrets,
                   strcmp(h->class_id, "private_key") == 0 ? SEVERITY_CRITICAL : SEVERITY_HIGH, 85,
                   "response.body", h->sample, h->class_id);
  }
}

static void call(struct inspect_ctx *cx) {
  passwords(cx);
  if (cx->txn->query.len > 20) urls(cx);
  tokens(cx);
  struct span cookie = headers_get(&cx->txn->side[DIR_REQUEST].headers, "cookie");
  if (span_find(cookie, SPAN_LIT("eyJ")) < cookie.len) other_tokens(cx, cookie, ';');
  if (span_find(cx->txn->query, SPAN_LIT("eyJ")) < cx->txn->query.len) other_tokens(cx, cx->txn->query, '&');
  answers(cx);
}
const struct inspection inspect_credentials = {.rule = &rule_plaintext, .call = call};
