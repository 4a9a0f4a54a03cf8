/* SPDX-License-Identifier: Apache-2.0 */
/* XML 1.0 as it is sent: elements, attributes, CDATA; namespaces are left out of paths; no DTD is obeyed and no entity
 * expanded but the five and the numeric ones. */
#include "dissect/body/markup.h"

struct frame {
  struct path_node *node, *kid;
  struct span name; /* local name */
  uint32_t run;     /* children of the same name in a row */
  bool filled;      /* had text or children */
};
struct xml {
  struct body_walk *w;
  struct span rest;
  struct frame stack[WALK_DEPTH + 1];
  unsigned top, deep;
  unsigned errors;
};

static struct span local_name(struct span name) {
  size_t colon = span_index(name, ':');
  return colon + 1 < name.len ? span_skip(name, colon + 1) : name;
}

/* <field name="idNo">: the name says more than the element. */
static bool names_field(struct span element) {
  static const char *const words[] = {"field",  "property",  "entry", "param", "parameter",
                                      "column", "attribute", "attr",  "add",   "setting"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (span_eq_nocase(element, span_str(words[i]))) return true;
  return false;
}

static bool is_identifier(struct span s) {
  if (s.len == 0 || s.len > 64) return false;
  for (size_t i = 0; i < s.len; i++)
    if (!markup_is_name(s.base[i]) || s.base[i] >= 0x80) return false;
  return true;
}

static int give_text(struct xml *x, struct span raw, bool cdata) {
  struct span s = span_trim(raw);
  if (!s.len) return 0;
  struct frame *f = &x->stack[x->top];
  f->filled = true;
  return walk_value(x->w, f->node, 0, LEAF_STRING, cdata ? s : markup_unescape(x->w, s), s);
}

static void push(struct xml *x, struct span name) {
  if (x->top >= WALK_DEPTH) {
    x->deep++;
    return;
  }
  struct frame *f = &x->stack[x->top];
  f->filled = true;
  struct path_node *n = path_next(x->w->paths, f->node, f->kid, name);
  f->run = f->kid == n ? f->run + 1 : 1;
  if (f->run > 1) walk_items(x->w, f->run);
  f->kid = n;
  x->stack[++x->top] = (struct frame){.node = n, .name = name};
}

static int pop(struct xml *x, struct span name) {
  if (x->deep) {
    x->deep--;
    return 0;
  }
  unsigned t = x->top;
  while (t > 0 && !span_eq(x->stack[t].name, name)) t--;
  if (t == 0) {
    x->errors++;
    return 0;
  }
  struct frame *f = &x->stack[x->top];
  int rc = 0;
  if (t == x->top && !f->filled)
    rc = walk_value(x->w, f->node, 0, LEAF_NULL, (struct span){f->name.base, 0},
                    (struct span){f->name.base, 0});
  x->top = t - 1;
  return rc;
}

static int attributes(struct xml *x, struct span tag) {
  struct span name, value;
  struct frame *f = &x->stack[x->top];
  bool field = names_field(f->name);
  struct path_node *kid = NULL;
  while (markup_attribute(&tag, &name, &value)) {
    if (span_starts(name, SPAN_LIT("xmlns")) || span_starts(name, SPAN_LIT("xsi:"))) continue;
    struct span s = markup_unescape(x->w, value);
    name = local_name(name);
    if (field && (span_eq_nocase(name, SPAN_LIT("name")) || span_eq_nocase(name, SPAN_LIT("key"))) &&
        is_identifier(s)) {
      f->node = path_child(x->w->paths, f->node, s);
      field = false;
      continue;
    }
    f->filled = true;
    uint8_t at[PATH_KEY_MAX] = "@";
    size_t n = name.len < sizeof at - 1 ? name.len : sizeof at - 1;
    memcpy(at + 1, name.base, n);
    bool plain = span_eq_nocase(name, SPAN_LIT("value")) && names_field(f->name);
    struct path_node *node = plain ? f->node : path_next(x->w->paths, f->node, kid, (struct span){at, n + 1});
    if (!plain) kid = node;
    int rc = walk_value(x->w, node, 0, LEAF_STRING, s, value);
    if (rc < 0) return rc;
  }
  return 0;
}

static int open_tag(struct xml *x, struct span tag) {
  bool empty = tag.len && tag.base[tag.len - 1] == '/';
  if (empty) tag.len--;
  struct span name = local_name(markup_name(&tag));
  if (!name.len) {
    x->errors++;
    return 0;
  }
  push(x, name);
  int rc = x->deep ? 0 : attributes(x, tag);
  if (rc < 0 || !empty) return rc;
  return pop(x, name);
}

static int markup(struct xml *x) {
  struct span s = x->rest;
  if (span_starts(s, SPAN_LIT("<![CDATA["))) {
    s = span_skip(s, 9);
    size_t n = span_find(s, SPAN_LIT("]]>"));
    x->rest = span_skip(s, n + 3);
    return give_text(x, span_head(s, n), true);
  }
  if (span_starts(s, SPAN_LIT("<!--"))) {
    x->rest = span_skip(s, span_find(s, SPAN_LIT("-->")) + 3);
    return 0;
  }
  struct span tag = markup_tag(&x->rest);
  if (!tag.len || tag.base[0] == '?' || tag.base[0] == '!') return 0;
  if (tag.base[0] != '/') return open_tag(x, tag);
  tag = span_skip(tag, 1);
  return pop(x, local_name(markup_name(&tag)));
}

static int xml_walk(struct body_walk *w, struct span s) {
  struct xml x = {.w = w, .rest = s};
  x.stack[0].node = walk_root(w);
  uint32_t before = w->leaves;
  while (x.rest.len) {
    size_t n = span_index(x.rest, '<');
    int rc = give_text(&x, span_head(x.rest, n), false);
    x.rest = span_skip(x.rest, n);
    if (rc >= 0 && x.rest.len) rc = markup(&x);
    if (rc < 0) return rc;
    if (x.errors > 64) return ERR_SYNTAX;
  }
  if (x.top > 0 && !w->cut) x.errors++;
  return x.errors ? ERR_SYNTAX : (int)(w->leaves - before);
}

static int xml_match(struct span mime, struct span head) {
  struct span s = span_trim(head);
  if (span_starts(s, SPAN_LIT("\xef\xbb\xbf"))) s = span_skip(s, 3);
  bool looks =
      s.len > 2 && s.base[0] == '<' && (markup_is_name(s.base[1]) || s.base[1] == '?' || s.base[1] == '!');
  if (!looks) return 0;
  return span_ends(mime, SPAN_LIT("xml")) ? 2 : 1;
}

const struct body_format xml_format = {"xml", xml_match, xml_walk};
