/* SPDX-License-Identifier: Apache-2.0 */
/* Credential stuffing by a crowd: hundreds of new sources that each try a few unknown accounts and go away without success. */
#include "analytics/correlate/correlate.h"

#include <math.h>

#define SEC 1000000000ULL
#define EPISODE_NS (1800 * SEC)
#define SETTLE_NS (120 * SEC) /* who mistyped has tried again by then */

enum {
  SERVICES = 4096,
  LATELY = 1024,
  SOURCES = 4096,
  MANY_SOURCES = 10,
  MANY_TRIES_EACH = 8,
  SAME_ACCOUNT = 2,
  JUDGE_EACH = 8,
  TICK_EACH = 16
};

extern const struct rule correlate_credential_stuffing;

/* A failed try by a source and for an account that were both new. */
struct try {
  uint64_t ns, source, account;
  uint8_t addr[16], server[16];
  uint16_t port;
  char call[32];
};
struct ring {
  struct try *item; /* LATELY */
  uint32_t next, count;
};
struct service {
  struct table_entry te;
  struct ring fresh, lost; /* not yet settled; given up, as nobody honest does often */
  uint64_t half;           /* when the newer half of the window began */
  uint64_t wins_half[2];   /* newer, older */
  uint64_t wins, given_up; /* ever */
  uint64_t told, last_told;
  uint32_t unjudged;
  uint8_t name_len;
  char name[128];
};
struct seen {
  struct table_entry te;
  uint64_t first;
};
struct tally { /* of a source, or of a source and an account */
  struct table_entry te;
  uint64_t last;
  uint32_t tries, wins;
};
struct state {
  struct store services, seen, sources, pairs;
  uint64_t ticked;
};

static void service_done(void *e) {
  struct service *v = e;
  mem_free(v->fresh.item), mem_free(v->lost.item);
}

static int start(void *state, struct correlate_ctx *cx) {
  struct state *s = state;
  size_t cap = cx->conf->max_actors > 0 ? (size_t)cx->conf->max_actors : 200000;
  int rc = store_init(&s->services, sizeof(struct service), SERVICES, service_done);
  if (rc >= 0) rc = store_init(&s->seen, sizeof(struct seen), cap, NULL);
  if (rc >= 0) rc = store_init(&s->sources, sizeof(struct tally), cap, NULL);
  if (rc >= 0) rc = store_init(&s->pairs, sizeof(struct tally), cap, NULL);
  return rc;
}

static struct try *push(struct ring *r, const struct correlate_ctx *cx) {
  if (!r->item && !(r->item = mem_zalloc(LATELY * sizeof *r->item))) {
    ctr_inc(cx->ctr, CTR_ANALYTICS_MEMORY);
    return NULL;
  }
  struct try *t = &r->item[r->next];
  r->next = (r->next + 1) % LATELY;
  if (r->count < LATELY) r->count++;
  return t;
}
static struct try *oldest(const struct ring *r) {
  return r->count ? &r->item[(r->next + LATELY - r->count) % LATELY] : NULL;
}

static uint64_t first_seen(struct state *st, struct correlate_ctx *cx, uint64_t key) {
  struct seen *s = store_get(&st->seen, cx, key);
  if (!s) return 0;
  if (!s->first) s->first = cx->now;
  return s->first;
}

static struct tally *tally_of(struct store *store, struct correlate_ctx *cx, uint64_t key) {
  struct tally *t = store_get(store, cx, key);
  if (!t) return NULL;
  if (t->last + EPISODE_NS < cx->now) t->tries = t->wins = 0;
  t->last = cx->now;
  return t;
}

/* A source that is told of by itself, or tries so much that it will be, is none of a crowd; nor is one of those that
 * guess at a single account together. */
static bool is_loud(const struct state *st, const struct correlate_ctx *cx, const struct try *t) {
  const struct tally *s = store_find(&st->sources, t->source);
  const struct tally *a = store_find(&st->pairs, t->account);
  return (s && s->tries > MANY_TRIES_EACH) || (a && a->tries > MANY_TRIES_EACH) ||
         finding_book_has(cx->findings, "password_spray", t->addr) ||
         finding_book_has(cx->findings, "credential_stuffing", t->addr) ||
         finding_book_has(cx->findings, "brute_force", t->addr);
}

static uint64_t wins_lately(const struct service *v) { return v->wins_half[0] + v->wins_half[1]; }

struct crowd {
  struct few accounts;
  struct addr_set sources;
  uint32_t lost, wins;
  uint64_t since, until;
  const struct try *last;
};

static void crowd_of(const struct state *st, const struct correlate_ctx *cx, const struct service *v,
                     struct crowd *c) {
  for (uint32_t i = 0; i < v->lost.count; i++) {
    const struct try *t = &v->lost.item[(v->lost.next + LATELY - v->lost.count + i) % LATELY];
    if (t->ns + EPISODE_NS < cx->now || is_loud(st, cx, t)) continue;
    if (correlate_damage(cx, correlate_addr(t->addr))) continue; /* may have got in unseen */
    const struct tally *s = store_find(&st->sources, t->source);
    if (!c->since) c->since = t->ns;
    c->until = t->ns;
    few_add(&c->accounts, cx, t->account, SOURCES);
    if (addr_add(&c->sources, cx, t->addr, SOURCES) && s) c->wins += s->wins;
    c->lost++;
    c->last = t;
  }
}

/* Far more give up than usually do. */
static bool is_crowd(const struct correlate_ctx *cx, const struct service *v, const struct crowd *c) {
  uint32_t floor = (uint32_t)cx->conf->stuffing_users * 2;
  if (c->sources.count < MANY_SOURCES || c->accounts.count < floor || c->lost < floor) return false;
  double lost = c->lost, lately = (double)wins_lately(v) + lost;
  double before = (double)(v->wins + v->given_up) - lately, lost_before = (double)v->given_up - lost;
  if (before < 0 || lost_before < 0) before = lost_before = 0;
  double expected =
      lately * (lost_before + 0.5) / (before + 25); /* two in a hundred where nothing is known */
  return lost >= expected * 3 && lost >= expected + 6 * sqrt(expected) && lost * 20 >= lately;
}

static void say(struct correlate_ctx *cx, struct service *v, const struct try *t, const struct crowd *c) {
  struct raise r = {.rule = &correlate_credential_stuffing,
                    .key = hash_mix(v->te.hash, v->told) | 1,
                    .actor = &t->addr,
                    .nactors = 1,
                    .target = &t->server,
                    .ntargets = 1,
                    .port = t->port,
                    .service = span_of(v->name, v->name_len),
                    .call = span_of(t->call, sizeof t->call),
                    .confidence = 80,
                    .ns = t->ns,
                    .outer = true};
  if (c) {
    r.actor = (const uint8_t(*)[16])c->sources.item;
    r.nactors = c->sources.count;
    r.count = c->lost;
    r.first_ns = c->since;
    r.outcome = c->wins ? OUTCOME_PROBABLE : OUTCOME_ATTEMPTED;
    r.severity = c->wins ? SEVERITY_CRITICAL : SEVERITY_HIGH;
    r.reason =
        correlate_text(cx, "%u new addresses tried %u accounts never seen before and gave up %u of them.",
                       c->sources.count, c->accounts.count, c->lost);
    r.reason_zh = correlate_text(cx, "%u 个新地址尝试了 %u 个从未出现的账户，其中 %u 个未成功即放弃。",
                                 c->sources.count, c->accounts.count, c->lost);
    r.baseline = correlate_text(cx, "%llu logins succeeded in the same half hour.",
                                (unsigned long long)wins_lately(v));
  }
  correlate_raise(cx, &r);
}

static void judge(struct state *st, struct correlate_ctx *cx, struct service *v) {
  struct crowd c = {0};
  v->unjudged = 0;
  crowd_of(st, cx, v, &c);
  if (is_crowd(cx, v, &c)) {
    v->told = v->last_told = cx->now;
    say(cx, v, c.last, &c);
  }
  few_done(&c.accounts), addr_done(&c.sources);
}

/* Tries that are old enough to know how they ended. */
static void settle(struct state *st, struct correlate_ctx *cx, struct service *v, uint64_t until) {
  for (struct try *t; (t = oldest(&v->fresh)) && t->ns <= until; v->fresh.count--) {
    const struct tally *p = store_find(&st->pairs, hash_mix(t->source, t->account));
    if ((p && (p->wins || p->tries > SAME_ACCOUNT)) || is_loud(st, cx, t)) continue;
    struct try *kept = push(&v->lost, cx);
    if (!kept) continue;
    *kept = *t;
    v->given_up++;
    v->unjudged++;
    if (!v->told) continue;
    v->last_told = cx->now;
    say(cx, v, kept, NULL);
  }
  if (v->told && v->last_told + EPISODE_NS < cx->now) v->told = 0;
  if (!v->told && v->unjudged >= JUDGE_EACH) judge(st, cx, v);
}

/* Where nobody else comes to log in, time alone settles. */
static void tick(void *state, struct correlate_ctx *cx, uint64_t clock) {
  struct state *s = state;
  if (clock < s->ticked + TICK_EACH * SEC) return;
  s->ticked = clock;
  for (struct table_entry *e = s->services.table.newest; e; e = e->older)
    if (((struct service *)e)->fresh.count) settle(s, cx, (struct service *)e, clock - SETTLE_NS);
}

static void stop(void *state, struct correlate_ctx *cx, bool end) {
  struct state *s = state;
  for (struct table_entry *e = end ? s->services.table.oldest : NULL; e; e = e->newer) {
    struct service *v = (struct service *)e;
    settle(s, cx, v, UINT64_MAX);
    if (!v->told && v->unjudged) judge(s, cx, v);
  }
  store_done(&s->services), store_done(&s->seen), store_done(&s->sources), store_done(&s->pairs);
}

static void count_win(struct service *v, uint64_t now) {
  if (v->half + EPISODE_NS / 2 < now) {
    v->wins_half[1] = v->half + EPISODE_NS < now ? 0 : v->wins_half[0];
    v->wins_half[0] = 0;
    v->half = now;
  }
  v->wins++;
  v->wins_half[0]++;
}

static void add_try(struct service *v, const struct correlate_ctx *cx, const struct api_event *e,
                    uint64_t from, uint64_t account) {
  struct try *t = push(&v->fresh, cx);
  if (!t) return;
  *t = (struct try){.ns = cx->now, .source = from, .account = account, .port = e->txn->conn.sport};
  memcpy(t->addr, e->who.origin, 16);
  memcpy(t->server, e->txn->conn.server, 16);
  memcpy(t->call, e->id, sizeof t->call);
}

static void event(void *state, struct correlate_ctx *cx, const struct api_event *e) {
  struct state *st = state;
  if (e->login.step != LOGIN_ATTEMPT || e->login.result == TXN_UNKNOWN || !e->login.account.len || cx->stray)
    return;
  bool failed = e->login.result == TXN_ERROR;
  uint64_t target = hash64(e->service, 41), account = correlate_key(e->login.account);
  uint64_t from = hash_mix(correlate_addr(e->who.origin), target);
  struct service *v = store_get(&st->services, cx, target);
  struct tally *s = tally_of(&st->sources, cx, from);
  struct tally *p = tally_of(&st->pairs, cx, hash_mix(from, account)), *a = tally_of(&st->pairs, cx, account);
  if (!v || !s || !p || !a) return;
  if (!v->name_len) {
    v->name_len = (uint8_t)(e->service.len < sizeof v->name ? e->service.len : sizeof v->name - 1);
    if (v->name_len) memcpy(v->name, e->service.base, v->name_len);
  }
  uint64_t source_first = first_seen(st, cx, hash_mix(from, 1)),
           account_first = first_seen(st, cx, hash_mix(account, target));
  s->tries++, p->tries++, a->tries += failed;
  s->wins += !failed, p->wins += !failed;
  if (!failed) count_win(v, cx->now);
  bool new_here = source_first + EPISODE_NS >= cx->now && account_first == cx->now;
  if (failed && p->tries == 1 && new_here) add_try(v, cx, e, from, account);
  if (cx->now > SETTLE_NS) settle(st, cx, v, cx->now - SETTLE_NS);
}

const struct correlation correlate_crowds = {
    &correlate_credential_stuffing, sizeof(struct state), start, event, NULL, tick, stop};
