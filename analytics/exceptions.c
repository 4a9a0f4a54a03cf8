/* SPDX-License-Identifier: Apache-2.0 */
/* Reads entries of known and accepted findings and finds the one that speaks of a raise. */
#include "analytics/exceptions.h"
#include "analytics/analyst_zone.h"
#include "analytics/data/load.h"
#include "base/err.h"
#include "base/glob.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { EXCEPTIONS_MOST = 4096 };

struct entry {
  struct span rule, endpoint, service, field; /* globs; empty fits all */
  struct cidr_list actor, target;             /* empty fits all */
  uint64_t until;                             /* ns; 0 for ever */
  enum exception_action action;
  uint8_t severity;
};
struct exceptions {
  struct entry *item;
  size_t count;
  struct arena arena;
};
struct reading {
  struct load load; /* first: load_file hands it on */
  struct exceptions *x;
};

static int fail(struct reading *r, const yaml_node_t *n, const char *what, struct span more) {
  return load_fail(&r->load, n, what, more.len ? (const char *)more.base : NULL);
}

/* 2026-12-31 or 2026-12-31T18:00:00Z, in UTC. */
static int read_until(struct reading *r, const yaml_node_t *n, uint64_t *out) {
  struct tm tm = {0};
  char text[32] = "", end = 0;
  struct span s = load_text(n);
  if (s.len < sizeof text && s.len) memcpy(text, s.base, s.len);
  int got = sscanf(text, "%4d-%2d-%2d%c%2d:%2d:%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &end, &tm.tm_hour,
                   &tm.tm_min, &tm.tm_sec);
  bool good = (got == 3 || (got >= 6 && (end == 'T' || end == ' '))) && tm.tm_year > 1970 && tm.tm_mon >= 1 &&
              tm.tm_mon <= 12 && tm.tm_mday >= 1 && tm.tm_mday <= 31 && tm.tm_hour < 24 && tm.tm_min < 60;
  if (!good) return fail(r, n, "until: a date such as 2026-12-31 was expected", s);
  tm.tm_year -= 1900, tm.tm_mon -= 1;
  time_t when = timegm(&tm);
  *out = when > 0 ? (uint64_t)when * 1000000000ULL : 1;
  return 0;
}

static int read_cidrs(struct reading *r, const yaml_node_t *n, struct cidr_list *out) {
  bool list = n->type == YAML_SEQUENCE_NODE;
  size_t count = list ? (size_t)(n->data.sequence.items.top - n->data.sequence.items.start) : 1;
  out->item = arena_zalloc(&r->x->arena, (count + 1) * sizeof *out->item);
  if (!out->item) return ERR_NOMEM;
  for (size_t i = 0; i < count; i++) {
    const yaml_node_t *one = list ? yaml_document_get_node(&r->load.doc, n->data.sequence.items.start[i]) : n;
    struct span s = load_text(one);
    if (zones_cidr_text(&out->item[i], s) < 0)
      return fail(r, one ? one : n, "an address or a network such as 10.1.0.0/16 was expected", s);
    out->count++;
  }
  return 0;
}

static int read_severity(struct reading *r, const yaml_node_t *n, uint8_t *out) {
  struct span s = load_text(n);
  if (severity_named(s, out)) return 0;
  long v = s.len && s.len < 4 ? strtol((const char *)s.base, NULL, 10) : 0;
  if (v < 1 || v > 100)
    return fail(r, n, "severity: info, low, medium, high, critical or 1 to 100 was expected", s);
  *out = (uint8_t)v;
  return 0;
}

static int read_action(struct reading *r, const yaml_node_t *n, struct entry *e) {
  struct span s = load_text(n);
  if (span_eq(s, SPAN_LIT("suppress")))
    e->action = EXCEPTION_SUPPRESS;
  else if (span_eq(s, SPAN_LIT("shadow")))
    e->action = EXCEPTION_SHADOW;
  else
    return fail(r, n, "action: suppress or shadow was expected; for another severity set severity alone", s);
  return 0;
}

static int read_key(struct reading *r, struct entry *e, const yaml_node_t *k, const yaml_node_t *v) {
  struct span key = load_text(k), value = load_text(v);
  struct span *globs[] = {&e->rule, &e->endpoint, &e->service, &e->field};
  static const char *const names[] = {"rule", "endpoint", "service", "field"};
  for (size_t i = 0; i < 4; i++) {
    if (!span_eq(key, span_str(names[i]))) continue;
    if (!value.len) return fail(r, v, "a text was expected for", key);
    *globs[i] = arena_copy(&r->x->arena, value);
    return globs[i]->len ? 0 : ERR_NOMEM;
  }
  if (span_eq(key, SPAN_LIT("actor"))) return read_cidrs(r, v, &e->actor);
  if (span_eq(key, SPAN_LIT("target"))) return read_cidrs(r, v, &e->target);
  if (span_eq(key, SPAN_LIT("until"))) return read_until(r, v, &e->until);
  if (span_eq(key, SPAN_LIT("action"))) return read_action(r, v, e);
  if (span_eq(key, SPAN_LIT("severity"))) return read_severity(r, v, &e->severity);
  if (span_eq(key, SPAN_LIT("why"))) return 0;
  return fail(r, k,
              "rule, endpoint, service, actor, target, field, until, action, severity or why was expected",
              key);
}

static int read_entry(struct reading *r, const yaml_node_t *n, struct entry *e) {
  if (!n || n->type != YAML_MAPPING_NODE)
    return fail(r, n, "an entry {rule: …} was expected", span_of(NULL, 0));
  for (yaml_node_pair_t *p = n->data.mapping.pairs.start; p < n->data.mapping.pairs.top; p++) {
    int rc = read_key(r, e, yaml_document_get_node(&r->load.doc, p->key),
                      yaml_document_get_node(&r->load.doc, p->value));
    if (rc < 0) return rc;
  }
  if (!e->rule.len) return fail(r, n, "rule is missing; \"*\" fits all rules", span_of(NULL, 0));
  if (e->action == EXCEPTION_NONE) e->action = e->severity ? EXCEPTION_SEVERITY : EXCEPTION_SUPPRESS;
  return 0;
}

static int read_root(struct load *l, const yaml_node_t *root) {
  struct reading *r = (struct reading *)(void *)l;
  if (!root || root->type == YAML_SCALAR_NODE) return 0; /* empty */
  const yaml_node_t *list = load_get(l, root, "exceptions");
  if (!list) return fail(r, root, "\"exceptions:\" with a list was expected", span_of(NULL, 0));
  for (const yaml_node_pair_t *p = root->data.mapping.pairs.start; p < root->data.mapping.pairs.top; p++) {
    const yaml_node_t *key = yaml_document_get_node(&l->doc, p->key);
    if (!span_eq(load_text(key), SPAN_LIT("exceptions"))) return fail(r, key, "unknown key", load_text(key));
  }
  if (list->type == YAML_SCALAR_NODE && list->data.scalar.length == 0) return 0;
  if (list->type != YAML_SEQUENCE_NODE) return fail(r, list, "a list was expected", span_of(NULL, 0));
  size_t n = (size_t)(list->data.sequence.items.top - list->data.sequence.items.start);
  if (n > EXCEPTIONS_MOST) return fail(r, list, "more than 4096 entries", span_of(NULL, 0));
  r->x->item = arena_zalloc(&r->x->arena, (n + 1) * sizeof *r->x->item);
  if (!r->x->item) return ERR_NOMEM;
  for (size_t i = 0; i < n; i++) {
    int rc = read_entry(r, yaml_document_get_node(&r->load.doc, list->data.sequence.items.start[i]),
                        &r->x->item[i]);
    if (rc < 0) return rc;
    r->x->count++;
  }
  return 0;
}

int exceptions_load(struct exceptions **out, const char *path, struct conf_error *err) {
  struct reading r = {.load = {.err = err, .option = "analytics.exceptions_file to a readable file"},
                      .x = mem_zalloc(sizeof *r.x)};
  if (!r.x) return ERR_NOMEM;
  arena_init(&r.x->arena, NULL, 0);
  snprintf(r.load.path, sizeof r.load.path, "%s", path);
  int rc = load_file(&r.load, read_root);
  if (rc < 0)
    exceptions_free(r.x);
  else
    *out = r.x;
  return rc;
}

void exceptions_free(struct exceptions *x) {
  if (!x) return;
  arena_done(&x->arena);
  mem_free(x);
}

size_t exceptions_count(const struct exceptions *x) { return x ? x->count : 0; }

static bool fits(struct span g, struct span text) { return !g.len || glob_match(g, text, true); }

/* Every one of the addresses must be covered: one stranger among them keeps the finding. */
static bool covers(const struct cidr_list *l, const uint8_t (*addr)[16], uint32_t n) {
  if (!l->count) return true;
  for (uint32_t i = 0; i < n; i++)
    if (!zones_match(l, addr[i])) return false;
  return n > 0;
}

static bool fields(const struct entry *e, const struct raise *r) {
  if (!e->field.len) return true;
  for (uint32_t i = 0; i < r->nevidence; i++)
    if (!glob_match(e->field, r->evidence[i].where, true)) return false;
  return r->nevidence > 0;
}

enum exception_action exceptions_judge(const struct exceptions *x, const struct raise *r, uint64_t now,
                                       uint8_t *severity) {
  for (size_t i = 0; i < exceptions_count(x); i++) {
    const struct entry *e = &x->item[i];
    if ((e->until && now >= e->until) || !fits(e->rule, span_str(r->rule->id)) ||
        !fits(e->endpoint, r->endpoint) || !fits(e->service, r->service) ||
        !covers(&e->actor, r->actor, r->nactors) || !covers(&e->target, r->target, r->ntargets) ||
        !fields(e, r))
      continue;
    *severity = e->severity;
    return e->action;
  }
  return EXCEPTION_NONE;
}
