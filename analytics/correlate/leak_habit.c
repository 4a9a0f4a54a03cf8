/* SPDX-License-Identifier: Apache-2.0 */
/* Leaks that show against what is usual: shown where others mask, in the clear where TLS is offered, a class where it never was. */
#include "analytics/correlate/leak.h"

enum {
  ENDPOINTS = 65536,
  SERVICES = 4096,
  CLASSES = 12,
  SETTLED = 50,
  VALUES = 10,
  MASKERS = 4,
  HOSTS = 8192,
  NEW_SUBJECTS = 3
};

static const struct rule rule_unmasked = {
    .id = "unmasked_data",
    .name = "Shown where others mask",
    .name_zh = "未脱敏展示",
    .category = CATEGORY_LEAK,
    .severity = SEVERITY_LOW,
    .technique = {"T1213"},
    .tactic = {"TA0009"},
    .owasp = {"API3:2023"},
    .reason = "The other endpoints of this service mask the class, this one shows it.",
    .reason_zh = "同一服务的其他接口均已脱敏，本接口明文展示。",
    .remedy = "Mask it here as well, or say why it must be shown.",
    .remedy_zh = "统一脱敏，或说明必须明文的理由。"};
static const struct rule rule_clear = {
    .id = "plaintext_sensitive_data",
    .name = "Sensitive data in the clear beside TLS",
    .name_zh = "敏感数据绕过 TLS 明文传输",
    .category = CATEGORY_LEAK,
    .severity = SEVERITY_MEDIUM,
    .technique = {"T1040"},
    .tactic = {"TA0006"},
    .owasp = {"API8:2023"},
    .reason = "Sensitive data travels unencrypted to or from the outside, though the same host offers TLS.",
    .reason_zh = "同一主机已提供 TLS，敏感数据仍以明文与外部传输。",
    .remedy = "Redirect to TLS and refuse plain HTTP.",
    .remedy_zh = "强制跳转 TLS，拒绝明文访问。"};
const struct rule correlate_new_class = {
    .id = "new_data_class",
    .name = "A data class for the first time",
    .name_zh = "接口首次出现敏感数据类别",
    .category = CATEGORY_LEAK,
    .severity = SEVERITY_LOW,
    .technique = {"T1213"},
    .tactic = {"TA0009"},
    .owasp = {"API3:2023", "API9:2023"},
    .reason =
        "An endpoint that is long known answers a class of sensitive data that it never answered before.",
    .reason_zh = "长期稳定的接口首次返回此类敏感数据。",
    .remedy = "Ask its owner whether the change was meant; grade the endpoint anew.",
    .remedy_zh = "向接口负责人确认变更，并重新定级。"};

/* What an endpoint does with one class. */
struct use {
  uint64_t class; /* hash of its id, which outlives the rules */
  uint64_t shown, masked;
  uint64_t since; /* when it was first shown */
  bool old;       /* shown while the endpoint was still being learned */
  bool voted;     /* counted among those that mask, or that show */
  bool masks;
};
struct endpoint {
  struct table_entry te;
  uint64_t since, calls;
  struct use use[CLASSES];
  unsigned uses;
};
/* Endpoints of a service that always mask a class, and all that carry it. */
struct practice {
  struct table_entry te;
  uint32_t mask, all;
};
struct state {
  struct store endpoints, practices;
  struct leaks leaks;
  struct few tls; /* hosts and addresses that spoke TLS */
};

static int start(void *state, struct correlate_ctx *cx) {
  struct state *s = state;
  (void)cx;
  int rc = store_init(&s->endpoints, sizeof(struct endpoint), ENDPOINTS, NULL);
  if (rc >= 0) rc = store_init(&s->practices, sizeof(struct practice), SERVICES, NULL);
  return rc < 0 ? rc : leak_init(&s->leaks, ENDPOINTS);
}
static void stop(void *state, struct correlate_ctx *cx, bool end) {
  struct state *s = state;
  (void)cx, (void)end;
  store_done(&s->endpoints);
  store_done(&s->practices);
  leak_free(&s->leaks);
  few_done(&s->tls);
}

static struct use *use_of(struct endpoint *p, const char *id) {
  uint64_t class = hash64(span_str(id), 70);
  for (unsigned i = 0; i < p->uses; i++)
    if (p->use[i].class == class) return &p->use[i];
  if (p->uses == CLASSES) return NULL;
  p->use[p->uses] = (struct use){.class = class};
  return &p->use[p->uses++];
}

static struct practice *practice_of(struct state *st, struct correlate_ctx *cx, const struct api_event *e,
                                    const struct use *u) {
  return store_get(&st->practices, cx, hash64(e->service, u->class) | 1);
}

/* Once it has shown enough, an endpoint counts as one that masks or one that does not; it may change its mind. */
static void vote(struct state *st, struct correlate_ctx *cx, const struct api_event *e, struct use *u) {
  if (u->shown + u->masked < VALUES) return;
  struct practice *p = practice_of(st, cx, e, u);
  if (!p) return;
  bool masks = u->shown == 0;
  if (!u->voted)
    p->all++, p->mask += masks, u->voted = true;
  else if (u->masks && !masks && p->mask)
    p->mask--;
  u->masks = masks;
}

static void unmasked(struct state *st, struct correlate_ctx *cx, const struct api_event *e, struct use *u,
                     const struct data_hit *h) {
  if (u->masked || u->shown < VALUES || e->who.inner_hop) return;
  const struct practice *p = practice_of(st, cx, e, u);
  if (!p || p->mask < MASKERS || p->mask * 5 < p->all * 4) return;
  struct leak *l = leak_add(&st->leaks, cx, &rule_unmasked, e, h, false, span_str(h->class_id));
  if (l) leak_tell(cx, l, &rule_unmasked, e, h, SEVERITY_LOW, 70, false, span_str(h->class_id));
}

static void news(struct state *st, struct correlate_ctx *cx, const struct api_event *e, struct endpoint *p,
                 struct use *u, const struct data_hit *h) {
  if (!u->since) {
    u->since = cx->now;
    u->old = p->calls < SETTLED || cx->now - p->since < cx->conf->baseline_ns;
  }
  if (u->old || e->who.inner_hop || !leak_sensitive(h)) return;
  struct leak *l = leak_add(&st->leaks, cx, &correlate_new_class, e, h, false, span_str(h->class_id));
  if (l && l->subjects.count >= NEW_SUBJECTS)
    leak_tell(cx, l, &correlate_new_class, e, h, SEVERITY_LOW, 70, false, span_str(h->class_id));
}

static void in_clear(struct state *st, struct correlate_ctx *cx, const struct api_event *e, int d) {
  const struct txn *t = e->txn;
  if (e->encrypted || !t->method.len || e->who.inner_hop || zones_inside(cx->zones, t->conn.client)) return;
  uint64_t host = t->host.len ? hash64(t->host, 72) | 1 : 0,
           addr = hash64(span_of(t->conn.server, 16), 73) | 1;
  if (!(host && few_has(&st->tls, host)) && !few_has(&st->tls, addr)) return;
  for (uint32_t i = 0; i < e->data[d].count; i++) {
    const struct data_hit *h = &e->data[d].item[i];
    if (!leak_sensitive(h) && h->grade.pci != 2) continue;
    struct leak *l = leak_add(&st->leaks, cx, &rule_clear, e, h, false, span_str(h->class_id));
    if (l) leak_tell(cx, l, &rule_clear, e, h, SEVERITY_MEDIUM, 80, false, span_str(h->class_id));
  }
}

static void answers(struct state *st, struct correlate_ctx *cx, const struct api_event *e) {
  if (!leak_answered(e->txn) || e->txn->statement) return; /* a table shows what its readers hide */
  struct endpoint *p = store_get(&st->endpoints, cx, hash64(e->endpoint, hash64(e->service, 74)) | 1);
  if (!p) return;
  if (!p->since) p->since = cx->now;
  p->calls++;
  for (uint32_t i = 0; i < e->cover[DIR_RESPONSE].count; i++) {
    const struct data_cover *c = &e->cover[DIR_RESPONSE].item[i];
    struct use *u = c->how == HIDDEN_MASKED ? use_of(p, c->class_id) : NULL;
    if (!u) continue;
    u->masked += c->count;
    vote(st, cx, e, u);
  }
  for (uint32_t i = 0; i < e->data[DIR_RESPONSE].count; i++) {
    const struct data_hit *h = &e->data[DIR_RESPONSE].item[i];
    if (!leak_personal(h)) continue;
    struct use *u = use_of(p, h->class_id);
    if (!u) continue;
    u->shown += h->count;
    vote(st, cx, e, u);
    unmasked(st, cx, e, u, h);
    news(st, cx, e, p, u, h);
  }
}

static void event(void *state, struct correlate_ctx *cx, const struct api_event *e) {
  struct state *st = state;
  const struct txn *t = e->txn;
  if (t->kind == TXN_TLS) {
    if (t->host.len) few_add(&st->tls, cx, hash64(t->host, 72) | 1, HOSTS);
    few_add(&st->tls, cx, hash64(span_of(t->conn.server, 16), 73) | 1, HOSTS);
  }
  if (t->kind != TXN_CALL || !e->endpoint.len) return;
  in_clear(st, cx, e, DIR_REQUEST);
  in_clear(st, cx, e, DIR_RESPONSE);
  answers(st, cx, e);
}

const struct correlation correlate_leak_habit = {
    &correlate_new_class, sizeof(struct state), start, event, NULL, NULL, stop};
