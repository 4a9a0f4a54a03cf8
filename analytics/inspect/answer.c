/* SPDX-License-Identifier: Apache-2.0 */
/* What answers give away: stack traces, errors of databases, listings; and whether an attack did what it was meant to. */
#include "analytics/inspect/rules.h"

static const struct rule rule_error_leak = {
    .id = "error_leak",
    .name = "Error details in an answer",
    .name_zh = "错误信息泄露",
    .category = CATEGORY_LEAK,
    .severity = SEVERITY_LOW,
    .technique = {"T1592.002"},
    .tactic = {"TA0043"},
    API8,
    .reason = "An answer shows a stack trace or the text of a database error.",
    .reason_zh = "响应中出现异常堆栈或数据库报错原文。",
    .remedy = "Answer errors with a number only; keep the details in the log.",
    .remedy_zh = "对外仅返回错误编号，细节写入日志。",
};
static const struct rule rule_listing = {
    .id = "directory_listing",
    .name = "Directory listing",
    .name_zh = "目录列表暴露",
    .category = CATEGORY_LEAK,
    .severity = SEVERITY_LOW,
    .technique = {"T1083"},
    .tactic = {"TA0007"},
    API8,
    .reason = "The server lists the files of a folder.",
    .reason_zh = "服务器返回了目录文件列表。",
    .remedy = "Switch off automatic indexes.",
    .remedy_zh = "关闭自动目录索引。",
};

/* clang-format off */
static const struct {
  uint8_t group; const char *what; } traces[] = {
  {ANSWER_JAVA, "java"}, {ANSWER_PYTHON, "python"}, {ANSWER_PHP, "php"}, {ANSWER_NET, "dotnet"},
  {ANSWER_GO, "go"}, {ANSWER_RUBY, "ruby"},
  {ANSWER_NODE, "node"}, {ANSWER_SQL, "sql"},
};
/* clang-format on */

static bool document(const struct span mime) { /* pages and files, where such texts may be content */
  return span_starts(mime, SPAN_LIT("application/javascript")) || span_starts(mime, SPAN_LIT("text/css")) ||
         span_starts(mime, SPAN_LIT("application/pdf")) || span_starts(mime, SPAN_LIT("application/zip")) ||
         span_starts(mime, SPAN_LIT("application/octet-stream")) ||
         span_starts(mime, SPAN_LIT("text/javascript"));
}

/* Weak words need a second one: file and line for Java, digits for Go, an error status for the rest. */
static bool trace_seen(const struct inspect_ctx *cx, unsigned group) {
  if (!(cx->answer_bits & BIT(group))) return false;
  struct span a = cx->answer;
  int status = cx->txn->status;
  bool error = status >= 400;
  switch (group) {
  case ANSWER_JAVA:
    return (ANY_OF(a, "\tat ", "\\tat ", " at java", "\n at ") < a.len &&
            span_find(a, SPAN_LIT(".java:")) < a.len) ||
           (error && ANY_OF(a, "Exception", "nested exception is") < a.len);
  case ANSWER_PHP:
    return error || (span_find(a, SPAN_LIT(" on line ")) < a.len && span_find(a, SPAN_LIT(".php")) < a.len) ||
           span_find(a, SPAN_LIT("Stack trace:")) < a.len || span_find(a, SPAN_LIT("PHP ")) < a.len;
  case ANSWER_GO: return ANY_OF(a, "[running]", "panic:", "runtime/") < a.len;
  case ANSWER_RUBY:
  case ANSWER_NODE:
    return error || ANY_OF(a, "ActionView::", "#<struct ", "ActiveRecord::") < a.len ||
           (group == ANSWER_NODE && span_find(a, SPAN_LIT("    at ")) < a.len);
  case ANSWER_NET:
    return error || ANY_OF(a, "   at System.", "Server Error in", "Microsoft VBScript", "ADODB.", "\\inetpub",
                           "Active Server", "Internet Information Services") < a.len;
  case ANSWER_SQL: {
    static const char *const weak[] = {"ORA-0",     "ORA-1", "Informix", "Npgsql.", "column does not exist",
                                       "sql_error", "ibase_"};
    size_t at = inspect_answer_at(cx, group);
    struct span near = span_of(a.base + (at > 16 ? at - 16 : 0), at > 16 ? 16 : at);
    return error || inspect_any(near, weak, sizeof weak / sizeof *weak) >= near.len ||
           ANY_OF(a, "error", "Error", "ERROR", "xception") < a.len;
  }
  default: return true;
  }
}

static struct span excerpt(const struct inspect_ctx *cx, unsigned group) {
  size_t at = inspect_answer_at(cx, group), from = at > 40 ? at - 40 : 0;
  return span_head(span_skip(cx->answer, from), 120);
}

static void errors(struct inspect_ctx *cx) {
  const struct side *resp = &cx->txn->side[DIR_RESPONSE];
  if (document(resp->mime)) return;
  for (size_t i = 0; i < sizeof traces / sizeof *traces; i++) {
    if (!trace_seen(cx, traces[i].group)) continue;
    struct signal *s =
        inspect_signal(cx, &rule_error_leak, traces[i].group == ANSWER_SQL ? SEVERITY_MEDIUM : SEVERITY_LOW,
                       85, OUTCOME_SUCCESS, SPAN_LIT("response.body"), excerpt(cx, traces[i].group));
    if (s) s->detail = span_str("error"), s->per_endpoint = true;
    return;
  }
}

static bool file_shown(const struct inspect_ctx *cx) {
  uint64_t file = BIT(ANSWER_PASSWD) | BIT(ANSWER_WINFILE) | BIT(ANSWER_ENVFILE) | BIT(ANSWER_SOURCE);
  return cx->answer_ok && (cx->answer_bits & file);
}

static void raise_to(struct signal *s, enum outcome o, uint8_t severity) {
  if (o > s->outcome) s->outcome = o;
  if (severity > s->severity) s->severity = severity;
}

/* The script as it was sent stands in a page. */
static bool reflected(const struct inspect_ctx *cx, const struct signal *s) {
  struct span mime = cx->txn->side[DIR_RESPONSE].mime;
  if (!span_starts(mime, SPAN_LIT("text/html")) && mime.len) return false;
  for (uint8_t i = 0; i < s->nevidence; i++) {
    struct span w = span_head(s->evidence[i].what, 24);
    if (w.len >= 8 && memchr(w.base, '<', w.len) && span_find(w, SPAN_LIT("*")) >= w.len &&
        span_find(cx->answer, w) < cx->answer.len)
      return true;
  }
  return false;
}

static bool slept(const struct inspect_ctx *cx) {
  const struct side *q = &cx->txn->side[DIR_REQUEST], *a = &cx->txn->side[DIR_RESPONSE];
  return a->seen && q->seen && a->first_ns > q->last_ns && a->first_ns - q->last_ns > 4500000000ULL;
}

/* The database made what it was told to make. */
static bool proven(const struct inspect_ctx *cx) {
  return cx->proof_len && span_find(cx->answer, span_of(cx->proof, cx->proof_len)) < cx->answer.len;
}

static void outcome(struct inspect_ctx *cx, struct signal *s) {
  const struct rule *r = s->rule;
  int status = cx->txn->status;
  bool files = r == &rule_traversal || r == &rule_file_inclusion || r == &rule_xxe || r == &rule_ssrf ||
               r == &rule_sqli;
  bool commands = r == &rule_cmdi || r == &rule_ssti || r == &rule_expression || r == &rule_struts2 ||
                  r == &rule_webshell || r == &rule_log4shell || r == &rule_php || r == &rule_node ||
                  r == &rule_java || r == &rule_deserialization;
  if ((files || commands) && file_shown(cx))
    raise_to(s, OUTCOME_SUCCESS, SEVERITY_CRITICAL);
  else if (commands && cx->answer_ok && (cx->answer_bits & BIT(ANSWER_SHELL)))
    raise_to(s, OUTCOME_SUCCESS, SEVERITY_CRITICAL);
  else if (r == &rule_ssrf && cx->answer_ok && (cx->answer_bits & BIT(ANSWER_METADATA)))
    raise_to(s, OUTCOME_SUCCESS, SEVERITY_CRITICAL);
  else if (r == &rule_sqli && proven(cx))
    raise_to(s, OUTCOME_SUCCESS, SEVERITY_CRITICAL);
  else if (r == &rule_sqli && (cx->answer_bits & BIT(ANSWER_SQL)) && trace_seen(cx, ANSWER_SQL))
    raise_to(s, OUTCOME_PROBABLE, SEVERITY_HIGH);
  else if ((r == &rule_sqli || r == &rule_cmdi) && slept(cx))
    raise_to(s, OUTCOME_PROBABLE, SEVERITY_HIGH);
  else if (r == &rule_xss && cx->answer_ok && reflected(cx, s))
    raise_to(s, OUTCOME_PROBABLE, SEVERITY_HIGH);
  else if (s->outcome == OUTCOME_ATTEMPTED &&
           (status == 400 || status == 401 || status == 403 || status == 404 || status == 405) &&
           s->severity > SEVERITY_MEDIUM && r != &rule_webshell && r != &rule_log4shell)
    s->severity = SEVERITY_MEDIUM; /* turned away */
}

/* What an uploaded shell or a scanner brings along is part of it, unless it worked. */
static void fold(struct inspect_ctx *cx) {
  const struct signal *shell = inspect_find(cx, &rule_webshell), *scan = inspect_find(cx, &rule_scanner);
  const struct rule *keep = shell && shell->confidence >= 80 ? &rule_webshell
                            : scan && scan->confidence >= 90 ? &rule_scanner
                                                             : NULL;
  if (!keep) return;
  struct signal **at = &cx->event->signals;
  while (*at) {
    bool drop = (*at)->rule->category == CATEGORY_ATTACK && (*at)->rule != keep &&
                (keep == &rule_webshell || (*at)->outcome < OUTCOME_PROBABLE);
    if (drop)
      *at = (*at)->next;
    else
      at = &(*at)->next;
  }
}

static void call(struct inspect_ctx *cx) {
  if (cx->answer_bits) {
    errors(cx);
    if (cx->answer_ok && (cx->answer_bits & BIT(ANSWER_LISTING))) {
      struct signal *s = inspect_signal(cx, &rule_listing, SEVERITY_LOW, 85, OUTCOME_SUCCESS,
                                        SPAN_LIT("response.body"), excerpt(cx, ANSWER_LISTING));
      if (s) s->per_endpoint = true;
    }
    if (cx->answer_ok && (cx->answer_bits & BIT(ANSWER_WEBSHELL)) &&
        span_starts(cx->txn->side[DIR_RESPONSE].mime, SPAN_LIT("text/html")))
      inspect_signal(cx, &rule_webshell, SEVERITY_CRITICAL, 75, OUTCOME_SUCCESS, SPAN_LIT("response.body"),
                     excerpt(cx, ANSWER_WEBSHELL));
  }
  for (struct signal *s = cx->event->signals; s; s = s->next)
    if (s->rule->category == CATEGORY_ATTACK) outcome(cx, s);
  fold(cx);
}
const struct inspection inspect_answer = {.rule = &rule_error_leak, .call = call};
