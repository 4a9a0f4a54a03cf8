/* SPDX-License-Identifier: Apache-2.0 */
/* TLS 1.0–1.3 and TLCP handshakes (RFC 8446, 5246; GB/T 38636-2020); what follows is encrypted and skipped. */
#include "base/err.h"
#include "base/reader.h"
#include "dissect/dissector.h"
#include "dissect/proto/tls_cert.h"
#include "dissect/proto/tls_facts.h"

#include <netinet/in.h>

enum { REC_CCS = 20, REC_ALERT = 21, REC_HANDSHAKE = 22, REC_DATA = 23 };
enum {
  HS_CLIENT_HELLO = 1,
  HS_SERVER_HELLO = 2,
  HS_CERTIFICATE = 11,
  HS_KEY_EXCHANGE = 12,
  CHAIN_MOST = 16,
  NAMED_CURVE = 3
};
enum { TLS_RECORD_MAX = 16384 + 2048, TLS_MESSAGE_MAX = 128 * 1024 };

struct tls_state {
  struct txn *txn;
  struct buf message[2]; /* handshake bytes of one direction, records' heads taken out */
  bool encrypted[2], done, certified;
};

static bool record_head(struct span s, uint8_t *type, size_t *len) {
  *type = s.base[0];
  *len = (size_t)s.base[3] << 8 | s.base[4];
  bool version = (s.base[1] == 3 && s.base[2] <= 4) || (s.base[1] == 1 && s.base[2] == 1);
  return version && *type >= REC_CCS && *type <= 24 && *len <= TLS_RECORD_MAX;
}

static enum probe probe(struct span head, enum dir d) {
  uint8_t type;
  size_t len;
  (void)d;
  if (head.len == 0) return PROBE_MAYBE;
  if (head.base[0] != REC_HANDSHAKE) return PROBE_NO;
  if (head.len < 6) return PROBE_MAYBE;
  if (!record_head(head, &type, &len) || len < 4) return PROBE_NO;
  return head.base[5] == HS_CLIENT_HELLO || head.base[5] == HS_SERVER_HELLO ? PROBE_YES : PROBE_NO;
}

static int side(struct span head) {
  if (head.len < 6 || probe(head, DIR_REQUEST) != PROBE_YES) return -1;
  return head.base[5] == HS_CLIENT_HELLO ? DIR_REQUEST : DIR_RESPONSE;
}

static struct txn *txn_of(struct tls_state *st, struct dissect_ctx *cx) {
  if (!st->txn && !st->done && (st->txn = txn_open(cx, "tls"))) st->txn->kind = TXN_TLS;
  return st->txn;
}

static void see(struct txn *t, struct chunk in) {
  struct side *s = &t->side[in.dir];
  if (!s->seen) s->first_ns = in.first_ns;
  s->seen = true;
  s->last_ns = in.ns;
}

static void certificate(struct txn *t, enum dir d, struct span body, uint64_t ns) {
  struct reader r = reader_of(body);
  struct reader list = reader_of(reader_take(&r, reader_u24be(&r)));
  bool bad = false;
  for (unsigned n = 0; reader_left(&list) && n < CHAIN_MOST; n++) {
    struct span der = reader_take(&list, reader_u24be(&list));
    if (list.bad) break;
    if (n == 0)
      bad = tls_cert_facts(t, d, der, ns) < 0;
    else if (d == DIR_RESPONSE)
      bad |= tls_cert_chain(t, der, ns) < 0;
  }
  if (bad) t->anomalies |= ANOMALY_BIT(ANOMALY_PROTOCOL_ERROR);
}

/* Whole handshake messages at the front of the direction's buffer. */
static void messages(struct tls_state *st, struct dissect_ctx *cx, enum dir d) {
  struct buf *b = &st->message[d];
  size_t used = 0;
  while (b->len - used >= 4) {
    const uint8_t *p = b->base + used;
    size_t len = (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
    if (len > TLS_MESSAGE_MAX) {
      st->encrypted[d] = true;
      break;
    }
    if (b->len - used < 4 + len) break;
    struct span body = span_of(p + 4, len);
    struct txn *t = txn_of(st, cx);
    if (t && p[0] == HS_CLIENT_HELLO) tls_facts_client(t, body, 't');
    if (t && p[0] == HS_SERVER_HELLO) (void)tls_facts_server(t, body);
    if (t && p[0] == HS_CERTIFICATE) certificate(t, d, body, cx->ns);
    if (t && p[0] == HS_CERTIFICATE && d == DIR_RESPONSE) st->certified = true;
    if (t && p[0] == HS_KEY_EXCHANGE && d == DIR_RESPONSE && body.len > 3 && body.base[0] == NAMED_CURVE)
      tls_facts_curve(t, (uint16_t)(body.base[1] << 8 | body.base[2]));
    used += 4 + len;
  }
  buf_drop(b, used);
}

static void settle(struct tls_state *st, struct dissect_ctx *cx, bool established) {
  if (st->done) return;
  st->done = true;
  struct txn *t = st->txn;
  st->txn = NULL;
  buf_done(&st->message[0]);
  buf_done(&st->message[1]);
  if (!t) return;
  txn_fact_bool(t, "tls.established", established);
  bool old = span_eq(t->version, SPAN_LIT("1.2")) || span_eq(t->version, SPAN_LIT("1.1")) ||
             span_eq(t->version, SPAN_LIT("1.0"));
  if (established && old && !st->certified && !txn_unseen(t)) txn_fact_bool(t, "tls.resumed", true);
  txn_close(cx, t);
}

static void record(struct tls_state *st, struct dissect_ctx *cx, struct chunk in, uint8_t type,
                   struct span body) {
  struct txn *t = txn_of(st, cx);
  if (!t) return;
  see(t, in);
  t->side[in.dir].wire_bytes += body.len + 5;
  if (type == REC_HANDSHAKE && !st->encrypted[in.dir]) {
    st->message[in.dir].budget = cx->budget;
    st->message[in.dir].cap = TLS_MESSAGE_MAX + 4;
    int rc = buf_put(&st->message[in.dir], body);
    if (rc == ERR_NOMEM) ctr_inc(cx->ctr, CTR_DISSECT_MEMORY);
    if (rc < 0)
      st->encrypted[in.dir] = true;
    else
      messages(st, cx, in.dir);
  } else if (type == REC_CCS) {
    st->encrypted[in.dir] = true;
  } else if (type == REC_ALERT && body.len == 2 && !st->encrypted[in.dir]) {
    txn_fact_u64(t, "tapscope.tls.alert", body.base[1]);
    if (body.base[0] == 2) t->outcome = TXN_ERROR;
  }
  bool both = t->side[0].seen && t->side[1].seen;
  if (type == REC_DATA) settle(st, cx, both && t->outcome == TXN_OK);
}

static struct parse parse(void *state, struct dissect_ctx *cx, struct chunk in) {
  struct tls_state *st = state;
  size_t used = 0;
  if (st->done) return (struct parse){.status = PARSE_OK, .used = in.data.len};
  if (in.gap) {
    if (st->txn) st->txn->side[in.dir].unseen |= in.snapped ? UNSEEN_SNAPLEN : UNSEEN_GAP;
    if (st->txn) settle(st, cx, st->txn->outcome == TXN_OK);
    st->done = true;
    return (struct parse){.status = PARSE_OK};
  }
  while (in.data.len - used >= 5 && !st->done) {
    uint8_t type;
    size_t len;
    struct span rest = span_skip(in.data, used);
    if (!record_head(rest, &type, &len)) {
      settle(st, cx, false);
      break;
    }
    if (rest.len < 5 + len && type != REC_DATA)
      return (struct parse){.status = PARSE_OK, .used = used, .need = 5 + len};
    record(st, cx, in, type, span_head(span_skip(rest, 5), len));
    used += 5 + len;
  }
  if (st->done) used = in.data.len;
  return (struct parse){.status = PARSE_OK, .used = used, .need = 5};
}

static void finish(void *state, struct dissect_ctx *cx, enum end why) {
  struct tls_state *st = state;
  if (st->txn && why != END_FIN && why != END_RST) /* silence before it was through */
    for (int d = 0; d < 2; d++) st->txn->side[d].unseen |= st->txn->side[d].seen ? UNSEEN_UNFINISHED : 0;
  settle(st, cx, st->txn && st->txn->outcome == TXN_OK && st->encrypted[0]);
}

const struct dissector dissector_tls = {
    .name = "tls",
    .transport = IPPROTO_TCP,
    .ports = {443, 8443, 6443, 10250, 2379, 9093},
    .state_size = sizeof(struct tls_state),
    .probe = probe,
    .parse = parse,
    .finish = finish,
    .side = side,
};
