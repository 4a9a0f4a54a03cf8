/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that more than one inspection names. */
#ifndef ANALYTICS_INSPECT_RULES_H
#define ANALYTICS_INSPECT_RULES_H

#include "analytics/inspect/inspect.h"
#include "analytics/inspect/normalize.h"
#include "analytics/inspect/words.h"

#define EXPLOIT_PUBLIC .technique = {"T1190"}, .tactic = {"TA0001"}
#define API8 .owasp = {"API8:2023"}

/** Offset of the first of some texts in s (lower case), or s.len. */
size_t inspect_any(struct span s, const char *const *list, size_t n);
#define ANY_OF(s, ...) \
  inspect_any((s), (const char *const[]){__VA_ARGS__}, \
              sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))
/** Whether s holds the text. */
static inline bool inspect_has(struct span s, const char *text) {
  return span_find(s, span_str(text)) < s.len;
}
/** Whether the event has a signal of this rule that says enough. */
static inline bool inspect_done(const struct inspect_ctx *cx, const struct rule *r) {
  const struct signal *s = inspect_find(cx, r);
  return s && s->nevidence >= FINDING_EVIDENCE;
}
/** Points of a word group in the form in hand. */
static inline unsigned inspect_points(const struct inspect_ctx *cx, unsigned group) {
  return cx->form->points[group];
}
static inline bool inspect_saw(const struct inspect_ctx *cx, unsigned group) {
  return cx->form->bits & BIT(group);
}

extern const struct inspection inspect_sqli, inspect_xss, inspect_cmdi, inspect_traversal, inspect_inclusion,
    inspect_ssrf, inspect_xxe, inspect_template, inspect_spring, inspect_jndi, inspect_deser,
    inspect_fastjson, inspect_shiro, inspect_java, inspect_php, inspect_node, inspect_nosql, inspect_ldap,
    inspect_xpath, inspect_crlf, inspect_evasion, inspect_custom, inspect_protocol, inspect_overlap,
    inspect_graphql, inspect_upload, inspect_scanner, inspect_answer, inspect_exposed, inspect_credentials,
    inspect_posture, inspect_whole;
extern const struct rule rule_sqli, rule_xss, rule_cmdi, rule_traversal, rule_file_inclusion, rule_ssrf,
    rule_xxe, rule_ssti, rule_expression, rule_log4shell, rule_deserialization, rule_fastjson,
    rule_spring4shell, rule_struts2, rule_java, rule_php, rule_node, rule_nosqli, rule_ldapi, rule_xpathi,
    rule_crlf, rule_webshell, rule_file_upload, rule_scanner;

#endif
