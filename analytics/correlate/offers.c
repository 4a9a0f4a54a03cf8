/* SPDX-License-Identifier: Apache-2.0 */
/* What a server offers: it long kept to a few ports and answers on another, or speaks a shell on a known one. */
#include "analytics/correlate/correlate.h"

#include <netinet/in.h>

#define SEC 1000000000ULL
#define KNOWN_NS (600 * SEC)
#define WAIT_NS (300 * SEC) /* a rollout or a new monitor shows on other hosts meanwhile */
enum { HOSTS = 65536, NUMBERS = 65536, OFFERS = 8, SETTLED = 50, CALLERS = 64, USUAL = 2, EPHEMERAL = 32768 };

const struct rule correlate_new_service_port = {
    .id = "new_service_port",
    .name = "A server offers something new",
    .name_zh = "服务器开放新的端口或协议",
    .category = CATEGORY_POSTURE,
    .severity = SEVERITY_LOW,
    .technique = {"T1571"},
    .tactic = {"TA0011"},
    .owasp = {"API9:2023"},
    .reason = "A server that long kept to a few ports answers on another, or speaks another protocol on one "
              "of them.",
    .reason_zh = "长期仅使用固定端口的服务器开始在新端口应答，或在已知端口使用其他协议。",
    .remedy = "Ask the owner whether it was deployed; if not, find the program that listens there.",
    .remedy_zh = "向负责人确认是否为正常部署；若否，排查监听该端口的程序。"};

struct offer {
  uint16_t port;
  bool waits; /* told or let be later */
  uint64_t first;
  uint64_t flows, shells, named;
  uint8_t client[16];
};
struct host {
  struct table_entry te;
  uint64_t first, flows, settled; /* settled: connections when the last port came */
  struct offer offer[OFFERS];
  uint32_t offers;
  bool many; /* data connections, calls to procedures at any port */
  struct few callers;
};
/* Hosts that offer a port of this number. */
struct number {
  struct table_entry te;
  struct few hosts;
};
/* As what a host's port was called last. */
struct called {
  struct table_entry te;
  uint64_t name; /* hash of the service */
  bool probed;
};
struct state {
  struct store hosts, numbers, called;
};

static void host_done(void *e) { few_done(&((struct host *)e)->callers); }
static void number_done(void *e) { few_done(&((struct number *)e)->hosts); }

static int start(void *state, struct correlate_ctx *cx) {
  struct state *s = state;
  (void)cx;
  int rc = store_init(&s->hosts, sizeof(struct host), HOSTS, host_done);
  if (rc >= 0) rc = store_init(&s->numbers, sizeof(struct number), NUMBERS, number_done);
  return rc < 0 ? rc : store_init(&s->called, sizeof(struct called), HOSTS, NULL);
}
static void stop(void *state, struct correlate_ctx *cx, bool end) {
  struct state *s = state;
  (void)cx, (void)end;
  store_done(&s->hosts), store_done(&s->numbers), store_done(&s->called);
}

/* Hosts have these from their first day, and they are seldom called. */
static bool is_system(uint16_t port) {
  static const uint16_t ports[] = {22, 111, 135, 139, 161, 445, 3389, 5985, 5986, 9100, 10050, 10250};
  for (size_t i = 0; i < sizeof ports / sizeof *ports; i++)
    if (ports[i] == port) return true;
  return false;
}

static bool is_shell(const char *protocol) {
  static const char *const names[] = {"ssh", "telnet", "rdp", "vnc", "smb"};
  for (size_t i = 0; protocol && i < sizeof names / sizeof *names; i++)
    if (span_starts_nocase(span_str(protocol), span_str(names[i]))) return true;
  return false;
}

static struct offer *find(struct host *h, uint16_t port) {
  for (uint32_t i = 0; i < h->offers; i++)
    if (h->offer[i].port == port) return &h->offer[i];
  return NULL;
}

static struct offer *add(struct host *h, uint16_t port, uint64_t start) {
  if (h->offers == OFFERS) {
    h->many = true;
    return NULL;
  }
  h->offer[h->offers] = (struct offer){.port = port, .first = start};
  return &h->offer[h->offers++];
}

static bool is_settled(const struct correlate_ctx *cx, const struct host *h, uint64_t start) {
  uint64_t known = start > h->first ? start - h->first : 0;
  return !h->many && known >= cx->conf->baseline_ns && known >= KNOWN_NS &&
         h->flows >= h->settled + SETTLED && h->flows >= (uint64_t)h->offers * SETTLED;
}

static bool is_barred(const struct correlate_ctx *cx, const struct conn *c) {
  unsigned line;
  return finding_book_has(cx->findings, "port_scan", c->client) ||
         segments_judge(cx->segments, c->client, c->server, c->sport, &line) == VERDICT_ALLOW;
}

static void say(struct correlate_ctx *cx, const struct flow_record *f, const struct offer *o,
                const struct host *h, bool shell) {
  struct raise r = correlate_of_flow(cx, &correlate_new_service_port, f);
  r.actor = &o->client;
  r.port = o->port;
  r.key = hash_mix(correlate_addr(f->conn.server), o->port) | 1;
  r.service = service_name(cx->names, f->conn.server, o->port);
  r.first_ns = o->first;
  r.severity = shell ? SEVERITY_MEDIUM : SEVERITY_LOW;
  r.confidence = 50;
  r.per_endpoint = true;
  unsigned long long flows = h->flows;
  r.reason = shell ? correlate_text(cx, "After %llu connections of other protocols port %u speaks %s.",
                                    (unsigned long long)o->named, o->port, f->protocol)
                   : correlate_text(cx, "After %llu connections to %u others this server answers on port %u.",
                                    flows, h->offers - 1, o->port);
  r.reason_zh = shell ? correlate_text(cx, "端口 %u 此前 %llu 次连接均为其他协议，现使用 %s。", o->port,
                                       (unsigned long long)o->named, f->protocol)
                      : correlate_text(cx, "该服务器此前 %llu 次连接仅用 %u 个端口，现在端口 %u 应答。",
                                       flows, h->offers - 1, o->port);
  correlate_raise(cx, &r);
}

/* Called as one of its other ports is, or only asked for its health. */
static bool is_plain(const struct state *st, const struct host *h, const struct offer *o, uint64_t server) {
  const struct called *c = store_find(&st->called, hash_mix(server, o->port));
  if (!c || c->probed) return c != NULL;
  for (uint32_t i = 0; c->name && i < h->offers; i++) {
    const struct called *k = store_find(&st->called, hash_mix(server, h->offer[i].port));
    if (k && k != c && k->name == c->name) return true;
  }
  return false;
}

/* The time to wait is over for ports that are new. */
static void settle(struct state *st, struct correlate_ctx *cx, struct host *h, const struct flow_record *f) {
  for (uint32_t i = 0; i < h->offers; i++) {
    struct offer *o = &h->offer[i];
    if (!o->waits || f->conn.first_ns < o->first + WAIT_NS) continue;
    const struct number *n = store_find(&st->numbers, hash_mix(o->port, NUMBERS));
    o->waits = false;
    if (n && n->hosts.count <= USUAL && !h->many && !is_plain(st, h, o, correlate_addr(f->conn.server)) &&
        !finding_book_has(cx->findings, "port_scan", o->client))
      say(cx, f, o, h, false);
  }
}

/* A caller of the server's other ports goes on in the same way: a deployment. */
static bool is_moving(const struct host *h, const struct flow_record *f, bool caller) {
  if (!caller || is_shell(f->protocol)) return false;
  bool unnamed = *f->protocol == 0, alike = !unnamed;
  for (uint32_t i = 0; i < h->offers; i++) alike |= !h->offer[i].named;
  return alike;
}

static void judge_new(struct correlate_ctx *cx, struct host *h, const struct flow_record *f, bool caller) {
  bool strange = is_settled(cx, h, f->conn.first_ns) && !is_barred(cx, &f->conn) &&
                 !is_system(f->conn.sport) && !is_moving(h, f, caller);
  struct offer *o = add(h, f->conn.sport, f->conn.first_ns);
  if (!o) return;
  o->waits = strange;
  memcpy(o->client, f->conn.client, 16);
  h->settled = h->flows;
}

static void event(void *state, struct correlate_ctx *cx, const struct api_event *e) {
  struct state *st = state;
  const struct conn *c = &e->txn->conn;
  if (e->txn->kind != TXN_CALL || c->proto != IPPROTO_TCP) return;
  if (c->sport >= EPHEMERAL || !zones_inside(cx->zones, c->server)) return;
  struct called *k = store_get(&st->called, cx, hash_mix(correlate_addr(c->server), c->sport));
  if (!k) return;
  k->name = correlate_key(e->service);
  k->probed = hops_is_probe(e->txn->path);
}

static void flow(void *state, struct correlate_ctx *cx, const struct flow_record *f) {
  struct state *st = state;
  const uint32_t blind = UNSEEN_MIDSTREAM | UNSEEN_ONE_SIDED | UNSEEN_SNAPLEN;
  if (f->conn.proto != IPPROTO_TCP || !f->payload[0] || !f->payload[1] || f->conn.sport >= EPHEMERAL) return;
  if (!zones_inside(cx->zones, f->conn.server) || f->unseen & blind) return;
  uint64_t server = correlate_addr(f->conn.server), client = correlate_addr(f->conn.client);
  struct host *h = store_get(&st->hosts, cx, server);
  struct number *n = store_get(&st->numbers, cx, hash_mix(f->conn.sport, NUMBERS));
  if (!h || !n) return;
  if (!h->first || f->conn.first_ns < h->first) h->first = f->conn.first_ns;
  if (f->conn.sport == 21 || f->conn.sport == 111 || f->conn.sport == 135) h->many = true;
  few_add(&n->hosts, cx, server, USUAL + 1);
  bool caller = h->callers.more || few_has(&h->callers, client), shell = is_shell(f->protocol);
  struct offer *o = find(h, f->conn.sport);
  if (!o) judge_new(cx, h, f, caller), o = find(h, f->conn.sport);
  h->flows++;
  few_add(&h->callers, cx, client, CALLERS);
  if (o) {
    o->flows++;
    if (shell && !o->shells++ && !f->transactions && o->named >= SETTLED && o->named * 10 >= o->flows * 9 &&
        is_settled(cx, h, f->conn.first_ns) && !is_barred(cx, &f->conn)) {
      memcpy(o->client, f->conn.client, 16);
      say(cx, f, o, h, true);
    }
    o->named += !shell && *f->protocol && strcmp(f->protocol, "socks") != 0;
  }
  settle(st, cx, h, f);
}

const struct correlation correlate_offers = {
    &correlate_new_service_port, sizeof(struct state), start, event, flow, NULL, stop};
