/* SPDX-License-Identifier: Apache-2.0 */
/* Names whose values name other values. */
#include "dissect/body/path.h"

enum { ROLE_MAX = 16 };

enum path_role path_role(struct span name) {
  static const char *const labels[] = {"name",       "label",       "title",    "field",    "caption",
                                       "fieldname",  "attrname",    "itemname", "colname",  "columnname",
                                       "keyname",    "paramname",   "propname", "property", "propertyname",
                                       "fieldlabel", "displayname", NULL};
  static const char *const weak[] = {"key", "k", "code", "prop", "attr", "fieldcode", "itemcode", "id", NULL};
  static const char *const values[] = {
      "value",     "val",        "v",         "content",       "text",     "fieldvalue",   "attrvalue",
      "itemvalue", "paramvalue", "propvalue", "propertyvalue", "keyvalue", "displayvalue", NULL};
  static const char *const heads[] = {"columns",    "column",     "cols",      "fields",      "field",
                                      "header",     "headers",    "head",      "heads",       "heading",
                                      "headings",   "title",      "titles",    "columnnames", "colnames",
                                      "fieldnames", "fieldlist",  "meta",      "metadata",    "schema",
                                      "columnlist", "headerlist", "tablehead", "thead",       NULL};
  char low[ROLE_MAX];
  size_t n = 0;
  if (name.len && name.base[0] == '@') name = span_skip(name, 1);
  for (size_t i = 0; i < name.len; i++) {
    uint8_t c = name.base[i];
    if (c == '_' || c == '-') continue;
    if (n == sizeof low) return PATH_PLAIN;
    low[n++] = (char)(c >= 'A' && c <= 'Z' ? c | 32 : c);
  }
  struct span s = {(const uint8_t *)low, n};
  if (span_in(s, labels)) return PATH_LABEL;
  if (span_in(s, weak)) return PATH_LABEL_WEAK;
  if (span_in(s, values)) return PATH_VALUE;
  return span_in(s, heads) ? PATH_HEADING : PATH_PLAIN;
}
