/* SPDX-License-Identifier: Apache-2.0 */
/* Which data classes a message carries. */
#include "analytics/data/classes.h"
#include "analytics/data/classify.h"
#include "analytics/data/scan.h"
#include "analytics/data/tally.h"
#include "base/mem.h"
#include "dissect/body/path.h"

struct known {
  bool known;
  struct class_hints hints;
};
enum { MAYBE = 256, PEOPLE = 128, MAYBE_LEN = 12 };
/* A value that reads like a person's name under a key that says nothing: counts when personal data stand beside it. */
struct maybe {
  uint8_t text[MAYBE_LEN];
  uint8_t len, place;
  const struct path_node *at;
};
struct classify {
  const struct classes *classes;
  struct known *node; /* by node id: what its key says */
  uint32_t nodes;
  struct scan *scan;
  struct tally *tally;
  /* the value in hand */
  enum data_place place;
  const struct path_node *at;
  struct maybe maybe[MAYBE];
  uint32_t people[PEOPLE]; /* ids of nodes that hold personal data */
  unsigned nmaybe, npeople;
};

struct classify *classify_new(const struct classes *classes, const uint8_t key[32], uint32_t max_tokens) {
  struct classify *c = mem_zalloc(sizeof *c);
  if (!c) return NULL;
  c->classes = classes;
  c->scan = scan_new(classes);
  c->tally = tally_new(classes, key, max_tokens);
  if (c->scan && c->tally) return c;
  classify_free(c);
  return NULL;
}

void classify_free(struct classify *c) {
  if (!c) return;
  mem_free(c->node);
  scan_free(c->scan);
  tally_free(c->tally);
  mem_free(c);
}

void classify_forget(struct classify *c) {
  if (c->nodes) memset(c->node, 0, c->nodes * sizeof *c->node);
}

void classify_begin(struct classify *c) {
  tally_begin(c->tally);
  c->nmaybe = c->npeople = 0;
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

static const struct class_hints *hints_of(struct classify *c, const struct path_node *n,
                                          struct class_hints *spare) {
  if (n->id >= c->nodes) {
    uint32_t size = c->nodes ? c->nodes : 256;
    while (size <= n->id) size *= 2;
    struct known *p = mem_realloc(c->node, size * sizeof *p);
    if (!p) {
      class_keys_hints(c->classes, n->key, parent_key(n), spare);
      return spare;
    }
    memset(p + c->nodes, 0, (size - c->nodes) * sizeof *p);
    c->node = p;
    c->nodes = size;
  }
  struct known *k = &c->node[n->id];
  if (!k->known) {
    class_keys_hints(c->classes, n->key, parent_key(n), &k->hints);
    k->known = true;
  }
  return &k->hints;
}

static void note_person(struct classify *c, unsigned item) {
  const char *group = c->classes->item[item].group;
  if (strcmp(group, "identity") != 0 && strcmp(group, "contact") != 0 &&
      c->classes->item[item].mask.style != MASK_CARD)
    return;
  for (unsigned i = 0; i < c->npeople; i++)
    if (c->people[i] == c->at->parent) return;
  if (c->npeople < PEOPLE) c->people[c->npeople++] = c->at->parent;
}

static void maybe_name(struct classify *c, struct span v) {
  if (c->classes->name_class < 0 || v.len < 6 || v.len > MAYBE_LEN || v.base[0] < 0xe4 || c->nmaybe == MAYBE)
    return;
  if (!validate_name(v, true)) return;
  struct maybe *m = &c->maybe[c->nmaybe++];
  memcpy(m->text, v.base, v.len);
  m->len = (uint8_t)v.len;
  m->place = (uint8_t)c->place;
  m->at = c->at;
}

static void resolve_names(struct classify *c) {
  for (unsigned i = 0; i < c->nmaybe; i++) {
    const struct maybe *m = &c->maybe[i];
    bool beside = false;
    for (unsigned k = 0; k < c->npeople && !beside; k++) beside = c->people[k] == m->at->parent;
    if (beside)
      tally_add(c->tally, (unsigned)c->classes->name_class, (enum data_place)m->place, m->at,
                span_of(m->text, m->len));
  }
}

static void on_value(void *user, unsigned item, struct span value) {
  struct classify *c = user;
  if (c->npeople < PEOPLE) note_person(c, item);
  tally_add(c->tally, item, c->place, c->at, value);
}

static bool by_key(struct classify *c, const struct class_hints *h, struct span v, bool weak,
                   bool skip_credentials) {
  for (unsigned i = 0; i < h->count; i++) {
    const struct data_class *k = &c->classes->item[h->item[i]];
    if (k->weak != weak || v.len < k->validator->min || v.len > k->validator->max) continue;
    if (!k->validator->ok(v, true)) continue;
    if (skip_credentials && k->credential) return false;
    on_value(c, h->item[i], v);
    return true;
  }
  return false;
}

/* What every request carries and no person stands in. */
static bool dull_header(struct span name) {
  static const char *const dull[] = {"host",
                                     "user-agent",
                                     "date",
                                     "etag",
                                     "server",
                                     "via",
                                     "connection",
                                     "origin",
                                     "vary",
                                     "age",
                                     "authorization",
                                     "proxy-authorization",
                                     "traceparent",
                                     "tracestate",
                                     "x-request-id",
                                     "x-forwarded-for",
                                     "x-real-ip",
                                     "forwarded",
                                     "transfer-encoding",
                                     "expires",
                                     "last-modified",
                                     "cache-control",
                                     "pragma",
                                     "upgrade",
                                     "sec-websocket-key",
                                     "sec-websocket-accept",
                                     "strict-transport-security",
                                     "allow",
                                     "b3",
                                     "te",
                                     "dnt"};
  if (span_starts(name, SPAN_LIT("accept")) || span_starts(name, SPAN_LIT("content-")) ||
      span_starts(name, SPAN_LIT("if-")) || span_starts(name, SPAN_LIT("sec-")) ||
      span_starts(name, SPAN_LIT("access-control-")) || span_starts(name, SPAN_LIT("x-b3-")))
    return true;
  for (size_t i = 0; i < sizeof dull / sizeof *dull; i++)
    if (span_eq(name, span_str(dull[i]))) return true;
  return false;
}

unsigned classify_leaf(struct classify *c, enum data_place place, const struct leaf *leaf) {
  struct class_hints spare;
  struct span v = leaf->value;
  if (!v.len || leaf->type == LEAF_BYTES) return 0;
  if (place == DATA_HEADER && dull_header(leaf->key)) return 0;
  const struct class_hints *h = hints_of(c, leaf->node, &spare);
  bool worth = scan_worth(v);
  if (!h->count && !worth && !h->blank) return 0;
  bool skip = place == DATA_COOKIE;
  v = span_trim(v);
  c->place = place;
  c->at = leaf->node;
  if (h->count && by_key(c, h, v, false, skip)) return 1;
  unsigned n = worth ? scan_text(c->scan, v, h, skip, on_value, c) : 0;
  if (!n && h->blank) maybe_name(c, v);
  if (n || !h->count || (worth && scan_refused(c->scan))) return n;
  return by_key(c, h, v, true, skip);
}

int classify_end(struct classify *c, struct arena *arena, struct data_hits *out) {
  resolve_names(c);
  return tally_end(c->tally, arena, out);
}
