/* SPDX-License-Identifier: Apache-2.0 */
/* HTML: the text between tags, scripts, and what forms and links carry in attributes. */
#include "dissect/body/markup.h"

struct html {
  struct body_walk *w;
  struct span rest;
  struct path_node *at; /* of the tag that the text stands in */
};

static int give(struct html *h, struct path_node *n, struct span raw, enum leaf_type type) {
  struct span s = span_trim(raw);
  if (!s.len) return 0;
  return walk_value(h->w, n, 0, type, markup_unescape(h->w, s), s);
}

static struct span lower(struct html *h, struct span name) {
  uint8_t *p = arena_alloc(h->w->scratch, name.len ? name.len : 1);
  if (!p) return name;
  for (size_t i = 0; i < name.len; i++) {
    uint8_t c = name.base[i];
    p[i] = c >= 'A' && c <= 'Z' ? (uint8_t)(c | 32) : c;
  }
  return (struct span){p, name.len};
}

/* value="" under the field's name; href, src, content and data-* under their own. */
static int attributes(struct html *h, struct span tag) {
  struct span name, value, field = {0}, scan = tag;
  while (markup_attribute(&scan, &name, &value))
    if (span_eq_nocase(name, SPAN_LIT("name")) || (!field.len && span_eq_nocase(name, SPAN_LIT("id"))))
      field = value;
  while (markup_attribute(&tag, &name, &value)) {
    bool own = span_eq_nocase(name, SPAN_LIT("href")) || span_eq_nocase(name, SPAN_LIT("src")) ||
               span_starts_nocase(name, SPAN_LIT("data-"));
    bool named = span_eq_nocase(name, SPAN_LIT("value")) || span_eq_nocase(name, SPAN_LIT("content"));
    if (!own && !named) continue;
    struct path_node *n = h->at;
    if (named && field.len)
      n = path_child(h->w->paths, n, field);
    else
      n = path_child(h->w->paths, n, lower(h, name));
    int rc = give(h, n, value, LEAF_STRING);
    if (rc < 0) return rc;
  }
  return 0;
}

static int raw_text(struct html *h, struct span close) {
  size_t n = span_find_nocase(h->rest, close);
  struct span text = span_head(h->rest, n);
  h->rest = span_skip(h->rest, n);
  text = span_trim(text);
  return text.len ? walk_value(h->w, h->at, 0, LEAF_TEXT, text, text) : 0;
}

static int on_tag(struct html *h) {
  if (span_starts(h->rest, SPAN_LIT("<!--"))) {
    size_t n = span_find(h->rest, SPAN_LIT("-->"));
    struct span text = span_head(span_skip(h->rest, 4), n > 4 ? n - 4 : 0);
    h->rest = span_skip(h->rest, n + 3);
    return give(h, path_child(h->w->paths, walk_root(h->w), SPAN_LIT("comment")), text, LEAF_TEXT);
  }
  struct span tag = markup_tag(&h->rest);
  if (!tag.len || tag.base[0] == '!' || tag.base[0] == '?') return 0;
  if (tag.base[0] == '/') return 0;
  struct span name = lower(h, markup_name(&tag));
  if (!name.len) return 0;
  h->at = path_child(h->w->paths, walk_root(h->w), name);
  bool script = span_eq(name, SPAN_LIT("script")), style = span_eq(name, SPAN_LIT("style"));
  int rc = attributes(h, tag);
  if (rc < 0) return rc;
  if (script) return raw_text(h, SPAN_LIT("</script"));
  if (style) h->rest = span_skip(h->rest, span_find_nocase(h->rest, SPAN_LIT("</style")));
  return 0;
}

static int html_walk(struct body_walk *w, struct span s) {
  struct html h = {.w = w, .rest = s, .at = walk_root(w)};
  uint32_t before = w->leaves;
  while (h.rest.len) {
    size_t n = span_index(h.rest, '<');
    int rc = give(&h, h.at, span_head(h.rest, n), LEAF_TEXT);
    h.rest = span_skip(h.rest, n);
    if (rc >= 0 && h.rest.len) rc = on_tag(&h);
    if (rc < 0) return rc;
  }
  return (int)(w->leaves - before);
}

static int html_match(struct span mime, struct span head) {
  struct span s = span_trim(head);
  bool told = span_starts(mime, SPAN_LIT("text/html")) || span_starts(mime, SPAN_LIT("application/xhtml"));
  if (told && s.len && s.base[0] == '<' && !span_starts_nocase(s, SPAN_LIT("<?xml"))) return 2;
  return span_starts_nocase(s, SPAN_LIT("<!doctype html")) || span_starts_nocase(s, SPAN_LIT("<html")) ? 2
                                                                                                       : 0;
}

const struct body_format html_format = {"html", html_match, html_walk};
