/* SPDX-License-Identifier: Apache-2.0 */
/* Policies from YAML. The first that matches decides; what none speaks of is allowed. */
#include "analytics/policy.h"
#include "analytics/data/load.h"
#include "analytics/data/lookup.h"
#include "base/err.h"
#include "base/glob.h"
#include "base/mem.h"

struct policies {
  struct arena arena;
  struct policy_place place[POLICY_PLACES];
  uint32_t places;
  struct policy *item[POLICIES_MAX];
  uint32_t count;
};
struct policy_load {
  struct load load; /* first: load_file hands it on */
  struct policies *out;
  const struct classes *known;
};

static struct policies *to(struct load *l) { return ((struct policy_load *)(void *)l)->out; }

/* A word or a list of words. */
static int words(struct load *l, const yaml_node_t *n, struct span *out, uint16_t *count) {
  *count = 0;
  if (!n) return 0;
  size_t many =
      n->type == YAML_SEQUENCE_NODE ? (size_t)(n->data.sequence.items.top - n->data.sequence.items.start) : 1;
  if (n->type == YAML_MAPPING_NODE || !many)
    return load_fail(l, n, "a word or a list of words was expected", NULL);
  if (many > POLICY_WORDS) return load_fail(l, n, "too many words; write two policies", NULL);
  for (size_t i = 0; i < many; i++) {
    const yaml_node_t *x =
        n->type == YAML_SEQUENCE_NODE ? yaml_document_get_node(&l->doc, n->data.sequence.items.start[i]) : n;
    struct span s = load_text(x);
    if (!s.len) return load_fail(l, x ? x : n, "a word was expected", NULL);
    out[i] =
        span_head(arena_copy(&to(l)->arena, span_of(s.base, s.len + 1)), s.len); /* the NUL is for messages */
    if (!out[i].base) return ERR_NOMEM;
    (*count)++;
  }
  return 0;
}

static int read_place(struct load *l, const yaml_node_t *key, const yaml_node_t *list) {
  struct policies *p = to(l);
  struct span text[POLICY_WORDS];
  uint16_t n;
  if (p->places == POLICY_PLACES) return load_fail(l, key, "too many places", NULL);
  int rc = words(l, list, text, &n);
  if (rc < 0) return rc;
  struct policy_place *x = &p->place[p->places];
  x->name = arena_copy(&p->arena, load_text(key));
  x->net.item = arena_zalloc(&p->arena, (n + 1u) * sizeof *x->net.item);
  if (!x->name.base || !x->net.item) return ERR_NOMEM;
  for (uint16_t i = 0; i < n; i++) {
    if (zones_cidr_text(&x->net.item[i], text[i]) < 0)
      return load_fail(l, list, "an address or a CIDR was expected", (const char *)text[i].base);
    x->net.count++;
  }
  p->places++;
  return 0;
}

static int read_end(struct load *l, const yaml_node_t *n, struct policy_end *out) {
  struct policies *p = to(l);
  struct span word[POLICY_WORDS];
  uint16_t count;
  int rc = words(l, n, word, &count);
  for (uint16_t i = 0; rc >= 0 && i < count; i++) {
    bool found = false;
    for (unsigned z = 0; z < 4; z++)
      if (span_eq(word[i], span_str(zones_name((enum zone)z)))) out->zones |= (uint8_t)(1 << z), found = true;
    for (uint32_t k = 0; k < p->places && !found; k++)
      if (span_eq(word[i], p->place[k].name)) out->place[out->places++] = &p->place[k], found = true;
    if (!found)
      rc = load_fail(
          l, n, "no such zone or place (internet, partner, internal, management, or a name under places)",
          NULL);
  }
  return rc;
}

static int read_flag(struct load *l, const yaml_node_t *n, int8_t *out) {
  struct span s = load_text(n);
  *out = -1;
  if (!n) return 0;
  if (span_eq(s, SPAN_LIT("true")))
    *out = 1;
  else if (span_eq(s, SPAN_LIT("false")))
    *out = 0;
  else
    return load_fail(l, n, "true or false was expected", NULL);
  return 0;
}

static int read_then(struct load *l, const yaml_node_t *map, struct policy *p) {
  const yaml_node_t *then = load_get(l, map, "then"), *severity = load_get(l, map, "severity");
  p->deny = span_eq(load_text(then), SPAN_LIT("deny"));
  if (!p->deny && !span_eq(load_text(then), SPAN_LIT("allow")))
    return load_fail(l, then ? then : map, "then: allow or deny was expected", NULL);
  p->severity = SEVERITY_HIGH;
  if (!severity || severity_named(load_text(severity), &p->severity)) return 0;
  return load_fail(l, severity, "severity: info, low, medium, high or critical was expected", NULL);
}

static int read_direction(struct load *l, const yaml_node_t *n, struct policy *p) {
  struct span s = load_text(n);
  if (!n) return 0;
  if (span_eq(s, SPAN_LIT("request")))
    p->dirs = 1 << DIR_REQUEST;
  else if (span_eq(s, SPAN_LIT("response")))
    p->dirs = 1 << DIR_RESPONSE;
  else
    return load_fail(l, n, "direction: request or response was expected", NULL);
  return 0;
}

static int check_keys(struct load *l, const yaml_node_t *n) {
  static const char *const known[] = {"name",      "class", "grade",   "service",   "endpoint",
                                      "direction", "from",  "to",      "plaintext", "authenticated",
                                      "subjects",  "then",  "severity"};
  for (yaml_node_pair_t *p = n->data.mapping.pairs.start; p < n->data.mapping.pairs.top; p++) {
    const yaml_node_t *key = yaml_document_get_node(&l->doc, p->key);
    bool good = false;
    for (size_t i = 0; i < sizeof known / sizeof *known && !good; i++)
      good = span_eq(load_text(key), span_str(known[i]));
    if (!good) return load_fail(l, key, "unknown key", (const char *)load_text(key).base);
  }
  return 0;
}

static int check_classes(struct load *l, const yaml_node_t *n, const struct policy *p) {
  const struct classes *known = ((struct policy_load *)(void *)l)->known;
  for (uint16_t i = 0; known && i < p->nclasses; i++)
    if (!memchr(p->classes[i].base, '*', p->classes[i].len) && !lookup_has(known, p->classes[i]))
      return load_fail(l, n, "no such class", NULL);
  return 0;
}

static int read_policy(struct load *l, const yaml_node_t *n) {
  struct policies *all = to(l);
  if (!n || n->type != YAML_MAPPING_NODE) return load_fail(l, n, "a policy was expected", NULL);
  if (all->count == POLICIES_MAX) return load_fail(l, n, "too many policies", NULL);
  struct policy *p = arena_zalloc(&all->arena, sizeof *p);
  if (!p) return ERR_NOMEM;
  int rc = check_keys(l, n);
  p->name = arena_copy(&all->arena, load_text(load_get(l, n, "name")));
  if (rc >= 0 && !p->name.len) rc = load_fail(l, n, "a policy needs a name", NULL);
  if (rc >= 0) rc = words(l, load_get(l, n, "class"), p->classes, &p->nclasses);
  if (rc >= 0) rc = check_classes(l, load_get(l, n, "class"), p);
  if (rc >= 0) rc = load_grade(l, load_get(l, n, "grade"), &p->grade);
  if (rc >= 0) rc = words(l, load_get(l, n, "service"), p->services, &p->nservices);
  if (rc >= 0) rc = words(l, load_get(l, n, "endpoint"), p->endpoints, &p->nendpoints);
  if (rc >= 0) rc = read_end(l, load_get(l, n, "from"), &p->from);
  if (rc >= 0) rc = read_end(l, load_get(l, n, "to"), &p->to);
  if (rc >= 0) rc = read_direction(l, load_get(l, n, "direction"), p);
  if (rc >= 0) rc = read_flag(l, load_get(l, n, "plaintext"), &p->plaintext);
  if (rc >= 0) rc = read_flag(l, load_get(l, n, "authenticated"), &p->authenticated);
  if (rc >= 0) rc = read_then(l, n, p);
  const yaml_node_t *subjects = load_get(l, n, "subjects");
  uint64_t many = 0;
  if (rc >= 0 && subjects && (span_u64(load_text(subjects), &many) < 0 || many > UINT32_MAX))
    rc = load_fail(l, subjects, "subjects: a number was expected", NULL);
  p->subjects = (uint32_t)many;
  if (rc >= 0) all->item[all->count++] = p;
  return rc;
}

static int read_file(struct load *l, const yaml_node_t *root) {
  if (!root || root->type != YAML_MAPPING_NODE)
    return load_fail(l, root, "\"places:\" and \"policies:\" were expected", NULL);
  for (yaml_node_pair_t *p = root->data.mapping.pairs.start; p < root->data.mapping.pairs.top; p++) {
    const yaml_node_t *key = yaml_document_get_node(&l->doc, p->key);
    if (!span_eq(load_text(key), SPAN_LIT("places")) && !span_eq(load_text(key), SPAN_LIT("policies")))
      return load_fail(l, key, "unknown key", (const char *)load_text(key).base);
  }
  const yaml_node_t *places = load_get(l, root, "places"), *list = load_get(l, root, "policies");
  if (places && places->type != YAML_MAPPING_NODE)
    return load_fail(l, places, "places: names were expected", NULL);
  int rc = 0;
  if (places)
    for (yaml_node_pair_t *p = places->data.mapping.pairs.start;
         rc >= 0 && p < places->data.mapping.pairs.top; p++)
      rc = read_place(l, yaml_document_get_node(&l->doc, p->key), yaml_document_get_node(&l->doc, p->value));
  if (rc < 0 || !list) return rc;
  if (list->type != YAML_SEQUENCE_NODE) return load_fail(l, list, "policies: a list was expected", NULL);
  for (yaml_node_item_t *i = list->data.sequence.items.start; rc >= 0 && i < list->data.sequence.items.top;
       i++)
    rc = read_policy(l, yaml_document_get_node(&l->doc, *i));
  return rc;
}

int policy_load(struct policies **out, const char *path, const struct classes *classes,
                struct conf_error *err) {
  struct policies *p = mem_zalloc(sizeof *p);
  if (!p) return ERR_NOMEM;
  arena_init(&p->arena, NULL, 0);
  struct policy_load l = {.load = {.err = err, .option = "analytics.policies_file to a readable file"},
                          .out = p,
                          .known = classes};
  snprintf(l.load.path, sizeof l.load.path, "%.4000s", path);
  int rc = load_file(&l.load, read_file);
  if (rc < 0) {
    policy_free(p);
    return rc;
  }
  *out = p;
  return 0;
}

void policy_free(struct policies *p) {
  if (!p) return;
  arena_done(&p->arena);
  mem_free(p);
}

uint32_t policy_count(const struct policies *p) { return p->count; }

static bool any_glob(const struct span *list, uint16_t n, struct span text) {
  for (uint16_t i = 0; i < n; i++)
    if (glob_match(list[i], text, false)) return true;
  return n == 0;
}

static bool at_end(const struct policy_end *e, const uint8_t *addr, enum zone zone) {
  if (!e->zones && !e->places) return true;
  if (e->zones >> zone & 1) return true;
  for (uint16_t i = 0; i < e->places; i++)
    if (zones_match(&e->place[i]->net, addr)) return true;
  return false;
}

static bool graded(const struct grade *least, const struct grade *g) {
  return g->jrt0171 >= least->jrt0171 && g->jrt0197 >= least->jrt0197 && g->gbt35273 >= least->gbt35273 &&
         g->iso29100 >= least->iso29100 && g->pci >= least->pci;
}

static bool speaks(const struct policy *p, const struct policy_case *c) {
  if (p->dirs && !(p->dirs >> c->dir & 1)) return false;
  if (c->hit->subjects < p->subjects) return false;
  if (p->plaintext >= 0 && p->plaintext != c->plaintext) return false;
  if (p->authenticated >= 0 && p->authenticated != c->authenticated) return false;
  if (!graded(&p->grade, &c->hit->grade)) return false;
  if (!any_glob(p->classes, p->nclasses, span_str(c->hit->class_id))) return false;
  if (!at_end(&p->from, c->from, c->from_zone) || !at_end(&p->to, c->to, c->to_zone)) return false;
  return any_glob(p->services, p->nservices, c->service) &&
         any_glob(p->endpoints, p->nendpoints, c->endpoint);
}

const struct policy *policy_judge(const struct policies *p, const struct policy_case *c) {
  for (uint32_t i = 0; i < p->count; i++)
    if (speaks(p->item[i], c)) return p->item[i];
  return NULL;
}
