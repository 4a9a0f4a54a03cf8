/* SPDX-License-Identifier: Apache-2.0 */
/* Plain text: a line is a value; "name: value" and "name=value" lines are named. Metrics and logs come this way. */
#include "dissect/body/walk.h"

static bool is_name(uint8_t c) {
  return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_' || c == '-' || c == '.';
}

/* The name that a line begins with, when the rest of the line is its value. */
static struct span line_name(struct span line, size_t *value) {
  size_t n = 0;
  while (n < line.len && n < 48 && is_name(line.base[n])) n++;
  if (n == 0 || n >= line.len || (line.base[n] != ':' && line.base[n] != '=')) return (struct span){0};
  if (line.base[0] >= '0' && line.base[0] <= '9') return (struct span){0};
  if (n + 2 < line.len && line.base[n] == ':' && line.base[n + 1] == '/') return (struct span){0};
  *value = n + 1;
  return span_head(line, n);
}

static int text_walk(struct body_walk *w, struct span s) {
  uint32_t before = w->leaves;
  struct path_node *root = walk_root(w);
  uint32_t index = 0;
  /* A key block is one value: its lines mean nothing alone. */
  if (span_find(s, SPAN_LIT("-----BEGIN")) < s.len || span_index(s, '\n') == s.len) {
    int rc = walk_value(w, root, 0, LEAF_TEXT, s, s);
    return rc < 0 ? rc : 1;
  }
  while (s.len) {
    struct span line = span_trim(span_cut(&s, '\n'));
    if (!line.len) continue;
    size_t at = 0;
    struct span name = line_name(line, &at);
    struct path_node *n = name.len ? path_child(w->paths, root, name) : root;
    struct span value = name.len ? span_trim(span_skip(line, at)) : line;
    int rc = walk_value(w, n, index++, LEAF_TEXT, value, value);
    if (rc < 0) return rc;
  }
  return (int)(w->leaves - before);
}

static int text_match(struct span mime, struct span head) {
  if (span_starts(mime, SPAN_LIT("text/"))) return 1;
  size_t odd = 0;
  for (size_t i = 0; i < head.len; i++) {
    uint8_t c = head.base[i];
    odd += c < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != 0x1b;
  }
  return odd * 50 <= head.len ? 1 : 0;
}

const struct body_format text_format = {"text", text_match, text_walk};
