/* SPDX-License-Identifier: Apache-2.0 */
/* Looking for words in names. */
#include "analytics/login_words.h"

bool login_has(struct span s, const char *word) { return span_find(s, span_str(word)) < s.len; }
bool login_any_of(const struct grams *g, const char *const *list) {
  for (; *list; list++)
    if (grams_has(g, *list)) return true;
  return false;
}
bool login_any_in(struct span s, const char *const *list) {
  struct grams g;
  grams_of(s, &g);
  return login_any_of(&g, list);
}
/* A name without case and without '-', '_', '.', into buf. */
struct span login_squeeze(struct span name, uint8_t *buf, size_t cap) {
  size_t n = 0;
  for (size_t i = 0; i < name.len && n < cap; i++) {
    uint8_t c = name.base[i];
    if (c == '-' || c == '_' || c == '.') continue;
    buf[n++] = (uint8_t)(c + ((uint8_t)(c - 'A') < 26 ? 32 : 0));
  }
  return span_of(buf, n);
}
