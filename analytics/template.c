/* SPDX-License-Identifier: Apache-2.0 */
/* Endpoint templates of all services: evidence gathered by learning, a view rebuilt as it grows. */
#include "analytics/template.h"
#include "analytics/template_trie.h"
#include "base/hash.h"
#include "base/memo.h"

enum { NAME_MAX_LEN = 1024, SERVICES = 4096, SERVICE_NODES = 65536 };
enum { SEED_CALLS = 1000, SETTLED_CALLS = 20 };

struct service {
  struct table_entry te;
  struct span name; /* points behind the struct */
  struct trie evidence, view;
  uint32_t calls, built, fresh; /* learned; when the view was made; nodes new since */
};
struct templates {
  struct counters *ctr;
  struct table services;
  uint64_t generation;
  size_t cap;
  struct memo shapes; /* of words; ids seldom come again */
};

static bool service_eq(const struct table_entry *te, const void *key) {
  return span_eq(((const struct service *)te)->name, *(const struct span *)key);
}

struct templates *templates_new(size_t cap, struct counters *ctr) {
  struct templates *t = mem_zalloc(sizeof *t);
  if (!t || table_init(&t->services, service_eq, SERVICES, NULL) < 0) {
    mem_free(t);
    return NULL;
  }
  t->ctr = ctr;
  t->cap = cap;
  return t;
}

static void service_free(struct table_entry *e) {
  struct service *s = (struct service *)e;
  trie_done(&s->evidence);
  trie_done(&s->view);
  mem_free(s);
}

void templates_free(struct templates *t) {
  if (!t) return;
  table_drop(&t->services, service_free);
  mem_free(t);
}

static struct service *service_find(struct templates *t, struct span name) {
  return (struct service *)table_find(&t->services, hash64(name, 19), &name);
}

static struct service *service_get(struct templates *t, struct span name) {
  struct service *s = service_find(t, name);
  if (s) return s;
  if (t->services.count >= SERVICES) {
    s = (struct service *)t->services.oldest;
    table_remove(&t->services, &s->te);
    service_free(&s->te);
    ctr_inc(t->ctr, CTR_ANALYTICS_STATE_CAP);
  }
  s = mem_zalloc(sizeof *s + name.len);
  if (!s) return NULL;
  memcpy(s + 1, name.base ? name.base : (const uint8_t *)"", name.len);
  s->name = span_of(s + 1, name.len);
  size_t nodes = t->cap < SERVICE_NODES ? t->cap : SERVICE_NODES;
  if (trie_init(&s->evidence, nodes) < 0 || trie_init(&s->view, nodes) < 0 ||
      table_add(&t->services, &s->te, hash64(name, 19)) < 0) {
    service_free(&s->te);
    return NULL;
  }
  return s;
}

/* The next segment of path; false at the end. A slash at the end makes an empty last one. */
static bool next_segment(struct span *path, struct span *segment) {
  if (!path->base) return false;
  bool more = span_index(*path, '/') < path->len;
  *segment = span_cut(path, '/');
  if (!more) path->base = NULL;
  return true;
}

static enum template_shape shape_of(struct templates *t, struct span segment) {
  struct memo_slot *slot = memo_slot(&t->shapes, segment);
  if (memo_has(slot, segment)) return (enum template_shape)slot->value;
  enum template_shape shape = template_shape(segment);
  if (shape != SHAPE_ID) memo_put(slot, segment, (uint8_t)shape);
  return shape;
}

static struct span without_slash(struct span path) {
  return path.len && path.base[0] == '/' ? span_skip(path, 1) : path;
}

/* The node for key below parent; NULL at the cap or out of memory, and then counted. */
static struct trie_node *node_get(struct templates *t, struct service *s, struct trie_node *parent,
                                  struct span key, bool variable) {
  bool full = s->evidence.nodes.count >= s->evidence.cap;
  struct trie_node *n = trie_get(&s->evidence, parent, key, variable);
  if (!n) ctr_inc(t->ctr, full ? CTR_ANALYTICS_STATE_CAP : CTR_ANALYTICS_MEMORY);
  return n;
}

static struct trie_node *root(struct templates *t, struct service *s) {
  struct trie_node *n = s ? trie_root(&s->evidence) : NULL;
  if (!n) ctr_inc(t->ctr, CTR_ANALYTICS_MEMORY);
  return n;
}

void templates_learn(struct templates *t, struct span service, struct span method, struct span path,
                     uint64_t fingerprint) {
  struct service *s = service_get(t, service);
  struct span segment, before = {0};
  struct trie_node *at = root(t, s);
  if (!s) return;
  path = without_slash(path);
  for (unsigned i = 0; at && i < TRIE_SEGMENTS && next_segment(&path, &segment); i++) {
    bool variable;
    struct span key = trie_key(segment, shape_of(t, segment), before, &variable);
    uint32_t made = s->evidence.next_id;
    at->calls++;
    if (!variable && at->nchild >= TRIE_CHILDREN && !trie_child(&s->evidence, at, key, false))
      variable = true, key.len = 0;
    at = node_get(t, s, at, key, variable);
    s->fresh += s->evidence.next_id - made;
    before = segment;
  }
  if (at) at->calls++, at->ends++;
  if (at && span_eq(method, SPAN_LIT("GET"))) template_print_note(at, fingerprint);
  s->calls++;
}

/* "{accountId}" → true, ext: what follows the brace. */
static bool is_variable(struct span s, struct span *ext) {
  size_t end = span_index(s, '}');
  if (s.len < 3 || s.base[0] != '{' || end >= s.len) return false;
  *ext = span_skip(s, end + 1);
  if (span_eq(span_head(s, end + 1), SPAN_LIT("{file}"))) *ext = SPAN_LIT("file");
  return true;
}

void templates_seed(struct templates *t, struct span service, struct span path, uint64_t calls,
                    uint32_t words) {
  struct service *s = service_get(t, service);
  struct span segment, key;
  uint32_t n = calls > SEED_CALLS ? SEED_CALLS : (uint32_t)calls;
  struct trie_node *at = root(t, s);
  if (!s) return;
  path = without_slash(path);
  for (unsigned i = 0; at && i < TRIE_SEGMENTS && next_segment(&path, &segment); i++) {
    struct span ext = {0};
    bool variable = is_variable(segment, &ext);
    key = variable ? ext : segment;
    at->calls += n;
    at = node_get(t, s, at, key, variable);
    if (at && variable) at->takes_words |= words >> i & 1;
    if (at && !variable && calls >= SETTLED_CALLS) at->settled = true;
  }
  if (at) at->calls += n, at->ends += n;
  s->calls += n;
  s->fresh++;
}

uint64_t templates_generation(const struct templates *t) { return t->generation; }

/* Rebuilt as the evidence grows by a sixteenth, or the calls double, so that the work stays linear. */
static void refresh(struct templates *t, struct service *s, bool force) {
  bool more = force ? s->built != s->calls : s->calls / 2 >= s->built;
  if (!s->fresh && s->built && !more) return;
  uint32_t step = 4 + s->built / 16, size = 1 + (uint32_t)(s->evidence.nodes.count / 64);
  if (!force && s->built && s->calls < s->built + (s->fresh && size < step ? size : step)) return;
  if (template_view_fill(&s->view, &s->evidence) < 0) ctr_inc(t->ctr, CTR_ANALYTICS_MEMORY);
  s->built = s->calls ? s->calls : 1;
  s->fresh = 0;
  t->generation++;
}

void templates_settle(struct templates *t) {
  for (struct table_entry *e = t->services.oldest; e; e = e->newer) refresh(t, (struct service *)e, true);
}

struct name {
  char text[NAME_MAX_LEN + 128];
  size_t len;
  unsigned variables;
  struct span before;
};

static void put(struct name *n, struct span s) {
  if (n->len + s.len > NAME_MAX_LEN) s.len = NAME_MAX_LEN > n->len ? NAME_MAX_LEN - n->len : 0;
  if (s.len) memcpy(n->text + n->len, s.base, s.len);
  n->len += s.len;
}

/* "accounts" → "{accountId}", "policies" → "{policyId}", after a variable "{id}". */
static void put_variable(struct name *n, struct span ext) {
  struct span s = n->before;
  bool file = span_eq(ext, SPAN_LIT("file")), ies = s.len > 3 && span_ends(s, SPAN_LIT("ies"));
  put(n, SPAN_LIT("{"));
  if (ies)
    s.len -= 3;
  else if (s.len > 5 && (span_ends(s, SPAN_LIT("sses")) || span_ends(s, SPAN_LIT("xes")) ||
                         span_ends(s, SPAN_LIT("ches")) || span_ends(s, SPAN_LIT("shes"))))
    s.len -= 2;
  else if (s.len > 3 && s.base[s.len - 1] == 's' && s.base[s.len - 2] != 's' && s.base[s.len - 2] != 'u')
    s.len--;
  bool fit = s.len > 0 && s.len < 40;
  for (size_t i = 0; i < s.len && fit; i++) fit = (s.base[i] | 32) >= 'a' && (s.base[i] | 32) <= 'z';
  n->variables++;
  if (file)
    put(n, SPAN_LIT("file"));
  else if (fit)
    put(n, s), put(n, ies ? SPAN_LIT("yId") : SPAN_LIT("Id"));
  else
    put(n, SPAN_LIT("id"));
  if (!file && !fit && n->variables > 1) {
    char digit = (char)('0' + n->variables % 10);
    put(n, span_of(&digit, 1));
  }
  put(n, SPAN_LIT("}"));
  if (!file) put(n, ext);
  n->before = (struct span){0};
}

/* The same where nothing is known around it. */
static bool stranger_is_value(struct span segment, struct span before, bool after_variable) {
  struct trie_company c = {.words = 1, .calls = 1};
  struct trie_word w = {.text = segment, .calls = 1};
  enum template_shape shape = template_shape(segment);
  if (!before.len || (shape != SHAPE_WORD && shape != SHAPE_SLUG)) return false;
  c.numbered = template_word_is_numbered(segment);
  c.slugs = template_word_is_slug(segment);
  return template_word_judge(&w, &c, after_variable ? BEFORE_VARIABLE : template_word_before_text(before)) >
         0;
}

/* A word that the view has never met: judged by the company it would join. */
static bool unknown_is_value(const struct trie_node *at, struct span segment) {
  struct trie_company c = {.words = 1, .calls = 1};
  enum template_shape shape = template_shape(segment);
  bool var = false;
  if (shape != SHAPE_WORD && shape != SHAPE_SLUG) return false;
  for (const struct trie_node *n = at->child; n; n = n->next) {
    var |= n->variable;
    c.takes_words |= n->variable && n->takes_words;
    if (n->variable || (n->shape != SHAPE_WORD && n->shape != SHAPE_SLUG)) continue;
    c.words++;
    c.numbered += template_word_is_numbered(n->text);
    c.slugs += template_word_is_slug(n->text);
    c.leaves += n->folded || (n->ends && !n->child);
    c.calls += n->folded ? 1 : n->calls;
    if (n->folded && !template_word_is_numbered(segment)) c.slugs += 0;
  }
  c.numbered += template_word_is_numbered(segment);
  c.slugs += template_word_is_slug(segment);
  struct trie_word w = {.text = segment, .calls = 1, .leaf = c.leaves > 0};
  if (w.leaf) c.leaves++;
  (void)var;
  return template_word_judge(&w, &c, template_word_before_of(at)) > 0;
}

/* What follows an unknown word is known below the variable at its place. */
static bool fits_variable(const struct trie *view, const struct trie_node *at, struct span rest) {
  struct span segment;
  const struct trie_node *var = trie_child(view, at, (struct span){0}, true);
  if (!var || !next_segment(&rest, &segment) || !segment.len) return false;
  return trie_child(view, var, segment, false) != NULL;
}

struct span templates_name(struct templates *t, struct span service, struct span method, struct span path,
                           struct arena *arena, bool *known) {
  struct name n = {.len = 0};
  struct service *s = service_find(t, service);
  struct span segment, raw = {0};
  (void)method;
  *known = s != NULL;
  if (s) refresh(t, s, false);
  const struct trie_node *at = s ? trie_child(&s->view, NULL, (struct span){0}, false) : NULL;
  path = without_slash(path);
  if (!path.base) return arena_copy(arena, SPAN_LIT("/"));
  for (unsigned i = 0; i < TRIE_SEGMENTS && next_segment(&path, &segment); i++) {
    bool variable;
    struct span key = trie_key(segment, shape_of(t, segment), raw, &variable),
                ext = variable ? key : (struct span){0};
    const struct trie_node *next = at && !variable ? trie_child(&s->view, at, key, false) : NULL;
    if (next && next->folded)
      ext = next->into->text, variable = true, next = next->into;
    else if (at && variable)
      next = trie_child(&s->view, at, ext, true);
    else if (at && !next && (fits_variable(&s->view, at, path) || unknown_is_value(at, segment)))
      variable = true, next = trie_child(&s->view, at, ext, true);
    else if (!at && !variable && stranger_is_value(segment, raw, !n.before.base))
      variable = true;
    put(&n, SPAN_LIT("/"));
    if (variable)
      put_variable(&n, ext);
    else
      put(&n, segment), n.before = segment;
    if (!next) *known = false;
    at = next;
    raw = segment.base ? segment : SPAN_LIT("");
  }
  if (at && !at->ends) *known = false;
  return arena_copy(arena, span_of(n.text, n.len));
}
