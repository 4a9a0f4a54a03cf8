/* SPDX-License-Identifier: Apache-2.0 */
/* The analyst: names, inventory, correlations, findings, incidents, in packet order. */
#include "analytics/data/veil.h"
#include "analytics/analyst_core.h"
#include "analytics/correlate/correlate.h"
#include "analytics/spec.h"
#include "base/err.h"

#include <netinet/in.h>

#define TICK_NS 1000000000ULL
#define RENAME_NS (60 * TICK_NS)

static void on_finding(void *user, const struct finding *f) {
  struct analyst *a = user;
  if (a->sink.finding) a->sink.finding(a->sink.user, f);
  inventory_finding(a->inventory, f);
  incident_book_add(a->incidents, f, a->now);
}

static void on_incident(void *user, const struct incident *i) {
  struct analyst *a = user;
  if (a->sink.incident) a->sink.incident(a->sink.user, i);
}

/* What the user's rules or a specification call a path. */
static struct span given(struct analyst *a, struct span service, struct span method, struct span path) {
  struct span ruled = inventory_ruled(a->inventory, service, path);
  return ruled.len ? ruled : spec_find(ruleset_specs(a->rules), service, method, path).path;
}

static struct correlate_ctx context(struct analyst *a) {
  return (struct correlate_ctx){.conf = a->conf,
                                .rules = a->rules,
                                .zones = &a->zones,
                                .names = a->names,
                                .hops = a->hops,
                                .ctr = a->ctr,
                                .scratch = &a->scratch,
                                .now = a->now,
                                .first = a->first,
                                .findings = a->findings,
                                .sink = &a->sink,
                                .places = a->places,
                                .segments = a->segments,
                                .known = a->traits,
                                .image_list = a->image_list,
                                .specs = ruleset_specs(a->rules)};
}

static int start_correlations(struct analyst *a) {
  struct correlate_ctx cx = context(a);
  for (unsigned i = 0; correlation_table[i] && i < ANALYST_CORRELATIONS; i++) {
    const struct correlation *c = correlation_table[i];
    a->state[i] = mem_zalloc(c->state_size ? c->state_size : 1);
    if (!a->state[i]) return ERR_NOMEM;
    int rc = c->start ? c->start(a->state[i], &cx) : 0;
    if (rc < 0) return rc;
    for (unsigned k = 0; correlation_aheads[k].row; k++)
      if (correlation_aheads[k].row == c) a->ahead[k] = a->state[i];
  }
  return 0;
}

static void stop_correlations(struct analyst *a, bool end) {
  struct correlate_ctx cx = context(a);
  for (unsigned i = 0; correlation_table[i] && i < ANALYST_CORRELATIONS && a->state[i]; i++) {
    if (correlation_table[i]->stop) correlation_table[i]->stop(a->state[i], &cx, end);
    mem_free(a->state[i]);
    a->state[i] = NULL;
  }
}

static void seed_template(void *user, struct span service, struct span path, uint64_t calls, uint32_t words) {
  templates_seed(user, service, path, calls, words);
}

int analyst_new(struct analyst **out, const struct analytics_conf *conf, const struct ruleset *rules,
                const char *state_dir, struct counters *ctr, struct analyst_sink sink,
                struct conf_error *err) {
  struct analyst *a = mem_zalloc(sizeof *a);
  if (!a) return ERR_NOMEM;
  *a = (struct analyst){.conf = conf, .rules = rules, .ctr = ctr, .sink = sink};
  arena_init(&a->scratch, NULL, 1 << 20);
  uint64_t quiet = 1800ULL * 1000000000;
  if (conf->window_ns > quiet) quiet = conf->window_ns;
  size_t nodes = conf->max_endpoints > 0 ? (size_t)conf->max_endpoints * 4 : 400000;
  int rc = zones_init(&a->zones, conf, err);
  if (rc >= 0 && !(a->names = service_new())) rc = ERR_NOMEM;
  if (rc >= 0) service_use(a->names, ruleset_given(rules));
  if (rc >= 0) rc = places_load(&a->places, conf->places_file, err);
  if (rc >= 0) rc = datamap_new(&a->datamap, &a->zones, state_dir, ctr, err);
  if (rc >= 0) rc = graph_new(&a->graph, &a->zones, a->names, state_dir, ctr, err);
  if (rc >= 0) rc = segments_load(&a->segments, conf->segments_file, err);
  if (rc >= 0) rc = image_list_load(&a->image_list, conf->images_file, err);
  if (rc >= 0) rc = inventory_new(&a->inventory, conf, &a->zones, state_dir, ctr, sink, err);
  if (rc >= 0) {
    inventory_tags_use(a->inventory, ruleset_tags(rules));
    a->templates = templates_new(nodes, ctr);
    if (a->templates) inventory_each(a->inventory, seed_template, a->templates);
    a->hops = hops_new();
    a->traits = traits_new();
    a->findings = finding_book_new(4096, quiet, ctr, on_finding, a);
    a->incidents = incident_book_new(1024, quiet * 2, ctr, on_incident, a);
    if (a->findings) finding_book_exceptions(a->findings, ruleset_exceptions(rules));
    err->text[0] = 0;
    rc = a->templates && a->hops && a->traits && a->findings && a->incidents ? start_correlations(a)
                                                                             : ERR_NOMEM;
  }
  if (rc < 0)
    analyst_free(a);
  else
    *out = a;
  return rc;
}

void analyst_free(struct analyst *a) {
  if (!a) return;
  stop_correlations(a, false);
  incident_book_free(a->incidents);
  finding_book_free(a->findings);
  traits_free(a->traits);
  places_free(a->places);
  segments_free(a->segments);
  image_list_free(a->image_list);
  hops_free(a->hops);
  templates_free(a->templates);
  inventory_free(a->inventory);
  graph_free(a->graph);
  datamap_free(a->datamap);
  service_free(a->names);
  zones_done(&a->zones);
  arena_done(&a->scratch);
  mem_free(a);
}

void analyst_watch(struct analyst *a, const struct watch *w) { a->watch = w; }

void analyst_rules(struct analyst *a, const struct ruleset *rules) {
  a->rules = rules;
  service_use(a->names, ruleset_given(rules));
  inventory_tags_use(a->inventory, ruleset_tags(rules));
  finding_book_exceptions(a->findings, ruleset_exceptions(rules));
}

static struct span rename_path(void *user, struct span service, struct span method, struct span path,
                               struct arena *arena) {
  struct analyst *a = user;
  bool known;
  struct span path_given = given(a, service, method, path);
  if (path_given.len) return path_given;
  return templates_name(a->templates, service, method, path, arena, &known);
}

/* Names given early, when little was known, do not wait for the end: a sensor may run for months, or be killed. */
static void rename_all(struct analyst *a) {
  uint64_t now = templates_generation(a->templates);
  if (a->now < a->renamed + RENAME_NS || (!inventory_rules_new(a->inventory) && now == a->named)) return;
  inventory_rename(a->inventory, rename_path, a, a->now);
  a->renamed = a->now;
  a->named = templates_generation(a->templates);
}

static void scratch_clear(struct analyst *a) {
  ctr_add(a->ctr, CTR_ANALYTICS_MEMORY, a->scratch.missed);
  arena_reset(&a->scratch);
}

static void tick(struct analyst *a) {
  scratch_clear(a);
  struct correlate_ctx cx = context(a);
  for (unsigned i = 0; correlation_table[i] && i < ANALYST_CORRELATIONS; i++)
    if (correlation_table[i]->tick) correlation_table[i]->tick(a->state[i], &cx, a->now);
  finding_book_tick(a->findings, a->now);
  incident_book_tick(a->incidents, a->now);
  rename_all(a);
  inventory_tick(a->inventory, a->now);
  datamap_tick(a->datamap);
  graph_tick(a->graph);
}

/* Whole seconds only, so that what a tick does depends on the traffic's time and not on how it was cut into batches. */
static void ticks_to(struct analyst *a, uint64_t ns) {
  uint64_t second = ns - ns % TICK_NS;
  if (second <= a->ticked) return;
  a->ticked = second;
  if (second > a->now) a->now = second;
  tick(a);
}

static void clock_to(struct analyst *a, uint64_t ns) {
  ticks_to(a, ns);
  if (ns > a->now) a->now = ns;
  if (!a->first) a->first = a->now;
}

static bool is_http(const struct txn *t) { return t->method.len && t->path.len; }

/* Answered in a way that an unknown path is not. */
static bool answered_well(const struct txn *t) {
  return t->status < 0 || (t->status >= 101 && t->status < 400);
}

void analyst_learn(struct analyst *a, struct api_event *e) {
  struct txn *t = e->txn;
  static const uint8_t none[16];
  if (memcmp(e->who.origin, none, 16) == 0) memcpy(e->who.origin, t->conn.client, 16);
  a->learned++;
  if (t->kind == TXN_DNS) service_dns(a->names, t);
  if (t->kind == TXN_CALL) e->service = veil_copy(&t->arena, service_of(a->names, e, &t->arena), VEIL_SHAPES);
  ctr_add(a->ctr, CTR_ANALYTICS_MEMORY, service_missed(a->names));
  if (t->kind != TXN_CALL) return;
  if (hops_learn(a->hops, e) < 0) ctr_inc(a->ctr, CTR_ANALYTICS_MEMORY);
  bool path_rules = !t->operation.len || strcmp(t->protocol, "http") == 0;
  if (is_http(t) && path_rules && answered_well(t) && !event_is_attack(e) && !template_model_has(t))
    templates_learn(a->templates, e->service, t->method, t->path, e->fields[DIR_RESPONSE].fingerprint);
}

/* A server whose paths are known. */
static struct span modelled(const struct txn *t, struct arena *arena) {
  const struct fact *model = txn_fact(t, "tapscope.model");
  return model ? template_model(model->str, t->path, arena) : (struct span){0};
}

/* As text, so up to a NUL. */
static struct span until_nul(struct span s) { return span_head(s, span_index(s, 0)); }

static struct span joined(struct arena *arena, struct span a, struct span b) {
  a = until_nul(a), b = until_nul(b);
  uint8_t *p = arena_alloc(arena, a.len + 1 + b.len);
  if (!p) return (struct span){0};
  if (a.len) memcpy(p, a.base, a.len);
  p[a.len] = ' ';
  if (b.len) memcpy(p + a.len + 1, b.base, b.len);
  return span_of(p, a.len + 1 + b.len);
}

/* "GET /accounts/{accountId}", "risk.Risk/Score", "SELECT accounts". */
static bool name_endpoint(struct analyst *a, struct api_event *e) {
  struct txn *t = e->txn;
  bool known = true;
  if (t->operation.len && !(is_http(t) && strcmp(t->protocol, "http") == 0)) {
    e->endpoint = t->operation;
  } else if (is_http(t)) {
    struct span path = given(a, e->service, t->method, t->path);
    if (path.len) path = arena_copy(&t->arena, path);
    if (!path.len) path = modelled(t, &t->arena);
    if (!path.len) path = templates_name(a->templates, e->service, t->method, t->path, &t->arena, &known);
    e->endpoint = joined(&t->arena, t->method, path);
  } else if (span_eq(t->method, SPAN_LIT("CONNECT"))) {
    e->endpoint = t->method;
  } else {
    e->endpoint = span_str(t->protocol ? t->protocol : "unknown");
  }
  return known;
}

/* Whether a call says that there is such an endpoint: never by what else was seen so far, or the order would show. */
static bool is_refused(const struct api_event *e) {
  int s = e->txn->status;
  if (!is_http(e->txn) || s < 400) return false;
  return s == 400 || s == 401 || s == 403 || s == 405 || event_is_attack(e);
}

/* What the correlations will look up is on its way while the call is written. */
static void look_ahead(struct analyst *a, struct correlate_ctx *cx, const struct api_event *e) {
  correlate_facts(cx, a->traits, e);
  for (unsigned i = 0; correlation_aheads[i].row; i++)
    if (a->ahead[i]) correlation_aheads[i].ahead(a->ahead[i], cx, e);
}

static void correlate(struct analyst *a, struct correlate_ctx *cx, const struct api_event *e) {
  for (unsigned i = 0; correlation_table[i] && i < ANALYST_CORRELATIONS; i++)
    if (correlation_table[i]->event) {
      watch_begin(a->watch, correlation_table[i]->rule->id);
      correlation_table[i]->event(a->state[i], cx, e);
      watch_end(a->watch, correlation_table[i]->rule->id);
    }
}

void analyst_event(struct analyst *a, struct api_event *e) {
  if (a->learned == a->judged) analyst_learn(a, e);
  a->judged++;
  clock_to(a, hops_end(e->txn));
  scratch_clear(a);
  if (e->txn->kind == TXN_CALL) {
    name_endpoint(a, e);
    hops_resolve(a->hops, e);
    if (!is_http(e->txn) || e->txn->status != 404) inventory_call(a->inventory, e, is_refused(e), a->now);
    datamap_call(a->datamap, e, a->now);
    graph_call(a->graph, e);
  }
  struct correlate_ctx cx = context(a);
  look_ahead(a, &cx, e);
  if (a->sink.call) a->sink.call(a->sink.user, e);
  correlate(a, &cx, e);
  analyst_signals(a, e, cx.stray);
}

void analyst_flow(struct analyst *a, const struct flow_record *f) {
  clock_to(a, f->last_ns);
  scratch_clear(a);
  graph_flow(a->graph, f);
  if (a->sink.flow) a->sink.flow(a->sink.user, f);
  struct correlate_ctx cx = context(a);
  bool ported = f->conn.proto == IPPROTO_TCP || f->conn.proto == IPPROTO_UDP;
  for (unsigned i = 0; correlation_table[i] && i < ANALYST_CORRELATIONS; i++)
    if (correlation_table[i]->flow && (correlation_table[i] == &correlate_echoes) != ported)
      correlation_table[i]->flow(a->state[i], &cx, f);
}

void analyst_tick(struct analyst *a, uint64_t clock) { ticks_to(a, clock); }

const struct datamap *analyst_datamap(const struct analyst *a) { return a->datamap; }

int analyst_finish(struct analyst *a) {
  scratch_clear(a);
  stop_correlations(a, true);
  templates_settle(a->templates);
  inventory_rename(a->inventory, rename_path, a, a->now);
  finding_book_finish(a->findings, a->now);
  incident_book_finish(a->incidents, a->now);
  int stored = datamap_finish(a->datamap), drawn = graph_finish(a->graph);
  int rc = inventory_finish(a->inventory, a->now);
  scratch_clear(a);
  return rc < 0 ? rc : stored < 0 ? stored : drawn;
}
