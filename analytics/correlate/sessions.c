/* SPDX-License-Identifier: Apache-2.0 */
/* A session that cannot be one person's: it goes on after logout, on two devices by turns, or in two far places at once. */
#include "analytics/correlate/correlate.h"

#define SEC 1000000000ULL
#define WINDOW_NS (600 * SEC)
#define AFTER_NS (3 * SEC)     /* calls under way when the user logged out */
#define RUN_OUT_NS (300 * SEC) /* tokens of a short life may run out by themselves */
enum { SWITCHES = 4, NETS = 4, FAR_KM = 500 };

const struct rule correlate_token_after_logout = {
    .id = "token_after_logout",
    .name = "Session used after logout",
    .name_zh = "注销后令牌仍被使用",
    .category = CATEGORY_ABUSE,
    .severity = SEVERITY_HIGH,
    .technique = {"T1550.001", "T1539"},
    .tactic = {"TA0008", "TA0006"},
    .owasp = {"API2:2023"},
    .reason = "A token was used and accepted from another address after its owner had logged out.",
    .reason_zh = "用户注销后，其令牌仍从其他地址使用且被接受。",
    .remedy = "Revoke tokens at logout on the server; look for what stole this one.",
    .remedy_zh = "服务端注销时吊销令牌，排查令牌泄露途径。"};
const struct rule correlate_logout_ignored = {.id = "logout_ignored",
                                              .name = "Logout does not end the session",
                                              .name_zh = "注销未使会话失效",
                                              .category = CATEGORY_POSTURE,
                                              .severity = SEVERITY_MEDIUM,
                                              .technique = {"T1550.001"},
                                              .tactic = {"TA0008"},
                                              .owasp = {"API2:2023"},
                                              .reason = "Calls with a token were accepted after its logout.",
                                              .reason_zh = "注销之后，服务端仍接受同一令牌。",
                                              .remedy = "Revoke tokens at logout on the server.",
                                              .remedy_zh = "服务端注销时吊销令牌。"};
const struct rule correlate_session_hijack = {
    .id = "session_hijack",
    .name = "Session on two devices by turns",
    .name_zh = "会话劫持",
    .category = CATEGORY_ABUSE,
    .severity = SEVERITY_HIGH,
    .technique = {"T1539", "T1550.004"},
    .tactic = {"TA0006", "TA0008"},
    .owasp = {"API2:2023"},
    .reason = "One token goes to and fro between two devices in different networks: someone else has it too.",
    .reason_zh = "同一令牌在不同网络的两台设备间交替使用，疑似被窃取。",
    .remedy = "Revoke the token, tell the owner, bind sessions to a device.",
    .remedy_zh = "吊销令牌，通知用户，会话绑定设备。"};
const struct rule correlate_impossible_travel = {
    .id = "impossible_travel",
    .name = "Impossible travel",
    .name_zh = "不可能的位移",
    .category = CATEGORY_ABUSE,
    .severity = SEVERITY_HIGH,
    .technique = {"T1078"},
    .tactic = {"TA0001"},
    .owasp = {"API2:2023"},
    .reason = "One identity was in two places between which nobody travels so fast.",
    .reason_zh = "同一身份在短时间内出现在相距过远的两地。",
    .remedy = "Ask the owner; end all sessions; demand a second factor.",
    .remedy_zh = "联系用户核实，终止全部会话，启用二次认证。"};

struct session {
  struct table_entry te;
  uint64_t since, last, logout, device, net;
  uint64_t nets[NETS]; /* seen in this window; full: many, which is sharing and not two by turns */
  uint32_t switches;
  uint8_t addr[16], out[16]; /* last seen at; logged out from */
  bool told;
};
struct person {
  struct table_entry te;
  const struct place *place;
  uint8_t addr[16];
  uint64_t last;
};
struct state {
  struct store sessions, people;
};

static int start(void *state, struct correlate_ctx *cx) {
  struct state *s = state;
  size_t cap = cx->conf->max_actors > 0 ? (size_t)cx->conf->max_actors : 200000;
  int rc = store_init(&s->sessions, sizeof(struct session), cap, NULL);
  return rc < 0 ? rc : store_init(&s->people, sizeof(struct person), cap, NULL);
}
static void stop(void *state, struct correlate_ctx *cx, bool end) {
  struct state *s = state;
  (void)cx, (void)end;
  store_done(&s->sessions), store_done(&s->people);
}

/* 24 bits of IPv4, 48 of IPv6. */
static uint64_t net_of(const uint8_t a[16]) {
  bool v4 = memcmp(a, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0;
  return hash64(span_of(a, v4 ? 15 : 6), 23) | 1;
}

static void after_logout(struct correlate_ctx *cx, const struct api_event *e, const struct session *s) {
  if (e->login.step != LOGIN_NONE || hops_start(e->txn) < s->logout + AFTER_NS) return;
  bool elsewhere = net_of(s->out) != net_of(e->who.origin);
  if (!elsewhere && hops_start(e->txn) < s->logout + RUN_OUT_NS) return;
  struct raise r = correlate_of(elsewhere ? &correlate_token_after_logout : &correlate_logout_ignored, e);
  r.outcome = OUTCOME_SUCCESS;
  r.confidence = 85;
  unsigned long long seconds = (cx->now - s->logout) / SEC;
  r.reason = correlate_text(cx, "The token was accepted %llu s after its logout.", seconds);
  r.reason_zh = correlate_text(cx, "注销 %llu 秒后令牌仍被接受。", seconds);
  if (elsewhere)
    r.key = cx->session;
  else
    r.key = hash64(e->service, 24) | 1, r.per_endpoint = true;
  correlate_raise(cx, &r);
}

static void see_net(struct session *s, uint64_t net) {
  for (unsigned i = 0; i < NETS; i++) {
    if (s->nets[i] == net) return;
    if (s->nets[i]) continue;
    s->nets[i] = net;
    return;
  }
}

static void turns(struct correlate_ctx *cx, const struct api_event *e, struct session *s) {
  uint64_t device = correlate_key(e->who.device), net = net_of(e->who.origin);
  uint8_t both[2][16];
  if (!device && e->who.inner_hop) return; /* the gateway's own call */
  if (s->last + WINDOW_NS < cx->now)
    memset(s->nets, 0, sizeof s->nets), s->switches = 0, s->since = cx->now, s->told = false;
  see_net(s, net);
  bool moved = s->device && device && device != s->device && net != s->net;
  memcpy(both[0], s->addr, 16);
  memcpy(both[1], e->who.origin, 16);
  s->switches += moved;
  s->device = device, s->net = net, s->last = cx->now;
  memcpy(s->addr, e->who.origin, 16);
  if (!moved || s->switches < SWITCHES || s->nets[NETS - 1]) return;
  struct raise r = correlate_of(&correlate_session_hijack, e);
  r.key = cx->session;
  r.actor = (const uint8_t(*)[16])both;
  r.nactors = 2;
  r.count = s->told ? 1 : s->switches;
  r.first_ns = s->since;
  r.outcome = OUTCOME_PROBABLE;
  r.confidence = 75;
  r.reason = correlate_text(cx, "%u changes of device and network within %llu s.", s->switches,
                            (unsigned long long)((cx->now - s->since) / SEC));
  r.reason_zh = correlate_text(cx, "%llu 秒内设备与网络同时切换 %u 次。",
                               (unsigned long long)((cx->now - s->since) / SEC), s->switches);
  s->told = true;
  correlate_raise(cx, &r);
}

static void travel(struct state *st, struct correlate_ctx *cx, const struct api_event *e) {
  const struct place *at = places_of(cx->places, e->who.origin);
  uint64_t user = correlate_key(e->login.account.len ? e->login.account : e->who.user);
  uint8_t both[2][16];
  if (!at || !user) return;
  struct person *p = store_get(&st->people, cx, user);
  if (!p) return;
  const struct place *was = p->place;
  uint64_t before = p->last;
  memcpy(both[0], p->addr, 16);
  memcpy(both[1], e->who.origin, 16);
  p->place = at, p->last = cx->now;
  memcpy(p->addr, e->who.origin, 16);
  if (!was || was == at) return;
  double km = places_km(was, at), hours = (double)(cx->now - before) / SEC / 3600;
  if (km < FAR_KM || km <= (double)cx->conf->travel_kmh * hours) return;
  struct raise r = correlate_of(&correlate_impossible_travel, e);
  r.key = user;
  r.actor = (const uint8_t(*)[16])both;
  r.nactors = 2;
  r.outcome = OUTCOME_PROBABLE;
  r.confidence = 70;
  r.reason =
      correlate_text(cx, "From %s to %s, %.0f km, in %.0f minutes.", was->name, at->name, km, hours * 60);
  r.reason_zh =
      correlate_text(cx, "%.0f 分钟内从 %s 到 %s，相距 %.0f 公里。", hours * 60, was->name, at->name, km);
  correlate_raise(cx, &r);
}

static void event(void *state, struct correlate_ctx *cx, const struct api_event *e) {
  struct state *st = state;
  const struct txn *t = e->txn;
  if (t->kind != TXN_CALL || t->status >= 400 || !cx->outside) return;
  if (cx->places && (e->login.step != LOGIN_ATTEMPT || e->login.result == TXN_OK)) travel(st, cx, e);
  enum auth_kind a = e->who.auth;
  if (!cx->session || (a != AUTH_BEARER && a != AUTH_JWT && a != AUTH_SESSION) || t->status < 100) return;
  struct session *s = store_get(&st->sessions, cx, cx->session);
  if (!s) return;
  if (s->logout) after_logout(cx, e, s);
  if (e->login.step == LOGIN_LOGOUT) {
    s->logout = cx->now;
    memcpy(s->out, e->who.origin, 16);
  } else if (e->login.step == LOGIN_ATTEMPT) {
    s->logout = 0; /* a session id that is kept over logins */
  }
  turns(cx, e, s);
}

const struct correlation correlate_sessions = {
    &correlate_session_hijack, sizeof(struct state), start, event, NULL, NULL, stop};
