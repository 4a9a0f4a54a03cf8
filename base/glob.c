/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns with * and ?: in linear steps back to the last star, never more. */
#include "base/glob.h"

static uint8_t low(uint8_t c, bool nocase) { return nocase && c >= 'A' && c <= 'Z' ? c | 0x20 : c; }

bool glob_match(struct span pattern, struct span text, bool nocase) {
  size_t p = 0, t = 0, star = pattern.len, mark = 0;
  while (t < text.len) {
    uint8_t c = p < pattern.len ? pattern.base[p] : 0;
    if (p < pattern.len && c == '*') {
      star = p++, mark = t;
    } else if (p < pattern.len && (c == '?' || low(c, nocase) == low(text.base[t], nocase))) {
      p++, t++;
    } else if (star < pattern.len) {
      p = star + 1, t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.len && pattern.base[p] == '*') p++;
  return p == pattern.len;
}
