/* SPDX-License-Identifier: Apache-2.0 */
/* Pairs of answers that name no request, after a loss: told by what the client had received when it asked. */
#include "dissect/inorder.h"

static const uint64_t quiet_ns = 100000000;

bool inorder_ask(struct inorder *o, const struct chunk *in, unsigned waiting) {
  bool later = !o->begun || in->ack > o->recv;
  bool quiet = !o->begun || (in->ns > o->last_ns && in->ns - o->last_ns >= quiet_ns);
  bool fresh = o->lossy && later && (!o->overlaps || quiet);
  if (!o->lossy && later && waiting) {
    if (o->ever) /* its answer was taken for that of one that came late */
      fresh = !o->overlaps;
    else
      o->overlaps = true;
  }
  if (fresh) {
    o->lossy = in->ack < o->hole_to; /* of its own answer some may be lost */
    o->sure = 1;
  }
  if (later) o->recv = in->ack;
  o->begun = true;
  o->last_ns = in->ns;
  return fresh;
}

bool inorder_answer(struct inorder *o, const struct chunk *in) {
  o->last_ns = in->ns;
  if (!o->lossy) return true;
  if (!o->sure) return false;
  o->sure--;
  return true;
}

void inorder_gap(struct inorder *o, const struct chunk *in, unsigned sure) {
  if (!o->lossy || sure < o->sure) o->sure = sure;
  o->lossy = o->ever = true;
  if (in->dir == DIR_RESPONSE) o->hole_to = in->off + in->gap + in->data.len;
}

uint32_t inorder_hit(const struct inorder *o, const struct chunk *in) {
  return in->ack < o->hole_to ? UNSEEN_GAP : 0;
}
