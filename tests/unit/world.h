/* SPDX-License-Identifier: Apache-2.0 */
/* An analyst fed with made-up events, for tests of correlations. */
#ifndef TESTS_UNIT_WORLD_H
#define TESTS_UNIT_WORLD_H

#include "analytics/analyst.h"
#include "temp.h"

#include <netinet/in.h>

#define SEC 1000000000ULL
#define START (1740000000ULL * SEC) /* 2025-02-19, 21:20 UTC */

struct world {
  struct analytics_conf conf;
  struct counters ctr;
  struct analyst *a;
  uint64_t now, conns;
  const char *image_tag; /* makes the next call one to a registry */
  char told[32][32];     /* rules of findings */
  unsigned count[32], ntold;
};

static inline void on_finding(void *user, const struct finding *f) {
  struct world *w = user;
  unsigned i = 0;
  while (i < w->ntold && strcmp(w->told[i], f->rule->id) != 0) i++;
  if (i == 32) return;
  if (i == w->ntold) snprintf(w->told[w->ntold++], sizeof w->told[0], "%s", f->rule->id);
  w->count[i] += f->update == 0;
  assert_non_null(f->rule->technique[0]);
  assert_non_null(f->rule->reason_zh);
  assert_non_null(f->rule->remedy_zh);
}

static inline struct world *begin_with(const char *assignment) {
  struct world *w = calloc(1, sizeof *w);
  struct conf_section sections[] = {{"analytics", analytics_options, &w->conf}, {NULL, NULL, NULL}};
  struct conf_error err = {0};
  assert_true(conf_defaults(sections) >= 0);
  if (assignment) assert_int_equal(conf_set(sections, assignment, &err), 0);
  struct analyst_sink sink = {.user = w, .finding = on_finding};
  assert_int_equal(analyst_new(&w->a, &w->conf, NULL, NULL, &w->ctr, sink, &err), 0);
  w->now = START;
  return w;
}

static inline struct world *begin(void) { return begin_with(NULL); }

/** A file with this text; its name, "section.key=" in front, in `out`. */
static inline const char *with_file(char out[64], const char *key, const char *text) {
  assert_true(strlen(key) + 1 + TEMP_NAME <= 64);
  size_t n = (size_t)snprintf(out, 64, "%s=", key);
  return temp_text(out + n, text);
}

static inline unsigned told(const struct world *w, const char *rule) {
  for (unsigned i = 0; i < w->ntold; i++)
    if (strcmp(w->told[i], rule) == 0) return w->count[i];
  return 0;
}

static inline void end(struct world *w) {
  struct conf_section sections[] = {{"analytics", analytics_options, &w->conf}, {NULL, NULL, NULL}};
  analyst_free(w->a);
  conf_done(sections);
  free(w);
}

static inline void put_addr(uint8_t a[16], uint32_t v4) {
  memset(a, 0, 16);
  a[10] = a[11] = 0xff;
  for (int i = 0; i < 4; i++) a[12 + i] = (uint8_t)(v4 >> (24 - 8 * i));
}

struct call {
  uint32_t from; /* IPv4; 0: 36.1.1.1 */
  const char *method, *path, *token, *agent, *header, *value, *field;
  int status; /* 0: 200 */
  uint64_t field_value;
  const char *shown; /* field of the answer */
  uint64_t shown_value;
  const char *facts[8]; /* name, value, … */
  uint32_t to;          /* 0: 10.0.0.1 */
  uint16_t port;        /* 0: 80 */
  enum login_step step;
  bool workload;
  enum auth_kind auth; /* AUTH_NONE with a token: bearer */
};

static inline void add_header(struct txn *t, const char *name, const char *value) {
  if (value) txn_header(t, &t->side[0].headers, span_str(name), span_str(value));
}

/* One call, `after` ns later. */
static inline void make(struct world *w, uint64_t after, struct call c) {
  struct txn *t = calloc(1, sizeof *t);
  arena_init(&t->arena, NULL, 1 << 16);
  struct api_event *e = arena_zalloc(&t->arena, sizeof *e);
  struct field f = {.seen = 1, .value_hash = c.field_value, .max = 20, .path_hash = 7};
  struct field g = {.seen = 1, .value_hash = c.shown_value, .max = 20};
  w->now += after;
  t->conn =
      (struct conn){.cport = 40000, .sport = 80, .proto = IPPROTO_TCP, .id = ++w->conns, .first_ns = w->now};
  put_addr(t->conn.client, c.from ? c.from : 0x24010101);
  put_addr(t->conn.server, c.to ? c.to : 0x0a000001);
  if (c.port) t->conn.sport = c.port;
  for (int i = 0; i < 8 && c.facts[i]; i += 2) txn_fact_add(t, c.facts[i], span_str(c.facts[i + 1]));
  t->protocol = "http";
  t->method = span_str(c.method ? c.method : "GET");
  t->target = span_str(c.path);
  struct span q = t->target;
  t->path = span_cut(&q, '?');
  t->query = q;
  t->status = c.status ? c.status : 200;
  t->outcome = t->status < 400 ? TXN_OK : TXN_ERROR;
  for (int d = 0; d < 2; d++)
    t->side[d] =
        (struct side){.seen = true, .complete = true, .first_ns = w->now, .last_ns = w->now + (uint64_t)d};
  if (w->image_tag) {
    txn_fact_add(t, "tapscope.model", SPAN_LIT("registry"));
    txn_fact_add(t, "container.image.tag", span_str(w->image_tag));
    w->image_tag = NULL;
  }
  add_header(t, "user-agent", c.agent);
  if (c.header) add_header(t, c.header, c.value);
  e->txn = t;
  memset(e->id, 'a', sizeof e->id);
  e->service = span_str("api");
  if (c.field) {
    f.path = span_str(c.field);
    e->fields[DIR_REQUEST] = (struct fields){.item = &f, .count = 1, .size = 1};
  }
  if (c.shown) {
    g.path = span_str(c.shown);
    g.path_hash = hash64(g.path, 1);
    e->fields[DIR_RESPONSE] = (struct fields){.item = &g, .count = 1, .size = 1, .fingerprint = g.path_hash};
    if (c.field) f.path_hash = e->fields[DIR_REQUEST].fingerprint = hash64(f.path, 1);
  }
  if (c.token) {
    e->who.auth = c.auth ? c.auth : AUTH_BEARER;
    e->who.session = e->who.user = span_str(c.token);
  }
  if (c.agent) e->who.device = span_str(c.agent);
  e->who.workload = c.workload;
  e->login.step = c.step;
  e->login.result = t->outcome;
  memcpy(e->who.origin, t->conn.client, 16);
  analyst_event(w->a, e);
  arena_done(&t->arena);
  free(t);
}

struct talk {
  uint32_t from, to;
  uint16_t port;
  const char *protocol;
  uint64_t seconds, payload[2], packets[2];
  uint32_t unlike; /* more than 0: ICMP echoes */
};

static inline void make_flow(struct world *w, uint64_t after, struct talk k) {
  struct flow_record f = {
      .protocol = k.protocol ? k.protocol : "", .established = true, .state = FLOW_STATE_CLOSED};
  w->now += after;
  f.conn = (struct conn){
      .cport = 40000, .sport = k.port, .proto = IPPROTO_TCP, .id = ++w->conns, .first_ns = w->now};
  if (k.unlike) f.conn.proto = IPPROTO_ICMP, f.unlike = k.unlike;
  f.last_ns = w->now + k.seconds * SEC;
  if (f.last_ns > w->now) w->now = f.last_ns;
  put_addr(f.conn.client, k.from);
  put_addr(f.conn.server, k.to);
  for (int d = 0; d < 2; d++)
    f.payload[d] = k.payload[d], f.packets[d] = k.packets[d] ? k.packets[d] : 3,
    f.bytes[d] = k.payload[d] + 200;
  analyst_flow(w->a, &f);
}

static inline const char *text(char *buf, const char *before, unsigned n) {
  snprintf(buf, 64, "%s%u", before, n);
  return buf;
}

#endif
