/* SPDX-License-Identifier: Apache-2.0 */
/* Objects of others: one identity reads many objects of one kind, by counting up or by guessing (BOLA). */
#include "analytics/correlate/correlate.h"

#define SEC 1000000000ULL
#define WINDOW_NS (600 * SEC)
enum { OBJECTS = 25, COUNTED = 5, OBJECTS_SURE = 100, OBJECTS_RARE = 50, SET = 4096, PEERS = 8 };

const struct rule correlate_bola = {
    .id = "bola_enumeration",
    .name = "Objects of others read by enumeration",
    .name_zh = "越权遍历（BOLA）",
    .category = CATEGORY_ABUSE,
    .severity = SEVERITY_HIGH,
    .technique = {"T1119", "T1213"},
    .tactic = {"TA0009", "TA0009"},
    .owasp = {"API1:2023"},
    .reason = "One identity read far more objects than its peers, by counting up or guessing ids.",
    .reason_zh = "同一身份读取的对象数量远超同类用户，疑似遍历编号。",
    .remedy = "Check that the caller owns each object; use ids that cannot be guessed; revoke the session.",
    .remedy_zh = "逐对象校验归属，使用不可猜测的编号，吊销会话。"};

struct reader {
  struct table_entry te;
  uint64_t since, last, number;
  uint32_t calls, refused, steps, given;
  struct few objects;
  bool told;
};
/* How many objects readers of an endpoint see: a histogram by powers of two, of finished windows. */
struct endpoint {
  struct table_entry te;
  uint32_t readers[16];
  uint32_t all;
  uint32_t callers, calls; /* ever: readers that came, reads of theirs */
};
struct state {
  struct store readers, endpoints;
};

static void reader_done(void *e) { few_done(&((struct reader *)e)->objects); }

static int start(void *state, struct correlate_ctx *cx) {
  struct state *s = state;
  size_t cap = cx->conf->max_actors > 0 ? (size_t)cx->conf->max_actors : 200000;
  int rc = store_init(&s->readers, sizeof(struct reader), cap, reader_done);
  return rc < 0 ? rc : store_init(&s->endpoints, sizeof(struct endpoint), 65536, NULL);
}
static void stop(void *state, struct correlate_ctx *cx, bool end) {
  struct state *s = state;
  (void)cx, (void)end;
  store_done(&s->readers), store_done(&s->endpoints);
}

static unsigned log2_of(uint32_t n) {
  unsigned k = 0;
  while (n >>= 1) k++;
  return k < 15 ? k : 15;
}

/* The last segment of the path that the template has as a variable. */
static struct span object_of(const struct api_event *e) {
  struct span path = e->txn->path, name = e->endpoint, object = {0};
  (void)span_cut(&name, ' ');
  while (path.len || name.len) {
    struct span p = span_cut(&path, '/'), t = span_cut(&name, '/');
    if (t.len > 2 && t.base[0] == '{') object = p;
  }
  return object;
}

/* The number at the end of an id, whatever letters stand before. */
static uint64_t number_of(struct span id) {
  size_t at = id.len;
  uint64_t n = 0;
  while (at > 0 && id.base[at - 1] >= '0' && id.base[at - 1] <= '9' && id.len - at < 18) at--;
  return span_u64(span_skip(id, at), &n) < 0 ? 0 : n;
}

/* The same in Chinese: 客户号, 账户编号, 保单号码. */
static int names_object_zh(struct span name) {
  static const char *const nouns[] = {"客户", "用户", "账", "帐",   "卡",   "订单", "保单", "合同",
                                      "会员", "证件", "单", "员工", "商户", "借据", NULL};
  bool end = span_ends(name, SPAN_LIT("号")) || span_ends(name, SPAN_LIT("号码")) ||
             span_ends(name, SPAN_LIT("编码")) || span_ends(name, SPAN_LIT("ID")) ||
             span_ends(name, SPAN_LIT("标识"));
  if (!end || name.len > 36) return 0;
  for (size_t i = 0; nouns[i]; i++)
    if (span_find(name, span_str(nouns[i])) < name.len) return 2;
  return 0;
}

/* A name that stands for one object of the business: "id", "custId", "account_no". Serial numbers of requests do not. */
static int names_object(struct span path) {
  static const char *const nouns[] = {
      "cust",   "user",   "account",  "acct", "acc",    "card",   "order", "loan",     "policy",
      "member", "bill",   "invoice",  "doc",  "file",   "client", "staff", "contract", "payee",
      "object", "person", "merchant", "emp",  "ticket", "claim",  "record"};
  static const char *const ends[] = {"id", "no", "num", "number", "code", "uuid"};
  size_t at = path.len;
  while (at > 0 && path.base[at - 1] != '.' && path.base[at - 1] != '?' && path.base[at - 1] != ']') at--;
  struct span name = span_skip(path, at);
  if (span_eq_nocase(name, SPAN_LIT("id")) || span_eq_nocase(name, SPAN_LIT("uid")) ||
      span_eq_nocase(name, SPAN_LIT("uuid")))
    return 1;
  if (name.len > 6 && name.base[0] >= 0x80) return names_object_zh(name);
  if (name.len < 4 || name.len > 24 || span_find_nocase(name, SPAN_LIT("page")) < name.len) return 0;
  bool end = false;
  for (size_t i = 0; i < sizeof ends / sizeof *ends && !end; i++) {
    struct span e = span_str(ends[i]);
    end = name.len > e.len && span_eq_nocase(span_skip(name, name.len - e.len), e);
  }
  for (size_t i = 0; end && i < sizeof nouns / sizeof *nouns; i++)
    if (span_find_nocase(name, span_str(nouns[i])) < name.len) return 2;
  return 0;
}

/* The field of query or body that names the object; NULL where there is none. */
static const struct field *field_of(const struct api_event *e) {
  const struct fields *f = &e->fields[DIR_REQUEST];
  const struct field *best = NULL;
  int most = 0;
  for (uint32_t i = 0; i < f->count && i < 32; i++) {
    const struct field *x = &f->item[i];
    if (x->seen != 1 || !x->value_hash || (x->path.len && x->path.base[0] == '#')) continue;
    int n = names_object(x->path);
    if (n > most) most = n, best = x;
  }
  return best;
}

/* What the caller asks for: identity and number of the object, 0 where none is named. */
static uint64_t asked_for(const struct api_event *e, uint64_t *number) {
  struct span object = object_of(e);
  if (object.len) {
    *number = number_of(object);
    return hash64(object, 52);
  }
  if (e->login.step != LOGIN_NONE) return 0;
  const struct field *f = field_of(e);
  *number = f ? f->tail : 0;
  return f ? hash_mix(f->path_hash, f->value_hash) | 1 : 0;
}

/* What anyone may read without a name is nobody's, unless it tells of people. */
static bool is_public(const struct api_event *e) {
  if (e->who.auth != AUTH_NONE) return false;
  for (uint32_t i = 0; i < e->data[DIR_RESPONSE].count; i++) {
    const struct grade *g = &e->data[DIR_RESPONSE].item[i].grade;
    if (g->gbt35273 || g->jrt0171 || g->iso29100) return false;
  }
  return true;
}

static uint32_t peers_see(const struct endpoint *p) {
  if (p->all < PEERS) return 4;
  uint32_t left = p->all / 20;
  for (unsigned k = 16; k-- > 0;) {
    if (p->readers[k] > left) return 2u << k;
    left -= p->readers[k];
  }
  return 1;
}

/* Sixteen times what others read of it on average. */
static bool is_rare(const struct reader *r, const struct endpoint *p) {
  uint64_t others = p->callers > 1 ? p->callers - 1 : 0,
           reads = p->calls > r->calls ? p->calls - r->calls : 0;
  return others >= PEERS && r->objects.count * others >= 16 * reads;
}

static bool is_counting(const struct reader *r) { return r->steps * 2 >= r->objects.count; }

/* How fast, whose credential: programs of partners read much, and nobody refuses them. */
static bool is_enumeration(const struct reader *r, const struct endpoint *p, uint32_t peers, bool program,
                           bool outside) {
  uint32_t n = r->objects.count;
  if (n < OBJECTS || n < peers * 4) return false;
  uint64_t seconds = (r->last - r->since) / SEC + 1;
  bool quick = n * 60ULL / seconds >= 5; /* a person at a counter needs more than twelve seconds for each */
  bool counting = is_counting(r), guessing = r->refused * 10 >= r->calls;
  if (outside && counting && r->steps >= OBJECTS - 1) return true;
  bool rare = outside && n >= OBJECTS_RARE && is_rare(r, p);
  return quick && (counting || guessing || ((n >= OBJECTS_SURE || rare) && !program));
}

static void fresh(struct state *st, struct correlate_ctx *cx, struct reader *r, uint64_t endpoint) {
  if (r->since && r->last + WINDOW_NS >= cx->now && (r->told || r->since + WINDOW_NS >= cx->now)) return;
  if (r->since && r->last + WINDOW_NS >= cx->now && r->objects.count >= COUNTED && is_counting(r)) return;
  struct endpoint *p = r->since ? store_get(&st->endpoints, cx, endpoint) : NULL;
  if (p && !r->told) p->readers[log2_of(r->objects.count)]++, p->all++;
  struct table_entry te = r->te;
  reader_done(r);
  *r = (struct reader){.te = te, .since = cx->now};
}

static void say(struct correlate_ctx *cx, const struct api_event *e, struct reader *r, uint32_t peers) {
  struct raise f = correlate_of(&correlate_bola, e);
  f.count = r->told ? 1 : r->calls;
  f.first_ns = r->since;
  f.outcome = r->given * 2 >= r->calls ? OUTCOME_SUCCESS : r->given ? OUTCOME_PROBABLE : OUTCOME_ATTEMPTED;
  f.severity = r->given ? SEVERITY_CRITICAL : SEVERITY_HIGH;
  f.confidence = r->steps * 2 >= r->objects.count || r->objects.count >= OBJECTS_SURE ? 90 : 75;
  f.reason = correlate_text(
      cx, "%u distinct objects in %llu s by one identity, %u calls refused, %u ids in sequence.",
      r->objects.count, (unsigned long long)((cx->now - r->since) / SEC), r->refused, r->steps);
  f.reason_zh = correlate_text(cx, "同一身份 %llu 秒内访问 %u 个不同对象，被拒 %u 次，连续编号 %u 个。",
                               (unsigned long long)((cx->now - r->since) / SEC), r->objects.count, r->refused,
                               r->steps);
  f.baseline =
      correlate_text(cx, "Nineteen of twenty callers of this endpoint see at most %u in ten minutes.", peers);
  r->told = true;
  correlate_raise(cx, &f);
}

static void event(void *state, struct correlate_ctx *cx, const struct api_event *e) {
  struct state *st = state;
  const struct txn *t = e->txn;
  if (t->kind != TXN_CALL || !t->path.len || t->status < 200 || t->status >= 500) return;
  if (e->who.by_time) return; /* for whom is a guess, and that call is judged itself */
  bool inside = !cx->outside;
  if (inside && e->who.auth != AUTH_SESSION && e->who.auth != AUTH_JWT && e->who.auth != AUTH_BEARER) return;
  if (inside && hops_is_relay(cx->hops, e->who.origin)) return; /* a gateway, for someone unknown */
  uint64_t number = 0, object = asked_for(e, &number);
  if (!object || is_public(e)) return;
  uint64_t endpoint = cx->endpoint;
  uint64_t who = cx->who;
  struct reader *r = store_get(&st->readers, cx, hash_mix(who, endpoint));
  struct endpoint *p = store_get(&st->endpoints, cx, endpoint);
  if (!r || !p) return;
  p->callers += !r->since;
  p->calls++;
  fresh(st, cx, r, endpoint);
  if (few_add(&r->objects, cx, object, SET)) {
    uint64_t gap = number > r->number ? number - r->number : r->number - number;
    if (number && r->number && gap && gap <= 3) r->steps++;
    if (number) r->number = number;
  }
  r->calls++;
  r->last = cx->now;
  r->given += t->status < 300;
  r->refused += t->status == 403 || t->status == 404 || t->status == 401;
  uint32_t peers = peers_see(p);
  if (r->told || is_enumeration(r, p, peers, correlate_is_program(e), cx->outside)) say(cx, e, r, peers);
}

void objects_ahead(const void *state, const struct correlate_ctx *cx, const struct api_event *e) {
  (void)e;
  store_ahead(&((const struct state *)state)->readers, hash_mix(cx->who, cx->endpoint));
}

const struct correlation correlate_objects = {
    &correlate_bola, sizeof(struct state), start, event, NULL, NULL, stop};
