/* SPDX-License-Identifier: Apache-2.0 */
/* Which protocol is this? Every row's probe over the first bytes; ports only choose the order. */
#include "dissect/flow.h"

enum { LATE_TRIES = 64 /* chunks looked at in a flow whose beginning was not seen */, DATAGRAM_TRIES = 16 };

static bool hinted(const struct dissector *row, const struct conn *c) {
  for (int i = 0; i < 8 && row->ports[i]; i++)
    if (row->ports[i] == c->sport || row->ports[i] == c->cport) return true;
  return false;
}

/* *dir: the direction as guessed, and as found. */
static enum probe probe_row(const struct dissector *row, struct span head, enum dir *dir, bool sure) {
  enum probe r = row->probe(head, *dir);
  if (r == PROBE_NO && !sure) {
    enum dir other = *dir == DIR_REQUEST ? DIR_RESPONSE : DIR_REQUEST;
    r = row->probe(head, other);
    if (r == PROBE_YES) *dir = other;
  }
  if (r == PROBE_YES && !sure && row->side) {
    int side = row->side(head);
    if (side >= 0) *dir = (enum dir)side;
  }
  return r;
}

/* The row that says yes, or NULL; *maybe when one wants more bytes. Corrects the roles. */
static const struct dissector *find(struct flow *f, int end, struct span head, bool *maybe) {
  *maybe = false;
  for (int pass = 0; pass < 2; pass++)
    for (const struct dissector *const *row = dissector_table; *row; row++) {
      if ((*row)->transport != f->conn.proto || hinted(*row, &f->conn) != (pass == 0) || !(*row)->probe)
        continue;
      enum dir guess = flow_dir(f, end), dir = guess;
      enum probe r = probe_row(*row, head, &dir, f->client_sure);
      if (r == PROBE_MAYBE) *maybe = true;
      if (r != PROBE_YES) continue;
      if (dir != guess) flow_swap(f);
      f->client_sure = true;
      return *row;
    }
  return NULL;
}

void identify_give_up(struct dissect *d, struct flow *f) {
  f->ident = IDENT_NONE;
  ctr_inc(d->ctr, CTR_DISSECT_UNKNOWN);
  if (!f->tcp) return;
  for (int i = 0; i < 2; i++) {
    int end = i ? !f->client : f->client;
    struct stream *st = &f->tcp->st[end];
    if (st->rest.len) ndpi_name(d, f, end, buf_span(&st->rest), st->rest_ns);
    buf_done(&st->rest);
  }
}

static void drop_rest(struct flow *f, int end) { buf_reset(&f->tcp->st[end].rest); }

/* No row knows these bytes. */
static void none(struct dissect *d, struct flow *f, int end, struct chunk c, bool kept) {
  struct stream *st = &f->tcp->st[end], *other = &f->tcp->st[!end];
  if (f->late) {
    ndpi_name(d, f, end, kept ? buf_span(&st->rest) : c.data, c.ns);
    drop_rest(f, end);
    if (++st->tries >= LATE_TRIES) identify_give_up(d, f);
    return;
  }
  st->verdict = VERDICT_NO;
  if (!kept && feed_keep(d, f, end, &c) < 0) drop_rest(f, end);
  if (other->verdict == VERDICT_NO || st->rest.len >= (size_t)d->conf->max_probe_bytes)
    identify_give_up(d, f);
}

static void begin(struct dissect *d, struct flow *f, int end, const struct dissector *row, struct chunk c,
                  bool kept) {
  if (!feed_start(d, f, row, NULL)) return;
  feed_rest(d, f);
  if (kept) return;
  c.dir = flow_dir(f, end);
  feed_data(d, f, end, c);
}

void identify_data(struct dissect *d, struct flow *f, int end, struct chunk c) {
  struct stream *st = &f->tcp->st[end];
  bool kept = st->rest.len > 0;
  if (kept && feed_keep(d, f, end, &c) < 0) {
    identify_give_up(d, f);
    return;
  }
  struct span head = kept ? buf_span(&st->rest) : c.data;
  bool maybe = false;
  const struct dissector *row = st->verdict == VERDICT_NO ? NULL : find(f, end, head, &maybe);
  if (!row && !maybe && kept && f->late) { /* what was kept may be the tail of something else */
    drop_rest(f, end);
    kept = false;
    row = find(f, end, c.data, &maybe);
    head = c.data;
  }
  if (row)
    begin(d, f, end, row, c, kept);
  else if (maybe && head.len < (size_t)d->conf->max_probe_bytes) {
    if (!kept && feed_keep(d, f, end, &c) < 0) identify_give_up(d, f);
  } else
    none(d, f, end, c, kept);
}

void identify_gap(struct dissect *d, struct flow *f, int end) {
  (void)d;
  drop_rest(f, end);
  f->tcp->st[end].verdict = f->tcp->st[!end].verdict = VERDICT_OPEN;
  f->late = true;
}

const struct dissector *identify_datagram(struct flow *f, int end, struct span s) {
  if (f->datagrams >= DATAGRAM_TRIES) return NULL;
  f->datagrams++;
  bool maybe;
  return find(f, end, s, &maybe);
}
