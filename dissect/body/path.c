/* SPDX-License-Identifier: Apache-2.0 */
/* Paths of values, interned. */
#include "dissect/body/path.h"
#include "base/ascii.h"
#include "base/arena.h"
#include "base/hash.h"

enum { SLOTS_MIN = 1024 };
#define PATH_SEED 0x7461707061746873ULL

struct path_table {
  struct arena arena;
  struct path_node **slots; /* by parent and name */
  struct path_node **nodes; /* by id */
  uint32_t mask, count, size, max, epoch, fresh;
  uint64_t missed; /* paths not made for want of memory */
};

static struct path_node *node_new(struct path_table *t, struct path_node *parent, struct span path,
                                  struct span key) {
  if (t->count == t->size) {
    uint32_t size = t->size ? t->size * 2 : 256;
    struct path_node **n = mem_realloc(t->nodes, size * sizeof *n);
    if (!n) return NULL;
    t->nodes = n;
    t->size = size;
  }
  struct path_node *n = arena_zalloc(&t->arena, sizeof *n);
  if (!n) return NULL;
  n->path = path;
  n->key = key;
  n->hash = hash64(path, PATH_SEED);
  n->id = t->count;
  n->parent = parent ? parent->id : 0;
  n->depth = parent ? (uint16_t)(parent->depth + 1) : 0;
  n->epoch = t->epoch;
  t->nodes[t->count++] = n;
  return n;
}

static bool table_clear(struct path_table *t) {
  arena_reset(&t->arena);
  memset(t->slots, 0, (t->mask + 1) * sizeof *t->slots);
  t->count = 0;
  t->epoch = 1;
  return node_new(t, NULL, (struct span){0}, (struct span){0}) != NULL;
}

struct path_table *path_table_new(uint32_t max) {
  struct path_table *t = mem_zalloc(sizeof *t);
  if (!t) return NULL;
  t->max = max;
  arena_init(&t->arena, NULL, 0);
  t->mask = SLOTS_MIN - 1;
  t->slots = mem_zalloc(SLOTS_MIN * sizeof *t->slots);
  if (!t->slots || !table_clear(t)) {
    path_table_free(t);
    return NULL;
  }
  return t;
}

void path_table_free(struct path_table *t) {
  if (!t) return;
  arena_done(&t->arena);
  mem_free(t->slots);
  mem_free(t->nodes);
  mem_free(t);
}

bool path_begin(struct path_table *t) {
  t->fresh = 0;
  t->epoch++;
  /* Twice the cap of one message may be kept, so that a message's own cap never depends on what was there. */
  if (t->count <= t->max && t->epoch != UINT32_MAX) return false;
  return table_clear(t) || true;
}

uint64_t path_missed(struct path_table *t) {
  uint64_t n = t->missed;
  t->missed = 0;
  return n;
}

struct path_node *path_root(struct path_table *t) {
  return t->nodes[0];
}
static void grow_slots(struct path_table *t) {
  uint32_t size = (t->mask + 1) * 2;
  struct path_node **slots = mem_zalloc(size * sizeof *slots);
  if (!slots) return; /* longer chains, no harm */
  for (uint32_t i = 0; i <= t->mask; i++) {
    for (struct path_node *n = t->slots[i], *next; n; n = next) {
      next = n->chain;
      n->chain = slots[n->kid_hash & (size - 1)];
      slots[n->kid_hash & (size - 1)] = n;
    }
  }
  mem_free(t->slots);
  t->slots = slots;
  t->mask = size - 1;
}

bool path_is_value(struct span name) {
  if (name.len < 4) return false;
  if (name.len > 64) return true;
  size_t digits = 0, hex = 0, dashes = 0;
  for (size_t i = 0; i < name.len; i++) {
    uint8_t c = name.base[i];
    if (c == '@' && i > 0 && i + 1 < name.len) return true;
    digits += c >= '0' && c <= '9';
    hex += ascii_is_hex(c);
    dashes += c == '-';
  }
  if (digits == name.len || digits >= 7) return true;
  return name.len >= 24 && hex + dashes == name.len && digits > 3;
}

static struct span path_join(struct path_table *t, struct span above, struct span name) {
  size_t dot = above.len ? 1 : 0;
  uint8_t *p = arena_alloc(&t->arena, above.len + dot + name.len + 1);
  if (!p) return (struct span){0};
  if (above.len) memcpy(p, above.base, above.len);
  if (dot) p[above.len] = '.';
  for (size_t i = 0; i < name.len; i++) {
    uint8_t c = name.base[i];
    p[above.len + dot + i] = c < 0x20 || c == 0x7f ? '_' : c;
  }
  return (struct span){p, above.len + dot + name.len};
}

/* A message may touch so many paths and no more, whether they are new to the table or not. */
static bool touch(struct path_table *t, struct path_node *n) {
  if (n->epoch == t->epoch) return true;
  if (t->fresh >= t->max) return false;
  t->fresh++;
  n->epoch = t->epoch;
  return true;
}

static struct path_node *child_new(struct path_table *t, struct path_node *parent, struct span name,
                                   uint32_t h, bool folded) {
  if (t->fresh >= t->max || parent->path.len + name.len >= PATH_MAX_LEN) return NULL;
  struct span path = path_join(t, parent->path, name);
  struct span key = path.base ? span_skip(path, path.len - name.len) : path;
  struct path_node *n = path.base ? node_new(t, parent, path, key) : NULL;
  if (!n) {
    t->missed++;
    return NULL;
  }
  t->fresh++;
  n->folded = folded;
  n->role = (uint8_t)(folded ? PATH_PLAIN : path_role(name));
  n->kid_hash = h;
  n->chain = t->slots[h & t->mask];
  t->slots[h & t->mask] = n;
  if (t->count > t->mask) grow_slots(t);
  return n;
}

static struct path_node *find_child(const struct path_table *t, const struct path_node *parent,
                                    struct span name, uint32_t h) {
  struct path_node *n = t->slots[h & t->mask];
  while (n && !(n->kid_hash == h && n->parent == parent->id && !n->is_item && span_eq(n->key, name)))
    n = n->chain;
  return n;
}

struct path_node *path_child(struct path_table *t, struct path_node *parent, struct span name) {
  if (name.len > PATH_KEY_MAX) name.len = PATH_KEY_MAX;
  uint32_t h = (uint32_t)hash64(name, PATH_SEED + parent->id);
  struct path_node *n = find_child(t, parent, name, h);
  bool folded = !n && path_is_value(name); /* what stands under its own name was none */
  if (folded) {
    name = SPAN_LIT("{key}");
    h = (uint32_t)hash64(name, PATH_SEED + parent->id);
    n = find_child(t, parent, name, h);
  }
  if (n) return touch(t, n) ? n : parent;
  n = child_new(t, parent, name, h, folded);
  return n ? n : parent;
}

static inline uint64_t word(const uint8_t *p) {
  uint64_t v;
  memcpy(&v, p, sizeof v);
  return v;
}

/* Names are short: their ends overlap in two words. */
static inline bool same_name(struct span a, struct span b) {
  if (a.len != b.len) return false;
  if (a.len < 8 || a.len > 16) return span_eq(a, b);
  return ((word(a.base) ^ word(b.base)) | (word(a.base + a.len - 8) ^ word(b.base + b.len - 8))) == 0;
}

struct path_node *path_next(struct path_table *t, struct path_node *parent, struct path_node *before,
                            struct span name) {
  struct path_node **guess = before ? &before->after : &parent->first;
  struct path_node *n = *guess;
  if (n && n->parent == parent->id && !n->folded && same_name(n->key, name) && touch(t, n)) return n;
  n = path_child(t, parent, name);
  if (n != parent) *guess = n;
  return n;
}

struct path_node *path_item(struct path_table *t, struct path_node *parent) {
  struct path_node *n = parent->item;
  if (n) return touch(t, n) ? n : parent;
  if (t->fresh >= t->max || parent->path.len + 2 >= PATH_MAX_LEN) return parent;
  uint8_t *p = arena_alloc(&t->arena, parent->path.len + 2);
  if (p && parent->path.len) memcpy(p, parent->path.base, parent->path.len);
  if (p) memcpy(p + parent->path.len, "[]", 2);
  n = p ? node_new(t, parent, (struct span){p, parent->path.len + 2}, parent->key) : NULL;
  if (!n) {
    t->missed++;
    return parent;
  }
  t->fresh++;
  n->is_item = true;
  parent->item = n;
  return n;
}

struct path_node *path_of(struct path_table *t, struct span path) {
  struct path_node *n = path_root(t);
  while (path.len) {
    struct span step = span_cut(&path, '.');
    unsigned lists = 0;
    while (span_ends(step, SPAN_LIT("[]"))) {
      step.len -= 2;
      lists++;
    }
    if (step.len) n = path_child(t, n, step);
    for (; lists; lists--) n = path_item(t, n);
  }
  return n;
}
