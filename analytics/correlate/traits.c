/* SPDX-License-Identifier: Apache-2.0 */
/* Facts of the event at hand that several correlations need: keys, and what the endpoint's name says. */
#include "analytics/correlate/correlate.h"

enum { ENDPOINTS = 65536, NAME = 256 };

struct known {
  struct table_entry te;
  uint32_t traits;
  bool set;
};
struct traits {
  struct store endpoints;
};

struct traits *traits_new(void) {
  struct traits *t = mem_zalloc(sizeof *t);
  if (t && store_init(&t->endpoints, sizeof(struct known), ENDPOINTS, NULL) < 0) {
    mem_free(t);
    return NULL;
  }
  return t;
}

void traits_free(struct traits *t) {
  if (!t) return;
  store_done(&t->endpoints);
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

void correlate_facts(struct correlate_ctx *cx, struct traits *t, const struct api_event *e) {
  cx->origin = correlate_addr(e->who.origin);
  cx->session = correlate_key(e->who.session);
  cx->who = cx->session ? cx->session : cx->origin;
  cx->outside = !zones_inside(cx->zones, e->who.origin);
  if (e->txn->kind != TXN_CALL) return;
  cx->endpoint = hash64(e->operation, hash64(e->endpoint, hash64(e->service, 51)));
  struct known *k = store_get(&t->endpoints, cx, cx->endpoint);
  if (!k) return;
  if (!k->set) k->traits = traits_of(e), k->set = true;
  cx->traits = k->traits;
}
