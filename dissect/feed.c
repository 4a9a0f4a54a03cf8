/* SPDX-License-Identifier: Apache-2.0 */
/* Between a stream and its parser: what the parser left unused, switches of protocol, ends. */
#include "base/err.h"
#include "dissect/flow.h"

static void emit(void *user, struct txn *t) {
  struct dissect *d = user;
  if (!d->sink.txn) {
    txn_pool_put(d->txns, t);
    return;
  }
  if (d->current) d->current->transactions++;
  d->sink.txn(d->sink.user, t);
}

struct dissect_ctx *feed_ctx(struct dissect *d, struct flow *f) {
  struct dissect_ctx *cx = &d->cx;
  d->current = f;
  *cx = (struct dissect_ctx){.conn = &f->conn,
                             .conf = d->conf,
                             .ctr = d->ctr,
                             .budget = d->budget,
                             .ns = f->last_ns,
                             .order = d->order,
                             .next_seq = &f->seq,
                             .flow_unseen = f->unseen | (f->late ? UNSEEN_MIDSTREAM : 0u),
                             .flow_anomalies = f->anomalies,
                             .emit = emit,
                             .user = d,
                             .pool = d->txns};
  if (!f->side[0].packets || !f->side[1].packets) cx->flow_unseen |= UNSEEN_ONE_SIDED;
  if (!f->tcp) return cx;
  for (int end = 0; end < 2; end++) cx->fin[flow_dir(f, end)] = f->tcp->st[end].ended;
  const struct two_versions *v = &f->tcp->versions;
  cx->overlap =
      (struct overlap){flow_dir(f, v->end), v->off, span_of(v->kept, v->n), span_of(v->other, v->n)};
  return cx;
}

void feed_ctx_done(struct dissect *d, struct flow *f) {
  f->anomalies = d->cx.flow_anomalies;
  if (f->tcp) f->tcp->versions.n = (uint8_t)d->cx.overlap.other.len;
  d->current = NULL;
}

static void show_rest(struct dissect_ctx *cx, const struct flow *f) {
  if (f->tcp)
    for (int end = 0; end < 2; end++) cx->rest[flow_dir(f, end)] = buf_span(&f->tcp->st[end].rest);
}

static void free_state(struct dissect *d, struct flow *f) {
  if (f->state) budget_free(d->budget, f->state, f->proto->state_size);
  f->state = NULL;
  f->proto = NULL;
}

void feed_finish(struct dissect *d, struct flow *f, enum end why) {
  if (!f->proto) return;
  struct dissect_ctx *cx = feed_ctx(d, f);
  show_rest(cx, f);
  if (f->proto->finish) f->proto->finish(f->state, cx, why);
  feed_ctx_done(d, f);
  free_state(d, f);
}

void feed_drop(struct dissect *d, struct flow *f) {
  void (*sink)(void *, struct txn *) = d->sink.txn;
  d->sink.txn = NULL;
  feed_finish(d, f, END_EVICTED);
  d->sink.txn = sink;
}

bool feed_start(struct dissect *d, struct flow *f, const struct dissector *proto, struct txn *from) {
  void *state = budget_zalloc(d->budget, proto->state_size);
  struct dissect_ctx *cx = feed_ctx(d, f);
  if (state) {
    f->proto = proto;
    f->state = state;
    f->name = proto->name;
    f->ident = IDENT_DONE;
    cx->from = from;
    if (proto->start) proto->start(state, cx);
  } else {
    ctr_inc(d->ctr, CTR_DISSECT_MEMORY);
    f->ident = IDENT_NONE;
  }
  if (from && !cx->from_taken) {
    cx->from = NULL;
    txn_close(cx, from);
  }
  feed_ctx_done(d, f);
  return state != NULL;
}

static void forget_rest(struct flow *f) {
  if (!f->tcp) return;
  for (int end = 0; end < 2; end++) {
    buf_done(&f->tcp->st[end].rest);
    f->tcp->st[end].need = 0;
  }
}

/* The bytes are not this protocol, or lost for good. */
static void abandon(struct dissect *d, struct flow *f) {
  ctr_inc(d->ctr, CTR_DISSECT_LOST_SYNC);
  feed_finish(d, f, END_EVICTED);
  f->ident = IDENT_NONE;
  forget_rest(f);
}

/* From here on another protocol: `from` is closed once it has begun. */
static void change(struct dissect *d, struct flow *f, struct parse r) {
  const struct dissector *next = f->switches < FLOW_SWITCHES ? dissector_find(r.next) : NULL;
  bool open = f->switches++ < FLOW_SWITCHES;
  struct dissector old = *f->proto;
  const char *name = f->name;
  void *state = f->state;
  f->state = NULL;
  f->proto = NULL;
  if (next && next->transport == f->conn.proto) {
    feed_start(d, f, next, r.from);
    if (r.within) f->name = name;
  } else {
    struct dissect_ctx *cx = feed_ctx(d, f);
    if (r.from) txn_close(cx, r.from);
    feed_ctx_done(d, f);
    f->ident = open ? IDENT_OPEN : IDENT_NONE;
    for (int end = 0; f->tcp && end < 2; end++) f->tcp->st[end].tries = f->tcp->st[end].verdict = 0;
  }
  struct dissect_ctx *cx = feed_ctx(d, f);
  if (old.finish) old.finish(state, cx, END_FIN);
  feed_ctx_done(d, f);
  budget_free(d->budget, state, old.state_size);
}

static struct parse call(struct dissect *d, struct flow *f, const struct chunk *c) {
  struct dissect_ctx *cx = feed_ctx(d, f);
  if (c->gap) show_rest(cx, f);
  struct parse r = f->proto->parse(f->state, cx, *c);
  feed_ctx_done(d, f);
  if (r.used > c->data.len) r.used = c->data.len;
  return r;
}

/* Parse c as far as it goes; the bytes used. Status OK means: keep the rest for later. */
static struct parse parse_all(struct dissect *d, struct flow *f, struct chunk c) {
  size_t used = 0;
  struct parse r;
  do {
    r = call(d, f, &c);
    used += r.used;
    c.data = span_skip(c.data, r.used);
    c.off += r.used;
    if (r.used) c.first_ns = c.ns;
  } while (r.status == PARSE_OK && r.used && r.need && c.data.len >= r.need);
  r.used = used;
  return r;
}

int feed_keep(struct dissect *d, struct flow *f, int end, const struct chunk *c) {
  struct stream *st = &f->tcp->st[end];
  if (!c->data.len) return 0;
  if (!st->rest.len) {
    st->rest_off = c->off;
    st->rest_ns = c->first_ns;
    st->rest_order = c->order;
    st->rest_ack = c->ack;
  }
  st->rest_last_ns = c->ns;
  int rc = buf_put(&st->rest, c->data);
  if (rc < 0) ctr_inc(d->ctr, rc == ERR_CAP ? CTR_DISSECT_LOST_SYNC : CTR_DISSECT_MEMORY);
  return rc;
}

static void lose(struct dissect *d, struct flow *f, int end, const struct chunk *c) {
  struct stream *st = &f->tcp->st[end];
  struct chunk g = *c;
  g.data = span_of(NULL, 0);
  g.gap = c->data.len;
  f->side[end].gap += g.gap;
  buf_reset(&st->rest);
  feed_gap(d, f, end, g);
}

/* Act on what parse said about the bytes that rest + c held: rest of c is what was not used. */
static void settle(struct dissect *d, struct flow *f, int end, struct parse r, struct chunk left) {
  struct stream *st = &f->tcp->st[end];
  st->need = r.need;
  if (r.status == PARSE_ERROR) {
    abandon(d, f);
    return;
  }
  if (r.status == PARSE_SWITCH) {
    st->need = 0;
    f->tcp->st[!end].need = 0;
    change(d, f, r);
    if (left.data.len) feed_data(d, f, end, left);
    if (f->ident == IDENT_NONE)
      forget_rest(f);
    else
      feed_rest(d, f);
    return;
  }
  if (feed_keep(d, f, end, &left) < 0) lose(d, f, end, &left);
}

static void feed_parser(struct dissect *d, struct flow *f, int end, struct chunk c) {
  struct stream *st = &f->tcp->st[end];
  if (!st->rest.len) {
    struct parse r = parse_all(d, f, c);
    struct chunk left = c;
    left.data = span_skip(c.data, r.used);
    left.off += r.used;
    if (r.used) left.first_ns = c.ns;
    settle(d, f, end, r, left);
    return;
  }
  if (c.data.len && feed_keep(d, f, end, &c) < 0) {
    lose(d, f, end, &c);
    return;
  }
  if (st->rest.len < st->need) return;
  struct chunk whole = c;
  whole.data = buf_span(&st->rest);
  whole.off = st->rest_off;
  whole.first_ns = st->rest_ns;
  whole.ack = st->rest_ack;
  struct parse r = parse_all(d, f, whole);
  buf_drop(&st->rest, r.used);
  if (r.used) {
    st->rest_off += r.used;
    st->rest_ns = c.ns;
    st->rest_ack = c.ack;
    st->rest_order = c.order;
  }
  struct chunk none = c;
  none.data = span_of(NULL, 0);
  settle(d, f, end, r, none);
}

/* Early bytes tell: a shell speaks in lines, colours and line ends among them. */
static void look_at_text(struct flow *f, int end, struct chunk c) {
  enum { EARLY = 4096, LOOK = 64 };
  if (c.off >= EARLY || f->binary >> end & 1) return;
  struct span s = span_head(c.data, LOOK);
  for (size_t i = 0; i < s.len; i++) {
    uint8_t b = s.base[i];
    if (b < 0x20 && b != '\n' && b != '\r' && b != '\t' && b != 0x1b && b != '\b' && b != 7)
      f->binary |= (uint8_t)(1u << end);
  }
  if (s.len) f->text |= (uint8_t)(1u << end);
}

#define WORD(a, b, c, d, e, f, g, h) \
  ((uint64_t)(a) << 56 | (uint64_t)(b) << 48 | (uint64_t)(c) << 40 | (uint64_t)(d) << 32 | \
   (uint64_t)(e) << 24 | (uint64_t)(f) << 16 | (uint64_t)(g) << 8 | (uint64_t)(h))
/* Eight bytes of what shells print when they begin and when they are asked who they are, whatever segments they come in. */
static void look_for_shell(struct flow *f, int end, struct chunk c) {
  static const uint64_t words[] = {
      WORD('n', 'o', ' ', 'j', 'o', 'b', ' ', 'c'),  WORD(';', ' ', 'j', 'o', 'b', ' ', 'c', 'o'),
      WORD('w', 's', ' ', '[', 'V', 'e', 'r', 's'),  WORD('u', 'i', 'd', '=', '0', '(', 'r', 'o'),
      WORD('y', 's', 't', 'e', 'm', '3', '2', '>'),  WORD('o', 't', ':', 'x', ':', '0', ':', '0'),
      WORD('3', '(', 'w', 'w', 'w', '-', 'd', 'a'),  WORD('\n', 'r', 'o', 'o', 't', '@', 'l', 'o'),
      WORD('t', 'y', '\\', 's', 'y', 's', 't', 'e'), WORD('P', 'S', ' ', 'C', ':', '\\', 'W', 'i')};
  enum { EARLY = 4096 };
  if (c.gap) f->last[end] = 0;
  for (size_t i = 0; i < c.data.len && c.off + i < EARLY && !(f->shell >> end & 1); i++) {
    uint64_t v = f->last[end] = f->last[end] << 8 | c.data.base[i];
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
      if (v == words[k]) f->shell |= (uint8_t)(1u << end);
  }
}

void feed_data(struct dissect *d, struct flow *f, int end, struct chunk c) {
  if (f->ident != IDENT_DONE && f->conn.proto == 6) look_for_shell(f, end, c);
  if (f->ident == IDENT_DONE)
    feed_parser(d, f, end, c);
  else if (f->ident == IDENT_OPEN)
    identify_data(d, f, end, c);
  else if (!identify_hello(d, f, end, c)) {
    look_at_text(f, end, c);
    ndpi_name(d, f, end, c.data, c.ns);
  }
}

void feed_rest(struct dissect *d, struct flow *f) {
  struct stream *st = f->tcp->st;
  int end = st[1].rest.len && (!st[0].rest.len || st[1].rest_order < st[0].rest_order);
  for (int i = 0; i < 2; i++, end = !end) {
    if (!st[end].rest.len || f->ident == IDENT_NONE) continue;
    struct chunk c = {.off = st[end].rest_off,
                      .ns = st[end].rest_last_ns,
                      .first_ns = st[end].rest_ns,
                      .order = st[end].rest_order,
                      .ack = st[end].rest_ack,
                      .dir = flow_dir(f, end)};
    st[end].need = 0;
    if (f->ident == IDENT_DONE)
      feed_parser(d, f, end, c);
    else
      identify_data(d, f, end, c);
  }
}

void feed_gap(struct dissect *d, struct flow *f, int end, struct chunk c) {
  struct stream *st = &f->tcp->st[end];
  if (f->ident == IDENT_OPEN) identify_gap(d, f, end);
  st->hello_len = 0;
  if (f->ident != IDENT_DONE) return;
  if (st->rest.len) { /* what was left unused is the beginning of what the hole ends */
    c.first_ns = st->rest_ns;
    c.ack = st->rest_ack;
  }
  struct parse r = call(d, f, &c);
  buf_reset(&st->rest);
  c.data = span_of(NULL, 0);
  c.gap = 0;
  settle(d, f, end, r, c);
}

void feed_ended(struct dissect *d, struct flow *f, int end) {
  if (f->ident != IDENT_DONE || !f->proto->ended) return;
  struct dissect_ctx *cx = feed_ctx(d, f);
  show_rest(cx, f);
  f->proto->ended(f->state, cx, flow_dir(f, end));
  feed_ctx_done(d, f);
}
