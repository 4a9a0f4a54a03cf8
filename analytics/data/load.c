/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the files of rules/data: each a list of classes. */
#include "analytics/data/load.h"
#include "base/err.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static int fail(struct load *l, const yaml_node_t *n, const char *what, const char *more) {
  snprintf(l->err->text, sizeof l->err->text, "%.300s:%lu: %s%s%.100s", l->path,
           n ? n->start_mark.line + 1 : 0UL, what, more ? ": " : "", more ? more : "");
  return ERR_SYNTAX;
}
int load_fail(struct load *l, const yaml_node_t *n, const char *what, const char *more) {
  return fail(l, n, what, more);
}

struct span load_text(const yaml_node_t *n) {
  if (!n || n->type != YAML_SCALAR_NODE) return (struct span){0};
  return span_of(n->data.scalar.value, n->data.scalar.length);
}

const yaml_node_t *load_get(struct load *l, const yaml_node_t *map, const char *key) {
  if (!map || map->type != YAML_MAPPING_NODE) return NULL;
  for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top; p++)
    if (span_eq(load_text(yaml_document_get_node(&l->doc, p->key)), span_str(key)))
      return yaml_document_get_node(&l->doc, p->value);
  return NULL;
}

static const char *keep(struct load *l, struct span s) {
  char *p = arena_alloc(&l->classes->arena, s.len + 1);
  if (!p) return NULL;
  if (s.len) memcpy(p, s.base, s.len);
  p[s.len] = 0;
  return p;
}

static int words(struct load *l, const yaml_node_t *n, struct class_words *out) {
  if (!n) return 0;
  if (n->type != YAML_SEQUENCE_NODE) return fail(l, n, "a list was expected", NULL);
  size_t count = (size_t)(n->data.sequence.items.top - n->data.sequence.items.start);
  out->item = arena_zalloc(&l->classes->arena, (count + 1) * sizeof *out->item);
  if (!out->item) return ERR_NOMEM;
  for (size_t i = 0; i < count; i++) {
    const yaml_node_t *x = yaml_document_get_node(&l->doc, n->data.sequence.items.start[i]);
    if (!x || x->type != YAML_SCALAR_NODE) return fail(l, n, "a list of texts was expected", NULL);
    const char *z = keep(l, load_text(x));
    if (!z) return ERR_NOMEM;
    out->item[out->count++] = span_of(z, load_text(x).len);
  }
  out->size = out->count;
  return 0;
}

/* "all", "card", "email", or "3-4" for characters kept in front and behind. */
static int read_mask(struct load *l, const yaml_node_t *n, struct class_mask *m) {
  struct span s = load_text(n);
  unsigned head, tail;
  *m = (struct class_mask){MASK_ALL, 0, 0};
  if (!n || span_eq(s, SPAN_LIT("all"))) return 0;
  if (span_eq(s, SPAN_LIT("card")))
    m->style = MASK_CARD;
  else if (span_eq(s, SPAN_LIT("email")))
    m->style = MASK_EMAIL;
  else if (s.len && sscanf((const char *)s.base, "%2u-%2u", &head, &tail) == 2 && head <= 8 && tail <= 4)
    *m = (struct class_mask){MASK_KEEP, (uint8_t)head, (uint8_t)tail};
  else
    return fail(l, n, "mask: all, card, email or HEAD-TAIL was expected", NULL);
  return 0;
}

static int read_pattern(struct load *l, const yaml_node_t *n, struct data_class *c) {
  if (!n) return 0;
  int code;
  PCRE2_SIZE at;
  struct span s = load_text(n);
  pcre2_code *p = pcre2_compile(s.base, s.len, PCRE2_ANCHORED | PCRE2_NO_AUTO_CAPTURE, &code, &at, NULL);
  if (!p) return fail(l, n, "pattern: no valid regular expression", (const char *)s.base);
  if (!c->literals.count) {
    pcre2_code_free(p);
    return fail(l, n, "pattern: needs literals, the texts at which it is tried", NULL);
  }
  pcre2_jit_compile(p, PCRE2_JIT_COMPLETE); /* without a compiler for this machine it is interpreted */
  c->pattern = p;
  return 0;
}

static bool yes(const yaml_node_t *n) { return n && span_eq(load_text(n), SPAN_LIT("true")); }

static int known_keys(struct load *l, const yaml_node_t *n) {
  static const char *const known[] = {"id",        "name",     "zh",      "group",      "keys", "near",
                                      "validator", "alone",    "weak",    "credential", "mask", "match",
                                      "nomatch",   "literals", "pattern", "entropy",    "back", "grade"};
  for (yaml_node_pair_t *p = n->data.mapping.pairs.start; p < n->data.mapping.pairs.top; p++) {
    const yaml_node_t *key = yaml_document_get_node(&l->doc, p->key);
    struct span k = load_text(key);
    bool good = false;
    for (size_t i = 0; i < sizeof known / sizeof *known && !good; i++) good = span_eq(k, span_str(known[i]));
    if (!good) return fail(l, key, "unknown key", keep(l, k));
  }
  return 0;
}

static int read_lists(struct load *l, const yaml_node_t *n, struct data_class *c) {
  int rc = words(l, load_get(l, n, "keys"), &c->keys);
  if (rc >= 0) rc = words(l, load_get(l, n, "near"), &c->near);
  if (rc >= 0) rc = words(l, load_get(l, n, "literals"), &c->literals);
  if (rc >= 0) rc = words(l, load_get(l, n, "match"), &c->match);
  if (rc >= 0) rc = words(l, load_get(l, n, "nomatch"), &c->nomatch);
  if (rc >= 0) rc = read_mask(l, load_get(l, n, "mask"), &c->mask);
  if (rc >= 0) rc = read_pattern(l, load_get(l, n, "pattern"), c);
  return rc;
}

static int read_class(struct load *l, const yaml_node_t *n) {
  struct classes *all = l->classes;
  if (!n || n->type != YAML_MAPPING_NODE) return fail(l, n, "a class was expected", NULL);
  if (all->count == CLASSES_MAX) return fail(l, n, "too many classes", NULL);
  int rc = known_keys(l, n);
  if (rc < 0) return rc;
  struct data_class *c = &all->item[all->count];
  *c = (struct data_class){.order = (uint16_t)all->count};
  c->id = keep(l, load_text(load_get(l, n, "id")));
  c->name = keep(l, load_text(load_get(l, n, "name")));
  c->name_zh = keep(l, load_text(load_get(l, n, "zh")));
  c->group = keep(l, load_text(load_get(l, n, "group")));
  if (!c->id || !c->name || !c->name_zh || !c->group) return ERR_NOMEM;
  if (!*c->id || !*c->name) return fail(l, n, "a class needs id and name", NULL);
  if (classes_find(all, c->id)) return fail(l, load_get(l, n, "id"), "this class exists already", c->id);
  const yaml_node_t *vn = load_get(l, n, "validator");
  struct span v = load_text(vn);
  const char *name = v.len ? keep(l, v) : "word";
  c->validator = name ? validator_find(name) : NULL;
  if (!c->validator) return fail(l, vn, "validator: no such validator", name);
  c->alone = yes(load_get(l, n, "alone"));
  c->weak = yes(load_get(l, n, "weak"));
  c->credential = yes(load_get(l, n, "credential"));
  struct span e = load_text(load_get(l, n, "entropy"));
  c->entropy = e.len ? strtod((const char *)e.base, NULL) : 0;
  uint64_t back = 0;
  span_u64(load_text(load_get(l, n, "back")), &back);
  c->back = back < 32 ? (uint8_t)back : 0;
  rc = read_lists(l, n, c);
  if (rc >= 0) rc = load_grade(l, load_get(l, n, "grade"), &c->grade);
  if (rc >= 0 && !c->keys.count && !c->literals.count && !c->alone)
    rc = fail(l, n, "a class needs keys, literals or alone: true, else it is never found", c->id);
  all->count++; /* also after a failure: what was compiled is freed with the rest */
  return rc;
}

int load_file(struct load *l, int (*each)(struct load *, const yaml_node_t *)) {
  yaml_parser_t parser;
  FILE *f = fopen(l->path, "rb");
  if (!f) {
    snprintf(l->err->text, sizeof l->err->text, "%.300s: %s; set %s", l->path, strerror(errno),
             l->option ? l->option : "analytics.rules_dir to the folder of rules");
    return ERR_IO;
  }
  int rc = ERR_NOMEM;
  if (yaml_parser_initialize(&parser)) {
    yaml_parser_set_input_file(&parser, f);
    if (!yaml_parser_load(&parser, &l->doc)) {
      snprintf(l->err->text, sizeof l->err->text, "%.300s:%lu: %s", l->path, parser.problem_mark.line + 1,
               parser.problem ? parser.problem : "not valid YAML");
      rc = ERR_SYNTAX;
    } else {
      rc = each(l, yaml_document_get_root_node(&l->doc));
      yaml_document_delete(&l->doc);
    }
    yaml_parser_delete(&parser);
  }
  fclose(f);
  return rc;
}

static int read_list(struct load *l, const yaml_node_t *root) {
  if (!root || root->type != YAML_SEQUENCE_NODE) return fail(l, root, "a list of classes was expected", NULL);
  for (yaml_node_item_t *i = root->data.sequence.items.start; i < root->data.sequence.items.top; i++) {
    int rc = read_class(l, yaml_document_get_node(&l->doc, *i));
    if (rc < 0) return rc;
  }
  return 0;
}

static int is_yaml(const struct dirent *d) {
  return span_ends(span_str(d->d_name), SPAN_LIT(".yaml")) && d->d_name[0] != '.';
}

int load_folder(struct load *l, const char *folder, int (*each)(struct load *, const yaml_node_t *)) {
  struct dirent **names = NULL;
  int n = scandir(folder, &names, is_yaml, alphasort), rc = 0;
  for (int i = 0; i < n; i++) {
    snprintf(l->path, sizeof l->path, "%s/%s", folder, names[i]->d_name);
    if (rc >= 0) rc = load_file(l, each);
    free(names[i]);
  }
  free(names);
  return rc < 0 ? rc : n > 0 ? n : 0;
}

int load_classes(struct load *l, const char *dir) {
  char folder[3900];
  snprintf(folder, sizeof folder, "%s/data", dir);
  int n = load_folder(l, folder, read_list);
  if (n) return n < 0 ? n : 0;
  snprintf(l->err->text, sizeof l->err->text,
           "%.300s: no data classes there; set analytics.rules_dir to the folder of rules", folder);
  return ERR_IO;
}
