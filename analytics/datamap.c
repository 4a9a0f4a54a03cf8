/* SPDX-License-Identifier: Apache-2.0 */
/* The data map and lineage in memory. */
#include "analytics/datamap.h"
#include "analytics/room.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"

#include <time.h>

#define FOLLOW_NS (300ULL * 1000000000) /* a value is followed so long after it was answered */
enum {
  HOSTS = 8192,
  ROWS = 8192,
  STEPS = 16384,
  CARRIED = 131072,
  FOLLOWED = 256,
  STEP_EXACT = 128,
  STEP_BITS = 10,
  STORE_EVERY = 5
};

/* A value that somebody was answered. */
struct carried {
  struct table_entry te;
  uint64_t ns;
  uint32_t from; /* service that answered it, as an index of names */
};
struct datamap {
  const struct zones *zones;
  struct counters *ctr;
  struct table rows, steps, carried, hosts;
  struct table services; /* names that carried refers to */
  struct named **named;
  uint32_t nnamed, named_size;
  struct state_db *store; /* NULL: memory only */
  time_t stored;          /* wall clock: says only when rows reach the disk */
  bool dirty;
};
struct named {
  struct table_entry te;
  uint32_t index;
  char text[DATAMAP_NAME];
};

static uint64_t key4(struct span a, struct span b, struct span c, uint64_t d) {
  return hash64(c, hash64(b, hash64(a, d))) | 1;
}
static uint64_t row_key(struct span service, struct span class_id, struct span consumer, enum dir d) {
  return key4(service, class_id, consumer, 90 + (uint64_t)d);
}
static uint64_t step_key(struct span from, struct span service, struct span consumer, struct span class_id) {
  return key4(from, service, consumer, hash64(class_id, 95));
}

static int keep_row(void *user, struct datamap_row *r) {
  struct datamap *m = user;
  uint64_t key = row_key(span_str(r->service), span_str(r->class_id), span_str(r->consumer), r->dir);
  if (m->rows.count < ROWS && !table_find(&m->rows, key, NULL) && table_add(&m->rows, &r->te, key) == 0)
    return 0;
  distinct_done(&r->subjects);
  mem_free(r);
  return 0;
}

static int keep_step(void *user, struct datamap_step *x) {
  struct datamap *m = user;
  uint64_t key =
      step_key(span_str(x->from), span_str(x->service), span_str(x->consumer), span_str(x->class_id));
  if (m->steps.count < STEPS && !table_find(&m->steps, key, NULL) && table_add(&m->steps, &x->te, key) == 0)
    return 0;
  distinct_done(&x->subjects);
  mem_free(x);
  return 0;
}

int datamap_new(struct datamap **out, const struct zones *zones, const char *state_dir, struct counters *ctr,
                struct conf_error *err) {
  struct datamap *m = mem_zalloc(sizeof *m);
  if (!m) return ERR_NOMEM;
  *m = (struct datamap){.zones = zones, .ctr = ctr};
  int rc = table_init(&m->rows, table_by_hash, ROWS, NULL);
  if (rc >= 0) rc = table_init(&m->steps, table_by_hash, STEPS, NULL);
  if (rc >= 0) rc = table_init(&m->carried, table_by_hash, CARRIED, NULL);
  if (rc >= 0) rc = table_init(&m->services, table_by_hash, ROWS, NULL);
  if (rc >= 0) rc = table_init(&m->hosts, table_by_hash, HOSTS, NULL);
  if (rc >= 0 && state_dir) rc = datamap_store_open(&m->store, state_dir, false, err);
  if (rc >= 0 && m->store) rc = state_host_load(m->store, state_host_keep, &m->hosts);
  if (rc >= 0 && m->store) rc = datamap_store_load(m->store, keep_row, keep_step, m);
  if (rc < 0)
    datamap_free(m);
  else
    *out = m;
  return rc;
}

void datamap_free(struct datamap *m) {
  if (!m) return;
  state_db_close(m->store);
  for (struct table_entry *e = m->rows.oldest; e; e = e->newer)
    distinct_done(&((struct datamap_row *)e)->subjects);
  for (struct table_entry *e = m->steps.oldest; e; e = e->newer)
    distinct_done(&((struct datamap_step *)e)->subjects);
  table_drop(&m->rows, NULL);
  table_drop(&m->steps, NULL);
  table_drop(&m->carried, NULL);
  table_drop(&m->services, NULL);
  table_drop(&m->hosts, NULL);
  mem_free(m->named);
  mem_free(m);
}

static struct datamap_row *row_of(struct datamap *m, struct span service, struct span consumer, enum dir d,
                                  const struct data_hit *h) {
  uint64_t key = row_key(service, span_str(h->class_id), consumer, d);
  struct datamap_row *r = (struct datamap_row *)table_find(&m->rows, key, NULL);
  if (r || !(r = room_add(&m->rows, sizeof *r, key, m->ctr))) return r;
  span_text(r->service, sizeof r->service, service);
  span_text(r->consumer, sizeof r->consumer, consumer);
  span_text(r->class_id, sizeof r->class_id, span_str(h->class_id));
  r->dir = d;
  distinct_init(&r->subjects, 0, 0);
  return r;
}

static struct named *name_of(struct datamap *m, struct span service) {
  uint64_t key = hash64(service, 97) | 1;
  struct named *n = (struct named *)table_find(&m->services, key, NULL);
  if (n) return n;
  if (m->nnamed == m->named_size) {
    uint32_t size = m->named_size ? m->named_size * 2 : 64;
    struct named **p = mem_realloc(m->named, size * sizeof *p);
    if (!p) ctr_inc(m->ctr, CTR_ANALYTICS_MEMORY);
    if (!p) return NULL;
    m->named = p;
    m->named_size = size;
  }
  if (!(n = room_add(&m->services, sizeof *n, key, m->ctr))) return NULL;
  span_text(n->text, sizeof n->text, service);
  n->index = m->nnamed;
  m->named[m->nnamed++] = n;
  return n;
}

static uint64_t carried_key(uint64_t token, const uint8_t addr[16]) {
  return hash64(span_of(addr, 16), token) | 1;
}

/* Remember that addr was answered the value. */
static void carry(struct datamap *m, uint64_t token, const uint8_t addr[16], uint32_t from, uint64_t now) {
  uint64_t key = carried_key(token, addr);
  struct carried *c = (struct carried *)table_find(&m->carried, key, NULL);
  if (!c && m->carried.count >= CARRIED) { /* the oldest is of no more use: take its room */
    c = (struct carried *)m->carried.oldest;
    table_remove(&m->carried, &c->te);
    if (table_add(&m->carried, &c->te, key) < 0) {
      mem_free(c);
      return;
    }
  }
  if (!c && !(c = room_add(&m->carried, sizeof *c, key, m->ctr))) return;
  table_touch(&m->carried, &c->te);
  c->ns = now;
  c->from = from;
}

static struct datamap_step *step_of(struct datamap *m, struct span from, struct span service,
                                    struct span consumer, const char *class_id) {
  uint64_t key = step_key(from, service, consumer, span_str(class_id));
  struct datamap_step *x = (struct datamap_step *)table_find(&m->steps, key, NULL);
  if (x || !(x = room_add(&m->steps, sizeof *x, key, m->ctr))) return x;
  span_text(x->from, sizeof x->from, from);
  span_text(x->service, sizeof x->service, service);
  span_text(x->consumer, sizeof x->consumer, consumer);
  span_text(x->class_id, sizeof x->class_id, span_str(class_id));
  distinct_init(&x->subjects, STEP_EXACT, STEP_BITS);
  return x;
}

/* Where did the answering side get these values? */
static void follow(struct datamap *m, const struct api_event *e, const struct data_hit *h,
                   struct span service, struct span consumer, uint64_t now) {
  struct named *self = name_of(m, service);
  struct datamap_step *last = NULL;
  if (!self) return;
  for (uint32_t i = 0; i < h->ntokens && i < FOLLOWED; i++) {
    struct carried *c =
        (struct carried *)table_find(&m->carried, carried_key(h->tokens[i], e->txn->conn.server), NULL);
    if (c && c->ns + FOLLOW_NS >= now && c->from != self->index) {
      struct datamap_step *x = step_of(m, span_str(m->named[c->from]->text), service, consumer, h->class_id);
      if (x) {
        distinct_add(&x->subjects, h->tokens[i]);
        x->calls += x != last;
        if (!x->first_ns) x->first_ns = now;
        x->last_ns = now;
        x->dirty = true;
        last = x;
      }
    }
    carry(m, h->tokens[i], e->txn->conn.client, self->index, now);
  }
}

/* The same sum or the same gender twice tells of no path. */
static bool tells(const char *id) {
  static const char *const common[] = {
      "balance",      "transaction_amount", "loan",           "income",    "assets",   "gender",
      "credit_limit", "education",          "marital_status", "ethnicity", "religion", "political_status",
      "birthday",     "nationality",        "occupation",     "otp",       "cvv",      "ip",
      "card_expiry",  "credit_score"};
  for (size_t i = 0; i < sizeof common / sizeof *common; i++)
    if (strcmp(id, common[i]) == 0) return false;
  return true;
}

static bool wanted(const struct data_hit *h) { return h->grade.jrt0171 || h->grade.jrt0197; }

void datamap_call(struct datamap *m, const struct api_event *e, uint64_t now) {
  char text[48];
  const struct txn *t = e->txn;
  if (t->kind != TXN_CALL || (!e->data[0].count && !e->data[1].count)) return;
  enum zone zone = zones_of(m->zones, t->conn.client);
  struct span consumer = SPAN_LIT("internet"), service = span_head(e->service, DATAMAP_NAME - 1);
  if (zone != ZONE_INTERNET) consumer = span_of(text, zones_text(t->conn.client, text));
  const uint8_t *server = t->conn.server; /* called as the first call to it says */
  if (!state_host_find(&m->hosts, server)) state_host_add(&m->hosts, server, service, m->ctr);
  for (int d = 0; d < 2; d++) {
    for (uint32_t i = 0; i < e->data[d].count; i++) {
      const struct data_hit *h = &e->data[d].item[i];
      struct datamap_row *r = wanted(h) ? row_of(m, service, consumer, (enum dir)d, h) : NULL;
      if (!r) continue;
      r->zone = zone;
      if (h->grade.jrt0171 > r->grade.jrt0171 || h->grade.jrt0197 > r->grade.jrt0197) r->grade = h->grade;
      r->calls++;
      r->count += h->count;
      if (!r->first_ns) r->first_ns = now;
      r->last_ns = now;
      for (uint32_t k = 0; k < h->ntokens; k++) distinct_add(&r->subjects, h->tokens[k]);
      r->dirty = m->dirty = true;
      if (d == DIR_RESPONSE && tells(h->class_id)) follow(m, e, h, service, consumer, now);
    }
  }
}

/* What was thought to be stored is not. */
static void again(struct datamap *m) {
  for (struct table_entry *e = m->rows.oldest; e; e = e->newer) ((struct datamap_row *)e)->dirty = true;
  for (struct table_entry *e = m->steps.oldest; e; e = e->newer) ((struct datamap_step *)e)->dirty = true;
  state_host_again(&m->hosts);
}

int datamap_finish(struct datamap *m) {
  if (!m->store || !m->dirty) return 0;
  int rc = state_db_begin(m->store);
  for (struct table_entry *e = m->rows.oldest; e && rc == 0; e = e->newer) {
    struct datamap_row *r = (struct datamap_row *)e;
    if (!r->dirty) continue;
    rc = datamap_store_row(m->store, r);
    r->dirty = rc != 0;
  }
  for (struct table_entry *e = m->steps.oldest; e && rc == 0; e = e->newer) {
    struct datamap_step *x = (struct datamap_step *)e;
    if (!x->dirty) continue;
    rc = datamap_store_step(m->store, x);
    x->dirty = rc != 0;
  }
  if (rc == 0) rc = state_host_store(m->store, &m->hosts);
  int end = state_db_commit(m->store);
  m->dirty = rc != 0 || end != 0;
  if (m->dirty) again(m);
  return rc < 0 ? rc : end;
}

void datamap_tick(struct datamap *m) {
  if (!m->store || !m->dirty) return;
  time_t wall = time(NULL);
  if (wall < m->stored + STORE_EVERY) return;
  m->stored = wall;
  (void)datamap_finish(m); /* what failed is tried again, and told at the end */
}

uint64_t datamap_subjects(const struct datamap_row *r) {
  uint64_t n = distinct_count(&r->subjects);
  return n < r->count ? n : r->count;
}

void datamap_each(const struct datamap *m, void (*row)(void *user, const struct datamap_row *r),
                  void (*step)(void *user, const struct datamap_step *s), void *user) {
  for (struct table_entry *e = m->rows.oldest; e && row; e = e->newer)
    row(user, (const struct datamap_row *)e);
  for (struct table_entry *e = m->steps.oldest; e && step; e = e->newer)
    step(user, (const struct datamap_step *)e);
}
