/* SPDX-License-Identifier: Apache-2.0 */
/* Tags, attributes and character references of XML and HTML. */
#include "dissect/body/markup.h"
#include "base/coded.h"

struct span markup_tag(struct span *s) {
  const uint8_t *from = s->base + 1, *p = from, *end = s->base + s->len;
  uint8_t quote = 0;
  for (; p < end; p++) {
    if (quote) {
      if (*p == quote) quote = 0;
    } else if (*p == '"' || *p == '\'') {
      quote = *p;
    } else if (*p == '>') {
      break;
    }
  }
  if (p >= end && quote) { /* a stray quote: end at the first '>' */
    p = from + span_index((struct span){from, (size_t)(end - from)}, '>');
  }
  struct span tag = {from, (size_t)(p - from)};
  *s = span_skip(*s, tag.len + 2);
  return tag;
}

struct span markup_name(struct span *s) {
  size_t n = 0;
  while (n < s->len && markup_is_name(s->base[n])) n++;
  struct span name = span_head(*s, n);
  *s = span_skip(*s, n);
  return name;
}

static bool is_space(uint8_t c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool markup_attribute(struct span *tag, struct span *name, struct span *value) {
  for (;;) {
    while (tag->len && !markup_is_name(tag->base[0])) *tag = span_skip(*tag, 1);
    if (!tag->len) return false;
    *name = markup_name(tag);
    struct span s = *tag;
    while (s.len && is_space(s.base[0])) s = span_skip(s, 1);
    if (!s.len || s.base[0] != '=') continue; /* an attribute without a value says nothing */
    s = span_skip(s, 1);
    while (s.len && is_space(s.base[0])) s = span_skip(s, 1);
    size_t n = 0;
    if (s.len && (s.base[0] == '"' || s.base[0] == '\'')) {
      uint8_t quote = s.base[0];
      s = span_skip(s, 1);
      n = span_index(s, quote);
      *value = span_head(s, n);
      *tag = span_skip(s, n + 1);
      return true;
    }
    while (n < s.len && !is_space(s.base[n])) n++;
    *value = span_head(s, n);
    *tag = span_skip(s, n);
    return true;
  }
}

static size_t reference(struct span s, uint8_t *out, size_t *eaten) {
  static const struct {
    const char *name;
    uint32_t c;
  } named[] = {{"&amp;", '&'},   {"&lt;", '<'},   {"&gt;", '>'}, {"&quot;", '"'},
               {"&apos;", '\''}, {"&nbsp;", ' '}, {"&#34;", '"'}};
  for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
    struct span name = span_str(named[i].name);
    if (!span_starts(s, name)) continue;
    *eaten = name.len;
    return walk_utf8(named[i].c, out);
  }
  if (s.len < 4 || s.base[1] != '#') return 0;
  bool hex = (s.base[2] | 32) == 'x';
  uint32_t c = 0;
  size_t i = hex ? 3 : 2;
  for (; i < s.len && i < 10; i++) {
    int v = coded_hex(s.base[i]);
    if (v < 0 || (!hex && v > 9)) break;
    c = c * (hex ? 16 : 10) + (uint32_t)v;
  }
  if (i >= s.len || s.base[i] != ';' || i == (hex ? 3u : 2u)) return 0;
  *eaten = i + 1;
  if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000) || c == 0) c = 0xfffd;
  return walk_utf8(c, out);
}

struct span markup_unescape(struct body_walk *w, struct span s) {
  if (span_index(s, '&') == s.len) return s;
  uint8_t *out = arena_alloc(w->scratch, s.len + 4);
  if (!out) return s;
  size_t n = 0;
  while (s.len) {
    size_t run = span_index(s, '&');
    memcpy(out + n, s.base, run);
    n += run;
    s = span_skip(s, run);
    if (!s.len) break;
    size_t eaten = 0, made = reference(s, out + n, &eaten);
    if (!made) {
      out[n] = '&';
      made = eaten = 1;
    }
    n += made;
    s = span_skip(s, eaten);
  }
  return (struct span){out, n};
}
