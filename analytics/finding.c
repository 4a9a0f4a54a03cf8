/* SPDX-License-Identifier: Apache-2.0 */
/* Words for findings. */
#include "analytics/finding.h"

const char *category_name(enum category c) {
  static const char *const names[CATEGORIES] = {"attack", "abuse", "lateral", "leak", "posture"};
  return names[c];
}
