/* SPDX-License-Identifier: Apache-2.0 */
/* Scanners of APIs: bursts of paths that do not exist, and many kinds of attack from one source. */
#include "analytics/correlate/correlate.h"

#define SEC 1000000000ULL
#define WINDOW_NS (300 * SEC)
enum { MISSES = 20, KINDS = 5, PLACES_HIT = 10, SET = 2048, PATHS_HIT = 12, PATHS_SURE = 3 };

const struct rule correlate_scanner = {
    .id = "scanner",
    .name = "Scanner",
    .name_zh = "扫描器",
    .category = CATEGORY_ATTACK,
    .severity = SEVERITY_MEDIUM,
    .technique = {"T1595.002", "T1595.003"},
    .tactic = {"TA0043", "TA0043"},
    .owasp = {"API9:2023"},
    .reason = "One source asked for many paths that do not exist, or tried many kinds of attack.",
    .reason_zh = "同一来源请求大量不存在的路径或尝试多种攻击。",
    .remedy = "Block the source; check what it found (answers other than 404).",
    .remedy_zh = "封禁来源，核查非 404 的响应。"};

struct prober {
  struct table_entry te;
  uint64_t since, last;
  uint32_t calls, missed;
  uint64_t page; /* bytes of the page that answers questions for files of scanners */
  struct few misses, kinds, places, paths; /* paths: answered by that page */
  bool told;
};
struct state {
  struct store probers;
};

static void prober_done(void *e) {
  struct prober *p = e;
  few_done(&p->misses), few_done(&p->kinds), few_done(&p->places), few_done(&p->paths);
}
static int start(void *state, struct correlate_ctx *cx) {
  size_t cap = cx->conf->max_actors > 0 ? (size_t)cx->conf->max_actors : 200000;
  return store_init(&((struct state *)state)->probers, sizeof(struct prober), cap, prober_done);
}
static void stop(void *state, struct correlate_ctx *cx, bool end) {
  (void)cx, (void)end;
  store_done(&((struct state *)state)->probers);
}

static bool refused(int status) {
  return status == 404 || status == 403 || status == 405 || status == 400 || status == 401;
}

static bool holds_one(struct span path, const char *const *words) {
  for (; *words; words++)
    if (span_find_nocase(path, span_str(*words)) < path.len) return true;
  return false;
}

/* Files that only scanners ask for, wherever they are. */
static bool is_hard_probe(struct span path) {
  static const char *const ends[] = {".php", ".jsp", ".asp", ".aspx",   ".cgi", ".bak",
                                     ".old", ".zip", ".sql", ".tar.gz", ".ini", ".swp",
                                     ".pem", ".key", ".rar", ".7z",     ".pl",  NULL};
  static const char *const words[] = {"/.",      "phpmyadmin",    "wp-",     "manager/html", "/solr", "nacos",
                                      "jenkins", "server-status", "cgi-bin", "web-inf",      NULL};
  return span_ends_in(path, ends) || holds_one(path, words);
}

/* Those, and what may belong to somebody. */
static bool is_probe(struct span path) {
  static const char *const ends[] = {".config", ".log", ".do", ".action", ".yml", NULL};
  static const char *const words[] = {"actuator", "druid",  "swagger", "/admin", "/console",
                                      "struts",   "backup", "config",  NULL};
  return is_hard_probe(path) || span_ends_in(path, ends) || holds_one(path, words);
}

/* Answered as what there is, to a question that needs no credentials. */
static bool is_answered(const struct api_event *e) {
  return e->txn->status == 200 && e->who.auth == AUTH_NONE && span_eq(e->txn->method, SPAN_LIT("GET"));
}

/* A page in answer to such a question: the one that a site shows for whatever it does not know, perhaps; or its error in JSON. */
static bool is_fallback(const struct api_event *e) {
  const struct txn *t = e->txn;
  struct span mime = t->side[DIR_RESPONSE].mime;
  if (!is_answered(e) || !is_probe(t->path)) return false;
  bool json = span_find(mime, SPAN_LIT("json")) < mime.len;
  return json ? is_hard_probe(t->path) : span_eq(mime, SPAN_LIT("text/html"));
}

/* The same page again, for what may as well be there. */
static bool is_same_page(const struct prober *p, const struct api_event *e) {
  return p->paths.count >= PATHS_SURE && is_answered(e) && e->txn->side[DIR_RESPONSE].body_bytes == p->page;
}

static void see_page(struct prober *p, const struct correlate_ctx *cx, const struct txn *t) {
  if (p->page != t->side[DIR_RESPONSE].body_bytes) few_done(&p->paths);
  p->page = t->side[DIR_RESPONSE].body_bytes;
  few_add(&p->paths, cx, hash64(t->path, 64), SET);
}

static void event(void *state, struct correlate_ctx *cx, const struct api_event *e) {
  const struct txn *t = e->txn;
  if (t->kind != TXN_CALL || !t->path.len) return;
  bool attack = false, fallback = is_fallback(e);
  for (const struct signal *s = e->signals; s; s = s->next) attack |= s->rule->category == CATEGORY_ATTACK;
  if (!refused(t->status) && !attack && !fallback) {
    struct prober *p = store_find(&((struct state *)state)->probers, correlate_addr(e->who.origin));
    if (p) p->calls++;
    if (!p || p->last + WINDOW_NS < cx->now || !is_same_page(p, e)) return;
    fallback = true;
    p->calls--;
  }
  struct prober *p = store_get(&((struct state *)state)->probers, cx, correlate_addr(e->who.origin));
  if (!p) return;
  if (!p->since || p->last + WINDOW_NS < cx->now) {
    struct table_entry te = p->te;
    prober_done(p);
    *p = (struct prober){.te = te, .since = cx->now};
  }
  p->last = cx->now;
  p->calls++;
  if (fallback) see_page(p, cx, t);
  /* Objects that are missing are one endpoint; a scanner's misses are endpoints of their own. */
  if (t->status == 404 || t->status == 405)
    p->missed++, few_add(&p->misses, cx, hash64(e->endpoint, 61), SET);
  for (const struct signal *s = e->signals; s; s = s->next) {
    if (s->rule->category != CATEGORY_ATTACK) continue;
    few_add(&p->kinds, cx, hash64(span_str(s->rule->id), 62), SET);
    few_add(&p->places, cx, hash64(t->target, 63), SET);
  }
  bool missing = p->misses.count >= MISSES && p->missed * 2 >= p->calls;
  bool kinds = p->kinds.count >= KINDS && p->places.count >= PLACES_HIT;
  missing |= p->paths.count >= PATHS_HIT;
  if (!missing && !kinds && !p->told) return;
  struct raise r = correlate_of(&correlate_scanner, e);
  r.count = p->told ? 1 : p->calls;
  r.first_ns = p->since;
  r.confidence = missing && kinds ? 95 : 85;
  r.outcome = OUTCOME_ATTEMPTED;
  r.user = (struct span){0};
  r.reason =
      correlate_text(cx, "%u calls in %llu s: %u paths that do not exist, %u kinds of attack.", p->calls,
                     (unsigned long long)((cx->now - p->since) / SEC), p->misses.count, p->kinds.count);
  r.reason_zh = correlate_text(cx, "%llu 秒内 %u 次请求：%u 个不存在的路径，%u 类攻击。",
                               (unsigned long long)((cx->now - p->since) / SEC), p->calls, p->misses.count,
                               p->kinds.count);
  p->told = true;
  correlate_raise(cx, &r);
}

const struct correlation correlate_scanning = {
    &correlate_scanner, sizeof(struct state), start, event, NULL, NULL, stop};
