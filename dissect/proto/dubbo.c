/* SPDX-License-Identifier: Apache-2.0 */
/* Dubbo 2 (dubbo.apache.org, "Dubbo2 protocol"): calls over one connection in any order, told apart by a number; both ends may call. */
#include "dissect/proto/dubbo.h"
#include "dissect/side.h"

#include <netinet/in.h>

enum { BUCKETS = 64 };
static const uint64_t ANSWER_WAIT_NS = 600 * 1000000000ULL;

/* A call that waits for its answer; lives in its transaction's arena. */
struct call {
  struct call *next, *older, *newer;
  struct txn *t;
  uint64_t id;
  enum dir dir; /* of the request's bytes */
};
/* One direction. */
struct half {
  enum { HEAD, BODY, LOST } phase;
  struct dubbo_head head;
  uint32_t left;
  struct txn *t; /* of the message at hand; NULL: it is passed over */
  bool holed;    /* bytes were lost before */
};
struct dubbo_state {
  struct half half[2];
  struct call *bucket[BUCKETS], *oldest, *newest;
  unsigned count;
};

static struct side *side_of(struct half *h) {
  return &h->t->side[h->head.request ? DIR_REQUEST : DIR_RESPONSE];
}

/* ---- calls that wait ---- */

static void forget(struct dubbo_state *st, struct call *c) {
  struct call **at = &st->bucket[c->id % BUCKETS];
  while (*at && *at != c) at = &(*at)->next;
  if (*at) *at = c->next;
  *(c->older ? &c->older->newer : &st->oldest) = c->newer;
  *(c->newer ? &c->newer->older : &st->newest) = c->older;
  st->count--;
}

/* No answer was seen. */
static void give_up(struct dubbo_state *st, struct dissect_ctx *cx, struct call *c) {
  forget(st, c);
  bool lost = st->half[c->dir == DIR_REQUEST ? DIR_RESPONSE : DIR_REQUEST].holed;
  c->t->side[DIR_RESPONSE].unseen |= lost ? UNSEEN_GAP : UNSEEN_UNFINISHED;
  txn_close(cx, c->t);
}

static void await(struct dubbo_state *st, struct dissect_ctx *cx, struct half *h, enum dir d) {
  struct call *c = arena_zalloc(&h->t->arena, sizeof *c);
  if (!c) {
    h->t->side[DIR_RESPONSE].unseen |= UNSEEN_MEMORY;
    txn_close(cx, h->t);
    return;
  }
  while (st->oldest && cx->ns > st->oldest->t->side[DIR_REQUEST].last_ns + ANSWER_WAIT_NS)
    give_up(st, cx, st->oldest);
  if (st->count >= (unsigned)cx->conf->max_pending && st->oldest) {
    ctr_inc(cx->ctr, CTR_DISSECT_PENDING_CAP);
    give_up(st, cx, st->oldest);
  }
  *c = (struct call){.t = h->t, .id = h->head.id, .dir = d, .older = st->newest};
  c->next = st->bucket[c->id % BUCKETS];
  st->bucket[c->id % BUCKETS] = c;
  *(st->newest ? &st->newest->newer : &st->oldest) = c;
  st->newest = c;
  st->count++;
}

/* The transaction whose answer this is. */
static struct txn *answered(struct dubbo_state *st, uint64_t id, enum dir d) {
  struct call *c = st->bucket[id % BUCKETS];
  while (c && (c->id != id || c->dir == d)) c = c->next;
  if (!c) return NULL;
  forget(st, c);
  return c->t;
}

/* ---- messages ---- */

static struct txn *open_call(struct dissect_ctx *cx, const struct dubbo_head *head, enum dir d) {
  struct txn *t = txn_open(cx, "dubbo");
  if (!t || head->request == (d == DIR_REQUEST)) return t;
  struct conn *c = &t->conn; /* the server calls back */
  const struct conn was = *c;
  memcpy(c->client, was.server, sizeof c->client);
  memcpy(c->server, was.client, sizeof c->server);
  c->cport = was.sport;
  c->sport = was.cport;
  txn_fact_bool(t, "tapscope.dubbo.callback", true);
  return t;
}

static void begin(struct dubbo_state *st, struct dissect_ctx *cx, struct chunk in, size_t pos) {
  struct half *h = &st->half[in.dir];
  h->phase = BODY;
  h->left = h->head.length;
  h->t = NULL;
  if (h->head.event) return;
  if (!h->head.request) h->t = answered(st, h->head.id, in.dir);
  bool alone = !h->head.request && !h->t;
  if (!h->t) h->t = open_call(cx, &h->head, in.dir);
  if (!h->t) return;
  if (alone && st->half[in.dir == DIR_REQUEST ? DIR_RESPONSE : DIR_REQUEST].holed)
    h->t->side[DIR_REQUEST].unseen |= UNSEEN_GAP;
  struct side *s = side_of(h);
  s->seen = true;
  s->first_ns = pos ? in.ns : in.first_ns;
  s->last_ns = in.ns;
  s->wire_bytes = DUBBO_HEAD;
  side_expect(s, h->left);
}

/* All of the message that there will be. */
static void read_message(struct dissect_ctx *cx, struct half *h) {
  if (h->head.request)
    dubbo_call_request(cx, h->t, &h->head);
  else
    dubbo_call_response(cx, h->t, &h->head);
}

static void end(struct dubbo_state *st, struct dissect_ctx *cx, enum dir d) {
  struct half *h = &st->half[d];
  h->phase = HEAD;
  if (!h->t) return;
  side_of(h)->complete = true;
  read_message(cx, h);
  if (h->head.request && h->head.twoway)
    await(st, cx, h, d);
  else
    txn_close(cx, h->t);
  h->t = NULL;
}

static void lose(struct dissect_ctx *cx, struct half *h) {
  if (h->phase != LOST) ctr_inc(cx->ctr, CTR_DISSECT_LOST_SYNC);
  h->phase = LOST;
  h->holed = true;
}

static void gap(struct dubbo_state *st, struct dissect_ctx *cx, struct chunk in) {
  struct half *h = &st->half[in.dir];
  uint64_t n = in.gap;
  if (h->phase == BODY) {
    uint32_t mine = n < h->left ? (uint32_t)n : h->left;
    h->left -= mine;
    n -= mine;
    if (h->t) side_hole(side_of(h), mine, in.snapped, in.ns);
    if (!h->left) end(st, cx, in.dir);
    if (!n) return;
  }
  lose(cx, h);
}

/* ---- bytes ---- */

/* Behind a hole: the offset of the next head, or of what may become one. */
static size_t find_head(struct span s) {
  for (size_t i = 0; i < s.len; i++) {
    struct span rest = span_skip(s, i);
    struct dubbo_head h;
    bool sane;
    i += span_index(rest, 0xda);
    rest = span_skip(s, i);
    if (!rest.len) break;
    if (rest.len < DUBBO_HEAD) {
      if (rest.len == 1 || rest.base[1] == 0xbb) return i;
    } else if (dubbo_head_read(rest, &h, &sane) && sane) {
      return i;
    }
  }
  return s.len;
}

static struct parse parse(void *state, struct dissect_ctx *cx, struct chunk in) {
  struct dubbo_state *st = state;
  struct half *h = &st->half[in.dir];
  size_t pos = 0;
  if (in.gap) {
    gap(st, cx, in);
    return (struct parse){.status = PARSE_OK};
  }
  for (;;) {
    struct span rest = span_skip(in.data, pos);
    bool sane;
    if (h->phase == LOST) {
      pos += find_head(rest);
      rest = span_skip(in.data, pos);
      if (rest.len < DUBBO_HEAD) break;
      ctr_inc(cx->ctr, CTR_DISSECT_RESYNC);
      h->phase = HEAD;
    }
    if (h->phase == HEAD) {
      if (rest.len < DUBBO_HEAD) break;
      if (!dubbo_head_read(rest, &h->head, &sane) || h->head.length > DUBBO_LENGTH_MOST) {
        lose(cx, h);
        continue;
      }
      begin(st, cx, in, pos);
      pos += DUBBO_HEAD;
      rest = span_skip(rest, DUBBO_HEAD);
    }
    struct span piece = span_head(rest, h->left);
    if (h->t) side_put_values(side_of(h), cx, piece, in.ns);
    h->left -= (uint32_t)piece.len;
    pos += piece.len;
    if (h->left) break;
    end(st, cx, in.dir);
  }
  return (struct parse){.status = PARSE_OK, .used = pos, .need = h->phase == BODY ? 0 : DUBBO_HEAD};
}

static void finish(void *state, struct dissect_ctx *cx, enum end why) {
  struct dubbo_state *st = state;
  (void)why;
  for (int d = 0; d < 2; d++) {
    struct half *h = &st->half[d];
    if (h->phase != BODY || !h->t) continue;
    read_message(cx, h);
    txn_close(cx, h->t);
    h->t = NULL;
  }
  while (st->oldest) give_up(st, cx, st->oldest);
}

static enum probe probe(struct span head, enum dir d) {
  struct dubbo_head h;
  bool sane;
  (void)d; /* both ends send heartbeats, and may call */
  if (head.len < DUBBO_HEAD) {
    bool may = head.len < 2 || head.base[1] == 0xbb;
    return !head.len || (head.base[0] == 0xda && may) ? PROBE_MAYBE : PROBE_NO;
  }
  return dubbo_head_read(head, &h, &sane) && sane ? PROBE_YES : PROBE_NO;
}

static int side(struct span head) {
  struct dubbo_head h;
  bool sane;
  if (!dubbo_head_read(head, &h, &sane) || h.event) return -1;
  return h.request ? DIR_REQUEST : DIR_RESPONSE;
}

const struct dissector dissector_dubbo = {
    .name = "dubbo",
    .transport = IPPROTO_TCP,
    .ports = {20880, 20881},
    .state_size = sizeof(struct dubbo_state),
    .probe = probe,
    .parse = parse,
    .finish = finish,
    .side = side,
};
