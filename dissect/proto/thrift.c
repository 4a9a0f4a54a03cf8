/* SPDX-License-Identifier: Apache-2.0 */
/* Apache Thrift (thrift.apache.org, doc/specs): calls in the binary and compact protocols, in frames or one behind the other. */
#include "base/err.h"
#include "dissect/proto/thrift.h"
#include "dissect/side.h"

#include <netinet/in.h>

static const uint64_t REPLY_WAIT_NS = 600 * 1000000000ULL;

/* A call that waits for its reply; lives in its transaction's arena. */
struct call {
  struct call *older, *newer;
  struct txn *t;
  int32_t seqid;
};
/* One direction. */
struct half {
  enum { HEAD, FRAME, VALUES, LOST } phase;
  struct thrift_start start; /* of the message at hand; its spans are gone but in begin() */
  uint64_t left;             /* of a frame */
  struct thrift_values values;
  struct txn *t; /* NULL: the message is passed over */
  bool holed;    /* bytes were lost before */
  bool known;    /* how this direction's messages are written: */
  enum thrift_transport transport;
  enum thrift_protocol protocol;
};
struct thrift_state {
  struct half half[2];
  struct call *oldest, *newest;
  unsigned count;
};

static bool is_request(const struct half *h) {
  return h->start.head.call == THRIFT_CALL || h->start.head.call == THRIFT_ONEWAY;
}
static struct side *side_of(struct half *h) {
  return &h->t->side[is_request(h) ? DIR_REQUEST : DIR_RESPONSE];
}

static void forget(struct thrift_state *st, struct call *c) {
  *(c->older ? &c->older->newer : &st->oldest) = c->newer;
  *(c->newer ? &c->newer->older : &st->newest) = c->older;
  st->count--;
}

/* No reply was seen. */
static void give_up(struct thrift_state *st, struct dissect_ctx *cx) {
  struct call *c = st->oldest;
  forget(st, c);
  c->t->side[DIR_RESPONSE].unseen |= st->half[DIR_RESPONSE].holed ? UNSEEN_GAP : UNSEEN_UNFINISHED;
  txn_close(cx, c->t);
}

static void await(struct thrift_state *st, struct dissect_ctx *cx, struct half *h) {
  struct call *c = arena_zalloc(&h->t->arena, sizeof *c);
  if (!c) {
    h->t->side[DIR_RESPONSE].unseen |= UNSEEN_MEMORY;
    txn_close(cx, h->t);
    return;
  }
  while (st->oldest && cx->ns > st->oldest->t->side[DIR_REQUEST].last_ns + REPLY_WAIT_NS) give_up(st, cx);
  if (st->oldest && st->count >= (unsigned)cx->conf->max_pending) {
    ctr_inc(cx->ctr, CTR_DISSECT_PENDING_CAP);
    give_up(st, cx);
  }
  *c = (struct call){.older = st->newest, .t = h->t, .seqid = h->start.head.seqid};
  *(st->newest ? &st->newest->newer : &st->oldest) = c;
  st->newest = c;
  st->count++;
}

/* "apply" answers "LoanService:apply". */
static bool answers(struct span reply, struct span call) {
  if (span_eq(reply, call)) return true;
  return call.len > reply.len && span_ends(call, reply) && call.base[call.len - reply.len - 1] == ':';
}

/* Many clients number no call: then the name and the order tell. */
static struct txn *answered(struct thrift_state *st, const struct thrift_head *m) {
  struct call *c = st->oldest;
  while (c && !(c->seqid == m->seqid && answers(m->name, c->t->operation))) c = c->newer;
  if (!c) return NULL;
  forget(st, c);
  return c->t;
}

static void begin(struct thrift_state *st, struct dissect_ctx *cx, struct chunk in, size_t pos) {
  struct half *h = &st->half[in.dir];
  const struct thrift_start *m = &h->start;
  h->known = true;
  h->transport = m->transport;
  h->protocol = m->head.protocol;
  h->phase = m->transport == THRIFT_UNFRAMED ? VALUES : FRAME;
  h->left = m->length;
  thrift_values_begin(&h->values, m->head.protocol);
  bool request = is_request(h);
  h->t = request ? NULL : answered(st, &m->head);
  bool alone = !request && !h->t;
  if (!h->t) h->t = txn_open(cx, "thrift");
  if (!h->t) return;
  if (request || alone) thrift_call_request(h->t, m, (uint32_t)cx->conf->max_headers);
  if (alone && st->half[DIR_REQUEST].holed) h->t->side[DIR_REQUEST].unseen |= UNSEEN_GAP;
  struct side *s = side_of(h);
  s->seen = true;
  s->first_ns = pos ? in.ns : in.first_ns;
  s->last_ns = in.ns;
  s->wire_bytes = m->skip;
  side_expect(s, h->left);
}

static void end(struct thrift_state *st, struct dissect_ctx *cx, struct half *h, bool complete) {
  h->phase = HEAD;
  if (!h->t) return;
  side_of(h)->complete = complete;
  if (!is_request(h)) thrift_call_reply(h->t, &h->start);
  if (h->start.head.call == THRIFT_CALL)
    await(st, cx, h);
  else
    txn_close(cx, h->t);
  h->t = NULL;
}

static void add_body(struct dissect_ctx *cx, struct half *h, struct span piece, uint64_t ns) {
  if (h->t && piece.len) side_put_values(side_of(h), cx, piece, ns);
}

static void lose(struct dissect_ctx *cx, struct half *h) {
  if (h->phase != LOST) ctr_inc(cx->ctr, CTR_DISSECT_LOST_SYNC);
  h->phase = LOST;
  h->holed = true;
}

static void mark_hole(struct half *h, struct chunk in, uint64_t n) {
  if (h->t) side_hole(side_of(h), n, in.snapped, in.ns);
}

static void gap(struct thrift_state *st, struct dissect_ctx *cx, struct chunk in) {
  struct half *h = &st->half[in.dir];
  uint64_t n = in.gap;
  if (h->phase == FRAME) {
    uint64_t mine = n < h->left ? n : h->left;
    h->left -= mine;
    n -= mine;
    mark_hole(h, in, mine);
    if (!h->left) end(st, cx, h, true);
    if (!n) return;
  } else if (h->phase == VALUES) { /* where it ends is not known any more */
    add_body(cx, h, cx->rest[in.dir], in.ns);
    mark_hole(h, in, 0);
    end(st, cx, h, false);
  }
  lose(cx, h);
}

/* Behind a hole: bytes before the next message, or before what may become one. *found where it is one. */
static size_t find_start(const struct half *h, struct span s, bool *found) {
  struct thrift_start m;
  *found = false;
  for (size_t i = 0; i < s.len; i++) {
    int rc = thrift_call_start(span_skip(s, i), &m);
    *found = rc == 1 && !(h->known && (m.transport != h->transport || m.head.protocol != h->protocol));
    if (rc == 0 || *found) return i;
  }
  return s.len;
}

/* Values of a message without a frame, as far as they are there; bytes taken. */
static size_t take_values(struct thrift_state *st, struct dissect_ctx *cx, struct half *h, struct span s,
                          uint64_t ns, size_t *need) {
  struct reader r = reader_of(s);
  struct thrift_token t;
  int rc;
  do rc = thrift_values_next(&h->values, &r, &t, need);
  while (rc > THRIFT_DONE);
  size_t used = (size_t)(r.pos - s.base);
  if (rc != THRIFT_DONE && rc != ERR_TRUNC) used = 0;
  add_body(cx, h, span_head(s, used), ns);
  if (rc == THRIFT_DONE) {
    end(st, cx, h, true);
  } else if (rc != ERR_TRUNC) {
    if (h->t) h->t->anomalies |= ANOMALY_BIT(ANOMALY_PROTOCOL_ERROR);
    end(st, cx, h, false);
    lose(cx, h);
  }
  return used;
}

/* One step of a half with bytes left; false when it wants more. */
static bool step(struct thrift_state *st, struct dissect_ctx *cx, struct chunk in, size_t *pos,
                 size_t *need) {
  struct half *h = &st->half[in.dir];
  struct span rest = span_skip(in.data, *pos);
  bool found;
  *need = 0;
  if (h->phase == LOST) {
    *pos += find_start(h, rest, &found);
    *need = in.data.len - *pos + 1;
    if (!found) return false;
    ctr_inc(cx->ctr, CTR_DISSECT_RESYNC);
    h->phase = HEAD;
    return true;
  }
  if (h->phase == HEAD) {
    int rc = thrift_call_start(rest, &h->start);
    if (rc < 0) lose(cx, h);
    *need = rest.len + 1;
    if (rc < 1) return rc < 0;
    begin(st, cx, in, *pos);
    size_t head = h->phase == VALUES ? h->start.head.size : 0;
    add_body(cx, h, span_head(span_skip(rest, h->start.skip), head), in.ns);
    *pos += h->start.skip + head;
    return true;
  }
  if (h->phase == VALUES) {
    *pos += take_values(st, cx, h, rest, in.ns, need);
    return h->phase != VALUES;
  }
  struct span piece = span_head(rest, h->left < SIZE_MAX ? (size_t)h->left : SIZE_MAX);
  add_body(cx, h, piece, in.ns);
  h->left -= piece.len;
  *pos += piece.len;
  if (!h->left) end(st, cx, h, true);
  return h->phase != FRAME;
}

static struct parse parse(void *state, struct dissect_ctx *cx, struct chunk in) {
  struct thrift_state *st = state;
  size_t pos = 0, need = 0;
  if (in.gap) {
    gap(st, cx, in);
    return (struct parse){.status = PARSE_OK};
  }
  while (pos < in.data.len && step(st, cx, in, &pos, &need)) need = 0;
  return (struct parse){.status = PARSE_OK, .used = pos, .need = need};
}

static void finish(void *state, struct dissect_ctx *cx, enum end why) {
  struct thrift_state *st = state;
  (void)why;
  for (int d = 0; d < 2; d++) {
    struct half *h = &st->half[d];
    if (h->phase != VALUES && h->phase != FRAME) continue;
    if (!h->t) continue;
    add_body(cx, h, cx->rest[d], side_of(h)->last_ns);
    if (!is_request(h)) thrift_call_reply(h->t, &h->start);
    txn_close(cx, h->t);
    h->t = NULL;
  }
  while (st->oldest) give_up(st, cx);
}

static enum probe probe(struct span head, enum dir d) {
  struct thrift_start m;
  int rc = thrift_call_start(head, &m);
  if (rc < 0) return PROBE_NO;
  if (rc == 0) return PROBE_MAYBE;
  bool request = m.head.call == THRIFT_CALL || m.head.call == THRIFT_ONEWAY;
  return request == (d == DIR_REQUEST) ? PROBE_YES : PROBE_NO;
}

const struct dissector dissector_thrift = {
    .name = "thrift",
    .transport = IPPROTO_TCP,
    .ports = {9090, 9091},
    .state_size = sizeof(struct thrift_state),
    .probe = probe,
    .parse = parse,
    .finish = finish,
};
