/* SPDX-License-Identifier: Apache-2.0 */
/* What the keys of paths, and the labels beside values, say of the values. */
#include "analytics/data/known.h"
#include "analytics/data/form.h"
#include "base/hash.h"
#include "base/mem.h"

enum { LABELS = 512 };
/* What a text that stands beside a value says as its key. */
struct said {
  uint64_t hash;
  struct known known;
};

void known_done(struct known_keys *t) {
  mem_free(t->node);
  mem_free(t->said);
}

void known_forget(struct known_keys *t) {
  if (t->nodes) memset(t->node, 0, t->nodes * sizeof *t->node);
}

void known_begin(struct known_keys *t) {
  if (++t->stamp) return;
  t->stamp = 1;
  for (uint32_t i = 0; i < t->nodes; i++) t->node[i].stamp = 0;
}

const struct known *known_at(const struct known_keys *t, uint32_t id) {
  return id < t->nodes ? &t->node[id] : &t->spare;
}

/* "items.idCard.no": the key above, lists apart. */
static struct span parent_key(const struct path_node *n) {
  struct span p = n->path, key = n->key;
  while (span_ends(p, SPAN_LIT("[]"))) p.len -= 2;
  if (p.len <= key.len) return (struct span){0};
  p.len -= key.len + 1;
  while (span_ends(p, SPAN_LIT("[]"))) p.len -= 2;
  size_t from = p.len;
  while (from > 0 && p.base[from - 1] != '.') from--;
  return span_skip(p, from);
}

/* Where it is not sure that the word is a key, what takes any word does not follow from it. */
static void drop_words(const struct known_keys *t, struct class_hints *h) {
  unsigned kept = 0;
  for (unsigned i = 0; i < h->count; i++)
    if (t->classes->item[h->item[i]].validator->shape != SHAPE_ANY) h->item[kept++] = h->item[i];
  h->count = (uint8_t)kept;
}

/* "columns": [{"name": …}], <property name="…">: the names of fields, not of persons. */
static bool names_fields(const struct path_node *n, struct span above) {
  enum path_role role = path_role(above);
  if (role != PATH_HEADING && role != PATH_LABEL) return false;
  if (n->key.len && n->key.base[0] == '@') return n->role == PATH_LABEL || n->role == PATH_LABEL_WEAK;
  struct span front = span_head(n->path, n->path.len - n->key.len);
  return role == PATH_HEADING && n->role == PATH_LABEL && span_ends(front, SPAN_LIT("[]."));
}

static void learn_key(struct known_keys *t, const struct path_node *n, struct known *k) {
  struct span bare, above = parent_key(n);
  *k = (struct known){.known = true, .key_says = (uint8_t)form_of_key(n->key, &bare)};
  if (names_fields(n, above)) return;
  class_keys_hints(t->classes, n->key, above, &k->hints);
  if (k->hints.count || !k->key_says) return;
  bool technical = k->hints.technical;
  class_keys_hints(t->classes, bare, above, &k->hints);
  k->hints.technical = technical;
  k->hints.blank = false;
}

struct known *known_of(struct known_keys *t, const struct path_node *n) {
  if (n->id >= t->nodes) {
    uint32_t size = t->nodes ? t->nodes : 256;
    while (size <= n->id) size *= 2;
    struct known *p = mem_realloc(t->node, size * sizeof *p);
    if (!p) {
      learn_key(t, n, &t->spare);
      return &t->spare;
    }
    memset(p + t->nodes, 0, (size - t->nodes) * sizeof *p);
    t->node = p;
    t->nodes = size;
  }
  struct known *k = &t->node[n->id];
  if (!k->known) learn_key(t, n, k);
  if (k->stamp != t->stamp) {
    k->stamp = t->stamp;
    k->streak = 0;
    k->values = k->names = 0;
  }
  return k;
}

struct known *known_labelled(struct known_keys *t, struct known *n, struct span label, bool strong) {
  label = span_trim(label);
  if (label.len < 2 || n->hints.count || n->hints.technical) return n;
  if (!t->said && !(t->said = mem_zalloc(LABELS * sizeof *t->said))) return t->missed = true, n;
  uint64_t hash = hash64(label, strong ? 11 : 13) | 1;
  struct said *s = &t->said[(hash >> 1) % LABELS];
  struct known *k = &s->known;
  if (s->hash != hash) {
    struct span bare;
    s->hash = hash;
    *k = (struct known){.known = true, .key_says = (uint8_t)form_of_key(label, &bare)};
    class_keys_hints(t->classes, label, (struct span){0}, &k->hints);
    if (!k->hints.count && k->key_says) class_keys_hints(t->classes, bare, (struct span){0}, &k->hints);
    k->hints.blank = false;
    if (!strong) drop_words(t, &k->hints);
  }
  k->stamp = t->stamp;
  k->streak = 0;
  return strong || k->hints.count ? k : n;
}
