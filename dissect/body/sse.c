/* SPDX-License-Identifier: Apache-2.0 */
/* Server-Sent Events (HTML standard 9.2): the data of each event, walked as JSON where it is. */
#include "dissect/body/walk.h"

struct event {
  struct body_walk *w;
  struct span data;
  uint32_t index;
};

static int end_event(struct event *e) {
  struct span data = span_trim(e->data);
  e->data = (struct span){0};
  if (!data.len) return 0;
  walk_items(e->w, ++e->index);
  if (data.base[0] == '{' || data.base[0] == '[') {
    e->w->nested++; /* keeps the scratch, in which the data may stand */
    int rc = json_walk(e->w, data);
    e->w->nested--;
    if (rc != ERR_SYNTAX) return rc;
  }
  struct path_node *n = path_child(e->w->paths, walk_root(e->w), SPAN_LIT("data"));
  return walk_value(e->w, n, e->index - 1, LEAF_TEXT, data, data);
}

/* Lines of data are joined by line feeds. */
static void more_data(struct event *e, struct span value) {
  if (!e->data.len) {
    e->data = value;
    return;
  }
  uint8_t *p = arena_alloc(e->w->scratch, e->data.len + 1 + value.len);
  if (!p) return;
  memcpy(p, e->data.base, e->data.len);
  p[e->data.len] = '\n';
  if (value.len) memcpy(p + e->data.len + 1, value.base, value.len);
  e->data = span_of(p, e->data.len + 1 + value.len);
}

static int line(struct event *e, struct span text) {
  if (text.len && text.base[text.len - 1] == '\r') text.len--;
  if (!text.len) return end_event(e);
  struct span value = text, name = span_cut(&value, ':');
  if (!name.len) return 0; /* a comment */
  if (value.len && value.base[0] == ' ') value = span_skip(value, 1);
  if (span_eq(name, SPAN_LIT("data"))) {
    more_data(e, value);
    return 0;
  }
  bool known = span_eq(name, SPAN_LIT("event")) || span_eq(name, SPAN_LIT("id"));
  if (!known || !value.len) return 0;
  return walk_value(e->w, path_child(e->w->paths, walk_root(e->w), name), 0, LEAF_STRING, value, value);
}

static int sse_walk(struct body_walk *w, struct span s) {
  struct event e = {.w = w};
  uint32_t before = w->leaves;
  int rc = 0;
  while (s.len && rc >= 0) rc = line(&e, span_cut(&s, '\n'));
  if (rc >= 0) rc = end_event(&e);
  return rc < 0 ? rc : (int)(w->leaves - before);
}

static int match(struct span mime, struct span head) {
  (void)head;
  return span_eq(mime, SPAN_LIT("text/event-stream")) ? 2 : 0;
}

const struct body_format sse_format = {"sse", match, sse_walk};
