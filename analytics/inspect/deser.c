/* SPDX-License-Identifier: Apache-2.0 */
/* Serialized objects where none belong: Java, PHP, Python, .NET, Ruby, YAML; polymorphic JSON; Shiro's cookie. */
#include "analytics/inspect/rules.h"
#include "analytics/inspect/whole.h"

const struct rule rule_deserialization = {
    .id = "deserialization",
    .name = "Unsafe deserialization",
    .name_zh = "不安全的反序列化",
    .category = CATEGORY_ATTACK,
    .severity = SEVERITY_HIGH,
    .technique = {"T1190", "T1203"},
    .tactic = {"TA0001", "TA0002"},
    API8,
    .reason = "A value holds a serialized object, or names classes known from gadget chains.",
    .reason_zh = "请求值中含有序列化对象，或出现利用链中的类名。",
    .remedy = "Deserialize no input of callers; restrict classes by a filter.",
    .remedy_zh = "不要反序列化调用方输入；通过过滤器限制可反序列化的类。",
};
const struct rule rule_fastjson = {
    .id = "fastjson",
    .name = "Polymorphic JSON type",
    .name_zh = "Fastjson/Jackson 多态类型注入",
    .category = CATEGORY_ATTACK,
    .severity = SEVERITY_CRITICAL,
    .technique = {"T1190", "T1203"},
    .tactic = {"TA0001", "TA0002"},
    API8,
    .reason = "A JSON body names the class that the parser is to build.",
    .reason_zh = "JSON 请求体指定了解析器要实例化的类。",
    .remedy = "Update the parser and switch off automatic types.",
    .remedy_zh = "升级解析库并关闭 autoType。",
};

static bool starts_any(struct span s, const char *const *list, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (span_starts(s, span_str(list[i]))) return true;
  return false;
}

/* O:8:"stdClass":1:{ and its kin. */
static bool php_object(struct span s) {
  for (size_t i = 0; i + 8 < s.len; i++) {
    if ((s.base[i] != 'o' && s.base[i] != 'c' && s.base[i] != 'a') || s.base[i + 1] != ':') continue;
    if (i &&
        ((s.base[i - 1] >= 'a' && s.base[i - 1] <= 'z') || (s.base[i - 1] >= '0' && s.base[i - 1] <= '9')))
      continue;
    size_t k = i + 2;
    if (s.base[k] == '+') k++;
    size_t digits = k;
    while (k < s.len && s.base[k] >= '0' && s.base[k] <= '9') k++;
    if (k == digits || k + 1 >= s.len || s.base[k] != ':') continue;
    if (s.base[i] == 'a' ? s.base[k + 1] == '{' && inspect_has(span_skip(s, k), "o:") : s.base[k + 1] == '"')
      return true;
  }
  return false;
}

static uint8_t judge(const struct inspect_ctx *cx, const struct inspect_form *f) {
  static const char *const magic[] = {"\xac\xed\x00", "ro0ab", "aced0005", "kztaa",       "cs7qa",
                                      "aaeaaad",      "gasv",  "/wey",     "h4siaaaaaaaa"};
  static const char *const text[] = {"!!python/",
                                     "!ruby/",
                                     "!!javax",
                                     "!!com.sun",
                                     "!!org.",
                                     "c__builtin__",
                                     "cposix\n",
                                     "csubprocess",
                                     "objectdataprovider",
                                     "typeconfusedelegate",
                                     "system.windows.data",
                                     "losformatter",
                                     "_$$nd_func",
                                     "yourexploit",
                                     "java.lang.processbuilder",
                                     "<java ",
                                     "<object class=\"java",
                                     "<sorted-set",
                                     "<dynamic-proxy",
                                     "<jdk.nashorn",
                                     "<linked-hash-set",
                                     "<map><entry><jdk"};
  struct span s = span_head(f->low, 4096);
  if (f->text.len > 3 && f->text.base[0] == 0xac && f->text.base[1] == 0xed) return 95;
  if (f->text.len > 4 && f->text.base[0] == 0x80 && f->text.base[1] >= 2 && f->text.base[1] <= 5 &&
      (f->text.base[2] == 0x95 || ANY_OF(s, "posix", "system", "__builtin__", "subprocess", "os\n") < s.len))
    return 85;
  if (inspect_points(cx, WORD_DESER) >= 10) return 85;
  if (whole_kind(f->text) == WHOLE_NET) return 75;
  if (whole_kind(f->text) == WHOLE_GZIP) {
    uint8_t out[1024];
    struct span in = span_of(out, whole_inflate(f->text, out, sizeof out));
    enum whole kind = whole_kind(in);
    if (kind == WHOLE_JAVA || kind == WHOLE_NET) return 85;
    if (kind == WHOLE_PICKLE && whole_is_hostile(kind, in)) return 85;
  }
  if (starts_any(s, magic + 1, 4)) return 85;
  if (php_object(s)) return 80;
  if (inspect_any(s, text, sizeof text / sizeof *text) < s.len) return 85;
  return 0;
}

static void deser(struct inspect_ctx *cx, const struct leaf *leaf) {
  (void)leaf;
  if (inspect_done(cx, &rule_deserialization)) return;
  uint8_t score = judge(cx, cx->form);
  if (score >= 60) inspect_attack(cx, &rule_deserialization, score, 0);
}
const struct inspection inspect_deser = {
    .rule = &rule_deserialization, .value = deser, .wants = BIT(WORD_DESER)};

static void fastjson(struct inspect_ctx *cx, const struct leaf *leaf) {
  struct span s = span_head(cx->form->low, 2048), v = leaf->value;
  static const char *const classes[] = {
      "com.sun.",    "java.lang.",  "java.net.",      "org.apache.",   "javax.",
      "com.mchange", "com.zaxxer",  "ch.qos.logback", "com.ibatis",    "org.springframework",
      "com.caucho",  "oracle.jdbc", "jdbcrowset",     "templatesimpl", "java.io.",
      "org.h2.",     "com.mysql.",  "br.com."};
  if (ANY_OF(s, "support.classpathxmlapplicationcontext", "support.filesystemxmlapplicationcontext") <
      s.len) {
    inspect_attack(cx, &rule_fastjson, 85, 0); /* CVE-2017-17485 */
    return;
  }
  bool named = span_find_nocase(leaf->key, SPAN_LIT("@type")) < leaf->key.len ||
               span_eq(leaf->key, SPAN_LIT("@class")) || inspect_has(s, "@type") ||
               inspect_has(s, "\\x40type");
  bool gadget = false;
  for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
    gadget |= span_find_nocase(v, span_str(classes[i])) < v.len || inspect_has(s, classes[i]);
  bool source = inspect_has(s, "datasourcename") && ANY_OF(s, "ldap:", "rmi:") < s.len;
  if ((named && gadget) || source) inspect_attack(cx, &rule_fastjson, 90, 0);
}
const struct inspection inspect_fastjson = {
    .rule = &rule_fastjson, .value = fastjson, .wants = BIT(WORD_FASTJSON) | BIT(WORD_JAVA)};

/* Shiro answers a bad rememberMe cookie with deleteMe; what is sent is AES, so length and answer tell. */
static const struct rule rule_shiro = {
    .id = "shiro",
    .name = "Shiro rememberMe probing",
    .name_zh = "Shiro rememberMe 反序列化探测",
    .category = CATEGORY_ATTACK,
    .severity = SEVERITY_HIGH,
    .technique = {"T1190"},
    .tactic = {"TA0001"},
    API8,
    .reason = "A rememberMe cookie that the server could not read was sent; keys and gadgets of Shiro are "
              "guessed this way.",
    .reason_zh = "发送了服务端无法解析的 rememberMe Cookie，疑似猜测 Shiro 密钥或投递利用链。",
    .remedy = "Update Shiro and set a key of your own.",
    .remedy_zh = "升级 Shiro 并更换自定义密钥。",
};

static void shiro(struct inspect_ctx *cx) {
  const struct headers *h = &cx->txn->side[DIR_REQUEST].headers, *a = &cx->txn->side[DIR_RESPONSE].headers;
  struct span cookie = headers_get(h, "cookie");
  if (!cookie.len) return;
  size_t at = span_find(cookie, SPAN_LIT("rememberMe="));
  if (at >= cookie.len) return;
  struct span v = span_skip(cookie, at + 11);
  v = span_head(v, span_index(v, ';'));
  bool refused = false;
  for (uint32_t i = 0; i < a->count; i++)
    refused |= span_eq_nocase(a->item[i].name, SPAN_LIT("set-cookie")) &&
               span_find(a->item[i].value, SPAN_LIT("rememberMe=deleteMe")) < a->item[i].value.len;
  bool probe = span_eq(v, SPAN_LIT("1")) || span_eq(v, SPAN_LIT("yes")) || span_eq(v, SPAN_LIT("123"));
  if ((refused && (v.len >= 256 || probe)) || v.len >= 1600)
    inspect_signal(cx, &rule_shiro, SEVERITY_HIGH, refused ? 80 : 60, OUTCOME_ATTEMPTED,
                   SPAN_LIT("cookie.rememberMe"),
                   arena_printf(&cx->event->txn->arena, "%zu characters", v.len));
}
const struct inspection inspect_shiro = {.rule = &rule_shiro, .call = shiro};
