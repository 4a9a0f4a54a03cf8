/* SPDX-License-Identifier: Apache-2.0 */
/* One-time codes and registrations: bombing phones, guessing codes, accounts in bulk, asking who exists. */
#include "analytics/correlate/correlate.h"

#define WINDOW_NS (600ULL * 1000000000)
#define HOUR_NS (6 * WINDOW_NS)
enum {
  SENDS = 20,
  SENDS_ONE_PHONE = 8,
  CODE_FAILS = 10,
  REGISTERS = 20,
  LOOKUPS = 30,
  AN_HOUR = 3,
  SET = 4096
};

const struct rule correlate_sms_bombing = {
    .id = "sms_bombing",
    .name = "Message bombing",
    .name_zh = "短信轰炸",
    .category = CATEGORY_ABUSE,
    .severity = SEVERITY_MEDIUM,
    .technique = {"T1499.003"},
    .tactic = {"TA0040"},
    .owasp = {"API6:2023", "API4:2023"},
    .reason = "One source had codes sent far more often than a person needs.",
    .reason_zh = "同一来源短时间内触发大量短信或验证码发送。",
    .remedy = "Limit sends by number, address and device; ask for a captcha before sending.",
    .remedy_zh = "按号码、地址、设备限频，发送前增加图形验证码。"};
const struct rule correlate_otp_brute_force = {.id = "otp_brute_force",
                                               .name = "One-time code guessing",
                                               .name_zh = "验证码爆破",
                                               .category = CATEGORY_ABUSE,
                                               .severity = SEVERITY_HIGH,
                                               .technique = {"T1110.001", "T1111"},
                                               .tactic = {"TA0006", "TA0006"},
                                               .owasp = {"API2:2023"},
                                               .reason = "Codes were tried again and again.",
                                               .reason_zh = "对一次性验证码反复尝试。",
                                               .remedy = "Let a code die after three wrong tries.",
                                               .remedy_zh = "验证码错误三次即作废。"};
const struct rule correlate_registration_bulk = {
    .id = "registration_bulk",
    .name = "Accounts registered in bulk",
    .name_zh = "批量注册",
    .category = CATEGORY_ABUSE,
    .severity = SEVERITY_MEDIUM,
    .technique = {"T1136"},
    .tactic = {"TA0003"},
    .owasp = {"API6:2023"},
    .reason = "One source registered many accounts.",
    .reason_zh = "同一来源批量注册账户。",
    .remedy = "Ask for a captcha and limit registrations by address and device.",
    .remedy_zh = "注册增加人机验证，按地址与设备限频。"};
const struct rule correlate_account_enumeration = {
    .id = "account_enumeration",
    .name = "Account enumeration",
    .name_zh = "账户枚举",
    .category = CATEGORY_ABUSE,
    .severity = SEVERITY_MEDIUM,
    .technique = {"T1589.001"},
    .tactic = {"TA0043"},
    .owasp = {"API2:2023"},
    .reason = "One source asked of many accounts whether they exist.",
    .reason_zh = "同一来源探测大量账户是否存在。",
    .remedy = "Answer alike for known and unknown accounts; limit the rate.",
    .remedy_zh = "对存在与不存在的账户返回一致结果并限频。"};

struct source {
  struct table_entry te;
  uint64_t since, last, hour; /* hour: when that began */
  uint32_t count, fails, hourly, hour_fails;
  struct few accounts;
  bool told;
};
struct state {
  struct store sources, accounts;
};

static void source_done(void *e) { few_done(&((struct source *)e)->accounts); }

static int start(void *state, struct correlate_ctx *cx) {
  struct state *s = state;
  size_t cap = cx->conf->max_actors > 0 ? (size_t)cx->conf->max_actors : 200000;
  int rc = store_init(&s->sources, sizeof(struct source), cap, source_done);
  return rc < 0 ? rc : store_init(&s->accounts, sizeof(struct source), cap, source_done);
}

static void stop(void *state, struct correlate_ctx *cx, bool end) {
  struct state *s = state;
  (void)cx, (void)end;
  store_done(&s->sources), store_done(&s->accounts);
}

static struct source *of(struct store *store, struct correlate_ctx *cx, uint64_t key) {
  struct source *s = store_get(store, cx, key);
  if (!s) return NULL;
  if (!s->since || s->last + WINDOW_NS < cx->now || (!s->told && s->hour + HOUR_NS < cx->now)) {
    few_done(&s->accounts);
    s->hour = cx->now;
    s->hourly = s->hour_fails = 0;
    s->since = 0;
    s->told = false;
  }
  if (!s->since || (!s->told && s->since + WINDOW_NS < cx->now)) s->since = cx->now, s->count = s->fails = 0;
  s->last = cx->now;
  s->count++, s->hourly++;
  return s;
}

/* So many in ten minutes, or three times as many in an hour: many people behind one address are slower. */
static bool reaches(const struct source *s, uint32_t least) {
  return s->told || s->count >= least || s->hourly >= least * AN_HOUR;
}

static void say(struct correlate_ctx *cx, const struct api_event *e, struct source *s,
                const struct rule *rule, uint64_t key, const char *what, const char *what_zh) {
  struct raise r = correlate_of(rule, e);
  r.key = key;
  r.count = s->told ? 1 : s->hourly;
  r.first_ns = s->since;
  r.confidence = 80;
  r.outcome = e->txn->outcome == TXN_OK ? OUTCOME_PROBABLE : OUTCOME_ATTEMPTED;
  unsigned long long seconds = (cx->now - s->since) / 1000000000;
  r.reason = correlate_text(cx, "%u %s for %u accounts or numbers in %llu s.", s->count, what,
                            s->accounts.count, seconds);
  r.reason_zh = correlate_text(cx, "%llu 秒内对 %u 个账户或号码%s %u 次。", seconds, s->accounts.count,
                               what_zh, s->count);
  s->told = true;
  correlate_raise(cx, &r);
}

static bool uses_phone_too_much(const struct source *s) { return s && s->count >= SENDS_ONE_PHONE; }

static void event(void *state, struct correlate_ctx *cx, const struct api_event *e) {
  struct state *st = state;
  enum login_step step = e->login.step;
  if (step < LOGIN_REGISTER) return;
  /* A gateway's call for someone whose own was lost. */
  if (!cx->outside && !e->who.inner_hop && hops_is_relay(cx->hops, e->who.origin)) return;
  uint64_t from = hash_mix(hash_mix(correlate_addr(e->who.origin), hash64(e->service, 43)), step);
  uint64_t account = correlate_key(e->login.account);
  struct source *s = of(&st->sources, cx, from);
  if (!s) return;
  if (account) few_add(&s->accounts, cx, account, SET);
  s->fails += e->login.result == TXN_ERROR;
  s->hour_fails += e->login.result == TXN_ERROR;
  if (step == LOGIN_OTP_SEND) {
    struct source *phone = account ? of(&st->accounts, cx, hash_mix(account, step)) : NULL;
    if (reaches(s, SENDS))
      say(cx, e, s, &correlate_sms_bombing, 0, "codes sent", "发送验证码");
    else if (uses_phone_too_much(phone))
      say(cx, e, phone, &correlate_sms_bombing, hash_mix(account, 1), "codes sent", "发送验证码");
  } else if (step == LOGIN_OTP_CHECK) {
    if ((s->fails >= CODE_FAILS && s->fails * 2 >= s->count) ||
        (s->hour_fails >= CODE_FAILS * 2 && s->hour_fails * 2 >= s->hourly))
      say(cx, e, s, &correlate_otp_brute_force, 0, "codes tried", "尝试验证码");
  } else if (step == LOGIN_REGISTER) {
    if (reaches(s, REGISTERS) && s->accounts.count * 2 >= REGISTERS)
      say(cx, e, s, &correlate_registration_bulk, 0, "registrations", "注册");
  } else if (reaches(s, LOOKUPS) && s->accounts.count >= LOOKUPS) {
    say(cx, e, s, &correlate_account_enumeration, 0, "look-ups", "查询账户");
  }
}

const struct correlation correlate_codes = {
    &correlate_sms_bombing, sizeof(struct state), start, event, NULL, NULL, stop};
