/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns of attacks that users add: files in rules/attack, compiled beside the built-in words. */
#ifndef ANALYTICS_INSPECT_CUSTOM_H
#define ANALYTICS_INSPECT_CUSTOM_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "analytics/inspect/inspect.h"

enum { CUSTOM_MOST = 64 };
/** One pattern. */
struct custom {
  struct rule rule;
  pcre2_code *code;
  const char *text; /* the pattern, NUL at the end; the prefilter takes it too */
  uint32_t places;  /* bits: 1 << enum place */
  uint8_t confidence;
};
/** All of them. Rows that findings point at must outlive a reload: older sets hang on newer ones. */
struct custom_set {
  struct custom item[CUSTOM_MOST];
  unsigned count;
  struct arena arena;
  struct custom_set *older;
};
/** Read every *.yaml of dir/attack in order of name; none there is fine. Examples are tried. ERR_IO, ERR_SYNTAX, ERR_NOMEM;
 *  err names file and line. */
int custom_load(struct custom_set **out, const char *dir, struct conf_error *err);
/** Free it with those that hang on it. Takes NULL. */
void custom_free(struct custom_set *s);
/** Whether the pattern occurs in text. */
bool custom_match(const struct custom *c, struct span text);

#endif
