/* SPDX-License-Identifier: Apache-2.0 */
/* Data dragging: one identity or address takes unusual numbers of people's records, at once by paging, enumeration or export,
 * at hours in which nobody works, or slowly over days. */
#include "analytics/correlate/correlate.h"
#include "base/distinct.h"

#define SEC 1000000000ULL
#define QUIET_NS (1200 * SEC)
#define DAY_NS (86400 * SEC)
#define SLOW_NS (7 * DAY_NS)
enum { RECORDS = 1000, SUBJECTS = 500, SET = 8192, BULK_BYTES = 4 << 20, LARGE_PAGE = 500, LARGE_CALLS = 3 };
enum { ABSOLUTE = 20000, ABSOLUTE_SUBJECTS = 5000 };
enum { QUIET_RECORDS = 200, QUIET_SUBJECTS = 100, HOURS_LEAST = 200, HOURS_DAYS = 2 };
enum { SLOW_ACTORS = 16384, SLOW_EXACT = 128, SLOW_BITS = 11, SLOW_SUBJECTS = 2000, SLOW_PEERS = 20 };

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
  uint64_t usual;    /* most records of an earlier episode that was not told */
  uint8_t first[16]; /* whence the episode began: one identity may come from many addresses */
  bool told;
};
/* Who takes little at a time: distinct people of a week. */
struct slow {
  struct table_entry te;
  uint64_t since, day, days, calls, usual; /* usual: people of the week before */
  struct distinct people;
  uint8_t bucket; /* its place in the histogram of its peers, plus one */
  bool told;
};
struct state {
  struct store takers, slow;
  uint32_t slow_peers[40], slow_all;
  uint64_t hour[24], hours, first_day; /* calls that took personal data, by hour of the day */
  uint32_t peers[40];                  /* records taken by finished or running episodes, by powers of two */
  uint32_t all;
};

static void taker_done(void *e) { few_done(&((struct taker *)e)->subjects); }

static void slow_done(void *e) { distinct_done(&((struct slow *)e)->people); }

static int start(void *state, struct correlate_ctx *cx) {
  size_t cap = cx->conf->max_actors > 0 ? (size_t)cx->conf->max_actors : 200000;
  int rc = store_init(&((struct state *)state)->takers, sizeof(struct taker), cap, taker_done);
  return rc < 0 ? rc
                : store_init(&((struct state *)state)->slow, sizeof(struct slow), SLOW_ACTORS, slow_done);
}
static void stop(void *state, struct correlate_ctx *cx, bool end) {
  (void)cx, (void)end;
  store_done(&((struct state *)state)->takers);
  store_done(&((struct state *)state)->slow);
}

static unsigned log2_of(uint64_t n) {
  unsigned k = 0;
  while (n >>= 1) k++;
  return k < 39 ? k : 39;
}

/* What nineteen of twenty stay under. */
static uint64_t most_of(const uint32_t *peers, uint32_t all) {
  uint32_t left = all / 20;
  for (unsigned k = 40; k-- > 0;) {
    if (peers[k] > left) return 2ULL << k;
    left -= peers[k];
  }
  return 1;
}
static uint64_t usual(const struct state *st) { return most_of(st->peers, st->all); }

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

/* The hit by which persons are counted: one class, so that each counts once. */
static const struct data_hit *person_of(const struct data_hits *hits) {
  static const char *const ids[] = {"id_card", "mobile", "bank_card", "name", "email"};
  const struct data_hit *most = NULL;
  for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
    for (uint32_t k = 0; k < hits->count; k++)
      if (strcmp(hits->item[k].class_id, ids[i]) == 0) return &hits->item[k];
  for (uint32_t k = 0; k < hits->count; k++)
    if (hits->item[k].grade.iso29100 && (!most || hits->item[k].subjects > most->subjects))
      most = &hits->item[k];
  return most;
}

static void say(struct state *st, struct correlate_ctx *cx, const struct api_event *e, struct taker *t,
                bool night) {
  struct raise r = correlate_of(&correlate_data_drag, e);
  uint8_t actors[2][16];
  memcpy(actors[0], t->first, 16);
  memcpy(actors[1], e->who.origin, 16);
  r.actor = actors;
  r.nactors = memcmp(actors[0], actors[1], 16) == 0 ? 1 : 2;
  unsigned long long seconds = (cx->now - t->since) / SEC;
  r.count = t->told ? 1 : t->calls;
  r.first_ns = t->since;
  r.outcome = OUTCOME_SUCCESS;
  r.confidence = t->records >= RECORDS * 4 ? 90 : 75;
  r.severity = t->records >= RECORDS * 4 ? SEVERITY_CRITICAL : SEVERITY_HIGH;
  r.reason = correlate_text(cx, "%llu records about at least %u people in %u calls within %llu s%s.",
                            (unsigned long long)t->records, t->subjects.count, t->calls, seconds,
                            night ? ", at an hour in which nobody takes such data" : "");
  r.reason_zh =
      correlate_text(cx, "%llu 秒内 %u 次调用取走 %llu 条记录，涉及至少 %u 人%s。", seconds, t->calls,
                     (unsigned long long)t->records, t->subjects.count, night ? "，且处于非工作时段" : "");
  r.baseline = correlate_text(
      cx, "Nineteen of twenty callers take at most %llu records at a time; this one took %llu before.",
      (unsigned long long)usual(st), (unsigned long long)t->usual);
  t->told = true;
  correlate_raise(cx, &r);
}

/* An hour in which hardly anything was taken on the days before. */
static bool off_hours(const struct state *st, uint64_t now) {
  uint64_t day = now / DAY_NS, hour = now / (3600 * SEC) % 24;
  if (!st->first_day || day < st->first_day + HOURS_DAYS || st->hours < HOURS_LEAST) return false;
  uint64_t around = st->hour[(hour + 23) % 24] + st->hour[hour] + st->hour[(hour + 1) % 24];
  return around * 100 < st->hours;
}

static void count_hour(struct state *st, uint64_t now) {
  if (!st->first_day) st->first_day = now / DAY_NS;
  st->hour[now / (3600 * SEC) % 24]++;
  st->hours++;
}

static void say_slow(struct state *st, struct correlate_ctx *cx, const struct api_event *e, struct slow *s) {
  struct raise r = correlate_of(&correlate_data_drag, e);
  unsigned long long people = distinct_count(&s->people), peers = most_of(st->slow_peers, st->slow_all);
  r.count = s->calls;
  r.first_ns = s->since;
  r.outcome = OUTCOME_SUCCESS;
  r.confidence = 70;
  r.severity = SEVERITY_HIGH;
  r.reason = correlate_text(cx, "About %llu people's data in %llu calls on %llu days, little at a time.",
                            people, (unsigned long long)s->calls, (unsigned long long)s->days);
  r.reason_zh = correlate_text(cx, "%llu 天内以 %llu 次小批量调用累计获取约 %llu 人的数据。",
                               (unsigned long long)s->days, (unsigned long long)s->calls, people);
  r.baseline = correlate_text(
      cx, "Nineteen of twenty callers see at most %llu people in a week; this one saw %llu before.", peers,
      (unsigned long long)s->usual);
  s->told = true;
  correlate_raise(cx, &r);
}

/* Persons and callers from outside only: services inside take many people's data day by day. */
static void slowly(struct state *st, struct correlate_ctx *cx, const struct api_event *e, bool told) {
  bool inside = zones_inside(cx->zones, e->who.origin);
  if (inside && !e->who.user.len) return;
  uint64_t who = e->who.user.len ? correlate_key(e->who.user) : correlate_addr(e->who.origin);
  struct slow *s = store_get(&st->slow, cx, who);
  if (!s) return;
  if (!s->since || s->since + SLOW_NS < cx->now) {
    uint64_t before = s->since ? distinct_count(&s->people) : 0;
    distinct_done(&s->people);
    distinct_init(&s->people, SLOW_EXACT, SLOW_BITS);
    s->since = cx->now;
    s->usual = s->told ? s->usual : before;
    s->days = s->calls = 0;
    s->told = false;
  }
  if (!s->days || s->day != cx->now / DAY_NS) s->day = cx->now / DAY_NS, s->days++;
  s->calls++;
  s->told |= told;
  bool grew = false;
  const struct data_hit *h = person_of(&e->data[DIR_RESPONSE]);
  for (uint32_t k = 0; h && k < h->ntokens; k++) grew |= distinct_add(&s->people, h->tokens[k]) > 0;
  if (!grew) return;
  uint64_t people = distinct_count(&s->people);
  uint8_t bucket = (uint8_t)(log2_of(people ? people : 1) + 1);
  if (bucket != s->bucket) {
    if (s->bucket && st->slow_peers[s->bucket - 1])
      st->slow_peers[s->bucket - 1]--;
    else
      st->slow_all++;
    st->slow_peers[bucket - 1]++;
    s->bucket = bucket;
  }
  if (s->told || s->days < 2 || people < SLOW_SUBJECTS || st->slow_all < SLOW_PEERS) return;
  if (people >= most_of(st->slow_peers, st->slow_all) * 8 && people >= s->usual * 4) say_slow(st, cx, e, s);
}

static void event(void *state, struct correlate_ctx *cx, const struct api_event *e) {
  struct state *st = state;
  const struct txn *x = e->txn;
  uint32_t subjects = 0, count = 0;
  if (x->kind != TXN_CALL || x->status >= 400) return;
  if (x->statement && zones_inside(cx->zones, x->conn.client))
    return; /* programs, for whom it is daily work */
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
  }
  const struct data_hit *who_for = person_of(hits);
  for (uint32_t k = 0; who_for && k < who_for->ntokens; k++)
    few_add(&t->subjects, cx, who_for->tokens[k] | 1, SET);
  if (!t->calls++) memcpy(t->first, e->who.origin, 16);
  t->last = cx->now;
  t->personal += subjects > 0;
  t->large += much;
  t->bytes += x->side[DIR_RESPONSE].body_bytes;
  t->records += subjects ? (e->items[DIR_RESPONSE] > subjects ? e->items[DIR_RESPONSE] : subjects) : 0;
  uint64_t most = usual(st) * 4, own = t->usual * 4;
  bool people =
      t->records >= RECORDS && t->subjects.count >= SUBJECTS / 2 && t->records >= most && t->records >= own;
  bool absolute = t->records >= ABSOLUTE && t->subjects.count >= ABSOLUTE_SUBJECTS && t->records >= own;
  bool person = e->who.user.len || e->who.session.len || !zones_inside(cx->zones, e->who.origin);
  bool night = person && t->records >= QUIET_RECORDS && t->subjects.count >= QUIET_SUBJECTS &&
               t->records >= most && t->records >= own && off_hours(st, cx->now);
  bool pages = t->large >= LARGE_CALLS && t->personal >= LARGE_CALLS && t->bytes >= BULK_BYTES / 64 &&
               t->records >= own;
  if (t->told || people || pages || absolute || night) say(st, cx, e, t, night);
  if (!subjects) return;
  if (!t->told) count_hour(st, cx->now);
  slowly(st, cx, e, t->told);
}

void drag_ahead(const void *state, const struct correlate_ctx *cx, const struct api_event *e) {
  (void)e;
  store_ahead(&((const struct state *)state)->takers, cx->who);
}

const struct correlation correlate_drag = {
    &correlate_data_drag, sizeof(struct state), start, event, NULL, NULL, stop};
