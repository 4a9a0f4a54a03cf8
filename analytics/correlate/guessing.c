/* SPDX-License-Identifier: Apache-2.0 */
/* Password guessing: one account tried often, many accounts tried by one source. */
#include "analytics/correlate/correlate.h"

#define SEC 1000000000ULL
#define STUCK_NS (5 * SEC)
#define EPISODE_NS \
  (1800 * SEC) /* quiet time that ends an episode; lock-out counters are reset after half an hour too */

enum { ACCOUNTS = 4096, MANY_SOURCES = 10, SLOW_SECONDS = 5 };

const struct rule correlate_credential_stuffing = {
    .id = "credential_stuffing",
    .name = "Credential stuffing",
    .name_zh = "撞库攻击",
    .category = CATEGORY_ABUSE,
    .severity = SEVERITY_HIGH,
    .technique = {"T1110.004"},
    .tactic = {"TA0006"},
    .owasp = {"API2:2023"},
    .reason = "Many accounts were tried and an unusual share of the tries failed.",
    .reason_zh = "短时间内尝试了大量账户，失败比例异常。",
    .remedy = "Block the sources, force a password change for accounts that were entered, add a challenge to "
              "the login.",
    .remedy_zh = "封禁来源地址，强制已被登录的账户改密，登录接口增加人机验证。"};
const struct rule correlate_password_spray = {
    .id = "password_spray",
    .name = "Password spraying",
    .name_zh = "密码喷洒",
    .category = CATEGORY_ABUSE,
    .severity = SEVERITY_HIGH,
    .technique = {"T1110.003"},
    .tactic = {"TA0006"},
    .owasp = {"API2:2023"},
    .reason = "One source tried many accounts slowly or with few passwords, so that no account is locked.",
    .reason_zh = "同一来源以少量密码或低速尝试大量账户，以规避锁定。",
    .remedy = "Block the source, check the accounts that were entered, ban common passwords.",
    .remedy_zh = "封禁来源，核查登录成功的账户，禁用弱口令。"};
const struct rule correlate_brute_force = {
    .id = "brute_force",
    .name = "Password guessing",
    .name_zh = "暴力破解",
    .category = CATEGORY_ABUSE,
    .severity = SEVERITY_HIGH,
    .technique = {"T1110.001"},
    .tactic = {"TA0006"},
    .owasp = {"API2:2023"},
    .reason = "The password of one account was guessed again and again.",
    .reason_zh = "对同一账户反复猜测密码。",
    .remedy = "Lock the account or slow its logins, tell its owner, block the source.",
    .remedy_zh = "锁定账户或限速，通知账户所有人，封禁来源。"};

struct account {
  struct table_entry te;
  uint64_t last;
  uint32_t fails;
  struct addr_set sources; /* that failed in this episode */
};
struct source {
  struct table_entry te;
  uint64_t since, last;
  uint32_t tries, fails, wins;
  struct few accounts, failed, secrets;
  const struct rule *told;
};
struct service {
  struct table_entry te;
  uint64_t tries, fails; /* ever */
};
/* One who calls by a tool of testers, by its own name. */
struct tester {
  struct table_entry te;
  uint64_t calls;
};
struct state {
  struct store accounts, sources, services, pairs, testers;
};
struct pair {
  struct table_entry te;
  uint64_t last, secret; /* of the last try */
  uint32_t fails, tries, wins;
};

static void account_done(void *e) { addr_done(&((struct account *)e)->sources); }
static void source_done(void *e) {
  struct source *s = e;
  few_done(&s->accounts), few_done(&s->failed), few_done(&s->secrets);
}

static int start(void *state, struct correlate_ctx *cx) {
  struct state *s = state;
  size_t cap = cx->conf->max_actors > 0 ? (size_t)cx->conf->max_actors : 200000;
  int rc = store_init(&s->accounts, sizeof(struct account), cap, account_done);
  if (rc >= 0) rc = store_init(&s->sources, sizeof(struct source), cap, source_done);
  if (rc >= 0) rc = store_init(&s->services, sizeof(struct service), 4096, NULL);
  if (rc >= 0) rc = store_init(&s->pairs, sizeof(struct pair), cap, NULL);
  if (rc >= 0) rc = store_init(&s->testers, sizeof(struct tester), 4096, NULL);
  return rc;
}

static void stop(void *state, struct correlate_ctx *cx, bool end) {
  struct state *s = state;
  (void)cx, (void)end;
  store_done(&s->accounts), store_done(&s->sources), store_done(&s->services);
  store_done(&s->pairs), store_done(&s->testers);
}

static void say(struct correlate_ctx *cx, const struct api_event *e, struct source *s,
                const struct rule *rule, double normal) {
  struct raise r = correlate_of(rule, e);
  bool won = s->wins > 0;
  r.count = s->told ? 1 : s->tries;
  r.first_ns = s->since;
  r.outcome = won ? OUTCOME_PROBABLE : OUTCOME_ATTEMPTED;
  r.severity = won ? SEVERITY_CRITICAL : rule->severity;
  r.confidence = s->fails > 30 ? 90 : 75;
  if (rule != &correlate_brute_force) r.user = (struct span){0};
  r.reason =
      correlate_text(cx, "%u tries on %u accounts in %llu s, %u failed, %u succeeded.", s->tries,
                     s->accounts.count, (unsigned long long)((cx->now - s->since) / SEC), s->fails, s->wins);
  r.reason_zh = correlate_text(cx, "%llu 秒内对 %u 个账户尝试 %u 次，失败 %u 次，成功 %u 次。",
                               (unsigned long long)((cx->now - s->since) / SEC), s->accounts.count, s->tries,
                               s->fails, s->wins);
  r.baseline = correlate_text(cx, "Of other sources' logins %.0f %% fail.", normal * 100);
  s->told = rule;
  correlate_raise(cx, &r);
}

/* Share of failures among all others' logins, with a weak prior of one in twenty. */
static double normal_share(const struct service *v, const struct source *s) {
  double tries = (double)v->tries - (s->told ? 0 : s->tries),
         fails = (double)v->fails - (s->told ? 0 : s->fails);
  if (tries < 0 || fails < 0) tries = fails = 0;
  return (fails + 1) / (tries + 20);
}

static void judge_source(struct correlate_ctx *cx, const struct api_event *e, struct source *s,
                         const struct service *v, const struct pair *p) {
  double normal = normal_share(v, s), share = (double)s->fails / s->tries;
  double least = normal * 3 > 0.2 ? normal * 3 : 0.2;
  uint32_t floor = (uint32_t)cx->conf->stuffing_users, guesses = (uint32_t)cx->conf->guess_tries;
  if (least > 0.6) least = 0.6;
  if (s->told && s->told != &correlate_brute_force) {
    say(cx, e, s, s->told, normal);
    return;
  }
  if (s->failed.count >= floor && share >= least) {
    uint64_t pace = (cx->now - s->since) / SEC / s->tries;
    bool few_secrets = s->secrets.count && s->secrets.count * 4 <= s->accounts.count;
    bool slow = pace >= SLOW_SECONDS && s->tries <= s->accounts.count * 2;
    say(cx, e, s, few_secrets || slow ? &correlate_password_spray : &correlate_credential_stuffing, normal);
  } else if (p->fails >= guesses && p->fails * 4 >= p->tries) {
    say(cx, e, s, &correlate_brute_force, normal);
  }
}

/* One account, many sources that each try little. */
static void judge_account(struct correlate_ctx *cx, const struct api_event *e, const struct account *a,
                          uint64_t key) {
  if (a->sources.count < MANY_SOURCES || a->fails < (uint32_t)cx->conf->guess_tries * 3) return;
  struct raise r = correlate_of(&correlate_brute_force, e);
  r.key = key;
  r.actor = (const uint8_t(*)[16])a->sources.item;
  r.nactors = a->sources.count;
  r.reason =
      correlate_text(cx, "%u failed logins to one account from %u addresses.", a->fails, a->sources.count);
  correlate_raise(cx, &r);
}

/* What guessers do says nothing about what is usual. */
static void forget(struct service *v, const struct source *s) {
  v->tries = v->tries > s->tries ? v->tries - s->tries : 0;
  v->fails = v->fails > s->fails ? v->fails - s->fails : 0;
}

static void source_fresh(struct source *s, uint64_t now) {
  if (s->since && s->last + EPISODE_NS >= now) return;
  struct table_entry te = s->te;
  source_done(s);
  *s = (struct source){.te = te, .since = now};
}

/* The same wrong password every so often: a program that was not told of the new one. */
static bool is_stuck(const struct correlate_ctx *cx, struct pair *p, uint64_t secret, bool failed) {
  bool same = secret && secret == p->secret && failed && p->last + STUCK_NS <= cx->now;
  p->secret = secret;
  return same;
}

/* The call bears a tool's name: it is one of so many. */
static const struct tester *tester_of(struct state *st, struct correlate_ctx *cx, const struct api_event *e) {
  const struct signal *g = e->signals;
  while (g && strcmp(g->rule->id, "scanner") != 0) g = g->next;
  struct tester *t = g ? store_get(&st->testers, cx, cx->origin) : NULL;
  if (t) t->calls++;
  return t;
}

static void event(void *state, struct correlate_ctx *cx, const struct api_event *e) {
  struct state *st = state;
  const struct tester *tester = tester_of(st, cx, e);
  if (e->login.step != LOGIN_ATTEMPT || e->login.result == TXN_UNKNOWN || !e->login.account.len) return;
  bool failed = e->login.result == TXN_ERROR;
  uint64_t target = hash64(e->service, 41), account = correlate_key(e->login.account);
  uint64_t from = hash_mix(correlate_addr(e->who.origin), target), of = hash_mix(account, target);
  if (cx->stray) return;
  struct source *s = store_get(&st->sources, cx, from);
  struct account *a = store_get(&st->accounts, cx, of);
  struct service *v = store_get(&st->services, cx, target);
  struct pair *p = store_get(&st->pairs, cx, hash_mix(from, account));
  if (!s || !a || !v || !p) return;
  if (is_stuck(cx, p, correlate_key(e->login.secret), failed)) {
    p->last = cx->now;
    return;
  }
  source_fresh(s, cx->now);
  if (a->last + EPISODE_NS < cx->now) addr_done(&a->sources), a->fails = 0;
  if (p->last + EPISODE_NS < cx->now) p->fails = p->tries = p->wins = 0;
  s->last = a->last = p->last = cx->now;
  s->tries++, p->tries++;
  s->fails += failed, a->fails += failed, p->fails += failed;
  s->wins += !failed, p->wins += !failed;
  few_add(&s->accounts, cx, account, ACCOUNTS);
  if (e->login.secret.len) few_add(&s->secrets, cx, correlate_key(e->login.secret), ACCOUNTS);
  if (failed) few_add(&s->failed, cx, account, ACCOUNTS), addr_add(&a->sources, cx, e->who.origin, 256);
  if (!s->told) v->tries++, v->fails += failed;
  if (tester && tester->calls > s->tries * 2ULL) return; /* tries all there is: a scan */
  bool before = s->told != NULL;
  judge_source(cx, e, s, v, p);
  if (s->told && !before) forget(v, s);
  if (failed) judge_account(cx, e, a, of);
}

const struct correlation correlate_guessing = {
    &correlate_credential_stuffing, sizeof(struct state), start, event, NULL, NULL, stop};
