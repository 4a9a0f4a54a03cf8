/* SPDX-License-Identifier: Apache-2.0 */
/* Identities and logins recognised from requests and answers. */
#include "analytics/identity.h"
#include "analytics/login.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <arpa/inet.h>

struct call {
  struct txn t;
  struct api_event e;
  struct identity_env *ids;
  struct login_env *logins;
};
static const uint8_t key[32] = {1, 2, 3};
static char *words[] = {"login", "oauth", "token"};
static const struct analytics_conf conf = {.login_paths = {words, 3}, .inspect = true};

static void v4(uint8_t out[16], const char *text) {
  memset(out, 0, 16);
  out[10] = out[11] = 0xff;
  inet_pton(AF_INET, text, out + 12);
}

static void begin(struct call *c, const char *method, const char *path, const char *client) {
  memset(c, 0, sizeof *c);
  arena_init(&c->t.arena, NULL, 0);
  c->t.kind = TXN_CALL;
  c->t.method = span_str(method), c->t.path = span_str(path);
  c->t.side[0].seen = c->t.side[1].seen = true;
  v4(c->t.conn.client, client);
  c->e.txn = &c->t;
  c->ids = identity_new(&conf, key);
  c->logins = login_new(&conf, key);
  assert_non_null(c->ids);
  assert_non_null(c->logins);
}

static void end(struct call *c) {
  identity_free(c->ids);
  login_free(c->logins);
  arena_done(&c->t.arena);
}

static void header(struct call *c, const char *name, const char *value) {
  txn_header(&c->t, &c->t.side[0].headers, span_str(name), span_str(value));
}

static void field(struct call *c, const char *name, const char *value, bool answer) {
  struct leaf l = {
      .path = span_str(name), .key = span_str(name), .value = span_str(value), .type = LEAF_STRING};
  if (answer)
    login_answer(c->logins, &l);
  else
    login_value(c->logins, PLACE_BODY, &l);
}

static void test_jwt(void **state) {
  (void)state;
  struct call a, b;
  begin(&a, "GET", "/x", "198.51.100.1");
  header(&a, "Authorization", "Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1MSJ9.c2ln");
  identity_fill(a.ids, &a.e);
  assert_int_equal(a.e.who.auth, AUTH_JWT);
  assert_true(span_eq(a.e.who.jwt_alg, SPAN_LIT("HS256")));
  assert_false(span_eq(a.e.who.user, a.e.who.session));
  begin(&b, "GET", "/x", "198.51.100.1");
  header(&b, "Authorization", "Basic dTE6cHc="); /* u1:pw */
  identity_fill(b.ids, &b.e);
  assert_int_equal(b.e.who.auth, AUTH_BASIC);
  assert_true(span_eq(a.e.who.user, b.e.who.user));
  end(&a);
  end(&b);
}

static void test_origin(void **state) {
  (void)state;
  struct call c;
  uint8_t want[16];
  begin(&c, "GET", "/x", "10.0.0.5");
  header(&c, "X-Forwarded-For", "1.2.3.4, 203.0.113.9, 10.0.0.7");
  identity_fill(c.ids, &c.e);
  v4(want, "203.0.113.9");
  assert_memory_equal(c.e.who.origin, want, 16);
  assert_true(c.e.who.inner_hop);
  end(&c);
  begin(&c, "GET", "/x", "198.51.100.7"); /* from outside: not believed */
  header(&c, "X-Forwarded-For", "1.2.3.4");
  identity_fill(c.ids, &c.e);
  assert_memory_equal(c.e.who.origin, c.t.conn.client, 16);
  assert_false(c.e.who.inner_hop);
  end(&c);
}

/* What a balancer said before the connection's own bytes is its client, unless a header knows of one further out. */
static void test_outer(void **state) {
  (void)state;
  struct call c;
  uint8_t want[16];
  for (int i = 0; i < 4; i++) {
    begin(&c, "GET", "/x", i == 3 ? "198.51.100.7" : "10.0.0.5");
    c.t.conn.has_outer = true;
    v4(c.t.conn.outer, i == 1 ? "10.0.0.9" : "203.0.113.7");
    if (i != 2) header(&c, "X-Forwarded-For", "203.0.113.9");
    identity_fill(c.ids, &c.e);
    v4(want, i == 0 || i == 2 ? "203.0.113.7" : i == 1 ? "203.0.113.9" : "198.51.100.7");
    assert_memory_equal(c.e.who.origin, want, 16);
    assert_int_equal(c.e.who.forwarded, i != 3);
    end(&c);
  }
}

static void test_kinds(void **state) {
  (void)state;
  /* clang-format off */
  static const struct {
    const char *name, *value; enum auth_kind kind; } rows[] = {
    {"X-Api-Key", "pk_live_123456", AUTH_API_KEY}, {"Cookie", "lang=zh; JSESSIONID=0123456789", AUTH_SESSION},
    {"Authorization", "AWS4-HMAC-SHA256 Credential=AKIA1/20260101/x/s3/aws4_request, Signature=1", AUTH_SIGNATURE},
    {"Authorization", "TC3-HMAC-SHA256 Credential=AKID1/2026-01-01/cvm/tc3_request", AUTH_SIGNATURE},
    {"Authorization", "OSS LTAI123:abc", AUTH_SIGNATURE},
    {"Authorization", "Bearer 0123456789abcdef", AUTH_BEARER},
    {"Authorization", "Digest username=\"u1\", realm=\"x\"", AUTH_DIGEST},
    {"Cookie", "_ga=GA1.2.3.4.5.6", AUTH_NONE},
    {"Authorization", "Negotiate YIIabc", AUTH_NEGOTIATE},
  };
  /* clang-format on */
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct call c;
    begin(&c, "GET", "/x", "198.51.100.1");
    header(&c, rows[i].name, rows[i].value);
    identity_fill(c.ids, &c.e);
    assert_int_equal(c.e.who.auth, rows[i].kind);
    end(&c);
  }
}

static void test_login(void **state) {
  (void)state;
  struct call c;
  begin(&c, "POST", "/api/auth/v1/login", "198.51.100.1");
  c.t.status = 200;
  assert_true(login_begin(c.logins, &c.e));
  field(&c, "username", "U1", false);
  field(&c, "password", "pw", false);
  field(&c, "code", "10023", true);
  identity_fill(c.ids, &c.e);
  login_fill(c.logins);
  assert_int_equal(c.e.login.step, LOGIN_ATTEMPT);
  assert_int_equal(c.e.login.result, TXN_ERROR);
  assert_int_equal(c.e.login.account.len, TOKEN_HEX);
  assert_int_equal(c.e.login.secret.len, TOKEN_HEX);
  end(&c);
}

static void test_steps(void **state) {
  (void)state;
  /* clang-format off */
  static const struct {
    const char *path, *f1, *f2; int status; enum login_step step; enum txn_outcome result; } rows[] = {
    {"/v1/otp/send", "mobile", "scene", 200, LOGIN_OTP_SEND, TXN_OK},
    {"/v1/otp/verify", "mobile", "code", 400, LOGIN_OTP_CHECK, TXN_ERROR},
    {"/user/logout", "x", "y", 204, LOGIN_LOGOUT, TXN_OK},
    {"/user/register", "mobile", "password", 200, LOGIN_REGISTER, TXN_OK},
    {"/password/reset", "email", "x", 200, LOGIN_RESET, TXN_OK},
    {"/accounts/transfer", "from", "to", 200, LOGIN_NONE, TXN_UNKNOWN},
    {"/oauth/token", "username", "password", 401, LOGIN_ATTEMPT, TXN_ERROR},
  };
  /* clang-format on */
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct call c;
    begin(&c, "POST", rows[i].path, "198.51.100.1");
    c.t.status = rows[i].status;
    login_begin(c.logins, &c.e);
    field(&c, rows[i].f1, "18100000000", false);
    field(&c, rows[i].f2, "123456", false);
    login_fill(c.logins);
    assert_int_equal(c.e.login.step, rows[i].step);
    assert_int_equal(c.e.login.result, rows[i].result);
    end(&c);
  }
}

/* Logins in other dialects: what names the account and the password, and what says that it failed. */
static void test_dialects(void **state) {
  (void)state;
  /* clang-format off */
  static const struct {
    const char *path, *operation, *f1, *v1, *f2, *v2, *f3, *v3, *answer, *said; enum login_step step; enum txn_outcome result; } rows[] = {
    {"/graphql", "login", "query", "mutation($u:String!,$p:String!){login(username:$u,password: $p){token}}", "u", "anna", "p", "pw",
     "errors[].message", "nope", LOGIN_ATTEMPT, TXN_ERROR},
    {"/graphql", "signIn", "query", "mutation{signIn(input:{email:\"a@b.cn\",password:\"pw\"}){token}}", "x", "y", "z", "y",
     "token", "0123456789", LOGIN_ATTEMPT, TXN_OK},
    {"/jsonrpc", "session.login", "method", "session.login", "params", "anna", "params", "pw", "code", "-32002", LOGIN_ATTEMPT, TXN_ERROR},
    {"/jsonrpc", "session.login", "method", "session.login", "params", "anna", "params", "pw", "result", "5f2d", LOGIN_ATTEMPT, TXN_OK},
    {"/portal/dl.do", "", "用户名", "anna", "密码", "pw", "x", "y", "状态", "失败", LOGIN_ATTEMPT, TXN_ERROR},
    {"/mcp/trans", "", "transCode", "USER_LOGIN", "userNo", "anna", "encPwd", "pw", "retCode", "SUC0000", LOGIN_ATTEMPT, TXN_OK},
    {"/mcp/trans", "", "transCode", "USER_LOGIN", "userNo", "anna", "pwdHash", "pw", "retCode", "E10023", LOGIN_ATTEMPT, TXN_ERROR},
    {"/user/password/reset", "", "phone", "137", "captcha", "0042", "newPassword", "pw", "success", "false", LOGIN_OTP_CHECK, TXN_ERROR},
    {"/settings", "", "user", "anna", "passwordPolicy", "strict", "x", "y", "code", "0", LOGIN_NONE, TXN_UNKNOWN},
  };
  /* clang-format on */
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct call c;
    begin(&c, "POST", rows[i].path, "198.51.100.1");
    c.t.operation = span_str(rows[i].operation);
    c.t.status = 200;
    assert_true(login_begin(c.logins, &c.e));
    field(&c, rows[i].f1, rows[i].v1, false);
    field(&c, rows[i].f2, rows[i].v2, false);
    field(&c, rows[i].f3, rows[i].v3, false);
    field(&c, rows[i].answer, rows[i].said, true);
    login_fill(c.logins);
    assert_int_equal(c.e.login.step, rows[i].step);
    assert_int_equal(c.e.login.result, rows[i].result);
    assert_int_equal(c.e.login.account.len > 0, rows[i].step != LOGIN_NONE);
    end(&c);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_jwt),     cmocka_unit_test(test_origin),
                                     cmocka_unit_test(test_outer),   cmocka_unit_test(test_kinds),
                                     cmocka_unit_test(test_login),   cmocka_unit_test(test_steps),
                                     cmocka_unit_test(test_dialects)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
