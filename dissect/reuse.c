/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a packet begins another connection on the addresses and ports of one that is followed (RFC 9293 3.6.1, RFC 6191). */
#include "dissect/flow.h"

enum {
  LATE_SYN = 1000000000, /* ns after which a SYN is no longer late */
  EARLIER = 1 << 20,     /* bytes before the first segment of a stream that may still come */
  FOREIGN = 1 << 18,     /* bytes from the end of a closed connection that show another one */
};

static bool over(const struct flow *f) {
  return f->done || f->was_reset || (f->side[0].flags & f->side[1].flags & TCP_FIN);
}

static bool syn_is_reuse(struct flow *f, int end, const struct packet *p) {
  const struct flow_side *s = &f->side[end], *o = &f->side[!end];
  bool quiet = f->side[0].payload + f->side[1].payload == 0;
  if (s->known == SEQ_SYN && s->seq0 == p->seq + 1) return false;
  uint64_t age = p->ns - f->conn.first_ns;
  bool before = s->known == SEQ_GUESSED && s->seq0 - (p->seq + 1) < FOREIGN;
  if (before && pump_opening(f) && age < LATE_SYN / 100) return false;
  if (over(f)) return true;
  if (s->known == SEQ_UNKNOWN) return false;
  if (s->known == SEQ_SYN && quiet) return true;
  if (quiet && (o->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN && !(s->flags & TCP_SYN))
    return false; /* a split handshake */
  if (before && age < LATE_SYN) return false;
  f->has_resyn = true;
  f->refused_syn = false;
  f->resyn = p->seq;
  f->resyn_end = end;
  return false;
}

/* The true SYN-ACK, after a forged reset or data had come in its place. */
static bool answers_after_all(const struct flow *f, int end, const struct packet *p) {
  const struct flow_side *s = &f->side[end], *o = &f->side[!end];
  bool syn_ack = (p->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST)) == (TCP_SYN | TCP_ACK);
  return syn_ack && s->known != SEQ_SYN && o->known == SEQ_SYN && p->ack == o->seq0 && !o->payload &&
         (f->was_reset || s->payload) && f->ident != IDENT_DONE && s->seq0 - (p->seq + 1) >= EARLIER;
}

/* A SYN-ACK whose acknowledgement lies outside all that the other end sent on this connection. */
static bool answers_other(const struct flow_side *s, const struct flow_side *o, const struct packet *p) {
  if (p->ack - o->seq0 <= o->top + 1 - o->seq0) return false;
  return s->known == SEQ_SYN || o->seq0 - p->ack >= EARLIER;
}

bool reuse_begins(struct flow *f, int end, const struct packet *p) {
  const struct flow_side *s = &f->side[end], *o = &f->side[!end];
  if ((p->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN) return syn_is_reuse(f, end, p);
  if (f->has_resyn) {
    if ((p->tcp_flags & TCP_SYN) && !f->refused_syn && f->resyn_end != end && p->ack == f->resyn + 1)
      return true;
    if (!(p->tcp_flags & (TCP_SYN | TCP_RST)) && f->resyn_end == end && p->seq == f->resyn + 1) return true;
  }
  if (answers_after_all(f, end, p)) return true;
  if (!over(f) || s->known == SEQ_UNKNOWN) return false;
  uint32_t ahead = p->seq - s->top, behind = s->top - p->seq;
  if (p->tcp_flags & TCP_SYN)
    return s->seq0 != p->seq + 1 && (f->done ? s->known == SEQ_SYN : answers_other(s, o, p));
  return p->payload_wire > 0 && ahead > FOREIGN && behind > FOREIGN;
}
