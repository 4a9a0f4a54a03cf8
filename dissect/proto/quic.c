/* SPDX-License-Identifier: Apache-2.0 */
/* QUIC handshakes as far as everybody can read them: Initial packets with the hellos in them (RFC 9000, RFC 9001, RFC 9369). */
#include "base/err.h"
#include "base/mem.h"
#include "dissect/dissector.h"
#include "dissect/proto/quic_packet.h"
#include "dissect/proto/tls_facts.h"

#include <netinet/in.h>

enum { HELLO_MOST = 32768, PIECES = 64, HS_CLIENT_HELLO = 1, HS_SERVER_HELLO = 2, LATE = 64 };

/* Handshake bytes of one direction, put together from CRYPTO frames in any order. */
struct quic_stream {
  struct buf bytes;
  struct {
    uint32_t from, to;
  } piece[PIECES]; /* in order, apart */
  unsigned pieces;
  uint64_t next; /* packet number expected */
  uint32_t at;   /* where the message that is waited for begins */
  bool told;     /* its hello was read */
};
struct quic_state {
  struct txn *t;
  struct quic_keys keys[2];
  struct quic_stream way[2];
  uint32_t datagrams;
  bool keyed, retried, done;
};

static enum probe probe(struct span head, enum dir d) {
  struct quic_packet p;
  struct span rest = head;
  (void)d;
  if (head.len < 32 || !(head.base[0] & 0x80) || quic_packet_next(&rest, &p) < 0) return PROBE_NO;
  return p.dcid.len + p.scid.len ? PROBE_YES : PROBE_NO;
}

/* A client pads its first datagrams; its connection ids are its own choice, at least eight bytes (RFC 9000 7.2, 14.1). */
static int side(struct span head) {
  struct quic_packet p;
  struct span rest = head;
  struct quic_keys keys[2];
  uint64_t next = 0;
  if (quic_packet_next(&rest, &p) < 0 || p.kind != QUIC_INITIAL || p.dcid.len < 8) return -1;
  uint8_t small[2048], *large = p.whole.len > sizeof small ? mem_alloc(p.whole.len) : NULL;
  uint8_t *out = p.whole.len > sizeof small ? large : small;
  bool own = out && quic_crypto_keys(p.version, p.dcid, keys) >= 0 &&
             quic_packet_open(&p, &keys[0], &next, out) >= 0;
  mem_free(large);
  return own ? DIR_REQUEST : DIR_RESPONSE;
}

static bool add_piece(struct quic_stream *w, uint32_t from, uint32_t to) {
  unsigned i = 0, k;
  while (i < w->pieces && w->piece[i].to < from) i++;
  for (k = i; k < w->pieces && w->piece[k].from <= to; k++) {
    if (w->piece[k].from < from) from = w->piece[k].from;
    if (w->piece[k].to > to) to = w->piece[k].to;
  }
  if (k == i) {
    if (w->pieces == PIECES) return false;
    memmove(&w->piece[i + 1], &w->piece[i], (w->pieces - i) * sizeof w->piece[0]);
    w->pieces++;
  } else {
    memmove(&w->piece[i + 1], &w->piece[k], (w->pieces - k) * sizeof w->piece[0]);
    w->pieces -= k - i - 1;
  }
  w->piece[i].from = from;
  w->piece[i].to = to;
  return true;
}

static void on_crypto(void *user, uint64_t off, struct span data) {
  struct quic_stream *w = user;
  uint64_t end = off + data.len;
  if (w->told || !data.len || off > HELLO_MOST || end > HELLO_MOST) return;
  if (end > w->bytes.len) {
    if (buf_reserve(&w->bytes, (size_t)end - w->bytes.len) < 0) return;
    memset(w->bytes.base + w->bytes.len, 0, (size_t)end - w->bytes.len);
    w->bytes.len = (size_t)end;
  }
  if (add_piece(w, (uint32_t)off, (uint32_t)end)) memcpy(w->bytes.base + off, data.base, data.len);
}

/* The hello that is waited for, once it is whole. */
static bool hello(const struct quic_stream *w, uint8_t type, struct span *body) {
  size_t have = w->pieces && w->piece[0].from == 0 ? w->piece[0].to : 0;
  if (have < w->at + 4) return false;
  const uint8_t *p = w->bytes.base + w->at;
  have -= w->at;
  if (p[0] != type) return false;
  size_t len = (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
  *body = span_of(p + 4, len);
  return have >= 4 + len;
}

static struct txn *txn_of(struct quic_state *st, struct dissect_ctx *cx, const struct quic_packet *p) {
  if (st->t || !(st->t = txn_open(cx, "quic"))) return st->t;
  st->t->kind = TXN_TLS;
  txn_fact_str(st->t, "tapscope.quic.version", span_str(p->version->name));
  for (int d = 0; d < 2; d++) buf_init(&st->way[d].bytes, cx->budget, HELLO_MOST);
  return st->t;
}

static void settle(struct quic_state *st, struct dissect_ctx *cx, bool established) {
  struct txn *t = st->t;
  if (st->done || !t) return;
  st->done = true;
  st->t = NULL;
  for (int d = 0; d < 2; d++) buf_done(&st->way[d].bytes);
  if (st->way[DIR_REQUEST].told || st->way[DIR_RESPONSE].told) {
    txn_fact_bool(t, "tls.established", established);
    if (st->retried) txn_fact_bool(t, "tapscope.quic.retry", true);
    txn_close(cx, t);
  } else {
    txn_drop(cx, t);
  }
}

static void read_hellos(struct quic_state *st, enum dir d, struct txn *t) {
  struct quic_stream *w = &st->way[d];
  struct span body;
  if (w->told || !hello(w, d == DIR_REQUEST ? HS_CLIENT_HELLO : HS_SERVER_HELLO, &body)) return;
  w->told = true;
  if (d == DIR_REQUEST)
    tls_facts_client(t, body, 'q');
  else if (!tls_facts_server(t, body)) { /* a HelloRetryRequest: the next hello follows behind it */
    w->told = false;
    w->at += 4 + (uint32_t)body.len;
  }
}

/* Open with the keys at hand; a client's packet also by its own id: the first of all, and the one after a Retry. */
static long open_packet(struct quic_state *st, const struct quic_packet *p, enum dir d, uint8_t *out) {
  struct quic_keys fresh[2];
  uint64_t next = 0;
  long n = st->keyed ? quic_packet_open(p, &st->keys[d], &st->way[d].next, out) : ERR_SYNTAX;
  if (n >= 0 || d != DIR_REQUEST || quic_crypto_keys(p->version, p->dcid, fresh) < 0) return n;
  n = quic_packet_open(p, &fresh[d], &next, out);
  if (n < 0) return n;
  memcpy(st->keys, fresh, sizeof fresh);
  st->keyed = true;
  st->way[d].next = next;
  return n;
}

static void initial(struct quic_state *st, struct dissect_ctx *cx, const struct quic_packet *p,
                    struct chunk in) {
  struct txn *t = txn_of(st, cx, p);
  uint8_t *out = t ? mem_alloc(p->whole.len) : NULL;
  uint64_t closed = 0;
  if (t && !out) ctr_inc(cx->ctr, CTR_DISSECT_MEMORY);
  if (!out) return;
  long n = open_packet(st, p, in.dir, out);
  if (n >= 0) {
    struct side *s = &t->side[in.dir];
    if (!s->seen) s->first_ns = in.first_ns;
    s->seen = true;
    s->last_ns = in.ns;
    s->wire_bytes += p->whole.len;
    quic_packet_frames(span_of(out, (size_t)n), on_crypto, &st->way[in.dir], &closed);
    read_hellos(st, in.dir, t);
    if (closed && !txn_fact(t, "tapscope.quic.close")) {
      txn_fact_u64(t, "tapscope.quic.close", closed - 1);
      t->outcome = TXN_ERROR;
    }
  }
  mem_free(out);
}

static struct parse parse(void *state, struct dissect_ctx *cx, struct chunk in) {
  struct quic_state *st = state;
  struct parse ok = {.status = PARSE_OK, .used = in.data.len};
  struct span rest = in.data;
  struct quic_packet p;
  if (st->done) return ok;
  bool both = st->way[0].told && st->way[1].told, later = rest.len && !(rest.base[0] & 0x80);
  while (rest.len && quic_packet_next(&rest, &p) == 0) {
    if (p.kind == QUIC_INITIAL) initial(st, cx, &p, in);
    if (p.kind == QUIC_RETRY) st->retried = true;
    if (p.kind == QUIC_HANDSHAKE) later = true;
  }
  if (in.snapped && st->t) st->t->side[in.dir].unseen |= UNSEEN_SNAPLEN;
  if (both && later && in.dir == DIR_REQUEST)
    settle(st, cx, true);
  else if (++st->datagrams >= LATE)
    settle(st, cx, both);
  return ok;
}

static void finish(void *state, struct dissect_ctx *cx, enum end why) {
  struct quic_state *st = state;
  (void)why;
  settle(st, cx, st->way[0].told && st->way[1].told && st->t && st->t->outcome == TXN_OK);
}

const struct dissector dissector_quic = {
    .name = "quic",
    .transport = IPPROTO_UDP,
    .ports = {443},
    .state_size = sizeof(struct quic_state),
    .probe = probe,
    .parse = parse,
    .finish = finish,
    .side = side,
};
