/* SPDX-License-Identifier: Apache-2.0 */
/* Questions about the classes. */
#include "analytics/data/lookup.h"
#include "analytics/data/classes.h"

bool lookup_names(const struct classes *c, struct span key, const char *class_id) {
  struct class_hints hints;
  class_keys_hints(c, key, (struct span){0}, &hints);
  for (unsigned i = 0; i < hints.count; i++)
    if (strcmp(c->item[hints.item[i]].id, class_id) == 0) return true;
  return false;
}

bool lookup_has(const struct classes *c, struct span class_id) {
  for (uint32_t i = 0; i < c->count; i++)
    if (span_eq(span_str(c->item[i].id), class_id)) return true;
  return false;
}
