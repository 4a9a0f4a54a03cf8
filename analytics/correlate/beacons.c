/* SPDX-License-Identifier: Apache-2.0 */
/* Beacons: calls or flows from inside to one place outside at even intervals, whatever the protocol. */
#include "analytics/correlate/correlate.h"

#include <netinet/in.h>
#include <stdlib.h>

#define SEC 1000000000ULL
enum { TIMES = 64, LEAST = 16, MANY = 30 /* to believe in looser beats */, JUDGE_EACH = 4, POPULAR = 8 };

const struct rule correlate_beaconing = {
    .id = "beaconing",
    .name = "Beaconing to the outside",
    .name_zh = "周期性外联",
    .category = CATEGORY_LATERAL,
    .severity = SEVERITY_HIGH,
    .technique = {"T1071", "T1571", "T1029"},
    .tactic = {"TA0011", "TA0011", "TA0010"},
    .reason = "A host inside calls one address outside at even intervals, as implants do.",
    .reason_zh = "内部主机以固定周期连接外部地址，疑似远控心跳。",
    .remedy = "Block the address, isolate the host, look for the program that calls.",
    .remedy_zh = "封禁外部地址，隔离主机，排查外联程序。"};

struct pulse {
  struct table_entry te;
  uint64_t time[TIMES]; /* ring of starts */
  uint32_t next, count, judged;
  uint64_t first, seen;
  bool told;
};
struct called {
  struct table_entry te;
  struct few callers; /* hosts inside that call it */
};
struct state {
  struct store pulses, places;
};

static void place_done(void *e) { few_done(&((struct called *)e)->callers); }

static int start(void *state, struct correlate_ctx *cx) {
  struct state *s = state;
  size_t cap = cx->conf->max_actors > 0 ? (size_t)cx->conf->max_actors / 4 + 64 : 50000;
  int rc = store_init(&s->pulses, sizeof(struct pulse), cap, NULL);
  return rc < 0 ? rc : store_init(&s->places, sizeof(struct called), cap, place_done);
}
static void stop(void *state, struct correlate_ctx *cx, bool end) {
  struct state *s = state;
  (void)cx, (void)end;
  store_done(&s->pulses), store_done(&s->places);
}

/* What ticks by design: time, telephony, tunnels that keep a NAT open, logs and traps. */
static bool ticks_by_design(const struct conn *c) {
  static const uint16_t ports[] = {123, 3478,  5349, 500, 4500, 514,  161,
                                   162, 51820, 1194, 67,  68,   5353, 1900};
  if (c->proto != IPPROTO_UDP) return false;
  for (size_t i = 0; i < sizeof ports / sizeof *ports; i++)
    if (c->sport == ports[i]) return true;
  return false;
}

static int by_value(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return x < y ? -1 : x > y;
}

/* Median and median absolute deviation of n values; sorts them. */
static uint64_t median(uint64_t *v, size_t n, uint64_t *deviation) {
  qsort(v, n, sizeof *v, by_value);
  uint64_t m = v[n / 2];
  for (size_t i = 0; i < n; i++) v[i] = v[i] > m ? v[i] - m : m - v[i];
  qsort(v, n, sizeof *v, by_value);
  *deviation = v[n / 2];
  return m;
}

/* The period in ns, 0 where there is none. A lost beat shows as a double interval and is forgiven by medians. */
static uint64_t period(const struct pulse *p, uint64_t *jitter) {
  uint64_t at[TIMES], gap[TIMES];
  for (uint32_t i = 0; i < p->count; i++) at[i] = p->time[i];
  qsort(at, p->count, sizeof *at, by_value);
  size_t n = 0;
  for (uint32_t i = 1; i < p->count; i++)
    if (at[i] > at[i - 1]) gap[n++] = at[i] - at[i - 1];
  if (n + 2 < LEAST) return 0;
  uint64_t m = median(gap, n, jitter);
  size_t even = 0;
  for (size_t i = 0; i < n; i++) even += gap[i] * 10 <= m * 4; /* gap now holds deviations */
  bool steady = even * 5 >= n * 4 && (*jitter * 5 <= m || (n >= MANY && *jitter * 10 <= m * 3));
  return steady && m >= SEC / 2 ? m : 0;
}

static void say(struct correlate_ctx *cx, const struct conn *c, struct pulse *p, uint64_t every,
                uint64_t jitter, struct raise *r) {
  r->actor = &c->client;
  r->nactors = 1;
  r->target = &c->server;
  r->ntargets = 1;
  r->port = c->sport;
  r->key = hash_mix(correlate_addr(c->client), correlate_addr(c->server)) | 1;
  r->count = p->told ? 1 : p->seen;
  r->first_ns = p->first;
  r->outcome = OUTCOME_PROBABLE;
  r->confidence = 75;
  r->linger_ns = every * 4;
  if (!p->told) {
    r->reason = correlate_text(cx, "%llu calls, one every %.1f s with %.1f s of jitter.",
                               (unsigned long long)p->seen, (double)every / SEC, (double)jitter / SEC);
    r->reason_zh = correlate_text(cx, "%llu 次外联，周期 %.1f 秒，抖动 %.1f 秒。",
                                  (unsigned long long)p->seen, (double)every / SEC, (double)jitter / SEC);
  }
  p->told = true;
  correlate_raise(cx, r);
}

static void beat(struct state *st, struct correlate_ctx *cx, const struct conn *c, uint64_t key, uint64_t ns,
                 struct raise *r) {
  uint64_t jitter = 0;
  struct pulse *p = store_get(&st->pulses, cx, key);
  struct called *at = store_get(&st->places, cx, hash_mix(correlate_addr(c->server), c->sport));
  if (!p || !at) return;
  few_add(&at->callers, cx, correlate_addr(c->client), POPULAR);
  if (!p->first || ns < p->first) p->first = ns;
  p->time[p->next] = ns;
  p->next = (p->next + 1) % TIMES;
  if (p->count < TIMES) p->count++;
  p->seen++;
  if (p->count < LEAST || (!p->told && p->seen < p->judged + JUDGE_EACH && p->judged)) return;
  if (at->callers.count >= POPULAR && !p->told) return; /* what the whole estate calls is a service to it */
  p->judged = (uint32_t)p->seen;
  uint64_t every = period(p, &jitter);
  if (every || p->told) say(cx, c, p, every, jitter, r);
}

static uint64_t pair_of(const struct conn *c) {
  return hash_mix(hash_mix(correlate_addr(c->client), correlate_addr(c->server)), c->sport);
}

static bool goes_out(const struct correlate_ctx *cx, const struct conn *c) {
  return zones_inside(cx->zones, c->client) && zones_of(cx->zones, c->server) == ZONE_INTERNET &&
         !zones_is_group(c->server) && !zones_is_metadata(c->server) && !ticks_by_design(c);
}

/* Films and songs come in pieces, at the pace at which they are played. */
static bool is_stream(const struct txn *t) {
  struct span m = t->side[DIR_RESPONSE].mime;
  return span_starts(m, SPAN_LIT("video/")) || span_starts(m, SPAN_LIT("audio/")) ||
         span_find(m, SPAN_LIT("mpegurl")) < m.len || span_find(m, SPAN_LIT("dash+xml")) < m.len ||
         span_ends(t->path, SPAN_LIT(".ts")) || span_ends(t->path, SPAN_LIT(".m4s")) ||
         t->side[DIR_RESPONSE].body_bytes > 256 * 1024;
}

static void event(void *state, struct correlate_ctx *cx, const struct api_event *e) {
  const struct txn *t = e->txn;
  if (t->kind == TXN_DNS || !goes_out(cx, &t->conn) || is_stream(t)) return;
  struct raise r = correlate_of(&correlate_beaconing, e);
  uint64_t pair = pair_of(&t->conn);
  if (t->kind == TXN_CALL) beat(state, cx, &t->conn, hash64(e->endpoint, pair), hops_start(t), &r);
  beat(state, cx, &t->conn, pair, hops_start(t), &r);
}

static void flow(void *state, struct correlate_ctx *cx, const struct flow_record *f) {
  if (f->transactions || !goes_out(cx, &f->conn)) return;
  struct raise r = {.rule = &correlate_beaconing, .ns = f->conn.first_ns, .unseen = f->unseen};
  r.service = service_name(cx->names, f->conn.server, f->conn.sport);
  beat(state, cx, &f->conn, pair_of(&f->conn), f->conn.first_ns, &r);
}

const struct correlation correlate_beacons = {
    &correlate_beaconing, sizeof(struct state), start, event, flow, NULL, stop};
