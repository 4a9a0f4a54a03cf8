/* SPDX-License-Identifier: Apache-2.0 */
/* MySQL's prepared statements: what stands behind their numbers, and the values of each execution. */
#include "dissect/body/rows.h"
#include "dissect/proto/mysql.h"

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

static void release(struct mysql_prepared **x) {
  if (!*x) return;
  struct budget *budget = (*x)->arena.budget;
  arena_done(&(*x)->arena);
  buf_done(&(*x)->list);
  buf_done(&(*x)->columns);
  mem_free(*x);
  budget_give(budget, sizeof **x);
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
  if (!budget_take(cx->budget, sizeof **at)) return NULL;
  struct mysql_prepared *x = mem_zalloc(sizeof *x);
  if (!x) {
    budget_give(cx->budget, sizeof *x);
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

static bool read_types(const struct mysql_state *st, struct mysql_prepared *x, struct reader *r, bool bulk) {
  bool named = !bulk && st->caps_known && st->caps & MYSQL_CAP_QUERY_ATTRIBUTES;
  if (!x->types) x->types = arena_zalloc(&x->arena, x->params * sizeof *x->types);
  for (unsigned i = 0; i < x->params && x->types; i++) {
    x->types[i].type = reader_u8(r);
    x->types[i].is_unsigned = reader_u8(r) >> 7;
    if (named) (void)mysql_value_string(r);
  }
  return x->types && !r->bad;
}

static bool begin_list(const struct mysql_prepared *x, struct buf *out) {
  if (rows_list(out, SPAN_LIT("params"), true, x->params) < 0) return false;
  for (unsigned i = 0; i < x->params; i++) {
    struct span name = i < x->st.marks ? x->st.mark[i] : span_of(NULL, 0);
    if (rows_column(out, name, LEAF_STRING) < 0) return false;
  }
  return true;
}

static bool one_row(const struct mysql_prepared *x, struct buf *out, struct reader *r, struct span nulls,
                    bool bulk) {
  char buf[MYSQL_TEXT];
  if (rows_row(out) < 0) return false;
  for (unsigned i = 0; i < x->params; i++) {
    bool none = bulk ? reader_u8(r) != 0 : nulls.base[i / 8] >> (i % 8) & 1;
    bool apart = i < 64 && x->sent_apart >> i & 1;
    struct span v = none || apart ? span_of(NULL, 0) : mysql_value_binary(r, x->types[i], buf);
    if (r->bad || (none || apart ? rows_null(out) : rows_cell(out, v)) < 0) return false;
  }
  return true;
}

void mysql_prepared_values(struct mysql_state *st, struct mysql_prepared *x, struct txn *t, struct reader r,
                           bool bulk) {
  struct buf *out = &t->side[DIR_REQUEST].raw;
  size_t mark = out->len;
  if (!x->params) return;
  uint8_t flags = reader_u8(&r);
  struct span nulls = {0};
  bool types;
  if (bulk) {
    types = flags & 128;
    reader_skip(&r, 1);
  } else {
    reader_skip(&r, 4);
    if (flags & 8 && st->caps_known && st->caps & MYSQL_CAP_QUERY_ATTRIBUTES) (void)mysql_value_int(&r);
    nulls = reader_take(&r, (x->params + 7u) / 8);
    types = reader_u8(&r) == 1;
  }
  bool good = (!types || read_types(st, x, &r, bulk)) && x->types && !r.bad && begin_list(x, out);
  size_t row = out->len;
  while (good && (bulk ? reader_left(&r) > 0 : row == out->len)) {
    row = out->len;
    good = one_row(x, out, &r, nulls, bulk);
    if (!bulk) break;
  }
  if (!good) out->len = row > mark && bulk ? row : mark;
  x->sent_apart = 0;
}
