/* SPDX-License-Identifier: Apache-2.0 */
/* The service graph in memory. */
#include "analytics/graph.h"
#include "analytics/analyst_hop.h"
#include "analytics/room.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { EDGES = 16384, HOSTS = 16384, OPERATIONS = 64, STORE_EVERY = 5 };

/* Caller, service, port and protocol: how many operations stand between them. */
struct pair {
  struct table_entry te;
  uint32_t operations;
};
struct graph {
  const struct zones *zones;
  const struct service_names *names;
  struct counters *ctr;
  struct table edges, pairs, hosts;
  struct state_db *store; /* NULL: memory only */
  time_t stored;          /* wall clock: says only when edges reach the disk */
  bool dirty;
};
/* The ends of an edge; spans are cut as they are kept. */
struct ends {
  struct span caller, service, protocol;
  uint16_t port;
};

/* What is kept of a name. */
static struct span head(struct span s, size_t size) {
  s = span_head(s, size - 1);
  return span_head(s, span_index(s, 0));
}

static uint64_t pair_key(const struct ends *x) {
  uint64_t h = hash64(head(x->caller, GRAPH_NAME), 101);
  h = hash64(head(x->service, GRAPH_NAME), h);
  return hash64(head(x->protocol, GRAPH_PROTOCOL), h + x->port) | 1;
}
static uint64_t edge_key(uint64_t pair, struct span operation) {
  return hash64(head(operation, GRAPH_OPERATION), pair) | 1;
}

static bool is_single(struct span operation) {
  return !span_eq(operation, SPAN_LIT("*")) && !span_eq(operation, SPAN_LIT("-"));
}

static struct pair *pair_of(struct graph *g, uint64_t key) {
  struct pair *p = (struct pair *)table_find(&g->pairs, key, NULL);
  return p ? p : room_add(&g->pairs, sizeof *p, key, g->ctr);
}

static int keep_edge(void *user, struct graph_edge *e) {
  struct graph *g = user;
  struct ends x = {span_str(e->caller), span_str(e->service), span_str(e->protocol), e->port};
  uint64_t pair = pair_key(&x), key = edge_key(pair, span_str(e->operation));
  if (g->edges.count >= EDGES || table_find(&g->edges, key, NULL)) {
    mem_free(e);
    return 0;
  }
  struct pair *p = pair_of(g, pair);
  int rc = p ? table_add(&g->edges, &e->te, key) : ERR_NOMEM;
  if (rc < 0)
    mem_free(e);
  else
    p->operations += is_single(span_str(e->operation));
  return rc;
}

int graph_new(struct graph **out, const struct zones *zones, const struct service_names *names,
              const char *state_dir, struct counters *ctr, struct conf_error *err) {
  struct graph *g = mem_zalloc(sizeof *g);
  if (!g) return ERR_NOMEM;
  *g = (struct graph){.zones = zones, .names = names, .ctr = ctr};
  int rc = table_init(&g->edges, table_by_hash, EDGES, NULL);
  if (rc >= 0) rc = table_init(&g->pairs, table_by_hash, EDGES, NULL);
  if (rc >= 0) rc = table_init(&g->hosts, table_by_hash, HOSTS, NULL);
  if (rc >= 0 && state_dir) rc = graph_store_open(&g->store, state_dir, false, err);
  if (rc >= 0 && g->store) rc = state_host_load(g->store, state_host_keep, &g->hosts);
  if (rc >= 0 && g->store) rc = graph_store_load(g->store, keep_edge, g);
  if (rc < 0)
    graph_free(g);
  else
    *out = g;
  return rc;
}

void graph_free(struct graph *g) {
  if (!g) return;
  state_db_close(g->store);
  table_drop(&g->edges, NULL);
  table_drop(&g->pairs, NULL);
  table_drop(&g->hosts, NULL);
  mem_free(g);
}

static void learn_host(struct graph *g, const uint8_t addr[16], struct span service) {
  if (state_host_find(&g->hosts, addr) || zones_of(g->zones, addr) == ZONE_INTERNET) return;
  g->dirty |= state_host_add(&g->hosts, addr, service, g->ctr);
}

/* A host that answers calls by its first name, else what is known of the address, else the address. */
static struct span caller_of(struct graph *g, const uint8_t addr[16], char text[48]) {
  if (zones_of(g->zones, addr) == ZONE_INTERNET) return SPAN_LIT("internet");
  const struct state_host *h = state_host_find(&g->hosts, addr);
  if (h) return span_str(h->service);
  struct span name = head(service_name(g->names, addr, 0), GRAPH_NAME);
  if (name.len) learn_host(g, addr, name);
  return name.len ? name : span_of(text, zones_text(addr, text));
}

static struct graph_edge *new_edge(struct graph *g, const struct ends *x, struct span operation,
                                   uint64_t key) {
  struct graph_edge *e = room_add(&g->edges, sizeof *e, key, g->ctr);
  if (!e) return NULL;
  span_text(e->caller, sizeof e->caller, x->caller);
  span_text(e->service, sizeof e->service, x->service);
  span_text(e->protocol, sizeof e->protocol, x->protocol);
  span_text(e->operation, sizeof e->operation, operation);
  e->port = x->port;
  return e;
}

static struct graph_edge *edge_of(struct graph *g, const struct ends *x, struct span operation) {
  uint64_t pair = pair_key(x), key = edge_key(pair, operation);
  struct graph_edge *e = (struct graph_edge *)table_find(&g->edges, key, NULL);
  if (e) return e;
  struct pair *p = pair_of(g, pair);
  if (!p) return NULL;
  if (is_single(operation) && p->operations >= OPERATIONS) {
    ctr_inc(g->ctr, CTR_ANALYTICS_STATE_CAP);
    return edge_of(g, x, SPAN_LIT("*"));
  }
  e = new_edge(g, x, operation, key);
  p->operations += e && is_single(operation);
  return e;
}

static void judge(const struct txn *t, struct graph_sums *s) {
  bool http = t->target.len && t->status >= 400 && t->status < 600;
  if (http)
    ++*(t->status < 500 ? &s->errors_client : &s->errors_server);
  else
    s->errors_protocol += t->outcome == TXN_ERROR;
}

static void clock_it(const struct txn *t, struct graph_sums *s) {
  const struct side *ask = &t->side[DIR_REQUEST], *answer = &t->side[DIR_RESPONSE];
  if (!ask->seen || !answer->seen) return;
  graph_timed(s, answer->first_ns > ask->last_ns ? (answer->first_ns - ask->last_ns) / 1000 : 0);
}

static void classes(struct graph *g, const struct data_hits *hits, enum dir d, struct graph_sums *s) {
  for (uint32_t i = 0; i < hits->count; i++) {
    const struct grade *grade = &hits->item[i].grade;
    if (!grade->jrt0171 && !grade->jrt0197) continue;
    if (!graph_class(s, d, span_str(hits->item[i].class_id))) ctr_inc(g->ctr, CTR_ANALYTICS_STATE_CAP);
    if (grade->jrt0171 > s->jrt0171[d]) s->jrt0171[d] = grade->jrt0171;
    if (grade->jrt0197 > s->jrt0197[d]) s->jrt0197[d] = grade->jrt0197;
  }
}

static void use(struct graph *g, struct graph_edge *e, uint64_t first_ns, uint64_t last_ns) {
  struct graph_sums *s = &e->sums;
  s->calls++;
  if (!s->first_ns || first_ns < s->first_ns) s->first_ns = first_ns;
  if (last_ns > s->last_ns) s->last_ns = last_ns;
  e->dirty = g->dirty = true;
}

void graph_call(struct graph *g, const struct api_event *ev) {
  const struct txn *t = ev->txn;
  char text[48];
  if (t->kind != TXN_CALL) return;
  if (span_index(ev->service, ':') == ev->service.len && ev->service.len) /* not only its address and port */
    learn_host(g, t->conn.server, ev->service);
  struct ends x = {caller_of(g, t->conn.client, text), ev->service, span_str(t->protocol), t->conn.sport};
  struct graph_edge *e = edge_of(g, &x, ev->endpoint);
  if (!e) return;
  use(g, e, hops_start(t), hops_end(t));
  judge(t, &e->sums);
  clock_it(t, &e->sums);
  for (int d = 0; d < 2; d++) {
    e->sums.bytes[d] += t->side[d].wire_bytes;
    classes(g, &ev->data[d], (enum dir)d, &e->sums);
  }
}

void graph_flow(struct graph *g, const struct flow_record *f) {
  char text[48], server[48], named[64];
  bool sealed = f->protocol && (strcmp(f->protocol, "tls") == 0 || strcmp(f->protocol, "quic") == 0);
  if ((f->transactions && !sealed) || !f->payload[0] || !f->payload[1]) return; /* a handshake is no call */
  const char *transport = f->conn.proto == IPPROTO_TCP ? "tcp" : f->conn.proto == IPPROTO_UDP ? "udp" : "ip";
  struct span service = service_name(g->names, f->conn.server, f->conn.sport);
  if (!service.len && zones_of(g->zones, f->conn.server) == ZONE_INTERNET) service = SPAN_LIT("internet");
  if (!service.len) {
    zones_text(f->conn.server, server);
    snprintf(named, sizeof named, strchr(server, ':') ? "[%s]:%u" : "%s:%u", server, f->conn.sport);
    service = span_str(named);
  }
  struct span protocol = span_str(f->protocol && *f->protocol ? f->protocol : transport);
  struct ends x = {caller_of(g, f->conn.client, text), service, protocol, f->conn.sport};
  struct graph_edge *e = edge_of(g, &x, SPAN_LIT("-"));
  if (!e) return;
  use(g, e, f->conn.first_ns, f->last_ns);
  for (int d = 0; d < 2; d++) e->sums.bytes[d] += f->payload[d];
}

static int store_all(struct graph *g) {
  int rc = state_db_begin(g->store);
  for (struct table_entry *i = g->edges.oldest; i && rc == 0; i = i->newer) {
    struct graph_edge *e = (struct graph_edge *)i;
    if (!e->dirty) continue;
    rc = graph_store_edge(g->store, e);
    e->dirty = rc != 0;
  }
  if (rc == 0) rc = state_host_store(g->store, &g->hosts);
  int end = state_db_commit(g->store);
  if (rc == 0 && end == 0) return 0;
  for (struct table_entry *i = g->edges.oldest; i; i = i->newer) ((struct graph_edge *)i)->dirty = true;
  state_host_again(&g->hosts);
  return rc < 0 ? rc : end;
}

int graph_finish(struct graph *g) {
  if (!g->store || !g->dirty) return 0;
  int rc = store_all(g);
  g->dirty = rc != 0;
  return rc;
}

void graph_tick(struct graph *g) {
  if (!g->store || !g->dirty) return;
  time_t wall = time(NULL);
  if (wall < g->stored + STORE_EVERY) return;
  g->stored = wall;
  (void)graph_finish(g); /* what failed is tried again, and told at the end */
}

void graph_each(const struct graph *g, void (*edge)(void *user, const struct graph_edge *e), void *user) {
  for (struct table_entry *e = g->edges.oldest; e; e = e->newer) edge(user, (const struct graph_edge *)e);
}
