/* SPDX-License-Identifier: Apache-2.0 */
/* Endpoints as seen, with callers, data classes and life cycle. */
#include "analytics/inventory_core.h"
#include "analytics/inventory_tag.h"
#include "analytics/room.h"
#include "analytics/template.h"
#include "analytics/template_model.h"
#include "base/err.h"

#include <stdio.h>

#define SWEEP_NS (3600ULL * 1000000000)
enum { BATCH = 512, WORDS_CALLS = 1000 };

static bool row_eq(const struct table_entry *te, const void *key) {
  const struct row *r = (const struct row *)te;
  const struct row_key *k = key;
  return span_eq(row_service(r), k->service) && span_eq(row_name(r), k->name);
}

static int load_row(void *user, struct row *r) {
  struct inventory *v = user;
  struct row_key k = {row_service(r), row_name(r)};
  if (table_find(&v->rows, row_hash(&k), &k) || table_add(&v->rows, &r->te, row_hash(&k)) < 0)
    inventory_row_free(r);
  return 0;
}

int inventory_new(struct inventory **out, const struct analytics_conf *conf, const struct zones *zones,
                  const char *state_dir, struct counters *ctr, struct analyst_sink sink,
                  struct conf_error *err) {
  struct inventory *v = mem_zalloc(sizeof *v);
  if (!v) return ERR_NOMEM;
  *v = (struct inventory){.conf = conf, .zones = zones, .ctr = ctr, .sink = sink};
  size_t cap = conf->max_endpoints > 0 ? (size_t)conf->max_endpoints : 100000;
  int rc = table_init(&v->rows, row_eq, cap, NULL);
  if (rc >= 0) rc = table_init(&v->told, table_by_hash, cap * 8, NULL);
  if (rc >= 0 && !(v->services = inventory_service_new(cap))) rc = ERR_NOMEM;
  if (rc >= 0 && state_dir) rc = inventory_store_open(&v->store, state_dir, err);
  if (rc >= 0 && v->store) rc = inventory_store_load(v->store, load_row, v);
  if (rc >= 0 && v->store) inventory_rules_load(v);
  if (rc < 0)
    inventory_free(v);
  else
    *out = v;
  return rc;
}

static void row_done(struct table_entry *e) { inventory_row_free((struct row *)e); }

void inventory_free(struct inventory *v) {
  if (!v) return;
  inventory_store_close(v->store);
  table_drop(&v->rows, row_done);
  table_drop(&v->told, NULL);
  inventory_service_free(v->services);
  template_rule_free(v->rules);
  mem_free(v);
}

void inventory_tags_use(struct inventory *v, const struct inventory_tags *tags) { v->tags = tags; }

void inventory_touch(struct inventory *v, struct row *r) {
  r->touched = true;
  if (!r->dirty) r->dirty = true, v->dirty++;
}

/* All tags: by rules, then the user's own. */
static struct span all_tags(const struct row *r, char *out, size_t size) {
  size_t own = strlen(r->user_tags), n = r->tags_len;
  if (n > size) n = size;
  memcpy(out, r->tags, n);
  for (struct span rest = span_of(r->user_tags, own); rest.len;) {
    struct span one = span_trim(span_cut(&rest, ','));
    if (!one.len || inventory_tag_has(span_of(out, n), one) || n + one.len + 1 > size) continue;
    if (n) out[n++] = ',';
    memcpy(out + n, one.base, one.len);
    n += one.len;
  }
  return span_of(out, n);
}

static void judge(struct inventory *v, struct row *r) {
  inventory_tag_row(v->tags, r);
  inventory_risk(r);
}

void inventory_publish(struct inventory *v, struct row *r, const char *change, struct span detail,
                       uint64_t now) {
  struct data_hit hit[2][ROW_CLASSES] = {0};
  char tags[2 * ROW_TAGS], others[160];
  struct asset a = {
      .id = span_of(r->id, ROW_ID), .kind = "endpoint", .change = change, .ns = now, .detail = detail};
  bool final = strcmp(change, "active") == 0;
  if (v->store && !final && inventory_store_begin(v->store) == 0)
    inventory_store_event(v->store, r, change, detail, now);
  judge(v, r);
  if (!v->sink.asset) return;
  for (int d = 0; d < 2; d++) {
    for (unsigned i = 0; i < r->ndata[d]; i++)
      hit[d][i] = (struct data_hit){.class_id = r->data[d][i].class_id,
                                    .count = (uint32_t)r->data[d][i].count,
                                    .subjects = (uint32_t)r->data[d][i].subjects,
                                    .grade = r->data[d][i].grade};
    a.data[d] = (struct data_hits){hit[d], r->ndata[d], ROW_CLASSES};
  }
  a.state = inventory_row_state(r);
  a.service = row_service(r);
  a.method = span_of(r->method, r->method_len);
  a.endpoint = row_name(r);
  a.exposure = zones_name(r->exposure);
  a.first_ns = r->first_ns;
  a.last_ns = r->last_ns;
  a.calls = r->calls;
  a.callers = r->callers;
  memcpy(a.addr, r->addr, 16);
  a.port = r->port;
  a.protocol = r->protocol;
  a.auth = r->auth;
  enum auth_kind main = inventory_row_main_auth(r, others, sizeof others);
  a.auth_main = main < AUTH_KINDS ? auth_kind_name(main) : "";
  a.auth_others = span_str(others);
  a.algs = r->alg;
  a.plaintext = r->plaintext;
  a.visibility = r->bytes + r->lost ? (double)r->bytes / (double)(r->bytes + r->lost) : 1.0;
  a.risk = r->risk;
  a.risk_why = span_str(r->why);
  a.tags = all_tags(r, tags, sizeof tags);
  a.owner = span_str(r->owner[0] ? r->owner : r->rule_owner);
  a.accepted = r->accepted != 0;
  a.schema = final || !strcmp(change, "changed") ? r->schema : NULL;
  a.findings = r->findings;
  v->sink.asset(v->sink.user, &a);
}

static void publish_service(struct inventory *v, const struct service_row *r, const char *change,
                            struct span detail, uint64_t now) {
  if (!v->sink.asset) return;
  struct asset a = {.id = span_of(r->id, ROW_ID),
                    .kind = "service",
                    .change = change,
                    .state = "active",
                    .service = span_of(r->name, r->name_len),
                    .exposure = zones_name(r->exposure),
                    .ns = now,
                    .first_ns = r->first_ns,
                    .last_ns = r->last_ns,
                    .calls = r->calls,
                    .callers = r->callers,
                    .port = r->port,
                    .visibility = 1,
                    .risk = -1,
                    .detail = detail,
                    .about = r};
  memcpy(a.addr, r->addr, 16);
  v->sink.asset(v->sink.user, &a);
}

static struct row *add(struct inventory *v, const struct api_event *e, uint64_t hash, uint64_t now) {
  const struct txn *t = e->txn;
  struct row *r = room_add(&v->rows, sizeof *r, hash, v->ctr);
  if (!r) return NULL;
  r->service_len = inventory_row_keep(r->service, ROW_SERVICE, e->service);
  r->method_len = inventory_row_keep(r->method, ROW_METHOD, t->method);
  inventory_row_name(r, e->endpoint);
  r->first_ns = now;
  memcpy(r->addr, t->conn.server, 16);
  r->port = t->conn.sport;
  inventory_row_keep(r->protocol, ROW_PROTOCOL - 1, span_str(t->protocol));
  r->exposure = ZONE_MANAGEMENT;
  return r;
}

/* Remember where words stand for variables, so that a sensor that starts again folds words there at once. */
static void see_words(struct row *r, struct span name, struct span path) {
  span_cut(&name, '/'); /* the method */
  span_cut(&path, '/');
  for (unsigned i = 0; i < 32 && name.len && path.len; i++) {
    struct span part = span_cut(&name, '/'), seen = span_cut(&path, '/');
    if (!part.len || part.base[0] != '{' || r->words >> i & 1) continue;
    enum template_shape shape = template_shape(seen);
    if (shape == SHAPE_WORD || shape == SHAPE_SLUG) r->words |= 1U << i;
  }
}

static void expose(struct inventory *v, const struct row *r, const struct api_event *e, int d,
                   const struct data_hit *h) {
  char text[48];
  enum zone zone = zones_of(v->zones, e->txn->conn.client);
  size_t n = zones_text(e->txn->conn.client, text);
  struct span consumer = zone == ZONE_INTERNET ? SPAN_LIT("internet") : span_of(text, n);
  uint64_t key = hash64(consumer, hash64(span_str(h->class_id), hash64(span_of(r->id, ROW_ID), (uint64_t)d)));
  if (table_find(&v->told, key, NULL)) return;
  if (v->told.cap && v->told.count >= v->told.cap) {
    struct table_entry *old = v->told.oldest;
    table_remove(&v->told, old);
    mem_free(old);
  }
  if (!room_add(&v->told, sizeof(struct table_entry), key, v->ctr)) return;
  struct exposure x = {.event = e,
                       .dir = (enum dir)d,
                       .hit = h,
                       .consumer = consumer,
                       .zone = zones_name(zone),
                       .authenticated = !event_anonymous(e),
                       .plaintext = !e->encrypted};
  if (v->sink.exposure) v->sink.exposure(v->sink.user, &x);
}

static void count_data(struct inventory *v, struct row *r, const struct api_event *e, uint64_t now,
                       struct schema_news *news) {
  for (int d = 0; d < 2; d++) {
    const struct side *s = &e->txn->side[d];
    r->bytes += s->wire_bytes > s->gap_bytes ? s->wire_bytes - s->gap_bytes : 0;
    r->lost += s->gap_bytes;
    for (uint32_t i = 0; i < e->data[d].count; i++) {
      const struct data_hit *h = &e->data[d].item[i];
      struct row_class c = {.count = h->count, .subjects = h->subjects, .first_ns = now, .grade = h->grade};
      inventory_row_keep(c.class_id, ROW_CLASS - 1, span_str(h->class_id));
      bool new = inventory_row_class(r, d, &c);
      expose(v, r, e, d, h);
      if (!new || !news || news->len > sizeof news->text - 100) continue;
      int n = snprintf(news->text + news->len, sizeof news->text - news->len,
                       "%sdata class %.32s in the %s for the first time", news->len ? "; " : "", h->class_id,
                       d ? "response" : "request");
      if (n > 0) news->len += (size_t)n;
    }
  }
}

static void service_call(struct inventory *v, const struct api_event *e, enum zone zone, uint64_t now) {
  char text[SERVICE_TEXT + 32];
  struct span software;
  bool fresh;
  struct service_row *r = inventory_service_call(v->services, e, zone, now, &fresh, &software);
  uint64_t missed = inventory_service_missed(v->services);
  ctr_add(v->ctr, CTR_ANALYTICS_MEMORY, missed);
  if (!r && !missed) ctr_inc(v->ctr, CTR_ANALYTICS_STATE_CAP);
  if (!r) return;
  if (fresh) publish_service(v, r, "new", (struct span){0}, now);
  if (fresh || !software.len || r->calls < INVENTORY_EARLY) return;
  int n = snprintf(text, sizeof text, "software %.*s appeared", SPAN_FMT(software));
  if (n > 0) publish_service(v, r, "changed", span_of(text, (size_t)n), now);
}

void inventory_call(struct inventory *v, const struct api_event *e, bool refused, uint64_t now) {
  struct row_key k = {span_head(e->service, ROW_SERVICE), span_head(e->endpoint, ROW_NAME)};
  uint64_t hash = row_hash(&k);
  struct row *r = (struct row *)table_find(&v->rows, hash, &k);
  bool new = !r;
  enum zone zone = zones_of(v->zones, e->txn->conn.client);
  service_call(v, e, zone, now);
  if (!r && (refused || !(r = add(v, e, hash, now)))) return;
  bool settled = inventory_settled(v, r, now);
  uint32_t auth = 1u << e->who.auth;
  struct schema_news news = {.len = 0};
  inventory_touch(v, r);
  if (r->calls < WORDS_CALLS && !template_model_has(e->txn) && inventory_row_sample(r, e->txn->path) < 0)
    ctr_inc(v->ctr, CTR_ANALYTICS_MEMORY);
  if (r->nsamples && r->calls < WORDS_CALLS) see_words(r, row_name(r), e->txn->path);
  /* A capture may begin long after the last one ended: nobody saw it fall asleep. */
  bool slept = now > r->last_ns && now - r->last_ns >= v->conf->asset_dormant_ns;
  r->calls++;
  r->last_ns = now;
  bool more_auth = !(r->auth & auth), wider = zone < r->exposure;
  inventory_row_auth(r, e);
  if (wider) r->exposure = zone;
  inventory_row_caller(r, e->txn->conn.client);
  count_data(v, r, e, now, settled ? &news : NULL);
  inventory_learn(v, r, e, settled, &news);
  if (settled && wider) inventory_news(&news, "called from a wider zone");
  if (settled && more_auth) inventory_news(&news, "another kind of authentication");
  if (new) {
    inventory_publish(v, r, "new", (struct span){0}, now);
  } else if (r->state != ROW_ACTIVE || slept) {
    r->state = ROW_ACTIVE;
    inventory_publish(v, r, "revived", span_of(news.text, news.len), now);
  } else if (settled && news.len) {
    inventory_publish(v, r, "changed", span_of(news.text, news.len), now);
  }
}

void inventory_finding(struct inventory *v, const struct finding *f) {
  struct row_key k = {span_head(f->service, ROW_SERVICE), span_head(f->endpoint, ROW_NAME)};
  struct row *r = (struct row *)table_find(&v->rows, row_hash(&k), &k);
  if (!r || f->update) return;
  r->findings++;
  if (f->severity > r->severity || !r->finding[0]) {
    r->severity = f->severity;
    snprintf(r->finding, sizeof r->finding, "%s", f->rule->id);
  }
  inventory_touch(v, r);
}

struct row *inventory_find(struct inventory *v, struct span service, struct span name) {
  struct row_key k = {service, span_head(name, ROW_NAME)};
  return (struct row *)table_find(&v->rows, row_hash(&k), &k);
}

void inventory_each(struct inventory *v, inventory_row_fn fn, void *user) {
  for (struct table_entry *te = v->rows.oldest; te; te = te->newer) {
    struct row *r = (struct row *)te;
    struct span name = row_name(r);
    struct span method = span_cut(&name, ' ');
    if (r->method_len && name.len && name.base[0] == '/' &&
        span_eq(method, span_of(r->method, r->method_len)))
      fn(user, row_service(r), name, r->calls, r->words);
  }
}

/* What was thought to be stored is not. */
static void again(struct inventory *v) {
  for (struct table_entry *te = v->rows.oldest; te; te = te->newer) {
    struct row *r = (struct row *)te;
    if (!r->dirty) r->dirty = true, v->dirty++;
  }
  for (struct service_row *r = inventory_service_first(v->services); r; r = inventory_service_next(r))
    r->dirty = true;
}

static void store(struct inventory *v) {
  if (!v->store || (!v->dirty && !v->failed)) return;
  int rc = inventory_store_begin(v->store);
  for (struct table_entry *te = v->rows.oldest; te && rc == 0; te = te->newer) {
    struct row *r = (struct row *)te;
    if (!r->dirty) continue;
    judge(v, r);
    rc = inventory_store_put(v->store, r);
    if (rc == 0) r->dirty = false, v->dirty--;
  }
  for (struct service_row *r = inventory_service_first(v->services); r && rc == 0;
       r = inventory_service_next(r))
    if (r->dirty && (rc = inventory_store_service(v->store, r)) == 0) r->dirty = false;
  int end = inventory_store_commit(v->store);
  v->failed = rc < 0 ? rc : end;
  if (v->failed) again(v);
}

/* Silent for long: dormant, then retired. */
static void sweep(struct inventory *v, uint64_t now) {
  for (struct table_entry *te = v->rows.oldest; te; te = te->newer) {
    struct row *r = (struct row *)te;
    uint64_t quiet = now > r->last_ns ? now - r->last_ns : 0;
    enum row_state s = quiet >= v->conf->asset_retired_ns   ? ROW_RETIRED
                       : quiet >= v->conf->asset_dormant_ns ? ROW_DORMANT
                                                            : r->state;
    if (s <= r->state) continue;
    r->state = s;
    inventory_touch(v, r);
    inventory_publish(v, r, inventory_row_state(r), (struct span){0}, now);
  }
}

static void take_user(void *user, const struct store_user *u) {
  struct inventory *v = user;
  struct row *r = inventory_find(v, span_head(u->service, ROW_SERVICE), u->endpoint);
  if (!r) return;
  memset(r->owner, 0, sizeof r->owner);
  memset(r->user_tags, 0, sizeof r->user_tags);
  inventory_row_keep(r->owner, ROW_OWNER - 1, u->owner);
  inventory_row_keep(r->user_tags, ROW_TAGS - 1, u->tags);
  r->accepted = u->accepted;
}

void inventory_tick(struct inventory *v, uint64_t now) {
  if (v->swept + SWEEP_NS <= now) {
    if (v->swept) sweep(v, now);
    v->swept = now;
  }
  time_t wall = v->store && v->dirty ? time(NULL) : 0;
  if (!wall || (wall == v->stored && v->dirty < BATCH)) return;
  v->stored = wall;
  if (inventory_store_changed(v->store)) {
    inventory_store_user(v->store, take_user, v);
    inventory_rules_load(v);
  }
  store(v);
}

int inventory_finish(struct inventory *v, uint64_t now) {
  for (struct table_entry *te = v->rows.oldest; te; te = te->newer) {
    struct row *r = (struct row *)te;
    if (r->touched) inventory_publish(v, r, "active", (struct span){0}, now);
  }
  for (struct service_row *r = inventory_service_first(v->services); r; r = inventory_service_next(r))
    publish_service(v, r, "active", (struct span){0}, now);
  store(v);
  return v->failed;
}
