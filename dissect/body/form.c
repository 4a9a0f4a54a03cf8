/* SPDX-License-Identifier: Apache-2.0 */
/* application/x-www-form-urlencoded (WHATWG URL, section 5) and query strings; names as a[b][]=c nest. */
#include "dissect/body/walk.h"
#include "base/coded.h"
#include "dissect/body/charset.h"

struct span walk_unpercent(struct body_walk *w, struct span s, bool plus) {
  if (walk_find2(s, '%', plus ? '+' : '%') == s.len) return s;
  uint8_t *out = arena_alloc(w->scratch, s.len);
  if (!out) return s;
  size_t n = 0;
  bool high = false;
  for (size_t i = 0; i < s.len; i++) {
    uint8_t c = s.base[i];
    if (c == '%' && s.len - i > 2 && coded_hex(s.base[i + 1]) >= 0 && coded_hex(s.base[i + 2]) >= 0) {
      c = (uint8_t)(coded_hex(s.base[i + 1]) << 4 | coded_hex(s.base[i + 2]));
      high |= c >= 0x80;
      i += 2;
    } else if (c == '+' && plus) {
      c = ' ';
    }
    out[n++] = c;
  }
  struct span text = {out, n};
  if (!high || charset_is_utf8(text)) return text;
  struct buf b;
  buf_init(&b, NULL, n * 4 + 64);
  int rc = charset_utf8(span_str(charset_guess(text)), text, &b);
  struct span copy = rc >= 0 ? arena_copy(w->scratch, buf_span(&b)) : (struct span){0};
  if (copy.len) text = copy;
  if (rc == ERR_NOMEM) walk_missed(w);
  buf_done(&b);
  return text;
}

/* "a[b][]" and "a.b" are steps. */
static struct path_node *name_node(struct body_walk *w, struct span name) {
  struct path_node *n = walk_root(w);
  size_t open = span_index(name, '[');
  if (open == 0 || open == name.len) return path_child(w->paths, n, name);
  n = path_child(w->paths, n, span_head(name, open));
  name = span_skip(name, open);
  while (name.len && name.base[0] == '[') {
    size_t close = span_index(name, ']');
    struct span step = {name.base + 1, close > 0 ? close - 1 : 0};
    uint64_t index;
    if (step.len == 0 || span_u64(step, &index) >= 0)
      n = path_item(w->paths, n);
    else
      n = path_child(w->paths, n, step);
    name = span_skip(name, close + 1);
  }
  return n;
}

static int pair(struct body_walk *w, struct span part) {
  struct span raw = part;
  struct span name = span_cut(&part, '=');
  bool bare = name.len == raw.len;
  name = walk_unpercent(w, name, true);
  struct span value = walk_unpercent(w, part, true);
  if (bare) return walk_value(w, path_child(w->paths, walk_root(w), SPAN_LIT("")), 0, LEAF_STRING, name, raw);
  return walk_value(w, name_node(w, name), 0, LEAF_STRING, value, part);
}

int form_walk(struct body_walk *w, struct span s) {
  uint32_t before = w->leaves;
  while (s.len) {
    size_t n = walk_find2(s, '&', '\n');
    struct span part = span_head(s, n);
    s = span_skip(s, n + 1);
    while (part.len && part.base[part.len - 1] == '\r') part.len--;
    if (!part.len) continue;
    int rc = pair(w, part);
    if (rc < 0) return rc;
  }
  return (int)(w->leaves - before);
}

static int form_match(struct span mime, struct span head) {
  struct span s = span_trim(head);
  if (s.len && (s.base[0] == '{' || s.base[0] == '[' || s.base[0] == '<')) return 0;
  if (span_find_nocase(mime, SPAN_LIT("form-urlencoded")) < mime.len) return 2;
  if (mime.len) return 0;
  size_t eq = span_index(s, '=');
  if (eq == 0 || eq == s.len || eq > 64) return 0;
  for (size_t i = 0; i < s.len; i++) {
    uint8_t c = s.base[i];
    if (c <= ' ' || c >= 0x7f || c == '<' || c == '"' || c == '{') return 0;
    if (i < eq && !((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_' || c == '.' ||
                    c == '-' || c == '%' || c == '[' || c == ']'))
      return 0;
  }
  return 1;
}

const struct body_format form_format = {"form", form_match, form_walk};
