/* SPDX-License-Identifier: Apache-2.0 */
/* MySQL's prepared statements: what stands behind their numbers, and the values of each execution. */
#include "base/err.h"
#include "dissect/body/rows.h"
#include "dissect/proto/mysql.h"
#include "dissect/side.h"

enum { PREPARED_TEXT = 1 << 20 };

struct mysql_prepared *mysql_prepared_find(struct mysql_state *st, uint32_t id) {
  if (id == UINT32_MAX) { /* MariaDB: the one prepared last */
    struct mysql_prepared *last = NULL;
    for (unsigned i = 0; i < MYSQL_PREPARED; i++)
      if (st->prepared[i] && (!last || st->prepared[i]->used > last->used)) last = st->prepared[i];
    return last;
  }
  for (unsigned i = 0; i < MYSQL_PREPARED; i++)
    if (st->prepared[i] && st->prepared[i]->id == id) {
      st->prepared[i]->used = ++st->uses;
      return st->prepared[i];
    }
  return NULL;
}

void mysql_prepared_reset(struct mysql_prepared *x) {
  while (x->nlong) buf_done(&x->long_data[--x->nlong].value);
  if (x->is_long) memset(x->is_long, 0, (x->params + 7u) / 8);
  x->unseen = 0;
}

static void release(struct mysql_prepared **x) {
  if (!*x) return;
  struct budget *budget = (*x)->arena.budget;
  mysql_prepared_reset(*x);
  arena_done(&(*x)->arena);
  buf_done(&(*x)->list);
  buf_done(&(*x)->columns);
  budget_free(budget, *x, sizeof **x);
  *x = NULL;
}

void mysql_prepared_drop(struct mysql_state *st, uint32_t id) {
  for (unsigned i = 0; i < MYSQL_PREPARED; i++)
    if (st->prepared[i] && st->prepared[i]->id == id) release(&st->prepared[i]);
}

void mysql_prepared_free(struct mysql_state *st) {
  for (unsigned i = 0; i < MYSQL_PREPARED; i++) release(&st->prepared[i]);
}

struct mysql_prepared *mysql_prepared_add(struct mysql_state *st, struct dissect_ctx *cx, uint32_t id) {
  struct mysql_prepared **at = NULL;
  mysql_prepared_drop(st, id);
  for (unsigned i = 0; i < MYSQL_PREPARED; i++)
    if (!at || (*at && (!st->prepared[i] || st->prepared[i]->used < (*at)->used))) at = &st->prepared[i];
  if (*at) ctr_inc(cx->ctr, CTR_DISSECT_PENDING_CAP);
  release(at);
  struct mysql_prepared *x = budget_zalloc(cx->budget, sizeof *x);
  if (!x) {
    ctr_inc(cx->ctr, CTR_DISSECT_MEMORY);
    return NULL;
  }
  x->id = id;
  x->used = ++st->uses;
  arena_init(&x->arena, cx->budget, PREPARED_TEXT);
  buf_init(&x->list, cx->budget, PREPARED_TEXT);
  buf_init(&x->columns, cx->budget, PREPARED_TEXT);
  *at = x;
  return x;
}

static bool is_long(const struct mysql_prepared *x, unsigned i) {
  return x->is_long && x->is_long[i / 8] >> (i % 8) & 1;
}

static struct mysql_long *long_at(struct mysql_prepared *x, unsigned i) {
  for (unsigned k = 0; k < x->nlong; k++)
    if (x->long_data[k].param == i) return &x->long_data[k];
  return NULL;
}

void mysql_prepared_long(struct mysql_state *st, struct dissect_ctx *cx, const struct mysql_packet *p) {
  struct reader r = reader_of(span_skip(p->body, 1));
  struct mysql_prepared *x = mysql_prepared_find(st, reader_u32le(&r));
  uint16_t i = reader_u16le(&r);
  if (!x || r.bad || i >= x->params) return;
  if (!x->is_long) x->is_long = arena_zalloc(&x->arena, (x->params + 7u) / 8);
  x->unseen |= mysql_command_cut(p) | (x->is_long ? 0 : UNSEEN_MEMORY);
  if (!x->is_long) return;
  x->is_long[i / 8] |= (uint8_t)(1 << (i % 8));
  struct mysql_long *l = long_at(x, i);
  if (!l && x->nlong < MYSQL_LONG) {
    l = &x->long_data[x->nlong++];
    l->param = i;
    buf_init(&l->value, cx->budget, (size_t)cx->conf->max_body_bytes);
  }
  struct span piece = reader_rest(&r);
  long n = l ? buf_put_some(&l->value, piece) : 0;
  if (!l || n < (long)piece.len) x->unseen |= UNSEEN_CAPPED;
}

/* count: of the statement's parameters and, behind them, of attributes of the query. */
static bool read_types(struct mysql_prepared *x, struct reader *r, unsigned count, bool named) {
  if (!x->types) x->types = arena_zalloc(&x->arena, x->params * sizeof *x->types);
  for (unsigned i = 0; i < count && x->types && !r->bad; i++) {
    struct mysql_column c = {.type = reader_u8(r)};
    c.is_unsigned = reader_u8(r) >> 7;
    if (named) (void)mysql_value_string(r);
    if (i < x->params) x->types[i] = c;
  }
  return x->types && !r->bad;
}

static int begin_list(const struct mysql_prepared *x, struct buf *out) {
  int rc = rows_list(out, SPAN_LIT("params"), true, x->params);
  for (unsigned i = 0; i < x->params && rc == 0; i++)
    rc = rows_column(out, i < x->st.marks ? x->st.mark[i] : span_of(NULL, 0), LEAF_STRING);
  return rc;
}

/* A cell: what was sent before, or what stands here. */
static int one_cell(struct mysql_prepared *x, unsigned i, bool null, struct buf *out, struct reader *r) {
  char buf[MYSQL_TEXT];
  if (is_long(x, i)) {
    const struct mysql_long *l = long_at(x, i);
    return l ? rows_cell(out, buf_span(&l->value)) : rows_null(out);
  }
  if (null) return rows_null(out);
  struct span v = mysql_value_binary(r, x->types[i], buf);
  return r->bad ? ERR_SYNTAX : rows_cell(out, v);
}

static int one_row(struct mysql_prepared *x, struct buf *out, struct reader *r, struct span nulls,
                   bool bulk) {
  int rc = rows_row(out);
  for (unsigned i = 0; i < x->params && rc == 0; i++) {
    bool null = bulk ? reader_u8(r) != 0 : nulls.base[i / 8] >> (i % 8) & 1;
    rc = r->bad ? ERR_SYNTAX : one_cell(x, i, null, out, r);
  }
  return rc;
}

/* What stands before the values: 0 when they follow. *nulls: a bit a parameter; not of a bulk execution. */
static int begin_values(const struct mysql_state *st, struct mysql_prepared *x, struct reader *r, bool bulk,
                        struct span *nulls) {
  uint8_t flags = reader_u8(r);
  bool attributes = !bulk && st->caps_known && st->caps & MYSQL_CAP_QUERY_ATTRIBUTES, types = flags & 128;
  uint64_t count = x->params;
  reader_skip(r, bulk ? 1 : 4);
  if (!bulk) {
    if (flags & 8 && attributes) count = mysql_value_int(r);
    if (count < x->params || count > UINT16_MAX) return ERR_SYNTAX;
    *nulls = reader_take(r, (size_t)(count + 7) / 8);
    types = reader_u8(r) == 1;
  }
  if (types && !read_types(x, r, (unsigned)count, attributes)) return ERR_SYNTAX;
  return x->types && !r->bad ? 0 : ERR_SYNTAX;
}

void mysql_prepared_values(struct mysql_state *st, struct dissect_ctx *cx, struct mysql_prepared *x,
                           struct txn *t, struct reader r, bool bulk) {
  struct side *s = &t->side[DIR_REQUEST];
  struct buf *out = &s->raw;
  struct span nulls = {0};
  size_t begin = out->len;
  if (x->unseen & UNSEEN_CAPPED) side_full(s, cx, ERR_CAP);
  s->unseen |= x->unseen;
  int rc = x->params && !(x->unseen & UNSEEN_MEMORY) ? begin_values(st, x, &r, bulk, &nulls) : ERR_SYNTAX;
  if (rc == 0) rc = begin_list(x, out);
  size_t row = rc == 0 ? out->len : begin;
  while (rc == 0 && (!bulk || reader_left(&r))) {
    row = out->len;
    rc = one_row(x, out, &r, nulls, bulk);
    if (!bulk) break;
  }
  if (rc == ERR_CAP || rc == ERR_NOMEM) side_full(s, cx, rc);
  if (rc < 0) out->len = bulk ? row : begin;
  mysql_prepared_reset(x);
}
