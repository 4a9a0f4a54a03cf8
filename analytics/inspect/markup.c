/* SPDX-License-Identifier: Apache-2.0 */
/* XML external entities and inclusions (XML 1.0 4.2.2, XInclude), server-side includes. */
#include "analytics/inspect/rules.h"

const struct rule rule_xxe = {
    .id = "xxe",
    .name = "XML external entity",
    .name_zh = "XML 外部实体注入（XXE）",
    .category = CATEGORY_ATTACK,
    .severity = SEVERITY_HIGH,
    .technique = {"T1190", "T1083"},
    .tactic = {"TA0001", "TA0007"},
    API8,
    .reason =
        "An XML text declares entities or inclusions that make the parser read files or call addresses.",
    .reason_zh = "XML 内容声明了会使解析器读取文件或访问地址的实体或包含。",
    .remedy = "Switch off document types and external entities in the parser.",
    .remedy_zh = "在解析器中禁用 DTD 与外部实体。",
};
static const struct rule rule_ssi = {
    .id = "ssi",
    .name = "Server-side include injection",
    .name_zh = "服务端包含（SSI）注入",
    .category = CATEGORY_ATTACK,
    .severity = SEVERITY_HIGH,
    .technique = {"T1190", "T1059"},
    .tactic = {"TA0001", "TA0002"},
    API8,
    .reason = "A parameter holds a directive that a web server would run when it shows the text.",
    .reason_zh = "参数中含有 Web 服务器会执行的包含指令。",
    .remedy = "Switch off server-side includes where text of users is shown.",
    .remedy_zh = "在展示用户内容处关闭 SSI。",
};

/* <!DOCTYPE fontconfig SYSTEM "fonts.dtd">: a name or a file beside it, which nobody else holds. */
static bool is_own_doctype(struct span s) {
  struct span id = span_skip(s, span_find(s, SPAN_LIT("<!doctype")));
  if (span_find(id, SPAN_LIT("[")) < span_index(id, '>') || inspect_has(s, "<!entity")) return false;
  id = span_skip(id, span_find(id, SPAN_LIT(" system")) + 7);
  while (id.len && (id.base[0] <= ' ' || id.base[0] == '\\')) id = span_skip(id, 1);
  if (id.len < 2 || (id.base[0] != '"' && id.base[0] != '\'')) return false;
  id = span_skip(id, 1);
  struct span name = span_head(id, ANY_OF(id, "\"", "'", "\\", ">"));
  return span_starts(name, SPAN_LIT("urn:")) ||
         (span_ends(name, SPAN_LIT(".dtd")) && span_index(name, ':') == name.len && name.base[0] != '/');
}

static void value(struct inspect_ctx *cx, const struct leaf *leaf) {
  (void)leaf;
  struct span s = span_head(cx->form->low, 8192);
  if (inspect_saw(cx, WORD_SSI)) inspect_attack(cx, &rule_ssi, 85, span_find(s, SPAN_LIT("<!--")));
  if (!inspect_saw(cx, WORD_XXE)) return;
  uint8_t score = 0;
  size_t entity = span_find(s, SPAN_LIT("<!entity"));
  bool outside = ANY_OF(s, " system ", " public ", "system \"", "system '",
                        "file:", "http:", "https:", "php:", "ftp:", "expect:", "gopher:", "jar:") < s.len;
  if (entity < s.len) {
    unsigned n = 0;
    for (size_t at = entity; at < s.len && n < 8; n++)
      at += 8 + span_find(span_skip(s, at + 8), SPAN_LIT("<!entity"));
    score = outside ? 95 : n >= 3 ? 85 : inspect_has(span_skip(s, entity), "%") ? 80 : 65;
  } else if (inspect_has(s, "<!doctype") &&
             ANY_OF(s, " system", "[<!", "[ <!", "% ", "public \"-//x") < s.len &&
             !inspect_has(s, "<!doctype html") && !is_own_doctype(s)) {
    score = outside ? 85 : 65;
  } else if (ANY_OF(s, "xi:include", "xsd:include", "xmlns:xi", "xsl:import", "xsl:include", "document('",
                    "xsi:schemalocation") < s.len &&
             outside) {
    score = 80;
  } else if (inspect_has(s, "!entity") && outside) {
    score = 70;
  }
  if (score >= 60) inspect_attack(cx, &rule_xxe, score, entity < s.len ? entity : 0);
}
const struct inspection inspect_xxe = {
    .rule = &rule_xxe, .value = value, .wants = BIT(WORD_XXE) | BIT(WORD_SSI)};
