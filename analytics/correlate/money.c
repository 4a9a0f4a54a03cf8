/* SPDX-License-Identifier: Apache-2.0 */
/* Business turned into profit: coupons claimed in bulk, money moved in many small steps or gathered from many. */
#include "analytics/correlate/correlate.h"

#define SEC 1000000000ULL
#define COUPON_NS (600 * SEC)
#define TRANSFER_NS (1800 * SEC)
enum { SET = 1024, DISTINCT = 10 };

const struct rule correlate_coupon_abuse = {
    .id = "coupon_abuse",
    .name = "Coupons claimed in bulk",
    .name_zh = "营销活动薅羊毛",
    .category = CATEGORY_ABUSE,
    .severity = SEVERITY_MEDIUM,
    .technique = {"T1496"},
    .tactic = {"TA0040"},
    .owasp = {"API6:2023"},
    .reason = "One source claimed coupons, points or draws again and again or for many identities.",
    .reason_zh = "同一来源反复或以多个身份领取优惠、积分或抽奖。",
    .remedy = "Limit claims by person, device and address; ask for a challenge.",
    .remedy_zh = "按人、设备、地址限领，增加人机验证。"};
const struct rule correlate_transfer_abuse = {
    .id = "transfer_abuse",
    .name = "Money moved in bulk",
    .name_zh = "异常批量转账",
    .category = CATEGORY_ABUSE,
    .severity = SEVERITY_HIGH,
    .technique = {"T1657"},
    .tactic = {"TA0040"},
    .owasp = {"API6:2023"},
    .reason = "One identity paid many payees in a short time, or many identities paid one payee.",
    .reason_zh = "短时间内同一身份向大量收款方转账，或大量身份向同一收款方汇集。",
    .remedy = "Hold the payments, ask the owners, look at the payee.",
    .remedy_zh = "拦截交易，联系客户核实，排查收款账户。"};

struct flowing {
  struct table_entry te;
  uint64_t since, last;
  uint32_t count, given;
  struct few others; /* identities or codes; payees or payers */
  bool told;
};
struct state {
  struct store claims, payers, payees;
};

static void flowing_done(void *e) { few_done(&((struct flowing *)e)->others); }

static int start(void *state, struct correlate_ctx *cx) {
  struct state *s = state;
  size_t cap = cx->conf->max_actors > 0 ? (size_t)cx->conf->max_actors : 200000;
  int rc = store_init(&s->claims, sizeof(struct flowing), cap, flowing_done);
  if (rc >= 0) rc = store_init(&s->payers, sizeof(struct flowing), cap, flowing_done);
  return rc < 0 ? rc : store_init(&s->payees, sizeof(struct flowing), cap, flowing_done);
}
static void stop(void *state, struct correlate_ctx *cx, bool end) {
  struct state *s = state;
  (void)cx, (void)end;
  store_done(&s->claims), store_done(&s->payers), store_done(&s->payees);
}

static struct flowing *of(struct store *store, struct correlate_ctx *cx, uint64_t key, uint64_t window) {
  struct flowing *f = store_get(store, cx, key);
  if (!f) return NULL;
  if (!f->since || f->last + window < cx->now || (!f->told && f->since + window < cx->now)) {
    struct table_entry te = f->te;
    flowing_done(f);
    *f = (struct flowing){.te = te, .since = cx->now};
  }
  f->last = cx->now;
  f->count++;
  return f;
}

/* The field of the request that names who is paid; 0 where there is none. */
static uint64_t payee_of(const struct api_event *e) {
  static const char *const names[] = {"payee",         "toaccount", "to_account", "beneficiary",
                                      "targetaccount", "recipient", "toacct",     "inaccount",
                                      "creditaccount", "receiver",  "payeeno",    "destaccount"};
  const struct fields *f = &e->fields[DIR_REQUEST];
  for (uint32_t i = 0; i < f->count && i < 48; i++)
    for (size_t n = 0; f->item[i].value_hash && n < sizeof names / sizeof *names; n++)
      if (span_find_nocase(f->item[i].path, span_str(names[n])) < f->item[i].path.len &&
          span_find_nocase(f->item[i].path, SPAN_LIT("name")) >= f->item[i].path.len)
        return f->item[i].value_hash;
  return 0;
}

static void say(struct correlate_ctx *cx, const struct api_event *e, struct flowing *f,
                const struct rule *rule, uint64_t key, const char *what, const char *what_zh) {
  struct raise r = correlate_of(rule, e);
  unsigned long long seconds = (cx->now - f->since) / SEC;
  r.key = key;
  r.count = f->told ? 1 : f->count;
  r.first_ns = f->since;
  r.outcome = f->given ? OUTCOME_SUCCESS : OUTCOME_ATTEMPTED;
  r.confidence = 70;
  r.reason = correlate_text(cx, "%u calls with %u different %s in %llu s, %u accepted.", f->count,
                            f->others.count, what, seconds, f->given);
  r.reason_zh = correlate_text(cx, "%llu 秒内 %u 次调用，涉及 %u 个不同%s，成功 %u 次。", seconds, f->count,
                               f->others.count, what_zh, f->given);
  f->told = true;
  correlate_raise(cx, &r);
}

static void claim(struct state *st, struct correlate_ctx *cx, const struct api_event *e, bool ok) {
  struct flowing *f = of(&st->claims, cx, hash_mix(cx->origin, cx->endpoint), COUPON_NS);
  if (!f) return;
  f->given += ok;
  uint64_t code = e->txn->path.len ? hash64(e->txn->target, e->fields[DIR_REQUEST].fingerprint) : 0;
  for (uint32_t i = 0; i < e->fields[DIR_REQUEST].count && i < 16; i++)
    code = hash_mix(code, e->fields[DIR_REQUEST].item[i].value_hash);
  few_add(&f->others, cx, hash_mix(cx->who, code), SET);
  /* Tried in vain for the most part, or by identities that take turns; an office's people claim a few and are let. */
  bool guess = (uint64_t)f->count >= (uint64_t)cx->conf->coupon_tries && f->given * 2 < f->count;
  bool many = (uint64_t)f->count >= (uint64_t)cx->conf->coupon_tries * 2 && f->others.count >= DISTINCT;
  if (f->told || guess || many)
    say(cx, e, f, &correlate_coupon_abuse, 0, "codes or identities", "兑换码或身份");
}

static void transfer(struct state *st, struct correlate_ctx *cx, const struct api_event *e, bool ok) {
  uint64_t payee = payee_of(e);
  if (!ok || !payee || !cx->session) return;
  struct flowing *from = of(&st->payers, cx, cx->session, TRANSFER_NS),
                 *to = of(&st->payees, cx, payee, TRANSFER_NS);
  if (!from || !to) return;
  from->given++, to->given++;
  few_add(&from->others, cx, payee, SET);
  few_add(&to->others, cx, cx->session, SET);
  uint64_t most = (uint64_t)cx->conf->transfer_tries;
  if (from->told || (from->others.count >= most && from->count >= most))
    say(cx, e, from, &correlate_transfer_abuse, cx->session, "payees", "收款方");
  if (to->told || to->others.count >= most)
    say(cx, e, to, &correlate_transfer_abuse, payee, "payers", "付款方");
}

static void event(void *state, struct correlate_ctx *cx, const struct api_event *e) {
  struct state *st = state;
  const struct txn *t = e->txn;
  if (!(cx->traits & (TRAIT_COUPON | TRAIT_MONEY)) || !(cx->traits & TRAIT_WRITE) || !cx->outside) return;
  if (!t->path.len || t->status < 200 || t->status >= 500 || e->login.step != LOGIN_NONE) return;
  if (correlate_is_program(e)) return; /* partners settle in bulk */
  if (e->who.inner_hop && hops_is_relay(cx->hops, t->conn.client)) return;
  bool ok = t->status < 300 && t->outcome != TXN_ERROR;
  if (cx->traits & TRAIT_COUPON)
    claim(st, cx, e, ok);
  else
    transfer(st, cx, e, ok);
}

const struct correlation correlate_money = {
    &correlate_transfer_abuse, sizeof(struct state), start, event, NULL, NULL, stop};
