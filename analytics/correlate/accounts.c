/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts out of character: dormant ones that wake, and those of programs in a person's hands. */
#include "analytics/correlate/correlate.h"

#define SEC 1000000000ULL
enum { MACHINE_CALLS = 50, BROWSER_CALLS = 3 };

const struct rule correlate_dormant_account = {
    .id = "dormant_account",
    .name = "Dormant account woke",
    .name_zh = "休眠账户被唤醒",
    .category = CATEGORY_ABUSE,
    .severity = SEVERITY_LOW,
    .technique = {"T1078"},
    .tactic = {"TA0001"},
    .owasp = {"API2:2023"},
    .reason = "An account that was quiet for long is used again, from an address that it never came from.",
    .reason_zh = "长期未使用的账户从陌生地址再次活动。",
    .remedy = "Ask the owner; lock accounts that nobody uses.",
    .remedy_zh = "联系用户核实，停用长期不用的账户。"};
const struct rule correlate_service_account = {
    .id = "service_account_misuse",
    .name = "Service account used by a person",
    .name_zh = "服务账号被人员使用",
    .category = CATEGORY_ABUSE,
    .severity = SEVERITY_HIGH,
    .technique = {"T1078.004", "T1552"},
    .tactic = {"TA0005", "TA0006"},
    .owasp = {"API2:2023"},
    .reason = "A credential that only programs inside used comes from a browser or from outside.",
    .reason_zh = "仅由内部程序使用的凭据出现在浏览器或外部网络。",
    .remedy = "Rotate the credential; find where it was read; bind it to its hosts.",
    .remedy_zh = "轮换凭据，排查泄露位置，并绑定来源主机。"};

struct account {
  struct table_entry te;
  uint64_t last;
  uint64_t from[8]; /* networks seen */
  uint32_t next, calls, by_people;
  bool only_programs;
};
struct state {
  struct store users, credentials;
};

static int start(void *state, struct correlate_ctx *cx) {
  struct state *s = state;
  size_t cap = cx->conf->max_actors > 0 ? (size_t)cx->conf->max_actors : 200000;
  int rc = store_init(&s->users, sizeof(struct account), cap, NULL);
  return rc < 0 ? rc : store_init(&s->credentials, sizeof(struct account), cap, NULL);
}
static void stop(void *state, struct correlate_ctx *cx, bool end) {
  struct state *s = state;
  (void)cx, (void)end;
  store_done(&s->users), store_done(&s->credentials);
}

/* 16 bits of IPv4, 32 of IPv6. True when it was not among those kept. */
static bool new_net(struct account *a, const uint8_t addr[16]) {
  bool v4 = memcmp(addr, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0;
  uint64_t net = hash64(span_of(addr, v4 ? 14 : 4), 29) | 1;
  for (uint32_t i = 0; i < 8; i++)
    if (a->from[i] == net) return false;
  a->from[a->next++ % 8] = net;
  return true;
}

static void dormant(struct state *st, struct correlate_ctx *cx, const struct api_event *e) {
  uint64_t user = correlate_key(e->login.step == LOGIN_ATTEMPT ? e->login.account : e->who.user);
  if (!user || (e->login.step == LOGIN_ATTEMPT && e->login.result != TXN_OK)) return;
  struct account *a = store_get(&st->users, cx, user);
  if (!a) return;
  uint64_t quiet = a->last ? cx->now - a->last : 0;
  bool strange = new_net(a, e->who.origin);
  a->last = cx->now;
  if (!strange || quiet < cx->conf->dormant_ns) return;
  struct raise r = correlate_of(&correlate_dormant_account, e);
  r.key = user;
  r.outcome = OUTCOME_PROBABLE;
  r.confidence = 55;
  r.reason = correlate_text(cx, "Quiet for %llu days, now from a network it never came from.",
                            (unsigned long long)(quiet / SEC / 86400));
  r.reason_zh =
      correlate_text(cx, "静默 %llu 天后从陌生网络登录。", (unsigned long long)(quiet / SEC / 86400));
  correlate_raise(cx, &r);
}

static void service(struct state *st, struct correlate_ctx *cx, const struct api_event *e) {
  if (e->who.auth == AUTH_SESSION || e->who.auth == AUTH_NEGOTIATE || e->who.forwarded || e->who.inner_hop)
    return;
  struct account *a = store_get(&st->credentials, cx, cx->session);
  if (!a) return;
  struct span agent = headers_get(&e->txn->side[DIR_REQUEST].headers, "user-agent");
  bool browser = span_starts(agent, SPAN_LIT("Mozilla/")), person = browser || cx->outside;
  if (!a->calls++) a->only_programs = !person;
  if (!person) return;
  if (a->calls < MACHINE_CALLS) a->only_programs = false;
  if (!a->only_programs || ++a->by_people < BROWSER_CALLS) return;
  struct raise r = correlate_of(&correlate_service_account, e);
  r.key = cx->session;
  r.outcome = OUTCOME_SUCCESS;
  r.confidence = cx->outside && browser ? 85 : 65;
  r.count = a->by_people == BROWSER_CALLS ? BROWSER_CALLS : 1;
  r.baseline = correlate_text(cx, "%u calls before, all by programs inside.", a->calls - a->by_people);
  correlate_raise(cx, &r);
}

static void event(void *state, struct correlate_ctx *cx, const struct api_event *e) {
  if (e->txn->kind != TXN_CALL || e->txn->status >= 400) return;
  if (cx->outside) dormant(state, cx, e);
  if (cx->session && e->txn->path.len) service(state, cx, e);
}

void accounts_ahead(const void *state, const struct correlate_ctx *cx, const struct api_event *e) {
  (void)e;
  store_ahead(&((const struct state *)state)->credentials, cx->session);
}

const struct correlation correlate_accounts = {
    &correlate_dormant_account, sizeof(struct state), start, event, NULL, NULL, stop};
