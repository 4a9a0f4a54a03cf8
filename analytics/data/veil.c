/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes of personal data and secrets in any text. Long runs are found by looking at every eleventh byte only. */
#include "analytics/data/veil.h"
#include "base/ascii.h"

#include "analytics/data/validate.h"
#include "analytics/jwt.h"

enum { DIGITS = 11, TOKEN = 20, KEY_MAX = 24, DECODED = 768, PASSES = 4 };

/* Key names in lower case without '-' and '_'. */
static const char *const secret_keys[] = {
    "password",
    "passwd",
    "pwd",
    "pass",
    "passphrase",
    "oldpassword",
    "newpassword",
    "token",
    "accesstoken",
    "refreshtoken",
    "idtoken",
    "authtoken",
    "csrftoken",
    "xsrftoken",
    "sessiontoken",
    "securitytoken",
    "xamzsecuritytoken",
    "xamzsignature",
    "xgoogsignature",
    "sig",
    "secret",
    "clientsecret",
    "secretkey",
    "appsecret",
    "apikey",
    "accesskey",
    "accesskeysecret",
    "authorization",
    "auth",
    "session",
    "sessionid",
    "sid",
    "jsessionid",
    "phpsessid",
    "ticket",
    "jwt",
    "assertion",
    "clientassertion",
    "samlresponse",
    "samlrequest",
    "otp",
    "smscode",
    "pin",
    "cvv",
    "cvv2",
    "cvc",
    "credential",
    "credentials",
    "privatekey",
    "paypassword",
    "tradepassword",
};

bool veil_is_secret(struct span key) {
  char t[24];
  size_t n = 0;
  for (size_t i = 0; i < key.len; i++) {
    uint8_t c = key.base[i];
    if (c == '-' || c == '_') continue;
    if (n == sizeof t) return false;
    t[n++] = (char)ascii_lower(c);
  }
  for (size_t i = 0; n > 1 && i < sizeof secret_keys / sizeof *secret_keys; i++)
    if (secret_keys[i][0] == t[0] && strlen(secret_keys[i]) == n && memcmp(secret_keys[i], t, n) == 0)
      return true;
  return false;
}

static bool is_token(uint8_t c) { return ascii_is_alnum(c) || c == '_' || c == '-'; }
static bool is_base64(uint8_t c) { return is_token(c) || c == '+' || c == '/'; }
static bool is_local(uint8_t c) { return is_token(c) || c == '.' || c == '+'; }
static bool is_domain(uint8_t c) { return ascii_is_alnum(c) || c == '-' || c == '.'; }

/* The two digits before `at` end a percent-coded byte. */
static bool coded_before(struct span s, size_t at) {
  return at >= 3 && s.base[at - 3] == '%' && ascii_is_hex(s.base[at - 2]) && ascii_is_hex(s.base[at - 1]);
}

/* The run of such bytes around `at`, which is one of them. */
static struct span run_around(struct span s, size_t at, size_t from, bool (*is)(uint8_t)) {
  size_t a = at, b = at + 1;
  while (a > from && is(s.base[a - 1])) a--;
  while (b < s.len && is(s.base[b])) b++;
  return span_of(s.base + a, b - a);
}

static size_t offset(struct span s, struct span part) { return (size_t)(part.base - s.base); }

/* %3D13800138000: the code's own digits are not of the number. */
static struct span without_code(struct span s, struct span run) {
  size_t at = offset(s, run);
  for (size_t k = 0; k < 3 && k < run.len; k++)
    if (coded_before(s, at + k)) return span_skip(run, k);
  return run;
}

static bool is_person(struct span run) {
  if (run.len == 11 || run.len == 13 || run.len == 15) return validate_mobile(run, false);
  if (run.len == 18 && validate_id18(run, false)) return true;
  return run.len >= 15 && run.len <= 19 && validate_card(run, false);
}

static bool digits(struct span s, size_t from, struct span *hit) {
  for (size_t at = from + DIGITS - 1; at < s.len; at += DIGITS) {
    if (!ascii_is_digit(s.base[at])) continue;
    struct span run = without_code(s, run_around(s, at, from, ascii_is_digit));
    size_t begin = offset(s, run), end = begin + run.len;
    if (run.len == 17 && end < s.len && ascii_lower(s.base[end]) == 'x') run.len++, end++;
    bool alone = (!begin || !ascii_is_alnum(s.base[begin - 1]) || coded_before(s, begin)) &&
                 (end == s.len || !ascii_is_alnum(s.base[end]));
    if (alone && is_person(run)) {
      *hit = run;
      return true;
    }
    if (end > at) at = end - 1;
  }
  return false;
}

/* name@host.tld, the sign as it is or as %40. */
static bool mail_at(struct span s, size_t from, size_t sign, size_t width, struct span *hit) {
  size_t a = sign, b = sign + width;
  while (a > from && is_local(s.base[a - 1])) a--;
  while (b < s.len && is_domain(s.base[b])) b++;
  while (b > sign + width && !ascii_is_alnum(s.base[b - 1])) b--;
  struct span name = without_code(s, span_of(s.base + a, sign - a)),
              host = span_of(s.base + sign + width, b - sign - width);
  size_t dot = host.len;
  while (dot > 0 && host.base[dot - 1] != '.') dot--;
  struct span top = span_skip(host, dot);
  if (!name.len || dot < 2 || top.len < 2) return false;
  for (size_t i = 0; i < top.len; i++)
    if (!ascii_is_alpha(top.base[i])) return false;
  *hit = span_of(name.base, (size_t)(s.base + b - name.base));
  return true;
}

static bool mail(struct span s, size_t from, struct span *hit) {
  for (size_t at = from; at < s.len; at++) {
    const uint8_t *p = memchr(s.base + at, '@', s.len - at);
    if (!p) return false;
    at = (size_t)(p - s.base);
    if (mail_at(s, from, at, 1, hit)) return true;
  }
  return false;
}

static bool coded_mail(struct span s, size_t from, struct span *hit) {
  for (size_t at = from; at + 3 < s.len; at++) {
    const uint8_t *p = memchr(s.base + at, '%', s.len - at);
    if (!p) return false;
    at = (size_t)(p - s.base);
    if (at + 3 < s.len && p[1] == '4' && p[2] == '0' && mail_at(s, from, at, 3, hit)) return true;
  }
  return false;
}

static bool is_made(struct span run) {
  static const char *const lead[] = {"AKIA",     "ASIA",  "LTAI",  "AKID",        "ghp_",   "gho_",
                                     "ghu_",     "ghs_",  "ghr_",  "github_pat_", "glpat-", "sk_live_",
                                     "rk_live_", "xoxb-", "xoxp-", "AIza",        "npm_",   "hvs."};
  for (size_t i = 0; i < sizeof lead / sizeof *lead; i++)
    if (span_starts(run, span_str(lead[i]))) return true;
  return false;
}

/* A JSON object or list in base64 that holds what would not be shown as it is. */
static bool is_coded(struct span run) {
  uint8_t text[DECODED];
  if (!span_starts(run, SPAN_LIT("eyJ")) && !span_starts(run, SPAN_LIT("eyA")) &&
      !span_starts(run, SPAN_LIT("W3s")) && !span_starts(run, SPAN_LIT("WyJ")) &&
      !span_starts(run, SPAN_LIT("ewo")))
    return false;
  if (run.len > 512) return true;
  while (run.len % 4 == 1) run.len--;
  size_t n = jwt_base64(run, text, sizeof text);
  return n && veil_hits(span_of(text, n), VEIL_SHAPES | VEIL_SECRETS);
}

static bool token(struct span s, size_t from, struct span *hit) {
  for (size_t at = from + TOKEN - 1; at < s.len; at += TOKEN) {
    if (!is_token(s.base[at])) continue;
    struct span run = without_code(s, run_around(s, at, from, is_base64));
    size_t end = offset(s, run) + run.len;
    bool jwt = span_starts(run, SPAN_LIT("eyJ")) && end < s.len && s.base[end] == '.';
    if (run.len >= TOKEN && (jwt || is_made(run) || is_coded(run))) {
      while (jwt && end < s.len && (is_base64(s.base[end]) || s.base[end] == '.')) end++;
      *hit = span_of(run.base, (size_t)(s.base + end - run.base));
      return true;
    }
    if (end > at) at = end - 1;
  }
  return false;
}

static size_t quote_len(struct span s, size_t at) {
  uint8_t c = at < s.len ? s.base[at] : 0;
  if (c == '"' || c == '\'' || c == '\\' || c == '`') return 1;
  if (c != '%' || at + 2 >= s.len || s.base[at + 1] != '2') return 0;
  return s.base[at + 2] == '2' || s.base[at + 2] == '7' ? 3 : 0;
}

/* A quote or blank that ends at `end`, its length; 0 for none. */
static size_t closing_len(struct span s, size_t from, size_t end) {
  if (end <= from) return 0;
  if (strchr("\"'\\ ", s.base[end - 1]) && s.base[end - 1]) return 1;
  return end >= from + 3 && s.base[end - 3] == '%' && s.base[end - 2] == '2' && quote_len(s, end - 3) == 3
             ? 3
             : 0;
}

/* What ends a value: blanks, quotes, separators, as they are or percent-coded. */
static bool ends_value(struct span s, size_t at) {
  uint8_t c = s.base[at];
  if (c <= ' ' || strchr("&;,'\"<>|)}`\\", c)) return true;
  if (c != '%' || at + 2 >= s.len) return false;
  uint8_t a = s.base[at + 1], b = ascii_lower(s.base[at + 2]);
  return (a == '2' && strchr("0267c", b)) || (a == '3' && strchr("bce", b)) || (a == '7' && b == 'c') ||
         (a == '0' && strchr("ad", b));
}

/* password=x, "password":"x", password%3Dx: sign is where the key ends, value where its value may begin. */
static bool pair_at(struct span s, size_t from, size_t sign, size_t value, struct span *hit) {
  size_t end = sign, n;
  while ((n = closing_len(s, from, end))) end -= n;
  size_t a = end;
  while (a > from && end - a <= KEY_MAX && is_token(s.base[a - 1])) a--;
  struct span key = without_code(s, span_of(s.base + a, end - a));
  if (!key.len || !veil_is_secret(key)) return false;
  while (value < s.len && s.base[value] == ' ') value++;
  while ((n = quote_len(s, value))) value += n;
  size_t stop = value;
  while (stop < s.len && !ends_value(s, stop)) stop++;
  while (value < stop && s.base[value] == '*') value++; /* masked before */
  if (value == stop) return false;
  *hit = span_of(s.base + value, stop - value);
  return true;
}

static bool pair(struct span s, size_t from, struct span *hit) {
  for (size_t at = from; at < s.len; at++) {
    uint8_t c = s.base[at];
    if (c == '=' || c == ':') {
      if (pair_at(s, from, at, at + 1, hit)) return true;
    } else if (c == '%' && at + 2 < s.len && s.base[at + 1] == '3' &&
               (ascii_lower(s.base[at + 2]) == 'd' || ascii_lower(s.base[at + 2]) == 'a')) {
      if (pair_at(s, from, at, at + 3, hit)) return true;
    }
  }
  return false;
}

static const struct {
  unsigned what;
  bool (*find)(struct span s, size_t from, struct span *hit);
} kinds[] = {{VEIL_SHAPES, digits},
             {VEIL_SHAPES, mail},
             {VEIL_SHAPES, coded_mail},
             {VEIL_SECRETS, token},
             {VEIL_SECRETS, pair}};

bool veil_hits(struct span s, unsigned what) {
  struct span hit;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (what & kinds[i].what && kinds[i].find(s, 0, &hit)) return true;
  return false;
}

static void stars_once(uint8_t *text, size_t n, unsigned what) {
  struct span s = span_of(text, n), hit;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    for (size_t at = 0; what & kinds[i].what && kinds[i].find(s, at, &hit); at = offset(s, hit) + hit.len)
      memset(text + offset(s, hit), '*', hit.len);
}

/* Stars over a token may leave an address beside it that was none before: k@h.io.eyJ… */
void veil_stars(uint8_t *text, size_t n, unsigned what) {
  for (int pass = 0; pass < PASSES && veil_hits(span_of(text, n), what); pass++) stars_once(text, n, what);
  if (veil_hits(span_of(text, n), what)) memset(text, '*', n);
}

struct span veil_copy(struct arena *a, struct span s, unsigned what) {
  if (!veil_hits(s, what)) return s;
  struct span copy = arena_copy(a, s);
  veil_stars((uint8_t *)(uintptr_t)copy.base, copy.len, what);
  return copy;
}
