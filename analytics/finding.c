/* SPDX-License-Identifier: Apache-2.0 */
/* Words for findings. */
#include "analytics/finding.h"

const char *category_name(enum category c) {
  static const char *const names[CATEGORIES] = {"attack", "abuse", "lateral", "leak", "posture"};
  return names[c];
}

bool severity_named(struct span word, uint8_t *out) {
  static const struct {
    const char *word;
    uint8_t severity;
  } rows[] = {{"info", SEVERITY_INFO},
              {"low", SEVERITY_LOW},
              {"medium", SEVERITY_MEDIUM},
              {"high", SEVERITY_HIGH},
              {"critical", SEVERITY_CRITICAL}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (span_eq(word, span_str(rows[i].word))) return *out = rows[i].severity, true;
  return false;
}
