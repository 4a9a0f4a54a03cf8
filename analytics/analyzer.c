/* SPDX-License-Identifier: Apache-2.0 */
/* Turns a transaction into an event: every value of it is walked once and handed to those who look at values. */
#include "analytics/data/veil.h"
#include "analytics/data/classify.h"
#include "analytics/fields.h"
#include "analytics/identity.h"
#include "analytics/login.h"
#include "analytics/inspect/inspect.h"
#include "analytics/ruleset.h"
#include "base/err.h"
#include "base/mem.h"
#include "dissect/body/path.h"
#include "dissect/body/walk.h"

#include <arpa/inet.h>

enum { PATHS_MAX = 32768 };

struct analyzer {
  const struct analytics_conf *conf;
  const struct ruleset *rules;
  struct counters *ctr;
  struct path_table *paths;
  struct arena scratch;
  struct fields_env *fields;
  struct classify *classify;
  struct inspect *inspect; /* NULL: not wanted */
  struct identity_env *identity;
  struct login_env *login;
};
/* One side on its way. */
struct pass {
  struct analyzer *a;
  struct api_event *e;
  enum dir dir;
  enum data_place place;
  const char *prefix; /* of field paths; NULL: no field */
  bool redact;        /* raw spans lie in the transaction's own strings */
  bool accounts;      /* the call may be about accounts */
};

void analyzer_free(struct analyzer *a) {
  if (!a) return;
  classify_free(a->classify);
  fields_free(a->fields);
  inspect_free(a->inspect);
  identity_free(a->identity);
  login_free(a->login);
  path_table_free(a->paths);
  arena_done(&a->scratch);
  mem_free(a);
}

int analyzer_rules(struct analyzer *a, const struct ruleset *rules) {
  const uint8_t *key = ruleset_key(rules);
  struct classify *c = classify_new(rules->classes, key, (uint32_t)a->conf->max_tokens);
  struct identity_env *identity = identity_new(a->conf, key);
  struct login_env *login = login_new(a->conf, key);
  struct inspect *inspect = a->conf->inspect ? inspect_new(a->conf, rules->inspect) : NULL;
  if (!c || !identity || !login || (a->conf->inspect && !inspect)) {
    classify_free(c);
    identity_free(identity);
    login_free(login);
    inspect_free(inspect);
    return ERR_NOMEM;
  }
  classify_free(a->classify);
  identity_free(a->identity);
  login_free(a->login);
  inspect_free(a->inspect);
  a->classify = c;
  a->identity = identity;
  a->login = login;
  a->inspect = inspect;
  a->rules = rules;
  return 0;
}

struct analyzer *analyzer_new(const struct analytics_conf *conf, const struct ruleset *rules,
                              struct counters *ctr) {
  struct analyzer *a = mem_zalloc(sizeof *a);
  if (!a) return NULL;
  a->conf = conf;
  a->ctr = ctr;
  arena_init(&a->scratch, NULL, 0);
  a->paths = path_table_new(PATHS_MAX);
  a->fields = fields_new((uint32_t)conf->max_fields, FIELDS_SEED);
  if (a->paths && a->fields && analyzer_rules(a, rules) >= 0) return a;
  analyzer_free(a);
  return NULL;
}

void analyzer_watch(struct analyzer *a, const struct watch *w) {
  if (a->inspect) inspect_watch(a->inspect, w);
}

static void redact(struct pass *p, struct span raw) {
  struct redactions *r = &p->e->redact;
  if (r->count == r->size) {
    uint32_t size = r->size ? r->size * 2 : 8;
    struct span *item = arena_alloc(&p->e->txn->arena, size * sizeof *item);
    if (!item) {
      r->all = true;
      ctr_inc(p->a->ctr, CTR_ANALYTICS_MEMORY);
      return;
    }
    if (r->count) memcpy(item, r->item, r->count * sizeof *item);
    r->item = item;
    r->size = size;
  }
  r->item[r->count++] = raw;
}

static void on_content(struct pass *p, const struct leaf *leaf) {
  enum place place = p->place == DATA_ARG ? PLACE_ARG : PLACE_BODY;
  if (p->dir == DIR_RESPONSE) {
    if (p->accounts) login_answer(p->a->login, leaf);
    return;
  }
  if (span_eq(leaf->key, SPAN_LIT("filename"))) place = PLACE_FILENAME;
  if (p->a->inspect) inspect_value(p->a->inspect, place, leaf);
  if (p->accounts) login_value(p->a->login, place, leaf);
}

static int on_leaf(void *user, const struct leaf *leaf) {
  struct pass *p = user;
  struct analyzer *a = p->a;
  struct leaf own;
  if (!leaf->node) { /* a format that keeps its own paths */
    own = *leaf;
    own.node = path_of(a->paths, leaf->path);
    leaf = &own;
  }
  struct look look;
  look_at(leaf->value, &look);
  if (p->prefix) fields_add(a->fields, p->prefix, leaf, &look);
  if (a->conf->classify && leaf->type != LEAF_BOOL && leaf->type != LEAF_NULL) {
    unsigned hits = classify_look(a->classify, p->place, leaf, &look);
    if (hits && p->redact) redact(p, leaf->raw);
    if (!hits && p->prefix) fields_tell(a->fields, p->prefix, leaf);
  } else if (a->conf->classify && leaf->type == LEAF_NULL && p->prefix) {
    fields_tell(a->fields, p->prefix, leaf);
  }
  if (p->place == DATA_BODY || p->place == DATA_ARG) on_content(p, leaf);
  return 0;
}

static void one(struct pass *p, struct path_node *n, enum leaf_type type, struct span value,
                struct span raw) {
  struct leaf leaf = {.path = n->path,
                      .key = n->key,
                      .value = value,
                      .raw = raw,
                      .path_hash = n->hash,
                      .type = type,
                      .depth = (uint8_t)n->depth,
                      .node = n};
  on_leaf(p, &leaf);
}

static struct body_walk walk_of(struct pass *p) {
  return (struct body_walk){.leaf = on_leaf, .user = p, .scratch = &p->a->scratch, .paths = p->a->paths};
}

static bool word_segment(struct span s) { return s.len > 0 && s.len <= 32 && !path_is_value(s); }

/* A segment that is no word goes under the word before it: /mobile/13800000000. */
static void path_segments(struct pass *p, struct span path) {
  struct body_walk w = walk_of(p);
  struct path_node *root = path_root(p->a->paths), *n = root;
  while (path.len) {
    struct span raw = span_cut(&path, '/');
    if (!raw.len) continue;
    struct span s = walk_unpercent(&w, raw, false);
    one(p, n, LEAF_STRING, s, raw);
    if (word_segment(s)) n = path_child(p->a->paths, root, s);
  }
}

static struct span lower(struct arena *a, struct span s) {
  uint8_t *out = arena_alloc(a, s.len ? s.len : 1);
  if (!out) return s;
  for (size_t i = 0; i < s.len; i++)
    out[i] = s.base[i] >= 'A' && s.base[i] <= 'Z' ? (uint8_t)(s.base[i] | 32) : s.base[i];
  return (struct span){out, s.len};
}

static void cookies(struct pass *p, struct span value) {
  struct body_walk w = walk_of(p);
  struct pass q = *p;
  q.place = DATA_COOKIE;
  q.prefix = NULL;
  while (value.len) {
    struct span pair = span_trim(span_cut(&value, ';'));
    struct span name = span_trim(span_cut(&pair, '='));
    if (!name.len || !pair.len) continue;
    one(&q, path_child(p->a->paths, path_root(p->a->paths), name), LEAF_STRING,
        walk_unpercent(&w, pair, false), pair);
  }
}

static struct span first_pair(struct span set_cookie) { return span_cut(&set_cookie, ';'); }

static void header_values(struct pass *p, const struct headers *h) {
  struct body_walk w = walk_of(p);
  struct path_node *root = path_root(p->a->paths), *before = NULL;
  for (uint32_t i = 0; i < h->count; i++) {
    const struct header *x = &h->item[i];
    if (!x->name_known || !x->value_known || !x->value.len) continue;
    if (span_eq_nocase(x->name, SPAN_LIT("cookie"))) {
      cookies(p, x->value);
    } else if (span_eq_nocase(x->name, SPAN_LIT("set-cookie"))) {
      cookies(p, first_pair(x->value));
    } else {
      struct span v = walk_unpercent(&w, x->value, false);
      before = path_next(p->a->paths, root, before, lower(&p->a->scratch, x->name));
      one(p, before, LEAF_STRING, v, x->value);
      if (before == root) before = NULL;
    }
  }
}

static void arguments(struct pass *p, const struct args *args) {
  for (uint32_t i = 0; i < args->count; i++)
    one(p, path_of(p->a->paths, args->item[i].name), LEAF_STRING, args->item[i].value, args->item[i].value);
}

/* The declared type of a gRPC or Connect message. */
static const struct descriptor_message *message_of(const struct pass *p) {
  const struct descriptors *d = &p->a->rules->descriptors;
  struct span operation = p->e->txn->operation;
  if (!d->methods || !operation.len) return NULL;
  const struct descriptor_method *m = descriptors_method(d, operation);
  return m ? m->message[p->dir] : NULL;
}

static void body(struct pass *p, struct side *s) {
  struct span content = side_body(s);
  if (!content.len) return;
  struct body_walk w = walk_of(p);
  w.mime = s->mime;
  w.charset = s->charset;
  w.content_type = headers_get(&s->headers, "content-type");
  w.cut = !s->complete || s->unseen != 0;
  w.message = message_of(p);
  const struct body_format *f = NULL;
  int rc = body_walk(&w, content, &f);
  if (f) p->e->body_format[p->dir] = f->name;
  if (rc == ERR_NOMEM) ctr_inc(p->a->ctr, CTR_ANALYTICS_MEMORY);
  if (rc == ERR_SYNTAX) p->e->txn->anomalies |= ANOMALY_BIT(ANOMALY_BODY_MALFORMED);
  p->e->items[p->dir] = w.items;
}

static void one_side(struct analyzer *a, struct api_event *e, enum dir d, bool accounts) {
  struct txn *t = e->txn;
  struct pass p = {.a = a, .e = e, .dir = d, .accounts = accounts};
  classify_begin(a->classify);
  fields_begin(a->fields);
  if (d == DIR_REQUEST) {
    p.place = DATA_PATH;
    p.redact = true;
    path_segments(&p, t->path);
    p.place = DATA_QUERY;
    p.prefix = "?";
    struct body_walk w = walk_of(&p);
    form_walk(&w, t->query);
  }
  p.place = DATA_HEADER;
  p.prefix = NULL;
  p.redact = true;
  header_values(&p, &t->side[d].headers);
  p.redact = false;
  p.prefix = "";
  p.place = DATA_ARG;
  arguments(&p, &t->side[d].args);
  p.place = DATA_BODY;
  body(&p, &t->side[d]);
  int hits = classify_end(a->classify, &t->arena, &e->data[d]);
  if (classify_covers(a->classify, &t->arena, &e->cover[d]) < 0 || hits < 0)
    ctr_inc(a->ctr, CTR_ANALYTICS_MEMORY);
  ctr_add(a->ctr, CTR_ANALYTICS_DATA_CAP, classify_capped(a->classify));
  if (fields_end(a->fields, &t->arena, &e->fields[d]) < 0) ctr_inc(a->ctr, CTR_ANALYTICS_MEMORY);
  ctr_add(a->ctr, CTR_ANALYTICS_MEMORY, a->scratch.missed + path_missed(a->paths));
  arena_reset(&a->scratch);
}

static struct span service_of(struct txn *t) {
  if (t->service.len && !t->host.len) return t->service;
  if (t->host.len) return t->host;
  char text[INET6_ADDRSTRLEN] = "";
  bool v4 = memcmp(t->conn.server, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0;
  inet_ntop(v4 ? AF_INET : AF_INET6, t->conn.server + (v4 ? 12 : 0), text, sizeof text);
  return arena_printf(&t->arena, v4 ? "%s:%u" : "[%s]:%u", text, t->conn.sport);
}

struct api_event *analyzer_txn(struct analyzer *a, struct txn *t) {
  struct api_event *e = arena_zalloc(&t->arena, sizeof *e);
  if (!e) return NULL;
  e->txn = t;
  t->host = veil_copy(&t->arena, t->host, VEIL_SHAPES); /* names of things, which may be made of values */
  t->service = veil_copy(&t->arena, t->service, VEIL_SHAPES);
  t->operation = veil_copy(&t->arena, t->operation, VEIL_SHAPES);
  e->service = service_of(t);
  e->operation = t->operation;
  if (a->inspect) inspect_begin(a->inspect, t, e);
  bool accounts = login_begin(a->login, e);
  for (unsigned d = 0; d < 2; d++) {
    if (path_begin(a->paths)) {
      classify_forget(a->classify);
      fields_forget(a->fields);
    }
    one_side(a, e, (enum dir)d, accounts);
  }
  identity_fill(a->identity, e);
  login_fill(a->login);
  if (a->inspect) inspect_call(a->inspect);
  return e;
}
