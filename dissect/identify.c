/* SPDX-License-Identifier: Apache-2.0 */
/* Which protocol is this? Every row's probe over the first bytes; ports only choose the order. */
#include "dissect/flow.h"
#include "dissect/proxied.h"

enum {
  LATE_BYTES = 96 << 10 /* looked at in a flow whose beginning was not seen */,
  DATAGRAM_TRIES = 16,
  TURN_BYTES = 16, /* by then a method or a version that the wrong end sends has ended */
  HELLO_REACH = 16384
};

static bool hinted(const struct dissector *row, const struct conn *c) {
  for (int i = 0; i < 8 && row->ports[i]; i++)
    if (row->ports[i] == c->sport || row->ports[i] == c->cport) return true;
  return false;
}

/* Who sent the SYN may be served: calls are made back over a connection, and handshakes can be split to mislead. */
static enum probe turned(const struct dissector *row, struct span head, enum dir *dir) {
  enum dir other = *dir == DIR_REQUEST ? DIR_RESPONSE : DIR_REQUEST;
  enum probe r = row->probe(head, other);
  bool known = other == DIR_REQUEST && row->cut(head);
  if (r == PROBE_YES && other == DIR_REQUEST && !known) return PROBE_NO;
  if (r == PROBE_YES) *dir = other;
  return r == PROBE_MAYBE && head.len >= TURN_BYTES && !known ? PROBE_NO : r;
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
  return r == PROBE_NO && sure && row->cut ? turned(row, head, dir) : r;
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

/* Whether h[0..n) may begin a record that one ClientHello fills. */
static bool hello_begins(const uint8_t *h, size_t n) {
  static const uint8_t want[] = {22, 3};
  for (size_t i = 0; i < n && i < sizeof want; i++)
    if (h[i] != want[i]) return false;
  if (n > 2 && h[2] > 4) return false;
  if (n > 5 && h[5] != 1) return false;
  if (n > 6 && h[6] != 0) return false;
  return n < STREAM_HELLO || (h[3] << 8 | h[4]) == (h[7] << 8 | h[8]) + 4;
}

bool identify_hello(struct dissect *d, struct flow *f, int end, struct chunk c) {
  struct stream *st = &f->tcp->st[end];
  const struct dissector *tls = c.off < HELLO_REACH && !c.gap ? dissector_find("tls") : NULL;
  for (size_t i = 0; tls && i < c.data.len; i++) {
    if (!st->hello_len) i += span_index(span_skip(c.data, i), 22);
    if (i >= c.data.len) break;
    st->hello[st->hello_len++] = c.data.base[i];
    while (st->hello_len && !hello_begins(st->hello, st->hello_len))
      memmove(st->hello, st->hello + 1, --st->hello_len);
    if (st->hello_len < STREAM_HELLO) continue;
    st->hello_len = 0;
    const char *name = f->name;
    if (flow_dir(f, end) != DIR_REQUEST && !f->client_sure) flow_swap(f);
    if (!feed_start(d, f, tls, NULL)) return false;
    if (name[0]) f->name = name; /* what TLS was asked for in */
    struct chunk head = c;
    head.data = span_of(st->hello, STREAM_HELLO);
    head.off = c.off + i + 1 - STREAM_HELLO;
    head.dir = c.dir = flow_dir(f, end);
    feed_data(d, f, end, head);
    c.data = span_skip(c.data, i + 1);
    c.off += i + 1;
    if (c.data.len) feed_data(d, f, end, c);
    return true;
  }
  return false;
}

/* Bytes before a record that begins with a ServerHello or an alert, or before what may become one. */
static size_t before_hello(struct span s) {
  for (size_t i = 0; i < s.len; i++) {
    const uint8_t *h = s.base + i;
    size_t n = s.len - i;
    bool hello = h[0] == 22 && (n < 6 || h[5] == 2), alert = h[0] == 21 && (n < 5 || (!h[3] && h[4] == 2));
    if ((hello || alert) && (n < 2 || h[1] == 3) && (n < 3 || h[2] <= 4)) return i;
  }
  return s.len;
}

/* Bytes kept for identification go to nDPI, and may hold the beginning of TLS. */
static void hand_over(struct dissect *d, struct flow *f, int end) {
  struct stream *st = &f->tcp->st[end];
  struct buf kept = st->rest;
  struct chunk c = {.data = buf_span(&kept),
                    .off = st->rest_off,
                    .ns = st->rest_ns,
                    .first_ns = st->rest_ns,
                    .order = st->rest_order,
                    .ack = st->rest_ack,
                    .dir = flow_dir(f, end)};
  buf_init(&st->rest, kept.budget, kept.cap);
  if (f->ident == IDENT_DONE) {
    size_t skip = before_hello(c.data); /* what the other end said before TLS is none of it */
    c.data = span_skip(c.data, skip);
    c.off += skip;
  }
  if (c.data.len) feed_data(d, f, end, c);
  buf_done(&kept);
}

void identify_give_up(struct dissect *d, struct flow *f) {
  f->ident = IDENT_NONE;
  ctr_inc(d->ctr, CTR_DISSECT_UNKNOWN);
  if (!f->tcp) return;
  const struct stream *st = f->tcp->st;
  int first = st[1].rest.len && (!st[0].rest.len || st[1].rest_order < st[0].rest_order);
  hand_over(d, f, first);
  hand_over(d, f, !first);
}

static void drop_rest(struct flow *f, int end) { buf_reset(&f->tcp->st[end].rest); }

/* TLS records from the first byte to the last: a connection older than the capture tells no more. */
static bool tls_records(struct span s) {
  unsigned n = 0;
  while (s.len >= 5 && s.base[0] >= 20 && s.base[0] <= 23 && s.base[1] == 3 && s.base[2] >= 1 &&
         s.base[2] <= 4) {
    size_t len = (size_t)s.base[3] << 8 | s.base[4];
    if (len < 16 || len > 16384 + 2048)
      return false; /* shorter than any cipher's tag, RFC 8446, 5.2; RFC 5246, 6.2.3 */
    if (5 + len > s.len) return s.base[0] == 23 && s.base[2] == 3; /* the rest of its data follows */
    n++;
    s = span_skip(s, 5 + len);
  }
  return n && !s.len;
}

/* No row knows these bytes. */
static void none(struct dissect *d, struct flow *f, int end, struct chunk c, bool kept) {
  struct stream *st = &f->tcp->st[end], *other = &f->tcp->st[!end];
  if (f->late) {
    bool tls = f->tcp && !kept && tls_records(c.data);
    if (tls && !f->name[0]) f->name = dissector_find("tls")->name;
    ndpi_name(d, f, end, kept ? buf_span(&st->rest) : c.data, c.ns);
    st->tries += (uint32_t)(kept ? st->rest.len : c.data.len);
    drop_rest(f, end);
    if (st->tries < LATE_BYTES) return;
    st->verdict = VERDICT_NO; /* the other side's next message may still tell */
    if (other->verdict == VERDICT_NO || !f->side[!end].packets) identify_give_up(d, f);
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

/* The header of a load balancer at the beginning of a connection is taken off: off c, or off what is kept. */
static enum probe balanced(struct flow *f, int end, struct chunk *c, bool *kept) {
  struct stream *st = &f->tcp->st[end];
  struct proxied p;
  if ((*kept ? st->rest_off : c->off) || (f->client_sure && flow_dir(f, end) != DIR_REQUEST)) return PROBE_NO;
  enum probe r = proxied_read(*kept ? buf_span(&st->rest) : c->data, &p);
  if (r != PROBE_YES) return r;
  if (flow_dir(f, end) != DIR_REQUEST) flow_swap(f);
  f->client_sure = true;
  c->dir = DIR_REQUEST;
  f->conn.has_outer = p.named;
  if (p.named) memcpy(f->conn.outer, p.client, sizeof f->conn.outer);
  if (*kept) {
    buf_drop(&st->rest, p.len);
    st->rest_off += p.len;
    st->rest_ns = c->ns;
    *kept = st->rest.len > 0;
    c->data = span_of(NULL, 0);
  } else {
    c->data = span_skip(c->data, p.len);
    c->off += p.len;
  }
  return r;
}

void identify_data(struct dissect *d, struct flow *f, int end, struct chunk c) {
  struct stream *st = &f->tcp->st[end];
  bool kept = st->rest.len > 0;
  if (kept && feed_keep(d, f, end, &c) < 0) {
    identify_give_up(d, f);
    return;
  }
  enum probe header = balanced(f, end, &c, &kept);
  struct span head = kept ? buf_span(&st->rest) : c.data;
  if (header == PROBE_YES && !head.len) return;
  if (header == PROBE_MAYBE) {
    if (!kept && feed_keep(d, f, end, &c) < 0) identify_give_up(d, f);
    return;
  }
  bool maybe = false;
  const struct dissector *row = st->verdict == VERDICT_NO ? NULL : find(f, end, head, &maybe);
  if (!row && !maybe && kept && f->late) { /* what was kept may be the tail of something else */
    struct span before = buf_span(&st->rest);
    st->tries += (uint32_t)(before.len - c.data.len);
    ndpi_name(d, f, end, span_head(before, before.len - c.data.len), c.ns);
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

/* What was kept before the hole is all that will be known of the first message. */
static bool begin_cut(struct dissect *d, struct flow *f, int end) {
  struct span head = buf_span(&f->tcp->st[end].rest);
  for (const struct dissector *const *row = dissector_table; head.len && *row; row++) {
    if ((*row)->transport != f->conn.proto || !(*row)->cut || !(*row)->cut(head)) continue;
    if (flow_dir(f, end) != DIR_REQUEST) {
      if (f->client_sure) return false;
      flow_swap(f);
    }
    f->client_sure = true;
    if (!feed_start(d, f, *row, NULL)) return false;
    feed_rest(d, f);
    return true;
  }
  return false;
}

void identify_gap(struct dissect *d, struct flow *f, int end) {
  if (begin_cut(d, f, end)) return;
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
