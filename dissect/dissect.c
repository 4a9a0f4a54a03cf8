/* SPDX-License-Identifier: Apache-2.0 */
/* One shard: packets to flows, flows to transactions. */
#include "dissect/flow.h"

enum { IP_TCP = 6, IP_UDP = 17, MIN_FLOWS = 64 };

struct dissect *dissect_new(const struct dissect_conf *conf, unsigned share, uint64_t seed,
                            struct counters *ctr, struct txn_pool *pool, struct budget *budget,
                            struct ndpi_env *ndpi, struct dissect_sink sink) {
  struct dissect *d = mem_zalloc(sizeof *d);
  if (!d) return NULL;
  d->conf = conf;
  d->seed = seed;
  d->ctr = ctr;
  d->txns = pool;
  d->budget = budget;
  d->ndpi = ndpi;
  d->sink = sink;
  d->max_flows = (size_t)conf->max_flows / (share ? share : 1);
  if (d->max_flows < MIN_FLOWS) d->max_flows = MIN_FLOWS;
  d->timeout[CLASS_SYN] = conf->syn_timeout_ns;
  d->timeout[CLASS_TCP] = conf->tcp_timeout_ns;
  d->timeout[CLASS_CLOSING] = conf->tcp_closed_timeout_ns;
  d->timeout[CLASS_UDP] = conf->udp_timeout_ns;
  if (flow_table_init(d) < 0) {
    mem_free(d);
    return NULL;
  }
  return d;
}

static enum flow_state state_of(const struct flow *f, enum flow_state otherwise) {
  if (f->was_reset) return f->refused ? FLOW_STATE_REJECTED : FLOW_STATE_RESET;
  if (f->side[0].flags & f->side[1].flags & TCP_FIN) return FLOW_STATE_CLOSED;
  bool answered = f->side[0].packets && f->side[1].packets;
  if (f->conn.proto == IP_TCP && !answered && f->side[0].payload + f->side[1].payload == 0 &&
      ((f->side[0].flags | f->side[1].flags) & (TCP_SYN | TCP_ACK)) == TCP_SYN)
    return FLOW_STATE_ATTEMPT;
  return otherwise;
}

static void finish(struct dissect *d, struct flow *f, enum end why, enum flow_state otherwise) {
  tcp_finish(d, f, why);
  ndpi_settle(d, f);
  flow_remove(d, f, state_of(f, otherwise));
}

void dissect_free(struct dissect *d) {
  if (!d) return;
  d->sink.txn = NULL;
  for (int c = 0; c < CLASS_COUNT; c++)
    for (struct flow *f; (f = d->list[c].first);) flow_drop(d, f);
  flow_table_done(d);
  mem_free(d);
}

/* The connection whose SYN was seen some packets before, sent by this end. */
static void begin_resyn(struct flow *f, uint32_t isn, int end) {
  f->side[end].seq0 = isn + 1;
  f->side[end].known = SEQ_SYN;
  if (f->client != end) flow_swap(f);
  f->client_sure = true;
  f->late = false;
  f->unseen &= ~(uint32_t)UNSEEN_MIDSTREAM;
}

static struct flow *restart(struct dissect *d, struct flow *old, int end, const struct packet *p) {
  bool answer = (p->tcp_flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK),
       by_sender = old->resyn_end == end;
  uint32_t isn = old->resyn;
  bool resyn =
      old->has_resyn && (answer ? !by_sender && p->ack == isn + 1 : by_sender && !(p->tcp_flags & TCP_SYN));
  finish(d, old, END_EVICTED, FLOW_STATE_CLOSED);
  struct flow *f = flow_create(d, p);
  if (!f) return NULL;
  tcp_start(d, f, 0, p);
  if (resyn) begin_resyn(f, isn, answer);
  return f;
}

/* The flow of p, made or made anew where p begins a connection; NULL when it is not followed. */
static struct flow *flow_of(struct dissect *d, const struct packet *p, int *end) {
  struct flow *f = flow_find(d, p, end);
  bool tcp = p->tuple.proto == IP_TCP;
  if (f && flow_expired(d, f, p->ns)) {
    finish(d, f, END_TIMEOUT, FLOW_STATE_TIMEOUT);
    f = NULL;
  }
  if (f && tcp && reuse_begins(f, *end, p)) {
    f = restart(d, f, *end, p);
    *end = 0;
  } else if (!f) {
    *end = 0;
    f = flow_create(d, p);
    if (f && tcp) tcp_start(d, f, 0, p);
  }
  return f;
}

void dissect_packet(struct dissect *d, const struct packet *p) {
  if (p->flags & (PACKET_NO_L4 | PACKET_FRAGMENT)) return;
  if (p->tuple.proto != IP_TCP && p->tuple.proto != IP_UDP) {
    icmp_packet(d, p);
    return;
  }
  d->order = p->order;
  int end = 0;
  struct flow *f = flow_of(d, p, &end);
  if (!f) return;
  flow_touch(d, f, end, p);
  if (p->tuple.proto == IP_TCP)
    tcp_packet(d, f, end, p);
  else
    udp_packet(d, f, end, p);
}

void dissect_tick(struct dissect *d, uint64_t clock, uint64_t order) {
  d->order = order;
  for (struct flow *f = d->wait_first, *next; f; f = next) {
    next = f->wait_next;
    pump_timers(d, f, clock);
  }
  for (int c = 0; c < CLASS_COUNT; c++)
    for (struct flow *f = d->list[c].first, *next; f && f->listed_ns + d->timeout[c] < clock; f = next) {
      next = f->next;
      if (flow_expired(d, f, clock)) finish(d, f, END_TIMEOUT, FLOW_STATE_TIMEOUT);
    }
}

void dissect_drain(struct dissect *d, uint64_t order) {
  d->order = order;
  while (d->table.oldest) finish(d, (struct flow *)(void *)d->table.oldest, END_DRAIN, FLOW_STATE_DRAINED);
}
