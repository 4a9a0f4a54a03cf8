/* SPDX-License-Identifier: Apache-2.0 */
/* Members of JSON objects: what is not asked for is stepped over, strings by vector search. */
#include "dissect/body/members.h"
#include "base/coded.h"
#include "dissect/body/walk.h"

static bool is_space(uint8_t c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static struct span skip_space(struct span s) {
  size_t i = 0;
  while (i < s.len && is_space(s.base[i])) i++;
  return span_skip(s, i);
}

bool members_open(struct members *m, struct span s) {
  s = skip_space(s);
  if (!s.len || (s.base[0] != '{' && s.base[0] != '[')) return false;
  m->list = s.base[0] == '[';
  m->rest = span_skip(s, 1);
  return true;
}

/* Length of the string's content; s begins behind the opening quote. */
static size_t string_length(struct span s) {
  size_t at = 0;
  while (at < s.len) {
    at += walk_find2(span_skip(s, at), '"', '\\');
    if (at >= s.len || s.base[at] == '"') break;
    at += 2;
  }
  return at < s.len ? at : s.len;
}

/* Length of a container, brackets included. */
static size_t container_length(struct span s) {
  size_t depth = 0, i = 0;
  while (i < s.len) {
    switch (s.base[i]) {
    case '"': i += 1 + string_length(span_skip(s, i + 1)); break;
    case '{':
    case '[': depth++; break;
    case '}':
    case ']':
      if (--depth == 0) return i + 1;
      break;
    default: break;
    }
    i++;
  }
  return s.len;
}

static size_t word_length(struct span s) {
  size_t i = 0;
  while (i < s.len && !is_space(s.base[i]) && s.base[i] != ',' && s.base[i] != '}' && s.base[i] != ']') i++;
  return i;
}

static bool take_value(struct members *m, struct member *out) {
  struct span s = m->rest;
  uint8_t c = s.base[0];
  if (c == '"') {
    s = span_skip(s, 1);
    out->value = span_head(s, string_length(s));
    out->kind = '"';
    m->rest = span_skip(s, out->value.len + 1);
    return true;
  }
  size_t n = c == '{' || c == '[' ? container_length(s) : word_length(s);
  if (!n) return false;
  out->kind = c == '-' || (c >= '0' && c <= '9') ? '0' : c;
  out->value = span_head(s, n);
  m->rest = span_skip(s, n);
  return true;
}

bool members_next(struct members *m, struct member *out) {
  *out = (struct member){.kind = 0};
  m->rest = skip_space(m->rest);
  if (m->rest.len && m->rest.base[0] == ',') m->rest = skip_space(span_skip(m->rest, 1));
  if (!m->rest.len || m->rest.base[0] == '}' || m->rest.base[0] == ']') return false;
  if (!m->list) {
    if (m->rest.base[0] != '"') return false;
    struct span s = span_skip(m->rest, 1);
    out->key = span_head(s, string_length(s));
    m->rest = skip_space(span_skip(s, out->key.len + 1));
    if (!m->rest.len || m->rest.base[0] != ':') return false;
    m->rest = skip_space(span_skip(m->rest, 1));
    if (!m->rest.len) return false;
  }
  return take_value(m, out);
}

struct member members_find(struct span object, const char *key) {
  struct members m;
  struct member x = {.kind = 0};
  struct span name = span_str(key);
  if (!members_open(&m, object) || m.list) return x;
  while (members_next(&m, &x))
    if (span_eq(x.key, name)) return x;
  return (struct member){.kind = 0};
}

static size_t unescape_u(const uint8_t *p, const uint8_t *end, uint32_t *c) {
  uint32_t v = 0;
  if (end - p < 4) return 0;
  for (unsigned i = 0; i < 4; i++) {
    int h = coded_hex(p[i]);
    if (h < 0) return 0;
    v = v << 4 | (uint32_t)h;
  }
  *c = v >= 0xd800 && v < 0xe000 ? 0xfffd : v;
  return 4;
}

struct span members_text(struct arena *arena, struct span s) {
  if (span_index(s, '\\') == s.len) return s;
  uint8_t *out = arena_alloc(arena, s.len);
  const uint8_t *p = s.base, *end = s.base + s.len;
  size_t n = 0;
  if (!out) return (struct span){0};
  while (p < end) {
    uint8_t c = *p++;
    if (c != '\\' || p == end) {
      out[n++] = c;
      continue;
    }
    uint32_t u = 0;
    size_t eaten = *p == 'u' ? unescape_u(p + 1, end, &u) : 0;
    if (eaten)
      n += walk_utf8(u, out + n);
    else
      out[n++] = walk_escape(*p);
    p += 1 + eaten;
  }
  return (struct span){out, n};
}
