/* SPDX-License-Identifier: Apache-2.0 */
/* Thrift messages: fields by number, "args.1.2", "result[].3"; exceptions that the method declares, "exception.1"; others, "error.1". */
#include "dissect/body/charset.h"
#include "dissect/body/thrift.h"

#include <stdio.h>

struct level {
  struct path_node *node, *kid;
  uint32_t index;
};
struct walk {
  struct body_walk *w;
  const struct thrift_head *head;
  struct level level[THRIFT_DEPTH];
};

/* Text, rather than bytes. */
static bool is_text(struct span s) {
  for (size_t i = 0; i < s.len; i++)
    if (s.base[i] < 0x20 && s.base[i] != '\n' && s.base[i] != '\r' && s.base[i] != '\t') return false;
  return charset_is_utf8(s);
}

static struct span number_name(char out[12], int32_t n) {
  int len = snprintf(out, 12, "%d", n);
  return span_of(out, (size_t)len);
}

/* A reply's field 0 is what it gives; the others are the exceptions that it declares, which are structs. */
static struct path_node *top_node(struct walk *k, const struct thrift_token *t) {
  struct path_table *paths = k->w->paths;
  struct path_node *root = walk_root(k->w);
  char text[12];
  if (k->head->call == THRIFT_REPLY && t->field == 0) return path_child(paths, root, SPAN_LIT("result"));
  struct span above = k->head->call == THRIFT_REPLY
                          ? t->type == THRIFT_STRUCT ? SPAN_LIT("exception") : SPAN_LIT("result")
                      : k->head->call == THRIFT_EXCEPTION ? SPAN_LIT("error")
                                                          : SPAN_LIT("args");
  return path_child(paths, path_child(paths, root, above), number_name(text, t->field));
}

/* Where a token stands in what is open at depth d, of type `type`. */
static struct path_node *place(struct walk *k, unsigned d, uint8_t type, const struct thrift_token *t,
                               uint32_t *index) {
  struct level *l = &k->level[d];
  char text[12];
  *index = 0;
  if (type == THRIFT_STRUCT) {
    if (d == 0) return top_node(k, t);
    l->kid = path_next(k->w->paths, l->node, l->kid, number_name(text, t->field));
    return l->kid;
  }
  if (type == THRIFT_MAP) {
    if (t->key || !l->kid) l->kid = path_child(k->w->paths, l->node, SPAN_LIT("{key}"));
    return l->kid;
  }
  *index = l->index++;
  return l->kid;
}

static int give(struct walk *k, unsigned d, uint8_t type, const struct thrift_token *t, enum leaf_type leaf,
                struct span v) {
  struct level *l = &k->level[d];
  uint32_t index;
  if (type == THRIFT_MAP && t->key) {
    l->kid = path_next(k->w->paths, l->node, l->kid, v.len ? v : SPAN_LIT("_"));
    return l->kid->folded ? walk_value(k->w, l->kid, 0, LEAF_STRING, v, v) : 0;
  }
  struct path_node *n = place(k, d, type, t, &index);
  return walk_value(k->w, n, index, leaf, v, v);
}

static int value(struct walk *k, unsigned d, uint8_t type, const struct thrift_token *t) {
  switch (t->type) {
  case THRIFT_BOOL: return give(k, d, type, t, LEAF_BOOL, t->number ? SPAN_LIT("true") : SPAN_LIT("false"));
  case THRIFT_DOUBLE: return give(k, d, type, t, LEAF_NUMBER, arena_printf(k->w->scratch, "%.15g", t->real));
  case THRIFT_UUID: return give(k, d, type, t, LEAF_BYTES, t->text);
  case THRIFT_STRING: return give(k, d, type, t, is_text(t->text) ? LEAF_STRING : LEAF_BYTES, t->text);
  default: return give(k, d, type, t, LEAF_NUMBER, arena_printf(k->w->scratch, "%lld", (long long)t->number));
  }
}

static void open_level(struct walk *k, const struct thrift_values *v, uint8_t above,
                       const struct thrift_token *t) {
  uint32_t index;
  const struct thrift_frame *f = &v->stack[v->top];
  struct path_node *node = place(k, v->top - 1, above, t, &index);
  k->level[v->top] = (struct level){.node = node};
  if (f->type != THRIFT_LIST && f->type != THRIFT_SET) return;
  k->level[v->top].kid = path_item(k->w->paths, node);
  walk_items(k->w, f->left);
}

static int values(struct walk *k, struct reader *r) {
  struct thrift_values v;
  struct thrift_token t;
  size_t want;
  thrift_values_begin(&v, k->head->protocol);
  k->level[0] = (struct level){.node = walk_root(k->w)};
  for (;;) {
    unsigned d = v.top;
    uint8_t type = v.stack[d].type;
    int event = thrift_values_next(&v, r, &t, &want);
    if (event <= THRIFT_DONE) return event;
    if (event == THRIFT_OPEN) open_level(k, &v, type, &t);
    int rc = event == THRIFT_VALUE ? value(k, d, type, &t) : 0;
    if (rc < 0) return rc;
  }
}

static int thrift_walk(struct body_walk *w, struct span s) {
  struct thrift_head head;
  uint32_t before = w->leaves;
  int rc = thrift_head_read(s, &head);
  if (rc <= 0) return w->cut ? 0 : ERR_SYNTAX;
  struct walk k = {.w = w, .head = &head};
  struct reader r = reader_of(span_skip(s, head.size));
  rc = values(&k, &r);
  if (rc == ERR_TRUNC) rc = ERR_SYNTAX;
  if (rc == ERR_SYNTAX && w->cut) rc = 0;
  return rc < 0 ? rc : (int)(w->leaves - before);
}

static int thrift_match(struct span mime, struct span head) {
  (void)head;
  return span_starts(mime, SPAN_LIT("application/vnd.apache.thrift.")) ||
                 span_eq(mime, SPAN_LIT("application/x-thrift"))
             ? 2
             : 0;
}

const struct body_format thrift_format = {"thrift", thrift_match, thrift_walk};
