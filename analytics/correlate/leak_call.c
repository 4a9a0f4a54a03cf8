/* SPDX-License-Identifier: Apache-2.0 */
/* Leaks that a single call shows, one finding an endpoint or a caller: personal data without authentication, in addresses,
 * cookies and errors, whole records in lists, files in bulk, to servers outside the estate. */
#include "analytics/correlate/leak.h"

enum { SHY = 3, SEARCHES = 20, LIST = 20, LIST_CLASSES = 4, BULK = 100, BULK_INSIDE = 5000 };

#define DATA_RULE(var, word, title, title_zh, sev, tech, tac, api, why, why_zh, cure, cure_zh) \
  static const struct rule var = {.id = word, \
                                  .name = title, \
                                  .name_zh = title_zh, \
                                  .category = CATEGORY_LEAK, \
                                  .severity = sev, \
                                  .technique = {tech}, \
                                  .tactic = {tac}, \
                                  .owasp = {api}, \
                                  .reason = why, \
                                  .reason_zh = why_zh, \
                                  .remedy = cure, \
                                  .remedy_zh = cure_zh}

const struct rule correlate_unauthenticated = {
    .id = "unauthenticated_personal_data",
    .name = "Personal data without authentication",
    .name_zh = "未认证返回个人信息",
    .category = CATEGORY_LEAK,
    .severity = SEVERITY_HIGH,
    .technique = {"T1213"},
    .tactic = {"TA0009"},
    .owasp = {"API2:2023", "API3:2023"},
    .reason = "Personal data is answered to a caller from outside who did not authenticate.",
    .reason_zh = "向未认证的外部调用方返回个人信息。",
    .remedy = "Require authentication; answer only what the caller needs.",
    .remedy_zh = "要求认证；仅返回必要字段。"};
DATA_RULE(rule_url, "sensitive_data_in_url", "Sensitive data in an address", "URL 携带敏感数据",
          SEVERITY_MEDIUM, "T1552", "TA0006", "API3:2023",
          "Sensitive data stands in the address, where logs and histories keep it.",
          "敏感数据出现在 URL 中，会被日志与历史记录留存。",
          "Send it in a body, or name the person by an opaque id.", "改用请求体传递，或以不透明编号代替。");
DATA_RULE(rule_cookie, "sensitive_data_in_cookie", "Personal data in a cookie", "Cookie 携带个人信息",
          SEVERITY_MEDIUM, "T1539", "TA0006", "API3:2023",
          "Personal data stands in a cookie, which every request repeats.",
          "个人信息写入 Cookie，随每次请求重复传输。", "Keep it on the server, under the session.",
          "仅保存在服务端会话中。");
DATA_RULE(rule_error, "sensitive_data_in_error", "Personal data in an error", "错误响应泄露个人信息",
          SEVERITY_MEDIUM, "T1592.002", "TA0043", "API8:2023",
          "An error answers with personal data that the caller did not send.",
          "错误响应中出现调用方未提交的个人信息。",
          "Answer errors with a number only; keep the details in the log.",
          "对外仅返回错误编号，细节写入日志。");
DATA_RULE(rule_excess, "excessive_data", "Whole records in a list", "列表返回完整敏感记录", SEVERITY_MEDIUM,
          "T1213", "TA0009", "API3:2023", "A list answers whole records of many persons to the outside.",
          "列表接口向外部返回多人的完整敏感记录。",
          "Answer the fields that the list shows; the rest on demand, one person at a time.",
          "列表仅返回展示所需字段，其余按人按需查询。");
DATA_RULE(rule_bulk, "bulk_file", "File of personal data", "批量文件含个人信息", SEVERITY_HIGH, "T1567",
          "TA0010", "API3:2023", "A file with personal data of many persons went out.",
          "含大量个人信息的文件被下载或外发。", "Approve, mark and encrypt exports; send them inside only.",
          "导出需审批、加水印并加密，仅限内部使用。");
DATA_RULE(rule_egress, "sensitive_data_to_outside", "Sensitive data sent outside", "敏感数据外发",
          SEVERITY_HIGH, "T1048", "TA0010", "API10:2023",
          "Sensitive data is sent to a server that is neither of the estate nor a partner's.",
          "敏感数据被发送到非本机构、非合作方的服务器。",
          "List the receiver as a partner or stop it; encrypt what is sent.",
          "将接收方登记为合作方或阻断，传输内容须加密。");

/* One call on its way through the rules. */
struct look {
  struct leaks *leaks;
  struct correlate_ctx *cx;
  const struct api_event *e;
};

static struct leak *add(const struct look *k, const struct rule *r, const struct data_hit *h, bool actor) {
  return leak_add(k->leaks, k->cx, r, k->e, h, actor, span_str(h->class_id));
}
static void tell(const struct look *k, struct leak *l, const struct rule *r, const struct data_hit *h,
                 uint8_t severity, uint8_t confidence, bool actor) {
  leak_tell(k->cx, l, r, k->e, h, severity, confidence, actor, span_str(h->class_id));
}

static bool outside(const struct look *k) {
  return !k->e->who.inner_hop && !zones_inside(k->cx->zones, k->e->who.origin);
}

/* A contact that a public page shows is no leak; three persons' are. */
static void unauthenticated(const struct look *k) {
  const struct api_event *e = k->e;
  const struct txn *t = e->txn;
  if (!event_anonymous(e) || e->login.step != LOGIN_NONE || !leak_answered(t) || t->status >= 300) return;
  if (!leak_head_seen(t) || !outside(k)) return;
  if (zones_of(k->cx->zones, e->who.origin) != ZONE_INTERNET) return;
  if (headers_get(&t->side[DIR_REQUEST].headers, "x-user-id").len) return;
  const struct data_hits *d = &e->data[DIR_RESPONSE];
  for (uint32_t i = 0; i < d->count; i++) {
    const struct data_hit *h = &d->item[i];
    if (!leak_personal(h) || leak_echoes(&e->data[DIR_REQUEST], h)) continue;
    struct leak *l = add(k, &correlate_unauthenticated, h, false);
    if (!l || (!leak_sensitive(h) && l->subjects.count < SHY)) continue;
    tell(k, l, &correlate_unauthenticated, h, leak_sensitive(h) ? SEVERITY_HIGH : SEVERITY_MEDIUM, 80, false);
  }
}

/* Tokens in addresses have a finding of their own. */
static bool is_token(const struct data_hit *h) {
  return strcmp(h->class_id, "jwt") == 0 || strcmp(h->class_id, "access_token") == 0;
}

/* A parameter that is made for it at once; a search box when it has become a habit. */
static void in_address(const struct look *k) {
  const struct data_hits *d = &k->e->data[DIR_REQUEST];
  for (uint32_t i = 0; i < d->count; i++) {
    const struct data_hit *h = &d->item[i];
    if (leak_in(h, "cookie") && leak_personal(h)) {
      struct leak *l = add(k, &rule_cookie, h, false);
      if (l) tell(k, l, &rule_cookie, h, leak_sensitive(h) ? SEVERITY_HIGH : SEVERITY_MEDIUM, 85, false);
    }
    if (!leak_in(h, "query") && !leak_in(h, "path")) continue;
    bool credential = leak_credential(h) || h->grade.pci == 2;
    if (is_token(h) || (!credential && !leak_sensitive(h))) continue;
    struct leak *l = add(k, &rule_url, h, false);
    if (!l || (!leak_named(k->cx, h) && l->subjects.count < SEARCHES)) continue;
    tell(k, l, &rule_url, h, credential ? SEVERITY_HIGH : SEVERITY_MEDIUM, 85, false);
  }
}

static void in_answer_cookie(const struct look *k) {
  const struct data_hits *d = &k->e->data[DIR_RESPONSE];
  for (uint32_t i = 0; i < d->count; i++) {
    const struct data_hit *h = &d->item[i];
    if (!leak_in(h, "cookie") || !leak_personal(h)) continue;
    struct leak *l = add(k, &rule_cookie, h, false);
    if (l) tell(k, l, &rule_cookie, h, leak_sensitive(h) ? SEVERITY_HIGH : SEVERITY_MEDIUM, 85, false);
  }
}

static bool shows_trace(const struct api_event *e) {
  for (const struct signal *s = e->signals; s; s = s->next)
    if (strcmp(s->rule->id, "error_leak") == 0) return true;
  return false;
}

static void in_error(const struct look *k) {
  const struct api_event *e = k->e;
  bool trace = shows_trace(e);
  if (!trace && (e->txn->method.len ? e->txn->status < 400 : e->txn->outcome != TXN_ERROR)) return;
  const struct data_hits *d = &e->data[DIR_RESPONSE];
  for (uint32_t i = 0; i < d->count; i++) {
    const struct data_hit *h = &d->item[i];
    bool grave = leak_sensitive(h) || (leak_credential(h) && !is_token(h));
    if (!leak_in(h, "body") || (!grave && !(leak_personal(h) && (trace || h->subjects >= SHY)))) continue;
    if (leak_echoes(&e->data[DIR_REQUEST], h)) continue;
    if (leak_in(h, "body.script") && strcmp(h->class_id, "password") == 0)
      continue; /* code about one, of a page */
    struct leak *l = add(k, &rule_error, h, false);
    if (l) tell(k, l, &rule_error, h, grave ? SEVERITY_HIGH : SEVERITY_MEDIUM, trace ? 90 : 75, false);
  }
}

static bool identifies(const struct data_hit *h) {
  return leak_sensitive(h) && (h->grade.iso29100 == 2 || h->grade.pci == 1);
}

/* The best hit of a body in which many persons stand, by distinct values; NULL when there are fewer than least. */
static const struct data_hit *crowd(const struct data_hits *d, uint32_t least, unsigned *classes,
                                    bool *grave) {
  const struct data_hit *best = NULL;
  *classes = 0;
  *grave = false;
  for (uint32_t i = 0; i < d->count; i++) {
    const struct data_hit *h = &d->item[i];
    if (!h->grade.gbt35273 || leak_credential(h) || h->subjects < least) continue;
    bool again = false;
    for (uint32_t j = 0; j < i && !again; j++)
      again = d->item[j].subjects >= least && strcmp(d->item[j].class_id, h->class_id) == 0;
    *classes += !again;
    *grave |= identifies(h);
    if (!best || (leak_personal(h) && h->subjects > best->subjects) || (identifies(h) && !identifies(best)))
      best = h;
  }
  return best;
}

/* What an attack got is told with it. */

static bool is_file(const struct api_event *e) {
  static const char *const formats[] = {"csv", "xlsx", "zip"};
  static const char *const ends[] = {".csv", ".xlsx", ".xls", ".zip", ".sql",    ".dump",
                                     ".bak", ".gz",   ".tar", ".txt", ".json.gz"};
  static const char *const mimes[] = {
      "application/sql",          "application/x-sql", "text/csv",         "application/zip",
      "application/vnd.ms-excel", "application/x-tar", "application/gzip", NULL};
  const struct side *s = &e->txn->side[DIR_RESPONSE];
  for (size_t i = 0; e->body_format[DIR_RESPONSE] && i < sizeof formats / sizeof *formats; i++)
    if (strcmp(e->body_format[DIR_RESPONSE], formats[i]) == 0) return true;
  if (span_in(s->mime, mimes)) return true;
  if (span_find_nocase(headers_get(&s->headers, "content-disposition"), SPAN_LIT("attachment")) <
      headers_get(&s->headers, "content-disposition").len)
    return true;
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
    if (span_ends(e->txn->path, span_str(ends[i]))) return true;
  return false;
}

/* Exports inside are daily work until they are huge; one that leaves is told from a hundred persons on. */
static void in_bulk(const struct look *k) {
  const struct api_event *e = k->e;
  unsigned classes;
  bool grave;
  if (!leak_answered(e->txn) || e->who.inner_hop) return;
  const struct data_hit *h = crowd(&e->data[DIR_RESPONSE], LIST, &classes, &grave);
  if (!h) return;
  if (is_file(e)) {
    bool away = outside(k), open = e->who.auth == AUTH_NONE && e->txn->method.len && leak_head_seen(e->txn);
    if (h->subjects < (away || open ? BULK : BULK_INSIDE) || (!grave && classes < 2)) return;
    struct leak *l = leak_add(k->leaks, k->cx, &rule_bulk, e, h, true, SPAN_LIT("file"));
    if (l)
      leak_tell(k->cx, l, &rule_bulk, e, h,
                away || h->subjects >= BULK_INSIDE ? SEVERITY_HIGH : SEVERITY_MEDIUM, 80, true,
                SPAN_LIT("file"));
  } else if (outside(k) && !e->txn->statement && grave && classes >= LIST_CLASSES && !event_is_attack(e)) {
    struct leak *l = leak_add(k->leaks, k->cx, &rule_excess, e, h, false, SPAN_LIT("list"));
    if (l) leak_tell(k->cx, l, &rule_excess, e, h, SEVERITY_MEDIUM, 70, false, SPAN_LIT("list"));
  }
}

/* What a client of the estate sends to a server outside. */
static void to_outside(const struct look *k) {
  const struct api_event *e = k->e;
  const struct txn *t = e->txn;
  if (!zones_inside(k->cx->zones, t->conn.client) || zones_of(k->cx->zones, t->conn.server) != ZONE_INTERNET)
    return;
  if (zones_is_group(t->conn.server) || zones_is_metadata(t->conn.server)) return;
  for (uint32_t i = 0; i < e->data[DIR_REQUEST].count; i++) {
    const struct data_hit *h = &e->data[DIR_REQUEST].item[i];
    if (!leak_sensitive(h) && h->grade.pci != 2 && !(leak_personal(h) && h->subjects >= LIST)) continue;
    struct leak *l = add(k, &rule_egress, h, false);
    if (l) tell(k, l, &rule_egress, h, e->encrypted ? SEVERITY_MEDIUM : SEVERITY_HIGH, 75, false);
  }
}

static void event(void *state, struct correlate_ctx *cx, const struct api_event *e) {
  if (e->txn->kind != TXN_CALL || (!e->data[0].count && !e->data[1].count)) return;
  struct look k = {state, cx, e};
  if (e->data[DIR_REQUEST].count) {
    if (!e->who.inner_hop) in_address(&k);
    to_outside(&k);
  }
  if (!e->data[DIR_RESPONSE].count) return;
  unauthenticated(&k);
  in_answer_cookie(&k);
  in_error(&k);
  in_bulk(&k);
}

const struct correlation correlate_leak_call = {
    &correlate_unauthenticated, sizeof(struct leaks), leak_start, event, NULL, NULL, leak_stop};
