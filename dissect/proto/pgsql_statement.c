/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL's prepared statements and portals, by name. */
#include "dissect/proto/pgsql.h"

enum { TEXT = 1 << 20 };

static bool named(const char *name, struct span s) {
  return span_eq(span_str(name), span_head(s, PGSQL_NAME - 1));
}

struct pgsql_statement *pgsql_statement_find(struct pgsql_state *st, struct span name) {
  for (unsigned i = 0; i < PGSQL_STATEMENTS; i++)
    if (st->statement[i] && named(st->statement[i]->name, name)) {
      st->statement[i]->used = ++st->uses;
      return st->statement[i];
    }
  return NULL;
}

struct pgsql_statement *pgsql_statement_ref(struct pgsql_statement *s) {
  if (s) s->refs++;
  return s;
}

void pgsql_statement_drop(struct pgsql_statement **at) {
  struct pgsql_statement *s = *at;
  *at = NULL;
  if (!s || --s->refs) return;
  struct budget *budget = s->arena.budget;
  arena_done(&s->arena);
  buf_done(&s->oids);
  buf_done(&s->list);
  buf_done(&s->column);
  budget_free(budget, s, sizeof *s);
}

void pgsql_statement_forget(struct pgsql_state *st, struct span name) {
  for (unsigned i = 0; i < PGSQL_STATEMENTS; i++)
    if (st->statement[i] && named(st->statement[i]->name, name)) pgsql_statement_drop(&st->statement[i]);
}

struct pgsql_statement *pgsql_statement_new(struct pgsql_state *st, struct dissect_ctx *cx,
                                            struct span name) {
  struct pgsql_statement **at = NULL;
  pgsql_statement_forget(st, name);
  for (unsigned i = 0; i < PGSQL_STATEMENTS; i++)
    if (!at || (*at && (!st->statement[i] || st->statement[i]->used < (*at)->used))) at = &st->statement[i];
  if (*at) ctr_inc(cx->ctr, CTR_DISSECT_PENDING_CAP);
  pgsql_statement_drop(at);
  struct pgsql_statement *s = budget_zalloc(cx->budget, sizeof *s);
  if (!s) {
    ctr_inc(cx->ctr, CTR_DISSECT_MEMORY);
    return NULL;
  }
  s->refs = 1;
  s->used = ++st->uses;
  span_text(s->name, sizeof s->name, name);
  arena_init(&s->arena, cx->budget, TEXT);
  buf_init(&s->oids, cx->budget, TEXT);
  buf_init(&s->list, cx->budget, TEXT);
  buf_init(&s->column, cx->budget, TEXT);
  return *at = s;
}

static void empty(struct pgsql_portal *p) {
  pgsql_statement_drop(&p->of);
  buf_done(&p->values);
  buf_done(&p->formats);
}

struct pgsql_portal *pgsql_statement_portal(struct pgsql_state *st, struct span name, bool make) {
  struct pgsql_portal *old = NULL;
  for (unsigned i = 0; i < PGSQL_PORTALS; i++) {
    struct pgsql_portal *p = &st->portal[i];
    if (p->used && named(p->name, name)) return p;
    if (!old || p->used < old->used) old = p;
  }
  if (!make) return NULL;
  empty(old);
  span_text(old->name, sizeof old->name, name);
  return old;
}

void pgsql_statement_doubt(struct pgsql_state *st) {
  pgsql_statement_forget(st, SPAN_LIT(""));
  for (unsigned i = 0; i < PGSQL_PORTALS; i++) {
    empty(&st->portal[i]);
    st->portal[i].used = 0;
  }
}

void pgsql_statement_free(struct pgsql_state *st) {
  for (unsigned i = 0; i < PGSQL_STATEMENTS; i++) pgsql_statement_drop(&st->statement[i]);
  for (unsigned i = 0; i < PGSQL_PORTALS; i++) empty(&st->portal[i]);
}
