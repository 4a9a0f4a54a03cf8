/* SPDX-License-Identifier: Apache-2.0 */
/* The view: places of the evidence grouped from the root down, values of variables folded on the way. The result depends on
 * what was seen, not on when. */
#include "analytics/template_trie.h"
#include "base/err.h"
#include "base/hash.h"

#include <stdlib.h>

enum { NAMES_BELOW = 64 };

/* Evidence that one node of the view stands for. */
struct members {
  const struct trie_node **item;
  uint32_t count, size;
};
struct group {
  struct span text;
  bool variable;
  uint8_t shape;
  struct members members;
  uint32_t calls, ends, below;
  bool folded, settled, takes_words;
};
/* How many groups have a child of some name. */
struct below_name {
  struct table_entry te;
  uint32_t groups, last;
  bool variable; /* the variable beside has it too */
};
struct place {
  struct trie_prints *prints;
  struct group *group;
  uint32_t count, size;
  struct table names;
  struct arena arena;
};

static bool push(struct members *m, const struct trie_node *n) {
  if (m->count == m->size) {
    uint32_t size = m->size ? m->size * 2 : 4;
    const struct trie_node **item = mem_realloc(m->item, size * sizeof *item);
    if (!item) return false;
    m->item = item;
    m->size = size;
  }
  m->item[m->count++] = n;
  return true;
}

static int by_text(const void *a, const void *b) {
  const struct trie_node *x = *(const struct trie_node *const *)a, *y = *(const struct trie_node *const *)b;
  if (x->variable != y->variable) return x->variable - y->variable;
  return span_cmp(x->text, y->text);
}

static void place_done(struct place *p) {
  for (uint32_t i = 0; i < p->count; i++) mem_free(p->group[i].members.item);
  mem_free(p->group);
  table_done(&p->names);
  arena_done(&p->arena);
}

/* All children of the members, one group for each text. */
static int gather(struct place *p, const struct members *of) {
  struct members all = {0};
  for (uint32_t i = 0; i < of->count; i++)
    for (const struct trie_node *c = of->item[i]->child; c; c = c->next)
      if (!push(&all, c)) return mem_free(all.item), ERR_NOMEM;
  if (!all.count) return 0;
  qsort(all.item, all.count, sizeof *all.item, by_text);
  p->group = mem_zalloc(all.count * sizeof *p->group);
  int rc = p->group ? 0 : ERR_NOMEM;
  for (uint32_t i = 0; i < all.count && rc == 0; i++) {
    const struct trie_node *c = all.item[i];
    struct group *g = p->count ? &p->group[p->count - 1] : NULL;
    if (!g || g->variable != c->variable || !span_eq(g->text, c->text)) {
      g = &p->group[p->count++];
      *g = (struct group){.text = c->text, .variable = c->variable, .shape = c->shape};
    }
    if (!push(&g->members, c)) rc = ERR_NOMEM;
    g->calls += c->calls;
    g->ends += c->ends;
    g->below += c->nchild;
    g->settled |= c->settled;
    g->takes_words |= c->takes_words;
  }
  mem_free(all.item);
  return rc;
}

static struct below_name *name_of(struct place *p, const struct trie_node *c, bool make) {
  uint64_t h = hash64(c->text, 17);
  struct below_name *n = (struct below_name *)table_find(&p->names, h, NULL);
  if (n || !make) return n;
  n = arena_zalloc(&p->arena, sizeof *n);
  if (!n || table_add(&p->names, &n->te, h) < 0) return NULL;
  return n;
}

/* A version or a word that every API has below says nothing of kinship. */
static bool tells(const struct trie_node *c) {
  bool command = c->text.len > 1 && (c->text.base[0] == '_' || c->text.base[0] == '.');
  return !c->variable && (c->shape != SHAPE_LITERAL || command);
}

static void count_below(struct place *p) {
  for (uint32_t i = 0; i < p->count; i++) {
    const struct members *m = &p->group[i].members;
    uint32_t left = NAMES_BELOW;
    for (uint32_t k = 0; k < m->count; k++)
      for (const struct trie_node *c = m->item[k]->child; c && left; c = c->next) {
        struct below_name *n = tells(c) ? name_of(p, c, true) : NULL;
        if (!n || n->last == i + 1) continue;
        n->last = i + 1;
        if (p->group[i].variable)
          n->variable = true;
        else
          n->groups++;
        left--;
      }
  }
}

/* Take the children's answers into account, or out of it again. */
static void count_prints(struct place *p, bool in) {
  for (uint32_t i = 0; i < p->count; i++)
    for (uint32_t k = 0; k < p->group[i].members.count; k++)
      if (in)
        template_print_add(p->prints, p->group[i].members.item[k], i + 1, p->group[i].variable);
      else
        template_print_clear(p->prints, p->group[i].members.item[k]);
}

static bool is_word(const struct group *g) {
  return !g->variable && (g->shape == SHAPE_WORD || g->shape == SHAPE_SLUG || g->shape == SHAPE_FILE);
}

static struct span stem_of(struct span s, uint8_t shape) {
  size_t dot = s.len;
  if (shape != SHAPE_FILE) return s;
  while (dot > 0 && s.base[dot - 1] != '.') dot--;
  return span_head(s, dot - 1);
}

static struct trie_company company_of(const struct place *p) {
  struct trie_company c = {0};
  for (uint32_t i = 0; i < p->count; i++) {
    const struct group *g = &p->group[i];
    if (g->variable) c.variable_calls += g->calls, c.takes_words |= g->takes_words;
    if (!is_word(g)) continue;
    struct span stem = stem_of(g->text, g->shape);
    c.words++;
    c.calls += g->calls;
    c.numbered += template_word_is_numbered(stem);
    c.slugs += template_word_is_slug(stem);
    c.leaves += g->ends && !g->below;
    c.told += g->members.item[0]->print[0] != 0;
  }
  return c;
}

static struct trie_word word_of(struct place *p, const struct group *g) {
  struct trie_word w = {.text = stem_of(g->text, g->shape),
                        .calls = g->calls,
                        .leaf = g->ends && !g->below,
                        .below = g->below > 0};
  for (uint32_t k = 0; k < g->members.count; k++)
    for (const struct trie_node *c = g->members.item[k]->child; c; c = c->next) {
      const struct below_name *n = tells(c) ? name_of(p, c, false) : NULL;
      if (!n) continue;
      if (n->groups > w.alike + 1) w.alike = n->groups - 1;
      w.below_like_variable |= n->variable;
    }
  for (uint32_t k = 0; k < g->members.count; k++) template_print_tell(p->prints, g->members.item[k], &w);
  return w;
}

struct builder {
  struct trie *view;
  struct trie_prints prints;
};
static int build(struct builder *b, struct trie_node *at, const struct members *of, unsigned depth);

#define COMPANY 1.5 /* what it adds that most siblings are values */

/* Which words are values; where most are, the doubtful ones that are written alike follow. */
static void judge(struct place *p, const struct trie_company *c, enum trie_before before) {
  uint32_t folded = 0;
  for (int pass = 0; pass < 2; pass++) {
    bool most = folded >= 2 && folded * 2 >= c->words;
    if (pass && !most) return;
    for (uint32_t i = 0; i < p->count; i++) {
      struct group *g = &p->group[i];
      if (g->folded || g->settled || !is_word(g) || (g->shape == SHAPE_FILE && c->words < 4)) continue;
      struct trie_word w = word_of(p, g);
      if (pass && !template_word_is_slug(w.text)) continue;
      g->folded = template_word_judge(&w, c, before) + pass * COMPANY > 0;
      folded += g->folded;
    }
  }
}

static int build_groups(struct builder *b, struct trie_node *at, struct place *p, unsigned depth) {
  struct trie *view = b->view;
  struct trie_company c = company_of(p);
  count_prints(p, true);
  judge(p, &c, template_word_before_of(at));
  count_prints(p, false);
  for (uint32_t i = 0; i < p->count; i++) {
    struct group *g = &p->group[i];
    if (!g->folded && !g->variable) continue;
    struct span ext = g->variable              ? g->text
                      : g->shape == SHAPE_FILE ? span_skip(g->text, stem_of(g->text, g->shape).len)
                                               : (struct span){0};
    struct trie_node *var = trie_get(view, at, ext, true),
                     *word = g->folded ? trie_get(view, at, g->text, false) : NULL;
    if (!var || (g->folded && !word)) return ERR_NOMEM;
    if (word) word->folded = true, word->into = var;
    var->takes_words |= g->takes_words;
    var->calls += g->calls;
    var->ends += g->ends;
  }
  for (uint32_t i = 0; i < p->count; i++) { /* variables: with everything that folded into them */
    struct group *g = &p->group[i];
    if (g->folded) continue;
    struct trie_node *n = trie_get(view, at, g->text, g->variable);
    if (!n) return ERR_NOMEM;
    if (g->variable) continue;
    n->calls = g->calls, n->ends = g->ends;
    int rc = build(b, n, &g->members, depth + 1);
    if (rc < 0) return rc;
  }
  for (struct trie_node *n = at->child; n; n = n->next) {
    struct members all = {0};
    if (!n->variable) continue;
    for (uint32_t i = 0; i < p->count; i++) {
      struct group *g = &p->group[i];
      struct trie_node *word = g->folded ? trie_child(view, at, g->text, false) : NULL;
      if (!(g->variable && span_eq(g->text, n->text)) && !(word && word->into == n)) continue;
      for (uint32_t k = 0; k < g->members.count; k++)
        if (!push(&all, g->members.item[k])) return mem_free(all.item), ERR_NOMEM;
    }
    int rc = build(b, n, &all, depth + 1);
    mem_free(all.item);
    if (rc < 0) return rc;
  }
  return 0;
}

static int build(struct builder *b, struct trie_node *at, const struct members *of, unsigned depth) {
  struct place p = {.prints = &b->prints};
  if (depth > TRIE_SEGMENTS) return 0;
  arena_init(&p.arena, NULL, 0);
  int rc = table_init(&p.names, table_by_hash, 0, NULL);
  if (rc == 0) rc = gather(&p, of);
  if (rc == 0 && p.count) {
    count_below(&p);
    rc = build_groups(b, at, &p, depth);
  }
  place_done(&p);
  return rc;
}

int template_view_fill(struct trie *view, const struct trie *evidence) {
  const struct trie_node *from = trie_child(evidence, NULL, (struct span){0}, false);
  trie_reset(view);
  struct trie_node *root = trie_root(view);
  if (!root) return ERR_NOMEM;
  if (!from) return 0;
  struct members one = {&from, 1, 1};
  struct builder b = {.view = view};
  root->calls = from->calls;
  root->ends = from->ends;
  int rc = template_print_init(&b.prints, evidence);
  if (rc == 0) rc = build(&b, root, &one, 0);
  template_print_done(&b.prints);
  return rc;
}
