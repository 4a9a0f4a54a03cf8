/* SPDX-License-Identifier: Apache-2.0 */
/* Data that travel against the user's policies: one finding a policy, endpoint and class. */
#include "analytics/correlate/leak.h"
#include "analytics/policy.h"
#include "analytics/ruleset.h"

const struct rule correlate_policy_violation = {
    .id = "data_policy_violation",
    .name = "Data sent against a policy",
    .name_zh = "违反数据流转策略",
    .category = CATEGORY_LEAK,
    .severity = SEVERITY_HIGH,
    .technique = {"T1567", "T1213"},
    .tactic = {"TA0010", "TA0009"},
    .owasp = {"API3:2023"},
    .reason = "A class of data went where a policy forbids it.",
    .reason_zh = "某类数据被发送到策略禁止的对象。",
    .remedy = "Stop the flow, or change the policy if the flow is meant.",
    .remedy_zh = "阻断该数据流；如属正常业务，请调整策略。"};

static void say(struct leaks *leaks, struct correlate_ctx *cx, const struct api_event *e,
                const struct data_hit *h, const struct policy *p, const uint8_t to[16]) {
  char text[48];
  struct span detail = correlate_text(cx, "%.*s/%s", SPAN_FMT(p->name), h->class_id);
  struct leak *k = leak_add(leaks, cx, &correlate_policy_violation, e, h, false, detail);
  if (!k || (k->told_at && k->subjects.count < k->told_at * 10)) return;
  k->told_at = k->subjects.count ? k->subjects.count : 1;
  size_t n = zones_text(to, text);
  struct evidence ev[2] = {{.where = h->path, .what = h->sample},
                           {.where = SPAN_LIT("policy"), .what = p->name}};
  struct raise r = correlate_of(&correlate_policy_violation, e);
  r.key = hash64(detail, hash64(e->endpoint, hash64(e->service, 81))) | 1;
  r.per_endpoint = true;
  r.severity = p->severity;
  r.confidence = 95;
  r.outcome = OUTCOME_SUCCESS;
  r.evidence = ev;
  r.nevidence = 2;
  r.count = k->calls;
  r.reason = correlate_text(cx, "Policy \"%.*s\": %s of %u distinct subjects went to %.*s.",
                            SPAN_FMT(p->name), h->class_id, k->subjects.count, (int)n, text);
  r.reason_zh = correlate_text(cx, "策略“%.*s”：%s（%u 个不同主体）被发送到 %.*s。", SPAN_FMT(p->name),
                               h->class_id, k->subjects.count, (int)n, text);
  correlate_raise(cx, &r);
}

static void event(void *state, struct correlate_ctx *cx, const struct api_event *e) {
  const struct policies *p = cx->rules ? cx->rules->policies : NULL;
  const struct txn *t = e->txn;
  if (!p || t->kind != TXN_CALL) return;
  const uint8_t *client = e->who.inner_hop ? t->conn.client : e->who.origin, *server = t->conn.server;
  for (int d = 0; d < 2; d++) {
    const uint8_t *from = d == DIR_REQUEST ? client : server, *to = d == DIR_REQUEST ? server : client;
    struct policy_case c = {.service = e->service,
                            .endpoint = e->endpoint,
                            .dir = (enum dir)d,
                            .from = from,
                            .to = to,
                            .from_zone = zones_of(cx->zones, from),
                            .to_zone = zones_of(cx->zones, to),
                            .plaintext = !e->encrypted,
                            .authenticated = e->who.auth != AUTH_NONE};
    for (uint32_t i = 0; i < e->data[d].count; i++) {
      c.hit = &e->data[d].item[i];
      const struct policy *by = policy_judge(p, &c);
      /* that nobody authenticated is said only where the head was seen */
      if (by && by->deny && !(by->authenticated == 0 && !leak_head_seen(t))) say(state, cx, e, c.hit, by, to);
    }
  }
}

const struct correlation correlate_leak_policy = {
    &correlate_policy_violation, sizeof(struct leaks), leak_start, event, NULL, NULL, leak_stop};
