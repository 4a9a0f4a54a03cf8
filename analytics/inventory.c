/* SPDX-License-Identifier: Apache-2.0 */
/* Endpoints as seen, with callers, data classes and life cycle. */
#include "analytics/inventory_row.h"
#include "analytics/template.h"
#include "base/err.h"

#include <stdio.h>
#include <time.h>

#define DAY_NS (86400ULL * 1000000000)
#define DORMANT_NS (30 * DAY_NS)
#define RETIRED_NS (90 * DAY_NS)
#define SWEEP_NS (3600ULL * 1000000000)
enum { SETTLED_CALLS = 20, BATCH = 512, WORDS_CALLS = 1000 };

/* One (endpoint, direction, class, consumer) already told. */
struct told {
  struct table_entry te;
};
struct inventory {
  const struct analytics_conf *conf;
  const struct zones *zones;
  struct counters *ctr;
  struct analyst_sink sink;
  struct table rows, told;
  struct inventory_store *store; /* NULL: memory only */
  uint32_t dirty;
  time_t stored; /* wall clock: only says when rows reach the disk */
  uint64_t swept;
  int failed;
};
struct row_key {
  struct span service, name;
};

static bool row_eq(const struct table_entry *te, const void *key) {
  const struct row *r = (const struct row *)te;
  const struct row_key *k = key;
  return span_eq(row_service(r), k->service) && span_eq(row_name(r), k->name);
}
static bool told_eq(const struct table_entry *te, const void *key) {
  (void)te, (void)key;
  return true;
}
static uint64_t row_hash(const struct row_key *k) { return hash64(k->name, hash64(k->service, 4)); }

static int load_row(void *user, struct row *r) {
  struct inventory *v = user;
  struct row_key k = {row_service(r), row_name(r)};
  if (table_find(&v->rows, row_hash(&k), &k) || table_add(&v->rows, &r->te, row_hash(&k)) < 0) mem_free(r);
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
  if (rc >= 0) rc = table_init(&v->told, told_eq, cap * 8, NULL);
  if (rc >= 0 && state_dir) rc = inventory_store_open(&v->store, state_dir, err);
  if (rc >= 0 && v->store) rc = inventory_store_load(v->store, load_row, v);
  if (rc < 0)
    inventory_free(v);
  else
    *out = v;
  return rc;
}

static void table_clear(struct table *t) {
  while (t->oldest) {
    struct table_entry *e = t->oldest;
    table_remove(t, e);
    mem_free(e);
  }
  table_done(t);
}

void inventory_free(struct inventory *v) {
  if (!v) return;
  inventory_store_close(v->store);
  table_clear(&v->rows);
  table_clear(&v->told);
  mem_free(v);
}

static const char *state_name(const struct row *r) {
  static const char *const names[] = {"active", "dormant", "retired"};
  return names[r->state];
}

static void publish(struct inventory *v, const struct row *r, const char *change, struct span detail,
                    uint64_t now) {
  struct data_hit hit[2][ROW_CLASSES] = {0};
  struct asset a = {
      .id = span_of(r->id, ROW_ID), .kind = "endpoint", .change = change, .ns = now, .detail = detail};
  bool final = strcmp(change, "active") == 0;
  if (v->store && !final && inventory_store_begin(v->store) == 0)
    inventory_store_event(v->store, r, change, detail, now);
  if (!v->sink.asset) return;
  for (int d = 0; d < 2; d++) {
    for (unsigned i = 0; i < r->ndata[d]; i++)
      hit[d][i] = (struct data_hit){.class_id = r->data[d][i].class_id,
                                    .count = (uint32_t)r->data[d][i].count,
                                    .subjects = (uint32_t)r->data[d][i].subjects,
                                    .grade = r->data[d][i].grade};
    a.data[d] = (struct data_hits){hit[d], r->ndata[d], ROW_CLASSES};
  }
  a.state = state_name(r);
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
  a.visibility = r->bytes + r->lost ? (double)r->bytes / (double)(r->bytes + r->lost) : 1.0;
  a.risk = -1;
  v->sink.asset(v->sink.user, &a);
}

static uint16_t keep(char *to, size_t size, struct span s) {
  size_t n = s.len < size ? s.len : size;
  if (n) memcpy(to, s.base, n);
  return (uint16_t)n;
}

static void set_name(struct row *r, struct span name) {
  char text[ROW_SERVICE + ROW_NAME + 1];
  uint8_t id[16];
  r->name_len = keep(r->name, ROW_NAME, name);
  memcpy(text, r->service, r->service_len);
  text[r->service_len] = 0;
  memcpy(text + r->service_len + 1, r->name, r->name_len);
  struct hash128 h = hash128(span_of(text, r->service_len + 1u + r->name_len));
  memcpy(id, &h, sizeof id);
  hash_hex(id, sizeof id, r->id);
}

static struct row *add(struct inventory *v, const struct api_event *e, uint64_t hash, uint64_t now) {
  if (v->rows.cap && v->rows.count >= v->rows.cap) {
    ctr_inc(v->ctr, CTR_ANALYTICS_STATE_CAP);
    return NULL;
  }
  const struct txn *t = e->txn;
  struct row *r = mem_zalloc(sizeof *r);
  if (!r || table_add(&v->rows, &r->te, hash) < 0) {
    ctr_inc(v->ctr, CTR_ANALYTICS_MEMORY);
    mem_free(r);
    return NULL;
  }
  r->service_len = keep(r->service, ROW_SERVICE, e->service);
  r->method_len = keep(r->method, ROW_METHOD, t->method);
  set_name(r, e->endpoint);
  r->first_ns = now;
  memcpy(r->addr, t->conn.server, 16);
  r->port = t->conn.sport;
  keep(r->protocol, ROW_PROTOCOL - 1, span_str(t->protocol));
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

static void see_caller(struct row *r, const uint8_t addr[16]) {
  for (uint32_t i = 0; i < r->callers; i++)
    if (memcmp(r->caller[i], addr, 16) == 0) return;
  if (r->callers < ROW_CALLERS) memcpy(r->caller[r->callers++], addr, 16);
}

static bool see_class(struct row *r, int d, struct span id, uint64_t count, uint64_t subjects,
                      const struct grade *g, uint64_t now) {
  for (unsigned i = 0; i < r->ndata[d]; i++) {
    struct row_class *c = &r->data[d][i];
    if (!span_eq(span_str(c->class_id), span_head(id, ROW_CLASS - 1))) continue;
    c->count += count;
    c->subjects += subjects;
    return false;
  }
  if (r->ndata[d] == ROW_CLASSES) return false;
  struct row_class *c = &r->data[d][r->ndata[d]++];
  *c = (struct row_class){.count = count, .subjects = subjects, .first_ns = now, .grade = *g};
  keep(c->class_id, ROW_CLASS - 1, id);
  return true;
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
  struct told *t = mem_zalloc(sizeof *t);
  if (!t || table_add(&v->told, &t->te, key) < 0) {
    mem_free(t);
    return;
  }
  struct exposure x = {.event = e,
                       .dir = (enum dir)d,
                       .hit = h,
                       .consumer = consumer,
                       .zone = zones_name(zone),
                       .authenticated = !event_anonymous(e),
                       .plaintext = !e->encrypted};
  if (v->sink.exposure) v->sink.exposure(v->sink.user, &x);
}

static void count_call(struct inventory *v, struct row *r, const struct api_event *e, uint64_t now,
                       bool settled) {
  char text[96];
  for (int d = 0; d < 2; d++) {
    const struct side *s = &e->txn->side[d];
    r->bytes += s->wire_bytes > s->gap_bytes ? s->wire_bytes - s->gap_bytes : 0;
    r->lost += s->gap_bytes;
    for (uint32_t i = 0; i < e->data[d].count; i++) {
      const struct data_hit *h = &e->data[d].item[i];
      bool new = see_class(r, d, span_str(h->class_id), h->count, h->subjects, &h->grade, now);
      expose(v, r, e, d, h);
      if (!new || !settled) continue;
      int n = snprintf(text, sizeof text, "data class %s in the %s for the first time", h->class_id,
                       d ? "response" : "request");
      publish(v, r, "changed", span_of(text, n > 0 && (size_t)n < sizeof text ? (size_t)n : 0), now);
    }
  }
}

void inventory_call(struct inventory *v, const struct api_event *e, uint64_t now) {
  struct row_key k = {span_head(e->service, ROW_SERVICE), span_head(e->endpoint, ROW_NAME)};
  uint64_t hash = row_hash(&k);
  struct row *r = (struct row *)table_find(&v->rows, hash, &k);
  bool new = !r;
  if (!r && !(r = add(v, e, hash, now))) return;
  bool settled = r->calls >= SETTLED_CALLS;
  enum zone zone = zones_of(v->zones, e->txn->conn.client);
  uint32_t auth = 1u << e->who.auth;
  if (!r->path_len && e->txn->path.len <= ROW_PATH && !txn_fact(e->txn, "tapscope.model"))
    r->path_len = keep(r->path, ROW_PATH, e->txn->path);
  if (!r->dirty) r->dirty = true, v->dirty++;
  if (r->path_len && r->calls < WORDS_CALLS) see_words(r, row_name(r), e->txn->path);
  r->calls++;
  r->last_ns = now;
  bool more_auth = !(r->auth & auth), wider = zone < r->exposure;
  r->auth |= auth;
  if (wider) r->exposure = zone;
  see_caller(r, e->txn->conn.client);
  count_call(v, r, e, now, settled);
  if (new) {
    publish(v, r, "new", (struct span){0}, now);
  } else if (r->state != ROW_ACTIVE) {
    r->state = ROW_ACTIVE;
    publish(v, r, "revived", (struct span){0}, now);
  } else if (settled && wider) {
    publish(v, r, "changed", SPAN_LIT("called from a wider zone"), now);
  } else if (settled && more_auth) {
    publish(v, r, "changed", SPAN_LIT("another kind of authentication"), now);
  }
}

static void absorb(struct row *to, const struct row *from) {
  to->words |= from->words;
  to->calls += from->calls;
  to->bytes += from->bytes;
  to->lost += from->lost;
  to->auth |= from->auth;
  if (from->first_ns < to->first_ns) to->first_ns = from->first_ns;
  if (from->last_ns > to->last_ns) to->last_ns = from->last_ns;
  if (from->exposure < to->exposure) to->exposure = from->exposure;
  for (uint32_t i = 0; i < from->callers; i++) see_caller(to, from->caller[i]);
  for (int d = 0; d < 2; d++)
    for (unsigned i = 0; i < from->ndata[d]; i++) {
      const struct row_class *c = &from->data[d][i];
      see_class(to, d, span_str(c->class_id), c->count, c->subjects, &c->grade, c->first_ns);
    }
}

/* Move r to another name, into the row that has it where there is one. */
static void rename_row(struct inventory *v, struct row *r, struct span name, uint64_t now) {
  struct row_key k = {row_service(r), span_head(name, ROW_NAME)};
  struct row *to = (struct row *)table_find(&v->rows, row_hash(&k), &k);
  publish(v, r, "merged", name, now);
  if (v->store && inventory_store_begin(v->store) == 0) inventory_store_drop(v->store, r);
  table_remove(&v->rows, &r->te);
  if (to) {
    absorb(to, r);
    if (!to->dirty) to->dirty = true, v->dirty++;
    mem_free(r);
    return;
  }
  set_name(r, name);
  k.name = row_name(r);
  if (!r->dirty) r->dirty = true, v->dirty++;
  if (table_add(&v->rows, &r->te, row_hash(&k)) < 0)
    mem_free(r);
  else
    publish(v, r, "new", (struct span){0}, now);
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

void inventory_rename(struct inventory *v, inventory_name_fn name, void *user, uint64_t now) {
  struct arena arena;
  arena_init(&arena, NULL, 0);
  struct table_entry *last = v->rows.newest;
  for (struct table_entry *te = v->rows.oldest, *next; te; te = next) {
    struct row *r = (struct row *)te;
    next = te == last ? NULL : te->newer;
    if (!r->path_len || !r->method_len) continue;
    arena_reset(&arena);
    struct span path =
        name(user, row_service(r), span_of(r->method, r->method_len), span_of(r->path, r->path_len), &arena);
    struct span text = arena_printf(&arena, "%.*s %.*s", r->method_len, r->method, SPAN_FMT(path));
    if (path.len && text.len && !span_eq(span_head(text, ROW_NAME), row_name(r))) rename_row(v, r, text, now);
  }
  arena_done(&arena);
}

static void store(struct inventory *v) {
  if (!v->store || (!v->dirty && !v->failed)) return;
  int rc = inventory_store_begin(v->store);
  for (struct table_entry *te = v->rows.oldest; te && rc == 0; te = te->newer) {
    struct row *r = (struct row *)te;
    if (!r->dirty) continue;
    rc = inventory_store_put(v->store, r);
    if (rc == 0) r->dirty = false, v->dirty--;
  }
  int end = inventory_store_commit(v->store);
  v->failed = rc < 0 ? rc : end;
}

/* Silent for long: dormant, then retired. */
static void sweep(struct inventory *v, uint64_t now) {
  for (struct table_entry *te = v->rows.oldest; te; te = te->newer) {
    struct row *r = (struct row *)te;
    uint64_t quiet = now > r->last_ns ? now - r->last_ns : 0;
    enum row_state s = quiet >= RETIRED_NS ? ROW_RETIRED : quiet >= DORMANT_NS ? ROW_DORMANT : r->state;
    if (s <= r->state) continue;
    r->state = s;
    if (!r->dirty) r->dirty = true, v->dirty++;
    publish(v, r, state_name(r), (struct span){0}, now);
  }
}

void inventory_tick(struct inventory *v, uint64_t now) {
  if (v->swept + SWEEP_NS <= now) {
    if (v->swept) sweep(v, now);
    v->swept = now;
  }
  time_t wall = v->store && v->dirty ? time(NULL) : 0;
  if (!wall || (wall == v->stored && v->dirty < BATCH)) return;
  v->stored = wall;
  store(v);
}

int inventory_finish(struct inventory *v, uint64_t now) {
  for (struct table_entry *te = v->rows.oldest; te; te = te->newer) {
    const struct row *r = (const struct row *)te;
    if (r->dirty || !v->store) publish(v, r, "active", (struct span){0}, now);
  }
  store(v);
  return v->failed;
}
