/* SPDX-License-Identifier: Apache-2.0 */
/* Collects the fields of a message. */
#include "analytics/fields.h"
#include "analytics/schema.h"
#include "base/err.h"
#include "base/mem.h"
#include "dissect/body/path.h"

#include <math.h>

enum { FORMAT_LOOKS = 8, ENUM_LEN = 32, TOLD = 64 };

struct slot {
  uint32_t stamp, place;
  uint8_t key; /* 0 not yet asked, 1 no, 2: holds words of a closed set */
};
struct told {
  uint32_t looks;
  uint8_t count, len[FIELD_WORDS];
  bool more;
  char text[FIELD_WORDS][FIELD_WORD];
};
struct entry {
  struct field f;
  const char *prefix;
  struct told *told;
};
struct fields_env {
  struct entry *entry;
  uint32_t count, max, stamp;
  struct slot *slot; /* by node id */
  uint32_t slots;
  uint64_t seed;
  struct entry spill; /* takes what is over the cap */
  bool missed;        /* memory, for a field of this message */
  struct told told[TOLD];
  uint32_t ntold;
  struct entry *last; /* of the value added last, under its node and prefix */
  const struct path_node *last_node;
  const char *last_prefix;
};

struct fields_env *fields_new(uint32_t max, uint64_t seed) {
  struct fields_env *f = mem_zalloc(sizeof *f);
  if (!f) return NULL;
  f->max = max;
  f->seed = seed;
  f->entry = mem_zalloc(max * sizeof *f->entry);
  if (f->entry) return f;
  mem_free(f);
  return NULL;
}

void fields_free(struct fields_env *f) {
  if (!f) return;
  mem_free(f->entry);
  mem_free(f->slot);
  mem_free(f);
}

void fields_begin(struct fields_env *f) {
  f->count = f->ntold = 0;
  f->missed = false;
  f->last_node = NULL;
  if (++f->stamp == 0) {
    memset(f->slot, 0, f->slots * sizeof *f->slot);
    f->stamp = 1;
  }
}

uint64_t fields_hash(struct span value) { return hash64(value, FIELDS_SEED) | 1; }

static bool grow(struct fields_env *f, uint32_t id) {
  uint32_t n = f->slots ? f->slots : 256;
  while (n <= id) n *= 2;
  struct slot *s = mem_realloc(f->slot, n * sizeof *s);
  if (!s) return false;
  memset(s + f->slots, 0, (n - f->slots) * sizeof *s);
  f->slot = s;
  f->slots = n;
  return true;
}

/* The same node may stand in query and body: the prefix tells, and such messages are few. */
static struct entry *find_other(struct fields_env *f, const char *prefix, const struct leaf *leaf) {
  for (uint32_t i = 0; i < f->count; i++)
    if (f->entry[i].prefix == prefix && f->entry[i].f.path_hash == leaf->path_hash) return &f->entry[i];
  return NULL;
}

static struct entry *entry_of(struct fields_env *f, const char *prefix, const struct leaf *leaf) {
  uint32_t id = leaf->node->id;
  if (id >= f->slots && !grow(f, id)) {
    f->missed = true;
    return &f->spill;
  }
  struct slot *s = &f->slot[id];
  if (s->stamp == f->stamp) {
    struct entry *e = &f->entry[s->place];
    if (e->prefix == prefix) return e;
    e = find_other(f, prefix, leaf);
    if (e) return e;
  }
  if (f->count >= f->max) return &f->spill;
  *s = (struct slot){f->stamp, f->count, s->key};
  struct entry *e = &f->entry[f->count++];
  *e = (struct entry){
      .f = {.path = leaf->path, .path_hash = leaf->path_hash, .min = INFINITY, .max = -INFINITY},
      .prefix = prefix};
  return e;
}

static uint64_t load64(const uint8_t *p) {
  uint64_t v = 0;
  for (unsigned i = 0; i < 8; i++) v |= (uint64_t)p[i] << (8 * i); /* one load where bytes stand so */
  return v;
}

#define ONES 0x0101010101010101ULL
static bool all_digits(uint64_t v) {
  return ((v & ONES * 0xf0) | ((v + ONES * 6) & ONES * 0xf0) >> 4) == ONES * 0x33;
}

/* Eight digits by joining neighbours: to pairs, fours, all. */
static uint64_t join(uint64_t v) {
  v -= ONES * '0';
  v = v * 10 + (v >> 8);
  return ((v & 0x000000ff000000ffULL) * (100 + (1000000ULL << 32)) +
          (v >> 16 & 0x000000ff000000ffULL) * (1 + (10000ULL << 32))) >>
         32;
}

/* The first digits are summed as an integer, which rounds no earlier than a double does. */
static double number(struct span s) {
  enum { EXACT = 15 };
  static const double ten[EXACT + 1] = {1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                        1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  size_t i = s.len && (s.base[0] == '-' || s.base[0] == '+');
  uint64_t n = 0;
  unsigned places = 0, all = 0;
  bool point = false;
  if (s.len - i >= 8) {
    uint64_t head = load64(s.base + i);
    if (all_digits(head)) n = join(head), all = 8, i += 8;
  }
  for (; i < s.len && all < EXACT; i++) {
    uint8_t d = (uint8_t)(s.base[i] - '0');
    if (d < 10) {
      n = n * 10 + d;
      all++;
      places += point;
    } else if (s.base[i] == '.' && !point) {
      point = true;
    } else {
      break;
    }
  }
  double v = (double)n, scale = ten[places];
  for (; all == EXACT && i < s.len; i++) {
    uint8_t c = s.base[i];
    if (c >= '0' && c <= '9') {
      v = v * 10 + (c - '0');
      if (point) scale *= 10;
    } else if (c == '.' && !point) {
      point = true;
    } else {
      break;
    }
  }
  if (point) v /= scale;
  return s.len && s.base[0] == '-' ? -v : v;
}

/* The digits at the end of an id, whatever stands before. */
static uint64_t tail_of(struct span s) {
  uint64_t n = 0, scale = 1;
  if (s.len > ENUM_LEN) return 0;
  for (size_t i = s.len; i > 0 && s.len - i < 18 && (uint8_t)(s.base[i - 1] - '0') < 10; i--, scale *= 10)
    n += scale * (uint64_t)(s.base[i - 1] - '0');
  return n;
}

static void note_value(struct fields_env *f, struct field *x, const struct leaf *leaf,
                       const struct look *look) {
  x->format |= schema_look(leaf->value, look);
  if (x->seen && !x->value_hash) return;
  uint64_t h = leaf->value.len <= ENUM_LEN ? hash64(leaf->value, f->seed) | 1 : 0;
  if (x->seen == 0)
    x->value_hash = h, x->tail = tail_of(leaf->value);
  else if (x->value_hash != h)
    x->value_hash = 0;
}

void fields_add(struct fields_env *f, const char *prefix, const struct leaf *leaf, const struct look *look) {
  struct entry *e = entry_of(f, prefix, leaf);
  f->last = e, f->last_node = leaf->node, f->last_prefix = prefix;
  if (e == &f->spill) return;
  struct field *x = &e->f;
  x->types |= (uint16_t)(1u << leaf->type);
  if (x->seen < FORMAT_LOOKS && leaf->type != LEAF_NULL && leaf->type != LEAF_BYTES)
    note_value(f, x, leaf, look);
  else if (x->value_hash && (hash64(leaf->value, f->seed) | 1) != x->value_hash)
    x->value_hash = 0;
  x->seen++;
  if (leaf->type == LEAF_NULL) return;
  double v = leaf->type == LEAF_NUMBER ? number(leaf->value) : (double)leaf->value.len;
  if (v < x->min) x->min = v;
  if (v > x->max) x->max = v;
}

void fields_forget(struct fields_env *f) {
  for (uint32_t i = 0; i < f->slots; i++) f->slot[i].key = 0;
}

static void tell(struct told *t, const struct leaf *leaf) {
  t->looks++;
  if (leaf->type == LEAF_NULL || t->more) return;
  if (!fields_word_value(leaf)) {
    t->more = true;
    return;
  }
  for (unsigned i = 0; i < t->count; i++)
    if (span_eq(span_of(t->text[i], t->len[i]), leaf->value)) return;
  if (t->count == FIELD_WORDS) {
    t->more = true;
    return;
  }
  t->len[t->count] = (uint8_t)leaf->value.len;
  memcpy(t->text[t->count++], leaf->value.base, leaf->value.len);
}

void fields_tell(struct fields_env *f, const char *prefix, const struct leaf *leaf) {
  uint32_t id = leaf->node->id;
  if (id >= f->slots || f->slot[id].key == 1) return;
  if (!f->slot[id].key) f->slot[id].key = (uint8_t)(1 + fields_word_key(leaf->node->key));
  if (f->slot[id].key == 1) return;
  bool again = f->last_node == leaf->node && f->last_prefix == prefix;
  struct entry *e = again ? f->last : entry_of(f, prefix, leaf);
  if (e == &f->spill) return;
  if (!e->told) {
    if (f->ntold == TOLD) return;
    e->told = &f->told[f->ntold++];
    *e->told = (struct told){0};
  }
  tell(e->told, leaf);
}

static const struct field_words *words_of(const struct entry *e, struct arena *arena) {
  const struct told *t = e->told;
  struct field_words *w = t ? arena_zalloc(arena, sizeof *w) : NULL;
  if (!w) return NULL;
  w->more = t->more || t->looks != e->f.seen;
  for (unsigned i = 0; i < t->count && !w->more; i++)
    w->word[w->count++] = arena_copy(arena, span_of(t->text[i], t->len[i]));
  return w;
}

int fields_end(struct fields_env *f, struct arena *arena, struct fields *out) {
  *out = (struct fields){0};
  if (!f->count) return f->missed ? ERR_NOMEM : 0;
  out->item = arena_alloc(arena, f->count * sizeof *out->item);
  if (!out->item) return ERR_NOMEM;
  uint64_t print = 0;
  for (uint32_t i = 0; i < f->count; i++) {
    struct entry *e = &f->entry[i];
    size_t n = strlen(e->prefix);
    uint8_t *p = arena_alloc(arena, n + e->f.path.len + 1);
    if (!p) return ERR_NOMEM;
    memcpy(p, e->prefix, n);
    if (e->f.path.len) memcpy(p + n, e->f.path.base, e->f.path.len);
    e->f.path = (struct span){p, n + e->f.path.len};
    if (n) e->f.path_hash = hash_mix(e->f.path_hash, (uint64_t)e->prefix[0]);
    if (e->f.min > e->f.max) e->f.min = e->f.max = 0;
    e->f.words = words_of(e, arena);
    print += hash_mix(e->f.path_hash, e->f.types); /* a sum: the order of fields does not matter */
    out->item[out->count++] = e->f;
  }
  out->size = out->count;
  out->fingerprint = print;
  return f->missed ? ERR_NOMEM : 0;
}
