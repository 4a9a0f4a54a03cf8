/* SPDX-License-Identifier: Apache-2.0 */
/* What is packed in letters and digits: a cheap look at its beginning (RFC 4648), and Basic credentials (RFC 7617). */
#include "analytics/inspect/packed.h"
#include "analytics/inspect/normalize.h"

enum { LEAST = 12, HEAD = 12, SIGNS = 2 };

/* Printable all of it, and not all letters and digits. */
static bool telling(const uint8_t *p, size_t n) {
  unsigned signs = 0;
  for (size_t i = 0; i < n; i++) {
    uint8_t c = p[i];
    if (c < 0x20 || c > 0x7e) return false;
    signs += !((uint8_t)((c | 32) - 'a') < 26 || (uint8_t)(c - '0') < 10);
  }
  return n >= 6 && signs >= SIGNS;
}

static bool all(struct span s, uint32_t classes) { return !(normalize_classes(s) & ~classes); }

bool packed_hint(struct span s) {
  uint8_t out[32];
  if (s.len < LEAST) return false;
  struct span head = span_head(s, HEAD);
  if (s.len % 2 == 0 && all(head, CLASS_HEX)) {
    size_t n = normalize_hex(head, out, sizeof out);
    if (n && telling(out, n)) return true;
  }
  enum { LETTERS = CLASS_HEX | CLASS_ALPHA | CLASS_PLAIN | CLASS_PLUS | CLASS_SLASH };
  if (!all(head, LETTERS)) return false;
  size_t n = normalize_base64(head, out, sizeof out);
  return n && telling(out, n);
}

bool packed_basic(struct span value, uint8_t *buf, size_t cap, struct span *user, struct span *password) {
  if (!span_starts_nocase(value, SPAN_LIT("basic "))) return false;
  struct span text = span_of(buf, normalize_base64(span_trim(span_skip(value, 6)), buf, cap));
  size_t colon = span_index(text, ':');
  if (!text.len) return false;
  *user = span_head(text, colon), *password = span_skip(text, colon + 1);
  return true;
}
