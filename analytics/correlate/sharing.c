/* SPDX-License-Identifier: Apache-2.0 */
/* One session used from many addresses at a time. A phone that roams has two, an office behind NAT one. */
#include "analytics/correlate/correlate.h"

#define WINDOW_NS (600ULL * 1000000000)
enum { ADDRESSES = 4, ADDRESSES_ONE_NET = 5, SLOTS = 16 };

const struct rule correlate_account_sharing = {
    .id = "account_sharing",
    .name = "Session used from many addresses",
    .name_zh = "会话多地共用",
    .category = CATEGORY_ABUSE,
    .severity = SEVERITY_HIGH,
    .technique = {"T1550.004", "T1539"},
    .tactic = {"TA0008", "TA0006"},
    .owasp = {"API2:2023"},
    .reason = "One token was used from many addresses within minutes: it was stolen or is shared.",
    .reason_zh = "同一令牌在数分钟内从多个地址使用，疑似被盗或共享。",
    .remedy = "Revoke the token, tell the owner, bind sessions to a device.",
    .remedy_zh = "吊销令牌，通知用户，会话绑定设备。"};

struct seen_at {
  uint8_t addr[16];
  uint64_t last;
};
struct session {
  struct table_entry te;
  struct seen_at place[SLOTS];
  uint32_t count;
  uint64_t uses, since;
  bool told;
};
struct state {
  struct store sessions;
};

static int start(void *state, struct correlate_ctx *cx) {
  size_t cap = cx->conf->max_actors > 0 ? (size_t)cx->conf->max_actors : 200000;
  return store_init(&((struct state *)state)->sessions, sizeof(struct session), cap, NULL);
}
static void stop(void *state, struct correlate_ctx *cx, bool end) {
  (void)cx, (void)end;
  store_done(&((struct state *)state)->sessions);
}

static void see(struct session *s, const uint8_t addr[16], uint64_t now) {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < s->count; i++)
    if (s->place[i].last + WINDOW_NS >= now) s->place[kept++] = s->place[i];
  s->count = kept;
  if (!kept) s->uses = 0, s->since = now, s->told = false;
  s->uses++;
  for (uint32_t i = 0; i < s->count; i++) {
    if (memcmp(s->place[i].addr, addr, 16) != 0) continue;
    s->place[i].last = now;
    return;
  }
  if (s->count == SLOTS) return;
  memcpy(s->place[s->count].addr, addr, 16);
  s->place[s->count++].last = now;
}

/* Networks of 24 bits of IPv4 or 48 of IPv6. */
static unsigned networks(const struct session *s) {
  unsigned n = 0;
  for (uint32_t i = 0; i < s->count; i++) {
    bool again = false;
    size_t len = memcmp(s->place[i].addr, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0 ? 15 : 6;
    for (uint32_t j = 0; j < i && !again; j++) again = memcmp(s->place[i].addr, s->place[j].addr, len) == 0;
    n += !again;
  }
  return n;
}

static void event(void *state, struct correlate_ctx *cx, const struct api_event *e) {
  enum auth_kind auth = e->who.auth;
  uint8_t actor[SLOTS][16];
  if (auth != AUTH_BEARER && auth != AUTH_JWT && auth != AUTH_SESSION) return;
  if (!e->who.session.len || e->who.by_time || zones_inside(cx->zones, e->who.origin)) return;
  if (e->txn->status == 401 || e->txn->status == 403) return;
  uint64_t key = correlate_key(e->who.session);
  struct session *s = store_get(&((struct state *)state)->sessions, cx, key);
  if (!s) return;
  see(s, e->who.origin, cx->now);
  bool many = s->count >= ADDRESSES_ONE_NET || (s->count >= ADDRESSES && networks(s) >= 3);
  if (!many && !(s->told && s->count > 1)) return;
  for (uint32_t i = 0; i < s->count; i++) memcpy(actor[i], s->place[i].addr, 16);
  struct raise r = correlate_of(&correlate_account_sharing, e);
  r.key = key;
  r.actor = (const uint8_t(*)[16])actor;
  r.nactors = s->count;
  r.count = s->told ? 1 : s->uses;
  r.first_ns = s->since;
  r.confidence = 85;
  r.outcome = OUTCOME_PROBABLE;
  r.reason = correlate_text(cx, "One session was used from %u addresses within %llu s.", s->count,
                            (unsigned long long)((cx->now - s->since) / 1000000000));
  r.reason_zh = correlate_text(cx, "同一会话在 %llu 秒内从 %u 个地址使用。",
                               (unsigned long long)((cx->now - s->since) / 1000000000), s->count);
  s->told = true;
  correlate_raise(cx, &r);
}

const struct correlation correlate_sharing = {
    &correlate_account_sharing, sizeof(struct state), start, event, NULL, NULL, stop};
