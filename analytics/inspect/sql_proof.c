/* SPDX-License-Identifier: Apache-2.0 */
/* What a statement makes out of numbers, so that it stands nowhere in the request: tools mark with it what a database gives away. */
#include "analytics/inspect/rules.h"
#include "base/ascii.h"
#include "base/coded.h"
#include "analytics/inspect/sql.h"

enum { PROOF_LEAST = 5, PROOF_LONG = 20, TEXT_MOST = 2048 };

/* Not a word of any language: letters without a vowel, or many. */
static bool is_mark(const uint8_t *p, size_t n) {
  size_t letters = 0, vowels = 0;
  for (size_t i = 0; i < n; i++) {
    uint8_t c = p[i] | 32;
    if (p[i] <= ' ' || p[i] > 0x7e) return false;
    letters += (uint8_t)(c - 'a') < 26;
    vowels += c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y';
  }
  bool common =
      span_eq_nocase(span_of(p, n), SPAN_LIT("https")) || span_eq_nocase(span_of(p, n), SPAN_LIT("xhtml"));
  return letters >= PROOF_LEAST && !common && (!vowels || n >= PROOF_LONG);
}

/* "char(113,98)" or "chr(113)" at the front: its characters; 0 when it is none. *len: what it takes of s. */
static size_t call_of(struct span s, uint8_t *out, size_t room, size_t *len) {
  size_t n = 0, i = span_starts(s, SPAN_LIT("char(")) ? 5 : span_starts(s, SPAN_LIT("chr(")) ? 4 : 0;
  if (!i) return 0;
  while (i < s.len && s.base[i] != ')') {
    unsigned v = 0;
    for (; i < s.len && s.base[i] == ' '; i++) {}
    if (i >= s.len || !ascii_is_digit(s.base[i]) || n == room) return 0;
    for (; i < s.len && ascii_is_digit(s.base[i]) && v < 256; i++) v = v * 10 + (unsigned)(s.base[i] - '0');
    out[n++] = (uint8_t)v;
    if (i < s.len && s.base[i] == ',') i++;
  }
  *len = i + 1;
  return n;
}

/* Calls joined by "||" or "+". */
static size_t calls_of(struct span s, uint8_t *out, size_t room, size_t *len) {
  size_t n = 0, at = 0, one = 0, got;
  while ((got = call_of(span_skip(s, at), out + n, room - n, &one)) > 0) {
    n += got;
    *len = at += one;
    struct span rest = span_skip(s, at);
    at += rest.len && rest.base[0] == '+' ? 1 : span_starts(rest, SPAN_LIT("||")) ? 2 : 0;
    if (at == *len) break;
  }
  return n;
}

static size_t number_of(struct span s, uint8_t *out, size_t room, size_t *len) {
  size_t n = 0, i = 2;
  if (!span_starts(s, SPAN_LIT("0x"))) return 0;
  for (; i + 1 < s.len && n < room && coded_hex(s.base[i]) >= 0 && coded_hex(s.base[i + 1]) >= 0; i += 2)
    out[n++] = (uint8_t)(coded_hex(s.base[i]) << 4 | coded_hex(s.base[i + 1]));
  *len = i;
  return n;
}

size_t sql_proof(struct span low, uint8_t out[SQL_PROOF]) {
  uint8_t text[SQL_PROOF];
  size_t best = 0;
  low = span_head(low, TEXT_MOST);
  for (size_t i = 0; i + PROOF_LEAST < low.len; i++) {
    uint8_t c = low.base[i];
    if (c != 'c' && c != '0') continue;
    size_t len = 0, n = c == 'c' ? calls_of(span_skip(low, i), text, sizeof text, &len)
                                 : number_of(span_skip(low, i), text, sizeof text, &len);
    if (len) i += len - 1;
    if (n < PROOF_LEAST || (best && n >= best) || !is_mark(text, n)) continue;
    memcpy(out, text, n);
    best = n;
  }
  return best;
}
