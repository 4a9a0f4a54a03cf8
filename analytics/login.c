/* SPDX-License-Identifier: Apache-2.0 */
/* What a call tried in terms of accounts: told by words of the path, by fields and by the answer. */
#include "analytics/login.h"
#include "analytics/login_graphql.h"
#include "analytics/login_path.h"
#include "analytics/login_verdict.h"
#include "analytics/login_words.h"
#include "analytics/notes.h"
#include "base/mem.h"

enum { VARIABLES = 8 };

struct login_env {
  const struct analytics_conf *conf;
  uint8_t key[32];
  struct sieve words; /* of all that is looked for in a path */
  /* of one call */
  struct api_event *e;
  enum login_step hint; /* by the path alone */
  bool active, word;    /* worth looking at; a configured word is in the path */
  bool users;           /* the path is of the users as a whole */
  bool remote;          /* a remote procedure by its name: arguments may have no names */
  struct {
    struct span variable; /* in e's arena */
    uint16_t said;
  } variables[VARIABLES]; /* of a GraphQL document */
  unsigned nvariables, positions;
  bool password, code, otp_grant, refresh, old_password, new_password;
  char account[TOKEN_HEX], secret[TOKEN_HEX], otp[TOKEN_HEX];
  bool has_account, has_secret, has_otp;
  int account_rank;
  unsigned leaves;
  struct login_verdict said;
};

WORDS(fields_password, "password", "passwd", "pwd", "pass", "userpassword", "loginpassword", "loginpwd",
      "userpwd", "pin", "mima", "密码", "登录密码", "口令", "交易密码", "passcode", "encpassword",
      "passwordhash", "pswd", "psw", "loginpass", "encryptpwd", "jpassword", "userpass", "logonpassword");
WORDS(fields_account, "username", "user", "account", "login", "loginname", "userid", "email", "mobile",
      "phone", "phonenumber", "uname", "loginid", "accountname", "accountno", "mobileno", "phoneno", "tel",
      "usercode", "name", "identifier", "principal", "jusername", "logonid", "custno", "customerid", "mail",
      "useraccount", "yonghuming", "log", "cellphone", "mobilephone", "staffid", "employeeno", "userno",
      "memberno", "memberid", "operno", "operid", "operatorid", "tellerno", "tellerid", "acctno", "logonname",
      "signinname", "nickname", "yhm", "zhanghao", "shoujihao", "sjh", "idno", "certno", "用户名", "用户",
      "账号", "帐号", "账户", "登录名", "登录账号", "手机号", "手机号码", "手机", "邮箱", "工号", "柜员号",
      "客户号", "证件号", "证件号码", "身份证号");
WORDS(fields_code, "code", "otp", "smscode", "verifycode", "vcode", "verificationcode", "authcode", "captcha",
      "totp", "mfacode", "checkcode", "dynamiccode", "messagecode", "validcode", "passcode",
      "onetimepassword", "otpcode", "验证码", "短信验证码", "动态码", "动态口令");
/* Beside "password" in a name: it is about one, and not one. */
WORDS(words_no_password, "type", "flag", "expire", "remember", "hint", "question", "length", "level",
      "strength", "need", "reset", "forgot", "forget", "change", "modify", "confirm", "repeat", "again",
      "times", "status", "encoding", "policy", "new", "salt", "version", "mode", "date", "time", "rule");

/* "encPwd", "txtUserPassword", "loginPwdCipher". */
static bool is_password(struct span k) {
  WORDS(cores, "password", "passwd", "pwd", "密码", "mima");
  return login_any_in(k, cores) && !login_any_in(k, words_no_password);
}

static struct span path_word(const struct analytics_conf *conf, size_t i, uint8_t buf[64]) {
  return login_squeeze(span_str(conf->login_paths.item[i]), buf, 64);
}

struct login_env *login_new(const struct analytics_conf *conf, const uint8_t key[32]) {
  struct login_env *env = mem_zalloc(sizeof *env);
  if (!env) return NULL;
  env->conf = conf;
  memcpy(env->key, key, 32);
  login_path_words(&env->words);
  for (size_t i = 0; i < conf->login_paths.count; i++) {
    uint8_t buf[64];
    struct span w = path_word(conf, i, buf);
    if (w.len) sieve_add(&env->words, w);
  }
  return env;
}
void login_free(struct login_env *env) { mem_free(env); }

/* What the path says by itself; few have any of the words. */
static void take_path(struct login_env *env, struct span p, struct span method) {
  if (!sieve_may(&env->words, p)) return;
  for (size_t i = 0; i < env->conf->login_paths.count && !env->word; i++) {
    uint8_t buf[64];
    struct span w = path_word(env->conf, i, buf);
    env->word = w.len && span_find(p, w) < p.len;
  }
  struct grams g;
  grams_of(p, &g);
  env->hint = login_path_step(&g, method);
}

bool login_begin(struct login_env *env, struct api_event *e) {
  uint8_t buf[512];
  memset(&env->e, 0, sizeof *env - offsetof(struct login_env, e));
  env->e = e;
  struct txn *t = e->txn;
  if (t->statement) env->e = NULL;
  if (t->kind != TXN_CALL || t->statement) return false;
  struct span name = t->path.len ? t->path : t->operation;
  struct span p = login_squeeze(span_head(name, sizeof buf), buf, sizeof buf);
  take_path(env, p, t->method);
  WORDS(entries, "login", "logon", "signin", "authenticate", "signon");
  uint8_t obuf[128];
  struct span op = t->operation.len ? login_squeeze(span_head(t->operation, sizeof obuf), obuf, sizeof obuf)
                                    : t->operation;
  env->remote = op.len && login_any_in(op, entries);
  env->word |= env->remote;
  env->users = login_path_users(p);
  bool post = span_eq(t->method, SPAN_LIT("POST")) || span_eq(t->method, SPAN_LIT("PUT")) ||
              span_eq(t->method, SPAN_LIT("PATCH")) || !t->method.len;
  env->active = env->hint != LOGIN_NONE || env->word || (post && t->side[DIR_REQUEST].body_bytes < 4096);
  struct span q = t->query;
  for (unsigned n = 0; env->active && q.len && n < 64; n++) {
    struct span v = span_cut(&q, '&'), k = span_cut(&v, '=');
    struct leaf l = {.path = k, .key = k, .value = v, .raw = v, .type = LEAF_STRING};
    login_value(env, PLACE_QUERY, &l);
  }
  env->leaves = 0;
  return env->active;
}

/* Account names are compared without case and surrounding blanks. */
static void account_token(struct login_env *env, struct span v, char out[TOKEN_HEX]) {
  uint8_t low[128];
  v = span_head(span_trim(v), sizeof low);
  for (size_t i = 0; i < v.len; i++)
    low[i] = (uint8_t)(v.base[i] + ((uint8_t)(v.base[i] - 'A') < 26 ? 32 : 0));
  hash_token(env->key, SPAN_LIT("account"), span_of(low, v.len), out);
}

static int rank(const char *const *list, struct span s) {
  for (int i = 0; list[i]; i++)
    if (span_eq(s, span_str(list[i]))) return 1000 - i;
  return 0;
}

/* What a request's field is: a note's kind in its upper bits, an account's rank below. */
enum field_kind {
  FIELD_OTHER = 1,
  FIELD_GRANT,
  FIELD_OLD,
  FIELD_NEW,
  FIELD_OLD_NEW,
  FIELD_PASSWORD,
  FIELD_CODE,
  FIELD_SECRET,   /* a password where someone logs in */
  FIELD_DOCUMENT, /* of GraphQL */
  FIELD_POSITION  /* an argument without a name */
};
enum { FIELD_SHIFT = 12 };

static bool is_number(struct span k) {
  for (size_t i = 0; i < k.len; i++)
    if ((uint8_t)(k.base[i] - '0') > 9) return false;
  return k.len > 0 && k.len < 4;
}

/* "args[0]", of calls by position. */
static bool is_place(struct span k) {
  return k.len > 6 && span_starts(k, SPAN_LIT("args[")) && k.base[k.len - 1] == ']' &&
         is_number(span_of(k.base + 5, k.len - 6));
}

static uint16_t judge_field(struct span key) {
  uint8_t buf[32];
  struct span k = login_squeeze(key, buf, sizeof buf);
  int r = rank(fields_account, k);
  if (!r && span_eq(k, SPAN_LIT("clientid"))) r = 1;
  enum field_kind f = FIELD_OTHER;
  if (span_eq(k, SPAN_LIT("granttype"))) {
    f = FIELD_GRANT;
  } else if (login_has(k, "oldpass") || login_has(k, "oldpwd")) {
    f = login_has(k, "newpass") || login_has(k, "newpwd") ? FIELD_OLD_NEW : FIELD_OLD;
  } else if (span_in(k, fields_password) || span_eq(k, SPAN_LIT("clientsecret"))) {
    f = FIELD_PASSWORD;
  } else if (login_has(k, "newpass") || login_has(k, "newpwd")) {
    f = FIELD_NEW;
  } else if (span_in(k, fields_code)) {
    f = FIELD_CODE;
  } else if (!r && is_password(k)) {
    f = FIELD_PASSWORD;
  } else if (span_eq(k, SPAN_LIT("secret"))) {
    f = FIELD_SECRET;
  } else if (span_eq(k, SPAN_LIT("query"))) {
    f = FIELD_DOCUMENT;
  } else if (span_eq(k, SPAN_LIT("params")) || span_eq(k, SPAN_LIT("args")) || is_number(k) || is_place(k)) {
    f = FIELD_POSITION;
  }
  return (uint16_t)((unsigned)f << FIELD_SHIFT | (unsigned)r);
}

static uint16_t field_of(const struct leaf *leaf) {
  uint16_t *note = notes_at(leaf, NOTE_ACCOUNT);
  if (!note) return judge_field(leaf->key);
  if (!*note) *note = judge_field(leaf->key);
  return *note;
}

static void take(struct login_env *env, uint16_t said, struct span v);

/* A variable waits for its value; a string is the value. */
static void argument(void *user, struct span name, struct span value, bool variable) {
  struct login_env *env = user;
  if (!variable) {
    take(env, judge_field(name), value);
  } else if (env->nvariables < VARIABLES) {
    unsigned n = env->nvariables++;
    env->variables[n].variable = arena_copy(&env->e->txn->arena, value);
    env->variables[n].said = judge_field(name);
  }
}

static uint16_t variable_of(const struct login_env *env, const struct leaf *leaf) {
  for (unsigned i = 0; i < env->nvariables; i++)
    if (span_eq(env->variables[i].variable, leaf->key)) return env->variables[i].said;
  return 0;
}

void login_value(struct login_env *env, enum place place, const struct leaf *leaf) {
  (void)place;
  if (!env->active || !leaf->key.len || leaf->key.len > 32) return;
  uint16_t said = env->nvariables ? variable_of(env, leaf) : 0;
  if (!said) said = field_of(leaf);
  enum field_kind f = (enum field_kind)(said >> FIELD_SHIFT);
  env->leaves++;
  if (f == FIELD_DOCUMENT && leaf->value.len < 8192 &&
      (env->remote || span_starts(leaf->value, SPAN_LIT("mutation")))) {
    login_graphql(leaf->value, argument, env);
    return;
  }
  if (f == FIELD_POSITION && env->remote && leaf->type == LEAF_STRING)
    said = env->positions++ == 0 ? 1 : env->positions == 2 ? FIELD_PASSWORD << FIELD_SHIFT : said;
  take(env, said, leaf->value);
}

static void take(struct login_env *env, uint16_t said, struct span v) {
  enum field_kind f = (enum field_kind)(said >> FIELD_SHIFT);
  if (!v.len || v.len > 1024) return;
  if (f == FIELD_SECRET && env->word) f = FIELD_PASSWORD;
  if (f == FIELD_GRANT) {
    env->refresh = login_has(v, "refresh");
    env->otp_grant = login_has(v, "sms") || login_has(v, "mobile");
    return;
  }
  if (f == FIELD_OLD || f == FIELD_OLD_NEW) env->old_password = true;
  if (f == FIELD_NEW || f == FIELD_OLD_NEW) env->new_password = true;
  if (f == FIELD_PASSWORD || env->old_password) {
    env->password = true;
    if (!env->has_secret) hash_token(env->key, SPAN_LIT("password"), v, env->secret);
    env->has_secret = true;
    return;
  }
  if (f == FIELD_CODE && v.len <= 12) {
    hash_token(env->key, SPAN_LIT("otp"), v, env->otp);
    env->code = env->has_otp = true;
    return;
  }
  int r = said & ((1 << FIELD_SHIFT) - 1);
  if (r > env->account_rank) {
    account_token(env, v, env->account);
    env->has_account = true, env->account_rank = r;
  }
}

void login_answer(struct login_env *env, const struct leaf *leaf) {
  if (!env->active || !leaf->key.len || leaf->key.len > 32 || leaf->depth > 3) return;
  login_verdict_take(&env->said, leaf, env->remote);
}

static bool sets_session(const struct txn *t) {
  const struct headers *h = &t->side[DIR_RESPONSE].headers;
  for (uint32_t i = 0; i < h->count; i++) {
    if (!span_eq_nocase(h->item[i].name, SPAN_LIT("set-cookie"))) continue;
    struct span v = h->item[i].value, name = span_cut(&v, '=');
    if (span_find_nocase(name, SPAN_LIT("sess")) < name.len ||
        span_find_nocase(name, SPAN_LIT("token")) < name.len ||
        span_find_nocase(name, SPAN_LIT("sid")) < name.len)
      return true;
  }
  return false;
}

static enum txn_outcome result(const struct login_env *env) {
  const struct txn *t = env->e->txn;
  if (!t->path.len) return t->outcome == TXN_OK && env->said.verdict < 0 ? TXN_ERROR : t->outcome;
  if (!t->side[DIR_RESPONSE].seen || t->status < 100) return TXN_UNKNOWN;
  if (t->status >= 500) return TXN_UNKNOWN;
  if (t->status >= 400) return TXN_ERROR;
  if (txn_fact(t, "tapscope.grpc.status")) return t->outcome;
  if (t->status >= 300) {
    struct span to = headers_get(&t->side[DIR_RESPONSE].headers, "location");
    if (login_is_refusal(to) || span_find_nocase(to, SPAN_LIT("error")) < to.len) return TXN_ERROR;
    if (sets_session(t)) return TXN_OK;
    return span_find_nocase(to, SPAN_LIT("login")) < to.len ? TXN_ERROR : TXN_OK;
  }
  if (env->said.token) return TXN_OK;
  if (env->said.verdict) return env->said.verdict > 0 ? TXN_OK : TXN_ERROR;
  return TXN_OK;
}

static enum login_step step_of(const struct login_env *env) {
  const struct txn *t = env->e->txn;
  bool get = span_eq(t->method, SPAN_LIT("GET"));
  if (env->refresh) return LOGIN_NONE;
  if (env->hint == LOGIN_LOGOUT) return LOGIN_LOGOUT;
  if (env->hint == LOGIN_REGISTER && (env->has_account || env->password)) return LOGIN_REGISTER;
  if (env->hint == LOGIN_RESET && env->code) return LOGIN_OTP_CHECK;
  if (env->hint == LOGIN_RESET && (env->password || env->has_account || env->new_password))
    return LOGIN_RESET;
  if (env->hint == LOGIN_LOOKUP) return env->has_account ? LOGIN_LOOKUP : LOGIN_NONE;
  if (env->users && !env->word && env->password && env->has_account && span_eq(t->method, SPAN_LIT("POST")))
    return LOGIN_REGISTER;
  if (env->password && env->has_account && !env->new_password && (env->word || (env->leaves <= 6 && !get)))
    return LOGIN_ATTEMPT;
  if (env->hint == LOGIN_OTP_CHECK && env->code) return LOGIN_OTP_CHECK;
  if (env->hint == LOGIN_OTP_SEND)
    return env->has_account && !env->code ? LOGIN_OTP_SEND : env->code ? LOGIN_OTP_CHECK : LOGIN_NONE;
  if (env->word && env->has_account && (env->code || env->otp_grant) && !get) return LOGIN_ATTEMPT;
  if (env->e->who.auth == AUTH_BASIC || env->e->who.auth == AUTH_DIGEST)
    return t->status == 401 || t->status == 403 ? LOGIN_ATTEMPT : LOGIN_NONE;
  if (t->operation.len && !t->path.len && env->e->who.auth == AUTH_LOGIN) {
    WORDS(ops, "login", "auth", "AUTH", "connect", "handshake", "logon", "LOGIN", "hello");
    return login_any_in(t->operation, ops) ? LOGIN_ATTEMPT : LOGIN_NONE;
  }
  return LOGIN_NONE;
}

static struct span keep(struct login_env *env, const char hex[TOKEN_HEX]) {
  return arena_copy(&env->e->txn->arena, span_of(hex, TOKEN_HEX));
}

void login_fill(struct login_env *env) {
  struct api_event *e = env->e;
  if (!e || e->txn->kind != TXN_CALL) return;
  struct login *l = &e->login;
  l->step = step_of(env);
  if (l->step == LOGIN_NONE) return;
  l->result = result(env);
  if (env->has_account)
    l->account = keep(env, env->account);
  else if (e->who.auth == AUTH_BASIC || e->who.auth == AUTH_DIGEST || e->who.auth == AUTH_LOGIN ||
           l->step == LOGIN_RESET)
    l->account = e->who.user;
  if (env->has_secret)
    l->secret = keep(env, env->secret);
  else if (env->has_otp)
    l->secret = keep(env, env->otp);
  else if (e->who.auth == AUTH_BASIC && l->step == LOGIN_ATTEMPT)
    l->secret = e->who.session;
}
