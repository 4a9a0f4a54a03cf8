/* SPDX-License-Identifier: Apache-2.0 */
/* The inspections, one row each. */
#include "analytics/inspect/rules.h"

size_t inspect_any(struct span s, const char *const *list, size_t n) {
  for (size_t i = 0; i < n; i++) {
    size_t at = span_find(s, span_str(list[i]));
    if (at < s.len) return at;
  }
  return s.len;
}

/* clang-format off */
const struct inspection *const inspection_table[] = {
  &inspect_jndi, &inspect_sqli, &inspect_xss, &inspect_cmdi, &inspect_traversal, &inspect_inclusion,
  &inspect_ssrf,
  &inspect_xxe, &inspect_template, &inspect_spring, &inspect_deser, &inspect_fastjson, &inspect_shiro,
  &inspect_java,
  &inspect_php, &inspect_node, &inspect_nosql, &inspect_ldap, &inspect_xpath, &inspect_crlf,
  &inspect_protocol, &inspect_overlap, &inspect_evasion, &inspect_custom,
  &inspect_whole, &inspect_graphql, &inspect_scanner, &inspect_upload, &inspect_exposed, &inspect_credentials,
  &inspect_posture,
  &inspect_answer, /* last: judges what the others raised */
  NULL,
};
/* clang-format on */
