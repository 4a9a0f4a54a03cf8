/* SPDX-License-Identifier: Apache-2.0 */
/* What a PostgreSQL server owes answers to, in order; calls as transactions. */
#include "base/err.h"
#include "dissect/body/rows.h"
#include "dissect/proto/pgsql.h"

enum { VERB_ONLY = 1, NO_TEXT = 2 };

uint32_t pgsql_item_cut(const struct pgsql_message *m) {
  return !m->cut ? 0 : m->body.len >= PGSQL_WAIT ? UNSEEN_CAPPED : UNSEEN_GAP;
}

void pgsql_item_see(struct side *s, const struct chunk *in, const struct pgsql_message *m) {
  if (!s->seen) s->first_ns = in->first_ns;
  s->seen = true;
  s->last_ns = in->ns;
  s->wire_bytes += m->wire;
  s->body_bytes += m->body.len;
  s->unseen |= pgsql_item_cut(m);
}

/* Room for one more: the ring doubles. */
static int grow(struct pgsql_state *st, struct dissect_ctx *cx) {
  unsigned room = st->room ? st->room * 2 : PGSQL_FIRST;
  if (room > PGSQL_PENDING) return ERR_CAP;
  struct pgsql_item *more = budget_zalloc(cx->budget, room * sizeof *more);
  if (!more) return ERR_NOMEM;
  for (unsigned i = 0; i < st->count; i++) more[i] = *pgsql_at(st, i);
  budget_free(cx->budget, st->pending, st->room * sizeof *more);
  st->pending = more;
  st->head = 0;
  st->room = room;
  return 0;
}

struct pgsql_item *pgsql_item_add(struct pgsql_state *st, struct dissect_ctx *cx, enum pgsql_kind kind) {
  int rc = st->count == st->room ? grow(st, cx) : 0;
  if (rc < 0) {
    ctr_inc(cx->ctr, rc == ERR_NOMEM ? CTR_DISSECT_MEMORY : CTR_DISSECT_PENDING_CAP);
    if (!st->room) return NULL;
    pgsql_item_close(st, cx, UNSEEN_UNFINISHED, false);
  }
  struct pgsql_item *i = pgsql_at(st, st->count++);
  *i = (struct pgsql_item){.kind = kind};
  return i;
}

struct pgsql_item *pgsql_item_call(struct pgsql_state *st, struct dissect_ctx *cx, enum pgsql_kind kind,
                                   const struct chunk *in, const struct pgsql_message *m) {
  struct txn *t = txn_open(cx, "postgresql");
  if (!t) return NULL;
  struct pgsql_item *i = pgsql_item_add(st, cx, kind);
  if (!i) {
    txn_drop(cx, t);
    return NULL;
  }
  i->t = t;
  t->statement = true;
  txn_fact_str(t, "db.system.name", SPAN_LIT("postgresql"));
  if (st->db[0]) txn_fact_str(t, "db.namespace", span_str(st->db));
  if (st->user[0]) txn_fact_str(t, "user.name", span_str(st->user));
  if (m) {
    pgsql_item_see(&t->side[DIR_REQUEST], in, m);
    t->side[DIR_RESPONSE].unseen |= inorder_hit(&st->order, in);
    t->side[DIR_REQUEST].complete = !m->cut;
  } else if (st->f[DIR_REQUEST].lost || st->order.lossy) {
    t->side[DIR_REQUEST].unseen |= UNSEEN_GAP;
  }
  return i;
}

void pgsql_item_statement(struct pgsql_item *i, const struct statement *s, struct span operation) {
  i->verb = s->verb;
  i->text = s->text;
  i->t->operation = operation;
}

static void finish(struct pgsql_state *st, struct dissect_ctx *cx, struct pgsql_item *i) {
  struct txn *t = i->t;
  struct side *s = &t->side[DIR_RESPONSE];
  if (st->answer.columns || st->answer.rows) txn_fact_u64(t, "db.response.returned_rows", st->answer.rows);
  if (i->verb) txn_fact_str(t, "db.operation.name", span_str(i->verb));
  if (i->text.len) txn_fact_str(t, "db.query.text", i->text);
  if (t->outcome != TXN_UNKNOWN) s->complete = s->seen && !(s->unseen & (UNSEEN_GAP | UNSEEN_SNAPLEN));
  for (int d = 0; d < 2; d++)
    if (t->side[d].raw.len) t->side[d].mime = SPAN_LIT(ROWS_MIME);
  if (!t->operation.len) t->operation = SPAN_LIT("OTHER");
  txn_close(cx, t);
}

void pgsql_item_close(struct pgsql_state *st, struct dissect_ctx *cx, uint32_t unseen, bool drop) {
  struct pgsql_item i = *pgsql_head(st);
  st->head = (st->head + 1) & (st->room - 1);
  st->count--;
  if (i.t) {
    i.t->side[DIR_RESPONSE].unseen |= unseen;
    if (drop)
      txn_drop(cx, i.t);
    else
      finish(st, cx, &i);
    pgsql_answer_reset(st);
  }
  pgsql_statement_drop(&i.of);
}

void pgsql_item_close_all(struct pgsql_state *st, struct dissect_ctx *cx, uint32_t unseen) {
  while (st->count) pgsql_item_close(st, cx, unseen, false);
}

unsigned pgsql_item_cycles(struct pgsql_state *st) {
  unsigned n = 0;
  for (unsigned k = 0; k < st->count; k++)
    n += pgsql_at(st, k)->kind == PGSQL_SYNC || pgsql_at(st, k)->kind == PGSQL_LOGIN;
  bool open = st->count && pgsql_at(st, st->count - 1)->kind != PGSQL_SYNC &&
              pgsql_at(st, st->count - 1)->kind != PGSQL_LOGIN;
  return n + open;
}

uint32_t pgsql_item_blind(const struct pgsql_state *st, const struct dissect_ctx *cx) {
  return st->holed ? UNSEEN_GAP : cx->flow_unseen & UNSEEN_MIDSTREAM;
}

/* Classes of SQLSTATE that mean that there is no such thing, or that the statement could not be read. */
static unsigned judge(struct span code) {
  static const char *const unread[] = {"42601", "42703", "42702", "42803", NULL};
  static const char *const unknown[] = {"42P01", "42883", "3F000", "42704", "3D000", NULL};
  if (span_in(code, unread)) return VERB_ONLY | NO_TEXT;
  if (span_in(code, unknown)) return VERB_ONLY;
  return 0;
}

void pgsql_item_error(struct pgsql_item *i, struct span body) {
  struct reader r = reader_of(body);
  struct txn *t = i->t;
  t->outcome = TXN_ERROR;
  while (reader_left(&r)) {
    uint8_t field = reader_u8(&r);
    struct span v = field ? reader_until(&r, 0) : span_of(NULL, 0);
    if (!field || r.bad) break;
    if (field == 'C' && v.len == 5) {
      txn_fact_str(t, "error.code", v);
      unsigned what = judge(v);
      bool login = i->kind == PGSQL_LOGIN;
      if (login && !span_starts(v, SPAN_LIT("28"))) t->operation = SPAN_LIT("refused");
      if (!login && what & VERB_ONLY && i->verb) t->operation = span_str(i->verb);
      if (what & NO_TEXT) i->text = span_of(NULL, 0);
    } else if (field == 'M') {
      struct span text = statement_text_error(v, &t->arena);
      if (text.len) txn_fact_str(t, "error.message", text);
    }
  }
}
