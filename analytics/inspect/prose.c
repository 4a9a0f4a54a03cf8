/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that people and programs write, told by the names of their fields and by how they read. */
#include "analytics/inspect/prose.h"
#include "analytics/inspect/rules.h"
#include "analytics/login_words.h"

enum { KEY = 40, TEXT_LEAST = 24, WORDS_LEAST = 4, LINES_LEAST = 3 };

/* What a text is excused of, unless it holds one of these; those of quotes count in a single line only: code is full of them.
 * A document of several lines holds commands and statements of all kinds, so it takes what nobody writes down to teach. */
struct excuse {
  const char *rule;
  const char *const *weapons, *const *quoted, *const *sure;
  unsigned words; /* least */
};

WORDS(sql_weapons, "union select", "union all select", "union distinct", "sleep(", "benchmark(",
      "waitfor delay", "information_schema", "xp_cmdshell", "into outfile", "into dumpfile", "load_file(",
      "extractvalue(", "updatexml(", " or 1=1", " and 1=1", " or '1'", "dbms_", "utl_http", "@@version",
      "/**/", "0x3", "char(");
WORDS(sql_quoted, "' or ", "\" or ", "' and ", "\" and ", "'--", "' --", "\"--", "\" --", "';", "\";",
      "') or", "')", "'#", "' #", "'||", "||'", "'/*", "' union", "' having", "' group by 1", "' order by 1",
      "; drop table users");
WORDS(cmd_weapons, "/bin/sh", "/bin/bash -", "bash -i", "/dev/tcp", "nc -e", "| sh", "|sh", "|bash", "| bash",
      "curl http", "wget http", "cat /etc", "whoami", "; id", "&& id", "| id", "ping -c", "nslookup ",
      "powershell", "cmd.exe", "certutil", "etc/passwd", "etc/shadow", "rm -rf /", "${ifs", "base64 -d",
      "/tmp/", "uname -a", "; ls", "| ls", "() { :", "(){ :");
WORDS(cmd_quoted, "$(", ";`", "|`", "=`");
WORDS(climb_weapons, "../../", "..\\..\\", "%2e%2e", "..;/", "....//");
WORDS(script_weapons, "<", "javascript:", "vbscript:", "%3c", "&lt;", "\\u003c", "\\x3c");
WORDS(java_weapons, "runtime.getruntime", "getruntime()", "processbuilder", "forname(", "classloader",
      "scriptengine");
WORDS(php_weapons, "eval(", "system(", "assert(", "shell_exec", "passthru", "popen(", "base64_decode(",
      "$_get", "$_post", "$_request", "$_server", "$_cookie", "<?php", "<?=");
WORDS(node_weapons, "child_process", "require('fs", "require(\"fs", "process.mainmodule", "global.process",
      "constructor.constructor");
WORDS(ldap_weapons, ")(", "*)", "(|");
WORDS(xpath_weapons, "' or ", "\" or ", "']", "')");

WORDS(template_weapons, "7*7", "7*'7'", "__class__", "__mro__", "__subclasses__", "__globals__",
      "__builtins__", "getruntime", "t(java", "lipsum", "cycler.", "config.items", "request.application",
      "popen(", "?new()", "getclass", "forname(", "registerundefinedfiltercallback", "{system", "exec(");
WORDS(nosql_weapons, "$where", "$ne", "$gt", "$regex", "sleep(", "'||", "this.password", "; return",
      "';return");
WORDS(server_weapons, "169.254.169.254", "100.100.100.200", "metadata.google", "gopher://", "dict://",
      "file:///", "jar:http", "@127.0.0.1", "0x7f", "[::1]");
WORDS(entity_weapons, "<!entity", "xi:include");
WORDS(sql_sure, "' union select", "' union all select", "' or '1'='1", "' or 1=1", "') or ('",
      "waitfor delay '0", "';exec ", "'; exec ", "'; drop table", "admin'--", "' and sleep(", "' and 1=1",
      "extractvalue(1", "updatexml(1");
WORDS(cmd_sure, "/dev/tcp/", "bash -i >", "nc -e /bin", "() { :", "(){ :", "|sh\n", "$(cat /etc", "`cat /etc",
      ";cat /etc", "; cat /etc", "&& cat /etc", "| nc ", "${ifs}");
WORDS(climb_sure, "etc/passwd", "etc/shadow", "win.ini", "boot.ini", "..\\..\\windows");
WORDS(template_sure, "{{7*7", "${7*7", "{{''.__class__", "{{config", "{{self", "{{request", "{{cycler",
      "{{lipsum", "${t(java", "#{t(java", "freemarker.template.utility", "__subclasses__()[",
      "{{[].__class__", "{{().__class__", "<#assign ex=");

static const struct excuse excuses[] = {
    {"sqli", sql_weapons, sql_quoted, sql_sure, WORDS_LEAST},
    {"cmdi", cmd_weapons, cmd_quoted, cmd_sure, WORDS_LEAST},
    {"traversal", climb_weapons, NULL, climb_sure, 2},
    {"ssti", template_weapons, NULL, template_sure, WORDS_LEAST},
    {"xss", script_weapons, NULL, script_weapons, WORDS_LEAST},
    {"xxe", entity_weapons, NULL, entity_weapons, WORDS_LEAST},
    {"nosqli", nosql_weapons, NULL, NULL, WORDS_LEAST},
    {"ssrf", server_weapons, NULL, server_weapons, WORDS_LEAST},
    {"java_injection", java_weapons, NULL, java_weapons, WORDS_LEAST},
    {"php_injection", php_weapons, NULL, php_weapons, WORDS_LEAST},
    {"nodejs_injection", node_weapons, NULL, NULL, WORDS_LEAST},
    {"ldapi", ldap_weapons, NULL, NULL, WORDS_LEAST},
    {"xpathi", xpath_weapons, NULL, NULL, WORDS_LEAST},
};

WORDS(whole_names, "text", "msg", "body", "desc", "src", "source", "title", "subject", "log", "logs", "line",
      "lines", "sql", "rawsql", "statement", "stmt", "expr", "pattern", "regex", "question", "prompt",
      "answer", "detail", "reason", "memo", "note", "notes", "remark", "stack", "trace", "summary", "reply",
      "feedback", "内容", "备注", "描述", "说明", "留言");
WORDS(name_ends, "content", "message", "comment", "comments", "description", "snippet", "script", "markdown",
      "html", "stacktrace", "remarks", "paragraph", "article", "changelog", "sourcecode");

static bool holds_text(struct span key) {
  uint8_t buf[KEY];
  struct span name = login_squeeze(key, buf, sizeof buf);
  return name.len && name.len < sizeof buf && (span_in(name, whole_names) || span_ends_in(name, name_ends));
}

static bool is_letter(uint8_t c) { return (uint8_t)((c | 32) - 'a') < 26 || c >= 0x80; }

enum form { NO_TEXT, ONE_LINE, SOME_LINES, DOCUMENT };

/* Begins as texts and programs do, not by ending something, and goes on for some words. */
static enum form form_of(struct span s, unsigned least) {
  unsigned words = s.len && is_letter(s.base[0]), lines = 0;
  if (s.len < TEXT_LEAST) return NO_TEXT;
  for (size_t i = 1; i < s.len; i++) {
    lines += s.base[i - 1] == '\n';
    words += is_letter(s.base[i]) && (s.base[i - 1] <= ' ' || (s.base[i] >= 0x80 && i % 6 == 0));
  }
  if (lines >= LINES_LEAST && words >= WORDS_LEAST * 2) return DOCUMENT;
  if (!is_letter(s.base[0]) && !strchr("#<`^(*[>@/{0123456789 \n", s.base[0])) return NO_TEXT;
  return lines ? SOME_LINES : words >= least ? ONE_LINE : NO_TEXT;
}

static bool holds_any(struct span s, const char *const *list) {
  for (; list && *list; list++)
    if (inspect_has(s, *list)) return true;
  return false;
}

bool prose_excuses(const struct inspect_ctx *cx, const struct rule *rule) {
  if (cx->place != PLACE_BODY || !cx->leaf || !cx->leaf->key.len) return false;
  const struct excuse *x = NULL;
  for (size_t i = 0; i < sizeof excuses / sizeof *excuses && !x; i++)
    if (strcmp(excuses[i].rule, rule->id) == 0) x = &excuses[i];
  enum form form = x && holds_text(cx->leaf->key) ? form_of(cx->forms[0].text, x->words) : NO_TEXT;
  if (form == NO_TEXT) return false;
  for (unsigned i = 0; i < cx->nforms; i++) {
    struct span low = span_head(cx->forms[i].low, 4096);
    if (holds_any(low, form == DOCUMENT ? x->sure : x->weapons)) return false;
    if (form == ONE_LINE && holds_any(low, x->quoted)) return false;
  }
  return true;
}

bool prose_mentions(struct span s, struct span what) {
  size_t at = span_find(s, what), from = at, to = at + what.len;
  unsigned words = 0;
  if (at >= s.len) return false;
  while (from && s.base[from - 1] > ' ') from--;
  while (to < s.len && s.base[to] > ' ') to++;
  for (size_t i = 0; i < s.len; i++) {
    if (i >= from && i < to) continue;
    uint8_t c = s.base[i];
    if (!is_letter(c) && c != ' ' && c != '?' && c != ',') return false;
    words += is_letter(c) && (i == 0 || s.base[i - 1] == ' ');
  }
  return words >= WORDS_LEAST && to - from <= what.len + 2;
}
