/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are uploaded as one thing and are another; web shells on their way in and in use. */
#include "analytics/inspect/rules.h"

const struct rule rule_file_upload = {
    .id = "file_upload",
    .name = "Malicious file upload",
    .name_zh = "恶意文件上传",
    .category = CATEGORY_ATTACK,
    .severity = SEVERITY_HIGH,
    .technique = {"T1190", "T1505.003"},
    .tactic = {"TA0001", "TA0003"},
    API8,
    .reason = "A file is uploaded that a server would run, or whose content is not what its name says.",
    .reason_zh = "上传了服务器可执行的文件，或内容与文件名不符。",
    .remedy = "Store uploads outside of the web folder under names of your own; check their content.",
    .remedy_zh = "上传文件存放于 Web 目录之外并重新命名；校验内容类型。",
};
const struct rule rule_webshell = {
    .id = "webshell",
    .name = "Web shell",
    .name_zh = "WebShell",
    .category = CATEGORY_ATTACK,
    .severity = SEVERITY_CRITICAL,
    .technique = {"T1505.003", "T1059"},
    .tactic = {"TA0003", "TA0002"},
    API8,
    .reason = "Code of a web shell is uploaded, or a script is called the way web shells are.",
    .reason_zh = "上传了 WebShell 代码，或以 WebShell 的方式调用脚本。",
    .remedy = "Isolate the host, remove the file, find out how it came there and what was run.",
    .remedy_zh = "隔离主机并清除该文件；追查上传途径与已执行的命令。",
};

static struct span lower(struct arena *a, struct span s) {
  struct span out = arena_copy(a, s);
  if (out.len) normalize_lower(s, (uint8_t *)(uintptr_t)out.base);
  return out;
}

/* A name that some server would run, with what is put behind it to get past checks. */
static bool runnable(struct span name) {
  static const char *const ext[] = {".php",  ".phtml", ".phar", ".phps", ".pht",  ".jsp",   ".jspx",
                                    ".jspf", ".jsw",   ".jsv",  ".asp",  ".aspx", ".ashx",  ".asmx",
                                    ".asa",  ".cer",   ".cdx",  ".cfm",  ".cgi",  ".shtml", ".war"};
  for (size_t i = 0; i < sizeof ext / sizeof *ext; i++) {
    for (size_t at = 0; at < name.len;) {
      at += span_find(span_skip(name, at), span_str(ext[i]));
      if (at >= name.len) break;
      size_t k = at + strlen(ext[i]);
      while (k < name.len && ((name.base[k] >= '0' && name.base[k] <= '9') || name.base[k] == 't')) k++;
      while (k < name.len && (name.base[k] == '.' || name.base[k] <= ' ' || name.base[k] == ':')) k++;
      if (k >= name.len || name.base[k] == ';' || name.base[k] == '%' || name.base[k] == '/' ||
          name.base[k] == '$')
        return true;
      at++;
    }
  }
  return span_find(name, SPAN_LIT(". php")) < name.len || span_find(name, SPAN_LIT(". phtml")) < name.len;
}

static bool hidden_config(struct span name) {
  return ANY_OF(name, ".htaccess", ".user.ini", "web.config", "wp-config", "settings.php", "config.yml",
                "config.inc", ".boto", ".bashrc", ".ssh", "authorized_keys") < name.len;
}

/* Points for code of a shell in an upload or a parameter. */
static unsigned code_points(struct span s) {
  /* clang-format off */
  static const struct {
    const char *text; unsigned points; } marks[] = {
    {"<%@page", 4}, {"<%@ page", 4}, {"<%!", 4}, {"<jsp:", 4}, {"<?php", 6}, {"<?=", 5}, {"<script runat", 6},
    {"<%eval", 9}, {"<% eval", 9}, {"<%execute", 9}, {"runtime.getruntime()", 8}, {"processbuilder(", 7},
    {"request.getparameter", 4}, {"eval($_", 9}, {"assert($_", 9}, {"@eval(", 8}, {"system($_", 9},
    {"eval(request", 9}, {"execute(request", 9}, {"wscript.shell", 7}, {"defineclass", 6},
    {"javax.crypto.cipher", 5},
    {"base64_decode(", 3}, {"gzinflate(", 4}, {"shell_exec(", 6}, {"passthru(", 6}, {"$_post[", 4},
    {"$_get[", 4}, {"$_request[", 4}, {"getoutputstream", 2}, {"cmd.exe", 3}, {"/bin/sh", 3},
    {"pagecontext", 3}, {"e45e329feb5d925b", 9},
    {"system.diagnostics.process", 6}, {"request.item", 4}, {"session.putvalue", 3}, {"classloader", 3},
    {"request.form", 3}, {"language=\"jscript\"", 5}, {"unsafe\")", 6}, {"move_uploaded_file", 4},
    {"c99shell", 9}, {"b374k", 9}, {".exec(", 3},
  };
  /* clang-format on */
  unsigned sum = 0;
  for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
    if (inspect_has(s, marks[i].text)) sum += marks[i].points;
  return sum;
}

struct part {
  struct span name, type, body;
};

static void judge_part(struct inspect_ctx *cx, const struct part *p) {
  struct arena *a = &cx->event->txn->arena;
  struct span name = lower(a, p->name), head = span_head(p->body, 8192);
  if (!head.len && !name.len) return;
  bool runs = runnable(name), config = hidden_config(name);
  uint8_t first = head.len ? head.base[0] : 0;
  bool text = first == '<' || first == '#' || span_find(head, SPAN_LIT("<?")) < head.len ||
              span_find(head, SPAN_LIT("<%")) < head.len;
  unsigned points = text ? code_points(lower(a, head)) : 0;
  bool exe = span_starts(head, SPAN_LIT("MZ")) || span_starts(head, SPAN_LIT("\x7f"
                                                                             "ELF"));
  bool as_image = ANY_OF(name, ".jpg", ".jpeg", ".png", ".gif", ".pdf", ".bmp", ".webp") < name.len ||
                  span_starts(p->type, SPAN_LIT("image/"));
  if (points >= 8)
    inspect_signal(cx, &rule_webshell, SEVERITY_HIGH, points >= 12 || runs ? 95 : 80, OUTCOME_ATTEMPTED,
                   SPAN_LIT("upload.content"), span_head(head, 100));
  if (runs)
    inspect_signal(cx, &rule_file_upload, SEVERITY_HIGH, 85, OUTCOME_ATTEMPTED, SPAN_LIT("upload.filename"),
                   p->name);
  else if (config || span_find(name, SPAN_LIT("..")) == 0)
    inspect_signal(cx, &rule_file_upload, SEVERITY_MEDIUM, 70, OUTCOME_ATTEMPTED, SPAN_LIT("upload.filename"),
                   p->name);
  else if (as_image && (exe || points >= 6))
    inspect_signal(cx, &rule_file_upload, SEVERITY_HIGH, 85, OUTCOME_ATTEMPTED, SPAN_LIT("upload.content"),
                   p->name);
}

static struct span line_value(struct span head, const char *name) {
  while (head.len) {
    struct span line = span_trim(span_cut(&head, '\n'));
    if (span_starts_nocase(line, span_str(name))) return span_trim(span_skip(line, strlen(name)));
  }
  return span_of(NULL, 0);
}

static struct span parameter(struct span v) {
  if (v.len && v.base[0] == '"') {
    v = span_skip(v, 1);
    return span_head(v, span_index(v, '"'));
  }
  return span_trim(span_head(v, span_index(v, ';')));
}

static struct span unescaped(struct arena *a, struct span s) {
  size_t quote = span_find(s, SPAN_LIT("''"));
  if (quote < s.len) s = span_skip(s, quote + 2);
  uint8_t *p = s.len ? arena_alloc(a, s.len + 4) : NULL;
  bool changed;
  return p ? span_of(p, normalize_unescape(s, false, p, s.len + 4, &changed)) : s;
}

/* The names that one server or another would give the file: filename, also twice; filename* (RFC 8187, 3.2); a name in
 * pieces (RFC 2231, 3). The one that says most counts. */
static struct span file_name(struct arena *a, struct span disposition) {
  struct span best = {0}, pieces = {0}, d = disposition;
  for (unsigned n = 0; n < 16 && d.len; n++) {
    size_t at = span_find_nocase(d, SPAN_LIT("filename"));
    d = span_skip(d, at < d.len ? at + 8 : d.len);
    size_t i = 0;
    bool numbered = false;
    for (; i < d.len && (d.base[i] == '*' || (d.base[i] >= '0' && d.base[i] <= '9')); i++)
      numbered |= d.base[i] != '*';
    bool starred = i && d.base[i - 1] == '*';
    while (i < d.len && d.base[i] == ' ') i++;
    if (i >= d.len || d.base[i] != '=') continue;
    struct span name = parameter(span_trim(span_skip(d, i + 1)));
    if (name.len) d = span_skip(d, (size_t)(name.base + name.len - d.base));
    if (starred) name = unescaped(a, name);
    if (numbered) name = pieces = arena_printf(a, "%.*s%.*s", SPAN_FMT(pieces), SPAN_FMT(name));
    bool runs = runnable(lower(a, name));
    if (!best.len || runs || (numbered && !runnable(lower(a, best)))) best = name;
  }
  return best;
}

static void multipart(struct inspect_ctx *cx, struct span body) {
  struct span mark = span_trim(span_head(body, span_index(body, '\n')));
  if (mark.len < 3 || mark.len > 100 || !span_starts(mark, SPAN_LIT("--"))) return;
  for (unsigned n = 0; n < 64 && body.len; n++) {
    body = span_skip(body, mark.len);
    size_t next = span_find(body, mark), gap = span_find(body, SPAN_LIT("\r\n\r\n")), skip = 4;
    if (gap >= next) gap = span_find(body, SPAN_LIT("\n\n")), skip = 2;
    if (gap < next) {
      struct span head = span_head(body, gap);
      struct part p = {.name = file_name(&cx->event->txn->arena, line_value(head, "content-disposition:")),
                       .type = line_value(head, "content-type:"),
                       .body = span_head(span_skip(body, gap + skip), next - gap - skip)};
      if (p.name.len) judge_part(cx, &p);
    }
    body = span_skip(body, next);
  }
}

static bool script_path(struct span path) {
  struct span base = span_head(path, span_index(path, ';'));
  return span_ends(base, SPAN_LIT(".jsp")) || span_ends(base, SPAN_LIT(".jspx")) ||
         span_ends(base, SPAN_LIT(".php")) || span_ends(base, SPAN_LIT(".aspx")) ||
         span_ends(base, SPAN_LIT(".asp")) || span_ends(base, SPAN_LIT(".ashx")) ||
         span_ends(base, SPAN_LIT(".phtml")) || span_ends(base, SPAN_LIT(".jspf"));
}

/* A script called with a command; or with nothing but an encrypted body, as Behinder and Godzilla do. */
static void in_use(struct inspect_ctx *cx) {
  static const char *const names[] = {"cmd", "exec", "command", "c", "execute", "shell", "pass",
                                      "z0",  "ant",  "cmdline", "x", "code",    "pwd",   "action"};
  struct txn *t = cx->event->txn;
  if (!script_path(t->path)) return;
  const struct signal *command = inspect_find(cx, &rule_cmdi);
  struct span q = t->query;
  bool named = false;
  for (unsigned n = 0; q.len && n < 32; n++) {
    struct span v = span_cut(&q, '&'), k = span_cut(&v, '=');
    for (size_t i = 0; i < 7; i++) named |= span_eq_nocase(k, span_str(names[i])) && v.len;
  }
  bool shell = cx->answer_bits & BIT(ANSWER_SHELL), passwd = cx->answer_bits & BIT(ANSWER_PASSWD);
  struct span type = headers_get(&t->side[DIR_RESPONSE].headers, "content-type");
  bool plain = span_find(type, SPAN_LIT("json")) >= type.len;
  bool uploads = span_find_nocase(t->path, SPAN_LIT("upload")) < t->path.len ||
                 span_find_nocase(t->path, SPAN_LIT("/files/")) < t->path.len ||
                 span_find_nocase(t->path, SPAN_LIT("attach")) < t->path.len ||
                 span_find_nocase(t->path, SPAN_LIT("/images/")) < t->path.len ||
                 span_find_nocase(t->path, SPAN_LIT("/img/")) < t->path.len ||
                 span_find_nocase(t->path, SPAN_LIT("/tmp/")) < t->path.len ||
                 span_find_nocase(t->path, SPAN_LIT("avatar")) < t->path.len;
  bool ran = cx->answer_ok && t->status == 200 && (shell || passwd);
  if (named && (command || ran || (uploads && cx->answer_ok && plain)))
    inspect_signal(cx, &rule_webshell, ran || (uploads && cx->answer_ok) ? SEVERITY_CRITICAL : SEVERITY_HIGH,
                   ran ? 95 : 80,
                   ran                                 ? OUTCOME_SUCCESS
                   : cx->answer_ok && t->status == 200 ? OUTCOME_PROBABLE
                                                       : OUTCOME_ATTEMPTED,
                   SPAN_LIT("url.query"), t->query);
}

static void packed_body(struct inspect_ctx *cx) {
  struct txn *t = cx->event->txn;
  const struct side *req = &t->side[DIR_REQUEST], *resp = &t->side[DIR_RESPONSE];
  struct span body = side_body(req), answer = side_body(resp);
  if (!script_path(t->path) || !span_eq(t->method, SPAN_LIT("POST")) || body.len < 32 || !cx->answer_ok)
    return;
  struct span v = body;
  if (span_index(v, '=') < 24) span_cut(&v, '=');
  size_t odd = 0, n = v.len < 512 ? v.len : 512;
  for (size_t i = 0; i < n; i++) {
    uint8_t c = v.base[i];
    odd += !((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '+' || c == '/' ||
             c == '=' || c == '%');
  }
  bool octets = span_starts(req->mime, SPAN_LIT("application/octet-stream")) || !req->mime.len;
  bool packed = (odd == 0 && v.len >= 64) || (octets && odd * 4 > n);
  struct span low = lower(&t->arena, span_head(body, 4096));
  bool china = inspect_has(low, "@ini_set") || inspect_has(low, "%40ini_set") ||
               inspect_has(low, "eval(base64") || inspect_has(low, "z0=") ||
               (inspect_has(low, "_0x") && inspect_has(low, "%40eval"));
  bool md5_frame = answer.len > 32 && answer.len < 100000 && resp->mime.len &&
                   span_starts(resp->mime, SPAN_LIT("text/html")) && odd == 0 && answer.base[0] != '<' &&
                   answer.base[0] != '{';
  if (china)
    inspect_signal(cx, &rule_webshell, SEVERITY_CRITICAL, 90, OUTCOME_PROBABLE, SPAN_LIT("body"),
                   span_head(low, 80));
  else if (packed && (octets || md5_frame) && (!answer.len || answer.base[0] != '<'))
    inspect_signal(
        cx, &rule_webshell, SEVERITY_HIGH, 65, OUTCOME_PROBABLE, SPAN_LIT("body"),
        arena_printf(&t->arena, "%zu packed bytes to a script, answer of %zu", body.len, answer.len));
}

static void call(struct inspect_ctx *cx) {
  struct txn *t = cx->event->txn;
  const struct side *req = &t->side[DIR_REQUEST];
  struct span body = side_body(req);
  for (uint32_t i = 0; i < req->headers.count; i++) {
    const struct header *h = &req->headers.item[i];
    if (h->name.len < 8 || h->name.len > 14 || (h->name.base[0] | 0x20) != 'x') continue;
    if (span_eq_nocase(h->name, SPAN_LIT("x-filename")) || span_eq_nocase(h->name, SPAN_LIT("x_filename")) ||
        span_eq_nocase(h->name, SPAN_LIT("x-file-name")) || span_eq_nocase(h->name, SPAN_LIT("x.filename"))) {
      struct part p = {.name = h->value};
      judge_part(cx, &p);
    }
  }
  if (!body.len) {
    in_use(cx);
    return;
  }
  if (span_starts(req->mime, SPAN_LIT("multipart/")) || span_starts(body, SPAN_LIT("--")))
    multipart(cx, body);
  if (span_eq(t->method, SPAN_LIT("PUT"))) {
    struct span name = t->path;
    while (name.len > 1 && name.base[name.len - 1] == '/') name.len--; /* CVE-2017-12615 */
    for (size_t i = name.len; i > 0; i--)
      if (name.base[i - 1] == '/') {
        name = span_skip(name, i);
        break;
      }
    struct part p = {.name = name, .body = body};
    if (runnable(lower(&t->arena, name))) judge_part(cx, &p);
  }
  in_use(cx);
  packed_body(cx);
}
const struct inspection inspect_upload = {.rule = &rule_file_upload, .call = call};
