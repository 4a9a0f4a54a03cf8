/* SPDX-License-Identifier: Apache-2.0 */
/* A trie of given templates. */
#include "analytics/template_rule.h"
#include "base/hash.h"
#include "base/table.h"

enum { NODES = 100000, DEPTH = 40, TRIES = 4096 };

struct node {
  struct table_entry te; /* by parent and text; a pattern's text has its variables emptied */
  const struct node *parent;
  struct node *pattern, *next; /* children with variables, tighter ones first */
  struct span text;
  bool ends;
  struct template_rule rule;
};
struct template_rules {
  struct table nodes;
  struct arena arena;
};
struct key {
  const struct node *parent;
  struct span text;
};

static bool node_eq(const struct table_entry *te, const void *key) {
  const struct node *n = (const struct node *)te;
  const struct key *k = key;
  return n->parent == k->parent && span_eq(n->text, k->text);
}

static uint64_t node_hash(const struct key *k) { return hash64(k->text, (uint64_t)(uintptr_t)k->parent); }

struct template_rules *template_rule_new(void) {
  struct template_rules *r = mem_zalloc(sizeof *r);
  if (!r) return NULL;
  arena_init(&r->arena, NULL, 0);
  if (table_init(&r->nodes, node_eq, NODES, NULL) == 0) return r;
  mem_free(r);
  return NULL;
}

bool template_rule_none(const struct template_rules *r) { return r->nodes.count == 0; }

void template_rule_free(struct template_rules *r) {
  if (!r) return;
  table_done(&r->nodes);
  arena_done(&r->arena);
  mem_free(r);
}

static struct node *child(const struct template_rules *r, const struct node *at, struct span text) {
  struct key k = {at, text};
  return (struct node *)table_find(&r->nodes, node_hash(&k), &k);
}

static bool is_pattern(struct span s) {
  size_t open = span_index(s, '{');
  return open < s.len && span_index(span_skip(s, open), '}') < s.len - open;
}

static struct node *make(struct template_rules *r, struct node *at, struct span text) {
  struct node *n = child(r, at, text);
  if (n) return n;
  n = arena_zalloc(&r->arena, sizeof *n);
  if (!n) return NULL;
  n->parent = at;
  n->text = arena_copy(&r->arena, text);
  struct key k = {at, n->text};
  if (n->text.len != text.len || table_add(&r->nodes, &n->te, node_hash(&k)) < 0) return NULL;
  if (!at || !is_pattern(text)) return n;
  struct node **to = &at->pattern;
  while (*to && (*to)->text.len >= text.len) to = &(*to)->next;
  n->next = *to;
  *to = n;
  return n;
}

/* "{id}.json" → "{}.json" */
static struct span emptied(struct span s, char out[256]) {
  size_t n = 0;
  bool in = false;
  for (size_t i = 0; i < s.len && n < 255; i++) {
    if (s.base[i] == '}') in = false;
    if (!in) out[n++] = (char)s.base[i];
    if (s.base[i] == '{') in = true;
  }
  return span_of(out, n);
}

static struct span trimmed(struct span path) {
  if (path.len && path.base[0] == '/') path = span_skip(path, 1);
  if (path.len && path.base[path.len - 1] == '/') path.len--;
  return path;
}

struct template_rule *template_rule_add(struct template_rules *r, struct span service, struct span path) {
  char text[256];
  struct node *at = make(r, NULL, service);
  struct span rest = trimmed(path);
  for (unsigned i = 0; at && rest.len; i++) {
    struct span s = span_cut(&rest, '/');
    if (i == DEPTH || s.len > 255) return NULL;
    at = make(r, at, is_pattern(s) ? emptied(s, text) : s);
  }
  if (!at) return NULL;
  if (!at->ends) {
    at->rule.path = arena_copy(&r->arena, path);
    if (at->rule.path.len != path.len) return NULL;
    at->ends = true;
  }
  return &at->rule;
}

/* "{}.json" against "17.json"; a variable takes at least one byte. */
static bool fits(struct span pattern, struct span s) {
  size_t open = span_index(pattern, '{');
  if (open == pattern.len) return span_eq(pattern, s);
  if (s.len <= open || memcmp(pattern.base, s.base, open) != 0) return false;
  struct span rest = span_skip(pattern, open + 2), tail = span_skip(s, open);
  size_t literal = span_index(rest, '{');
  if (literal == rest.len) return tail.len > rest.len && span_ends(tail, rest);
  struct span lit = span_head(rest, literal);
  for (size_t i = 1; i < tail.len; i++) {
    struct span here = span_skip(tail, i);
    if (!lit.len || span_starts(here, lit)) return fits(span_skip(rest, literal), span_skip(here, lit.len));
  }
  return false;
}

static struct node *walk(const struct template_rules *r, struct node *at, struct span rest, unsigned *tries) {
  if (!rest.len) return at->ends ? at : NULL;
  if (++*tries > TRIES) return NULL;
  struct span s = span_cut(&rest, '/');
  struct node *n = child(r, at, s), *end = n ? walk(r, n, rest, tries) : NULL;
  for (struct node *p = at->pattern; p && !end && s.len; p = p->next)
    if (fits(p->text, s)) end = walk(r, p, rest, tries);
  return end;
}

struct template_rule *template_rule_find(const struct template_rules *r, struct span service,
                                         struct span path) {
  const struct span any[] = {service, SPAN_LIT("*")};
  for (int i = 0; r && i < 2; i++) {
    unsigned tries = 0;
    struct node *root = child(r, NULL, any[i]), *end = root ? walk(r, root, trimmed(path), &tries) : NULL;
    if (end) return &end->rule;
  }
  return NULL;
}
