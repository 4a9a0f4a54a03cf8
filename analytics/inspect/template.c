/* SPDX-License-Identifier: Apache-2.0 */
/* Template and expression-language injection, and JNDI lookups with their disguises. */
#include "analytics/inspect/rules.h"

const struct rule rule_ssti = {
    .id = "ssti",
    .name = "Template injection",
    .name_zh = "服务端模板注入（SSTI）",
    .category = CATEGORY_ATTACK,
    .severity = SEVERITY_HIGH,
    .technique = {"T1190", "T1059"},
    .tactic = {"TA0001", "TA0002"},
    API8,
    .reason = "A parameter holds an expression of a template engine.",
    .reason_zh = "参数中含有模板引擎表达式。",
    .remedy = "Pass input as data, never as part of a template; use a sandboxed engine.",
    .remedy_zh = "输入只作为数据传入模板，不参与模板拼接；使用沙箱化引擎。",
};
const struct rule rule_expression = {
    .id = "expression_injection",
    .name = "Expression language injection",
    .name_zh = "表达式注入（OGNL/SpEL/EL）",
    .category = CATEGORY_ATTACK,
    .severity = SEVERITY_HIGH,
    .technique = {"T1190", "T1203"},
    .tactic = {"TA0001", "TA0002"},
    API8,
    .reason = "A parameter holds an expression in OGNL, SpEL or EL that reaches for classes or methods.",
    .reason_zh = "参数中含有可访问类或方法的 OGNL、SpEL 或 EL 表达式。",
    .remedy = "Update the framework; evaluate no input as an expression.",
    .remedy_zh = "升级框架；禁止把输入当表达式求值。",
};
const struct rule rule_struts2 = {
    .id = "struts2",
    .name = "Struts 2 exploit",
    .name_zh = "Struts2 漏洞利用",
    .category = CATEGORY_ATTACK,
    .severity = SEVERITY_CRITICAL,
    .technique = {"T1190"},
    .tactic = {"TA0001"},
    API8,
    .reason = "A request carries OGNL in a place where Struts 2 evaluated it.",
    .reason_zh = "请求在 Struts2 会求值的位置携带 OGNL 表达式。",
    .remedy = "Update Struts; search the host for web shells.",
    .remedy_zh = "升级 Struts；排查主机是否已被植入 WebShell。",
};
const struct rule rule_spring4shell = {
    .id = "spring4shell",
    .name = "Spring4Shell exploit",
    .name_zh = "Spring4Shell 漏洞利用",
    .category = CATEGORY_ATTACK,
    .severity = SEVERITY_CRITICAL,
    .technique = {"T1190"},
    .tactic = {"TA0001"},
    API8,
    .reason = "A parameter's name reaches through class.module for the class loader, or a header for Spring "
              "Cloud's routing expression.",
    .reason_zh = "参数名经 class.module 访问类加载器，或请求头携带 Spring Cloud 路由表达式。",
    .remedy = "Update Spring and the Java runtime; look for new files in the web application's folder.",
    .remedy_zh = "升级 Spring 与 JDK；检查 Web 目录是否出现新文件。",
};
const struct rule rule_log4shell = {
    .id = "log4shell",
    .name = "Log4Shell (JNDI lookup)",
    .name_zh = "Log4Shell（JNDI 注入）",
    .category = CATEGORY_ATTACK,
    .severity = SEVERITY_CRITICAL,
    .technique = {"T1190", "T1203"},
    .tactic = {"TA0001", "TA0002"},
    API8,
    .reason = "A value holds a JNDI lookup that a vulnerable Log4j would resolve and load code from.",
    .reason_zh = "请求值中含有 JNDI 查询，存在漏洞的 Log4j 会解析并加载远程代码。",
    .remedy = "Update Log4j; look for connections of the server to the address named, by LDAP, RMI or DNS.",
    .remedy_zh = "升级 Log4j；排查服务器是否向该地址发起 LDAP、RMI 或 DNS 外联。",
};

/* "${lower:j}", "${::-j}", "${env:X:-j}" become "j"; from inside out. Returns the length. */
static size_t resolve(struct span in, uint8_t *out, size_t cap) {
  size_t n = in.len < cap ? in.len : cap;
  memcpy(out, in.base, n);
  for (unsigned round = 0; round < 32; round++) {
    size_t open = n, i;
    for (i = 0; i + 1 < n; i++) {
      if (out[i] == '$' && out[i + 1] == '{')
        open = i;
      else if (out[i] == '}' && open < n)
        break;
    }
    if (open >= n || i + 1 > n || i >= n || out[i] != '}') break;
    struct span body = span_of(out + open + 2, i - open - 2);
    if (span_starts(body, SPAN_LIT("jndi"))) break;
    size_t dash = span_find(body, SPAN_LIT(":-")), from;
    if (dash < body.len) {
      from = dash + 2;
    } else {
      size_t colon = body.len;
      for (size_t k = 0; k < body.len; k++)
        if (body.base[k] == ':') colon = k;
      from = colon < body.len ? colon + 1 : body.len;
    }
    size_t keep = body.len - from;
    if (keep > 1 && body.base[from] == '\'' && body.base[body.len - 1] == '\'') from++, keep -= 2;
    memmove(out + open, body.base + from, keep);
    memmove(out + open + keep, out + i + 1, n - i - 1);
    n = open + keep + n - i - 1;
  }
  return n;
}

static void jndi(struct inspect_ctx *cx, const struct leaf *leaf) {
  (void)leaf;
  if (inspect_done(cx, &rule_log4shell)) return;
  struct span s = span_head(cx->form->low, 2048);
  uint8_t buf[2048];
  struct span plain = span_of(buf, resolve(s, buf, sizeof buf));
  bool hit = inspect_has(s, "${jndi") || inspect_has(plain, "${jndi") || inspect_has(s, "{jndi:") ||
             inspect_has(plain, "{jndi:") || inspect_has(plain, "jndi:ldap") ||
             inspect_has(plain, "jndi:rmi") || inspect_has(plain, "jndi:dns") ||
             inspect_has(plain, "jndi:iiop") || inspect_has(plain, "jndi:nis") ||
             inspect_has(plain, "jndi:corba");
  uint8_t score = hit ? 95 : 0;
  if (!hit && inspect_has(s, "${")) {
    static const char *const lookups[] = {"${lower:",  "${upper:", "${::-",   "${env:", "${sys:", "${java:",
                                          "${base64:", "${date:",  "${main:", "${ctx:", "${:-"};
    unsigned seen = 0;
    for (size_t at = 0; at < s.len && seen < 8;) {
      size_t best = s.len;
      for (size_t i = 0; i < sizeof lookups / sizeof *lookups; i++) {
        size_t k = span_find(span_skip(s, at), span_str(lookups[i]));
        if (at + k < best) best = at + k;
      }
      if (best >= s.len) break;
      seen++;
      at = best + 3;
    }
    size_t nest = span_find(s, SPAN_LIT("${${"));
    if (seen >= 3 || (seen && nest < s.len) || (nest < s.len && inspect_has(s, ":-")))
      score = 85;
    else if (seen >= 1 && cx->place != PLACE_BODY &&
             ANY_OF(s, "${env:", "${sys:", "${java:", "${base64:") < s.len)
      score = 70;
    else if (inspect_has(s, "${") && ANY_OF(s, "ldap://", "rmi://", "ldaps://") < s.len)
      score = 85;
    else if (inspect_has(s, "${") && inspect_has(s, ":-") && ANY_OF(s, "-j}", "-n}", "-d}", "-i}") < s.len)
      score = 80;
  }
  if (score) inspect_attack(cx, &rule_log4shell, score, span_find(s, SPAN_LIT("${")));
}
const struct inspection inspect_jndi = {.rule = &rule_log4shell, .value = jndi, .wants = BIT(WORD_JNDI)};

/* Whether the text between the marks computes or reaches for something: {{7*7}}, ${7*7}, {{config.items()}}. */
static uint8_t expression(struct span e) {
  /* clang-format off */
  static const char *const reach[] = {
    "__", "self.", "request.", "request[", "config", "cycler", "lipsum", "joiner", "constructor", "getclass",
    "forname", "runtime", "exec", "eval", "system", "popen", "import", "process", "java", "t(", "#", "range",
    "get_flashed", "url_for", "|attr", "namespace", "class", "dump(", "app.", "smarty", "freemarker", "?new",
    "_self", "session", "param.", "pagecontext", "applicationscope", "print", "include", "lambda", "open(",
    "file", "environ", "settings", "<%", "php", "whoami", "if ", "for ", "set ", "|join", "|safe", "item",
    "null.",
  };
  /* clang-format on */
  bool sign = false, number = false, call = false;
  for (size_t i = 0; i < e.len; i++) {
    uint8_t c = e.base[i];
    sign |= c == '*' || (c == '+' && i) || (c == '/' && i);
    number |= c >= '0' && c <= '9';
    call |= c == '(';
  }
  if (sign && number) return 80;
  bool word = inspect_any(e, reach, sizeof reach / sizeof *reach) < e.len;
  if (word && (call || memchr(e.base, '.', e.len) || memchr(e.base, '[', e.len) || inspect_has(e, "__")))
    return 85;
  if (call && (memchr(e.base, '.', e.len) || memchr(e.base, '\'', e.len))) return 60;
  return word ? 50 : 0;
}

static bool directive(struct span e) { /* what may stand in {% %} and <% %> */
  static const char *const words[] = {
      "if",     "for",     "set",  "include", "import", "extends", "block",    "macro",   "raw", "with",
      "end",    "else",    "call", "filter",  "debug",  "from",    "=",        "@",       "!",   "php",
      "system", "require", "out",  "puts",    "eval",   "new",     "response", "request", "java"};
  while (e.len && (e.base[0] <= ' ' || e.base[0] == '-')) e = span_skip(e, 1);
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (span_starts(e, span_str(words[i]))) return true;
  return false;
}

static uint8_t templates(struct span s, bool *el) {
  /* clang-format off */
  static const struct {
    const char *open, *close; bool el, lone; } marks[] = {
    {"{{", "}}", false, false}, {"${{", "}}", false, false}, {"${", "}", true, false},
    {"#{", "}", true, false}, {"*{", "}", true, false}, {"%{", "}", true, false}, {"@{", "}", true, false},
    {"~{", "}", true, false},
    {"<%", "%>", false, true}, {"{%", "%}", false, true}, {"@(", ")", false, false},
    {"<#", ">", false, false}, {"[[", "]]", false, false}, {"{$", "}", false, false},
    {"#set", ")", false, false}, {"{php}", "{/php}", false, true}, {"{#", "}", false, false},
    {"#evaluate", ")", false, false},
  };
  /* clang-format on */
  uint8_t best = 0;
  for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
    size_t at = span_find(s, span_str(marks[i].open));
    if (at >= s.len) continue;
    struct span e = span_skip(s, at + strlen(marks[i].open));
    size_t close = span_find(e, span_str(marks[i].close));
    if (e.len && e.base[0] == '?' && marks[i].open[0] == '@') continue; /* a group of a regular expression */
    uint8_t score = expression(span_head(e, close));
    if (marks[i].lone && close < e.len && score < 65 && directive(e)) score = 65;
    if (close >= e.len && score > 20) score = (uint8_t)(score - 15);
    if (score > best) best = score, *el = marks[i].el;
  }
  return best;
}

static void template(struct inspect_ctx *cx, const struct leaf *leaf) {
  (void)leaf;
  const struct inspect_form *f = cx->form;
  struct span s = span_head(f->low, 2048);
  bool el = false, java = ANY_OF(s, "getclass", "forname(", "getruntime", "t(java", "java.lang",
                                 "processbuilder", "#_memberaccess", "@java.", "@ognl", "#context",
                                 "scriptengine", "getmethod", "springframework", "#request", "#session",
                                 "#rt=", "pagecontext", "applicationscope") < s.len;
  uint8_t score = inspect_saw(cx, WORD_TEMPLATE) ? templates(s, &el) : 0;
  if (score < 60 && inspect_points(cx, WORD_TEMPLATE) >= 5 &&
      ANY_OF(s, "__class__", "__globals__", "__subclasses__", "__builtins__", "__import__", "__mro__",
             "registerundefinedfiltercallback", "?new()") < s.len)
    score = 85;
  if (inspect_points(cx, WORD_STRUTS) >= 4 && java) {
    inspect_attack(cx, &rule_struts2, 90, 0);
    return;
  }
  if (inspect_saw(cx, WORD_STRUTS) &&
      ANY_OF(s, "redirect:${", "redirectaction:", "redirect:%{", "action:%{", "method:#", "#_memberaccess",
             "xwork.", "denymethodexecution", "allowstaticmethodaccess") < s.len) {
    inspect_attack(cx, &rule_struts2, 85, 0);
    return;
  }
  uint8_t need = f->text.len > 512 || cx->place == PLACE_HEADER ? 80 : 60;
  if (java && score < 70 && (el || inspect_saw(cx, WORD_STRUTS))) score = 75;
  if (score < need) return;
  const struct rule *r = java && (el || span_index(s, '#') < s.len) ? &rule_expression : &rule_ssti;
  if (!inspect_done(cx, r)) inspect_attack(cx, r, score, 0);
}
const struct inspection inspect_template = {
    .rule = &rule_ssti, .value = template, .wants = BIT(WORD_TEMPLATE) | BIT(WORD_STRUTS)};

static void spring(struct inspect_ctx *cx, const struct leaf *leaf) {
  struct span s = span_head(cx->form->low, 512);
  bool name = ANY_OF(s, "class.module.classloader", "class.classloader", "class[module][classloader",
                     "class.module.", "classloader.resources", "classloader[") < s.len;
  bool routing = cx->place == PLACE_HEADER &&
                 span_eq_nocase(leaf->key, SPAN_LIT("spring.cloud.function.routing-expression"));
  if (name || routing) inspect_attack(cx, &rule_spring4shell, 90, 0);
}
const struct inspection inspect_spring = {
    .rule = &rule_spring4shell, .value = spring, .wants = BIT(WORD_SPRING) | BIT(WORD_JAVA) | BIT(WORD_EXPR)};
