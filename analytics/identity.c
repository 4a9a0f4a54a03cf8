/* SPDX-License-Identifier: Apache-2.0 */
/* Who calls: authentication (RFC 7617, 6750, 7519, 7616), user, session, device, outer address (RFC 7239), trace (W3C). */
#include "analytics/identity.h"
#include "analytics/analyst_zone.h"
#include "analytics/jwt.h"
#include "base/mem.h"

enum { TOKENS_KEPT = 1024 };
struct kept { /* tokens made lately, by a hash of what they stand for */
  uint64_t hash, check;
  char hex[TOKEN_HEX];
};
struct identity_env {
  const struct analytics_conf *conf;
  uint8_t key[32];
  struct kept kept[TOKENS_KEPT];
  struct zones zones;
  struct cidr_list proxies;
};
struct who_ctx {
  struct identity_env *env;
  struct txn *t;
  struct identity *who;
  const struct headers *h;
  uint32_t lengths; /* of their names, a bit each: most names that are asked for are ruled out by it */
};

struct identity_env *identity_new(const struct analytics_conf *conf, const uint8_t key[32]) {
  struct identity_env *env = mem_zalloc(sizeof *env);
  struct conf_error err;
  if (!env) return NULL;
  env->conf = conf;
  memcpy(env->key, key, 32);
  size_t n = conf->trusted_proxies.count;
  if (zones_init(&env->zones, conf, &err) < 0 ||
      (n && !(env->proxies.item = mem_zalloc(n * sizeof(struct cidr))))) {
    identity_free(env);
    return NULL;
  }
  for (size_t i = 0; i < n; i++)
    if (zones_cidr(&env->proxies.item[env->proxies.count], conf->trusted_proxies.item[i]) >= 0)
      env->proxies.count++;
  return env;
}

void identity_free(struct identity_env *env) {
  if (!env) return;
  zones_done(&env->zones);
  mem_free(env->proxies.item);
  mem_free(env);
}

static bool trusted(const struct identity_env *env, const uint8_t addr[16]) {
  return env->proxies.count ? zones_match(&env->proxies, addr) : zones_inside(&env->zones, addr);
}

static struct span token(struct who_ctx *cx, const char *kind, struct span value) {
  if (!value.len) return value;
  char *hex = arena_alloc(&cx->t->arena, TOKEN_HEX);
  if (!hex) return span_of(NULL, 0);
  uint64_t hash = hash64(value, (uint8_t)kind[0]), check = hash64(value, 0x746f6b656eULL + (uint8_t)kind[0]);
  struct kept *k = &cx->env->kept[hash % TOKENS_KEPT];
  if (k->hash != hash || k->check != check || !hash) {
    hash_token(cx->env->key, span_str(kind), value, k->hex);
    k->hash = hash, k->check = check;
  }
  memcpy(hex, k->hex, TOKEN_HEX);
  return span_of(hex, TOKEN_HEX);
}

static struct span lower(struct arena *a, struct span s) {
  struct span out = arena_copy(a, span_trim(s));
  for (size_t i = 0; i < out.len; i++)
    if ((uint8_t)(out.base[i] - 'A') < 26) ((uint8_t *)(uintptr_t)out.base)[i] |= 0x20;
  return out;
}

static void user(struct who_ctx *cx, struct span name) {
  if (name.len && !cx->who->user.len) cx->who->user = token(cx, "account", lower(&cx->t->arena, name));
}

/* A credential carried as such: JWT or opaque. */
static void credential(struct who_ctx *cx, enum auth_kind kind, struct span value) {
  struct jwt j;
  value = span_trim(value);
  if (!value.len) return;
  cx->who->auth = kind;
  cx->who->session = token(cx, "credential", value);
  if (kind != AUTH_SIGNATURE && jwt_parse(&j, value, &cx->t->arena) >= 0) {
    cx->who->auth = AUTH_JWT;
    cx->who->jwt_alg = j.alg;
    cx->who->workload = span_starts(j.subject, SPAN_LIT("system:serviceaccount:"));
    user(cx, j.subject);
  }
  if (!cx->who->user.len) cx->who->user = cx->who->session;
}

static void basic(struct who_ctx *cx, struct span value) {
  uint8_t text[256];
  size_t n = jwt_base64(span_head(span_trim(value), 340), text, sizeof text);
  struct span pair = span_of(text, n), name = span_cut(&pair, ':');
  cx->who->auth = AUTH_BASIC;
  cx->who->session = token(cx, "credential", span_trim(value));
  user(cx, name);
}

/* name="value" or name=value in a list separated by commas or '&'. */
static struct span parameter(struct span s, const char *name) {
  struct span want = span_str(name);
  while (s.len) {
    struct span part = span_trim(span_cut(&s, ',')), key = span_trim(span_cut(&part, '='));
    if (!span_eq_nocase(key, want)) continue;
    part = span_trim(part);
    if (part.len > 1 && part.base[0] == '"') part = span_head(span_skip(part, 1), part.len - 2);
    return part;
  }
  return span_of(NULL, 0);
}

static void signature(struct who_ctx *cx, struct span rest) {
  struct span id = parameter(rest, "Credential");
  if (!id.len) id = parameter(rest, "keyId");
  if (!id.len) id = parameter(rest, "Access");
  if (!id.len) id = span_cut(&rest, ':'); /* OSS LTAI…:signature */
  size_t slash = span_index(id, '/'), equal = span_index(id, '=');
  if (equal < slash) id = span_skip(id, equal + 1), slash = span_index(id, '/');
  cx->who->auth = AUTH_SIGNATURE;
  cx->who->session = token(cx, "credential", span_head(id, slash));
  cx->who->user = cx->who->session;
}

static bool is_signature(struct span scheme) {
  static const char *const known[] = {"aws", "oss", "cos", "obs", "signature", "acs", "qs"};
  if (span_find_nocase(scheme, SPAN_LIT("hmac")) < scheme.len) return true;
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (span_eq_nocase(scheme, span_str(known[i]))) return true;
  return false;
}

static bool authorization(struct who_ctx *cx, struct span value) {
  struct span rest = span_trim(value), scheme = span_cut(&rest, ' ');
  rest = span_trim(rest);
  if (!scheme.len) return false;
  if (!rest.len)
    credential(cx, AUTH_BEARER, scheme);
  else if (span_eq_nocase(scheme, SPAN_LIT("basic")))
    basic(cx, rest);
  else if (span_eq_nocase(scheme, SPAN_LIT("bearer")) || span_eq_nocase(scheme, SPAN_LIT("token")) ||
           span_eq_nocase(scheme, SPAN_LIT("jwt")))
    credential(cx, AUTH_BEARER, rest);
  else if (span_eq_nocase(scheme, SPAN_LIT("digest"))) {
    cx->who->auth = AUTH_DIGEST;
    user(cx, parameter(rest, "username"));
    cx->who->session = cx->who->user;
  } else if (span_eq_nocase(scheme, SPAN_LIT("negotiate")) || span_eq_nocase(scheme, SPAN_LIT("ntlm"))) {
    credential(cx, AUTH_NEGOTIATE, rest);
    cx->who->auth = AUTH_NEGOTIATE;
  } else if (is_signature(scheme))
    signature(cx, rest);
  else if (span_find_nocase(scheme, SPAN_LIT("key")) < scheme.len)
    credential(cx, AUTH_API_KEY, rest);
  else
    credential(cx, AUTH_BEARER, rest);
  return true;
}

static bool contains(struct span s, const char *word) { return span_find_nocase(s, span_str(word)) < s.len; }

/* What a header or parameter of this name holds, AUTH_NONE for nothing of the kind. */
static enum auth_kind named(struct span name, bool query) {
  /* clang-format off */
  static const char *const keys[] = {
    "x-api-key", "apikey", "api-key", "api_key", "x-apikey", "x-app-key", "appkey", "app-key", "app_key",
    "x-access-key", "access-key", "accesskeyid", "ocp-apim-subscription-key", "x-rapidapi-key",
    "x-auth-key", "x-client-key", "x-functions-key", "subscription-key",
  };
  /* clang-format on */
  /* clang-format off */
  static const char *const tokens[] = {
    "x-auth-token", "x-access-token", "access-token", "access_token", "token", "x-token",
    "auth-token", "authtoken", "x-session-token", "accesstoken", "x-csrf-session", "satoken",
    "x-user-token", "jwt", "x-jwt", "x-jwt-assertion", "x-vault-token", "private-token",
    "x-amz-security-token", "id_token",
  };
  /* clang-format on */
  if (name.len < 3 || name.len > 28) return AUTH_NONE;
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    if (span_eq_nocase(name, span_str(keys[i]))) return AUTH_API_KEY;
  for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++)
    if (span_eq_nocase(name, span_str(tokens[i]))) return AUTH_BEARER;
  if (!query &&
      (span_eq_nocase(name, SPAN_LIT("x-ca-key")) || span_eq_nocase(name, SPAN_LIT("x-sdk-access"))))
    return AUTH_SIGNATURE;
  if (query && (span_eq_nocase(name, SPAN_LIT("x-amz-credential")) ||
                span_eq_nocase(name, SPAN_LIT("ossaccesskeyid"))))
    return AUTH_SIGNATURE;
  return AUTH_NONE;
}

static bool headers(struct who_ctx *cx) {
  for (uint32_t i = 0; i < cx->h->count; i++) {
    const struct header *x = &cx->h->item[i];
    if (!x->value_known || !x->value.len) continue;
    enum auth_kind k = named(x->name, false);
    if (k == AUTH_NONE) continue;
    struct span v = span_trim(x->value);
    if (span_starts_nocase(v, SPAN_LIT("bearer "))) v = span_skip(v, 7);
    credential(cx, k, v);
    return true;
  }
  return false;
}

static bool session_name(struct span n) {
  static const char *const parts[] = {"sess", "token", "auth", "jwt", "ticket", "login"};
  static const char *const whole[] = {"sid",   "connect.sid", "jsessionid",  "phpsessid", "ssid",
                                      "uid_t", "cas",         "remember-me", "rememberme"};
  static const char *const not_one[] = {"csrf", "xsrf", "analytics", "_ga", "utm"};
  for (size_t i = 0; i < sizeof not_one / sizeof *not_one; i++)
    if (contains(n, not_one[i])) return false;
  for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
    if (span_eq_nocase(n, span_str(whole[i]))) return true;
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    if (contains(n, parts[i])) return true;
  return span_ends(n, SPAN_LIT("sid")) || span_ends(n, SPAN_LIT("SID"));
}

static bool cookies(struct who_ctx *cx) {
  for (uint32_t i = 0; i < cx->h->count; i++) {
    if (!span_eq_nocase(cx->h->item[i].name, SPAN_LIT("cookie"))) continue;
    struct span s = cx->h->item[i].value;
    for (unsigned n = 0; s.len && n < 64; n++) {
      struct span v = span_trim(span_cut(&s, ';')), name = span_cut(&v, '=');
      if (v.len < 8 || !session_name(name)) continue;
      credential(cx, AUTH_SESSION, v);
      cx->who->auth = AUTH_SESSION;
      return true;
    }
  }
  return false;
}

static bool query(struct who_ctx *cx) {
  struct span q = cx->t->query;
  for (unsigned n = 0; q.len && n < 128; n++) {
    struct span v = span_cut(&q, '&'), name = span_cut(&v, '=');
    enum auth_kind k = v.len >= 8 ? named(name, true) : AUTH_NONE;
    if (k == AUTH_NONE) continue;
    credential(cx, k, v);
    return true;
  }
  return false;
}

/* "203.0.113.7", "203.0.113.7:4711", "[2001:db8::1]:80", "\"[2001:db8::1]\"". */
static bool address(struct span s, uint8_t out[16]) {
  s = span_trim(s);
  if (s.len && s.base[0] == '"') s = span_skip(s, 1);
  if (s.len && s.base[0] == '[') {
    s = span_skip(s, 1);
    s = span_head(s, span_index(s, ']'));
  } else if (span_index(s, '.') < s.len) {
    s = span_head(s, span_index(s, ':'));
  }
  if (s.len && s.base[s.len - 1] == '"') s.len--;
  return span_index(s, '/') == s.len && zones_address(out, s) == 0;
}

/* From the right: the first address that is no proxy of ours; the leftmost where all are. */
static bool from_list(struct who_ctx *cx, struct span list) {
  bool any = false;
  for (unsigned n = 0; list.len && n < 32; n++) {
    size_t at = list.len;
    while (at && list.base[at - 1] != ',') at--;
    uint8_t addr[16];
    if (address(span_skip(list, at), addr)) {
      memcpy(cx->who->origin, addr, 16);
      any = true;
      if (!trusted(cx->env, addr)) return true;
    } else if (any) {
      return true;
    }
    list = span_head(list, at ? at - 1 : 0);
  }
  return any;
}

static bool forwarded(struct who_ctx *cx, struct span value) {
  bool any = false;
  for (unsigned n = 0; value.len && n < 32; n++) {
    struct span hop = span_cut(&value, ',');
    while (hop.len) {
      struct span v = span_cut(&hop, ';'), name = span_trim(span_cut(&v, '='));
      uint8_t addr[16];
      if (!span_eq_nocase(name, SPAN_LIT("for")) || !address(v, addr)) continue;
      if (any && trusted(cx->env, addr)) continue;
      memcpy(cx->who->origin, addr, 16);
      any = true;
    }
  }
  return any;
}

static uint32_t length_bit(size_t n) { return 1U << (n & 31); }
static inline struct span header(const struct who_ctx *cx, const char *name) {
  struct span n = span_str(name);
  return cx->lengths & length_bit(n.len) ? headers_find(cx->h, n) : span_of(NULL, 0);
}

static void origin(struct who_ctx *cx) {
  static const char *const single[] = {
      "x-real-ip",           "x-client-ip",        "true-client-ip",
      "cf-connecting-ip",    "ali-cdn-real-ip",    "x-original-forwarded-for",
      "x-cluster-client-ip", "wl-proxy-client-ip", "proxy-client-ip"};
  const struct conn *conn = &cx->t->conn;
  if (!trusted(cx->env, conn->client)) return;
  if (conn->has_outer) {
    cx->who->forwarded = cx->who->inner_hop = true;
    memcpy(cx->who->origin, conn->outer, 16);
    if (!trusted(cx->env, conn->outer)) return;
    cx->who->forwarded = false; /* a header may know better */
  }
  bool hop =
      header(cx, "via").len || header(cx, "x-forwarded-proto").len || header(cx, "x-envoy-internal").len;
  struct span list = header(cx, "x-forwarded-for"), f = header(cx, "forwarded");
  if (list.len && from_list(cx, list))
    cx->who->forwarded = true;
  else if (f.len && forwarded(cx, f))
    cx->who->forwarded = true;
  for (size_t i = 0; i < sizeof single / sizeof *single && !cx->who->forwarded; i++) {
    struct span v = header(cx, single[i]);
    if (v.len && address(v, cx->who->origin)) cx->who->forwarded = true;
  }
  cx->who->forwarded |= conn->has_outer;
  cx->who->inner_hop = cx->who->forwarded || hop;
}

static struct span trace_of(const struct who_ctx *cx) {
  static const char *const plain[] = {
      "x-b3-traceid",          "x-trace-id",   "trace-id",   "x-amzn-trace-id",  "eagleeye-traceid",
      "x-cloud-trace-context", "x-request-id", "request-id", "x-correlation-id", "x-tt-logid"};
  struct span v = header(cx, "traceparent");
  if (v.len >= 55 && v.base[2] == '-' && v.base[35] == '-') return span_head(span_skip(v, 3), 32);
  if ((v = header(cx, "b3")).len >= 16) return span_cut(&v, '-');
  if ((v = header(cx, "uber-trace-id")).len >= 16) return span_cut(&v, ':');
  if ((v = header(cx, "sw8")).len > 4 || (v = header(cx, "sw6")).len > 4) {
    span_cut(&v, '-');
    return span_cut(&v, '-');
  }
  for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
    if ((v = header(cx, plain[i])).len >= 8) return span_head(span_trim(v), 64);
  return span_of(NULL, 0);
}

static void device(struct who_ctx *cx) {
  struct span ua = header(cx, "user-agent"), id = header(cx, "x-device-id");
  if (!id.len) id = header(cx, "device-id");
  if (!ua.len && !id.len) return;
  struct span both = id.len ? arena_printf(&cx->t->arena, "%.*s\n%.*s", SPAN_FMT(ua), SPAN_FMT(id)) : ua;
  cx->who->device = token(cx, "device", both);
}

static struct span fact_user(const struct txn *t) {
  for (const struct fact *f = t->facts; f; f = f->next)
    if (f->type == FACT_STR &&
        (strcmp(f->name, "user.name") == 0 || span_ends(span_str(f->name), SPAN_LIT(".user"))))
      return f->str;
  return span_of(NULL, 0);
}

void identity_fill(struct identity_env *env, struct api_event *e) {
  struct who_ctx cx = {.env = env, .t = e->txn, .who = &e->who, .h = &e->txn->side[DIR_REQUEST].headers};
  memset(cx.who, 0, sizeof *cx.who);
  memcpy(cx.who->origin, e->txn->conn.client, 16);
  if (e->txn->kind != TXN_CALL) return;
  if (!cx.h->count) {
    origin(&cx);
    user(&cx, fact_user(e->txn));
    if (cx.who->user.len) cx.who->auth = AUTH_LOGIN, cx.who->session = cx.who->user;
    return;
  }
  for (uint32_t i = 0; i < cx.h->count; i++) cx.lengths |= length_bit(cx.h->item[i].name.len);
  origin(&cx);
  cx.who->trace = trace_of(&cx);
  device(&cx);
  if (authorization(&cx, headers_get(cx.h, "authorization"))) return;
  if (headers(&cx) || cookies(&cx) || query(&cx)) return;
  struct span dn = headers_get(cx.h, "x-ssl-client-s-dn");
  if (!dn.len) dn = headers_get(cx.h, "x-client-dn");
  if (dn.len) {
    cx.who->auth = AUTH_MTLS;
    user(&cx, dn);
  }
}
