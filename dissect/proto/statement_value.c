/* SPDX-License-Identifier: Apache-2.0 */
/* Values of a statement: which column each belongs to, and the rows that they make. */
#include "dissect/body/rows.h"
#include "dissect/proto/statement_value.h"

enum { SHORT_NUMBER = 7 };

static struct span slot(const struct statement_walk *w) {
  bool row = w->stage == STAGE_VALUES && w->row_depth && w->depth >= w->row_depth;
  if (row) return w->cell < w->columns ? w->column[w->cell] : span_of(NULL, 0);
  return w->op && w->col.len <= STATEMENT_NAME ? w->col : span_of(NULL, 0);
}

void statement_value_take(struct statement_walk *w, const struct token *t) {
  struct span name = slot(w);
  if (!w->values || w->last == WORD_STOP) return;
  if (w->stage == STAGE_VALUES && w->row_depth && w->depth >= w->row_depth) {
    if (w->cell < STATEMENT_CELLS && w->value[w->cell].kind == TOKEN_END) w->value[w->cell] = *t;
    return;
  }
  if (!t->text.len || (!name.len && t->kind == TOKEN_NUMBER && t->text.len < SHORT_NUMBER)) return;
  size_t mark = w->values->len;
  struct span list = !name.len ? SPAN_LIT("values") : w->set ? SPAN_LIT("set") : SPAN_LIT("where");
  if (rows_list(w->values, list, !name.len, 1) < 0 || rows_column(w->values, name, LEAF_STRING) < 0 ||
      rows_row(w->values) < 0 || statement_lex_cell(w->values, t) < 0) {
    w->values->len = mark;
    w->st->cut = true;
  }
}

void statement_value_mark(struct statement_walk *w, const struct token *t) {
  struct statement *st = w->st;
  uint32_t i = t->number ? t->number - 1 : st->marks;
  if (i >= STATEMENT_MARKS) return;
  if (i >= st->room) {
    uint32_t room = st->room ? st->room : 16;
    while (room <= i) room *= 2;
    struct span *more = arena_zalloc(w->arena, room * sizeof *more);
    if (!more) return;
    if (st->marks) memcpy(more, st->mark, st->marks * sizeof *more);
    st->mark = more, st->room = room;
  }
  if (i >= st->marks) st->marks = i + 1;
  struct span name = slot(w);
  if (name.len) st->mark[i] = arena_copy(w->arena, span_head(name, STATEMENT_NAME));
}

static bool write_columns(struct statement_walk *w) {
  if (rows_list(w->values, SPAN_LIT("rows"), true, w->cells) < 0) return false;
  for (unsigned i = 0; i < w->cells; i++)
    if (rows_column(w->values, i < w->columns ? w->column[i] : span_of(NULL, 0), LEAF_STRING) < 0)
      return false;
  return true;
}

void statement_value_end_row(struct statement_walk *w) {
  unsigned n = w->cell < STATEMENT_CELLS ? w->cell + 1 : STATEMENT_CELLS;
  if (!w->values) return;
  size_t begin = w->values->len;
  bool good = true, again = !w->listed || n != w->cells;
  w->cells = n;
  if (again) good = write_columns(w);
  w->listed = good;
  good = good && rows_row(w->values) == 0;
  for (unsigned i = 0; i < n && good; i++)
    good = (w->value[i].kind == TOKEN_END ? rows_null(w->values)
                                          : statement_lex_cell(w->values, &w->value[i])) == 0;
  w->st->cut |= !good || w->cell >= STATEMENT_CELLS;
  if (good) return;
  w->values->len = begin;
  w->listed = w->listed && !again;
}

void statement_value_begin_row(struct statement_walk *w) {
  w->row_depth = w->depth;
  w->cell = 0;
  w->value[0].kind = TOKEN_END;
}
