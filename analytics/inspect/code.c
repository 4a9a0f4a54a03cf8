/* SPDX-License-Identifier: Apache-2.0 */
/* Code for interpreters on servers: PHP, JavaScript, Java by name of class; prototypes of objects. */
#include "analytics/inspect/rules.h"

#define CODE_RULE(symbol, word, title, title_zh, text, text_zh) \
  const struct rule symbol = {.id = word, \
                              .name = title, \
                              .name_zh = title_zh, \
                              .category = CATEGORY_ATTACK, \
                              .severity = SEVERITY_HIGH, \
                              .technique = {"T1190", "T1059"}, \
                              .tactic = {"TA0001", "TA0002"}, \
                              API8, \
                              .reason = text, \
                              .reason_zh = text_zh, \
                              .remedy = \
                                  "Never evaluate input; check what the interpreter ran at that time.", \
                              .remedy_zh = "禁止将输入作为代码执行；核查当时解释器实际执行的内容。"}

CODE_RULE(rule_php, "php_injection", "PHP code injection", "PHP 代码注入",
          "A parameter holds PHP code or calls of its functions.", "参数中含有 PHP 代码或其函数调用。");
CODE_RULE(rule_node, "nodejs_injection", "JavaScript code injection", "JavaScript 代码注入",
          "A parameter holds code for a JavaScript or Perl interpreter on the server, or reaches for the "
          "prototype of objects.",
          "参数中含有服务端 JavaScript 等解释器代码，或试图污染对象原型。");
CODE_RULE(rule_java, "java_injection", "Java class or command injection", "Java 类/命令注入",
          "A parameter names classes or methods of Java that only an exploit would.",
          "参数中出现仅漏洞利用才会使用的 Java 类或方法名。");

/* PHP's functions that run or read something; the others need company. */
static uint8_t php_calls(struct span s) {
  /* clang-format off */
  static const char *const strong[] = {
    "system", "passthru", "shell_exec", "proc_open", "popen", "pcntl_exec", "assert", "phpinfo",
    "base64_decode", "call_user_func", "create_function", "file_get_contents", "file_put_contents",
    "fsockopen", "move_uploaded_file", "show_source", "highlight_file", "gzinflate", "str_rot13", "array_map",
    "preg_replace", "var_dump", "print_r", "posix_", "chroot", "symlink", "get_defined_vars", "ini_set",
    "unserialize", "serialize", "checkdate", "gethostbyname", "ucfirst", "phpversion", "get_current_user",
    "hex2bin", "bin2hex", "opendir", "scandir", "readfile", "bzopen", "ftp_get", "apache_setenv",
    "stream_socket_client", "strrev", "curl_exec", "array_filter", "gzuncompress",
    "register_shutdown_function", "parse_str", "func_get_args", "error_reporting", "set_time_limit", "getenv",
    "putenv",
  };
  /* clang-format on */
  static const char *const weak[] = {"eval",    "exec",   "include", "require",  "chr",   "define", "fopen",
                                     "touch",   "unlink", "chmod",   "pi",       "range", "crypt",  "extract",
                                     "implode", "die",    "mail",    "constant", "usort", "dirname"};
  uint8_t best = 0;
  for (size_t k = 0; k < 2; k++) {
    const char *const *list = k ? weak : strong;
    size_t n = k ? sizeof weak / sizeof *weak : sizeof strong / sizeof *strong;
    for (size_t i = 0; i < n; i++) {
      size_t at = span_find(s, span_str(list[i]));
      if (at >= s.len) continue;
      if (at && ((s.base[at - 1] >= 'a' && s.base[at - 1] <= 'z') || s.base[at - 1] == '_' ||
                 s.base[at - 1] == '$'))
        continue;
      size_t j = at + strlen(list[i]);
      if (j < s.len && list[i][strlen(list[i]) - 1] == '_')
        while (j < s.len && ((s.base[j] >= 'a' && s.base[j] <= 'z') || s.base[j] == '_')) j++;
      bool gap = j < s.len && s.base[j] != '(';
      while (j < s.len && (s.base[j] <= ' ' || s.base[j] == '/' || s.base[j] == '*' || s.base[j] == '#')) {
        if (s.base[j] == '/' || s.base[j] == '#') { /* a comment between name and bracket */
          size_t e = s.base[j] == '/' && j + 1 < s.len && s.base[j + 1] == '*'
                         ? span_find(span_skip(s, j), SPAN_LIT("*/")) + 2
                         : span_index(span_skip(s, j), '\n') + 1;
          if (j + e >= s.len + 1) break;
          j += e;
        } else {
          j++;
        }
      }
      if (j >= s.len || s.base[j] != '(') continue;
      struct span args = span_skip(s, j + 1);
      bool code = !args.len || args.base[0] == ')' || args.base[0] == '\'' || args.base[0] == '"' ||
                  args.base[0] == '$' || args.base[0] == '(' || (args.base[0] >= '0' && args.base[0] <= '9');
      uint8_t score = k ? (code && (at == 0 || s.len < 64) ? 60 : 30) : (gap && !code ? 55 : 75);
      if (score > best) best = score;
    }
  }
  return best;
}

/* ("sys"."tem")('x'), [system][0](x), (string)"system"(x): a call of what is no name. */
static uint8_t php_odd_call(struct span s) {
  static const char *const funcs[] = {"system", "exec",    "passthru", "phpinfo", "uname",
                                      "whoami", "assert",  "'tem'",    "\"tem\"", "(sy.",
                                      "'sys'",  "\"sys\"", "\\x73"};
  if (inspect_any(s, funcs, sizeof funcs / sizeof *funcs) >= s.len) return 0;
  for (size_t i = 0; i + 1 < s.len; i++) {
    uint8_t c = s.base[i];
    if (c != ')' && c != ']' && c != '}' && c != '"' && c != '\'') continue;
    size_t j = i + 1;
    while (j < s.len && s.base[j] <= ' ') j++;
    if (span_starts(span_skip(s, j), SPAN_LIT("/*"))) {
      j += span_find(span_skip(s, j), SPAN_LIT("*/")) + 2;
      while (j < s.len && s.base[j] <= ' ') j++;
    }
    if (j < s.len && s.base[j] == '(') return 75;
  }
  return 0;
}

static void php(struct inspect_ctx *cx, const struct leaf *leaf) {
  (void)leaf;
  const struct inspect_form *f = cx->form;
  unsigned points = inspect_points(cx, WORD_PHP);
  if (inspect_done(cx, &rule_php)) return;
  struct span s = span_head(f->low, 2048);
  uint8_t score = php_calls(s), odd = php_odd_call(s);
  if (odd > score) score = odd;
  if (inspect_has(s, "<?php") || inspect_has(s, "<?=") || inspect_has(s, "[php]") ||
      (inspect_has(s, "<? ") && inspect_has(s, "?>")))
    score = 90;
  if (points >= 6 && ANY_OF(s, "$_get", "$_post", "$_request", "$_server", "$_cookie", "$_files", "$_session",
                            "$_env", "$globals", "$_s erver", "$_s  erver", "$_%53", "auto_prepend_file",
                            "allow_url_include", "http_raw_post_data") < s.len)
    score = 80;
  if (points >= 10 && score < 60) score = 60;
  uint8_t need = cx->place == PLACE_HEADER ? 75 : f->text.len > 512 ? 80 : 60;
  if (score >= need) inspect_attack(cx, &rule_php, score, 0);
}

const struct inspection inspect_php = {.rule = &rule_php, .value = php, .wants = BIT(WORD_PHP)};

static uint8_t node_score(const struct inspect_ctx *cx, struct span s) {
  if (inspect_saw(cx, WORD_PROTO)) return 80;
  if (inspect_has(s, "@{") && inspect_has(s, "[")) return 75;
  if (ANY_OF(s, "child_process", "process.env", "process.mainmodule", "process.binding", "nd_func",
             "constructor.constructor", "require.main", "string.fromcharcode", "__js_function",
             "module.exports", "execsync", "spawnsync", "readfilesync", "process[", "require[", "console[\"",
             "new function (", "new function(", "function() {", "process.exit", "writefilesync",
             "process.cwd", "global.process", ":constructor:constructor",
             ":__proto__:", "resolved_model") < s.len)
    return 80;
  size_t c = span_find(s, SPAN_LIT("console."));
  if (c < s.len && span_index(span_skip(s, c), '(') < 20) return 75;
  if (inspect_has(s, "require(\"") || inspect_has(s, "require('")) return 75;
  return inspect_points(cx, WORD_NODE) >= 10 ? 65 : 0;
}

static void node(struct inspect_ctx *cx, const struct leaf *leaf) {
  (void)leaf;
  if (inspect_done(cx, &rule_node)) return;
  struct span s = span_head(cx->form->low, 4096);
  uint8_t score = node_score(cx, s);
  if (score >= (s.len > 1024 ? 80 : 60)) inspect_attack(cx, &rule_node, score, 0);
}

const struct inspection inspect_node = {
    .rule = &rule_node, .value = node, .wants = BIT(WORD_NODE) | BIT(WORD_PROTO)};

static void java(struct inspect_ctx *cx, const struct leaf *leaf) {
  unsigned points = inspect_points(cx, WORD_JAVA);
  if (inspect_done(cx, &rule_java)) return;
  struct span s = span_head(cx->form->low, 4096);
  if (inspect_has(s, "\tat ") || inspect_has(s, "    at ")) return; /* a stack trace that someone reports */
  uint8_t score = points >= 9 ? 85 : 0;
  if (score < 60 && cx->place != PLACE_HEADER &&
      ANY_OF(s, "java.lang.", "java.io.", "java.util.", "java.net.", "javax.script", "javax.naming",
             "getruntime", "processbuilder", "org.apache.commons", "com.opensymphony", "java.beans",
             "com.sun.", "org.apache.struts", "sun.misc", "clonetransformer", "forclosure",
             "instantiatefactory", "instantiatetransformer", "invokertransformer", "prototypeclonefactory",
             "prototypeserializationfactory", "whileclosure", "chainedtransformer", "xmldecoder",
             "java.runtime", "java.processbuilder", "org.omg.corba", "unmarshaller") < s.len)
    score = s.len < 512 || points >= 5 ? 70 : 40;
  if (score < 60 && cx->place == PLACE_HEADER && points >= 4 &&
      ANY_OF(s, "java.lang.", "getruntime", "processbuilder", "java.io.", "java.util.", "java.runtime",
             "com.opensymphony", "com.sun.org", "org.apache.commons", "org.omg.corba",
             "org.apache.struts") < s.len &&
      !inspect_has(s, "httpclient") && !span_eq_nocase(leaf->key, SPAN_LIT("user-agent")))
    score = 75;
  if (score >= 60) inspect_attack(cx, &rule_java, score, 0);
}

const struct inspection inspect_java = {.rule = &rule_java, .value = java, .wants = BIT(WORD_JAVA)};
