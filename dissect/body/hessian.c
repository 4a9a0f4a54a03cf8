/* SPDX-License-Identifier: Apache-2.0 */
/* Hessian bodies: values with the path of their fields; calls give "args[0].idCard", replies "result.accounts[].cardNo". */
#include "dissect/body/hessian.h"

#include <stdio.h>

struct frame {
  struct path_node *node, *kid;
  uint64_t left; /* values to come; HESSIAN_OPEN: until the end mark */
  uint32_t index;
  const uint8_t *names; /* of an object: its next field's */
  bool map, want_key, fold;
  bool day;        /* of an object: java.time's LocalDate */
  int32_t part[3]; /* its year, month and day */
};
struct walk {
  struct hessian *h;
  struct body_walk *w;
  unsigned top;
  struct frame stack[WALK_DEPTH];
};

static bool is_number_type(struct span type) {
  return span_starts(type, SPAN_LIT("java.math.")) || span_starts(type, SPAN_LIT("java.sql."));
}

/* An enumeration is sent as an object whose only field holds the constant's name. */
static bool is_constant(struct span s) {
  bool letter = false;
  for (size_t i = 0; i < s.len; i++) {
    uint8_t c = s.base[i];
    letter |= c >= 'A' && c <= 'Z';
    if (!(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '_') return false;
  }
  return letter;
}

/* Where the next value stands. */
static struct path_node *place(struct walk *k, uint32_t *index) {
  struct frame *f = &k->stack[k->top];
  *index = 0;
  if (f->names) {
    struct span name = hessian_field(k->h, &f->names);
    f->fold = f->left == 1 && !f->kid && span_eq(name, SPAN_LIT("name"));
    f->kid = path_next(k->w->paths, f->node, f->kid, name.len ? name : SPAN_LIT("_"));
  } else if (f->map && f->want_key) { /* a key that is itself a list, map or object */
    f->kid = path_child(k->w->paths, f->node, SPAN_LIT("{key}"));
  } else if (!f->map && k->top) {
    *index = f->index++;
  }
  return f->kid ? f->kid : f->node;
}

static void done(struct walk *k) {
  struct frame *f = &k->stack[k->top];
  if (f->left != HESSIAN_OPEN) f->left--;
  if (f->map) f->want_key = !f->want_key;
}

/* Hessian sends java.time.LocalDate as an object of a class of its own. */
static bool is_day(const struct hessian_token *t) {
  return t->count == 3 && span_ends(t->type, SPAN_LIT(".LocalDateHandle"));
}

static int open_frame(struct walk *k, const struct hessian_token *t) {
  struct path_table *paths = k->w->paths;
  uint32_t index;
  if (k->top + 1 >= WALK_DEPTH) return ERR_CAP;
  if (t->count != HESSIAN_OPEN && t->count > reader_left(&k->h->r)) return ERR_TRUNC;
  struct path_node *node = place(k, &index);
  done(k);
  struct frame f = {.node = node, .left = t->count};
  if (t->kind == HESSIAN_LIST) {
    f.kid = path_item(paths, node);
  } else if (t->kind == HESSIAN_MAP) {
    f.left = HESSIAN_OPEN;
    f.map = f.want_key = true;
  } else if (t->count == 1 && is_number_type(t->type)) {
    f.kid = node; /* java.math.BigDecimal {value}: a number */
  } else {
    f.names = t->def->names;
    f.day = is_day(t);
  }
  k->stack[++k->top] = f;
  return 0;
}

static int close_frame(struct walk *k) {
  struct frame *f = &k->stack[k->top];
  if (!k->top || f->left != HESSIAN_OPEN) return ERR_SYNTAX;
  if (!f->map) walk_items(k->w, f->index);
  k->top--;
  return 0;
}

static int give(struct walk *k, enum leaf_type type, struct span v) {
  struct frame *f = &k->stack[k->top];
  if (f->map && f->want_key) {
    f->kid = path_next(k->w->paths, f->node, f->kid, v);
    f->want_key = false;
    return f->kid->folded ? walk_value(k->w, f->kid, 0, LEAF_STRING, v, v) : 0;
  }
  uint32_t index;
  struct path_node *n = place(k, &index);
  if (f->fold && type == LEAF_STRING && is_constant(v)) n = f->node;
  done(k);
  return walk_value(k->w, n, index, type, v, v);
}

static int pass_over(struct walk *k) {
  uint32_t index;
  (void)place(k, &index);
  done(k);
  return 0;
}

static int give_date(struct walk *k, int64_t ms) {
  char text[HESSIAN_DATE_TEXT];
  hessian_text_date(text, ms);
  return give(k, LEAF_STRING, arena_copy(k->w->scratch, span_str(text)));
}

/* A part of a day: the three make one value. */
static int give_number(struct walk *k, int64_t n) {
  struct frame *f = &k->stack[k->top];
  if (!f->day || n < 0 || n > 9999)
    return give(k, LEAF_NUMBER, arena_printf(k->w->scratch, "%lld", (long long)n));
  uint32_t index;
  struct span name = place(k, &index)->key;
  f->part[span_eq(name, SPAN_LIT("year")) ? 0 : span_eq(name, SPAN_LIT("month")) ? 1 : 2] = (int32_t)n;
  done(k);
  if (f->left) return 0;
  struct path_node *node = f->node;
  int year = f->part[0], month = f->part[1], day = f->part[2];
  k->stack[k->top] = (struct frame){.node = node, .left = 1};
  return give(k, LEAF_STRING, arena_printf(k->w->scratch, "%04d-%02d-%02d", year, month, day));
}

static int step(struct walk *k) {
  struct hessian_token t;
  int rc = hessian_next(k->h, &t);
  if (rc < 0) return rc;
  switch (t.kind) {
  case HESSIAN_REF: return pass_over(k); /* it was given where it stands */
  case HESSIAN_NULL: return give(k, LEAF_NULL, SPAN_LIT("null"));
  case HESSIAN_BOOL: return give(k, LEAF_BOOL, t.number ? SPAN_LIT("true") : SPAN_LIT("false"));
  case HESSIAN_NUMBER: return give_number(k, t.number);
  case HESSIAN_REAL: return give(k, LEAF_NUMBER, arena_printf(k->w->scratch, "%.15g", t.real));
  case HESSIAN_DATE: return give_date(k, t.number);
  case HESSIAN_STRING: return give(k, LEAF_STRING, t.text);
  case HESSIAN_BYTES: return give(k, LEAF_BYTES, t.text);
  case HESSIAN_END: return close_frame(k);
  default: return open_frame(k, &t);
  }
}

static void pop_full(struct walk *k) {
  for (; k->top && k->stack[k->top].left == 0; k->top--) {
    const struct frame *f = &k->stack[k->top];
    if (!f->map && !f->names && f->kid && f->kid->is_item) walk_items(k->w, f->index);
  }
}

int hessian_walk_value(struct hessian *h, struct body_walk *w, struct path_node *at) {
  struct walk k = {.h = h, .w = w, .top = 0};
  k.stack[0] = (struct frame){.node = at, .left = 1};
  int rc = 0;
  do {
    rc = step(&k);
    if (rc == 0 && h->r.bad) rc = ERR_TRUNC;
    pop_full(&k);
  } while (rc == 0 && (k.top || k.stack[0].left));
  return rc;
}

/* 'H', a name and a value each. */
static int old_headers(struct hessian *h) {
  int rc = 0;
  while (rc == 0 && reader_left(&h->r) && *h->r.pos == 'H') {
    reader_skip(&h->r, 1);
    reader_skip(&h->r, reader_u16be(&h->r));
    rc = hessian_skip(h);
  }
  return h->r.bad ? ERR_TRUNC : rc;
}

static int open_old(struct hessian *h, enum hessian_envelope *what, struct span *method) {
  struct reader *r = &h->r;
  bool call = reader_u24be(r) >> 16 == 'c';
  int rc = old_headers(h);
  if (rc < 0) return rc;
  *what = HESSIAN_REPLY;
  if (call) {
    *what = HESSIAN_CALL;
    if (reader_u8(r) != 'm') return ERR_SYNTAX;
    *method = reader_take(r, reader_u16be(r));
  } else if (reader_left(r) && *r->pos == 'f') {
    reader_skip(r, 1);
    *what = HESSIAN_FAULT;
  }
  return r->bad ? ERR_TRUNC : 0;
}

static bool is_old(struct span s) {
  if (s.len < 4) return false;
  bool envelope = (s.base[0] == 'c' || s.base[0] == 'r') && (s.base[1] == 1 || s.base[1] == 2) && !s.base[2];
  bool typed = (s.base[0] == 'M' || s.base[0] == 'V') && s.base[1] == 't' && s.base[2] < 4;
  return envelope || typed;
}

int hessian_open(struct hessian *h, struct span body, struct arena *scratch, enum hessian_envelope *what,
                 struct span *method, uint64_t *args) {
  hessian_begin(h, body, is_old(body), scratch);
  *what = HESSIAN_BARE;
  *args = HESSIAN_OPEN;
  *method = (struct span){0};
  if (h->first && body.base[0] < 'a') return 0;
  if (h->first) return open_old(h, what, method);
  if (!span_starts(body, SPAN_LIT("H\x02\0"))) return 0;
  reader_skip(&h->r, 3);
  uint8_t c = reader_u8(&h->r);
  *what = c == 'C' ? HESSIAN_CALL : c == 'F' ? HESSIAN_FAULT : HESSIAN_REPLY;
  if (c != 'C' && c != 'F' && c != 'R') return ERR_SYNTAX;
  if (c != 'C') return 0;
  int rc = hessian_text(h, method);
  struct hessian_token t;
  if (rc == 0) rc = hessian_next(h, &t);
  if (rc < 0) return rc;
  if (t.kind != HESSIAN_NUMBER || t.number < 0) return ERR_SYNTAX;
  *args = (uint64_t)t.number;
  return 0;
}

static int walk_args(struct hessian *h, struct body_walk *w, uint64_t args) {
  int rc = 0;
  for (uint64_t i = 0; i < args && rc == 0 && reader_left(&h->r); i++) {
    char name[32];
    if (h->first && *h->r.pos == 'z') break;
    int n = snprintf(name, sizeof name, "args[%llu]", (unsigned long long)i);
    rc = hessian_walk_value(h, w, path_child(w->paths, walk_root(w), span_of(name, (size_t)n)));
  }
  return rc;
}

/* Version 1 has no map around a fault's pairs. */
static int walk_fault(struct hessian *h, struct body_walk *w, struct path_node *at) {
  int rc = 0;
  if (!h->first) return hessian_walk_value(h, w, at);
  while (rc == 0 && reader_left(&h->r) && *h->r.pos != 'z') {
    struct span key;
    rc = hessian_text(h, &key);
    if (rc == 0) rc = hessian_walk_value(h, w, path_child(w->paths, at, key.len ? key : SPAN_LIT("_")));
  }
  return rc;
}

static int hessian_walk(struct body_walk *w, struct span s) {
  struct hessian h;
  enum hessian_envelope what;
  struct span method;
  uint64_t args;
  uint32_t before = w->leaves;
  struct path_node *root = walk_root(w);
  int rc = hessian_open(&h, s, w->scratch, &what, &method, &args);
  if (rc == 0 && what == HESSIAN_CALL)
    rc = walk_args(&h, w, args);
  else if (rc == 0 && what == HESSIAN_REPLY)
    rc = hessian_walk_value(&h, w, path_child(w->paths, root, SPAN_LIT("result")));
  else if (rc == 0 && what == HESSIAN_FAULT)
    rc = walk_fault(&h, w, path_child(w->paths, root, SPAN_LIT("fault")));
  while (rc == 0 && what == HESSIAN_BARE && reader_left(&h.r)) rc = hessian_walk_value(&h, w, root);
  if (rc == ERR_TRUNC) rc = w->cut ? 0 : ERR_SYNTAX;
  return rc < 0 ? rc : (int)(w->leaves - before);
}

static int hessian_match(struct span mime, struct span head) {
  if (span_find(mime, SPAN_LIT("hessian")) < mime.len) return 2;
  if (span_starts(head, SPAN_LIT("H\x02\0"))) return head.len > 3 && memchr("CRF", head.base[3], 3) ? 2 : 0;
  if (mime.len && !span_eq(mime, SPAN_LIT("application/octet-stream"))) return 0;
  if (head.len < 5 || !is_old(head)) return 0;
  uint8_t c = head.base[3];
  if (head.base[0] == 'c') return c == 'm' || c == 'H' ? 2 : 0;
  return head.base[0] == 'r' && c && strchr("HSsMVNTFILDdBbXxRrf", c) ? 2 : 0;
}

const struct body_format hessian_format = {"hessian", hessian_match, hessian_walk};
