/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Web Tokens (RFC 7519, 7515): header and claims read in place. */
#include "analytics/jwt.h"
#include "base/coded.h"
#include "base/err.h"

enum { JWT_MAX = 16384 };

size_t jwt_base64(struct span in, uint8_t *out, size_t cap) {
  size_t n = 0;
  uint32_t acc = 0;
  unsigned have = 0;
  for (size_t i = 0; i < in.len && n < cap; i++) {
    if (in.base[i] == '=') break;
    int v = coded_64(in.base[i]);
    if (v < 0) return 0;
    acc = acc << 6 | (uint32_t)v, have += 6;
    if (have >= 8) out[n++] = (uint8_t)(acc >> (have -= 8));
  }
  return n;
}

static struct span decode(struct arena *a, struct span part) {
  uint8_t *out = arena_alloc(a, part.len + 1);
  if (!out) return span_of(NULL, 0);
  return span_of(out, jwt_base64(part, out, part.len));
}

static struct span text_value(struct span s) {
  if (!s.len) return s;
  if (s.base[0] != '"') {
    if (s.base[0] == '{' || s.base[0] == '[') {
      size_t end = span_index(s, s.base[0] == '{' ? '}' : ']');
      return span_head(s, end + 1);
    }
    size_t n = 0;
    while (n < s.len && s.base[n] != ',' && s.base[n] != '}' && s.base[n] != ' ') n++;
    return span_head(s, n);
  }
  s = span_skip(s, 1);
  for (size_t i = 0; i < s.len; i++) {
    if (s.base[i] == '\\')
      i++;
    else if (s.base[i] == '"')
      return span_head(s, i);
  }
  return s;
}

struct span jwt_member(struct span object, const char *name) {
  struct span want = span_str(name), s = object;
  for (unsigned n = 0; n < 256; n++) {
    size_t at = span_find(s, want);
    if (at >= s.len) break;
    bool quoted = at > 0 && s.base[at - 1] == '"' && at + want.len < s.len && s.base[at + want.len] == '"';
    s = span_skip(s, at + want.len + 1);
    if (!quoted) continue;
    struct span v = span_trim(s);
    if (!v.len || v.base[0] != ':') continue;
    return text_value(span_trim(span_skip(v, 1)));
  }
  return span_of(NULL, 0);
}

static uint64_t seconds(struct span s) {
  uint64_t v = 0;
  span_u64(span_head(s, span_index(s, '.')), &v);
  return v > 100000000000ULL ? v / 1000 : v;
}

static void claims(struct jwt *j, struct span body) {
  static const char *const names[] = {"preferred_username",
                                      "user_name",
                                      "username",
                                      "userName",
                                      "login",
                                      "upn",
                                      "sub",
                                      "uid",
                                      "userId",
                                      "user_id",
                                      "email",
                                      "client_id"};
  for (size_t i = 0; i < sizeof names / sizeof *names && !j->subject.len; i++)
    j->subject = jwt_member(body, names[i]);
  struct span exp = jwt_member(body, "exp"), iat = jwt_member(body, "iat");
  j->has_exp = exp.len > 0;
  j->exp = seconds(exp), j->iat = seconds(iat);
}

int jwt_parse(struct jwt *j, struct span token, struct arena *a) {
  memset(j, 0, sizeof *j);
  if (token.len < 20 || token.len > JWT_MAX || token.base[0] != 'e') return ERR_SYNTAX;
  struct span rest = token, head = span_cut(&rest, '.'), body = span_cut(&rest, '.');
  if (!head.len || !body.len || body.base + body.len >= token.base + token.len) return ERR_SYNTAX;
  head = decode(a, head), body = decode(a, body);
  if (!head.len || head.base[0] != '{' || !body.len || body.base[0] != '{') return ERR_SYNTAX;
  j->alg = jwt_member(head, "alg"), j->kid = jwt_member(head, "kid");
  j->jku = jwt_member(head, "jku"), j->x5u = jwt_member(head, "x5u"), j->jwk = jwt_member(head, "jwk");
  if (!j->alg.len) return ERR_SYNTAX;
  claims(j, body);
  j->signature = rest;
  j->signing = span_head(token, token.len - rest.len - 1);
  return 0;
}
