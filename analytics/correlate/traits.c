/* SPDX-License-Identifier: Apache-2.0 */
/* Facts of the event at hand that several correlations need: keys, and what the endpoint's name says. */
#include "analytics/correlate/correlate.h"

#define DAMAGE_NS 1800000000000ULL

enum {
  ENDPOINTS = 65536,
  NAME = 256,
  RELAYS = 4096,
  DAMAGES = 65536,
  KNOWN_MOST = 20,
  KNOWN_LEAST = 5,
  DAMAGED_LEAST = 3,
  DAMAGED_OF = 2000
};

struct known {
  struct table_entry te;
  uint32_t traits;
  bool set;
};
/* A host that passes calls on: of how many it was seen for whom. */
struct relay {
  struct table_entry te;
  uint32_t known, unknown;
};
/* An address of which something was not seen lately. */
struct damage {
  struct table_entry te;
  uint64_t last;
  uint32_t calls;
};
struct traits {
  struct store endpoints, relays, damages;
  uint64_t calls, damaged; /* seen; of them not whole */
};

struct traits *traits_new(void) {
  struct traits *t = mem_zalloc(sizeof *t);
  if (t && store_init(&t->endpoints, sizeof(struct known), ENDPOINTS, NULL) >= 0 &&
      store_init(&t->relays, sizeof(struct relay), RELAYS, NULL) >= 0 &&
      store_init(&t->damages, sizeof(struct damage), DAMAGES, NULL) >= 0)
    return t;
  traits_free(t);
  return NULL;
}

void traits_free(struct traits *t) {
  if (!t) return;
  store_done(&t->endpoints), store_done(&t->relays), store_done(&t->damages);
  mem_free(t);
}

/* Words as whole ones: bounded by what is no letter, or by a capital. */
static bool word_in(struct span s, const char *const *words) {
  for (; *words; words++) {
    struct span w = span_str(*words), rest = s;
    for (size_t at; (at = span_find_nocase(rest, w)) < rest.len; rest = span_skip(rest, at + 1)) {
      size_t from = (size_t)(rest.base - s.base) + at, to = from + w.len;
      uint8_t before = from ? s.base[from - 1] : '/', after = to < s.len ? s.base[to] : '/';
      bool open =
          !((before | 32) >= 'a' && (before | 32) <= 'z') || (s.base[from] >= 'A' && s.base[from] <= 'Z');
      uint8_t next = after == 's' && to + 1 < s.len ? s.base[to + 1] : '/';
      bool shut = !(after >= 'a' && after <= 'z') || (after == 's' && !(next >= 'a' && next <= 'z'));
      if (open && shut) return true;
    }
  }
  return false;
}

#define WORDS(name, ...) static const char *const name[] = {__VA_ARGS__, NULL}

static uint32_t traits_of(const struct api_event *e) {
  WORDS(admin, "admin", "administrator", "manage", "manager", "management", "mgmt", "backoffice", "sysadmin",
        "superuser", "permission", "privilege", "roles", "role", "grant", "audit", "sysconfig", "sysuser",
        "impersonate", "adminapi", "maintenance", "ops");
  WORDS(money, "transfer", "remit", "remittance", "withdraw", "withdrawal", "payout", "payment", "pay",
        "zhuanzhang", "topup", "recharge", "cashout", "disburse");
  WORDS(coupon, "coupon", "voucher", "promo", "promotion", "redeem", "redemption", "giftcard", "gift",
        "lottery", "redpacket", "hongbao", "bonus", "reward", "draw", "checkin", "points", "claim",
        "campaign", "luckydraw");
  WORDS(commit, "confirm", "submit", "commit", "execute", "finalize", "finish", "complete", "checkout",
        "place", "pay", "approve", "sign", "settle");
  WORDS(ask, "search", "query", "list", "find", "get", "page", "filter", "export", "report", "count",
        "lookup", "statistics", "history", "quote", "preview", "simulate", "calculate", "download",
        "aggregate");
  struct span method = e->txn->method, name = span_head(e->endpoint, NAME);
  uint32_t t = 0;
  if (span_eq(method, SPAN_LIT("POST")) || span_eq(method, SPAN_LIT("PUT")) ||
      span_eq(method, SPAN_LIT("PATCH")) || span_eq(method, SPAN_LIT("DELETE")) || !method.len)
    t |= TRAIT_WRITE;
  if (word_in(name, admin)) t |= TRAIT_ADMIN;
  if (word_in(name, money)) t |= TRAIT_MONEY;
  if (word_in(name, coupon)) t |= TRAIT_COUPON;
  if (word_in(name, commit)) t |= TRAIT_COMMIT;
  if (word_in(name, ask) || word_in(e->operation, ask)) t |= TRAIT_ASK;
  if (hops_is_probe(e->txn->path)) t |= TRAIT_PROBE;
  return t;
}

/* A call that a host passed on, while the call that caused it was lost: who stands behind it is not known. */
static bool is_stray(struct traits *t, struct correlate_ctx *cx, const struct api_event *e) {
  const struct conn *c = &e->txn->conn;
  if (e->who.forwarded || (!e->who.inner_hop && !hops_is_relay(cx->hops, c->client))) return false;
  struct relay *r = store_get(&t->relays, cx, hash_mix(correlate_addr(c->client), hash64(e->service, 41)));
  if (!r) return false;
  if (e->who.inner_hop && !e->who.by_time) {
    r->known++;
    return false;
  }
  r->unknown++;
  if (r->known >= KNOWN_MOST && r->known >= r->unknown * KNOWN_MOST) return true;
  return cx->lossy && (e->who.by_time || (r->known >= KNOWN_LEAST && r->known >= r->unknown * 2));
}

static bool is_lossy(const struct traits *t) {
  return t->damaged >= DAMAGED_LEAST && t->damaged * DAMAGED_OF >= t->calls;
}

static void see_loss(struct traits *t, struct correlate_ctx *cx, const struct api_event *e) {
  bool whole = !(txn_unseen(e->txn) & (UNSEEN_GAP | UNSEEN_MIDSTREAM | UNSEEN_ONE_SIDED));
  t->calls++;
  t->damaged += !whole;
  cx->lossy = is_lossy(t);
  struct damage *d = whole ? NULL : store_get(&t->damages, cx, cx->origin);
  if (!d) return;
  if (d->last + DAMAGE_NS < cx->now) d->calls = 0;
  d->last = cx->now;
  d->calls++;
}

uint32_t correlate_damage(const struct correlate_ctx *cx, uint64_t origin) {
  const struct damage *d = cx->known && is_lossy(cx->known) ? store_find(&cx->known->damages, origin) : NULL;
  return d && d->last + DAMAGE_NS >= cx->now ? d->calls : 0;
}

void correlate_facts(struct correlate_ctx *cx, struct traits *t, const struct api_event *e) {
  cx->origin = correlate_addr(e->who.origin);
  cx->session = correlate_key(e->who.session);
  cx->who = cx->session ? cx->session : cx->origin;
  cx->outside = !zones_inside(cx->zones, e->who.origin);
  if (e->txn->kind != TXN_CALL) return;
  see_loss(t, cx, e);
  cx->stray = is_stray(t, cx, e);
  cx->endpoint = hash64(e->operation, hash64(e->endpoint, hash64(e->service, 51)));
  struct known *k = store_get(&t->endpoints, cx, cx->endpoint);
  if (!k) return;
  if (!k->set) k->traits = traits_of(e), k->set = true;
  cx->traits = k->traits;
}
