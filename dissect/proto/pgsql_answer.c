/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL's servers: authentication, rows, what was done, errors; who of those that wait is meant. */
#include "base/err.h"
#include "dissect/body/rows.h"
#include "dissect/proto/pgsql.h"
#include "dissect/side.h"

void pgsql_answer_reset(struct pgsql_state *st) {
  struct buf column = st->answer.column, carry = st->answer.carry;
  st->answer = (struct pgsql_answer){.column = column, .carry = carry};
  buf_reset(&st->answer.column);
  buf_reset(&st->answer.carry);
}

static bool is_call(const struct pgsql_item *i) { return i->t != NULL; }

/* After a hole the oldest that waits need not be who is answered. */
static void doubt(struct pgsql_state *st, struct dissect_ctx *cx) {
  struct pgsql_item *i = pgsql_head(st);
  if (st->order.lossy && !st->order.sure && i && i->kind != PGSQL_ORPHAN)
    pgsql_item_close_all(st, cx, UNSEEN_GAP);
}

/* Pass over those that were answered unseen, up to a call or a Sync. */
static struct pgsql_item *call_head(struct pgsql_state *st, struct dissect_ctx *cx, const struct chunk *in) {
  struct pgsql_item *i;
  while ((i = pgsql_head(st)) && !is_call(i) && i->kind != PGSQL_SYNC) pgsql_item_close(st, cx, 0, true);
  if (i) return is_call(i) ? i : NULL;
  return pgsql_item_call(st, cx, PGSQL_ORPHAN, in, NULL);
}

static void pass(struct pgsql_state *st, struct dissect_ctx *cx, enum pgsql_kind kind) {
  struct pgsql_item *i = pgsql_head(st);
  if (i && i->kind == kind) pgsql_item_close(st, cx, 0, true);
}

/* ---- login ---- */

static void authentication(struct pgsql_state *st, struct pgsql_item *i, struct span body) {
  static const char *const names[] = {NULL, NULL,  NULL, "password", NULL,           "md5",
                                      NULL, "gss", NULL, "sspi",     "scram-sha-256"};
  struct reader r = reader_of(body);
  uint32_t code = reader_u32be(&r);
  if (i->kind != PGSQL_LOGIN) return;
  if (code && code < sizeof names / sizeof *names && names[code]) st->auth = names[code];
}

static void logged_in(struct pgsql_state *st, struct dissect_ctx *cx, struct pgsql_item *i) {
  i->t->outcome = TXN_OK;
  if (st->version[0]) txn_fact_str(i->t, "tapscope.db.server_version", span_str(st->version));
  txn_fact_str(i->t, "tapscope.db.auth", span_str(st->auth ? st->auth : "trust"));
  pgsql_item_close(st, cx, 0, false);
}

static void parameter(struct pgsql_state *st, struct span body) {
  struct reader r = reader_of(body);
  struct span name = reader_until(&r, 0), value = reader_until(&r, 0);
  if (r.bad || !span_eq(name, SPAN_LIT("server_version")) || value.len >= PGSQL_NAME) return;
  memcpy(st->version, value.base, value.len);
  st->version[value.len] = 0;
}

/* ---- rows ---- */

/* RowDescription, as a list and the columns' types. */
static int read_columns(struct span body, struct buf *list, struct buf *column) {
  struct reader r = reader_of(body);
  unsigned n = reader_u16be(&r);
  size_t mark = list->len;
  if (n > PGSQL_COLUMNS) return ERR_CAP;
  int rc = rows_list(list, SPAN_LIT("rows"), true, n);
  for (unsigned k = 0; k < n && rc >= 0; k++) {
    struct span name = reader_until(&r, 0);
    reader_skip(&r, 6);
    struct pgsql_column c = {.oid = reader_u32be(&r)};
    reader_skip(&r, 6);
    c.format = reader_u16be(&r);
    rc = r.bad ? ERR_SYNTAX : buf_put(column, span_of(&c, sizeof c));
    if (rc >= 0) rc = rows_column(list, name, pgsql_value_leaf(c.oid));
  }
  if (rc < 0) list->len = mark;
  return rc < 0 ? rc : (int)n;
}

static void row_description(struct pgsql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                            const struct pgsql_message *m) {
  struct pgsql_item *i = pgsql_head(st);
  if (i && i->kind == PGSQL_DESCRIBE) {
    if (i->of) {
      buf_reset(&i->of->list);
      buf_reset(&i->of->column);
      if (read_columns(m->body, &i->of->list, &i->of->column) < 0) buf_reset(&i->of->list);
    }
    pgsql_item_close(st, cx, 0, true);
    return;
  }
  if (!(i = call_head(st, cx, in))) return;
  pgsql_item_see(&i->t->side[DIR_RESPONSE], in, m);
  struct pgsql_answer *a = &st->answer;
  buf_reset(&a->column);
  int n = read_columns(m->body, &i->t->side[DIR_RESPONSE].raw, &a->column);
  if (n < 0) side_full(&i->t->side[DIR_RESPONSE], cx, n), a->full = true;
  a->columns = n > 0 ? (unsigned)n : 1;
  a->told = true;
}

static uint16_t format_of(const struct pgsql_item *i, unsigned k, uint16_t told) {
  if (i->kind != PGSQL_EXECUTE || !i->of) return told;
  return i->nformats == 1 ? i->formats[0] : k < i->nformats ? i->formats[k] : 0;
}

/* The columns of a prepared statement as they were described, else without names. */
static void begin_rows(struct pgsql_state *st, struct dissect_ctx *cx, struct pgsql_item *i, unsigned n) {
  struct pgsql_answer *a = &st->answer;
  struct buf *out = &i->t->side[DIR_RESPONSE].raw;
  size_t mark = out->len;
  bool known = i->of && i->of->list.len && i->of->column.len == n * sizeof(struct pgsql_column);
  int rc = known ? buf_put(out, buf_span(&i->of->list)) : rows_list(out, SPAN_LIT("rows"), true, n);
  if (known && rc >= 0) rc = buf_put(&a->column, buf_span(&i->of->column));
  for (unsigned k = 0; !known && k < n && rc >= 0; k++) {
    struct pgsql_column c = {0, 0};
    rc = buf_put(&a->column, span_of(&c, sizeof c));
    if (rc >= 0) rc = rows_column(out, span_of(NULL, 0), LEAF_STRING);
  }
  a->told = true;
  a->columns = n;
  if (rc >= 0) return;
  out->len = mark;
  a->full = true;
  side_full(&i->t->side[DIR_RESPONSE], cx, rc);
}

static int read_cells(const struct pgsql_answer *a, const struct pgsql_item *i, struct reader *r, unsigned n,
                      struct buf *out) {
  int rc = rows_row(out);
  for (unsigned k = 0; k < n && rc >= 0; k++) {
    struct pgsql_column c;
    memcpy(&c, a->column.base + k * sizeof c, sizeof c);
    uint32_t len = reader_u32be(r);
    struct span v = len == UINT32_MAX ? span_of(NULL, 0) : reader_take(r, len);
    if (r->bad) return ERR_SYNTAX;
    rc = len == UINT32_MAX           ? rows_null(out)
         : format_of(i, k, c.format) ? pgsql_array_cell(out, c.oid, v)
                                     : rows_cell(out, v);
  }
  return rc;
}

static void data_row(struct pgsql_state *st, struct dissect_ctx *cx, struct pgsql_item *i,
                     const struct pgsql_message *m) {
  struct pgsql_answer *a = &st->answer;
  struct side *s = &i->t->side[DIR_RESPONSE];
  struct reader r = reader_of(m->body);
  unsigned n = reader_u16be(&r);
  a->rows++;
  if (m->cut || a->full || n > PGSQL_COLUMNS) return;
  if (!a->told) begin_rows(st, cx, i, n);
  if (a->full || a->column.len != n * sizeof(struct pgsql_column) || !n) return;
  size_t mark = s->raw.len;
  int rc = read_cells(a, i, &r, n, &s->raw);
  if (rc >= 0) return;
  s->raw.len = mark;
  if (rc == ERR_SYNTAX) {
    i->t->anomalies |= ANOMALY_BIT(ANOMALY_PROTOCOL_ERROR);
  } else {
    side_full(s, cx, rc);
    a->full = true;
  }
}

/* ---- ends ---- */

/* "INSERT 0 5", "SELECT 3", "CREATE TABLE". */
static void complete(struct pgsql_state *st, struct dissect_ctx *cx, struct pgsql_item *i, struct span body) {
  struct span tag = span_head(body, span_index(body, 0)), word = tag;
  const char *verb = statement_word_verb(span_cut(&word, ' '));
  size_t at = tag.len;
  uint64_t n;
  while (at > 0 && tag.base[at - 1] != ' ') at--;
  bool counted = at && span_u64(span_skip(tag, at), &n) == 0;
  i->t->outcome = TXN_OK;
  if (!i->verb && verb) i->verb = verb, i->t->operation = span_str(verb);
  bool out = verb && (!strcmp(verb, "SELECT") || !strcmp(verb, "FETCH") || !strcmp(verb, "SHOW"));
  if (verb && !strcmp(verb, "COPY")) out = st->answer.copy_out;
  if (counted && !out) txn_fact_u64(i->t, "tapscope.db.affected_rows", n);
  if (counted && !out && verb && !strcmp(verb, "COPY")) st->answer.rows = 0;
  if (counted && out) st->answer.columns = 1;
  pgsql_item_close(st, cx, 0, false);
}

/* What follows an error up to the next Sync is not done. */
static void skip_to_sync(struct pgsql_state *st, struct dissect_ctx *cx) {
  struct pgsql_item *i;
  while ((i = pgsql_head(st)) && i->kind != PGSQL_SYNC) pgsql_item_close(st, cx, 0, true);
}

static void error(struct pgsql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                  const struct pgsql_message *m) {
  struct pgsql_item *i = pgsql_head(st);
  struct pgsql_statement *failed = NULL;
  if (i && i->kind == PGSQL_SYNC) return; /* of nobody's call: the server goes down */
  if (i && !is_call(i)) failed = pgsql_statement_ref(i->of);
  while ((i = pgsql_head(st)) && !is_call(i) && i->kind != PGSQL_SYNC) pgsql_item_close(st, cx, 0, true);
  if (!i || !is_call(i)) { /* it was only to be prepared */
    i = pgsql_item_call(st, cx, PGSQL_ORPHAN, in, NULL);
    if (i && failed) {
      i->verb = failed->st.verb;
      i->text = arena_copy(&i->t->arena, failed->st.text);
      i->t->operation = arena_copy(&i->t->arena, failed->operation);
    }
    if (i && st->count > 1) { /* before the Sync that waits */
      struct pgsql_item own = *i;
      for (unsigned k = st->count - 1; k > 0; k--) *pgsql_at(st, k) = *pgsql_at(st, k - 1);
      *pgsql_head(st) = own;
      i = pgsql_head(st);
    }
  }
  pgsql_statement_drop(&failed);
  if (!i) return;
  pgsql_item_see(&i->t->side[DIR_RESPONSE], in, m);
  bool login = i->kind == PGSQL_LOGIN;
  if (login && st->auth) txn_fact_str(i->t, "tapscope.db.auth", span_str(st->auth));
  pgsql_item_error(i, m->body);
  pgsql_item_close(st, cx, 0, false);
  if (!login) skip_to_sync(st, cx);
}

static void ready(struct pgsql_state *st, struct dissect_ctx *cx, const struct chunk *in) {
  (void)inorder_answer(&st->order, in);
  struct pgsql_item *i = pgsql_head(st);
  if (i && i->kind == PGSQL_LOGIN) {
    logged_in(st, cx, i);
    return;
  }
  while ((i = pgsql_head(st))) {
    bool sync = i->kind == PGSQL_SYNC;
    pgsql_item_close(st, cx, 0, false);
    if (sync) break;
  }
}

static void begin_copy(struct pgsql_state *st, struct span body, uint8_t type) {
  struct pgsql_answer *a = &st->answer;
  a->copy = true;
  a->stream = type == 'W';
  a->copy_out = type == 'H';
  a->copy_binary = body.len && body.base[0] == 1;
}

static void of_call(struct pgsql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                    const struct pgsql_message *m) {
  struct pgsql_item *i = call_head(st, cx, in);
  if (!i) return;
  pgsql_item_see(&i->t->side[DIR_RESPONSE], in, m);
  switch (m->type) {
  case 'R': authentication(st, i, m->body); break;
  case 'D': data_row(st, cx, i, m); break;
  case 'C': complete(st, cx, i, m->body); break;
  case 'I':
  case 's':
  case 'V':
    i->t->outcome = TXN_OK;
    pgsql_item_close(st, cx, 0, false);
    break;
  case 'd':
    if (!m->cut && !st->answer.stream)
      pgsql_copy_data(&st->answer, cx, i, &i->t->side[DIR_RESPONSE], m->body);
    break;
  default: begin_copy(st, m->body, m->type); break; /* G, H, W */
  }
}

static void parameters(struct pgsql_state *st, struct span body) {
  struct pgsql_item *i = pgsql_head(st);
  struct reader r = reader_of(body);
  unsigned n = reader_u16be(&r);
  if (!i || i->kind != PGSQL_DESCRIBE || !i->of) return;
  buf_reset(&i->of->oids);
  for (unsigned k = 0; k < n && !r.bad; k++) {
    uint32_t oid = reader_u32be(&r);
    if (buf_put(&i->of->oids, span_of(&oid, sizeof oid)) < 0) return;
  }
}

void pgsql_answer_take(struct pgsql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                       const struct pgsql_message *m) {
  if (!strchr("SNAK", m->type)) doubt(st, cx);
  switch (m->type) {
  case 'S': parameter(st, m->body); break;
  case '1': pass(st, cx, PGSQL_PARSE); break;
  case '2': pass(st, cx, PGSQL_BIND); break;
  case '3': pass(st, cx, PGSQL_CLOSE); break;
  case 'n': pass(st, cx, PGSQL_DESCRIBE); break;
  case 't': parameters(st, m->body); break;
  case 'T': row_description(st, cx, in, m); break;
  case 'E': error(st, cx, in, m); break;
  case 'Z': ready(st, cx, in); break;
  case 'R':
    if (st->count) of_call(st, cx, in, m);
    break;
  case 'D':
  case 'C':
  case 'I':
  case 's':
  case 'V':
  case 'd':
  case 'G':
  case 'H':
  case 'W': of_call(st, cx, in, m); break;
  default: break; /* notices and the like */
  }
}
