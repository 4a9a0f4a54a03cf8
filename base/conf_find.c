/* SPDX-License-Identifier: Apache-2.0 */
/* Finding options by name; the nearest by edit distance (Levenshtein). */
#include "base/conf_find.h"
#include <stdio.h>

enum { NAME_MAX_LEN = 96 };

const struct conf_option *conf_find_option(const struct conf_section *sections, struct span section,
                                           struct span key, void **into) {
  for (const struct conf_section *s = sections; s->name; s++) {
    if (!span_eq(section, span_str(s->name))) continue;
    for (const struct conf_option *o = s->options; o->key; o++) {
      if (!span_eq(key, span_str(o->key))) continue;
      *into = s->into;
      return o;
    }
  }
  return NULL;
}

bool conf_find_section(const struct conf_section *sections, struct span name, bool *is_prefix) {
  bool found = false;
  *is_prefix = false;
  for (const struct conf_section *s = sections; s->name; s++) {
    struct span have = span_str(s->name);
    found |= span_eq(have, name);
    *is_prefix |= have.len > name.len && span_starts(have, name) && have.base[name.len] == '.';
  }
  return found;
}

static size_t distance(const char *a, const char *b) {
  size_t row[NAME_MAX_LEN + 1], n = strlen(b);
  if (n > NAME_MAX_LEN || strlen(a) > NAME_MAX_LEN) return NAME_MAX_LEN;
  for (size_t j = 0; j <= n; j++) row[j] = j;
  for (size_t i = 1; *a; a++, i++) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= n; j++) {
      size_t best = diagonal + (*a != b[j - 1]);
      diagonal = row[j];
      if (row[j] + 1 < best) best = row[j] + 1;
      if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
      row[j] = best;
    }
  }
  return row[n];
}

static const char *last_part(const char *name) {
  const char *dot = strrchr(name, '.');
  return dot ? dot + 1 : name;
}

bool conf_find_nearest(const struct conf_section *sections, const char *name, char *out, size_t size) {
  const char *key = last_part(name);
  size_t best = strlen(key) / 3 + 2;
  bool found = false;
  for (const struct conf_section *s = sections; s->name; s++) {
    for (const struct conf_option *o = s->options; o->key; o++) {
      char full[2 * NAME_MAX_LEN];
      snprintf(full, sizeof full, "%s.%s", s->name, o->key);
      size_t d = strcmp(o->key, key) == 0 ? 1 : distance(name, full); /* right key, wrong section */
      if (d >= best) continue;
      best = d;
      found = true;
      snprintf(out, size, "%s", full);
    }
  }
  return found;
}
