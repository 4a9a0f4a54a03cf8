/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL's clients: start, simple queries, and Parse, Bind, Describe, Execute. Passwords are never looked at. */
#include "base/err.h"
#include "dissect/body/rows.h"
#include "dissect/proto/pgsql.h"
#include "dissect/side.h"

enum { QUERIES = 128, PARAMS = 4096 };

static void begin_login(struct pgsql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                        const struct pgsql_message *m, struct reader r) {
  st->started = true;
  st->user[0] = st->db[0] = 0;
  while (reader_left(&r) > 1) {
    struct span name = reader_until(&r, 0), value = reader_until(&r, 0);
    if (r.bad) break;
    if (span_eq(name, SPAN_LIT("user"))) span_text(st->user, sizeof st->user, value);
    if (span_eq(name, SPAN_LIT("database"))) span_text(st->db, sizeof st->db, value);
  }
  if (!st->db[0]) memcpy(st->db, st->user, sizeof st->db);
  struct pgsql_item *i = pgsql_item_call(st, cx, PGSQL_LOGIN, in, m);
  if (!i) return;
  i->t->operation = SPAN_LIT("login");
  i->t->statement = false;
}

void pgsql_request_start(struct pgsql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                         const struct pgsql_message *m) {
  struct reader r = reader_of(m->body);
  uint32_t code = reader_u32be(&r);
  if (code == PGSQL_SSL || code == PGSQL_GSS) {
    st->asked_ssl = true;
  } else if (code == PGSQL_CANCEL) {
    struct pgsql_item *i = pgsql_item_call(st, cx, PGSQL_CALL, in, m);
    if (!i) return;
    i->t->operation = SPAN_LIT("CANCEL");
    i->verb = "CANCEL";
    i->t->outcome = TXN_OK;
    while (st->count) pgsql_item_close(st, cx, 0, false);
  } else if (code >> 16 == 3) {
    begin_login(st, cx, in, m, r);
  }
}

static bool is_csv(struct span text) { return span_find_nocase(text, SPAN_LIT("csv")) < text.len; }

static void one_query(struct pgsql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                      struct pgsql_message m, struct span sql) {
  struct pgsql_item *i = pgsql_item_call(st, cx, PGSQL_QUERY, in, &m);
  if (!i) return;
  struct statement s;
  struct txn *t = i->t;
  statement_read(&s, sql, STATEMENT_PGSQL, &t->arena, &t->side[DIR_REQUEST].raw);
  if (s.cut) side_full(&t->side[DIR_REQUEST], cx, ERR_CAP);
  pgsql_item_statement(i, &s, statement_operation(&s, &t->arena));
  i->column = s.column;
  i->columns = s.columns;
  i->csv = is_csv(s.text);
}

/* A simple query: every statement of it is a call. */
static void query(struct pgsql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                  const struct pgsql_message *m) {
  struct span rest = m->body;
  if (rest.len && rest.base[rest.len - 1] == 0) rest.len--;
  struct pgsql_message part = *m;
  for (unsigned n = 0; rest.len; n++) {
    struct span sql = n < QUERIES ? statement_lex_cut(&rest, STATEMENT_PGSQL) : rest;
    if (n >= QUERIES) rest.len = 0;
    if (!sql.len) break;
    one_query(st, cx, in, part, sql);
    part.wire = 0;
    part.body.len = 0;
  }
  pgsql_item_add(st, cx, PGSQL_SYNC);
}

static void parse_message(struct pgsql_state *st, struct dissect_ctx *cx, struct span body) {
  struct reader r = reader_of(body);
  struct span name = reader_until(&r, 0), sql = reader_until(&r, 0);
  if (r.bad) return;
  struct pgsql_item *i = pgsql_item_add(st, cx, PGSQL_PARSE);
  struct pgsql_statement *s = pgsql_statement_new(st, cx, name);
  if (!s || !i) return;
  statement_read(&s->st, sql, STATEMENT_PGSQL, &s->arena, NULL);
  s->operation = statement_operation(&s->st, &s->arena);
  unsigned n = reader_u16be(&r);
  for (unsigned k = 0; k < n && !r.bad; k++) {
    uint32_t oid = reader_u32be(&r);
    if (buf_put(&s->oids, span_of(&oid, sizeof oid)) < 0) break;
  }
  i->of = pgsql_statement_ref(s);
}

static uint32_t oid_of(const struct pgsql_statement *s, unsigned i) {
  uint32_t oid = 0;
  if (s->oids.len >= (i + 1) * sizeof oid) memcpy(&oid, s->oids.base + i * sizeof oid, sizeof oid);
  return oid;
}

/* Values bound, as a row of the columns that they are for. */
static bool bound_row(struct pgsql_portal *p, struct reader *r, const uint16_t *format, unsigned nformats,
                      unsigned n) {
  struct buf *out = &p->values;
  if (rows_list(out, SPAN_LIT("params"), true, n) < 0) return false;
  for (unsigned i = 0; i < n; i++)
    if (rows_column(out, i < p->of->st.marks ? p->of->st.mark[i] : span_of(NULL, 0), 0) < 0) return false;
  if (rows_row(out) < 0) return false;
  for (unsigned i = 0; i < n; i++) {
    uint32_t len = reader_u32be(r);
    struct span v = len == UINT32_MAX ? span_of(NULL, 0) : reader_take(r, len);
    unsigned f = nformats == 1 ? format[0] : i < nformats ? format[i] : 0;
    if (r->bad) return false;
    int rc = len == UINT32_MAX ? rows_null(out)
             : f               ? pgsql_array_cell(out, oid_of(p->of, i), v)
                               : rows_cell(out, v);
    if (rc < 0) return false;
  }
  return true;
}

static void bind(struct pgsql_state *st, struct dissect_ctx *cx, const struct pgsql_message *m) {
  struct reader r = reader_of(m->body);
  struct span portal = reader_until(&r, 0), name = reader_until(&r, 0);
  struct pgsql_item *i = pgsql_item_add(st, cx, PGSQL_BIND);
  struct pgsql_portal *p = pgsql_statement_portal(st, portal, true);
  struct pgsql_statement *s = pgsql_statement_find(st, name);
  pgsql_statement_drop(&p->of);
  p->used = ++st->uses;
  p->unseen = pgsql_item_cut(m);
  buf_done(&p->values);
  buf_done(&p->formats);
  if (!s || !i || r.bad) return;
  buf_init(&p->values, cx->budget, (size_t)cx->conf->max_body_bytes);
  buf_init(&p->formats, cx->budget, 0);
  p->of = pgsql_statement_ref(s);
  i->of = pgsql_statement_ref(s);
  uint16_t format[PARAMS] = {0};
  unsigned nformats = reader_u16be(&r);
  for (unsigned k = 0; k < nformats && !r.bad; k++) {
    uint16_t f = reader_u16be(&r);
    if (k < PARAMS) format[k] = f;
  }
  unsigned n = reader_u16be(&r);
  bool whole = !r.bad && nformats <= PARAMS && n <= PARAMS;
  if (whole && n) whole = bound_row(p, &r, format, nformats, n);
  if (!whole) {
    buf_reset(&p->values);
    if (!r.bad) p->unseen |= UNSEEN_CAPPED;
    return;
  }
  n = reader_u16be(&r);
  for (unsigned k = 0; k < n && !r.bad; k++) {
    uint16_t f = reader_u16be(&r);
    if (buf_put(&p->formats, span_of(&f, sizeof f)) < 0) return;
  }
}

static void describe(struct pgsql_state *st, struct dissect_ctx *cx, struct span body) {
  struct reader r = reader_of(body);
  uint8_t what = reader_u8(&r);
  struct span name = reader_until(&r, 0);
  struct pgsql_item *i = pgsql_item_add(st, cx, PGSQL_DESCRIBE);
  if (!i) return;
  const struct pgsql_portal *p = what == 'P' ? pgsql_statement_portal(st, name, false) : NULL;
  i->of = pgsql_statement_ref(p ? p->of : what == 'S' ? pgsql_statement_find(st, name) : NULL);
}

static void execute(struct pgsql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                    const struct pgsql_message *m) {
  struct reader r = reader_of(m->body);
  struct pgsql_portal *p = pgsql_statement_portal(st, reader_until(&r, 0), false);
  struct pgsql_item *i = pgsql_item_call(st, cx, PGSQL_EXECUTE, in, m);
  if (!i) return;
  struct txn *t = i->t;
  txn_fact_bool(t, "tapscope.db.prepared", true);
  t->operation = SPAN_LIT("EXECUTE");
  if (!p || !p->of) {
    t->side[DIR_REQUEST].unseen |= pgsql_item_blind(st, cx);
    return;
  }
  i->of = pgsql_statement_ref(p->of);
  i->verb = p->of->st.verb;
  i->text = arena_copy(&t->arena, p->of->st.text);
  i->csv = is_csv(i->text);
  t->operation = arena_copy(&t->arena, p->of->operation);
  int rc = buf_put(&t->side[DIR_REQUEST].raw, buf_span(&p->values));
  if (rc == 0 && p->unseen & UNSEEN_CAPPED) rc = ERR_CAP;
  if (rc < 0) side_full(&t->side[DIR_REQUEST], cx, rc);
  t->side[DIR_REQUEST].unseen |= p->unseen;
  if (!p->formats.len) return;
  struct span f = arena_copy(&t->arena, buf_span(&p->formats));
  i->formats = (const uint16_t *)(const void *)f.base;
  i->nformats = (unsigned)(f.len / sizeof *i->formats);
}

static void copied(struct pgsql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                   const struct pgsql_message *m) {
  struct pgsql_item *i = pgsql_head(st);
  if (!i || !i->t || !st->answer.copy) return;
  pgsql_item_see(&i->t->side[DIR_REQUEST], in, m);
  if (m->type == 'd' && !m->cut && !st->answer.stream)
    pgsql_copy_data(&st->answer, cx, i, &i->t->side[DIR_REQUEST], m->body);
}

void pgsql_request_take(struct pgsql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                        const struct pgsql_message *m) {
  bool alone = cx->flow_unseen & UNSEEN_ONE_SIDED && m->type != 'd';
  while (alone && st->count && (m->type == 'Q' || m->type == 'P' || m->type == 'B'))
    pgsql_item_close(st, cx, 0, false);
  if (!st->within && strchr("QPBDECSF", m->type)) {
    if (inorder_ask(&st->order, in, pgsql_item_cycles(st))) pgsql_item_close_all(st, cx, UNSEEN_GAP);
    st->within = true;
  }
  if (strchr("QSF", m->type)) st->within = false;
  switch (m->type) {
  case 'Q': query(st, cx, in, m); break;
  case 'P': parse_message(st, cx, m->body); break;
  case 'B': bind(st, cx, m); break;
  case 'D': describe(st, cx, m->body); break;
  case 'E': execute(st, cx, in, m); break;
  case 'C':
    pgsql_item_add(st, cx, PGSQL_CLOSE);
    if (m->body.len > 1 && m->body.base[0] == 'S')
      pgsql_statement_forget(st, span_head(span_skip(m->body, 1), m->body.len - 2));
    break;
  case 'S': pgsql_item_add(st, cx, PGSQL_SYNC); break;
  case 'F': {
    struct pgsql_item *i = pgsql_item_call(st, cx, PGSQL_CALL, in, m);
    if (i) i->t->operation = SPAN_LIT("CALL"), i->verb = "CALL";
    pgsql_item_add(st, cx, PGSQL_SYNC);
    break;
  }
  case 'd':
  case 'c':
  case 'f': copied(st, cx, in, m); break;
  default: break;
  }
}
