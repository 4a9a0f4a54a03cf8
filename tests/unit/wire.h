/* SPDX-License-Identifier: Apache-2.0 */
/* Hand-made packets through one shard, and what came out of it as text. */
#ifndef TESTS_UNIT_WIRE_H
#define TESTS_UNIT_WIRE_H

#include "base/reader.h"
#include "dissect/dissect.h"
#include <stdio.h>
#include <stdlib.h>

enum { C2S, S2C };

struct wire {
  struct dissect_conf conf;
  struct counters ctr;
  struct budget budget;
  struct txn_pool *pool;
  struct dissect *d;
  uint64_t ns, order;
  char calls[16384]; /* one line a call */
  char flows[4096];
  char body[2][4096];   /* of the last call */
  uint64_t anomalies;   /* of all calls and flows */
  char versions[2][32]; /* of bytes that came twice and differed */
  struct txn last;      /* scalars of the last call; its spans are gone */
  unsigned count;
  uint16_t cport;
  bool snap;
  uint32_t at[2]; /* of a conversation: the next sequence numbers */
  size_t step;    /* and the bytes a packet */
};

static inline void wire_flags(char *out, size_t size, uint32_t bits) {
  out[0] = 0;
  for (unsigned b = 0; b < UNSEEN_BITS; b++)
    if (bits & (1u << b))
      snprintf(out + strlen(out), size - strlen(out), "%s%s", out[0] ? "," : "", unseen_name(b));
}

/* "GET /a 200 [request unseen] [response unseen]" */
static inline void wire_txn(void *user, struct txn *t) {
  struct wire *w = user;
  char q[128], p[128];
  wire_flags(q, sizeof q, t->side[0].unseen);
  wire_flags(p, sizeof p, t->side[1].unseen);
  size_t n = strlen(w->calls);
  snprintf(w->calls + n, sizeof w->calls - n, "%.*s %.*s %d [%s] [%s]\n", SPAN_FMT(t->method),
           SPAN_FMT(t->target), t->status, q, p);
  for (int d = 0; d < 2; d++)
    snprintf(w->body[d], sizeof w->body[d], "%.*s", SPAN_FMT(side_body(&t->side[d])));
  w->anomalies |= t->anomalies;
  if (t->overlap) {
    snprintf(w->versions[0], sizeof w->versions[0], "%.*s", SPAN_FMT(t->overlap->kept));
    snprintf(w->versions[1], sizeof w->versions[1], "%.*s", SPAN_FMT(t->overlap->other));
  }
  w->last = *t;
  w->count++;
  txn_pool_put(w->pool, t);
}

static inline void wire_flow(void *user, const struct flow_record *f) {
  struct wire *w = user;
  static const char *const states[] = {"closed",  "reset",   "timeout", "rejected",
                                       "attempt", "drained", "evicted"};
  size_t n = strlen(w->flows);
  snprintf(w->flows + n, sizeof w->flows - n, "%s:%s:%u->%u\n", f->protocol, states[f->state], f->conn.cport,
           f->conn.sport);
  w->anomalies |= f->anomalies;
}

static inline void wire_begin(struct wire *w) {
  memset(w, 0, sizeof *w);
  struct conf_section s[] = {{"dissect", dissect_options, &w->conf}, {NULL, NULL, NULL}};
  if (conf_defaults(s) < 0) abort();
  w->pool = txn_pool_new(&w->conf, &w->budget);
  w->d = dissect_new(&w->conf, 1, 1, &w->ctr, w->pool, &w->budget, NULL,
                     (struct dissect_sink){w, wire_txn, wire_flow});
  w->ns = 1000000000ull * 1000;
  w->cport = 40000;
}

static inline void wire_end(struct wire *w) {
  if (w->d) dissect_drain(w->d, w->order + 1);
  dissect_free(w->d);
  w->d = NULL;
}

static inline void wire_done(struct wire *w) {
  wire_end(w);
  txn_pool_free(w->pool);
  if (w->budget.used) {
    fprintf(stderr, "%zu bytes of the budget were not given back\n", w->budget.used);
    abort();
  }
}

/* A packet with every field open to the test; wirelen 0: as long as the text. */
static inline void wire_packet(struct wire *w, int dir, uint8_t flags, uint32_t seq, uint32_t ack,
                               const void *data, size_t len, size_t wire_len, const struct packet *like) {
  struct packet p = like ? *like : (struct packet){0};
  uint8_t *copy = malloc(len ? len : 1); /* exactly as long, so that the sanitizer sees a byte too far */
  if (len) memcpy(copy, data, len);
  p.data = copy;
  p.payload_len = (uint32_t)len;
  p.payload_wire = (uint32_t)(wire_len > len ? wire_len : len);
  p.caplen = p.wirelen = (uint32_t)len;
  p.ns = w->ns += 1000000;
  p.order = ++w->order;
  p.hash = 42u + w->cport;
  memset(p.tuple.src, 0, 16);
  memset(p.tuple.dst, 0, 16);
  p.tuple.src[15] = dir == C2S ? 1 : 2;
  p.tuple.dst[15] = dir == C2S ? 2 : 1;
  p.tuple.sport = dir == C2S ? w->cport : 80;
  p.tuple.dport = dir == C2S ? 80 : w->cport;
  p.tuple.proto = 6;
  p.tuple.ipver = 4;
  p.seq = seq;
  p.ack = ack;
  p.tcp_flags = flags;
  p.window = 65535;
  dissect_packet(w->d, &p);
  free(copy);
}

static inline void wire_text(struct wire *w, int dir, uint32_t seq, uint32_t ack, const char *text) {
  wire_packet(w, dir, TCP_ACK | TCP_PSH, seq, ack, text, strlen(text), 0, NULL);
}

static inline void wire_ack(struct wire *w, int dir, uint32_t seq, uint32_t ack) {
  wire_packet(w, dir, TCP_ACK, seq, ack, NULL, 0, 0, NULL);
}

/* The client's first byte is c + 1, the server's s + 1. */
static inline void wire_open(struct wire *w, uint32_t c, uint32_t s) {
  wire_packet(w, C2S, TCP_SYN, c, 0, NULL, 0, 0, NULL);
  wire_packet(w, S2C, TCP_SYN | TCP_ACK, s, c + 1, NULL, 0, 0, NULL);
  wire_packet(w, C2S, TCP_ACK, c + 1, s + 1, NULL, 0, 0, NULL);
}

/* A connection whose two sides then say things, cut into packets of `step` bytes. */
static inline void wire_talk(struct wire *w, size_t step) {
  wire_begin(w);
  w->at[C2S] = 1001;
  w->at[S2C] = 5001;
  w->step = step;
  wire_open(w, 1000, 5000);
}

static inline void wire_say(struct wire *w, int dir, const char *data, size_t n) {
  for (size_t i = 0, k; i < n; i += k) {
    k = n - i < w->step ? n - i : w->step;
    wire_packet(w, dir, TCP_ACK, w->at[dir], w->at[!dir], data + i, k, 0, NULL);
    w->at[dir] += (uint32_t)k;
  }
}

#endif
