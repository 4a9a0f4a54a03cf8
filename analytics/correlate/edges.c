/* SPDX-License-Identifier: Apache-2.0 */
/* The service graph, learned and guarded: a service that has long kept to its callees calls a new one by itself. */
#include "analytics/correlate/correlate.h"

#include <netinet/in.h>

#define SEC 1000000000ULL
enum {
  EDGES = 200000,
  HOSTS = 65536,
  CHANCES = 5,
  CHANCES_LONG = 50,
  CHANCES_EACH = 10,
  GRAPH_CALLS = 300,
  CHANCES_AT_WORK = 3,
  FTP_DATA = 20 /* the port from which a server of FTP opens data connections, RFC 959 */
};

const struct rule correlate_new_edge = {
    .id = "new_edge",
    .name = "New edge in the service graph",
    .name_zh = "新增服务调用关系",
    .category = CATEGORY_LATERAL,
    .severity = SEVERITY_MEDIUM,
    .technique = {"T1021", "T1210"},
    .tactic = {"TA0008", "TA0008"},
    .owasp = {"API9:2023"},
    .reason = "A service calls another that it never called before, and no caller of its own asked for it.",
    .reason_zh = "服务主动调用了此前从未调用过的内部服务。",
    .remedy = "Ask the owners whether the call is new by design; if so accept it, else isolate the caller.",
    .remedy_zh = "向负责人确认是否为设计变更；若非，隔离调用方。"};

struct edge {
  struct table_entry te;
  uint64_t first, last, uses;
  uint8_t judged; /* as judge() says */
};
/* What a host did so far: each answered or made call was a chance to use an edge. */
struct host {
  struct table_entry te;
  uint64_t first, made, answered;
  uint32_t callees;
};
struct state {
  struct store edges, hosts, pairs; /* pairs: caller and callee, whatever the port */
  uint64_t calls;                   /* between hosts inside, all edges */
};

static int start(void *state, struct correlate_ctx *cx) {
  struct state *s = state;
  (void)cx;
  int rc = store_init(&s->edges, sizeof(struct edge), EDGES, NULL);
  if (rc >= 0) rc = store_init(&s->hosts, sizeof(struct host), HOSTS, NULL);
  return rc < 0 ? rc : store_init(&s->pairs, sizeof(struct table_entry), EDGES, NULL);
}
static void stop(void *state, struct correlate_ctx *cx, bool end) {
  struct state *s = state;
  (void)cx, (void)end;
  store_done(&s->edges), store_done(&s->hosts), store_done(&s->pairs);
}

/* Enough is known of the caller to call this strange. */
static bool is_strange(const struct state *st, const struct correlate_ctx *cx, const struct host *h,
                       uint64_t start, uint64_t end) {
  uint64_t answered = h->answered, chances = answered + h->made;
  uint64_t known = start > h->first ? start - h->first : 0;
  if (known >= cx->conf->baseline_ns && known >= 600 * SEC)
    return chances >= CHANCES_LONG && chances >= (uint64_t)h->callees * CHANCES_EACH;
  if (start + 60 * SEC < end) return false; /* told late: what was known when it began is forgotten */
  if (st->calls < GRAPH_CALLS || st->calls < st->edges.table.count * CHANCES_EACH) return false;
  return answered >= CHANCES && chances >= (uint64_t)h->callees * CHANCES_EACH + CHANCES;
}

/* 1 normal, 2 strange, 0 not clear yet: a caller that was at work on something may have been so by chance. */
static uint8_t judge(const struct state *st, const struct correlate_ctx *cx, const struct conn *c,
                     const struct host *h, const struct edge *e, const struct raise *r, bool caused) {
  unsigned line;
  if (r->unseen & (UNSEEN_ONE_SIDED | UNSEEN_SNAPLEN))
    return 1; /* nor are the calls that may have caused it */
  if (segments_judge(cx->segments, c->client, c->server, c->sport, &line) == VERDICT_ALLOW) return 1;
  if (caused || !is_strange(st, cx, h, e->first, r->ns) ||
      finding_book_has(cx->findings, "port_scan", c->client))
    return 1;
  if (!hops_at_work(cx->hops, c->client, e->last)) return 2;
  return e->uses >= CHANCES_AT_WORK ? 1 : 0;
}

/* Whether the server of c calls its client: a connection the other way is then easily taken for what it is not. */
static bool turned(const struct state *st, const struct conn *c) {
  return store_find(&st->pairs, hash_mix(correlate_addr(c->server), correlate_addr(c->client))) != NULL;
}

static void say(const struct state *st, struct correlate_ctx *cx, const struct conn *c, const struct host *h,
                const struct edge *e, struct raise *r) {
  unsigned long long before = h->made - e->uses, answers = h->answered;
  if (before || !answers) {
    r->reason = correlate_text(
        cx, "After %llu calls to %u others, this host calls port %u of a host it never called.", before,
        h->callees - 1, c->sport);
    r->reason_zh =
        correlate_text(cx, "该主机此前共 %llu 次调用 %u 个对象，现调用从未调用过的主机的 %u 端口。", before,
                       h->callees - 1, c->sport);
    return;
  }
  bool back = turned(st, c);
  r->reason = correlate_text(cx,
                             "After %llu answers this host, which never called any other inside, opens a "
                             "connection to port %u of %s.",
                             answers, c->sport, back ? "one of its own callers" : "another");
  r->reason_zh =
      correlate_text(cx, "该主机此前只应答（%llu 次），从未在内网主动发起连接，现主动连接%s的 %u 端口。",
                     answers, back ? "其调用方" : "另一主机", c->sport);
}

static void see(struct state *st, struct correlate_ctx *cx, const struct conn *c, uint64_t start, bool caused,
                struct raise *r) {
  if (!zones_inside(cx->zones, c->client) || !zones_inside(cx->zones, c->server)) return;
  if (zones_is_metadata(c->server) || zones_is_group(c->server) || c->proto != IPPROTO_TCP) return;
  uint64_t from = correlate_addr(c->client),
           key = hash_mix(hash_mix(from, correlate_addr(c->server)), c->sport);
  struct host *h = store_get(&st->hosts, cx, from);
  struct edge *e = store_get(&st->edges, cx, key);
  if (!h || !e) return;
  if (!h->first) h->first = start;
  e->uses++;
  e->last = start;
  st->calls++;
  bool first = !e->first;
  if (first) e->first = start;
  if (first) store_get(&st->pairs, cx, hash_mix(from, correlate_addr(c->server)));
  if (!e->judged) e->judged = judge(st, cx, c, h, e, r, caused);
  h->callees += first;
  h->made++;
  if (e->judged != 2) return;
  r->actor = &c->client;
  r->nactors = 1;
  r->target = &c->server;
  r->ntargets = 1;
  r->port = c->sport;
  r->key = key;
  r->outcome = OUTCOME_PROBABLE;
  r->confidence = 70;
  say(st, cx, c, h, e, r);
  correlate_raise(cx, r);
}

static void event(void *state, struct correlate_ctx *cx, const struct api_event *e) {
  if (e->txn->kind != TXN_CALL) return;
  struct raise r = correlate_of(&correlate_new_edge, e);
  struct host *server = store_get(&((struct state *)state)->hosts, cx, correlate_addr(e->txn->conn.server));
  if (server && !hops_is_probe(e->txn->path)) server->answered++;
  bool caused = e->who.forwarded || memcmp(e->who.origin, e->txn->conn.client, 16) != 0;
  see(state, cx, &e->txn->conn, hops_start(e->txn), caused, &r);
}

static void flow(void *state, struct correlate_ctx *cx, const struct flow_record *f) {
  if (f->transactions || !f->payload[0] || !f->payload[1]) return;
  /* An old connection's ends may be told the wrong way round; a server of FTP calls back as it was asked to. */
  if ((f->unseen & UNSEEN_MIDSTREAM || f->conn.cport == FTP_DATA) && turned(state, &f->conn)) return;
  struct raise r = {.rule = &correlate_new_edge, .ns = f->last_ns, .unseen = f->unseen};
  r.service = service_name(cx->names, f->conn.server, f->conn.sport);
  see(state, cx, &f->conn, f->conn.first_ns, false, &r);
}

const struct correlation correlate_edges = {
    &correlate_new_edge, sizeof(struct state), start, event, flow, NULL, stop};
