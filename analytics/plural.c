/* SPDX-License-Identifier: Apache-2.0 */
/* Nouns behind a lone 1: the next plural among the three words that follow, up to a sign or a word that ends the count. */
#include "analytics/plural.h"
#include "base/span.h"

#include <stdbool.h>
#include <string.h>

enum { WORDS_AHEAD = 3 };

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

static bool ends(const char *s, size_t n, const char *tail) {
  size_t k = strlen(tail);
  return n > k && memcmp(s + n - k, tail, k) == 0;
}

/* Letters to take from a plural's end, -1 for "ies", which becomes "y"; 0: none. */
static int surplus(const char *s, size_t n) {
  static const char *const singular[] = {"is", "was", "has", "its", "this", "as", "us", NULL};
  if (n < 3 || s[n - 1] != 's' || s[n - 2] == 's' || ends(s, n, "us")) return 0;
  if (span_in(span_of(s, n), singular)) return 0;
  if (ends(s, n, "ies")) return -1;
  return ends(s, n, "sses") || ends(s, n, "xes") || ends(s, n, "ches") || ends(s, n, "shes") ? 2 : 1;
}

static size_t cut(char *text, size_t len, size_t at, size_t n) {
  memmove(text + at, text + at + n, len - at - n);
  return len - n;
}

/* From i, behind "1 ". */
static size_t mend(char *text, size_t len, size_t i) {
  static const char *const stops[] = {"of",  "in", "to", "from", "with", "at",  "and", "was",
                                      "who", "s",  "on", "by",   "or",   "for", "a",   NULL};
  for (unsigned k = 0; k < WORDS_AHEAD && i < len; k++) {
    size_t end = i;
    while (end < len && is_letter(text[end])) end++;
    if (end == i || span_in(span_of(text + i, end - i), stops)) return len;
    if (end - i == 6 && memcmp(text + i, "people", 6) == 0) {
      memcpy(text + i, "person", 6);
      return len;
    }
    int n = surplus(text + i, end - i);
    if (n < 0) {
      text[end - 3] = 'y';
      return cut(text, len, end - 2, 2);
    }
    if (n > 0) return cut(text, len, end - (size_t)n, (size_t)n);
    if (end >= len || text[end] != ' ') return len;
    i = end + 1;
  }
  return len;
}

size_t plural_mend(char *text, size_t len) {
  for (size_t i = 0; i + 2 < len; i++) {
    bool alone = text[i] == '1' && text[i + 1] == ' ' && (i == 0 || text[i - 1] == ' ' || text[i - 1] == '(');
    if (alone && is_letter(text[i + 2])) len = mend(text, len, i + 2);
  }
  return len;
}
