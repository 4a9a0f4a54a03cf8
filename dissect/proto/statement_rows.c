/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of COPY and LOAD DATA as rows: fields by tabs with backslashes, or CSV. */
#include "base/err.h"
#include "dissect/body/rows.h"
#include "dissect/proto/statement.h"

enum { FIELDS = 512 };

/* A line without its end; false: there is none yet. Line ends inside quotes of CSV belong to it. No byte is looked at twice. */
static bool next_line(struct statement_rows *x, struct span *data, struct span *line) {
  bool quoted = x->quoted;
  size_t i = x->scanned;
  for (; i < data->len; i++) {
    uint8_t c = data->base[i];
    if (x->csv && c == '"') quoted = !quoted;
    if (!x->csv && c == '\\') i++;
    if (c == '\n' && !quoted) break;
  }
  bool whole = i < data->len;
  x->scanned = whole ? 0 : i;
  x->quoted = !whole && quoted;
  if (!whole) return false;
  *line = span_head(*data, i);
  if (line->len && line->base[line->len - 1] == '\r') line->len--;
  *data = span_skip(*data, i + 1);
  return true;
}

static struct token field(const struct statement_rows *x, struct span *line, bool *more) {
  struct token t = {.kind = TOKEN_STRING, .quote = x->csv ? '"' : 1, .backslash = !x->csv};
  uint8_t sep = x->csv ? ',' : '\t';
  bool quoted = false;
  size_t i = 0;
  for (; i < line->len; i++) {
    uint8_t c = line->base[i];
    if (x->csv && c == '"') quoted = !quoted;
    if (!x->csv && c == '\\') i++;
    if (c == sep && !quoted) break;
  }
  if (i > line->len) i = line->len;
  *more = i < line->len;
  t.text = span_head(*line, i);
  *line = span_skip(*line, i + 1);
  bool none = x->csv ? !t.text.len : span_eq(t.text, SPAN_LIT("\\N"));
  if (none) t.kind = TOKEN_END;
  if (x->csv && t.text.len > 1 && t.text.base[0] == '"' && t.text.base[t.text.len - 1] == '"')
    t.text = span_of(t.text.base + 1, t.text.len - 2);
  return t;
}

static int put(struct statement_rows *x, const struct token *f, unsigned n, struct buf *out) {
  int rc = 0;
  if (n != x->cells) {
    rc = rows_list(out, SPAN_LIT("rows"), true, n);
    for (unsigned i = 0; i < n && rc >= 0; i++)
      rc = rows_column(out, i < x->columns ? x->column[i] : span_of(NULL, 0), LEAF_STRING);
  }
  if (rc >= 0) rc = rows_row(out);
  for (unsigned i = 0; i < n && rc >= 0; i++)
    rc = f[i].kind == TOKEN_END ? rows_null(out) : statement_lex_cell(out, &f[i]);
  return rc;
}

int statement_rows_line(struct statement_rows *x, struct span line, struct buf *out) {
  struct token f[FIELDS];
  unsigned n = 0;
  bool more = true;
  if (span_eq(line, SPAN_LIT("\\.")) || !line.len) return 0;
  while (more && n < FIELDS) f[n++] = field(x, &line, &more);
  size_t mark = out->len;
  int rc = put(x, f, n, out);
  if (rc >= 0) {
    x->cells = n;
    return 1;
  }
  out->len = mark;
  return rc;
}

static int lines(struct statement_rows *x, struct span *data, struct buf *out, uint64_t *rows) {
  struct span line;
  while (next_line(x, data, &line)) {
    int rc = statement_rows_line(x, line, out);
    if (rc < 0) return rc;
    *rows += (unsigned)rc;
  }
  return 0;
}

int statement_rows_data(struct statement_rows *x, struct buf *carry, struct span data, struct buf *out,
                        uint64_t *rows) {
  if (carry->len) {
    if (buf_put(carry, data) < 0) {
      buf_reset(carry);
      x->scanned = 0;
      x->quoted = false;
      return ERR_CAP;
    }
    data = buf_span(carry);
  }
  int rc = lines(x, &data, out, rows);
  if (carry->len)
    buf_drop(carry, carry->len - data.len);
  else if (rc >= 0 && data.len && buf_put(carry, data) < 0)
    rc = ERR_CAP;
  return rc;
}
