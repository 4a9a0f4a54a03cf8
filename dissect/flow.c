/* SPDX-License-Identifier: Apache-2.0 */
/* The flow table: lookup, age lists by kind of flow, eviction at the cap, reports. */
#include "dissect/flow.h"

/* The tuple as an end stands in it: true when p's source is the flow's client. */
static bool from_client(const struct conn *c, const struct tuple *t) {
  return c->cport == t->sport && c->sport == t->dport && memcmp(c->client, t->src, 16) == 0 &&
         memcmp(c->server, t->dst, 16) == 0;
}

static bool from_server(const struct conn *c, const struct tuple *t) {
  return c->cport == t->dport && c->sport == t->sport && memcmp(c->client, t->dst, 16) == 0 &&
         memcmp(c->server, t->src, 16) == 0;
}

static bool same_tuple(const struct table_entry *e, const void *key) {
  const struct conn *c = &((const struct flow *)(const void *)e)->conn;
  const struct tuple *t = key;
  return c->proto == t->proto && c->zone == t->zone && (from_client(c, t) || from_server(c, t));
}

int flow_table_init(struct dissect *d) {
  pool_init(&d->flows, sizeof(struct flow), 0, d->budget);
  pool_init(&d->tcps, sizeof(struct tcp), 0, d->budget);
  return table_init(&d->table, same_tuple, d->max_flows, d->budget);
}

void flow_table_done(struct dissect *d) {
  table_done(&d->table);
  pool_done(&d->tcps);
  pool_done(&d->flows);
}

struct flow *flow_find(struct dissect *d, const struct packet *p, int *end) {
  struct flow *f = (struct flow *)(void *)table_find(&d->table, p->hash, &p->tuple);
  if (f) *end = from_client(&f->conn, &p->tuple) ? f->client : !f->client;
  return f;
}

static void list_remove(struct dissect *d, struct flow *f) {
  if (f->cls == NO_CLASS) return;
  struct flow_list *l = &d->list[f->cls];
  *(f->prev ? &f->prev->next : &l->first) = f->next;
  *(f->next ? &f->next->prev : &l->last) = f->prev;
  f->cls = NO_CLASS;
}

static void list_append(struct dissect *d, struct flow *f, enum flow_class cls) {
  struct flow_list *l = &d->list[cls];
  f->prev = l->last;
  f->next = NULL;
  *(l->last ? &l->last->next : &l->first) = f;
  l->last = f;
  f->cls = (uint8_t)cls;
  f->listed_ns = f->last_ns;
}

void flow_set_class(struct dissect *d, struct flow *f, enum flow_class cls) {
  if (f->cls == cls) return;
  list_remove(d, f);
  list_append(d, f, cls);
}

void flow_wait(struct dissect *d, struct flow *f, bool on) {
  if (on == f->waiting) return;
  f->waiting = on;
  if (on) {
    f->wait_prev = d->wait_last;
    f->wait_next = NULL;
    *(d->wait_last ? &d->wait_last->wait_next : &d->wait_first) = f;
    d->wait_last = f;
  } else {
    *(f->wait_prev ? &f->wait_prev->wait_next : &d->wait_first) = f->wait_next;
    *(f->wait_next ? &f->wait_next->wait_prev : &d->wait_last) = f->wait_prev;
  }
}

/* Cheapest loss first: flows that are over, then those that never spoke. */
static bool evict_one(struct dissect *d) {
  static const enum flow_class order[] = {CLASS_CLOSING, CLASS_SYN, CLASS_UDP, CLASS_TCP};
  for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
    struct flow *f = d->list[order[i]].first;
    if (!f) continue;
    if (f == d->current) f = f->next;
    if (!f) continue;
    ctr_inc(d->ctr, CTR_FLOW_CAP);
    tcp_finish(d, f, END_EVICTED);
    flow_remove(d, f, FLOW_STATE_EVICTED);
    return true;
  }
  return false;
}

static void conn_of(struct conn *c, const struct packet *p) {
  memcpy(c->client, p->tuple.src, 16);
  memcpy(c->server, p->tuple.dst, 16);
  c->cport = p->tuple.sport;
  c->sport = p->tuple.dport;
  c->proto = p->tuple.proto;
  c->ipver = p->tuple.ipver;
  c->zone = p->tuple.zone;
  c->id = p->order;
  c->first_ns = p->ns;
  c->source = p->source;
  c->nlayers = p->nlayers < PACKET_LAYERS ? p->nlayers : PACKET_LAYERS;
  memcpy(c->layer, p->layer, sizeof *c->layer * c->nlayers);
}

struct flow *flow_create(struct dissect *d, const struct packet *p) {
  while (d->table.count >= d->max_flows && evict_one(d)) continue;
  struct flow *f = pool_get(&d->flows);
  if (!f && evict_one(d)) f = pool_get(&d->flows);
  if (f) f->cls = NO_CLASS;
  if (!f || table_add(&d->table, &f->entry, p->hash) < 0) {
    pool_put(&d->flows, f);
    ctr_inc(d->ctr, CTR_FLOW_MEMORY);
    return NULL;
  }
  conn_of(&f->conn, p);
  f->name = "";
  f->last_ns = p->ns;
  list_append(d, f, p->tuple.proto == 17 ? CLASS_UDP : CLASS_SYN);
  ctr_inc(d->ctr, CTR_FLOW_NEW);
  return f;
}

/* Moving a flow to the list's end at each packet costs cache misses; once a second is order enough. */
void flow_touch(struct dissect *d, struct flow *f, int end, const struct packet *p) {
  struct flow_side *s = &f->side[end];
  s->packets++;
  s->bytes += (uint64_t)(p->wirelen > p->payload_off ? p->payload_off : 0) + p->payload_wire;
  s->payload += p->payload_wire;
  if (p->ns > f->last_ns) f->last_ns = p->ns;
  if (p->ns != f->slack_ns) {
    f->slack_ns = p->ns;
    f->slack++;
  }
  if (f->last_ns - f->listed_ns < 1000000000u) return;
  enum flow_class cls = f->cls;
  list_remove(d, f);
  list_append(d, f, cls);
}

void flow_swap(struct flow *f) {
  uint8_t addr[16];
  memcpy(addr, f->conn.client, 16);
  memcpy(f->conn.client, f->conn.server, 16);
  memcpy(f->conn.server, addr, 16);
  uint16_t port = f->conn.cport;
  f->conn.cport = f->conn.sport;
  f->conn.sport = port;
  f->client = !f->client;
}

static void report(struct dissect *d, struct flow *f, enum flow_state state) {
  struct flow_record r = {.conn = f->conn, .order = d->order, .last_ns = f->last_ns, .protocol = f->name};
  for (int end = 0; end < 2; end++) {
    enum dir dir = flow_dir(f, end);
    const struct flow_side *s = &f->side[end];
    r.packets[dir] = s->packets;
    r.bytes[dir] = s->bytes;
    r.payload[dir] = s->payload;
    r.gap_bytes[dir] = s->gap;
    r.tcp_flags[dir] = s->flags;
    r.shell[dir] = f->shell >> end & 1;
  }
  bool one = !f->side[0].packets || !f->side[1].packets;
  if (one) ctr_inc(d->ctr, CTR_FLOW_ONE_SIDED);
  r.transactions = f->transactions;
  r.unseen = f->unseen | (one ? UNSEEN_ONE_SIDED : 0u) | (r.gap_bytes[0] + r.gap_bytes[1] ? UNSEEN_GAP : 0u);
  r.anomalies = f->all_anomalies;
  r.established = r.payload[0] + r.payload[1] > 0 ||
                  ((r.tcp_flags[0] & TCP_SYN) && (r.tcp_flags[1] & TCP_SYN) && (r.tcp_flags[0] & TCP_ACK));
  r.state = state;
  r.risks = f->risks;
  r.unlike = f->unlike;
  r.text = f->text == 3 && !f->binary;
  if (d->sink.flow) d->sink.flow(d->sink.user, &r);
}

void flow_remove(struct dissect *d, struct flow *f, enum flow_state state) {
  bool plain_ping = (f->conn.proto == 1 || f->conn.proto == 58) && !f->unlike;
  if (!plain_ping) report(d, f, state);
  flow_drop(d, f);
}

void flow_drop(struct dissect *d, struct flow *f) {
  feed_drop(d, f);
  flow_wait(d, f, false);
  stream_free(d, f);
  ndpi_forget(d, f);
  list_remove(d, f);
  table_remove(&d->table, &f->entry);
  pool_put(&d->flows, f);
  ctr_inc(d->ctr, CTR_FLOW_CLOSED);
}

bool flow_expired(const struct dissect *d, const struct flow *f, uint64_t ns) {
  return f->last_ns + d->timeout[f->cls] < ns;
}
