/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that are not everyone's: an ordinary identity calls administration (BFLA), an administrator works at night. */
#include "analytics/correlate/correlate.h"

#define SEC 1000000000ULL
#define DAY (86400 * SEC)
enum {
  ORDINARY = 5,
  PEER = 3,
  PEERS = 15,
  USERS_OF_ADMIN = 4,
  FUNCTIONS = 3,
  DAYS = 3,
  ADMIN_CALLS = 20,
  SET = 64
};

const struct rule correlate_bfla = {
    .id = "bfla",
    .name = "Functions of others called (BFLA)",
    .name_zh = "越权调用功能（BFLA）",
    .category = CATEGORY_ABUSE,
    .severity = SEVERITY_HIGH,
    .technique = {"T1078", "T1548"},
    .tactic = {"TA0004", "TA0004"},
    .owasp = {"API5:2023"},
    .reason = "An ordinary identity calls administrative functions that its peers never call.",
    .reason_zh = "普通身份调用了同类用户从不使用的管理功能。",
    .remedy = "Check the caller's role on the server for every function; revoke the session.",
    .remedy_zh = "服务端对每个功能校验角色，吊销会话。"};
const struct rule correlate_offhours_admin = {
    .id = "offhours_admin",
    .name = "Administration off hours",
    .name_zh = "非工作时间管理操作",
    .category = CATEGORY_ABUSE,
    .severity = SEVERITY_MEDIUM,
    .technique = {"T1078"},
    .tactic = {"TA0005"},
    .owasp = {"API5:2023"},
    .reason = "An administrator who only worked in office hours now works outside of them.",
    .reason_zh = "仅在工作时间活动的管理身份在非工作时间执行管理操作。",
    .remedy = "Ask the administrator; end the session if it was not them.",
    .remedy_zh = "联系管理员核实，非本人操作则终止会话。"};

struct person {
  struct table_entry te;
  uint64_t first;
  uint32_t ordinary, admin, refused, given;
  struct few functions; /* administrative ones */
  uint32_t days, last_day, at_night;
  bool judged, suspect, counted;
};
struct function {
  struct table_entry te;
  struct few users;
};
struct service {
  struct table_entry te;
  uint32_t people; /* that use ordinary functions only, so far */
};
struct state {
  struct store people, functions, services;
};

static void person_done(void *e) { few_done(&((struct person *)e)->functions); }
static void function_done(void *e) { few_done(&((struct function *)e)->users); }

static int start(void *state, struct correlate_ctx *cx) {
  struct state *s = state;
  size_t cap = cx->conf->max_actors > 0 ? (size_t)cx->conf->max_actors : 200000;
  int rc = store_init(&s->people, sizeof(struct person), cap, person_done);
  if (rc >= 0) rc = store_init(&s->functions, sizeof(struct function), 65536, function_done);
  return rc < 0 ? rc : store_init(&s->services, sizeof(struct service), 4096, NULL);
}
static void stop(void *state, struct correlate_ctx *cx, bool end) {
  struct state *s = state;
  (void)cx, (void)end;
  store_done(&s->people), store_done(&s->functions), store_done(&s->services);
}

/* Enough peers leave this alone, and nobody told us in the learning time that this one may. */
static bool is_bfla(const struct correlate_ctx *cx, const struct person *p, const struct function *f,
                    const struct service *v) {
  if (p->ordinary < ORDINARY || v->people < PEERS || f->users.count > USERS_OF_ADMIN + v->people / 10)
    return false;
  bool learned = cx->now - cx->first >= cx->conf->baseline_ns && cx->conf->baseline_ns;
  bool tries = p->refused >= FUNCTIONS && p->functions.count >= FUNCTIONS;
  bool many = p->functions.count >= FUNCTIONS && v->people >= PEERS * 3 / 2;
  return tries || many || (learned && p->admin == 1 + p->refused && p->first + 60 * SEC < cx->now);
}

static void say(struct correlate_ctx *cx, const struct api_event *e, const struct person *p, uint32_t peers) {
  struct raise r = correlate_of(&correlate_bfla, e);
  r.key = cx->who;
  r.outcome = p->given ? OUTCOME_SUCCESS : OUTCOME_ATTEMPTED;
  r.severity = p->given ? SEVERITY_CRITICAL : SEVERITY_HIGH;
  r.confidence = p->functions.count >= FUNCTIONS ? 85 : 65;
  r.reason =
      correlate_text(cx, "After %u ordinary calls %u administrative functions, %u refused, %u allowed.",
                     p->ordinary, p->functions.count, p->refused, p->given);
  r.reason_zh = correlate_text(cx, "在 %u 次普通调用后访问 %u 个管理功能，被拒 %u 次，成功 %u 次。",
                               p->ordinary, p->functions.count, p->refused, p->given);
  r.baseline = correlate_text(cx, "%u others use this service and none of them calls such functions.", peers);
  correlate_raise(cx, &r);
}

static bool at_night(const struct correlate_ctx *cx, uint32_t *day) {
  int64_t local = (int64_t)(cx->now / SEC) + cx->conf->utc_offset * 3600;
  int64_t hour = local / 3600 % 24;
  *day = (uint32_t)(local / 86400);
  return hour < cx->conf->work_from || hour >= cx->conf->work_to;
}

static void hours(struct correlate_ctx *cx, const struct api_event *e, struct person *p) {
  uint32_t day;
  bool night = at_night(cx, &day);
  bool strange = night && p->days >= DAYS && p->admin >= ADMIN_CALLS && p->at_night * 50 < p->admin;
  if (day != p->last_day) p->days++, p->last_day = day;
  p->at_night += night;
  if (!strange || !(cx->traits & TRAIT_WRITE)) return;
  struct raise r = correlate_of(&correlate_offhours_admin, e);
  r.key = cx->who;
  r.outcome = e->txn->status < 400 ? OUTCOME_SUCCESS : OUTCOME_ATTEMPTED;
  r.confidence = 60;
  r.baseline = correlate_text(cx, "On %u days and %u calls before, %u were off hours.", p->days, p->admin,
                              p->at_night - 1);
  correlate_raise(cx, &r);
}

static uint64_t person_key(const struct correlate_ctx *cx, const struct api_event *e) {
  return hash_mix(cx->session, hash64(e->service, 25));
}

static void event(void *state, struct correlate_ctx *cx, const struct api_event *e) {
  struct state *st = state;
  int status = e->txn->status;
  if (!cx->session || e->txn->kind != TXN_CALL || status < 200 || status >= 500 || status == 404) return;
  if (cx->traits & TRAIT_PROBE || e->login.step != LOGIN_NONE) return;
  struct person *p = store_get(&st->people, cx, person_key(cx, e));
  struct service *v = store_get(&st->services, cx, hash64(e->service, 26));
  if (!p || !v) return;
  if (!p->first) p->first = cx->now;
  if (!(cx->traits & TRAIT_ADMIN)) {
    p->ordinary += status < 400;
    if (p->ordinary >= PEER && !p->admin && !p->counted) p->counted = true, v->people++;
    return;
  }
  struct function *f = store_get(&st->functions, cx, cx->endpoint);
  if (!f) return;
  if (p->counted) p->counted = false, v->people--;
  p->admin++;
  p->given += status < 400;
  p->refused += status == 401 || status == 403;
  few_add(&p->functions, cx, cx->endpoint, SET);
  if (status < 400) few_add(&f->users, cx, cx->session, SET);
  hours(cx, e, p);
  if (!cx->outside) return;
  if (!p->suspect) p->suspect = is_bfla(cx, p, f, v);
  if (p->suspect) say(cx, e, p, v->people);
}

void functions_ahead(const void *state, const struct correlate_ctx *cx, const struct api_event *e) {
  store_ahead(&((const struct state *)state)->people, person_key(cx, e));
}

const struct correlation correlate_functions = {
    &correlate_bfla, sizeof(struct state), start, event, NULL, NULL, stop};
