/* SPDX-License-Identifier: Apache-2.0 */
/* Sequences: what nearly everyone calls before a last step, learned; who comes to the last step without it. */
#include "analytics/correlate/correlate.h"

#define SEC 1000000000ULL
#define SESSION_NS (1800 * SEC)
enum { RECENT = 16, BEFORE = 8, LEARNED = 30, SKIPS = 2, KNOWN_CALLS = 3 };

const struct rule correlate_step_skipped = {
    .id = "step_skipped",
    .name = "Step of a sequence skipped",
    .name_zh = "跳过业务步骤",
    .category = CATEGORY_ABUSE,
    .severity = SEVERITY_MEDIUM,
    .technique = {"T1190", "T1565.002"},
    .tactic = {"TA0001", "TA0040"},
    .owasp = {"API6:2023"},
    .reason = "A last step was accepted without the step that everyone else takes before it.",
    .reason_zh = "未经过其他用户必经的前置步骤即完成了关键操作。",
    .remedy = "Keep the state of the sequence on the server and refuse steps out of order.",
    .remedy_zh = "在服务端保存流程状态，拒绝乱序请求。"};

struct session {
  struct table_entry te;
  uint64_t last;
  uint64_t call[RECENT]; /* endpoints, ring */
  uint32_t next, calls, skips;
};
/* A last step, and what came before it in how many sessions. */
struct step {
  struct table_entry te;
  uint64_t before[BEFORE];
  uint32_t times[BEFORE], taken, count;
};
struct state {
  struct store sessions, steps;
};

static int start(void *state, struct correlate_ctx *cx) {
  struct state *s = state;
  size_t cap = cx->conf->max_actors > 0 ? (size_t)cx->conf->max_actors : 200000;
  int rc = store_init(&s->sessions, sizeof(struct session), cap, NULL);
  return rc < 0 ? rc : store_init(&s->steps, sizeof(struct step), 4096, NULL);
}
static void stop(void *state, struct correlate_ctx *cx, bool end) {
  struct state *s = state;
  (void)cx, (void)end;
  store_done(&s->sessions), store_done(&s->steps);
}

static bool called(const struct session *s, uint64_t endpoint) {
  for (uint32_t i = 0; i < RECENT && i < s->calls; i++)
    if (s->call[i] == endpoint) return true;
  return false;
}

/* A step that at least 49 of 50 took before was not taken. */
static bool lacks(const struct step *p, const struct session *s) {
  for (uint32_t i = 0; i < p->count && p->taken >= LEARNED; i++)
    if (p->times[i] * 50ULL >= p->taken * 49ULL && !called(s, p->before[i])) return true;
  return false;
}

static void learn(struct step *p, const struct session *s, uint64_t self) {
  p->taken++;
  for (uint32_t i = 0; i < p->count; i++) p->times[i] += called(s, p->before[i]);
  for (uint32_t i = 0; p->taken == 1 && i < RECENT && i < s->calls && p->count < BEFORE; i++) {
    uint32_t known = 0;
    while (known < p->count && p->before[known] != s->call[i]) known++;
    if (known < p->count || s->call[i] == self) continue;
    p->before[p->count] = s->call[i];
    p->times[p->count++] = 1;
  }
}

static void event(void *state, struct correlate_ctx *cx, const struct api_event *e) {
  struct state *st = state;
  if (!cx->session || !cx->outside || e->txn->kind != TXN_CALL || e->txn->status < 200 ||
      e->txn->status >= 400)
    return;
  struct session *s = store_get(&st->sessions, cx, cx->session);
  if (!s) return;
  if (s->last + SESSION_NS < cx->now) {
    struct table_entry te = s->te;
    *s = (struct session){.te = te};
  }
  s->last = cx->now;
  bool last_step = (cx->traits & (TRAIT_COMMIT | TRAIT_WRITE)) == (TRAIT_COMMIT | TRAIT_WRITE);
  struct step *p = last_step && s->calls ? store_get(&st->steps, cx, cx->endpoint) : NULL;
  if (p) {
    bool skipped = s->calls >= KNOWN_CALLS && s->calls <= RECENT && lacks(p, s);
    uint32_t least = SKIPS + correlate_damage(cx, cx->origin); /* each may have been a step */
    if (!skipped) learn(p, s, cx->endpoint);
    if (skipped && ++s->skips >= least) {
      struct raise r = correlate_of(&correlate_step_skipped, e);
      r.key = hash_mix(cx->session, cx->endpoint) | 1;
      r.outcome = OUTCOME_SUCCESS;
      r.confidence = 60;
      r.count = s->skips == least ? least : 1;
      r.baseline =
          correlate_text(cx, "%u of %u took another step first.", p->taken - p->taken / 50, p->taken);
      correlate_raise(cx, &r);
    }
  }
  s->call[s->next] = cx->endpoint;
  s->next = (s->next + 1) % RECENT;
  s->calls++;
}

const struct correlation correlate_steps = {
    &correlate_step_skipped, sizeof(struct state), start, event, NULL, NULL, stop};
