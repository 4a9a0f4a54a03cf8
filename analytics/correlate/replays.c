/* SPDX-License-Identifier: Apache-2.0 */
/* Signed requests sent again: the same signature and target twice, both accepted. */
#include "analytics/correlate/correlate.h"

#define SEC 1000000000ULL
#define RETRY_NS (1 * SEC) /* a library that tries again does so at once */
enum { KEPT = 65536, REPLAYS_SURE = 3 };

const struct rule correlate_replayed_request = {
    .id = "replayed_request",
    .name = "Signed request replayed",
    .name_zh = "签名请求重放",
    .category = CATEGORY_ABUSE,
    .severity = SEVERITY_MEDIUM,
    .technique = {"T1550", "T1557"},
    .tactic = {"TA0008", "TA0006"},
    .owasp = {"API2:2023", "API6:2023"},
    .reason = "A signed request that changes something was sent again and accepted again.",
    .reason_zh = "带签名的写请求被原样重放且再次被接受。",
    .remedy = "Refuse a nonce that was used and a timestamp that is old; make writes idempotent.",
    .remedy_zh = "校验随机数与时间戳，拒绝重复请求，写操作做幂等。"};

struct request {
  struct table_entry te;
  uint64_t first, conn;
  uint8_t from[16];
  uint32_t again;
  bool accepted;
};
struct state {
  struct store requests;
};

static int start(void *state, struct correlate_ctx *cx) {
  (void)cx;
  return store_init(&((struct state *)state)->requests, sizeof(struct request), KEPT, NULL);
}
static void stop(void *state, struct correlate_ctx *cx, bool end) {
  (void)cx, (void)end;
  store_done(&((struct state *)state)->requests);
}

static bool is_signature(struct span name) {
  static const char *const names[] = {"sign",
                                      "signature",
                                      "x-sign",
                                      "x-signature",
                                      "x-ca-signature",
                                      "x-api-signature",
                                      "x-request-signature",
                                      "x-hub-signature",
                                      "x-amz-signature",
                                      "sig",
                                      "api-sign",
                                      "x-bank-signature",
                                      "x-jws-signature",
                                      "wechatpay-signature",
                                      "hmac",
                                      "mac"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (span_eq_nocase(name, span_str(names[i]))) return true;
  return false;
}

/* Of header, query or body; 0 where there is none. */
static uint64_t signature_of(const struct api_event *e) {
  const struct headers *h = &e->txn->side[DIR_REQUEST].headers;
  for (uint32_t i = 0; i < h->count; i++)
    if (h->item[i].value_known && h->item[i].value.len >= 16 && is_signature(h->item[i].name))
      return hash64(h->item[i].value, 27) | 1;
  if (e->who.auth == AUTH_SIGNATURE) {
    struct span auth = headers_get(h, "authorization");
    if (auth.len) return hash64(auth, 27) | 1;
  }
  for (struct span q = e->txn->query; q.len;) {
    struct span v = span_cut(&q, '&'), k = span_cut(&v, '=');
    if (v.len >= 16 && is_signature(k)) return hash64(v, 27) | 1;
  }
  const struct fields *f = &e->fields[DIR_REQUEST];
  for (uint32_t i = 0; i < f->count && i < 32; i++)
    if (f->item[i].value_hash && f->item[i].max >= 16 && is_signature(f->item[i].path))
      return f->item[i].value_hash;
  return 0;
}

static void event(void *state, struct correlate_ctx *cx, const struct api_event *e) {
  const struct txn *t = e->txn;
  if (t->kind != TXN_CALL || !(cx->traits & TRAIT_WRITE) || !t->path.len || !cx->outside) return;
  if (e->login.result == TXN_ERROR || t->status < 200) return;
  uint64_t sign = signature_of(e);
  if (!sign) return;
  uint64_t at = hash64(t->target, hash64(t->method, correlate_addr(t->conn.server)));
  struct request *q = store_get(&((struct state *)state)->requests, cx, hash_mix(sign, at));
  if (!q) return;
  bool accepted = t->status < 300;
  if (!q->first || !q->accepted) {
    q->first = hops_start(t), q->accepted = accepted, q->conn = t->conn.id;
    memcpy(q->from, e->who.origin, 16);
    return;
  }
  if (!accepted || hops_start(t) < q->first + RETRY_NS) return;
  q->again++;
  struct raise r = correlate_of(&correlate_replayed_request, e);
  bool elsewhere = memcmp(q->from, e->who.origin, 16) != 0;
  r.outcome = OUTCOME_SUCCESS;
  r.severity = elsewhere || q->again >= REPLAYS_SURE ? SEVERITY_HIGH : SEVERITY_MEDIUM;
  r.confidence = elsewhere || q->again >= REPLAYS_SURE ? 85 : 65;
  r.reason = correlate_text(cx, "The same signature was accepted %u times more, last after %llu s.", q->again,
                            (unsigned long long)((cx->now - q->first) / SEC));
  r.reason_zh = correlate_text(cx, "同一签名再次被接受 %u 次，最近一次间隔 %llu 秒。", q->again,
                               (unsigned long long)((cx->now - q->first) / SEC));
  correlate_raise(cx, &r);
}

const struct correlation correlate_replays = {
    &correlate_replayed_request, sizeof(struct state), start, event, NULL, NULL, stop};
