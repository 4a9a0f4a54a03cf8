/* SPDX-License-Identifier: Apache-2.0 */
/* Mass assignment: a write carries a field that a server decides about, which answers show and no one else ever sent. */
#include "analytics/correlate/correlate.h"
#include "analytics/correlate/owned_fields.h"
#include "base/err.h"

#define SEC 1000000000ULL
#define FOLLOW_NS (900 * SEC) /* in which a read shows that the write took effect */
enum {
  HANDS = 64,
  WRITES = 10, /* by others, without the field */
  PEERS = 4,
  WRITES_WEAK = 30,
  PEERS_WEAK = 8,
  PRINTS = 4096,
  VALUES = 32768,
  PATHS = 2048,
  TWICE = 2
};

const struct rule correlate_mass_assignment = {
    .id = "mass_assignment",
    .name = "Mass assignment",
    .name_zh = "批量赋值（越权修改字段）",
    .category = CATEGORY_ATTACK,
    .severity = SEVERITY_MEDIUM,
    .technique = {"T1190", "T1548", "T1565.001"},
    .tactic = {"TA0001", "TA0004", "TA0040"},
    .owasp = {"API3:2023"},
    .reason =
        "A write carried a field that the server decides about, which answers show and no one else sends.",
    .reason_zh = "写请求携带了仅应由服务端决定、其他用户从不提交的字段（如角色、余额、状态）。",
    .remedy = "Bind requests to a list of fields that callers may set; look at what the write changed.",
    .remedy_zh = "写接口使用字段白名单绑定，核查该请求已修改的数据。"};

/* Which fields of the kind a shape has: of messages seen lately. */
struct print {
  uint64_t fingerprint, shown; /* shown: the endpoint last, whose families know of it */
  uint32_t kinds, times;
  uint16_t at[OWNED_KINDS]; /* where the first of each kind stood */
  bool set;
};
struct path {
  uint64_t hash;
  int8_t kind;
  bool set;
};
/* Last value of one kind that one caller was shown, or sent. */
struct value {
  uint64_t key, hash, ns;
};
struct shown { /* by a service, or by a family of its endpoints */
  struct table_entry te;
  uint32_t once, kinds;
};
struct writing { /* of an endpoint */
  struct table_entry te;
  struct few hands;
  uint32_t writes;
  uint64_t sender[OWNED_KINDS]; /* the first of each kind */
};
struct hand { /* one caller at one endpoint */
  struct table_entry te;
  uint32_t writes;
};
struct caller {
  struct table_entry te;
  bool admin;
};
struct state {
  struct store shown, writings, hands, callers;
  struct print *print;
  struct path *path;
  struct value *read, *sent;
  uint64_t awaited; /* until when something that was sent may show */
};

static void writing_done(void *e) { few_done(&((struct writing *)e)->hands); }

static int start(void *state, struct correlate_ctx *cx) {
  struct state *s = state;
  size_t cap = cx->conf->max_actors > 0 ? (size_t)cx->conf->max_actors : 200000;
  int rc = store_init(&s->shown, sizeof(struct shown), 16384, NULL);
  if (rc >= 0) rc = store_init(&s->writings, sizeof(struct writing), 8192, writing_done);
  if (rc >= 0) rc = store_init(&s->hands, sizeof(struct hand), cap, NULL);
  if (rc >= 0) rc = store_init(&s->callers, sizeof(struct caller), 16384, NULL);
  s->print = mem_zalloc(PRINTS * sizeof *s->print);
  s->path = mem_zalloc(PATHS * sizeof *s->path);
  s->read = mem_zalloc(VALUES * sizeof *s->read);
  s->sent = mem_zalloc(VALUES * sizeof *s->sent);
  return rc < 0 || (s->print && s->path && s->read && s->sent) ? rc : ERR_NOMEM;
}

static void stop(void *state, struct correlate_ctx *cx, bool end) {
  struct state *s = state;
  (void)cx, (void)end;
  store_done(&s->shown), store_done(&s->writings), store_done(&s->hands), store_done(&s->callers);
  mem_free(s->print), mem_free(s->path), mem_free(s->read), mem_free(s->sent);
}

static int kind_of(struct state *s, const struct field *f) {
  struct path *p = &s->path[f->path_hash % PATHS];
  if (!p->set || p->hash != f->path_hash)
    *p = (struct path){f->path_hash, (int8_t)owned_fields_kind(f->path), true};
  return p->kind;
}

static struct print *print_of(struct state *s, const struct fields *f) {
  struct print *p = &s->print[f->fingerprint % PRINTS];
  if (p->set && p->fingerprint == f->fingerprint) return p;
  *p = (struct print){.fingerprint = f->fingerprint, .set = true};
  for (uint32_t i = f->count < UINT16_MAX ? f->count : UINT16_MAX; i-- > 0;) {
    int kind = kind_of(s, &f->item[i]);
    if (kind >= 0) p->kinds |= 1u << kind, p->at[kind] = (uint16_t)i;
  }
  return p;
}

static uint32_t kinds_of(struct state *s, const struct fields *f) {
  return f->count ? print_of(s, f)->kinds : 0;
}

/* The first field of a kind: mostly where it stood the last time. */
static const struct field *of_kind(struct state *s, const struct fields *f, int kind) {
  uint32_t at = print_of(s, f)->at[kind];
  if (at < f->count && kind_of(s, &f->item[at]) == kind) return &f->item[at];
  for (uint32_t i = 0; i < f->count; i++)
    if (kind_of(s, &f->item[i]) == kind) return &f->item[i];
  return NULL;
}

/* "customer" of "PUT /api/v1/customers/{id}/profile": the first name that says what it is about. */
static uint64_t family(const struct api_event *e) {
  static const char *const general[] = {"api",    "rest",    "mobile",   "openapi", "gateway",
                                        "public", "service", "internal", "app",     "web"};
  struct span path = e->endpoint, first = {0};
  span_cut(&path, '/');
  while (path.len) {
    struct span part = span_cut(&path, '/');
    bool skip =
        !part.len || part.base[0] == '{' ||
        (part.len <= 4 && (part.base[0] | 32) == 'v' && (uint8_t)(part.base[part.len - 1] - '0') < 10);
    for (size_t i = 0; !skip && i < sizeof general / sizeof *general; i++)
      skip = span_eq(part, span_str(general[i]));
    if (skip) continue;
    first = part;
    break;
  }
  if (first.len > 3 && first.base[first.len - 1] == 's') first.len--;
  return hash64(first, hash64(e->service, 61)) | 1;
}

static struct value *slot(struct value *of, const struct correlate_ctx *cx, const struct api_event *e,
                          int kind) {
  uint64_t key = hash_mix(hash_mix(cx->who, hash64(e->service, 62)), (uint64_t)kind + 1) | 1;
  struct value *v = &of[key % VALUES];
  if (v->key != key) *v = (struct value){.key = key};
  return v;
}

static bool is_of(const struct value *v, const struct field *f) {
  return f->value_hash && v->hash == f->value_hash;
}

static void raise_it(struct correlate_ctx *cx, const struct api_event *e, const struct field *f,
                     const struct writing *w, enum outcome outcome) {
  struct raise r = correlate_of(&correlate_mass_assignment, e);
  bool told = f->words && f->words->count == 1 && !f->words->more, query = f->path.base[0] == '?';
  struct span path = query ? span_skip(f->path, 1) : f->path;
  struct evidence v = {correlate_text(cx, "%s.%.*s", query ? "query" : "body", SPAN_FMT(path)),
                       told ? f->words->word[0] : SPAN_LIT("***")};
  r.outcome = outcome;
  r.severity = outcome == OUTCOME_ATTEMPTED ? SEVERITY_MEDIUM : SEVERITY_HIGH;
  r.confidence = outcome == OUTCOME_SUCCESS ? 90 : 70;
  r.evidence = &v;
  r.nevidence = 1;
  if (w)
    r.baseline = correlate_text(cx, "%u writes by %u callers before did not send it.", w->writes,
                                w->hands.count + w->hands.more);
  correlate_raise(cx, &r);
}

/* The answer shows what was asked for, or something else, or says nothing of it. */
static enum outcome outcome_of(struct state *s, const struct api_event *e, const struct field *f, int kind) {
  if (e->txn->status >= 300 || e->txn->outcome == TXN_ERROR) return OUTCOME_ATTEMPTED;
  const struct field *echo = of_kind(s, &e->fields[DIR_RESPONSE], kind);
  if (!echo || echo->seen > 1 || !echo->value_hash || !f->value_hash) return OUTCOME_PROBABLE;
  return echo->value_hash == f->value_hash ? OUTCOME_SUCCESS : OUTCOME_ATTEMPTED;
}

/* Sent by none but this one, though many wrote. */
static bool is_strange(const struct writing *w, int kind, uint64_t who, uint32_t others) {
  bool weak = kind >= OWNED_WEAK;
  if (w->sender[kind] && w->sender[kind] != who) return false;
  return others >= (weak ? WRITES_WEAK : WRITES) && w->hands.count > (weak ? PEERS_WEAK : PEERS);
}

/* An app that returns the whole record that it was given. */
static bool gives_back(struct state *s, const struct correlate_ctx *cx, const struct api_event *e, int kind) {
  const struct field *f = of_kind(s, &e->fields[DIR_REQUEST], kind);
  return f && is_of(slot(s->read, cx, e, kind), f);
}

static void judge(struct state *s, struct correlate_ctx *cx, const struct api_event *e, struct writing *w,
                  uint32_t others, int kind, uint32_t shown) {
  const struct field *f = of_kind(s, &e->fields[DIR_REQUEST], kind);
  if (!f || !(shown & 1u << kind) || !is_strange(w, kind, cx->who, others)) return;
  if (gives_back(s, cx, e, kind) || (correlate_damage(cx, cx->origin) && !slot(s->read, cx, e, kind)->hash))
    return;
  enum outcome outcome = outcome_of(s, e, f, kind);
  if (kind >= OWNED_WEAK && outcome != OUTCOME_SUCCESS) return;
  if (outcome == OUTCOME_PROBABLE && f->value_hash) {
    struct value *v = slot(s->sent, cx, e, kind);
    v->hash = f->value_hash, v->ns = cx->now;
    s->awaited = cx->now + FOLLOW_NS;
  }
  raise_it(cx, e, f, w, outcome);
}

static void write_of(struct state *s, struct correlate_ctx *cx, const struct api_event *e, uint32_t kinds) {
  struct writing *w = store_get(&s->writings, cx, cx->endpoint);
  struct hand *h = store_get(&s->hands, cx, hash_mix(cx->endpoint, cx->who));
  if (!w || !h) return;
  struct span agent =
      e->who.inner_hop ? (struct span){0} : headers_get(&e->txn->side[DIR_REQUEST].headers, "user-agent");
  bool person = cx->outside || span_starts(agent, SPAN_LIT("Mozilla/"));
  if (kinds && person && !e->who.by_time && !correlate_is_program(e)) {
    const struct shown *all = store_find(&s->shown, hash64(e->service, 63) | 1);
    const struct shown *near = store_find(&s->shown, family(e));
    const struct caller *c = store_find(&s->callers, cx->who);
    uint32_t weak = ~0u << OWNED_WEAK, shown = (all ? all->kinds & ~weak : 0) | (near ? near->kinds : 0);
    for (int k = 0; k < OWNED_KINDS && !(c && c->admin); k++)
      if (kinds & 1u << k) judge(s, cx, e, w, w->writes - h->writes, k, shown);
  }
  if (e->txn->status >= 400) return;
  few_add(&w->hands, cx, cx->who, HANDS);
  w->writes++, h->writes++;
  for (int k = 0; k < OWNED_KINDS; k++)
    if (kinds & 1u << k && !w->sender[k] && !gives_back(s, cx, e, k)) w->sender[k] = cx->who;
}

static void show(struct state *s, struct correlate_ctx *cx, uint64_t key, uint32_t kinds) {
  struct shown *x = store_get(&s->shown, cx, key);
  if (!x) return;
  x->kinds |= x->once & kinds; /* twice: no freak */
  x->once |= kinds;
}

/* What a caller sent took effect: a later question shows it. */
static void follow(struct state *s, struct correlate_ctx *cx, const struct api_event *e, int kind,
                   const struct field *f, const struct value *read) {
  struct value *sent = slot(s->sent, cx, e, kind);
  if (!is_of(sent, f) || sent->ns + FOLLOW_NS < cx->now || is_of(read, f) || e->who.by_time ||
      (cx->traits & (TRAIT_WRITE | TRAIT_ASK)) == TRAIT_WRITE)
    return;
  raise_it(cx, e, f, NULL, OUTCOME_SUCCESS);
  sent->hash = 0;
}

static void read_of(struct state *s, struct correlate_ctx *cx, const struct api_event *e, uint32_t kinds) {
  const struct fields *f = &e->fields[DIR_RESPONSE];
  struct print *p = print_of(s, f);
  if (p->shown != cx->endpoint) p->times = 0;
  p->shown = cx->endpoint;
  if (p->times < TWICE) { /* and it is known from then on */
    p->times++;
    show(s, cx, hash64(e->service, 63) | 1, kinds);
    show(s, cx, family(e), kinds);
  }
  for (int kind = 0; kind < OWNED_KINDS; kind++) {
    const struct field *x = kinds & 1u << kind ? of_kind(s, f, kind) : NULL;
    if (!x || !x->value_hash) continue;
    struct value *v = slot(s->read, cx, e, kind);
    if (s->awaited > cx->now) follow(s, cx, e, kind, x, v);
    bool listed = span_find(x->path, SPAN_LIT("[]")) < x->path.len;
    if (!listed || !v->hash) v->hash = x->value_hash; /* of lists of others' records it says little */
  }
}

static bool is_question(const struct txn *t) {
  const struct fact *f = t->facts ? txn_fact(t, "tapscope.graphql.type") : NULL;
  return f && span_eq(f->str, SPAN_LIT("query"));
}

static void event(void *state, struct correlate_ctx *cx, const struct api_event *e) {
  struct state *s = state;
  const struct txn *t = e->txn;
  if (t->kind != TXN_CALL || !t->path.len || t->status < 200 || t->status >= 500) return;
  if (t->side[DIR_REQUEST].unseen & UNSEEN_GAP) return;
  bool write = (cx->traits & (TRAIT_WRITE | TRAIT_ASK)) == TRAIT_WRITE;
  if (write && e->fields[DIR_REQUEST].count && is_question(t)) write = false;
  if (write && e->login.step != LOGIN_ATTEMPT && e->fields[DIR_REQUEST].count)
    write_of(s, cx, e, kinds_of(s, &e->fields[DIR_REQUEST]));
  if (t->status >= 400) return;
  uint32_t kinds = kinds_of(s, &e->fields[DIR_RESPONSE]);
  if (kinds) read_of(s, cx, e, kinds);
  if (cx->traits & TRAIT_ADMIN && !(cx->traits & TRAIT_WRITE)) {
    struct caller *c = store_get(&s->callers, cx, cx->who);
    if (c) c->admin = true;
  }
}

const struct correlation correlate_assignment = {
    &correlate_mass_assignment, sizeof(struct state), start, event, NULL, NULL, stop};
