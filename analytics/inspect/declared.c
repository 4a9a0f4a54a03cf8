/* SPDX-License-Identifier: Apache-2.0 */
/* Types, templates and paths in the fields named after them. */
#include "analytics/inspect/declared.h"
#include "analytics/inspect/normalize.h"
#include "analytics/inspect/rules.h"
#include "analytics/login_words.h"

enum { KEY = 40 };

WORDS(type_keys, "type", "class", "classname", "exception", "error", "errors", "errortype", "cause", "module",
      "message", "msg", "errormessage", "returntype", "fqcn", "throwable", "reason", "detail");
WORDS(type_ends, "type", "types", "class", "exception", "error", "message");
WORDS(text_keys, "template", "tpl", "sms", "content", "text", "body", "msg", "message", "subject", "title",
      "value", "html");
WORDS(text_ends, "template", "content", "tpl");
WORDS(path_keys, "path", "dir", "mountpath", "folder", "home", "root", "workdir", "config", "conf", "logfile",
      "source", "filename", "filepath", "location", "command", "exe", "executable", "process", "cwd",
      "subpath");
WORDS(path_ends, "path", "dir", "folder", "logfile", "configfile", "exe");

/* clang-format off */
WORDS(secret_files, "passwd", "shadow", "sudoers", "/ssh", ".ssh", "id_rsa", "/proc/", "crontab", "/hosts", "/group", "/issue",
      "/fstab", "/motd", "credential", "secret", "token", "private", "/self/", "/root/", "/init", "/apache", "/httpd",
      "/mysql", "/php", "/bin/", "/sbin/", "/sh", "hostname", "defaultdomain", "resolv", "/apt/", "release", "profile");
/* clang-format on */

static bool holds_any(struct span s, const char *const *list) {
  for (; *list; list++)
    if (inspect_has(s, *list)) return true;
  return false;
}

static bool is_letter(uint8_t c) { return (uint8_t)(c - 'a') < 26; }

/* The name at s, letters and dots. */
static struct span dotted(struct span s) {
  size_t n = 0;
  while (n < s.len && (is_letter(s.base[n]) || s.base[n] == '.' || s.base[n] == '$')) n++;
  while (n && s.base[n - 1] == '.') n--;
  return span_head(s, n);
}

static bool is_data_type(struct span name) {
  WORDS(lang, "string", "object", "integer", "long", "short", "byte", "boolean", "double", "float",
        "character", "number", "void", "charsequence", "enum", "iterable");
  WORDS(util, "list", "map", "set", "collection", "date", "uuid", "optional", "arraylist", "linkedlist",
        "hashmap", "hashset", "linkedhashmap", "linkedhashset", "treemap", "treeset", "locale", "currency");
  if (span_ends(name, SPAN_LIT("exception")) || span_ends(name, SPAN_LIT("error"))) return true;
  if (span_starts(name, SPAN_LIT("java.math.big")) || span_starts(name, SPAN_LIT("java.time."))) return true;
  if (span_starts(name, SPAN_LIT("java.util.concurrent."))) return true;
  if (span_starts(name, SPAN_LIT("java.lang."))) return span_in(span_skip(name, 10), lang);
  return span_starts(name, SPAN_LIT("java.util.")) && span_in(span_skip(name, 10), util);
}

/* "java.util.List<java.lang.String>", "java.lang.IllegalStateException: not attached". */
static bool names_types(struct span s) {
  WORDS(gadgets, "com.sun.", "runtime", "processbuilder", "org.apache.", "transformer", "closure", "sun.misc",
        "com.opensymphony", "unmarshaller", "xmldecoder", "corba", "factory", "${", "exec(");
  unsigned found = 0;
  if (holds_any(s, gadgets)) return false;
  for (size_t at = 0;;) {
    at += span_find(span_skip(s, at), SPAN_LIT("java"));
    if (at >= s.len) return found > 0;
    struct span rest = span_skip(s, at), name = dotted(rest);
    bool called = rest.len > name.len && (rest.base[name.len] == '(' || rest.base[name.len] == '@');
    if (called || !is_data_type(name)) return false;
    found++, at += name.len ? name.len : 4;
  }
}

/* What stands between the marks: "if vip", "for i in items", "= user.name", "endif", without calls, figures, underscores. */
static bool is_author_logic(struct span e) {
  WORDS(words, "if ", "elif ", "else", "end", "for ", "=", "block ", "with ");
  WORDS(reach, "system", "file", "env", "request", "config", "self", "class", "process", "exec");
  bool known = false;
  e = span_trim(e);
  for (const char *const *w = words; *w; w++) known |= span_starts(e, span_str(*w));
  for (size_t i = e.len && e.base[0] == '='; known && i < e.len; i++) {
    uint8_t c = e.base[i];
    known = is_letter(c) || c == ' ' || c == '.' || (c == '_' && i && e.base[i - 1] != '_');
  }
  return known && !holds_any(e, reach);
}

/* A letter with blocks of logic in it, all of them an author's. */
static bool is_letter_template(struct span s) {
  unsigned found = 0;
  for (size_t i = 0; i + 3 < s.len; i++) {
    bool block = s.base[i] == '{' && s.base[i + 1] == '%',
         scriptlet = s.base[i] == '<' && s.base[i + 1] == '%';
    bool expr = s.base[i] == '{' && s.base[i + 1] == '{';
    if (!block && !scriptlet && !expr) continue;
    struct span e = span_skip(s, i + 2);
    size_t close = span_find(e, span_str(block ? "%}" : scriptlet ? "%>" : "}}"));
    struct span in = span_trim(span_head(e, close));
    if (close >= e.len || !in.len) return false;
    for (size_t k = 0; expr && k < in.len; k++)
      if (!is_letter(in.base[k]) && in.base[k] != '.' && in.base[k] != ' ' && in.base[k] != '|') return false;
    if (!expr && !is_author_logic(in)) return false;
    found += !expr, i += close + 2;
  }
  return found > 0;
}

/* One absolute path of plain letters that holds no secrets. */
static bool is_plain_path(struct span s) {
  uint32_t plain = CLASS_HEX | CLASS_ALPHA | CLASS_PLAIN | CLASS_SLASH;
  return s.len > 4 && s.base[0] == '/' && !(normalize_classes(s) & ~plain) && !inspect_has(s, "..") &&
         !holds_any(s, secret_files);
}

bool declared_excuses(const struct inspect_ctx *cx, const struct rule *rule) {
  if ((cx->place != PLACE_BODY && cx->place != PLACE_FILENAME) || !cx->leaf || !cx->leaf->key.len)
    return false;
  bool java = rule == &rule_java, path = rule == &rule_cmdi || rule == &rule_traversal,
       text = rule == &rule_ssti;
  if (!java && !path && !text) return false;
  uint8_t buf[KEY];
  struct span key = login_squeeze(cx->leaf->key, buf, sizeof buf), low = span_head(cx->forms[0].low, 4096);
  if (!key.len || key.len >= sizeof buf) return false;
  if (java) return (span_in(key, type_keys) || span_ends_in(key, type_ends)) && names_types(low);
  if (text) return (span_in(key, text_keys) || span_ends_in(key, text_ends)) && is_letter_template(low);
  return (span_in(key, path_keys) || span_ends_in(key, path_ends)) && is_plain_path(low);
}
