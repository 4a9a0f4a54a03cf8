/* SPDX-License-Identifier: Apache-2.0 */
/* TCP as a listener follows it (RFC 9293, 5961, 7323): handshakes, resets, ends, data. What each corner does and why
 * stands in docs/REASSEMBLY.md. */
#include "dissect/flow.h"

enum {
  FAR = 16 << 20,    /* bytes ahead of what was seen that no window allows */
  FAR_RESYNC = 2,    /* contiguous segments out there that prove a long loss */
  OLD_TS = 1 << 14,  /* timestamp ticks back that no reordering explains */
  OLD_RUN = 8,       /* such segments in a row: the clock was set */
  HOPS = 8,          /* by which paths to the same end may differ */
  EARLIER = 1 << 20, /* bytes before the first segment of a stream that may still come */
};

static void know(struct flow_side *s, uint32_t seq, enum seq_known how) {
  if (s->known == SEQ_UNKNOWN) s->top = seq;
  s->seq0 = seq;
  s->known = (uint8_t)how;
}

void tcp_start(struct dissect *d, struct flow *f, int end, const struct packet *p) {
  bool syn = p->tcp_flags & TCP_SYN, ack = p->tcp_flags & TCP_ACK;
  know(&f->side[end], p->seq + syn, syn ? SEQ_SYN : SEQ_GUESSED);
  if (ack)
    know(&f->side[!end], p->ack, SEQ_GUESSED); /* of a SYN-ACK too: data in the SYN may be acknowledged */
  f->client_sure = syn;
  f->side[0].old_ts = f->side[1].old_ts = TS_NONE;
  if (syn ? ack : p->tuple.sport < p->tuple.dport) flow_swap(f);
  if (syn) return;
  f->late = true;
  f->unseen |= UNSEEN_MIDSTREAM;
  ctr_inc(d->ctr, CTR_FLOW_MIDSTREAM);
}

/* A SYN-ACK to a SYN that nobody sent: its receiver drops it (RFC 9293 3.10.7.3). If that SYN was lost, what comes next tells. */
static bool refused_answer(struct flow *f, int end, const struct packet *p) {
  const struct flow_side *o = &f->side[!end];
  if ((p->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST)) != (TCP_SYN | TCP_ACK) || o->known != SEQ_SYN)
    return false;
  if (p->ack - o->seq0 <= o->top - o->seq0) return false;
  f->has_resyn = true;
  f->resyn = p->ack - 1;
  f->resyn_end = !end;
  f->refused_syn = true;
  return true;
}

/* While nothing was delivered: where a stream begins whose first segment came before its SYN. */
static void begin_at(struct flow *f, int end, uint32_t seq) {
  struct flow_side *s = &f->side[end];
  if (s->known == SEQ_GUESSED && s->seq0 - seq < EARLIER) stream_rebase(f, end, seq);
}

/* A late SYN may still say who the client is and where the stream begins. */
static void handshake(struct dissect *d, struct flow *f, int end, const struct packet *p) {
  struct flow_side *s = &f->side[end], *o = &f->side[!end];
  bool ack = p->tcp_flags & TCP_ACK, untouched = !f->tcp;
  if (!ack && (o->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN && s->known != SEQ_SYN) {
    stream_anomaly(f, ANOMALY_SPLIT_HANDSHAKE);
    f->client_sure = false;
  }
  if (p->flags & PACKET_HAS_TS) {
    s->ts = p->ts_val;
    s->old_ts = 0;
  }
  bool opening = pump_opening(f);
  if (opening) begin_at(f, end, p->seq + 1);
  if (opening && ack) begin_at(f, !end, p->ack);
  if (s->known == SEQ_UNKNOWN || (s->seq0 == p->seq + 1 && opening) ||
      (s->known != SEQ_SYN && (untouched || s->seq0 == p->seq + 1))) {
    know(s, p->seq + 1, SEQ_SYN);
    if (f->late && (untouched || opening)) {
      f->late = false;
      f->unseen &= ~(uint32_t)UNSEEN_MIDSTREAM;
    }
    if (f->ident == IDENT_OPEN && !f->client_sure && !(f->anomalies & ANOMALY_BIT(ANOMALY_SPLIT_HANDSHAKE))) {
      if (flow_dir(f, end) != (ack ? DIR_RESPONSE : DIR_REQUEST)) flow_swap(f);
      f->client_sure = true;
    }
  }
  if (!ack) return;
  if (o->known == SEQ_UNKNOWN) know(o, p->ack, SEQ_SYN);
  if (!f->tcp || p->ack != o->seq0) return;
  struct stream *st = &f->tcp->st[!end]; /* data in the SYN that the server did not take */
  while (st->head && st->head->doubt) stream_pop(d, st);
}

static void take_ack(struct dissect *d, struct flow *f, int end, const struct packet *p) {
  struct flow_side *o = &f->side[!end];
  if (o->known == SEQ_UNKNOWN) {
    know(o, p->ack, SEQ_GUESSED);
    return;
  }
  int64_t off = stream_off(f, !end, p->ack);
  if (off <= (int64_t)o->acked) return;
  if (o->packets && (uint64_t)off > stream_top(f, !end) + FAR && ++o->far_acks <= FAR_RESYNC) return;
  o->far_acks = 0;
  if (!f->tcp && off > 1 && o->packets) stream_get(d, f); /* what was acknowledged is a hole */
  if (f->tcp) {
    struct stream *st = &f->tcp->st[!end];
    if (o->acked <= st->next && (uint64_t)off > st->next) {
      st->acked_ns = p->ns;
      st->acked_slack = f->slack;
    }
    if (st->fin != OFF_NONE && (uint64_t)off > st->fin + 1) { /* forged: bytes were taken in its place */
      st->fin = OFF_NONE;
      st->ended = false;
    }
    if (st->reset != OFF_NONE && (uint64_t)off > st->reset) {
      st->reset = OFF_NONE;
      f->was_reset = f->refused = false;
    }
  }
  o->acked = (uint64_t)off;
}

/* A segment far outside every window: dropped, unless more follows it, which shows that very much was lost. */
static bool take_far(struct dissect *d, struct flow *f, int end, const struct packet *p) {
  struct stream *st = &f->tcp->st[end];
  st->far_count = st->far_count && p->seq == st->far_seq ? (uint8_t)(st->far_count + 1) : 1;
  st->far_seq = p->seq + p->payload_wire;
  if (st->far_count <= FAR_RESYNC) {
    ctr_inc(d->ctr, CTR_TCP_OUT_OF_WINDOW);
    return false;
  }
  pump_flush(d, f);
  int64_t off = stream_off(f, end, p->seq);
  uint64_t n = off > (int64_t)st->next ? (uint64_t)off - st->next : 1;
  struct chunk c = {.off = st->next,
                    .gap = n,
                    .ns = p->ns,
                    .first_ns = p->ns,
                    .order = p->order,
                    .ack = f->tcp->st[!end].next,
                    .dir = flow_dir(f, end)};
  ctr_inc(d->ctr, CTR_TCP_GAP);
  ctr_add(d->ctr, CTR_TCP_GAP_BYTES, n);
  f->side[end].gap += n;
  st->next += n;
  f->side[end].seq0 = p->seq - (uint32_t)st->next;
  f->side[end].acked = st->next;
  f->side[end].top = p->seq;
  st->far_count = 0;
  feed_gap(d, f, end, c);
  return true;
}

static bool old_timestamp(struct flow_side *s, const struct packet *p) {
  if (!(p->flags & PACKET_HAS_TS)) return false;
  bool known = s->old_ts != TS_NONE;
  int32_t ahead = (int32_t)(p->ts_val - s->ts);
  if (known && ahead < -OLD_TS && ++s->old_ts <= OLD_RUN) return true;
  if (!known || ahead > 0 || s->old_ts > OLD_RUN) s->ts = p->ts_val;
  s->old_ts = 0;
  return false;
}

/* What the sender of p had received of the other direction. */
static uint64_t ack_of(const struct flow *f, int end, const struct packet *p) {
  if (!(p->tcp_flags & TCP_ACK) || f->side[!end].known == SEQ_UNKNOWN) return 0;
  int64_t off = stream_off(f, !end, p->ack);
  uint64_t acked = f->side[!end].acked;
  return off <= 0 ? 0 : (uint64_t)off < acked ? (uint64_t)off : acked;
}

static void queue(struct dissect *d, struct flow *f, int end, const struct seg *like, struct span s,
                  uint32_t cut) {
  struct stream *st = &f->tcp->st[end];
  for (int i = 0; i < 4 && (st->segs + 2 >= (uint32_t)d->conf->max_segments ||
                            st->bytes + s.len > (uint64_t)d->conf->max_segment_bytes);
       i++)
    pump_relieve(d, f, end);
  if (like->off < st->next) { /* relief went past it */
    ctr_inc(d->ctr, CTR_TCP_SEGMENT_CAP);
    return;
  }
  stream_insert(d, f, end, like, s);
  struct seg tail = *like;
  tail.off += s.len;
  stream_insert_cut(d, f, end, &tail, cut);
}

static void keep_in_order(struct dissect *d, struct flow *f, int end, struct seg *like, struct span s,
                          uint32_t cut) {
  struct stream *st = &f->tcp->st[end];
  if (!st->head && like->off == st->next && !cut && !like->doubt && !pump_blocked(f, end, like->ack) &&
      !pump_opening(f)) {
    struct chunk c = {.data = s,
                      .off = like->off,
                      .ns = like->ns,
                      .first_ns = like->ns,
                      .order = like->order,
                      .ack = like->ack,
                      .dir = flow_dir(f, end)};
    st->next += s.len;
    if (f->side[end].acked > st->next) { /* the hole moves on */
      st->acked_ns = like->ns;
      st->acked_slack = like->slack;
    }
    stream_remember(st, c.off, s);
    feed_data(d, f, end, c);
    return;
  }
  if (like->off > st->next) ctr_inc(d->ctr, CTR_TCP_OUT_OF_ORDER);
  queue(d, f, end, like, s, cut);
}

/* Bytes that were delivered already. */
static void take_old(struct dissect *d, struct flow *f, int end, uint64_t off, struct span s, uint64_t n) {
  ctr_add(d->ctr, CTR_TCP_RETRANSMIT, n);
  stream_check_copy(d, f, end, off, span_head(s, (size_t)n));
}

static void take_end(struct dissect *d, struct flow *f, uint64_t n) {
  ctr_add(d->ctr, CTR_TCP_AFTER_END, n);
  stream_anomaly(f, ANOMALY_DATA_AFTER_END);
}

/* What a receiver drops, or what may die on its way to it: without ACK, with a signature that nobody agreed on, with few hops
 * left. */
static bool unlikely_taken(struct flow_side *s, const struct packet *p) {
  if (!(p->tcp_flags & (TCP_ACK | TCP_SYN))) return true;
  if ((p->flags & PACKET_TCP_MD5) && !s->md5) return true;
  if (p->ttl + HOPS >= s->ttl) {
    s->low_ttl = 0;
    return false;
  }
  if (++s->low_ttl <= OLD_RUN) return true;
  s->ttl = p->ttl;
  return false;
}

/* The last byte again, or anything in its place, is a keep-alive. */
static bool is_last_byte(const struct stream *st, int64_t off) {
  const struct seg *s = st->tail;
  return off + 1 == (int64_t)st->next || (s && !s->doubt && !s->cut && off + 1 == (int64_t)(s->off + s->len));
}

/* The bytes [off, off + len) of which s were captured. */
static void take_bytes(struct dissect *d, struct flow *f, int end, const struct packet *p, int64_t off,
                       struct span s, uint64_t len) {
  struct stream *st = &f->tcp->st[end];
  struct seg like = {.ns = p->ns, .order = p->order, .ack = ack_of(f, end, p), .slack = f->slack};
  like.doubt = old_timestamp(&f->side[end], p) || ((p->tcp_flags & TCP_SYN) && !f->side[end].acked) ||
               unlikely_taken(&f->side[end], p);
  if (len <= 1 && is_last_byte(st, off)) {
    ctr_inc(d->ctr, CTR_TCP_KEEPALIVE);
    return;
  }
  if (off < (int64_t)st->next) {
    uint64_t n = st->next - (uint64_t)off;
    if (n > len) n = len;
    if (off >= 0) take_old(d, f, end, (uint64_t)off, s, n);
    s = span_skip(s, (size_t)n);
    len -= n;
    off += (int64_t)n;
    if (!len) return;
  }
  uint64_t last = st->fin < st->reset ? st->fin : st->reset;
  like.off = (uint64_t)off;
  if (like.off + len > last) { /* used only if it is acknowledged all the same: the end was forged */
    uint64_t keep = like.off < last ? last - like.off : 0;
    struct span before = span_head(s, (size_t)keep);
    if (keep) keep_in_order(d, f, end, &like, before, (uint32_t)(keep - before.len));
    take_end(d, f, len - keep);
    s = span_skip(s, (size_t)keep);
    len -= keep;
    like.off += keep;
    like.doubt = true;
  }
  keep_in_order(d, f, end, &like, s, (uint32_t)(len - s.len));
}

/* Somebody acknowledged bytes that had not been sent: what was given up comes now. */
static void rewind_trail(struct flow *f, int end, uint64_t off) {
  struct stream *st = &f->tcp->st[end];
  f->side[end].gap -= st->next - off;
  f->side[end].acked = off;
  st->next = off;
  st->trail_to = 0;
}

static void take_data(struct dissect *d, struct flow *f, int end, const struct packet *p) {
  if (!stream_get(d, f)) return;
  struct flow_side *side = &f->side[end];
  struct stream *st = &f->tcp->st[end];
  uint32_t seq = p->seq + ((p->tcp_flags & TCP_SYN) != 0), len = p->payload_wire;
  int64_t off = stream_off(f, end, seq), next = (int64_t)st->next;
  if (off < next && st->trail_to == st->next && off >= (int64_t)st->trail_from)
    rewind_trail(f, end, (uint64_t)off);
  if (off < 0 && off > -EARLIER && !next && pump_opening(f)) stream_rebase(f, end, seq);
  off = stream_off(f, end, seq);
  next = (int64_t)st->next;
  if ((off > next + FAR || off + FAR < next) && !take_far(d, f, end, p)) return;
  off = stream_off(f, end, seq);
  if ((int32_t)(seq + len - side->top) > 0) side->top = seq + len;
  if (st->fin_guess && len && off + len > (int64_t)st->fin) {
    st->fin = OFF_NONE;
    st->ended = st->fin_guess = false;
  }
  if ((p->tcp_flags & TCP_FIN) && st->fin == OFF_NONE && off + len >= (int64_t)st->next) {
    st->fin = (uint64_t)(off + len);
    st->fin_ack = ack_of(f, end, p);
  }
  if (!len) return;
  ctr_inc(d->ctr, CTR_TCP_SEGMENTS);
  if (p->tcp_flags & TCP_URG) stream_anomaly(f, ANOMALY_URGENT);
  if (p->tcp_flags & TCP_SYN) stream_anomaly(f, ANOMALY_DATA_IN_SYN);
  take_bytes(d, f, end, p, off, packet_payload(p), len);
}

static void after_done(struct dissect *d, struct flow *f, int end, const struct packet *p) {
  if (!p->payload_wire) return;
  if ((int32_t)(p->seq + p->payload_wire - f->side[end].top) <= 0)
    ctr_add(d->ctr, CTR_TCP_RETRANSMIT, p->payload_wire);
  else
    take_end(d, f, p->payload_wire);
}

void tcp_finish(struct dissect *d, struct flow *f, enum end why) {
  if (f->done) return;
  f->done = true;
  if (f->tcp) {
    if (f->soft_reset) reset_believe(f);
    pump_flush(d, f);
    if (f->soft_reset) reset_settle(f);
    bool ended = f->tcp->st[0].ended && f->tcp->st[1].ended;
    if (f->ident == IDENT_OPEN) identify_give_up(d, f);
    why = f->was_reset ? END_RST : ended ? END_FIN : why;
  }
  feed_finish(d, f, why);
  flow_wait(d, f, false);
  stream_free(d, f);
}

/* Move the flow on to the list that its state belongs to. */
static void settle(struct dissect *d, struct flow *f, int end, const struct packet *p) {
  bool data = p->payload_wire > 0;
  bool fins = (f->side[0].flags & TCP_FIN || !f->side[0].packets) &&
              (f->side[1].flags & TCP_FIN || !f->side[1].packets);
  if (f->tcp && f->tcp->st[0].ended && f->tcp->st[1].ended) tcp_finish(d, f, END_FIN);
  if (data && f->soft_reset) reset_doubt(f, end, p);
  if (f->done || f->was_reset || fins) {
    flow_set_class(d, f, CLASS_CLOSING);
  } else if (data ||
             (f->cls == CLASS_CLOSING && !f->soft_reset)) { /* the end that seemed not to be seen goes on */
    flow_set_class(d, f, CLASS_TCP);
  }
}

static bool unsettled(const struct flow *f) {
  if (!f->tcp) return false;
  const struct stream *a = &f->tcp->st[0], *b = &f->tcp->st[1];
  return f->waiting || a->head || b->head || a->fin != OFF_NONE || b->fin != OFF_NONE ||
         f->side[0].acked > a->next || f->side[1].acked > b->next;
}

void tcp_packet(struct dissect *d, struct flow *f, int end, const struct packet *p) {
  struct flow_side *s = &f->side[end];
  if (s->packets == 1) {
    s->ttl = p->ttl;
    s->md5 = p->flags & PACKET_TCP_MD5;
  }
  s->flags |= p->tcp_flags;
  if (f->done) {
    after_done(d, f, end, p);
    return;
  }
  if (!f->opened) pump_settle(d, f, p->ns);
  pump_timers(d, f, p->ns);
  if (p->tcp_flags & TCP_SYN) {
    if (refused_answer(f, end, p)) {
      ctr_inc(d->ctr, CTR_TCP_OUT_OF_WINDOW);
      return;
    }
    handshake(d, f, end, p);
  }
  if (p->tcp_flags & TCP_RST) {
    reset_take(d, f, end, p);
    return;
  }
  if (s->known == SEQ_UNKNOWN) know(s, p->seq, SEQ_GUESSED);
  if (p->tcp_flags & TCP_ACK) take_ack(d, f, end, p);
  bool data = p->payload_wire > 0;
  if (data || (p->tcp_flags & TCP_FIN))
    take_data(d, f, end, p);
  else if (s->payload && p->seq + 1 == s->top && (p->tcp_flags & TCP_ACK))
    ctr_inc(d->ctr, CTR_TCP_KEEPALIVE);
  if (unsettled(f)) pump_run(d, f);
  settle(d, f, end, p);
}
