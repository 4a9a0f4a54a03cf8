/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that look alike behind different words: evidence that the words are values of one variable. */
#include "analytics/template_trie.h"
#include "base/err.h"

struct print_count {
  struct table_entry te; /* the hash is the print */
  uint32_t all;          /* nodes of the service */
  uint32_t here, groups, last;
  bool variable;
};

/* The smallest are kept, so that the order of calls does not matter. */
void template_print_note(struct trie_node *n, uint64_t print) {
  if (!print || n->print[0] == print || n->print[1] == print) return;
  if (!n->print[0] || print < n->print[0]) {
    n->print[1] = n->print[0];
    n->print[0] = print;
  } else if (!n->print[1] || print < n->print[1]) {
    n->print[1] = print;
  }
}

static struct print_count *count_of(struct trie_prints *p, uint64_t print, bool make) {
  struct print_count *c = (struct print_count *)table_find(&p->table, print, NULL);
  if (c || !make) return c;
  c = arena_zalloc(&p->arena, sizeof *c);
  return c && table_add(&p->table, &c->te, print) == 0 ? c : NULL;
}

int template_print_init(struct trie_prints *p, const struct trie *evidence) {
  arena_init(&p->arena, NULL, 0);
  int rc = table_init(&p->table, table_by_hash, 0, NULL);
  for (const struct table_entry *e = evidence->nodes.oldest; e && rc == 0; e = e->newer)
    for (int i = 0; i < 2; i++) {
      uint64_t print = ((const struct trie_node *)e)->print[i];
      struct print_count *c = print ? count_of(p, print, true) : NULL;
      if (c) c->all++;
      if (print && !c) rc = ERR_NOMEM;
    }
  return rc;
}

void template_print_done(struct trie_prints *p) {
  table_done(&p->table);
  arena_done(&p->arena);
}

void template_print_add(struct trie_prints *p, const struct trie_node *n, uint32_t group, bool variable) {
  for (int i = 0; i < 2; i++) {
    struct print_count *c = n->print[i] ? count_of(p, n->print[i], false) : NULL;
    if (!c) continue;
    c->here++;
    c->variable |= variable;
    if (c->last == group) continue;
    c->last = group;
    c->groups++;
  }
}

/* What answers of other places look like as well ({"ok": true}) says nothing. */
static bool is_common(const struct print_count *c) { return c->all > c->here + c->here / 2; }

void template_print_tell(struct trie_prints *p, const struct trie_node *n, struct trie_word *w) {
  for (int i = 0; i < 2; i++) {
    struct print_count *c = n->print[i] ? count_of(p, n->print[i], false) : NULL;
    if (!c || is_common(c)) continue;
    w->told = true;
    w->same_as_variable |= c->variable;
    if (c->groups > w->same + 1) w->same = c->groups - 1;
  }
}

void template_print_clear(struct trie_prints *p, const struct trie_node *n) {
  for (int i = 0; i < 2; i++) {
    struct print_count *c = n->print[i] ? count_of(p, n->print[i], false) : NULL;
    if (c) c->here = c->groups = c->last = 0, c->variable = false;
  }
}
