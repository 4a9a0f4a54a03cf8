/* SPDX-License-Identifier: Apache-2.0 */
/* A trie of path segments over one hash table. */
#include "analytics/template_trie.h"
#include "base/hash.h"

struct node_key {
  const struct trie_node *parent;
  struct span text;
  bool variable;
};

static bool node_eq(const struct table_entry *te, const void *key) {
  const struct trie_node *n = (const struct trie_node *)te;
  const struct node_key *k = key;
  return n->parent == k->parent && n->variable == k->variable && span_eq(n->text, k->text);
}

static uint64_t node_hash(const struct node_key *k) {
  return hash64(k->text, ((uint64_t)(k->parent ? k->parent->id : 0) << 1) | k->variable);
}

int trie_init(struct trie *t, size_t cap) {
  *t = (struct trie){.cap = cap};
  arena_init(&t->arena, NULL, 0);
  return table_init(&t->nodes, node_eq, cap, NULL);
}

void trie_done(struct trie *t) {
  table_done(&t->nodes);
  arena_done(&t->arena);
}

void trie_reset(struct trie *t) {
  size_t cap = t->cap;
  trie_done(t);
  if (trie_init(t, cap) < 0) t->nodes.slots = NULL;
}

struct trie_node *trie_child(const struct trie *t, const struct trie_node *parent, struct span text,
                             bool variable) {
  struct node_key k = {parent, text, variable};
  return t->nodes.slots ? (struct trie_node *)table_find(&t->nodes, node_hash(&k), &k) : NULL;
}

struct trie_node *trie_get(struct trie *t, struct trie_node *parent, struct span text, bool variable) {
  struct node_key k = {parent, text, variable};
  struct trie_node *n = trie_child(t, parent, text, variable);
  if (n || !t->nodes.slots || t->nodes.count >= t->cap) return n;
  n = arena_zalloc(&t->arena, sizeof *n);
  if (!n) return NULL;
  n->text = arena_copy(&t->arena, text);
  if (n->text.len != text.len || table_add(&t->nodes, &n->te, node_hash(&k)) < 0) return NULL;
  n->id = ++t->next_id;
  n->parent = parent;
  n->variable = variable;
  n->shape = (uint8_t)(variable ? SHAPE_ID : template_shape(text));
  if (parent) {
    n->next = parent->child;
    parent->child = n;
    parent->nchild++;
  }
  return n;
}

struct trie_node *trie_root(struct trie *t) {
  return trie_get(t, NULL, (struct span){0}, false);
}

/* An API named by its date or number: "/2010-04-01/", "/api/2024-01/", "/rest/api/2/". */
static bool is_version_of(struct span s, struct span before) {
  static const char *const words[] = {"api", "rest", "ws", "auth"};
  bool api = false, number = s.len > 0 && s.len < 3;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    api |= before.base && span_eq_nocase(before, span_str(words[i]));
  for (size_t i = 0; i < s.len && number; i++) number = s.base[i] >= '0' && s.base[i] <= '9';
  if (number) return api;
  if (before.base && !api) return false;
  return (s.len == 10 && s.base[4] == '-' && s.base[7] == '-') || (api && s.len == 7 && s.base[4] == '-');
}

/* Folders that hold files of any name. */
static bool holds_files(struct span s) {
  static const char *const words[] = {"static",      "js",        "css",   "img",    "image",   "images",
                                      "assets",      "fonts",     "media", "upload", "uploads", "files",
                                      "attachments", "downloads", "icons", "dist",   "scripts", "styles"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (s.len && (s.base[0] | 32) == words[i][0] && span_eq_nocase(s, span_str(words[i]))) return true;
  return false;
}

struct span trie_key(struct span s, enum template_shape shape, struct span before, bool *variable) {
  *variable = shape == SHAPE_ID || shape == SHAPE_ODD || s.len > TRIE_TEXT;
  if (*variable && is_version_of(s, before)) *variable = false;
  if (*variable) return (struct span){0};
  if (shape != SHAPE_FILE) return s;
  size_t dot = s.len;
  while (dot > 0 && s.base[dot - 1] != '.') dot--;
  struct span stem = span_head(s, dot - 1);
  if (before.base && holds_files(before)) {
    *variable = true;
    return SPAN_LIT("file");
  }
  enum template_shape inner = template_shape(stem);
  if (inner == SHAPE_ID || inner == SHAPE_ODD) {
    *variable = true;
    return span_skip(s, dot - 1);
  }
  return s;
}
