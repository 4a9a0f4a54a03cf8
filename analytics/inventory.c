/* SPDX-License-Identifier: Apache-2.0 */
/* Endpoints as seen, with callers, data classes and life cycle; in memory. */
#include "analytics/inventory.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/table.h"

#include <stdlib.h>

enum { SERVICE = 128, METHOD = 16, ENDPOINT = 512, CLASSES = 32, CALLERS = 64, ID_HEX = 32 };

struct class_seen {
  const char *class_id;
  uint32_t count, subjects;
  struct grade grade;
};
struct endpoint {
  struct table_entry te;
  char id[ID_HEX], service[SERVICE], method[METHOD], name[ENDPOINT];
  uint16_t service_len, method_len, name_len;
  uint64_t first_ns, last_ns, calls, bytes, lost;
  uint32_t auth;
  uint64_t caller[CALLERS];
  uint32_t callers;
  uint8_t addr[16];
  uint16_t port;
  const char *protocol;
  enum zone exposure;
  struct class_seen data[2][CLASSES];
  uint8_t ndata[2];
  bool dirty;
};
/* One (endpoint, direction, class, consumer) already told. */
struct told {
  struct table_entry te;
};
struct inventory {
  const struct analytics_conf *conf;
  const struct zones *zones;
  struct counters *ctr;
  struct analyst_sink sink;
  struct table endpoints, told;
};
struct endpoint_key {
  struct span service, name;
};

static bool endpoint_eq(const struct table_entry *te, const void *key) {
  const struct endpoint *e = (const struct endpoint *)te;
  const struct endpoint_key *k = key;
  return span_eq(span_of(e->service, e->service_len), k->service) && span_eq(span_of(e->name, e->name_len), k->name);
}
static bool told_eq(const struct table_entry *te, const void *key) {
  (void)te, (void)key;
  return true;
}

int inventory_new(struct inventory **out, const struct analytics_conf *conf, const struct zones *zones,
                  const char *state_dir, struct counters *ctr, struct analyst_sink sink, struct conf_error *err) {
  struct inventory *v = mem_zalloc(sizeof *v);
  (void)state_dir, (void)err;
  if (!v) return ERR_NOMEM;
  *v = (struct inventory){.conf = conf, .zones = zones, .ctr = ctr, .sink = sink};
  size_t cap = conf->max_endpoints > 0 ? (size_t)conf->max_endpoints : 100000;
  int rc = table_init(&v->endpoints, endpoint_eq, cap, NULL);
  if (rc >= 0) rc = table_init(&v->told, told_eq, cap * 8, NULL);
  if (rc < 0) inventory_free(v);
  else *out = v;
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
  table_clear(&v->endpoints);
  table_clear(&v->told);
  mem_free(v);
}

static void publish(struct inventory *v, struct endpoint *e, const char *change, uint64_t now) {
  struct data_hit hit[2][CLASSES] = {0};
  struct asset a = {.id = span_of(e->id, ID_HEX), .kind = "endpoint", .change = change, .state = "active", .ns = now};
  if (!v->sink.asset) return;
  for (int d = 0; d < 2; d++) {
    for (unsigned i = 0; i < e->ndata[d]; i++)
      hit[d][i] = (struct data_hit){.class_id = e->data[d][i].class_id, .count = e->data[d][i].count,
                                    .subjects = e->data[d][i].subjects, .grade = e->data[d][i].grade};
    a.data[d] = (struct data_hits){hit[d], e->ndata[d], CLASSES};
  }
  a.service = span_of(e->service, e->service_len);
  a.method = span_of(e->method, e->method_len);
  a.endpoint = span_of(e->name, e->name_len);
  a.exposure = zones_name(e->exposure);
  a.first_ns = e->first_ns;
  a.last_ns = e->last_ns;
  a.calls = e->calls;
  a.callers = e->callers;
  memcpy(a.addr, e->addr, 16);
  a.port = e->port;
  a.protocol = e->protocol;
  a.auth = e->auth;
  a.visibility = e->bytes ? 1.0 - (double)e->lost / (double)(e->bytes + e->lost) : 1.0;
  a.risk = -1;
  v->sink.asset(v->sink.user, &a);
}

static uint16_t keep(char *to, size_t size, struct span s) {
  size_t n = s.len < size ? s.len : size;
  if (n) memcpy(to, s.base, n);
  return (uint16_t)n;
}

static struct endpoint *add(struct inventory *v, const struct api_event *e, uint64_t hash, uint64_t now) {
  if (v->endpoints.cap && v->endpoints.count >= v->endpoints.cap) {
    ctr_inc(v->ctr, CTR_ANALYTICS_STATE_CAP);
    return NULL;
  }
  struct endpoint *p = mem_zalloc(sizeof *p);
  if (!p || table_add(&v->endpoints, &p->te, hash) < 0) {
    ctr_inc(v->ctr, CTR_ANALYTICS_MEMORY);
    mem_free(p);
    return NULL;
  }
  char text[SERVICE + ENDPOINT + 1];
  uint8_t id[16];
  p->service_len = keep(p->service, SERVICE, e->service);
  p->name_len = keep(p->name, ENDPOINT, e->endpoint);
  p->method_len = keep(p->method, METHOD, e->txn->method);
  memcpy(text, p->service, p->service_len);
  text[p->service_len] = 0;
  memcpy(text + p->service_len + 1, p->name, p->name_len);
  struct hash128 h = hash128(span_of(text, p->service_len + 1u + p->name_len));
  memcpy(id, &h, sizeof id);
  hash_hex(id, sizeof id, p->id);
  p->first_ns = now;
  memcpy(p->addr, e->txn->conn.server, 16);
  p->port = e->txn->conn.sport;
  p->protocol = e->txn->protocol;
  p->exposure = ZONE_MANAGEMENT;
  return p;
}

/* Internet before partner before internal before management: the widest that was seen. */
static enum zone exposure_of(struct inventory *v, const struct api_event *e) {
  return zones_of(v->zones, e->txn->conn.client);
}

static void see_caller(struct endpoint *p, const struct api_event *e) {
  uint64_t c = hash64(span_of(e->txn->conn.client, 16), 5);
  for (uint32_t i = 0; i < p->callers && i < CALLERS; i++)
    if (p->caller[i] == c) return;
  if (p->callers < CALLERS) p->caller[p->callers++] = c;
}

static bool see_class(struct endpoint *p, enum dir d, const struct data_hit *h) {
  for (unsigned i = 0; i < p->ndata[d]; i++) {
    if (strcmp(p->data[d][i].class_id, h->class_id) != 0) continue;
    p->data[d][i].count += h->count;
    p->data[d][i].subjects += h->subjects;
    return false;
  }
  if (p->ndata[d] == CLASSES) return false;
  p->data[d][p->ndata[d]++] = (struct class_seen){h->class_id, h->count, h->subjects, h->grade};
  return true;
}

static void expose(struct inventory *v, const struct endpoint *p, const struct api_event *e, enum dir d,
                   const struct data_hit *h) {
  char text[48];
  enum zone zone = zones_of(v->zones, e->txn->conn.client);
  size_t n = zones_text(e->txn->conn.client, text);
  struct span consumer = zone == ZONE_INTERNET ? SPAN_LIT("internet") : span_of(text, n);
  uint64_t key = hash64(span_of(p->id, ID_HEX), d);
  key = hash64(consumer, hash64(span_str(h->class_id), key));
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
  struct exposure x = {.event = e, .dir = d, .hit = h, .consumer = consumer, .zone = zones_name(zone),
                       .authenticated = e->who.auth != AUTH_NONE, .plaintext = !e->encrypted};
  if (v->sink.exposure) v->sink.exposure(v->sink.user, &x);
}

void inventory_call(struct inventory *v, const struct api_event *e, uint64_t now) {
  struct endpoint_key k = {span_head(e->service, SERVICE), span_head(e->endpoint, ENDPOINT)};
  uint64_t hash = hash64(k.name, hash64(k.service, 4));
  struct endpoint *p = (struct endpoint *)table_find(&v->endpoints, hash, &k);
  bool new = !p;
  if (!p && !(p = add(v, e, hash, now))) return;
  p->calls++;
  p->last_ns = now;
  p->dirty = true;
  p->auth |= 1u << e->who.auth;
  if (exposure_of(v, e) < p->exposure) p->exposure = exposure_of(v, e);
  see_caller(p, e);
  for (int d = 0; d < 2; d++) {
    const struct side *s = &e->txn->side[d];
    p->bytes += s->wire_bytes > s->gap_bytes ? s->wire_bytes - s->gap_bytes : 0;
    p->lost += s->gap_bytes;
    for (uint32_t i = 0; i < e->data[d].count; i++) {
      see_class(p, (enum dir)d, &e->data[d].item[i]);
      expose(v, p, e, (enum dir)d, &e->data[d].item[i]);
    }
  }
  if (new) publish(v, p, "new", now);
}

void inventory_tick(struct inventory *v, uint64_t now) { (void)v, (void)now; }

int inventory_finish(struct inventory *v, uint64_t now) {
  for (struct table_entry *te = v->endpoints.oldest; te; te = te->newer)
    publish(v, (struct endpoint *)te, "active", now);
  return 0;
}
