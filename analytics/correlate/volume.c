/* SPDX-License-Identifier: Apache-2.0 */
/* Too much: calls at a rate far above one's own past and one's peers, and whole catalogues read page by page. */
#include "analytics/correlate/correlate.h"

#define SEC 1000000000ULL
#define MINUTE (60 * SEC)
#define WINDOW_NS (600 * SEC)
enum {
  PEERS = 20,
  TIMES_PEERS = 8,
  SET = 4096,
  ENDPOINTS = 3,
  DEVICES = 2,
  OF_PROGRAMS = 10 /* partners are let read more */
};

const struct rule correlate_rate_anomaly = {
    .id = "rate_anomaly",
    .name = "Unusual rate of calls",
    .name_zh = "调用频率异常",
    .category = CATEGORY_ABUSE,
    .severity = SEVERITY_LOW,
    .technique = {"T1499.003"},
    .tactic = {"TA0040"},
    .owasp = {"API4:2023"},
    .reason = "One identity calls far more often than it did before and than its peers do.",
    .reason_zh = "同一身份的调用频率远超自身历史与同类用户。",
    .remedy = "Limit the rate by identity; see what it calls.",
    .remedy_zh = "按身份限流，核查其调用内容。"};
const struct rule correlate_scraping = {
    .id = "scraping",
    .name = "Content scraped",
    .name_zh = "爬取数据",
    .category = CATEGORY_ABUSE,
    .severity = SEVERITY_LOW,
    .technique = {"T1119", "T1213"},
    .tactic = {"TA0009", "TA0009"},
    .owasp = {"API6:2023", "API4:2023"},
    .reason = "One caller reads object after object or page after page, as no person does.",
    .reason_zh = "同一调用方逐个对象或逐页读取内容，疑似爬虫。",
    .remedy = "Limit the rate; demand a challenge; give partners an interface of their own.",
    .remedy_zh = "限流并启用人机验证，合作方使用专用接口。"};

struct caller {
  struct table_entry te;
  uint64_t minute, most; /* began; calls of its busiest finished minute */
  uint32_t calls, busy;  /* in this minute; busy minutes in a row */
  uint64_t since, last;  /* of reading */
  uint32_t reads;
  struct few pages, endpoints, devices;
  uint64_t rate_told;
  bool scraping;
};
struct state {
  struct store callers;
  uint32_t peers[32]; /* minutes of callers, by powers of two of calls */
  uint32_t all;
};

static void caller_done(void *e) {
  struct caller *c = e;
  few_done(&c->pages), few_done(&c->endpoints), few_done(&c->devices);
}
static int start(void *state, struct correlate_ctx *cx) {
  size_t cap = cx->conf->max_actors > 0 ? (size_t)cx->conf->max_actors : 200000;
  return store_init(&((struct state *)state)->callers, sizeof(struct caller), cap, caller_done);
}
static void stop(void *state, struct correlate_ctx *cx, bool end) {
  (void)cx, (void)end;
  store_done(&((struct state *)state)->callers);
}

static unsigned log2_of(uint64_t n) {
  unsigned k = 0;
  while (n >>= 1) k++;
  return k < 31 ? k : 31;
}

/* What ninety-nine of a hundred other minutes stay under. */
static uint64_t usual(const struct state *st, const struct caller *own) {
  uint32_t left = st->all / 100, at = own->calls ? log2_of(own->calls) : 32;
  for (unsigned k = 32; k-- > 0;) {
    uint32_t n = st->peers[k] - (k == at && st->peers[k]);
    if (n > left) return 2ULL << k;
    left -= n;
  }
  return 1;
}

/* A minute of n calls is one of n+1. */
static void count_up(struct state *st, uint32_t n) {
  unsigned from = log2_of(n), to = log2_of(n + 1);
  if (!n) st->all++;
  if (n && from == to) return;
  if (n && st->peers[from]) st->peers[from]--;
  st->peers[to]++;
}

static void rate(struct state *st, struct correlate_ctx *cx, const struct api_event *e, struct caller *c) {
  if (c->minute + MINUTE < cx->now) {
    bool busy = c->calls >= (uint64_t)cx->conf->rate_calls && c->calls >= usual(st, c) * TIMES_PEERS;
    if (busy && st->peers[log2_of(c->calls)]) st->peers[log2_of(c->calls)]--, st->all--;
    if (!busy && c->calls > c->most) c->most = c->calls;
    c->busy = busy && c->minute + 2 * MINUTE >= cx->now ? c->busy + 1 : 0;
    c->minute = cx->now, c->calls = 0;
  }
  count_up(st, c->calls++);
  bool much = c->calls >= (uint64_t)cx->conf->rate_calls && st->all >= PEERS;
  if (!much || c->calls < usual(st, c) * TIMES_PEERS || c->calls < c->most * TIMES_PEERS || !c->busy) return;
  if (c->rate_told == c->minute) return; /* once a minute */
  c->rate_told = c->minute;
  struct raise r = correlate_of(&correlate_rate_anomaly, e);
  r.key = cx->who;
  r.count = c->calls;
  r.first_ns = c->minute;
  r.confidence = 60;
  r.reason = correlate_text(cx, "%u calls within a minute, as in the minute before.", c->calls);
  r.reason_zh = correlate_text(cx, "一分钟内调用 %u 次，前一分钟亦然。", c->calls);
  r.baseline = correlate_text(cx, "Callers make at most %llu a minute; this one made %llu before.",
                              (unsigned long long)usual(st, c), (unsigned long long)c->most);
  correlate_raise(cx, &r);
}

/* Many distinct targets of few endpoints from one device; people look at a few, proxies show many devices. */
static void pages(struct correlate_ctx *cx, const struct api_event *e, struct caller *c) {
  const struct txn *t = e->txn;
  if (!span_eq(t->method, SPAN_LIT("GET")) || t->status < 200 || t->status >= 300) return;
  if (!c->since || c->last + WINDOW_NS < cx->now || (!c->scraping && c->since + WINDOW_NS < cx->now)) {
    few_done(&c->pages), few_done(&c->endpoints), few_done(&c->devices);
    c->since = cx->now, c->reads = 0, c->scraping = false;
  }
  c->last = cx->now;
  c->reads++;
  few_add(&c->pages, cx, hash64(t->target, 28), SET);
  few_add(&c->endpoints, cx, cx->endpoint, SET);
  few_add(&c->devices, cx, correlate_key(e->who.device), DEVICES + 1);
  bool people = c->devices.count > DEVICES || c->endpoints.count > ENDPOINTS * 4;
  uint32_t n = c->pages.count;
  uint64_t least = (uint64_t)cx->conf->scrape_objects * (correlate_is_program(e) ? OF_PROGRAMS : 1);
  if (!c->scraping && (people || n < least || n / ENDPOINTS < c->endpoints.count * 10)) return;
  if (finding_book_has(cx->findings, "bola_enumeration", e->who.origin) || n % 50 != 0) return;
  struct raise r = correlate_of(&correlate_scraping, e);
  r.key = cx->who;
  r.count = c->scraping ? 50 : c->reads;
  r.first_ns = c->since;
  r.outcome = OUTCOME_SUCCESS;
  r.confidence = 65;
  r.reason = correlate_text(cx, "%u distinct pages of %u endpoints within %llu s.", n, c->endpoints.count,
                            (unsigned long long)((cx->now - c->since) / SEC));
  r.reason_zh = correlate_text(cx, "%llu 秒内读取 %u 个接口的 %u 个不同页面。",
                               (unsigned long long)((cx->now - c->since) / SEC), c->endpoints.count, n);
  c->scraping = true;
  correlate_raise(cx, &r);
}

static void event(void *state, struct correlate_ctx *cx, const struct api_event *e) {
  struct state *st = state;
  if (e->txn->kind != TXN_CALL || !cx->outside || !e->txn->path.len || cx->traits & TRAIT_PROBE) return;
  if (e->who.inner_hop && hops_is_relay(cx->hops, e->txn->conn.client)) return; /* counted where it came in */
  struct caller *c = store_get(&st->callers, cx, cx->who);
  if (!c) return;
  if (cx->session) rate(st, cx, e, c);
  pages(cx, e, c);
}

const struct correlation correlate_volume = {
    &correlate_rate_anomaly, sizeof(struct state), start, event, NULL, NULL, stop};
