/* SPDX-License-Identifier: Apache-2.0 */
/* Reads rules/attack: patterns with their places, their rule's texts and examples that must and must not match. */
#include "analytics/data/load.h"
#include "analytics/inspect/custom.h"
#include "base/err.h"

#include <stdio.h>
#include <stdlib.h>

struct reading {
  struct load load; /* first: load_file hands this on */
  struct custom_set *set;
};

static const char *keep(struct reading *r, struct span s) {
  char *p = arena_alloc(&r->set->arena, s.len + 1);
  if (!p) return NULL;
  if (s.len) memcpy(p, s.base, s.len);
  p[s.len] = 0;
  return p;
}

/* A text of the entry; other where it has none. */
static int text(struct reading *r, const yaml_node_t *n, const char *key, const char *other,
                const char **out) {
  const yaml_node_t *v = load_get(&r->load, n, key);
  if (!v && !other) return load_fail(&r->load, n, "missing", key);
  if (v && v->type != YAML_SCALAR_NODE) return load_fail(&r->load, v, "a text was expected", key);
  *out = v ? keep(r, load_text(v)) : other;
  return *out ? 0 : ERR_NOMEM;
}

static size_t items(const yaml_node_t *n) {
  return n->type == YAML_SEQUENCE_NODE ? (size_t)(n->data.sequence.items.top - n->data.sequence.items.start)
                                       : 0;
}
static const yaml_node_t *item(struct reading *r, const yaml_node_t *n, size_t i) {
  return yaml_document_get_node(&r->load.doc, n->data.sequence.items.start[i]);
}

static int ids(struct reading *r, const yaml_node_t *n, const char *key, const char *other, const char **out,
               size_t most) {
  const yaml_node_t *v = load_get(&r->load, n, key);
  if (!v) return out[0] = other, 0;
  if (v->type != YAML_SEQUENCE_NODE || items(v) > most)
    return load_fail(&r->load, v, "a short list was expected", key);
  for (size_t i = 0; i < items(v); i++)
    if (!(out[i] = keep(r, load_text(item(r, v, i))))) return ERR_NOMEM;
  return 0;
}

static int places(struct reading *r, const yaml_node_t *n, uint32_t *out) {
  const yaml_node_t *v = load_get(&r->load, n, "place");
  *out = v ? 0 : (1U << PLACES) - 1;
  if (v && v->type != YAML_SEQUENCE_NODE) return load_fail(&r->load, v, "a list was expected", "place");
  for (size_t i = 0; v && i < items(v); i++) {
    unsigned p = 0;
    while (p < PLACES && !span_eq(load_text(item(r, v, i)), span_str(place_name((enum place)p)))) p++;
    if (p == PLACES)
      return load_fail(&r->load, item(r, v, i),
                       "path, query, header, cookie, body, arg or filename was expected", "place");
    *out |= 1U << p;
  }
  return 0;
}

static int severity(struct reading *r, const yaml_node_t *n, uint8_t *out) {
  const yaml_node_t *v = load_get(&r->load, n, "severity");
  *out = SEVERITY_MEDIUM;
  if (!v || severity_named(load_text(v), out)) return 0;
  return load_fail(&r->load, v, "info, low, medium, high or critical was expected", "severity");
}

static int confidence(struct reading *r, const yaml_node_t *n, uint8_t *out) {
  const yaml_node_t *v = load_get(&r->load, n, "confidence");
  uint64_t x = 70;
  if (v && (span_u64(load_text(v), &x) < 0 || x < 1 || x > 100))
    return load_fail(&r->load, v, "1 to 100 was expected", "confidence");
  *out = (uint8_t)x;
  return 0;
}

static int compile(struct reading *r, const yaml_node_t *n, struct custom *c) {
  const yaml_node_t *v = load_get(&r->load, n, "pattern");
  int code = 0;
  PCRE2_SIZE at = 0;
  if (text(r, n, "pattern", NULL, &c->text) < 0) return ERR_SYNTAX;
  c->code = pcre2_compile((PCRE2_SPTR)c->text, PCRE2_ZERO_TERMINATED, PCRE2_DOTALL, &code, &at, NULL);
  if (!c->code) {
    PCRE2_UCHAR why[120] = "";
    pcre2_get_error_message(code, why, sizeof why);
    return load_fail(&r->load, v, "the pattern does not compile", (const char *)why);
  }
  pcre2_jit_compile(c->code, PCRE2_JIT_COMPLETE); /* without a compiler for this machine it is interpreted */
  return 0;
}

static int examples(struct reading *r, const yaml_node_t *n, const struct custom *c, const char *key,
                    bool must) {
  const yaml_node_t *v = load_get(&r->load, n, key);
  if (!v) return must ? load_fail(&r->load, n, "missing: an example that must match", key) : 0;
  if (v->type != YAML_SEQUENCE_NODE) return load_fail(&r->load, v, "a list was expected", key);
  for (size_t i = 0; i < items(v); i++)
    if (custom_match(c, load_text(item(r, v, i))) != must)
      return load_fail(&r->load, item(r, v, i),
                       must ? "the pattern does not match its example"
                            : "the pattern matches what it must not",
                       c->rule.id);
  return 0;
}

static int texts(struct reading *r, const yaml_node_t *n, struct rule *u) {
  int rc = text(r, n, "id", NULL, &u->id);
  for (const char *p = rc < 0 ? "" : u->id; *p; p++)
    if (!((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '_'))
      return load_fail(&r->load, n, "an id has small letters, digits and _ only", u->id);
  if (rc >= 0) rc = text(r, n, "name", u->id, &u->name);
  if (rc >= 0) rc = text(r, n, "name_zh", u->name, &u->name_zh);
  if (rc >= 0) rc = text(r, n, "reason", "A value fits a pattern of this site's own.", &u->reason);
  if (rc >= 0) rc = text(r, n, "reason_zh", "取值命中本单位自定义的攻击特征。", &u->reason_zh);
  if (rc >= 0) rc = text(r, n, "remedy", "See who wrote the pattern and why.", &u->remedy);
  if (rc >= 0) rc = text(r, n, "remedy_zh", "联系特征编写人确认处置方式。", &u->remedy_zh);
  if (rc >= 0) rc = ids(r, n, "technique", "T1190", u->technique, 4);
  if (rc >= 0) rc = ids(r, n, "tactic", "TA0001", u->tactic, 4);
  return rc >= 0 ? ids(r, n, "owasp", "API8:2023", u->owasp, 3) : rc;
}

static int entry(struct reading *r, const yaml_node_t *n) {
  if (!n || n->type != YAML_MAPPING_NODE)
    return load_fail(&r->load, n, "an entry {id: …, pattern: …} was expected", NULL);
  if (r->set->count == CUSTOM_MOST)
    return load_fail(&r->load, n, "more patterns than the 64 there is room for", NULL);
  struct custom *c = &r->set->item[r->set->count];
  c->rule.category = CATEGORY_ATTACK;
  int rc = texts(r, n, &c->rule);
  if (rc >= 0) rc = severity(r, n, &c->rule.severity);
  if (rc >= 0) rc = confidence(r, n, &c->confidence);
  if (rc >= 0) rc = places(r, n, &c->places);
  if (rc >= 0) rc = compile(r, n, c);
  if (c->code) r->set->count++; /* freed with the set */
  if (rc >= 0) rc = examples(r, n, c, "match", true);
  return rc >= 0 ? examples(r, n, c, "no_match", false) : rc;
}

static int entries(struct load *l, const yaml_node_t *root) {
  struct reading *r = (struct reading *)l;
  const yaml_node_t *list = root && root->type == YAML_MAPPING_NODE ? load_get(l, root, "patterns") : NULL;
  if (!list || list->type != YAML_SEQUENCE_NODE)
    return load_fail(l, root, "\"patterns:\" with a list was expected", NULL);
  for (size_t i = 0; i < items(list); i++) {
    int rc = entry(r, item(r, list, i));
    if (rc < 0) return rc;
  }
  return 0;
}

int custom_load(struct custom_set **out, const char *dir, struct conf_error *err) {
  char folder[3900];
  struct reading r = {.load = {.err = err}, .set = mem_zalloc(sizeof *r.set)};
  if (!r.set) return ERR_NOMEM;
  arena_init(&r.set->arena, NULL, 0);
  snprintf(folder, sizeof folder, "%s/attack", dir);
  int n = load_folder(&r.load, folder, entries);
  if (n <= 0) {
    custom_free(r.set);
    r.set = NULL;
  }
  *out = r.set;
  return n < 0 ? n : 0;
}
