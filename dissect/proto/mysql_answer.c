/* SPDX-License-Identifier: Apache-2.0 */
/* MySQL's answers: OK, errors, result sets in text and binary, several of them, prepared statements, files asked for. */
#include "base/err.h"
#include "dissect/body/rows.h"
#include "dissect/proto/mysql.h"
#include "dissect/side.h"

enum { MORE_RESULTS = 8, CURSOR = 0x40, BINARY_CHARSET = 63, EOF_LENGTH = 5, FIXED = 12 };

bool mysql_answer_end(struct span body) { return body.len && body.base[0] == 0xfe && body.len < MYSQL_FULL; }
static bool is_eof(struct span body) { return mysql_answer_end(body) && body.len <= EOF_LENGTH; }

void mysql_answer_reset(struct mysql_state *st) {
  struct buf column = st->answer.column, carry = st->answer.carry;
  st->answer = (struct mysql_answer){.column = column, .carry = carry};
  buf_reset(&st->answer.column);
  buf_reset(&st->answer.carry);
}

static void finish(struct mysql_state *st, struct dissect_ctx *cx, struct mysql_command *c) {
  struct side *s = &c->t->side[DIR_RESPONSE];
  s->complete = !(s->unseen & (UNSEEN_GAP | UNSEEN_SNAPLEN));
  if (c->t->outcome == TXN_UNKNOWN) c->t->outcome = TXN_OK;
  mysql_command_close(st, cx, 0);
}

/* OK and EOF packets end a result. */
static void end_result(struct mysql_state *st, struct dissect_ctx *cx, struct mysql_command *c,
                       struct span body) {
  struct reader r = reader_of(span_skip(body, 1));
  uint16_t status;
  if (is_eof(body)) {
    reader_skip(&r, 2);
    status = reader_u16le(&r);
  } else {
    st->answer.affected += mysql_value_int(&r);
    (void)mysql_value_int(&r);
    status = reader_u16le(&r);
  }
  c->t->outcome = TXN_OK;
  if (status & MORE_RESULTS && !r.bad)
    st->answer.stage = MYSQL_MORE;
  else
    finish(st, cx, c);
}

static enum leaf_type leaf_of(uint8_t type, uint16_t charset) {
  if (type <= 5 || type == 8 || type == 9 || type == 13 || type == 246) return LEAF_NUMBER;
  if (type == 255 || type == 16 || (type >= 249 && type <= 252 && charset == BINARY_CHARSET))
    return LEAF_BYTES;
  return LEAF_STRING;
}

/* A computed column is called what was computed, values and all: its name is told where the statement shows it without. */
static struct span safe_name(const struct mysql_command *c, struct span original, struct span shown) {
  if (original.len) return original;
  if (c->known && shown.len && shown.len <= STATEMENT_NAME && span_find(c->text, shown) < c->text.len)
    return shown;
  return SPAN_LIT("{expr}");
}

static void name_by_table(struct mysql_command *c, struct span table) {
  struct txn *t = c->t;
  if (c->known || !table.len) return;
  struct span name = statement_text_table(table, &t->arena), had = t->operation;
  if (!name.len || (had.len && span_find(had, name) < had.len) || had.len > 200) return;
  bool more = span_starts(had, SPAN_LIT("SELECT "));
  c->verb = "SELECT";
  t->operation = arena_printf(&t->arena, "%.*s%c%.*s", SPAN_FMT(more ? had : SPAN_LIT("SELECT")),
                              more ? ',' : ' ', SPAN_FMT(name));
}

/* The definition of a column, appended to a list and to types. */
static bool read_column(struct mysql_command *c, struct span body, struct buf *list, struct buf *types) {
  struct reader r = reader_of(body);
  for (unsigned i = 0; i < 3; i++) (void)mysql_value_string(&r); /* catalog, database, table */
  struct span table = mysql_value_string(&r), shown = mysql_value_string(&r),
              original = mysql_value_string(&r);
  if (r.bad || reader_left(&r) < FIXED + 1) return false;
  struct reader f = reader_of(span_skip(body, body.len - FIXED));
  uint16_t charset = reader_u16le(&f);
  reader_skip(&f, 4);
  uint8_t type = reader_u8(&f);
  struct mysql_column col = {type, reader_u16le(&f) >> 5 & 1};
  name_by_table(c, table);
  if (buf_put(types, span_of(&col, sizeof col)) < 0) return false;
  return rows_column(list, safe_name(c, original, shown), leaf_of(type, charset)) == 0;
}

static void lose_rows(struct mysql_answer *a, struct side *s) {
  s->raw.len = a->mark;
  a->full = true;
}

static const struct mysql_column *column_at(const struct mysql_answer *a, uint32_t i) {
  return (const struct mysql_column *)(const void *)(a->column.base + i * sizeof(struct mysql_column));
}

static bool null_at(struct span nulls, uint32_t i) { return nulls.base[(i + 2) / 8] >> ((i + 2) % 8) & 1; }

static int text_row(const struct mysql_answer *a, struct reader *r, struct buf *out) {
  for (uint32_t i = 0; i < a->columns; i++) {
    int rc;
    if (reader_left(r) && *r->pos == 0xfb) {
      reader_skip(r, 1);
      rc = out ? rows_null(out) : 0;
    } else {
      struct span v = mysql_value_string(r);
      rc = r->bad ? ERR_SYNTAX : out ? rows_cell(out, v) : 0;
    }
    if (rc < 0) return rc;
  }
  return r->bad || reader_left(r) ? ERR_SYNTAX : 0;
}

static int binary_row(const struct mysql_answer *a, struct reader *r, struct buf *out) {
  char buf[MYSQL_TEXT];
  if (reader_u8(r) != 0) return ERR_SYNTAX;
  struct span nulls = reader_take(r, (a->columns + 9u) / 8);
  for (uint32_t i = 0; i < a->columns && !r->bad; i++) {
    bool none = null_at(nulls, i);
    struct span v = none ? span_of(NULL, 0) : mysql_value_binary(r, *column_at(a, i), buf);
    if (r->bad) break;
    int rc = !out ? 0 : none ? rows_null(out) : rows_cell(out, v);
    if (rc < 0) return rc;
  }
  return r->bad || reader_left(r) ? ERR_SYNTAX : 0;
}

static int read_row(const struct mysql_answer *a, struct span body, struct buf *out) {
  struct reader r = reader_of(body);
  if (a->column.len < a->columns * sizeof(struct mysql_column)) return ERR_SYNTAX;
  return a->binary ? binary_row(a, &r, out) : text_row(a, &r, out);
}

bool mysql_answer_row(const struct mysql_state *st, struct span body) {
  const struct mysql_answer *a = &st->answer;
  return a->columns && read_row(a, body, NULL) == 0;
}

static void take_row(struct mysql_answer *a, struct dissect_ctx *cx, struct mysql_command *c,
                     const struct mysql_packet *p) {
  struct buf *out = &c->t->side[DIR_RESPONSE].raw;
  size_t mark = out->len;
  a->rows++;
  if (a->full || !a->columns || p->cut) return;
  if (a->rows == 1 && c->code == MYSQL_UNKNOWN && !a->binary && read_row(a, p->body, NULL) < 0)
    a->binary = p->body.len && p->body.base[0] == 0;
  int rc = rows_row(out);
  if (rc == 0) rc = read_row(a, p->body, out);
  if (rc == 0) return;
  out->len = mark;
  if (rc == ERR_SYNTAX) {
    c->t->anomalies |= ANOMALY_BIT(ANOMALY_PROTOCOL_ERROR);
  } else {
    side_full(&c->t->side[DIR_RESPONSE], cx, rc);
    a->full = true;
  }
}

static void lost(struct mysql_state *st, struct dissect_ctx *cx, struct mysql_command *c) {
  c->t->anomalies |= ANOMALY_BIT(ANOMALY_PROTOCOL_ERROR);
  ctr_inc(cx->ctr, CTR_DISSECT_LOST_SYNC);
  st->s[DIR_RESPONSE].lost = true;
  mysql_command_close(st, cx, UNSEEN_UNFINISHED);
}

/* ---- beginnings ---- */

static void begin_prepared(struct mysql_state *st, struct dissect_ctx *cx, struct mysql_command *c,
                           struct span body) {
  struct mysql_answer *a = &st->answer;
  struct reader r = reader_of(span_skip(body, 1));
  uint32_t id = reader_u32le(&r);
  a->prep_columns = reader_u16le(&r);
  a->prep_params = reader_u16le(&r);
  c->t->outcome = TXN_OK;
  struct mysql_prepared *x = mysql_prepared_add(st, cx, id);
  if (x) {
    x->params = a->prep_params;
    x->st.verb = c->verb ? c->verb : "OTHER";
    x->st.text = arena_copy(&x->arena, c->text);
    x->operation = arena_copy(&x->arena, c->t->operation);
    x->st.mark = c->marks ? arena_zalloc(&x->arena, c->marks * sizeof *x->st.mark) : NULL;
    for (; x->st.mark && x->st.marks < c->marks; x->st.marks++)
      x->st.mark[x->st.marks] = arena_copy(&x->arena, c->mark[x->st.marks]);
    if (a->prep_columns && rows_list(&x->list, SPAN_LIT("rows"), true, a->prep_columns) < 0)
      buf_reset(&x->list);
    c->prepared = id;
  }
  a->stage = MYSQL_PARAMS;
  if (a->prep_columns + a->prep_params == 0) finish(st, cx, c);
}

/* The number of a statement whose text was lost. */
static bool prepared_unasked(const struct mysql_command *c, struct span body) {
  struct reader r = reader_of(span_skip(body, 5));
  return c->code == MYSQL_UNKNOWN && body.len == FIXED && !body.base[0] && reader_u32le(&r) && !reader_u8(&r);
}

static void take_prepared(struct mysql_state *st, struct dissect_ctx *cx, struct mysql_command *c,
                          struct span body) {
  struct mysql_answer *a = &st->answer;
  if (is_eof(body)) return;
  struct mysql_prepared *x = mysql_prepared_find(st, c->prepared);
  if (x && a->seen >= a->prep_params && x->list.len && !read_column(c, body, &x->list, &x->columns)) {
    buf_reset(&x->list);
    buf_reset(&x->columns);
  }
  if (++a->seen == (uint32_t)a->prep_columns + a->prep_params) finish(st, cx, c);
}

/* Columns that were told when the statement was prepared. */
static bool columns_of(struct mysql_state *st, struct mysql_command *c) {
  struct mysql_answer *a = &st->answer;
  struct mysql_prepared *x = mysql_prepared_find(st, c->prepared);
  if (!x || !x->list.len) return false;
  buf_reset(&a->column);
  if (buf_put(&c->t->side[DIR_RESPONSE].raw, buf_span(&x->list)) < 0 ||
      buf_put(&a->column, buf_span(&x->columns)) < 0)
    return false;
  a->columns = a->seen = (uint32_t)(a->column.len / sizeof(struct mysql_column));
  a->binary = true;
  return a->columns > 0;
}

static void begin_columns(struct mysql_state *st, struct dissect_ctx *cx, struct mysql_command *c,
                          struct span body) {
  struct mysql_answer *a = &st->answer;
  struct reader r = reader_of(body);
  bool told = true;
  if (st->caps_known && !st->mariadb && st->caps & MYSQL_CAP_OPTIONAL_META) told = reader_u8(&r) != 0;
  uint64_t n = mysql_value_int(&r);
  if (st->extended & MYSQL_EXT_CACHE_META && reader_left(&r)) told = reader_u8(&r) != 0;
  if (r.bad || !n || n > MYSQL_COLUMNS || reader_left(&r) > 1) {
    lost(st, cx, c);
    return;
  }
  struct side *s = &c->t->side[DIR_RESPONSE];
  a->mark = s->raw.len;
  a->columns = (uint32_t)n, a->seen = 0;
  a->full = false;
  a->binary = c->code == MYSQL_EXECUTE || c->code == MYSQL_BULK;
  a->stage = MYSQL_NAMES;
  buf_reset(&a->column);
  if (!told) {
    a->stage = MYSQL_NAMES_END;
    if (columns_of(st, c) && a->columns == n) return;
    s->unseen |= UNSEEN_MIDSTREAM;
    lose_rows(a, s);
    a->columns = (uint32_t)n;
    return;
  }
  int rc = rows_list(&s->raw, SPAN_LIT("rows"), true, a->columns);
  if (rc == 0) return;
  side_full(s, cx, rc);
  lose_rows(a, s);
}

static void begin(struct mysql_state *st, struct dissect_ctx *cx, struct mysql_command *c,
                  const struct mysql_packet *p) {
  struct mysql_answer *a = &st->answer;
  struct span body = p->body;
  uint8_t first = body.base[0];
  if (first == 0xff) {
    mysql_command_error(c, body);
    finish(st, cx, c);
  } else if (c->code == MYSQL_BINLOG_DUMP || c->code == MYSQL_BINLOG_GTID) {
    c->t->outcome = TXN_OK;
    a->stage = MYSQL_STREAM;
  } else if ((c->code == MYSQL_PREPARE && first == 0 && body.len >= 12) || prepared_unasked(c, body)) {
    c->code = MYSQL_PREPARE;
    begin_prepared(st, cx, c, body);
  } else if (c->code == MYSQL_STATISTICS) {
    finish(st, cx, c);
  } else if (first == 0 || is_eof(body)) {
    end_result(st, cx, c, body);
  } else if (first == 0xfb) {
    a->stage = MYSQL_FILE;
    st->file = true;
  } else if (c->code == MYSQL_FETCH || c->code == MYSQL_FIELD_LIST) {
    if (c->code == MYSQL_FETCH) columns_of(st, c);
    a->stage = MYSQL_ROWS;
    take_row(a, cx, c, p);
  } else {
    begin_columns(st, cx, c, body);
  }
}

static void take_name(struct mysql_state *st, struct dissect_ctx *cx, struct mysql_command *c,
                      const struct mysql_packet *p) {
  struct mysql_answer *a = &st->answer;
  struct side *s = &c->t->side[DIR_RESPONSE];
  if (!a->full && (p->cut || !read_column(c, p->body, &s->raw, &a->column))) {
    if (p->cut)
      s->unseen |= UNSEEN_GAP;
    else
      side_full(s, cx, ERR_CAP);
    lose_rows(a, s);
  }
  if (++a->seen == a->columns) a->stage = MYSQL_NAMES_END;
}

static bool is_cursor(struct span body) {
  struct reader r = reader_of(span_skip(body, 3));
  return reader_u16le(&r) & CURSOR;
}

static void take_rows(struct mysql_state *st, struct dissect_ctx *cx, struct mysql_command *c,
                      const struct mysql_packet *p) {
  struct mysql_answer *a = &st->answer;
  bool names = a->stage == MYSQL_NAMES_END;
  a->stage = MYSQL_ROWS;
  if (p->body.base[0] == 0xff && !p->cut) {
    mysql_command_error(c, p->body);
    finish(st, cx, c);
  } else if (names && is_eof(p->body) && !is_cursor(p->body)) {
    return;
  } else if (mysql_answer_end(p->body) && !p->cut) {
    end_result(st, cx, c, p->body);
  } else {
    take_row(a, cx, c, p);
  }
}

void mysql_answer_take(struct mysql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                       const struct mysql_packet *p) {
  struct mysql_command *c = mysql_head(st);
  struct mysql_answer *a = &st->answer;
  if (!p->body.len || (!c && p->seq != 1)) return;
  if (c && a->stage == MYSQL_FIRST && p->seq != (uint8_t)(c->last + 1))
    return; /* the end of what came before */
  if (!c && !(c = mysql_command_open(st, cx, in, NULL, MYSQL_UNKNOWN))) return;
  mysql_command_see(&c->t->side[DIR_RESPONSE], in, p);
  if (p->body.base[0] == 0xff && p->body.len > 2 && p->body.base[1] == 0xff && p->body.base[2] == 0xff)
    return; /* MariaDB's progress */
  switch (a->stage) {
  case MYSQL_FIRST:
  case MYSQL_MORE: begin(st, cx, c, p); break;
  case MYSQL_NAMES: take_name(st, cx, c, p); break;
  case MYSQL_NAMES_END:
  case MYSQL_ROWS: take_rows(st, cx, c, p); break;
  case MYSQL_PARAMS: take_prepared(st, cx, c, p->body); break;
  case MYSQL_FILE: /* it answered before it had the whole file */
    a->stage = MYSQL_FIRST;
    st->file = false;
    begin(st, cx, c, p);
    break;
  case MYSQL_STREAM: break;
  }
}

/* Fields by tabs, or by commas where the first line has none. */
static void take_file(struct mysql_answer *a, struct dissect_ctx *cx, struct mysql_command *c,
                      struct span data) {
  struct side *s = &c->t->side[DIR_REQUEST];
  struct span line = span_head(data, span_index(data, '\n'));
  if (!a->sniffed) {
    bool csv = span_index(line, '\t') == line.len && span_index(line, ',') < line.len;
    a->file = (struct statement_rows){.column = c->column, .columns = c->columns, .csv = csv};
  }
  a->sniffed = true;
  uint64_t rows = 0;
  int rc = a->full ? 0 : statement_rows_data(&a->file, &a->carry, data, &s->raw, &rows);
  if (rc >= 0) return;
  a->full = true;
  side_full(s, cx, rc);
}

void mysql_answer_file(struct mysql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                       const struct mysql_packet *p) {
  struct mysql_command *c = mysql_head(st);
  struct mysql_answer *a = &st->answer;
  struct side *s = &c->t->side[DIR_REQUEST];
  mysql_command_see(s, in, p);
  if (p->body.len && !p->cut) take_file(a, cx, c, p->body);
  if (p->body.len) return;
  int rc = a->carry.len && !a->full ? statement_rows_line(&a->file, buf_span(&a->carry), &s->raw) : 0;
  if (rc < 0) side_full(s, cx, rc);
  a->stage = MYSQL_FIRST;
  st->file = false;
  c->last = p->last;
}
