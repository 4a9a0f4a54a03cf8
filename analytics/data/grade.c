/* SPDX-License-Identifier: Apache-2.0 */
/* Grades: JR/T 0171-2020, JR/T 0197-2020, GB/T 35273-2020, ISO/IEC 29100, PCI DSS; from rules/grading.yaml. */
#include "analytics/data/load.h"
#include "base/err.h"

#include <stdio.h>

/* "C2" or 2, up to most; absent: 0. */
static int level(struct load *l, const yaml_node_t *n, const char *key, uint8_t most, uint8_t *out) {
  const yaml_node_t *x = load_get(l, n, key);
  struct span s = load_text(x);
  uint64_t v = 0;
  *out = 0;
  if (!x) return 0;
  if (s.len == 2 && s.base[0] == 'C') s = span_skip(s, 1);
  if (span_u64(s, &v) < 0 || v < 1 || v > most) return load_fail(l, x, "no such level", key);
  *out = (uint8_t)v;
  return 0;
}

int load_grade(struct load *l, const yaml_node_t *n, struct grade *g) {
  if (!n) return 0;
  if (n->type != YAML_MAPPING_NODE) return load_fail(l, n, "a grade was expected", NULL);
  int rc = level(l, n, "jrt0171", 3, &g->jrt0171);
  if (rc >= 0) rc = level(l, n, "jrt0197", 5, &g->jrt0197);
  if (rc >= 0) rc = level(l, n, "gbt35273", 2, &g->gbt35273);
  if (rc >= 0) rc = level(l, n, "iso29100", 2, &g->iso29100);
  if (rc >= 0) rc = level(l, n, "pci", 2, &g->pci);
  return rc;
}

static struct data_class *find(struct classes *c, struct span id) {
  for (uint32_t i = 0; i < c->count; i++)
    if (span_eq(span_str(c->item[i].id), id)) return &c->item[i];
  return NULL;
}

/* Each entry: a grade and the classes that have it. */
static int read_levels(struct load *l, const yaml_node_t *list) {
  if (!list || list->type != YAML_SEQUENCE_NODE)
    return load_fail(l, list, "grades: a list was expected", NULL);
  for (yaml_node_item_t *i = list->data.sequence.items.start; i < list->data.sequence.items.top; i++) {
    const yaml_node_t *entry = yaml_document_get_node(&l->doc, *i);
    const yaml_node_t *ids = load_get(l, entry, "classes");
    if (!ids || ids->type != YAML_SEQUENCE_NODE)
      return load_fail(l, entry, "classes: a list was expected", NULL);
    struct grade g;
    int rc = load_grade(l, entry, &g);
    if (rc < 0) return rc;
    if (!load_text(load_get(l, entry, "clause")).len)
      return load_fail(l, entry, "clause: say which clause of the standards it is", NULL);
    for (yaml_node_item_t *k = ids->data.sequence.items.start; k < ids->data.sequence.items.top; k++) {
      const yaml_node_t *id = yaml_document_get_node(&l->doc, *k);
      struct data_class *c = find(l->classes, load_text(id));
      if (!c) return load_fail(l, id, "no such class", (const char *)load_text(id).base);
      c->grade = g;
    }
  }
  return 0;
}

static int read_combination(struct load *l, const yaml_node_t *n) {
  struct classes *c = l->classes;
  const yaml_node_t *all = load_get(l, n, "all");
  if (!all || all->type != YAML_SEQUENCE_NODE)
    return load_fail(l, n, "all: a list of lists was expected", NULL);
  struct combination *x = arena_zalloc(&c->arena, sizeof *x);
  if (!x) return ERR_NOMEM;
  int rc = load_grade(l, n, &x->grade);
  if (rc < 0) return rc;
  for (yaml_node_item_t *i = all->data.sequence.items.start; i < all->data.sequence.items.top; i++) {
    struct span text = load_text(yaml_document_get_node(&l->doc, *i));
    if (x->count == COMBINATION_SETS) return load_fail(l, all, "too many sets", NULL);
    uint64_t *set = x->set[x->count++];
    while (text.len) {
      struct data_class *k = find(c, span_trim(span_cut(&text, '|')));
      if (!k) return load_fail(l, all, "no such class in a combination", NULL);
      set[k->order / 64] |= 1ULL << (k->order % 64);
    }
  }
  x->next = c->combinations;
  c->combinations = x;
  return 0;
}

static int read_grading(struct load *l, const yaml_node_t *root) {
  int rc = read_levels(l, load_get(l, root, "grades"));
  const yaml_node_t *list = load_get(l, root, "combinations");
  if (rc < 0 || !list || list->type != YAML_SEQUENCE_NODE) return rc;
  for (yaml_node_item_t *i = list->data.sequence.items.start; rc >= 0 && i < list->data.sequence.items.top;
       i++)
    rc = read_combination(l, yaml_document_get_node(&l->doc, *i));
  return rc;
}

int load_grades(struct load *l, const char *dir) {
  snprintf(l->path, sizeof l->path, "%.3900s/grading.yaml", dir);
  return load_file(l, read_grading);
}

static uint8_t more(uint8_t a, uint8_t b) { return a > b ? a : b; }

static bool present(const struct combination *x, const uint64_t *have) {
  for (unsigned i = 0; i < x->count; i++) {
    bool any = false;
    for (unsigned k = 0; k < 4; k++) any |= (x->set[i][k] & have[k]) != 0;
    if (!any) return false;
  }
  return true;
}

void grade_combine(const struct classes *c, struct data_hits *hits, const uint8_t *item) {
  uint64_t have[4] = {0};
  for (uint32_t i = 0; i < hits->count; i++) have[item[i] / 64] |= 1ULL << (item[i] % 64);
  for (const struct combination *x = c->combinations; x; x = x->next) {
    if (!present(x, have)) continue;
    for (uint32_t i = 0; i < hits->count; i++) {
      bool member = false;
      for (unsigned s = 0; s < x->count; s++) member |= x->set[s][item[i] / 64] >> (item[i] % 64) & 1;
      if (!member) continue;
      struct grade *g = &hits->item[i].grade;
      g->jrt0171 = more(g->jrt0171, x->grade.jrt0171);
      g->jrt0197 = more(g->jrt0197, x->grade.jrt0197);
      g->gbt35273 = more(g->gbt35273, x->grade.gbt35273);
      g->iso29100 = more(g->iso29100, x->grade.iso29100);
    }
  }
}
