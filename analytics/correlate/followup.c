/* SPDX-License-Identifier: Apache-2.0 */
/* What follows an attack: a web shell that was uploaded is used, a victim of a look-up calls back. */
#include "analytics/correlate/correlate.h"

#include <netinet/in.h>

#define SEC 1000000000ULL
#define CALLBACK_NS (120 * SEC)
#define SHELL_NS (86400 * SEC)

const struct rule correlate_webshell = {
    .id = "webshell",
    .name = "Web shell used",
    .name_zh = "WebShell 利用",
    .category = CATEGORY_ATTACK,
    .severity = SEVERITY_CRITICAL,
    .technique = {"T1505.003", "T1059"},
    .tactic = {"TA0003", "TA0002"},
    .owasp = {"API8:2023"},
    .reason = "A script among uploaded files answers commands.",
    .reason_zh = "上传目录中的脚本被用于执行命令。",
    .remedy = "Take the host off the net, remove the file, forbid scripts in upload folders.",
    .remedy_zh = "隔离主机，删除文件，禁止上传目录执行脚本。"};

struct victim {
  struct table_entry te;
  uint64_t when;
  const struct rule *rule;
  uint8_t actor[16], server[16];
  uint16_t port;
};
struct state {
  struct store hit, shells; /* by host; by actor */
};

static int start(void *state, struct correlate_ctx *cx) {
  struct state *s = state;
  (void)cx;
  int rc = store_init(&s->hit, sizeof(struct victim), 4096, NULL);
  return rc < 0 ? rc : store_init(&s->shells, sizeof(struct victim), 4096, NULL);
}
static void stop(void *state, struct correlate_ctx *cx, bool end) {
  struct state *s = state;
  (void)cx, (void)end;
  store_done(&s->hit), store_done(&s->shells);
}

static bool calls_back(const char *id) {
  return strcmp(id, "log4shell") == 0 || strcmp(id, "fastjson") == 0 || strcmp(id, "deserialization") == 0 ||
         strcmp(id, "jndi") == 0 || strcmp(id, "xxe") == 0 || strcmp(id, "ssrf") == 0;
}

static bool is_script(struct span path) {
  static const char *const ext[] = {".jsp", ".jspx", ".php", ".phtml", ".asp", ".aspx", ".ashx", ".cgi"};
  for (size_t i = 0; i < sizeof ext / sizeof *ext; i++)
    if (span_ends(path, span_str(ext[i]))) return true;
  return false;
}

static bool in_uploads(struct span path) {
  static const char *const words[] = {"/upload", "/files/",  "/file/", "/attach", "/images/",
                                      "/img/",   "/static/", "/tmp/",  "/media/"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (span_find_nocase(path, span_str(words[i])) < path.len) return true;
  return false;
}

static void remember(struct store *s, struct correlate_ctx *cx, uint64_t key, const struct api_event *e,
                     const struct rule *rule) {
  struct victim *v = store_get(s, cx, key);
  if (!v) return;
  v->when = cx->now;
  v->rule = rule;
  memcpy(v->actor, e->who.origin, 16);
  memcpy(v->server, e->txn->conn.server, 16);
  v->port = e->txn->conn.sport;
}

static void event(void *state, struct correlate_ctx *cx, const struct api_event *e) {
  struct state *st = state;
  const struct txn *t = e->txn;
  if (t->kind != TXN_CALL) return;
  uint64_t actor = correlate_addr(e->who.origin);
  for (const struct signal *s = e->signals; s; s = s->next) {
    if (calls_back(s->rule->id)) remember(&st->hit, cx, correlate_addr(t->conn.server), e, s->rule);
    if (strstr(s->rule->id, "shell") || strstr(s->rule->id, "upload"))
      remember(&st->shells, cx, actor, e, s->rule);
  }
  if (!is_script(t->path) || t->status < 200 || t->status >= 300 || !in_uploads(t->path)) return;
  const struct victim *v = store_find(&st->shells, actor);
  bool uploaded = v && v->when + SHELL_NS >= cx->now;
  if (!uploaded && !t->query.len && !t->side[DIR_REQUEST].body_bytes) return;
  struct raise r = correlate_of(&correlate_webshell, e);
  r.outcome = uploaded ? OUTCOME_SUCCESS : OUTCOME_PROBABLE;
  r.severity = uploaded ? SEVERITY_CRITICAL : SEVERITY_HIGH;
  r.confidence = uploaded ? 95 : 75;
  correlate_raise(cx, &r);
}

/* A host that was just hit opens a directory or RMI connection to the outside. */
static void flow(void *state, struct correlate_ctx *cx, const struct flow_record *f) {
  struct state *st = state;
  if (!zones_inside(cx->zones, f->conn.client) || zones_inside(cx->zones, f->conn.server)) return;
  const struct victim *v = store_find(&st->hit, correlate_addr(f->conn.client));
  if (!v || f->conn.first_ns < v->when - CALLBACK_NS / 24 || f->conn.first_ns > v->when + CALLBACK_NS) return;
  if (!f->established || f->conn.proto != IPPROTO_TCP) return;
  struct evidence ev = {SPAN_LIT("callback"), (struct span){0}};
  char text[48];
  size_t n = zones_text(f->conn.server, text);
  ev.what = correlate_text(cx, "%.*s:%u", (int)n, text, f->conn.sport);
  uint8_t target[2][16];
  memcpy(target[0], v->server, 16);
  memcpy(target[1], f->conn.client, 16);
  struct raise r = {.rule = v->rule,
                    .actor = &v->actor,
                    .nactors = 1,
                    .target = (const uint8_t(*)[16])target,
                    .ntargets = 2,
                    .port = v->port,
                    .outcome = OUTCOME_SUCCESS,
                    .severity = SEVERITY_CRITICAL,
                    .confidence = 95,
                    .evidence = &ev,
                    .nevidence = 1,
                    .ns = f->conn.first_ns};
  correlate_raise(cx, &r);
}

const struct correlation correlate_followup = {
    &correlate_webshell, sizeof(struct state), start, event, flow, NULL, stop};
