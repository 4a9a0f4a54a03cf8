/* SPDX-License-Identifier: Apache-2.0 */
/* Resets (RFC 5961): which end a connection, which are forged, and which only time will tell. */
#include "dissect/flow.h"

enum { WINDOW = 1 << 20 };

/* RFC 5961: only the exact sequence resets; within the window it may be real where bytes were lost; else it is forged. */
void reset_take(struct dissect *d, struct flow *f, int end, const struct packet *p) {
  struct flow_side *s = &f->side[end], *o = &f->side[!end];
  bool syn_only = s->payload + o->payload == 0 && !((s->flags & o->flags) & TCP_SYN);
  bool acks_all = (p->tcp_flags & TCP_ACK) && o->known && p->ack == o->top;
  int64_t off = s->known ? stream_off(f, end, p->seq) : -1;
  uint64_t next = f->tcp ? f->tcp->st[end].next : 0, top = stream_top(f, end);
  bool exact = off >= 0 && (((uint64_t)off == s->acked && s->acked <= top) || (uint64_t)off == next ||
                            (uint64_t)off == top || (uint64_t)off == top + 1);
  if (syn_only ? acks_all || exact : exact) {
    f->was_reset = true;
    if (f->tcp) f->tcp->st[end].soft_reset = OFF_NONE;
    f->refused = syn_only && flow_dir(f, end) == DIR_RESPONSE;
    if (f->tcp && f->tcp->st[end].reset == OFF_NONE)
      f->tcp->st[end].reset = (uint64_t)off > top ? (uint64_t)off : top;
  } else if (off >= 0 && (uint64_t)off >= s->acked && (uint64_t)off <= top + WINDOW) {
    f->soft_reset = true;
    if (f->tcp) f->tcp->st[end].soft_reset = (uint64_t)off;
  } else {
    stream_anomaly(f, ANOMALY_RESET_BAD_SEQ);
    return;
  }
  flow_set_class(d, f, CLASS_CLOSING);
}

/* Data of its sender after a reset within the window: what goes past it refutes it, what lies before was perhaps late. */
void reset_doubt(struct flow *f, int end, const struct packet *p) {
  struct stream *st = f->tcp ? &f->tcp->st[end] : NULL;
  if (st && st->soft_reset == OFF_NONE) return;
  f->soft_data = true;
  if (st && stream_off(f, end, p->seq + p->payload_wire) <= (int64_t)st->soft_reset) return;
  if (st) st->soft_reset = OFF_NONE;
  f->soft_reset = false;
  stream_anomaly(f, ANOMALY_RESET_BAD_SEQ);
}

void reset_believe(struct flow *f) {
  for (int end = 0; f->tcp && !f->soft_data && end < 2; end++) {
    uint64_t at = f->tcp->st[end].soft_reset;
    if (at != OFF_NONE && at > f->side[end].acked) f->side[end].acked = at;
  }
}

void reset_settle(struct flow *f) {
  for (int end = 0; f->tcp && end < 2; end++)
    if (f->tcp->st[end].soft_reset == f->tcp->st[end].next)
      f->was_reset = true;
    else if (f->tcp->st[end].soft_reset != OFF_NONE && f->soft_data)
      stream_anomaly(f, ANOMALY_RESET_BAD_SEQ);
}
