/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of databases. A list: 1, length and name, many, columns (2 bytes), each type, length and name. A row: 2, then of each cell
 * its length and one as a varint, 0 for none, and its bytes. */
#include "dissect/body/rows.h"
#include "base/reader.h"
#include "dissect/body/charset.h"
#include "dissect/body/walk.h"

enum { TAG_LIST = 1, TAG_ROW = 2 };

int rows_list(struct buf *out, struct span list, bool many, unsigned n) {
  list = span_head(list, ROWS_NAME);
  if (n > ROWS_COLUMNS) return ERR_CAP;
  int rc = buf_reserve(out, list.len + 5);
  if (rc < 0) return rc;
  uint8_t *p = out->base + out->len;
  *p++ = TAG_LIST;
  *p++ = (uint8_t)list.len;
  if (list.len) memcpy(p, list.base, list.len);
  p += list.len;
  *p++ = many;
  *p++ = (uint8_t)(n >> 8);
  *p++ = (uint8_t)n;
  out->len += list.len + 5;
  return 0;
}

int rows_column(struct buf *out, struct span name, enum leaf_type type) {
  name = span_head(name, ROWS_NAME);
  int rc = buf_reserve(out, name.len + 2);
  if (rc < 0) return rc;
  uint8_t *p = out->base + out->len;
  p[0] = (uint8_t)type;
  p[1] = (uint8_t)name.len;
  if (name.len) memcpy(p + 2, name.base, name.len);
  out->len += name.len + 2;
  return 0;
}

int rows_row(struct buf *out) { return buf_put_u8(out, TAG_ROW); }
int rows_null(struct buf *out) { return buf_put_u8(out, 0); }

enum { LENGTH_MOST = 10 };

/* The length of a cell of n bytes, at p; behind it. */
static uint8_t *put_length(uint8_t *p, size_t n) {
  uint64_t v = (uint64_t)n + 1;
  for (; v >= 0x80; v >>= 7) *p++ = (uint8_t)(v | 0x80);
  *p++ = (uint8_t)v;
  return p;
}

uint8_t *rows_room(struct buf *out, size_t n) {
  if (buf_reserve(out, n + LENGTH_MOST) < 0) return NULL;
  uint8_t *p = put_length(out->base + out->len, n);
  out->len = (size_t)(p - out->base) + n;
  return p;
}

int rows_close(struct buf *out, size_t from) {
  uint8_t head[LENGTH_MOST];
  size_t n = out->len - from, size = (size_t)(put_length(head, n) - head);
  int rc = buf_reserve(out, size);
  if (rc < 0) return rc;
  if (n) memmove(out->base + from + size, out->base + from, n);
  memcpy(out->base + from, head, size);
  out->len += size;
  return 0;
}

int rows_cell(struct buf *out, struct span value) {
  uint8_t *p = rows_room(out, value.len);
  if (!p) return ERR_CAP;
  if (value.len) memcpy(p, value.base, value.len);
  return 0;
}

struct rows {
  struct body_walk *w;
  struct reader r;
  unsigned columns;
  bool many;
  uint32_t row;
  struct path_node *node[ROWS_COLUMNS];
  uint8_t type[ROWS_COLUMNS];
};

static void read_list(struct rows *x) {
  struct span name = reader_take(&x->r, reader_u8(&x->r));
  struct path_node *at = path_child(x->w->paths, walk_root(x->w), name);
  x->many = reader_u8(&x->r) != 0;
  if (x->many) at = path_item(x->w->paths, at);
  x->columns = reader_u16be(&x->r);
  x->row = 0;
  if (x->columns > ROWS_COLUMNS) reader_fail(&x->r);
  for (unsigned i = 0; i < x->columns && !x->r.bad; i++) {
    x->type[i] = reader_u8(&x->r);
    name = reader_take(&x->r, reader_u8(&x->r));
    x->node[i] = name.len ? path_child(x->w->paths, at, name) : at;
  }
}

/* Text that is not UTF-8 as what it seems to be. */
static struct span as_text(struct body_walk *w, struct span s) {
  size_t i = 0;
  while (i < s.len && s.base[i] < 0x80) i++;
  if (i == s.len || charset_nearly_utf8(s)) return s;
  struct buf text;
  buf_init(&text, NULL, s.len * 3 + 64);
  int rc = w->charset.len ? charset_utf8(w->charset, s, &text) : ERR_UNSUPPORTED;
  if (rc < 0 && rc != ERR_NOMEM) {
    buf_reset(&text);
    rc = charset_utf8(span_str(charset_guess(s)), s, &text);
  }
  if (rc == 0) s = arena_copy(w->scratch, buf_span(&text));
  if (rc == ERR_NOMEM) walk_missed(w);
  buf_done(&text);
  return s;
}

static int read_row(struct rows *x) {
  for (unsigned i = 0; i < x->columns; i++) {
    uint64_t n = reader_varint(&x->r);
    struct span v = reader_take(&x->r, n ? (size_t)n - 1 : 0);
    if (x->r.bad) return ERR_SYNTAX;
    enum leaf_type type = n ? (enum leaf_type)x->type[i] : LEAF_NULL;
    struct span value = type == LEAF_STRING ? as_text(x->w, v) : n ? v : SPAN_LIT("null");
    int rc = walk_value(x->w, x->node[i], x->row, type, value, v);
    if (rc < 0) return rc;
  }
  x->row++;
  if (x->many && x->columns) walk_items(x->w, x->row);
  return 0;
}

static int rows_walk(struct body_walk *w, struct span s) {
  struct rows x; /* most of it is written before it is read */
  x.w = w;
  x.r = reader_of(s);
  x.columns = x.row = 0;
  x.many = false;
  uint32_t before = w->leaves;
  while (reader_left(&x.r)) {
    uint8_t tag = reader_u8(&x.r);
    int rc = tag == TAG_ROW ? read_row(&x) : tag == TAG_LIST ? 0 : ERR_SYNTAX;
    if (tag == TAG_LIST) read_list(&x);
    if (rc == ERR_SYNTAX || x.r.bad) return w->cut ? (int)(w->leaves - before) : ERR_SYNTAX;
    if (rc < 0) return rc;
  }
  return (int)(w->leaves - before);
}

static int rows_match(struct span mime, struct span head) {
  (void)head;
  return span_eq(mime, SPAN_LIT(ROWS_MIME)) ? 2 : 0;
}

const struct body_format rows_format = {"rows", rows_match, rows_walk};
