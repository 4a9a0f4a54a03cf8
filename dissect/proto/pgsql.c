/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL (manual, "Frontend/Backend Protocol", version 3): identification, messages, TLS, holes. */
#include "base/err.h"
#include "dissect/proto/pgsql.h"

#include <netinet/in.h>

enum { CARRY = 1 << 20 };

/* ---- identification ---- */

/* "No" to a client who asked for TLS, before anything else. */
static bool no_tls(struct span s) { return s.len > 1 && s.base[0] == 'N' && s.base[1] == 'R'; }

static enum probe probe_start(struct span s) {
  if (s.len < 8) return s.len < 2 || s.base[1] == 0 ? PROBE_MAYBE : PROBE_NO;
  struct reader r = reader_of(s);
  uint32_t n = reader_u32be(&r), code = reader_u32be(&r);
  if (code == PGSQL_SSL || code == PGSQL_GSS) return n == 8 ? PROBE_YES : PROBE_NO;
  if (code == PGSQL_CANCEL) return n >= 16 && n < 300 ? PROBE_YES : PROBE_NO;
  if (code >> 16 != 3 || (code & 0xffff) > 9 || n < 9 || n > 10000) return PROBE_NO;
  if (s.len < 9) return PROBE_MAYBE;
  struct span body = span_head(span_skip(s, 8), n - 8);
  if ((body.base[0] | 32) < 'a' || (body.base[0] | 32) > 'z')
    return PROBE_NO; /* Kafka asks for metadata so */
  if (body.len < n - 8) return PROBE_MAYBE;
  return span_find(body, SPAN_LIT("user")) < body.len && body.base[body.len - 1] == 0 ? PROBE_YES : PROBE_NO;
}

/* A simple query or Parse: it holds a statement. */
static bool holds_statement(struct span s) {
  struct span body = span_skip(s, PGSQL_HEADER);
  if (s.base[0] == 'P') body = span_skip(body, span_index(span_head(body, PGSQL_NAME), 0) + 1);
  struct statement_lex x = statement_lex_of(span_head(body, 4096), STATEMENT_PGSQL);
  struct token t = statement_lex_next(&x);
  return t.kind == TOKEN_WORD && statement_word_verb(t.text);
}

static size_t whole(struct span s, size_t at) {
  struct reader r = reader_of(span_skip(s, at + 1));
  return 1 + reader_u32be(&r);
}

/* What a server says first: how to prove who one is. */
static bool asks_proof(struct span s) {
  struct reader r = reader_of(s);
  uint8_t type = reader_u8(&r);
  uint32_t n = reader_u32be(&r), code = reader_u32be(&r);
  if (r.bad || type != 'R' || s.len != n + 1) return false;
  if (code == 10) return span_starts(reader_rest(&r), SPAN_LIT("SCRAM-"));
  return (code == 3 && n == 8) || (code == 5 && n == 12);
}

/* Messages that follow each other to the very end; one alone must hold a statement. */
static enum probe probe_chain(struct span s, enum dir d) {
  size_t at = 0;
  unsigned n = 0;
  while (at + PGSQL_HEADER <= s.len && pgsql_frame_fits(span_skip(s, at), d)) at += whole(s, at), n++;
  bool telling = d == DIR_REQUEST && n && (s.base[0] == 'Q' || s.base[0] == 'P') && holds_statement(s);
  if (telling || (d == DIR_RESPONSE && asks_proof(s)) || (at == s.len && n >= 2) || (at > s.len && n >= 3))
    return PROBE_YES;
  return PROBE_NO;
}

static enum probe probe(struct span head, enum dir d) {
  if (!head.len) return PROBE_MAYBE;
  if (d == DIR_RESPONSE && head.len > 1 && no_tls(head)) head = span_skip(head, 1);
  if (head.len > 1 && head.base[1] != 0) return PROBE_NO; /* no message is so long */
  if (head.base[0] == 0) return d == DIR_REQUEST ? probe_start(head) : PROBE_NO;
  if (head.len < PGSQL_HEADER + 2) return head.base[0] < 'A' || head.base[0] > 'Z' ? PROBE_NO : PROBE_MAYBE;
  return probe_chain(head, d);
}

static int side(struct span head) {
  if (head.len && head.base[0] == 0) return DIR_REQUEST;
  bool client = probe(head, DIR_REQUEST) == PROBE_YES, server = probe(head, DIR_RESPONSE) == PROBE_YES;
  return client == server ? -1 : client ? DIR_REQUEST : DIR_RESPONSE;
}

/* ---- messages ---- */

/* The one byte that says whether TLS follows. 1: it does; 0: it does not, or it is no such byte; ERR_UNSUPPORTED: GSS follows. */
static int secured(struct pgsql_state *st, struct span *rest) {
  uint8_t c = rest->base[0];
  st->asked_ssl = false;
  if (c == 'S' || c == 'N' || c == 'G') *rest = span_skip(*rest, 1);
  return c == 'S' ? 1 : c == 'G' ? ERR_UNSUPPORTED : 0;
}

static void give(struct pgsql_state *st, struct dissect_ctx *cx, const struct chunk *at,
                 const struct pgsql_message *m) {
  if (at->dir == DIR_RESPONSE)
    pgsql_answer_take(st, cx, at, m);
  else if (m->type)
    pgsql_request_take(st, cx, at, m);
  else
    pgsql_request_start(st, cx, at, m);
}

static int messages(struct pgsql_state *st, struct dissect_ctx *cx, struct chunk *in, struct span *rest,
                    size_t *need) {
  struct pgsql_frame *f = &st->f[in->dir];
  if (in->dir == DIR_RESPONSE && !in->off && no_tls(*rest)) *rest = span_skip(*rest, 1);
  while (rest->len) {
    struct pgsql_message m;
    struct chunk at = *in;
    bool open = f->open, request = in->dir == DIR_REQUEST;
    if (!request && st->asked_ssl) {
      int rc = secured(st, rest);
      if (rc) return rc;
      continue;
    }
    bool typed = !request || open || rest->base[0] != 0;
    int rc = pgsql_frame_take(f, rest, typed, (size_t)cx->conf->max_body_bytes, in, &m, need);
    if (rc <= 0) return rc;
    if (open) at.first_ns = f->first_ns;
    give(st, cx, &at, &m);
    in->first_ns = in->ns;
  }
  return 0;
}

/* ---- holes ---- */

static uint32_t bit_of(const struct chunk *in) { return in->snapped ? UNSEEN_SNAPLEN : UNSEEN_GAP; }

static void mark(struct pgsql_state *st, const struct chunk *in) {
  uint32_t bit = bit_of(in);
  for (unsigned k = 0; k < st->count; k++) {
    struct pgsql_item *i = pgsql_at(st, k);
    if (!i->t) continue;
    if (in->dir == DIR_RESPONSE || st->answer.copy) i->t->side[in->dir].unseen |= bit;
    return;
  }
}

/* Whom do the answers behind the hole belong to? The rows of one call go on; of several it is not known. */
static void confuse(struct pgsql_state *st, struct dissect_ctx *cx, const struct chunk *in) {
  unsigned cycles = pgsql_item_cycles(st), calls = 0;
  if (in->dir == DIR_REQUEST) {
    st->holed = true;
    st->within = false;
    pgsql_statement_doubt(st);
    inorder_gap(&st->order, in, cycles);
    return;
  }
  for (unsigned k = 0; k < st->count; k++) calls += pgsql_at(st, k)->t != NULL;
  inorder_gap(&st->order, in, cycles == 1);
  if (cycles == 1 && calls <= 1) return;
  bool sync = cycles == 1 && st->count && pgsql_at(st, st->count - 1)->kind == PGSQL_SYNC;
  pgsql_item_close_all(st, cx, bit_of(in));
  if (sync) pgsql_item_add(st, cx, PGSQL_SYNC);
}

static void hole(struct pgsql_state *st, struct dissect_ctx *cx, const struct chunk *in) {
  struct pgsql_frame *f = &st->f[in->dir];
  mark(st, in);
  if (!f->lost && pgsql_frame_gap(f, cx->rest[in->dir], in->gap, in)) {
    struct span none = {0};
    struct pgsql_message m;
    struct chunk at = *in;
    size_t need;
    at.first_ns = f->first_ns;
    if (!f->left && pgsql_frame_take(f, &none, true, 0, &at, &m, &need) > 0) give(st, cx, &at, &m);
    return;
  }
  if (!f->lost) ctr_inc(cx->ctr, CTR_DISSECT_LOST_SYNC);
  confuse(st, cx, in);
  f->lost = true;
  f->open = false;
  st->asked_ssl = false;
}

/* A client that waits for its answers was told all up to where this one begins. */
static bool find(struct pgsql_state *st, struct dissect_ctx *cx, struct span *rest, const struct chunk *in) {
  enum dir d = in->dir;
  bool sure = d == DIR_RESPONSE && st->count && in->off == st->order.recv && pgsql_frame_fits(*rest, d);
  size_t skip = sure ? 0 : pgsql_frame_find(*rest, d);
  if (skip == rest->len) return false;
  *rest = span_skip(*rest, skip);
  st->f[d].lost = false;
  ctr_inc(cx->ctr, CTR_DISSECT_RESYNC);
  return true;
}

static void start(void *state, struct dissect_ctx *cx) {
  struct pgsql_state *st = state;
  buf_init(&st->answer.column, cx->budget, PGSQL_COLUMNS * sizeof(struct pgsql_column));
  buf_init(&st->answer.carry, cx->budget, CARRY);
  for (int d = 0; d < 2; d++) buf_init(&st->f[d].body, cx->budget, 0);
}

static struct parse parse(void *state, struct dissect_ctx *cx, struct chunk in) {
  struct pgsql_state *st = state;
  struct pgsql_frame *f = &st->f[in.dir];
  struct span rest = in.data;
  size_t need = 1;
  if (in.gap) {
    hole(st, cx, &in);
    return (struct parse){.status = PARSE_OK};
  }
  if (f->lost && !find(st, cx, &rest, &in)) {
    confuse(st, cx, &in);
    return (struct parse){.status = PARSE_OK, .used = in.data.len};
  }
  int rc = messages(st, cx, &in, &rest, &need);
  if (rc > 0)
    return (struct parse){
        .status = PARSE_SWITCH, .used = in.data.len - rest.len, .next = "tls", .within = true};
  if (rc == ERR_UNSUPPORTED) return (struct parse){.status = PARSE_ERROR};
  if (rc < 0) {
    struct chunk bad = in;
    mark(st, &bad);
    confuse(st, cx, &bad);
    f->lost = true;
    f->open = false;
    ctr_inc(cx->ctr, CTR_DISSECT_LOST_SYNC);
    return (struct parse){.status = PARSE_OK, .used = in.data.len};
  }
  return (struct parse){.status = PARSE_OK, .used = in.data.len - rest.len, .need = need};
}

static void finish(void *state, struct dissect_ctx *cx, enum end why) {
  struct pgsql_state *st = state;
  (void)why;
  while (st->count) {
    const struct pgsql_item *i = pgsql_head(st);
    bool part = i->t && i->t->side[DIR_RESPONSE].seen;
    pgsql_item_close(st, cx, part || !(cx->flow_unseen & UNSEEN_ONE_SIDED) ? UNSEEN_UNFINISHED : 0, false);
  }
  pgsql_statement_free(st);
  budget_free(cx->budget, st->pending, st->room * sizeof *st->pending);
  buf_done(&st->answer.column);
  buf_done(&st->answer.carry);
  for (int d = 0; d < 2; d++) buf_done(&st->f[d].body);
}

const struct dissector dissector_pgsql = {
    .name = "postgresql",
    .transport = IPPROTO_TCP,
    .ports = {5432, 5433, 6432, 5439, 26257},
    .state_size = sizeof(struct pgsql_state),
    .probe = probe,
    .start = start,
    .parse = parse,
    .finish = finish,
    .side = side,
};
