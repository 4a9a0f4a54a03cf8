/* SPDX-License-Identifier: Apache-2.0 */
/* Counts what one message holds. Tokens are SipHash-2-4 (Aumasson, Bernstein 2012) under a key derived from the tokens' key: a
 * pseudo-random function, so that without the key a value can neither be found nor tested. */
#include "analytics/data/tally.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"
#include "dissect/body/path.h"

enum { HITS_MAX = 4096, SLOTS_MIN = 256, NORMAL_MAX = 256 };

struct hit {
  uint8_t item, place, how; /* how: enum data_hidden */
  uint32_t count, ntokens, room;
  const struct path_node *node;
  struct span sample;
  uint64_t *tokens;
};
struct set_slot {
  uint64_t key;
  uint32_t stamp, value;
};
struct set {
  struct set_slot *slot;
  uint32_t mask, used;
};
struct tally {
  const struct classes *classes;
  uint64_t k0, k1;
  uint32_t max_tokens, stamp;
  struct hit *hit;
  uint32_t count;
  uint64_t capped;
  bool missed;            /* memory, for a value of this message */
  struct set where, seen; /* hits by class and path; tokens by hit */
  struct arena arena;
};

static uint64_t rotl(uint64_t x, unsigned b) { return x << b | x >> (64 - b); }

static void sip_round(uint64_t v[4]) {
  v[0] += v[1];
  v[1] = rotl(v[1], 13) ^ v[0];
  v[0] = rotl(v[0], 32);
  v[2] += v[3];
  v[3] = rotl(v[3], 16) ^ v[2];
  v[0] += v[3];
  v[3] = rotl(v[3], 21) ^ v[0];
  v[2] += v[1];
  v[1] = rotl(v[1], 17) ^ v[2];
  v[2] = rotl(v[2], 32);
}

static uint64_t siphash(uint64_t k0, uint64_t k1, struct span s) {
  uint64_t v[4] = {k0 ^ 0x736f6d6570736575ULL, k1 ^ 0x646f72616e646f6dULL, k0 ^ 0x6c7967656e657261ULL,
                   k1 ^ 0x7465646279746573ULL};
  size_t i = 0;
  for (; s.len - i >= 8; i += 8) {
    uint64_t m;
    memcpy(&m, s.base + i, 8);
    v[3] ^= m;
    sip_round(v);
    sip_round(v);
    v[0] ^= m;
  }
  uint64_t last = (uint64_t)s.len << 56;
  for (size_t k = 0; i + k < s.len; k++) last |= (uint64_t)s.base[i + k] << (8 * k);
  v[3] ^= last;
  sip_round(v);
  sip_round(v);
  v[0] ^= last;
  v[2] ^= 0xff;
  for (unsigned k = 0; k < 4; k++) sip_round(v);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static struct span normal(enum normal how, struct span v, uint8_t *out) {
  if (how == NORMAL_NONE) return v;
  size_t n = 0;
  for (size_t i = 0; i < v.len && n < NORMAL_MAX; i++) {
    uint8_t c = v.base[i];
    bool digit = c >= '0' && c <= '9', alpha = (c | 32) >= 'a' && (c | 32) <= 'z';
    if (how == NORMAL_LOWER)
      out[n++] = alpha ? (uint8_t)(c | 32) : c;
    else if (how == NORMAL_UPPER && (digit || alpha || c >= 0x80))
      out[n++] = alpha ? (uint8_t)(c & ~32) : c;
    else if (how != NORMAL_UPPER && digit)
      out[n++] = c;
  }
  struct span s = {out, n};
  if (how == NORMAL_PHONE && n > 11) s = span_skip(s, n - 11);
  return s;
}

static uint64_t token(const struct tally *t, unsigned item, struct span value) {
  uint8_t text[NORMAL_MAX];
  const struct data_class *c = &t->classes->item[item];
  struct span s = normal((enum normal)c->validator->normal, value, text);
  /* The class is part of the key: by name, so that the order of rules does not matter. */
  uint64_t id = hash64(span_str(c->id), 0);
  return siphash(t->k0 ^ id, t->k1 ^ rotl(id, 32), s);
}

static bool set_grow(struct set *s, uint32_t stamp) {
  uint32_t size = s->slot ? (s->mask + 1) * 2 : SLOTS_MIN;
  struct set_slot *slot = mem_zalloc(size * sizeof *slot);
  if (!slot) return false;
  for (uint32_t i = 0; s->slot && i <= s->mask; i++) {
    if (s->slot[i].stamp != stamp) continue;
    uint32_t k = (uint32_t)s->slot[i].key & (size - 1);
    while (slot[k].stamp == stamp) k = (k + 1) & (size - 1);
    slot[k] = s->slot[i];
  }
  mem_free(s->slot);
  s->slot = slot;
  s->mask = size - 1;
  return true;
}

/* The slot of key; a free one (stamp differs) when it is new. NULL when out of memory. */
static struct set_slot *set_find(struct set *s, uint32_t stamp, uint64_t key) {
  if (!s->slot || s->used * 2 > s->mask)
    if (!set_grow(s, stamp)) return NULL;
  uint32_t i = (uint32_t)key & s->mask;
  while (s->slot[i].stamp == stamp && s->slot[i].key != key) i = (i + 1) & s->mask;
  return &s->slot[i];
}

struct tally *tally_new(const struct classes *classes, const uint8_t key[32], uint32_t max_tokens) {
  struct tally *t = mem_zalloc(sizeof *t);
  if (!t) return NULL;
  uint8_t material[40], digest[32];
  memcpy(material, key, 32);
  memcpy(material + 32, "siphash1", 8);
  hash_sha256(span_of(material, sizeof material), digest);
  memcpy(&t->k0, digest, 8);
  memcpy(&t->k1, digest + 8, 8);
  t->classes = classes;
  t->max_tokens = max_tokens;
  arena_init(&t->arena, NULL, 0);
  t->hit = mem_zalloc(HITS_MAX * sizeof *t->hit);
  if (t->hit) return t;
  tally_free(t);
  return NULL;
}

void tally_free(struct tally *t) {
  if (!t) return;
  mem_free(t->hit);
  mem_free(t->where.slot);
  mem_free(t->seen.slot);
  arena_done(&t->arena);
  mem_free(t);
}

void tally_begin(struct tally *t) {
  t->count = t->where.used = t->seen.used = 0;
  t->missed = false;
  t->arena.missed = 0;
  if (t->arena.used) arena_reset(&t->arena);
  if (++t->stamp) return;
  t->stamp = 1;
  if (t->where.slot) memset(t->where.slot, 0, (t->where.mask + 1) * sizeof *t->where.slot);
  if (t->seen.slot) memset(t->seen.slot, 0, (t->seen.mask + 1) * sizeof *t->seen.slot);
}

static struct hit *find_hit(struct tally *t, unsigned item, enum data_hidden how, enum data_place place,
                            const struct path_node *node) {
  uint64_t key = hash_mix(hash_mix(node->id, item), (uint64_t)place + 1 + (uint64_t)how * 16);
  struct set_slot *s = set_find(&t->where, t->stamp, key);
  if (!s) {
    t->missed = true;
    return NULL;
  }
  if (s->stamp == t->stamp) return &t->hit[s->value];
  if (t->count == HITS_MAX) {
    t->capped++;
    return NULL;
  }
  *s = (struct set_slot){key, t->stamp, t->count};
  t->where.used++;
  struct hit *h = &t->hit[t->count++];
  *h = (struct hit){.item = (uint8_t)item, .place = (uint8_t)place, .how = (uint8_t)how, .node = node};
  return h;
}

static void keep_token(struct tally *t, struct hit *h, uint64_t v) {
  if (h->ntokens == h->room) {
    uint32_t room = h->room ? h->room * 2 : 2;
    uint64_t *p = arena_alloc(&t->arena, room * sizeof *p);
    if (!p) return;
    if (h->ntokens) memcpy(p, h->tokens, h->ntokens * sizeof *p);
    h->tokens = p;
    h->room = room;
  }
  h->tokens[h->ntokens++] = v;
}

void tally_add(struct tally *t, unsigned item, enum data_place place, const struct path_node *node,
               struct span value) {
  struct hit *h = find_hit(t, item, HIDDEN_NOT, place, node);
  if (!h) return;
  if (h->count++ == 0) h->sample = mask_value(&t->classes->item[item].mask, value, &t->arena);
  if (h->ntokens >= t->max_tokens) return;
  uint64_t v = token(t, item, value), key = hash_mix(v, (uint64_t)(h - t->hit) + 1);
  struct set_slot *s = set_find(&t->seen, t->stamp, key);
  if (!s) t->missed = true;
  if (!s || s->stamp == t->stamp) return;
  *s = (struct set_slot){key, t->stamp, 0};
  t->seen.used++;
  keep_token(t, h, v);
}

void tally_cover(struct tally *t, unsigned item, enum data_hidden how, enum data_place place,
                 const struct path_node *node) {
  struct hit *h = find_hit(t, item, how, place, node);
  if (h) h->count++;
}

uint64_t tally_capped(struct tally *t) {
  uint64_t n = t->capped;
  t->capped = 0;
  return n;
}

static const char *const place_prefix[DATA_PLACES] = {"body", "query", "path", "header", "cookie", "arg"};

static struct span path_of_hit(const struct hit *h, struct arena *arena) {
  struct span p = h->node->path;
  size_t n = strlen(place_prefix[h->place]), dot = p.len && p.base[0] != '[';
  uint8_t *to = arena_alloc(arena, n + dot + p.len);
  if (!to) return (struct span){0};
  memcpy(to, place_prefix[h->place], n);
  if (dot) to[n] = '.';
  if (p.len) memcpy(to + n + dot, p.base, p.len);
  return span_of(to, n + dot + p.len);
}

static int put_hit(const struct tally *t, const struct hit *h, struct arena *arena, struct data_hit *out) {
  const struct data_class *c = &t->classes->item[h->item];
  *out = (struct data_hit){.class_id = c->id, .count = h->count, .subjects = h->ntokens, .grade = c->grade};
  out->path = path_of_hit(h, arena);
  out->sample = arena_copy(arena, h->sample);
  out->tokens = arena_alloc(arena, h->ntokens * sizeof *out->tokens + 8);
  if (!out->path.base || !out->tokens) return ERR_NOMEM;
  if (h->ntokens) memcpy(out->tokens, h->tokens, h->ntokens * sizeof *out->tokens);
  out->ntokens = h->ntokens;
  return 0;
}

/* Shown values first. */
static int order(const struct hit *a, const struct hit *b) {
  if (!a->how != !b->how) return a->how ? 1 : -1;
  if (a->item != b->item) return a->item < b->item ? -1 : 1;
  if (a->place != b->place) return a->place < b->place ? -1 : 1;
  int c = span_cmp(a->node->path, b->node->path);
  return c ? c : (int)a->how - (int)b->how;
}

static void sort(struct hit *h, uint32_t n) {
  for (uint32_t gap = n / 2; gap; gap /= 2) {
    for (uint32_t i = gap; i < n; i++) {
      struct hit x = h[i];
      uint32_t k = i;
      for (; k >= gap && order(&x, &h[k - gap]) < 0; k -= gap) h[k] = h[k - gap];
      h[k] = x;
    }
  }
}

static uint32_t shown(const struct tally *t) {
  uint32_t n = t->count;
  while (n && t->hit[n - 1].how) n--;
  return n;
}

int tally_end(struct tally *t, struct arena *arena, struct data_hits *out) {
  *out = (struct data_hits){0};
  if (!t->count) return t->missed ? ERR_NOMEM : 0;
  sort(t->hit, t->count);
  uint32_t n = shown(t);
  if (!n) return t->missed ? ERR_NOMEM : 0;
  out->item = arena_alloc(arena, n * sizeof *out->item);
  uint8_t *item = arena_alloc(&t->arena, n);
  if (!out->item || !item) return ERR_NOMEM;
  out->size = n;
  for (uint32_t i = 0; i < n; i++) {
    int rc = put_hit(t, &t->hit[i], arena, &out->item[i]);
    if (rc < 0) return rc;
    item[i] = t->hit[i].item;
    out->count++;
  }
  grade_combine(t->classes, out, item);
  return t->missed || t->arena.missed ? ERR_NOMEM : 0;
}

int tally_covers(struct tally *t, struct arena *arena, struct data_covers *out) {
  *out = (struct data_covers){0};
  uint32_t from = shown(t);
  if (from == t->count) return 0;
  out->item = arena_alloc(arena, (t->count - from) * sizeof *out->item);
  if (!out->item) return ERR_NOMEM;
  for (uint32_t i = from; i < t->count; i++) {
    const struct hit *h = &t->hit[i];
    struct span path = path_of_hit(h, arena);
    if (!path.base) return ERR_NOMEM;
    out->item[out->count++] =
        (struct data_cover){t->classes->item[h->item].id, (enum data_hidden)h->how, h->count, path};
  }
  return 0;
}
