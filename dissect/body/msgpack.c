/* SPDX-License-Identifier: Apache-2.0 */
/* MessagePack (msgpack specification of 2013): maps and lists as in JSON. */
#include "base/reader.h"
#include "dissect/body/walk.h"

struct frame {
  struct path_node *node, *kid;
  uint64_t left; /* values to come; of a map keys and values */
  uint32_t index;
  bool map, want_key;
};
struct pack {
  struct body_walk *w;
  struct reader r;
  struct frame stack[WALK_DEPTH];
  unsigned top;
};

static struct path_node *place(struct pack *m, uint32_t *index) {
  struct frame *f = &m->stack[m->top];
  *index = f->map || m->top == 0 ? 0 : f->index++;
  return f->kid ? f->kid : f->node;
}

static void done(struct pack *m) {
  struct frame *f = &m->stack[m->top];
  if (f->left) f->left--;
  if (f->map) f->want_key = true;
}

static int open_frame(struct pack *m, bool map, uint64_t n) {
  if (m->top + 1 >= WALK_DEPTH) return ERR_CAP;
  uint32_t index;
  struct path_node *node = place(m, &index);
  done(m);
  if (!map) walk_items(m->w, n < UINT32_MAX ? (uint32_t)n : UINT32_MAX);
  if (n > reader_left(&m->r)) return ERR_TRUNC;
  m->stack[++m->top] = (struct frame){.node = node,
                                      .kid = map ? NULL : path_item(m->w->paths, node),
                                      .left = map ? n * 2 : n,
                                      .map = map,
                                      .want_key = map};
  return 0;
}

static int give(struct pack *m, enum leaf_type type, struct span v) {
  struct frame *f = &m->stack[m->top];
  if (f->map && f->want_key) {
    f->kid = path_next(m->w->paths, f->node, f->kid, v);
    f->want_key = false;
    if (f->left) f->left--;
    return f->kid->folded ? walk_value(m->w, f->kid, 0, LEAF_STRING, v, v) : 0;
  }
  uint32_t index;
  struct path_node *n = place(m, &index);
  done(m);
  return walk_value(m->w, n, index, type, v, v);
}

static int give_float(struct pack *m, uint8_t c) {
  uint64_t bits = reader_be(&m->r, c == 0xca ? 4 : 8);
  double d;
  if (c == 0xca) {
    uint32_t b32 = (uint32_t)bits;
    float f;
    memcpy(&f, &b32, sizeof f);
    d = (double)f;
  } else {
    memcpy(&d, &bits, sizeof d);
  }
  return give(m, LEAF_NUMBER, arena_printf(m->w->scratch, "%.15g", d));
}

static int give_int(struct pack *m, uint8_t c) {
  unsigned n = 1u << (c & 3);
  uint64_t v = reader_be(&m->r, n);
  if (c < 0xd0) return give(m, LEAF_NUMBER, arena_printf(m->w->scratch, "%llu", (unsigned long long)v));
  if (n < 8 && v >> (n * 8 - 1)) v |= ~0ULL << (n * 8);
  return give(m, LEAF_NUMBER, arena_printf(m->w->scratch, "%lld", (long long)(int64_t)v));
}

static int give_bytes(struct pack *m, enum leaf_type type, uint64_t n) {
  return give(m, type, reader_take(&m->r, n < SIZE_MAX ? (size_t)n : SIZE_MAX));
}

static int step(struct pack *m) {
  uint8_t c = reader_u8(&m->r);
  if (c < 0x80) return give(m, LEAF_NUMBER, arena_printf(m->w->scratch, "%u", c));
  if (c < 0x90) return open_frame(m, true, c & 15);
  if (c < 0xa0) return open_frame(m, false, c & 15);
  if (c < 0xc0) return give_bytes(m, LEAF_STRING, c & 31);
  if (c >= 0xe0) return give(m, LEAF_NUMBER, arena_printf(m->w->scratch, "%d", (int)c - 256));
  if (c == 0xc0) return give(m, LEAF_NULL, SPAN_LIT("null"));
  if (c == 0xc2 || c == 0xc3) return give(m, LEAF_BOOL, c == 0xc2 ? SPAN_LIT("false") : SPAN_LIT("true"));
  if (c >= 0xc4 && c <= 0xc6) return give_bytes(m, LEAF_BYTES, reader_be(&m->r, 1u << (c - 0xc4)));
  if (c >= 0xc7 && c <= 0xc9) {
    uint64_t n = reader_be(&m->r, 1u << (c - 0xc7));
    reader_skip(&m->r, 1);
    return give_bytes(m, LEAF_BYTES, n);
  }
  if (c == 0xca || c == 0xcb) return give_float(m, c);
  if (c >= 0xcc && c <= 0xd3) return give_int(m, c);
  if (c >= 0xd4 && c <= 0xd8) {
    reader_skip(&m->r, 1);
    return give_bytes(m, LEAF_BYTES, 1u << (c - 0xd4));
  }
  if (c >= 0xd9 && c <= 0xdb) return give_bytes(m, LEAF_STRING, reader_be(&m->r, 1u << (c - 0xd9)));
  if (c == 0xdc || c == 0xdd) return open_frame(m, false, reader_be(&m->r, c == 0xdc ? 2 : 4));
  if (c == 0xde || c == 0xdf) return open_frame(m, true, reader_be(&m->r, c == 0xde ? 2 : 4));
  return ERR_SYNTAX;
}

static int msgpack_walk(struct body_walk *w, struct span s) {
  struct pack m = {.w = w, .r = reader_of(s)};
  m.stack[0] = (struct frame){.node = walk_root(w), .left = UINT64_MAX};
  uint32_t before = w->leaves;
  while (reader_left(&m.r) && !m.r.bad) {
    while (m.top > 0 && m.stack[m.top].left == 0) m.top--;
    int rc = step(&m);
    if (m.r.bad) break;
    if (rc < 0) return rc;
  }
  return m.r.bad && !w->cut ? ERR_SYNTAX : (int)(w->leaves - before);
}

static int msgpack_match(struct span mime, struct span head) {
  (void)head;
  return span_find(mime, SPAN_LIT("msgpack")) < mime.len ? 2 : 0;
}

const struct body_format msgpack_format = {"msgpack", msgpack_match, msgpack_walk};
