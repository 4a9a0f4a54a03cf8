/* SPDX-License-Identifier: Apache-2.0 */
/* Delivery in causal order: bytes wait until what their sender had already received was delivered, so a mirror
 * that swaps frames cannot put an answer before its question; holes are given up when they cannot be filled. */
#include "dissect/flow.h"

enum {
  UNACKED_PATIENCE =
      8, /* times gap_wait for a hole that the peer has not acknowledged, or that nothing waits for */
  LONELY_SHARE = 8,     /* of gap_wait: the wait for a direction that was not seen yet */
  SHORTEST_SHARE = 200, /* of gap_wait: the least, however many packets came */
  OPENING_SHARE = 200   /* of gap_wait: the wait for what came before a stream's first segment */
};

bool pump_blocked(const struct flow *f, int end, uint64_t ack) {
  const struct stream *o = &f->tcp->st[!end];
  if (ack <= o->next) return false;
  if (!f->side[!end].packets) return !f->lonely;
  return o->next < o->fin; /* past the FIN there is nothing to wait for */
}

bool pump_opening(const struct flow *f) {
  return !f->opened && (f->side[0].known != SEQ_SYN || f->side[1].known != SEQ_SYN);
}

static bool past_end(const struct stream *st, const struct seg *s) {
  return s->off >= st->fin || s->off >= st->reset;
}

/* Doubtful bytes wait for their acknowledgement; where the peer is not seen at all, for what comes behind them. */
static bool seg_held(const struct flow *f, int end, const struct seg *s) {
  bool alone = !f->side[!end].packets;
  if (pump_opening(f)) return true;
  if (s->doubt && f->side[end].acked <= s->off && (past_end(&f->tcp->st[end], s) || !alone || !s->next))
    return true;
  return pump_blocked(f, end, s->ack);
}

static bool contiguous(const struct stream *st) { return st->head && st->head->off <= st->next; }

static bool ready(const struct flow *f, int end) {
  const struct stream *st = &f->tcp->st[end];
  return contiguous(st) && !seg_held(f, end, st->head);
}

static bool end_ready(const struct flow *f, int end) {
  const struct stream *st = &f->tcp->st[end];
  return !st->ended && st->next >= st->fin && !pump_opening(f) && !pump_blocked(f, end, st->fin_ack);
}

static void gap(struct dissect *d, struct flow *f, int end, uint64_t n, bool snapped, const struct seg *at) {
  struct stream *st = &f->tcp->st[end];
  struct chunk c = {.off = st->next,
                    .gap = n,
                    .snapped = snapped,
                    .ns = at ? at->ns : f->last_ns,
                    .order = at ? at->order : d->order,
                    .ack = at ? at->ack : f->tcp->st[!end].next,
                    .dir = flow_dir(f, end)};
  c.first_ns = c.ns;
  f->side[end].gap += n;
  st->next += n;
  feed_gap(d, f, end, c);
}

/* Take the first segment out of the queue and hand it on. */
static void deliver(struct dissect *d, struct flow *f, int end) {
  struct stream *st = &f->tcp->st[end];
  struct seg *s = st->head;
  if (s->cut) {
    gap(d, f, end, s->len, true, s);
    stream_pop(d, st);
    return;
  }
  struct chunk c = {.data = span_of(s->data, s->len),
                    .off = st->next,
                    .ns = s->ns,
                    .order = s->order,
                    .first_ns = s->ns,
                    .ack = s->ack,
                    .dir = flow_dir(f, end)};
  st->next += s->len;
  stream_remember(st, c.off, c.data);
  feed_data(d, f, end, c);
  stream_pop(d, st);
}

/* Both heads wait for each other: a capture that lost the first copy of one. The client goes first. */
static bool deadlock(const struct flow *f) {
  const struct tcp *t = f->tcp;
  return contiguous(&t->st[0]) && contiguous(&t->st[1]) && pump_blocked(f, 0, t->st[0].head->ack) &&
         pump_blocked(f, 1, t->st[1].head->ack);
}

static int pick(const struct flow *f) {
  bool r0 = ready(f, 0), r1 = ready(f, 1);
  if (r0 && r1) return f->tcp->st[1].head->order < f->tcp->st[0].head->order;
  if (r0 || r1) return r1;
  return deadlock(f) ? f->client : -1;
}

/* Where the hole before the queue, or at the end of what the peer has acknowledged, ends; next where there is none. */
static uint64_t hole_end(const struct flow *f, int end) {
  const struct stream *st = &f->tcp->st[end];
  if (st->head) return st->head->off > st->next ? st->head->off : st->next;
  uint64_t to = f->side[end].packets ? f->side[end].acked : 0; /* a direction that is not seen has no holes */
  if (to > st->fin) to = st->fin;
  return to > st->next ? to : st->next;
}

static bool hole(const struct flow *f, int end) { return hole_end(f, end) > f->tcp->st[end].next; }

void pump_run(struct dissect *d, struct flow *f) {
  if (!f->tcp) return;
  struct tcp *t = f->tcp;
  for (;;) {
    int end = pick(f);
    if (end >= 0) {
      deliver(d, f, end);
      continue;
    }
    end = end_ready(f, f->client) ? f->client : !f->client;
    if (!end_ready(f, end)) break;
    t->st[end].ended = true;
    feed_ended(d, f, end);
  }
  flow_wait(d, f, t->st[0].head || t->st[1].head || hole(f, 0) || hole(f, 1));
}

static void give_up(struct dissect *d, struct flow *f, int end) {
  struct stream *st = &f->tcp->st[end];
  uint64_t n = hole_end(f, end) - st->next;
  if (!n) return;
  if (n == 1 && !st->head && st->fin == OFF_NONE) { /* one sequence number and silence: a lost FIN */
    st->fin = st->next;
    st->fin_ack = 0;
    st->fin_guess = true;
    return;
  }
  ctr_inc(d->ctr, CTR_TCP_GAP);
  ctr_add(d->ctr, CTR_TCP_GAP_BYTES, n);
  bool trail = !st->head;
  st->trail_from = st->next;
  gap(d, f, end, n, false, st->head);
  st->trail_to = trail ? st->next : 0;
}

/* Whether what the other end sent next waits for bytes of this one. */
static bool stalls(const struct flow *f, int end) {
  const struct stream *o = &f->tcp->st[!end];
  if (contiguous(o)) return pump_blocked(f, !end, o->head->ack);
  return !o->ended && o->next >= o->fin && pump_blocked(f, !end, o->fin_ack);
}

static bool due(const struct dissect *d, const struct flow *f, int end, uint64_t ns) {
  if (!hole(f, end)) return false;
  const struct stream *st = &f->tcp->st[end];
  const struct seg *s = st->head;
  bool acked = f->side[end].acked > st->next, alone = !f->side[!end].packets;
  uint64_t from = s ? s->ns : st->acked_ns, wait = d->conf->gap_wait_ns;
  uint32_t slack = s ? s->slack : st->acked_slack;
  if (acked && st->acked_ns > from) from = st->acked_ns;
  if (acked && (int32_t)(st->acked_slack - slack) > 0) slack = st->acked_slack;
  bool idle = !s && !stalls(f, end); /* perhaps nobody sent what was acknowledged */
  if ((!acked && !alone) || idle) wait *= UNACKED_PATIENCE;
  if (ns > from && ns - from > wait) return true;
  bool late = ns > from &&
              ns - from > d->conf->gap_wait_ns / SHORTEST_SHARE; /* fast flows are put in order late, too */
  return (acked || alone) && !idle && late && f->slack - slack >= (uint32_t)d->conf->gap_wait_packets;
}

/* Settle what cannot be known for longer: where streams begin, whether the other direction comes at all. */
void pump_settle(const struct dissect *d, struct flow *f, uint64_t ns) {
  uint64_t age = ns > f->conn.first_ns ? ns - f->conn.first_ns : 0, wait = d->conf->gap_wait_ns;
  if (age > wait / OPENING_SHARE) f->opened = true;
  if (age > wait / LONELY_SHARE) f->lonely = true;
}

void pump_timers(struct dissect *d, struct flow *f, uint64_t ns) {
  if (!f->waiting || !f->tcp) return;
  if (!f->opened || !f->lonely) {
    pump_settle(d, f, ns);
    pump_run(d, f);
  }
  for (;;) {
    int end = due(d, f, f->client, ns) ? f->client : !f->client;
    if (!due(d, f, end, ns)) return;
    give_up(d, f, end);
    pump_run(d, f);
  }
}

/* The end whose hole is to go first: the one that the other's bytes wait for, else the one seen earlier. */
static int next_hole(const struct flow *f) {
  bool h0 = hole(f, 0), h1 = hole(f, 1);
  if (!h0 || !h1) return h0 ? 0 : h1 ? 1 : -1;
  const struct seg *s0 = f->tcp->st[0].head, *s1 = f->tcp->st[1].head;
  if (!s0 || !s1)
    return s0 ? (s0->ack > f->tcp->st[1].next) : s1 ? !(s1->ack > f->tcp->st[0].next) : f->client;
  if (s0->ack > f->tcp->st[1].next) return 1;
  if (s1->ack > f->tcp->st[0].next) return 0;
  return s1->order < s0->order;
}

static bool drop_doubtful(struct dissect *d, struct flow *f) {
  for (int end = 0; end < 2; end++)
    if (contiguous(&f->tcp->st[end]) && f->tcp->st[end].head->doubt) {
      if (f->side[!end].packets || past_end(&f->tcp->st[end], f->tcp->st[end].head))
        stream_pop(d, &f->tcp->st[end]);
      else
        f->tcp->st[end].head->doubt = false;
      return true;
    }
  return false;
}

void pump_flush(struct dissect *d, struct flow *f) {
  f->opened = f->lonely = true;
  while (f->tcp) {
    pump_run(d, f);
    int end = next_hole(f);
    if (end >= 0) {
      give_up(d, f, end);
      continue;
    }
    if (!drop_doubtful(d, f)) break;
  }
}

void pump_relieve(struct dissect *d, struct flow *f, int end) {
  if (!f->opened || !f->lonely) {
    f->opened = f->lonely = true;
    pump_run(d, f);
    return;
  }
  int hit = hole(f, end) ? end : hole(f, !end) ? !end : -1;
  if (hit >= 0)
    give_up(d, f, hit);
  else
    drop_doubtful(d, f);
  pump_run(d, f);
}
