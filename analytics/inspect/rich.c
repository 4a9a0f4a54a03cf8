/* SPDX-License-Identifier: Apache-2.0 */
/* What editors in web pages, word processors and mail programs make of text, told from markup that is there to run. */
#include "analytics/inspect/rich.h"
#include "analytics/inspect/rules.h"

enum { NAME = 12, TAGS_LEAST = 3, CLOSED_LEAST = 2, LETTERS_LEAST = 8, LETTERS_MANY = 24 };

static bool is_letter(uint8_t c) { return (uint8_t)(c - 'a') < 26 || c >= 0x80; }

static struct span name_of(struct span s) {
  size_t n = 0;
  while (n < s.len && n < NAME && (is_letter(s.base[n]) || (uint8_t)(s.base[n] - '0') < 10)) n++;
  return span_head(s, n);
}

static bool formats(struct span name) {
  static const char *const names[] = {
      "p",    "div", "span",  "br", "li",    "ul",      "ol",     "h1",         "h2",    "h3",  "h4",
      "h5",   "h6",  "table", "tr", "td",    "th",      "b",      "i",          "u",     "em",  "strong",
      "font", "a",   "pre",   "hr", "label", "section", "figure", "blockquote", "tbody", "img", NULL};
  return span_in(name, names);
}

bool rich_is_shown(struct span key, struct span raw) {
  bool element = formats(key) || span_eq(key, SPAN_LIT("code"));
  return element && span_find(raw, SPAN_LIT("&lt;")) < raw.len && span_index(raw, '<') == raw.len;
}

bool rich_is_text(struct span s) {
  unsigned opened = 0, closed = 0, letters = 0;
  while (s.len) {
    size_t n = span_index(s, '<');
    for (size_t i = 0; i < n && letters < LETTERS_MANY; i++) letters += is_letter(s.base[i]);
    s = span_skip(s, n + 1);
    bool close = s.len && s.base[0] == '/';
    struct span name = name_of(span_skip(s, close));
    uint8_t next = close + name.len < s.len ? s.base[close + name.len] : 0;
    bool whole = next == '>' || next == '/' || (next && next <= ' ');
    if (whole && formats(name)) close ? closed++ : opened++;
    if (close || (name.len && whole)) s = span_skip(s, span_index(s, '>') + 1);
    unsigned least = letters >= LETTERS_MANY ? TAGS_LEAST - 1 : TAGS_LEAST;
    if (opened >= least && closed >= CLOSED_LEAST && letters >= LETTERS_LEAST) return true;
  }
  return false;
}

bool rich_is_passive(struct span name, struct span attributes) {
  static const char *const passive[] = {"iframe",   "embed",   "style",    "xml",      "svg",   "math",
                                        "input",    "button",  "select",   "textarea", "title", "html",
                                        "head",     "body",    "fieldset", "datalist", "param", "image",
                                        "noscript", "marquee", NULL};
  static const char *const local[] = {"link", "form", NULL}; /* within the site they stand in */
  struct span a = span_head(attributes, span_index(attributes, '>'));
  if (span_eq(name, SPAN_LIT("meta")))
    return !inspect_has(a, "refresh") && !inspect_has(a, "set-cookie") && !inspect_has(a, "policy");
  if (span_in(name, local)) return !inspect_has(a, "//");
  return span_in(name, passive) || span_index(name, ':') < name.len;
}
