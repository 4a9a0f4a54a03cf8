/* SPDX-License-Identifier: Apache-2.0 */
/* UDP flows: each datagram is one chunk. */
#include "dissect/flow.h"

void udp_packet(struct dissect *d, struct flow *f, int end, const struct packet *p) {
  struct span s = packet_payload(p);
  if (!s.len) return;
  if (f->ident == IDENT_OPEN) {
    const struct dissector *row = identify_datagram(f, end, s);
    if (row)
      feed_start(d, f, row, NULL);
    else
      ndpi_name(d, f, end, s, p->ns);
  }
  if (f->ident != IDENT_DONE) return;
  struct chunk c = {.data = s,
                    .off = f->side[end].payload - p->payload_wire,
                    .snapped = p->payload_wire > s.len,
                    .ns = p->ns,
                    .first_ns = p->ns,
                    .order = p->order,
                    .dir = flow_dir(f, end)};
  struct dissect_ctx *cx = feed_ctx(d, f);
  struct parse r = f->proto->parse(f->state, cx, c);
  feed_ctx_done(d, f);
  if (r.status == PARSE_OK) return;
  ctr_inc(d->ctr, CTR_DISSECT_LOST_SYNC);
  feed_finish(d, f, END_EVICTED);
  f->ident = IDENT_NONE;
}
