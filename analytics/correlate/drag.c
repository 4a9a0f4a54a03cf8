/* SPDX-License-Identifier: Apache-2.0 */
/* Data dragging: one identity or address takes unusual numbers of people's records, by paging, export or slowly. */
#include "analytics/correlate/correlate.h"

#define SEC 1000000000ULL
#define QUIET_NS (1200 * SEC)
enum { RECORDS = 1000, SUBJECTS = 500, SET = 8192, BULK_BYTES = 4 << 20, LARGE_PAGE = 500, LARGE_CALLS = 3 };

const struct rule correlate_data_drag = {
    .id = "data_drag",
    .name = "Data dragged out in bulk",
    .name_zh = "批量拖取数据",
    .category = CATEGORY_ABUSE,
    .severity = SEVERITY_HIGH,
    .technique = {"T1213", "T1119", "T1030"},
    .tactic = {"TA0009", "TA0009", "TA0010"},
    .owasp = {"API4:2023", "API6:2023"},
    .reason = "One caller took far more records with personal data than its peers and than itself before.",
    .reason_zh = "同一调用方拉取的个人信息记录数量远超同类及自身历史。",
    .remedy = "Ask the owner whether this was meant; cap page sizes; watermark and approve exports.",
    .remedy_zh = "核实是否为授权操作，限制分页大小，导出需审批并加水印。"};

struct taker {
  struct table_entry te;
  uint64_t since, last;
  uint64_t records, bytes;
  uint32_t calls, personal, large;
  struct few subjects;
  uint64_t usual; /* most records of an earlier episode that was not told */
  bool told;
};
struct state {
  struct store takers;
  uint32_t peers[40]; /* records taken by finished or running episodes, by powers of two */
  uint32_t all;
};

static void taker_done(void *e) { few_done(&((struct taker *)e)->subjects); }

static int start(void *state, struct correlate_ctx *cx) {
  size_t cap = cx->conf->max_actors > 0 ? (size_t)cx->conf->max_actors : 200000;
  return store_init(&((struct state *)state)->takers, sizeof(struct taker), cap, taker_done);
}
static void stop(void *state, struct correlate_ctx *cx, bool end) {
  (void)cx, (void)end;
  store_done(&((struct state *)state)->takers);
}

static unsigned log2_of(uint64_t n) {
  unsigned k = 0;
  while (n >>= 1) k++;
  return k < 39 ? k : 39;
}

/* What nineteen of twenty episodes stay under. */
static uint64_t usual(const struct state *st) {
  uint32_t left = st->all / 20;
  for (unsigned k = 40; k-- > 0;) {
    if (st->peers[k] > left) return 2ULL << k;
    left -= st->peers[k];
  }
  return 1;
}

static void fresh(struct state *st, struct taker *t, uint64_t now) {
  if (t->since && t->last + QUIET_NS >= now) return;
  if (t->since && !t->told) {
    st->peers[log2_of(t->records)]++, st->all++;
    if (t->records > t->usual) t->usual = t->records;
  }
  uint64_t before = t->usual;
  struct table_entry te = t->te;
  taker_done(t);
  *t = (struct taker){.te = te, .since = now, .usual = before};
}

/* A page or limit parameter of at least LARGE_PAGE. */
static bool asks_much(struct span query) {
  static const char *const names[] = {"size", "limit", "pagesize", "page_size", "per_page", "perpage",
                                      "rows", "count", "top",      "max",       "$top",     "maxresults"};
  while (query.len) {
    struct span pair = span_cut(&query, '&'), name = span_cut(&pair, '=');
    uint64_t n;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
      if (span_eq_nocase(name, span_str(names[i])) && span_u64(pair, &n) == 0 && n >= LARGE_PAGE) return true;
  }
  return false;
}

static void say(struct state *st, struct correlate_ctx *cx, const struct api_event *e, struct taker *t) {
  struct raise r = correlate_of(&correlate_data_drag, e);
  unsigned long long seconds = (cx->now - t->since) / SEC;
  r.count = t->told ? 1 : t->calls;
  r.first_ns = t->since;
  r.outcome = OUTCOME_SUCCESS;
  r.confidence = t->records >= RECORDS * 4 ? 90 : 75;
  r.severity = t->records >= RECORDS * 4 ? SEVERITY_CRITICAL : SEVERITY_HIGH;
  r.reason = correlate_text(cx, "%llu records about at least %u people in %u calls within %llu s.",
                            (unsigned long long)t->records, t->subjects.count, t->calls, seconds);
  r.reason_zh = correlate_text(cx, "%llu 秒内 %u 次调用取走 %llu 条记录，涉及至少 %u 人。", seconds, t->calls,
                               (unsigned long long)t->records, t->subjects.count);
  r.baseline = correlate_text(
      cx, "Nineteen of twenty callers take at most %llu records at a time; this one took %llu before.",
      (unsigned long long)usual(st), (unsigned long long)t->usual);
  t->told = true;
  correlate_raise(cx, &r);
}

static void event(void *state, struct correlate_ctx *cx, const struct api_event *e) {
  struct state *st = state;
  const struct txn *x = e->txn;
  uint32_t subjects = 0, count = 0;
  if (x->kind != TXN_CALL || x->status >= 400) return;
  const struct data_hits *hits = &e->data[DIR_RESPONSE];
  bool much = asks_much(x->query);
  if (!hits->count && !e->items[DIR_RESPONSE] && !much) return;
  if (hops_is_relay(cx->hops, x->conn.client)) return;
  uint64_t who = e->who.session.len ? correlate_key(e->who.session) : correlate_addr(e->who.origin);
  struct taker *t = store_get(&st->takers, cx, who);
  if (!t) return;
  fresh(st, t, cx->now);
  for (uint32_t i = 0; i < hits->count; i++) {
    const struct data_hit *h = &hits->item[i];
    if (!h->grade.gbt35273 && !h->grade.jrt0171 && !h->grade.iso29100) continue;
    if (h->subjects > subjects) subjects = h->subjects;
    if (h->count > count) count = h->count;
    for (uint32_t k = 0; k < h->ntokens; k++) few_add(&t->subjects, h->tokens[k] | 1, SET);
  }
  t->calls++;
  t->last = cx->now;
  t->personal += subjects > 0;
  t->large += much;
  t->bytes += x->side[DIR_RESPONSE].body_bytes;
  t->records += subjects ? (e->items[DIR_RESPONSE] > subjects ? e->items[DIR_RESPONSE] : subjects) : 0;
  uint64_t most = usual(st) * 4, own = t->usual * 4;
  bool people =
      t->records >= RECORDS && t->subjects.count >= SUBJECTS / 2 && t->records >= most && t->records >= own;
  bool pages = t->large >= LARGE_CALLS && t->personal >= LARGE_CALLS && t->bytes >= BULK_BYTES / 64 &&
               t->records >= own;
  if (t->told || people || pages) say(st, cx, e, t);
}

const struct correlation correlate_drag = {
    &correlate_data_drag, sizeof(struct state), start, event, NULL, NULL, stop};
