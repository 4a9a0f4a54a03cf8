/* SPDX-License-Identifier: Apache-2.0 */
/* Who may read what: an endpoint whose answers hold data of a high grade has few callers inside, and gets another. */
#include "analytics/correlate/leak.h"

#define SEC 1000000000ULL
enum {
  ENDPOINTS = 65536,
  PAIRS = 200000,
  HOSTS = 65536,
  FEW = 5,      /* callers of a closed circle */
  SETTLED = 50, /* calls since the last one joined */
  GRAVE = 5,    /* answers with such data */
  GRAPH_CALLS = 300,
  CHANCES = 20, /* calls of the newcomer to other endpoints, each a chance to call this one */
  CHANCES_LONG = 50,
  CHANCES_AT_WORK = 3,
  NAMES = 8,        /* services that a host answers as */
  CREDENTIALS = 16, /* of the circle */
  CIRCLES_TOLD = 2  /* newcomers of an endpoint: with more it is open to ever more */
};

const struct rule correlate_new_sensitive_caller = {
    .id = "new_sensitive_caller",
    .name = "New caller of a sensitive endpoint",
    .name_zh = "敏感接口出现新的调用方",
    .category = CATEGORY_LATERAL,
    .severity = SEVERITY_MEDIUM,
    .technique = {"T1213"},
    .tactic = {"TA0009"},
    .owasp = {"API5:2023"},
    .reason =
        "A known host inside calls an endpoint with data of a high grade that only few others ever called.",
    .reason_zh = "内网已知主机首次调用仅有少数固定调用方的高敏感级数据接口。",
    .remedy = "Ask the owner of the endpoint whether the caller is meant to read it; if not, refuse it and "
              "look at the "
              "host.",
    .remedy_zh = "向接口负责人确认该调用方是否应读取此数据；若否，禁止访问并排查该主机。"};

enum { JUDGED_NOT, JUDGED_NORMAL, JUDGED_STRANGE };
struct endpoint {
  struct table_entry te;
  uint64_t first, calls, joined_at; /* joined_at: calls when the last caller joined */
  uint64_t grave;                   /* answers that held such data */
  uint64_t caller[FEW];
  uint32_t callers, told;
  bool open; /* called from outside, by people, or by more than a few */
  struct few credentials;
};
struct pair {
  struct table_entry te;
  uint64_t uses;
  uint8_t judged;
};
struct host {
  struct table_entry te;
  uint64_t first, made;
  uint64_t name[NAMES]; /* hashes of the services that it answers as */
  uint32_t names;
};
struct state {
  struct store endpoints, pairs, hosts;
  uint64_t calls;
};

static void endpoint_done(void *e) { few_done(&((struct endpoint *)e)->credentials); }

static int start(void *state, struct correlate_ctx *cx) {
  struct state *s = state;
  (void)cx;
  int rc = store_init(&s->endpoints, sizeof(struct endpoint), ENDPOINTS, endpoint_done);
  if (rc >= 0) rc = store_init(&s->pairs, sizeof(struct pair), PAIRS, NULL);
  return rc < 0 ? rc : store_init(&s->hosts, sizeof(struct host), HOSTS, NULL);
}
static void stop(void *state, struct correlate_ctx *cx, bool end) {
  struct state *s = state;
  (void)cx, (void)end;
  store_done(&s->endpoints), store_done(&s->pairs), store_done(&s->hosts);
}

static const struct data_hit *grave_hit(const struct api_event *e) {
  const struct data_hits *all = &e->data[DIR_RESPONSE];
  for (uint32_t i = 0; i < all->count; i++) {
    const struct grade *g = &all->item[i].grade;
    if (leak_credential(&all->item[i])) continue; /* what hands out tokens is called by whoever logs in */
    if (g->jrt0197 >= 4 || g->jrt0171 == 3 || g->pci) return &all->item[i];
  }
  return NULL;
}

/* A person's browser, or nobody inside: such an endpoint has no circle of callers. */
static bool is_open(const struct correlate_ctx *cx, const struct api_event *e) {
  struct span agent = headers_get(&e->txn->side[DIR_REQUEST].headers, "user-agent");
  return !zones_inside(cx->zones, e->txn->conn.client) ||
         (!e->who.forwarded && span_starts(agent, SPAN_LIT("Mozilla/")));
}

static void learn_name(struct state *st, struct correlate_ctx *cx, const struct api_event *e) {
  struct host *h = store_get(&st->hosts, cx, correlate_addr(e->txn->conn.server));
  uint64_t name = correlate_key(e->service);
  if (!h || !name || h->names == NAMES) return;
  for (uint32_t i = 0; i < h->names; i++)
    if (h->name[i] == name) return;
  h->name[h->names++] = name;
}

/* Another instance of a caller: it answers as the same service, or shows the same credential. */
static bool is_instance(const struct state *st, const struct endpoint *p, const struct host *h,
                        const struct api_event *e) {
  if (e->who.session.len && few_has(&p->credentials, correlate_key(e->who.session))) return true;
  if (e->who.user.len && few_has(&p->credentials, correlate_key(e->who.user))) return true;
  for (uint32_t i = 0; i < p->callers; i++) {
    const struct host *o = store_find(&st->hosts, p->caller[i]);
    for (uint32_t a = 0; o && a < o->names; a++)
      for (uint32_t b = 0; b < h->names; b++)
        if (o->name[a] == h->name[b]) return true;
  }
  return false;
}

/* Enough is known of the endpoint and of its new caller to call this strange. */
static bool is_strange(const struct state *st, const struct correlate_ctx *cx, const struct endpoint *p,
                       const struct host *h, uint64_t start) {
  if (p->open || !p->callers || p->told >= CIRCLES_TOLD) return false;
  if (p->calls < p->joined_at + SETTLED || p->grave < GRAVE || p->grave * 4 < p->calls) return false;
  uint64_t since = p->first > h->first ? p->first : h->first, known = start > since ? start - since : 0;
  if (known >= cx->conf->baseline_ns && known >= 600 * SEC) return h->made >= CHANCES_LONG;
  return st->calls >= GRAPH_CALLS && h->made >= CHANCES;
}

static uint8_t judge(const struct state *st, const struct correlate_ctx *cx, const struct api_event *e,
                     const struct endpoint *p, const struct host *h, const struct pair *k) {
  const struct txn *t = e->txn;
  const struct conn *c = &t->conn;
  const uint32_t blind = UNSEEN_ONE_SIDED | UNSEEN_SNAPLEN | UNSEEN_GAP | UNSEEN_MEMORY;
  unsigned line;
  bool caused = e->who.forwarded || e->who.inner_hop || memcmp(e->who.origin, c->client, 16) != 0;
  if (txn_unseen(t) & blind || cx->lossy || caused || !is_strange(st, cx, p, h, hops_start(t)))
    return JUDGED_NORMAL;
  if (segments_judge(cx->segments, c->client, c->server, c->sport, &line) == VERDICT_ALLOW)
    return JUDGED_NORMAL;
  if (is_instance(st, p, h, e) || finding_book_has(cx->findings, "port_scan", c->client) ||
      finding_book_has(cx->findings, "new_edge", c->client))
    return JUDGED_NORMAL;
  if (!hops_at_work(cx->hops, c->client, hops_start(t))) return JUDGED_STRANGE;
  return k->uses >= CHANCES_AT_WORK ? JUDGED_NORMAL : JUDGED_NOT;
}

static void say(struct correlate_ctx *cx, const struct api_event *e, const struct endpoint *p,
                uint64_t before) {
  struct raise r = correlate_of(&correlate_new_sensitive_caller, e);
  const struct data_hit *hit = grave_hit(e);
  bool given = hit && e->txn->status >= 200 && e->txn->status < 300;
  bool refused = e->txn->status >= 400;
  const char *what = hit ? hit->class_id : "none in this answer";
  r.actor = &e->txn->conn.client;
  r.key = hash_mix(correlate_addr(e->txn->conn.client), correlate_key(e->service)) | 1;
  r.severity = given ? SEVERITY_HIGH : SEVERITY_MEDIUM;
  r.outcome = given ? OUTCOME_SUCCESS : refused ? OUTCOME_ATTEMPTED : OUTCOME_PROBABLE;
  r.confidence = before >= CHANCES_LONG * 2 && p->calls >= SETTLED * 4 ? 70 : 50;
  unsigned long long calls = p->calls, made = before;
  r.reason = correlate_text(
      cx,
      "%u callers made all %llu calls of this endpoint before; this host made %llu calls, none "
      "to it. Data: %s.",
      p->callers, calls, made, what);
  r.reason_zh = correlate_text(
      cx, "该接口此前 %llu 次调用均来自 %u 个固定调用方；该主机此前 %llu 次调用从未访问该接口。", calls,
      p->callers, made);
  correlate_raise(cx, &r);
}

static void join(struct correlate_ctx *cx, struct endpoint *p, const struct api_event *e, bool first) {
  p->calls++;
  if (grave_hit(e)) p->grave++;
  if (!p->open && e->who.session.len)
    few_add(&p->credentials, cx, correlate_key(e->who.session), CREDENTIALS);
  if (!p->open && e->who.user.len) few_add(&p->credentials, cx, correlate_key(e->who.user), CREDENTIALS);
  if (!first) return;
  if (p->callers == FEW)
    p->open = true;
  else
    p->caller[p->callers++] = correlate_addr(e->txn->conn.client);
  p->joined_at = p->calls;
}

static void event(void *state, struct correlate_ctx *cx, const struct api_event *e) {
  struct state *st = state;
  const struct txn *t = e->txn;
  if (t->kind != TXN_CALL || t->statement || !cx->endpoint || cx->stray || cx->traits & TRAIT_PROBE) return;
  struct endpoint *p =
      grave_hit(e) ? store_get(&st->endpoints, cx, cx->endpoint) : store_find(&st->endpoints, cx->endpoint);
  if (p && is_open(cx, e)) p->open = true;
  if (!zones_inside(cx->zones, t->conn.client)) return;
  uint64_t from = correlate_addr(t->conn.client);
  struct host *h = store_get(&st->hosts, cx, from);
  st->calls++;
  learn_name(st, cx, e);
  if (!h) return;
  if (!h->first) h->first = hops_start(t);
  h->made++;
  if (!p) return;
  if (!p->first) p->first = hops_start(t);
  struct pair *k = p->open ? NULL : store_get(&st->pairs, cx, hash_mix(cx->endpoint, from));
  if (!k) return;
  bool first = !k->judged;
  k->uses++;
  if (first) {
    h->made--; /* what it did before */
    k->judged = judge(st, cx, e, p, h, k);
    h->made++;
    p->told += k->judged == JUDGED_STRANGE;
  }
  if (k->judged == JUDGED_STRANGE)
    say(cx, e, p, h->made - k->uses);
  else
    join(cx, p, e, first && k->judged == JUDGED_NORMAL);
}

const struct correlation correlate_callers = {
    &correlate_new_sensitive_caller, sizeof(struct state), start, event, NULL, NULL, stop};
