/* SPDX-License-Identifier: Apache-2.0 */
/* COPY: rows as text, CSV or binary, to a server or from it. */
#include "base/err.h"
#include "dissect/body/rows.h"
#include "dissect/proto/pgsql.h"
#include "dissect/side.h"

static int binary_row(struct pgsql_answer *a, const struct pgsql_item *i, struct reader *r, unsigned n,
                      struct buf *out) {
  int rc = 0;
  if (n != a->file.cells) {
    rc = rows_list(out, SPAN_LIT("rows"), true, n);
    for (unsigned k = 0; k < n && rc >= 0; k++)
      rc = rows_column(out, k < i->columns ? i->column[k] : span_of(NULL, 0), LEAF_STRING);
  }
  if (rc >= 0) rc = rows_row(out);
  for (unsigned k = 0; k < n && rc >= 0; k++) {
    uint32_t len = reader_u32be(r);
    struct span v = len == UINT32_MAX ? span_of(NULL, 0) : reader_take(r, len);
    if (r->bad) return ERR_SYNTAX;
    rc = len == UINT32_MAX ? rows_null(out) : rows_cell(out, v);
  }
  return rc;
}

/* A tuple a message, as servers write it; the first comes behind a signature. */
static int binary(struct pgsql_answer *a, const struct pgsql_item *i, struct span data, struct buf *out) {
  struct reader r = reader_of(data);
  if (span_starts(data, SPAN_LIT("PGCOPY\n\xff\r\n"))) {
    reader_skip(&r, 15);
    reader_skip(&r, reader_u32be(&r));
  }
  while (reader_left(&r) >= 2) {
    unsigned n = reader_u16be(&r);
    if (n == 0xffff) return 0;
    if (!n || n > PGSQL_COLUMNS) return ERR_SYNTAX;
    size_t mark = out->len;
    int rc = binary_row(a, i, &r, n, out);
    if (rc < 0) {
      out->len = mark;
      return rc;
    }
    a->file.cells = n;
    a->rows++;
  }
  return 0;
}

void pgsql_copy_data(struct pgsql_answer *a, struct dissect_ctx *cx, const struct pgsql_item *i,
                     struct side *s, struct span data) {
  if (a->full) return;
  a->file.column = i->column;
  a->file.columns = i->columns;
  a->file.csv = i->csv;
  int rc = a->copy_binary ? binary(a, i, data, &s->raw)
                          : statement_rows_data(&a->file, &a->carry, data, &s->raw, &a->rows);
  if (rc != ERR_CAP && rc != ERR_NOMEM) return;
  a->full = true;
  side_full(s, cx, rc);
}
