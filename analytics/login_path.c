/* SPDX-License-Identifier: Apache-2.0 */
/* What a path says of accounts by its words alone. */
#include "analytics/login_path.h"
#include "analytics/login_words.h"

WORDS(words_logout, "logout", "signout", "logoff", "signoff", "revoke");
WORDS(words_register, "register", "signup", "enroll", "zhuce", "registration", "createaccount", "openaccount",
      "adduser", "createuser", "newuser");
WORDS(words_otp, "otp", "sms", "captcha", "vcode", "verifycode", "verificationcode", "authcode", "mfa", "2fa",
      "totp", "smscode", "checkcode", "yzm", "dynamiccode", "messagecode");
WORDS(words_send, "send", "request", "apply", "issue", "generate", "getcode", "push", "resend", "get");
WORDS(words_check, "verify", "check", "validate", "confirm", "login", "submit");
WORDS(words_reset, "reset", "forgot", "forget", "recover", "retrieve", "findpassword", "findpwd",
      "changepassword", "modifypassword", "updatepassword", "password", "passwd");
WORDS(words_lookup, "exists", "available", "checkuser", "checkmobile", "checkaccount", "checkname",
      "checkphone", "isregister", "checkemail", "lookup");

void login_path_words(struct sieve *s) {
  static const char *const *const lists[] = {words_logout, words_otp, words_lookup, words_reset,
                                             words_register};
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
    for (const char *const *w = lists[i]; *w; w++) sieve_add(s, span_str(*w));
  sieve_add(s, SPAN_LIT("/reg"));
}

/* The name without what means "one-time code" in it, so that "sendVerifyCode" does not look like a check; into buf. *otp: there
 * was such a word. "forgotpassword" has "otp" in it by chance. */
static struct span without_otp(struct span p, uint8_t *buf, bool *otp) {
  size_t n = 0;
  *otp = false;
  for (size_t i = 0; i < p.len;) {
    struct span rest = span_skip(p, i);
    size_t word = span_starts(rest, SPAN_LIT("forgotp")) ? 7 : 0, code = 0;
    for (const char *const *w = words_otp; !word && *w; w++)
      if (span_starts(rest, span_str(*w)) && strlen(*w) > code) code = strlen(*w);
    if (code) *otp = true, i += code;
    for (size_t k = code ? 0 : word ? word : 1; k > 0; k--) buf[n++] = p.base[i++];
  }
  return span_of(buf, n);
}

static enum login_step otp_step(struct span rest, bool get) {
  WORDS(surely, "send", "push", "deliver");
  struct grams g;
  grams_of(rest, &g);
  if (login_any_of(&g, surely)) return LOGIN_OTP_SEND;
  if (login_any_of(&g, words_check) && !get) return LOGIN_OTP_CHECK;
  return login_any_of(&g, words_send) || !get ? LOGIN_OTP_SEND : LOGIN_NONE;
}

/* Short names of registration: "/user/reg", "/reg.do". */
static bool is_reg(struct span p) {
  size_t at = span_find(p, SPAN_LIT("/reg"));
  struct span rest = span_skip(p, at < p.len ? at + 4 : p.len);
  return at < p.len && (!rest.len || rest.base[0] == '/' || span_eq(rest, SPAN_LIT("do")) ||
                        span_eq(rest, SPAN_LIT("action")) || span_starts(rest, SPAN_LIT("user")));
}

bool login_path_users(struct span p) {
  WORDS(nouns, "users", "user", "accounts", "members", "member", "customers", "signups");
  while (p.len && p.base[p.len - 1] == '/') p.len--;
  size_t at = p.len;
  while (at > 0 && p.base[at - 1] != '/') at--;
  return span_in(span_skip(p, at), nouns);
}

enum login_step login_path_step(const struct grams *g, struct span method) {
  bool get = span_eq(method, SPAN_LIT("GET")) || span_eq(method, SPAN_LIT("HEAD"));
  uint8_t buf[512]; /* p is no longer */
  if (login_any_of(g, words_logout)) return LOGIN_LOGOUT;
  if (login_any_of(g, words_otp)) {
    bool otp;
    struct span rest = without_otp(g->text, buf, &otp);
    if (otp) return otp_step(rest, get);
  }
  if (login_any_of(g, words_lookup)) return LOGIN_LOOKUP;
  if (get) return LOGIN_NONE;
  if (login_any_of(g, words_reset)) return LOGIN_RESET;
  if (login_any_of(g, words_register) || is_reg(g->text)) return LOGIN_REGISTER;
  return LOGIN_NONE;
}
