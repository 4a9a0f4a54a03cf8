/* SPDX-License-Identifier: Apache-2.0 */
/* DNS over UDP and TCP (RFC 1035, 7766), mDNS (RFC 6762) and LLMNR (RFC 4795). */
#include "base/err.h"
#include "base/reader.h"
#include "dissect/dissector.h"
#include "dissect/proto/dns_message.h"

#include <netinet/in.h>
#include <stdio.h>

enum {
  DNS_PENDING = 64,
  DNS_ANSWERS = 256,
  PORT_MDNS = 5353,
  PORT_LLMNR = 5355,
  PORT_NETBIOS = 137,
  FLAG_RESPONSE = 0x8000
};

struct dns_state {
  struct txn *pending[DNS_PENDING];
  uint16_t id[DNS_PENDING];
  bool lost[2]; /* TCP: behind a hole, the next message is looked for */
};

/* A head that a resolver or server would send, and a first question that reads as one. */
static enum probe looks_so_far(struct span head, bool whole) {
  enum probe ends = whole ? PROBE_NO : PROBE_MAYBE;
  struct reader r = reader_of(head);
  reader_u16be(&r);
  uint16_t flags = reader_u16be(&r), qd = reader_u16be(&r), an = reader_u16be(&r), ns = reader_u16be(&r),
           ar = reader_u16be(&r);
  unsigned opcode = flags >> 11 & 15;
  if (r.bad) return ends;
  if (opcode > 5 || opcode == 3 || (flags & 0x40) || qd > 4 || ns > 64 || ar > 64 || an > 512)
    return PROBE_NO;
  if (!(flags & FLAG_RESPONSE) && (an || (flags & 0xf))) return PROBE_NO;
  if (qd == 0 && (an == 0 || !(flags & FLAG_RESPONSE))) return PROBE_NO;
  size_t octets = 0;
  for (uint8_t len; (len = reader_u8(&r)) != 0 && !r.bad; octets += len + 1u) {
    if ((len & 0xc0) == 0xc0) return qd ? PROBE_NO : PROBE_YES;
    if (len > 63 || octets > 254) return PROBE_NO;
    reader_skip(&r, len);
  }
  uint16_t type = reader_u16be(&r), class = reader_u16be(&r) & 0x7fff;
  if (r.bad) return ends;
  if (type == 0 || (type > 300 && type < 32768) || (class != 1 && class != 3 && class != 255))
    return PROBE_NO;
  return PROBE_YES;
}

static enum probe looks(struct span head) { return looks_so_far(head, true); }

static enum probe probe_udp(struct span head, enum dir d) {
  (void)d;
  return looks(head);
}

static enum probe probe_tcp(struct span head, enum dir d) {
  (void)d;
  if (head.len < 2) return PROBE_MAYBE;
  size_t len = (size_t)head.base[0] << 8 | head.base[1];
  if (len < 12 || len > 16384) return PROBE_NO;
  return looks_so_far(span_head(span_skip(head, 2), len), head.len >= 2 + len);
}

static int side_udp(struct span head) {
  return looks(head) == PROBE_YES ? (head.base[2] & 0x80 ? DIR_RESPONSE : DIR_REQUEST) : -1;
}

static int side_tcp(struct span head) {
  return head.len > 4 && probe_tcp(head, DIR_REQUEST) == PROBE_YES
             ? (head.base[4] & 0x80 ? DIR_RESPONSE : DIR_REQUEST)
             : -1;
}

static const char *flavour(const struct conn *c) {
  if (c->sport == PORT_MDNS || c->cport == PORT_MDNS) return "mdns";
  if (c->sport == PORT_NETBIOS || c->cport == PORT_NETBIOS) return "netbios"; /* RFC 1002, 4.2 */
  return c->sport == PORT_LLMNR ? "llmnr" : "dns";
}

static void add_question(struct txn *t, const struct dns_message *m) {
  char buf[16];
  if (txn_fact(t, "dns.question.name")) return;
  txn_fact_str(t, "dns.id", arena_printf(&t->arena, "%u", m->head.id));
  if (!m->question.name.base) return;
  txn_fact_str(t, "dns.question.name", m->question.name);
  const char *type = dns_message_type(m->question.type, buf);
  txn_fact_str(t, "dns.question.type", span_str(type));
  unsigned class = m->question.class & 0x7fff; /* the top bit is mDNS's wish for unicast */
  txn_fact_str(t, "dns.question.class",
               class == 1     ? SPAN_LIT("IN")
               : class == 255 ? SPAN_LIT("ANY")
                              : SPAN_LIT("CH"));
  t->service = SPAN_LIT("dns");
  t->operation = arena_printf(&t->arena, "%s %.*s", type, SPAN_FMT(m->question.name));
}

static void add_answers(struct txn *t, struct dns_message *m) {
  char buf[16];
  unsigned rcode = m->head.flags & 15;
  txn_fact_str(t, "dns.response_code", span_str(dns_message_rcode(rcode, buf)));
  txn_fact_u64(t, "tapscope.dns.answers_count", m->head.answers);
  t->status = (int)rcode;
  t->outcome = rcode ? TXN_ERROR : TXN_OK;
  for (unsigned i = 0; i < m->head.answers && i < DNS_ANSWERS; i++) {
    struct dns_answer a;
    int rc = dns_message_answer(m, &t->arena, &a);
    if (rc < 0) {
      if (rc == ERR_TRUNC)
        t->side[DIR_RESPONSE].unseen |= UNSEEN_SNAPLEN;
      else
        t->anomalies |= ANOMALY_BIT(ANOMALY_PROTOCOL_ERROR);
      return;
    }
    if (a.type == 1 || a.type == 28) txn_fact_add(t, "dns.resolved_ip", a.data);
    txn_fact_add(t, "tapscope.dns.answers",
                 arena_printf(&t->arena, "%.*s %u %s %.*s", SPAN_FMT(a.name), a.ttl,
                              dns_message_type(a.type, buf), SPAN_FMT(a.data)));
  }
}

static void fill_side(struct txn *t, enum dir d, struct chunk in, struct span msg) {
  struct side *s = &t->side[d];
  s->seen = s->complete = true;
  s->first_ns = in.gap ? in.ns : in.first_ns;
  s->last_ns = in.ns;
  s->wire_bytes = s->body_bytes = s->decoded_bytes = msg.len;
}

/* The question that this answers, taken out of the list. */
static struct txn *answered(struct dns_state *st, uint16_t id) {
  for (unsigned i = 0; i < DNS_PENDING; i++)
    if (st->pending[i] && st->id[i] == id) {
      struct txn *t = st->pending[i];
      st->pending[i] = NULL;
      return t;
    }
  return NULL;
}

static void keep(struct dns_state *st, struct dissect_ctx *cx, struct txn *t, uint16_t id) {
  unsigned at = 0, oldest = 0;
  for (; at < DNS_PENDING && st->pending[at]; at++)
    if (st->pending[at]->seq < st->pending[oldest]->seq) oldest = at;
  if (at == DNS_PENDING) {
    ctr_inc(cx->ctr, CTR_DISSECT_PENDING_CAP);
    at = oldest;
    st->pending[at]->side[DIR_RESPONSE].unseen |= UNSEEN_UNFINISHED;
    txn_close(cx, st->pending[at]);
  }
  st->pending[at] = t;
  st->id[at] = id;
}

static void message(struct dns_state *st, struct dissect_ctx *cx, struct chunk in, struct span msg,
                    bool cut) {
  if (msg.len < 12) return;
  bool response = (msg.base[2] & 0x80) != 0;
  uint16_t id = (uint16_t)(msg.base[0] << 8 | msg.base[1]);
  const char *name = flavour(cx->conn);
  struct txn *t = response && strcmp(name, "mdns") != 0 ? answered(st, id) : NULL;
  bool half = response && !t && cx->conn->proto == IPPROTO_TCP;
  if (!t) t = txn_open(cx, name);
  if (!t) return;
  const uint32_t why = UNSEEN_MIDSTREAM | UNSEEN_ONE_SIDED; /* said of halves when they are closed */
  if (half && !(cx->flow_unseen & why)) t->side[DIR_REQUEST].unseen |= UNSEEN_GAP;
  t->kind = TXN_DNS;
  struct dns_message m;
  enum dir d = response ? DIR_RESPONSE : DIR_REQUEST;
  int rc = dns_message_parse(msg, &t->arena, &m);
  fill_side(t, d, in, msg);
  if (cut)
    t->side[d].unseen |= UNSEEN_SNAPLEN;
  else if (rc == ERR_SYNTAX || rc == ERR_TRUNC)
    t->anomalies |= ANOMALY_BIT(ANOMALY_PROTOCOL_ERROR);
  add_question(t, &m);
  if (response && rc == 0) add_answers(t, &m);
  if (response || strcmp(name, "mdns") == 0)
    txn_close(cx, t);
  else
    keep(st, cx, t, id);
}

static struct parse parse_udp(void *state, struct dissect_ctx *cx, struct chunk in) {
  if (!in.gap) message(state, cx, in, in.data, in.snapped);
  return (struct parse){.status = PARSE_OK, .used = in.data.len, .need = 0};
}

/* Questions whose answer may have gone by are over; the next message is looked for. */
static void lose(struct dns_state *st, struct dissect_ctx *cx, struct chunk in) {
  ctr_inc(cx->ctr, CTR_DISSECT_LOST_SYNC);
  st->lost[in.dir] = true;
  for (unsigned i = 0; i < DNS_PENDING && in.dir == DIR_RESPONSE; i++)
    if (st->pending[i]) st->pending[i]->side[in.dir].unseen |= in.snapped ? UNSEEN_SNAPLEN : UNSEEN_GAP;
}

/* Offset of the first message behind a hole, s.len when there is none; *need: it is not whole yet. */
static size_t find_message(struct span s, size_t *need) {
  for (size_t at = 0; at < s.len; at++) {
    struct span rest = span_skip(s, at);
    size_t len = rest.len < 2 ? 0 : (size_t)rest.base[0] << 8 | rest.base[1];
    bool plausible = rest.len < 2 ? rest.base[0] < 16 : len > 16 && len < 4096;
    *need = rest.len < 2 ? 2 : 2 + len;
    if (!plausible) continue;
    bool whole = rest.len >= *need;
    enum probe r = rest.len < 2 ? PROBE_MAYBE : looks_so_far(span_head(span_skip(rest, 2), len), whole);
    if (r == PROBE_YES || (r == PROBE_MAYBE && !whole)) return at;
  }
  *need = 2;
  return s.len;
}

static struct parse parse_tcp(void *state, struct dissect_ctx *cx, struct chunk in) {
  struct dns_state *st = state;
  size_t used = 0, need;
  if (in.gap) {
    lose(st, cx, in);
    return (struct parse){.status = PARSE_OK};
  }
  if (st->lost[in.dir]) {
    used = find_message(in.data, &need);
    if (in.data.len - used < need) return (struct parse){.status = PARSE_OK, .used = used, .need = need};
    st->lost[in.dir] = false;
    ctr_inc(cx->ctr, CTR_DISSECT_RESYNC);
  }
  while (in.data.len - used >= 2) {
    const uint8_t *p = in.data.base + used;
    size_t len = (size_t)p[0] << 8 | p[1];
    if (in.data.len - used < 2 + len)
      return (struct parse){.status = PARSE_OK, .used = used, .need = 2 + len};
    if (len >= 12 && looks(span_of(p + 2, len)) == PROBE_NO)
      return (struct parse){.status = PARSE_ERROR, .used = used, .need = 0};
    message(state, cx, in, span_of(p + 2, len), false);
    used += 2 + len;
  }
  return (struct parse){.status = PARSE_OK, .used = used, .need = 2};
}

static void finish(void *state, struct dissect_ctx *cx, enum end why) {
  struct dns_state *st = state;
  (void)why;
  for (;;) {
    unsigned next = DNS_PENDING;
    for (unsigned i = 0; i < DNS_PENDING; i++)
      if (st->pending[i] && (next == DNS_PENDING || st->pending[i]->seq < st->pending[next]->seq)) next = i;
    if (next == DNS_PENDING) return;
    st->pending[next]->side[DIR_RESPONSE].unseen |= UNSEEN_UNFINISHED;
    txn_close(cx, st->pending[next]);
    st->pending[next] = NULL;
  }
}

const struct dissector dissector_dns = {
    .name = "dns",
    .transport = IPPROTO_UDP,
    .ports = {53, PORT_MDNS, PORT_LLMNR},
    .state_size = sizeof(struct dns_state),
    .probe = probe_udp,
    .parse = parse_udp,
    .finish = finish,
    .side = side_udp,
};
const struct dissector dissector_dns_tcp = {
    .name = "dns-tcp",
    .transport = IPPROTO_TCP,
    .ports = {53},
    .state_size = sizeof(struct dns_state),
    .probe = probe_tcp,
    .parse = parse_tcp,
    .finish = finish,
    .side = side_tcp,
};
