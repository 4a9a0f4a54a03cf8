/* SPDX-License-Identifier: Apache-2.0 */
/* Masks for URLs and header values. */
#include "output/redact.h"
#include "base/ascii.h"
#include "base/grams.h"

#include "analytics/data/veil.h"

static bool is(struct span s, const char *word) { return span_eq(s, span_str(word)); }

enum redact_header redact_header_kind(struct span n) {
  /* clang-format off */
  static const char *const parts[] = {
    "token",      "secret",  "passw",      "api-key",   "apikey",
    "access-key", "session", "credential", "signature", "authorization",
    "jwt",        "cookie",  "private-key",
  };
  /* clang-format on */
  if (is(n, "cookie")) return REDACT_COOKIES;
  if (is(n, "set-cookie")) return REDACT_COOKIE;
  if (is(n, "referer") || is(n, "location") || is(n, "content-location") || is(n, "link") ||
      is(n, "refresh") || is(n, "x-original-url") || is(n, "x-rewrite-url") || is(n, "x-forwarded-uri") ||
      is(n, "destination"))
    return REDACT_URL;
  if (n.len > 2 && n.base[0] == 'a' && n.base[1] == 'c') return REDACT_PLAIN; /* accept-*, access-control-* */
  struct grams g;
  grams_of(n, &g);
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    if (grams_has(&g, parts[i])) return REDACT_SECRET;
  if (is(n, "x-auth") || is(n, "x-auth-key") || is(n, "x-amz-security-token") ||
      is(n, "authentication-info") || is(n, "proxy-authentication-info") || is(n, "sec-websocket-key"))
    return REDACT_SECRET;
  return REDACT_PLAIN;
}

/* A writable copy of s at the end of scratch, made once; NULL when out of memory. */
static uint8_t *copy(struct buf *scratch, struct span s, uint8_t *have) {
  if (have) return have;
  if (buf_reserve(scratch, s.len + 1) < 0) return NULL;
  uint8_t *to = scratch->base + scratch->len;
  if (s.len) memcpy(to, s.base, s.len);
  scratch->len += s.len;
  return to;
}

static void stars(uint8_t *p, size_t from, size_t to, size_t len) {
  if (to > len) to = len;
  for (size_t i = from; i < to; i++) p[i] = '*';
}

/* Part of `in` that `where` covers, moved by `shift`. */
static bool overlap(struct span in, struct span where, size_t *from, size_t *to) {
  uintptr_t a = (uintptr_t)in.base, b = a + in.len, c = (uintptr_t)where.base, d = c + where.len;
  if (!in.len || !where.len || c >= b || d <= a) return false;
  *from = c > a ? c - a : 0;
  *to = d < b ? d - a : in.len;
  return true;
}

static const uint8_t nothing[] = "***";

/* What is left of the shapes that need no context to be told. p: the copy of s, where there is one. */
static struct span veiled(struct buf *scratch, struct span s, uint8_t *p, unsigned what) {
  struct span now = p ? span_of(p, s.len) : s;
  if (!veil_hits(now, what)) return now;
  if (!(p = copy(scratch, s, p))) return span_of(nothing, 3);
  veil_stars(p, s.len, what);
  return span_of(p, s.len);
}

struct span redact_span(struct buf *scratch, struct span s, const struct redactions *r) {
  uint8_t *p = NULL;
  if (r && r->all && s.len) return span_of(nothing, 3);
  for (uint32_t i = 0; r && i < r->count; i++) {
    size_t from, to;
    if (!overlap(s, r->item[i], &from, &to)) continue;
    if (!(p = copy(scratch, s, p))) return span_of(nothing, 3);
    stars(p, from, to, s.len);
  }
  return veiled(scratch, s, p, VEIL_SHAPES);
}

/* Mask values of secret keys in "k=v&k=v" that begins at `at`; pairs end at any of & ; # and at the end. */
static bool mask_pairs(struct buf *scratch, struct span url, size_t at, uint8_t **p) {
  while (at < url.len) {
    size_t end = at, eq = 0;
    for (; end < url.len && url.base[end] != '&' && url.base[end] != ';' && url.base[end] != '#'; end++)
      if (!eq && url.base[end] == '=') eq = end;
    if (eq && end > eq + 1 && veil_is_secret(span_of(url.base + at, eq - at))) {
      if (!(*p = copy(scratch, url, *p))) return false;
      stars(*p, eq + 1, end, url.len);
    }
    at = end + 1;
  }
  return true;
}

static bool mask_authority(struct buf *scratch, struct span url, uint8_t **p) {
  size_t slashes = span_find(url, SPAN_LIT("://"));
  if (slashes > 12 || slashes >= url.len) return true;
  struct span rest = span_skip(url, slashes + 3);
  size_t n = 0, colon = 0;
  for (; n < rest.len && rest.base[n] != '/' && rest.base[n] != '?' && rest.base[n] != '#'; n++) {
    if (rest.base[n] == ':' && !colon) colon = n;
    if (rest.base[n] != '@' || !colon) continue;
    if (!(*p = copy(scratch, url, *p))) return false;
    stars(*p, slashes + 3 + colon + 1, slashes + 3 + n, url.len);
  }
  return true;
}

/* Where the path and query of t begin in its target, when they are copies. */
static size_t place(struct span url, struct span part, bool query) {
  if (query) return span_index(url, '?') + 1;
  if (url.len && url.base[0] == '/') return 0;
  size_t at = span_find(url, part);
  return at;
}

static bool mask_spans(struct buf *scratch, struct span url, const struct txn *t, const struct redactions *r,
                       uint8_t **p) {
  if (r && r->all && url.len) return false;
  for (uint32_t i = 0; r && i < r->count; i++) {
    size_t from, to, off = 0;
    bool hit = overlap(url, r->item[i], &from, &to);
    if (!hit && t && overlap(t->path, r->item[i], &from, &to)) {
      hit = true;
      off = place(url, t->path, false);
    } else if (!hit && t && overlap(t->query, r->item[i], &from, &to)) {
      hit = true;
      off = place(url, t->query, true);
    }
    if (!hit) continue;
    if (!(*p = copy(scratch, url, *p))) return false;
    stars(*p, off + from, off + to, url.len);
  }
  return true;
}

/* A target that a hole ends: its last value is the beginning of one whose kind cannot be told. */
static bool mask_tail(struct buf *scratch, struct span url, const struct txn *t, uint8_t **p) {
  const struct side *q = &t->side[DIR_REQUEST];
  if (q->headers.count || !(q->unseen & (UNSEEN_GAP | UNSEEN_SNAPLEN))) return true;
  size_t at = url.len, digits = 0;
  for (; at && !memchr("=&/?;#", url.base[at - 1], 6); at--)
    digits += url.base[at - 1] >= '0' && url.base[at - 1] <= '9';
  bool number = digits >= 7 && digits == url.len - at, mixed = digits > 1 && url.len - at >= 10;
  if (!number && !(mixed && span_index(url, '?') < at)) return true;
  if (!(*p = copy(scratch, url, *p))) return false;
  stars(*p, at, url.len, url.len);
  return true;
}

struct span redact_url(struct buf *scratch, struct span url, const struct txn *t,
                       const struct redactions *r) {
  uint8_t *p = NULL;
  size_t q = span_index(url, '?'), semi = span_index(span_head(url, q), ';'), hash = span_index(url, '#');
  bool ok = mask_spans(scratch, url, t, r, &p);
  if (ok && q < url.len)
    ok = mask_pairs(scratch, url, q + 1, &p);
  else if (ok && hash < url.len)
    ok = mask_pairs(scratch, url, hash + 1, &p);
  if (ok && semi < q) ok = mask_pairs(scratch, span_head(url, url.len), semi + 1, &p);
  if (ok && url.len && url.base[0] != '/') ok = mask_authority(scratch, url, &p);
  if (ok && t) ok = mask_tail(scratch, url, t, &p);
  if (!ok) return span_of(nothing, 3);
  return veiled(scratch, url, p, VEIL_SHAPES | VEIL_SECRETS);
}

static void put(struct buf *b, struct span s) { (void)buf_put_some(b, s); }

/* "Scheme ***" where the value begins with a word of letters, else "***". */
static struct span mask_secret(struct buf *scratch, struct span value) {
  size_t at = scratch->len, n = 0;
  while (n < value.len && n < 24 && (ascii_lower(value.base[n]) >= 'a' && ascii_lower(value.base[n]) <= 'z'))
    n++;
  if (n > 1 && n < value.len && n < 24 && value.base[n] == ' ') put(scratch, span_head(value, n + 1));
  put(scratch, SPAN_LIT("***"));
  return scratch->base ? span_of(scratch->base + at, scratch->len - at) : span_of(nothing, 3);
}

/* Names stay, values go. attributes: only the first pair is a cookie. */
static struct span mask_cookies(struct buf *scratch, struct span value, bool attributes) {
  size_t at = scratch->len;
  bool first = true;
  while (value.len) {
    struct span pair = span_trim(span_cut(&value, ';'));
    size_t eq = span_index(pair, '=');
    if (!first) put(scratch, SPAN_LIT("; "));
    if (!first && attributes) {
      put(scratch, pair);
    } else {
      if (eq < pair.len && eq <= 64) put(scratch, span_head(pair, eq + 1));
      put(scratch, SPAN_LIT("***"));
    }
    first = false;
  }
  return scratch->base ? span_of(scratch->base + at, scratch->len - at) : span_of(nothing, 3);
}

static bool looks_like_jwt(struct span v) {
  return v.len > 40 && memcmp(v.base, "eyJ", 3) == 0 && span_index(v, '.') < v.len;
}

struct span redact_value(struct buf *scratch, enum redact_header kind, struct span value,
                         const struct redactions *r) {
  switch (kind) {
  case REDACT_SECRET: return value.len ? mask_secret(scratch, value) : value;
  case REDACT_COOKIES: return mask_cookies(scratch, value, false);
  case REDACT_COOKIE: return mask_cookies(scratch, value, true);
  case REDACT_URL: return redact_url(scratch, value, NULL, r);
  default: break;
  }
  if (looks_like_jwt(value) || span_starts_nocase(value, SPAN_LIT("bearer ")))
    return mask_secret(scratch, value);
  return redact_span(scratch, value, r);
}
