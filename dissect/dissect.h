/* SPDX-License-Identifier: Apache-2.0 */
/* Packets in, transactions and flow records out: one shard of the flow table with its streams. */
#ifndef DISSECT_DISSECT_H
#define DISSECT_DISSECT_H

#include "dissect/dissector.h"

enum flow_state {
  FLOW_STATE_CLOSED,
  FLOW_STATE_RESET,
  FLOW_STATE_TIMEOUT,
  FLOW_STATE_REJECTED,
  FLOW_STATE_ATTEMPT,
  FLOW_STATE_DRAINED,
  FLOW_STATE_EVICTED
};

/** A flow that ended, or reached its report interval. */
struct flow_record {
  struct conn conn;
  uint64_t order; /* when reported */
  uint64_t last_ns;
  const char *protocol;          /* dissector's or nDPI's name, "" when unknown */
  uint64_t packets[2], bytes[2]; /* by enum dir; IP bytes on the wire */
  uint64_t payload[2];           /* transport payload bytes on the wire */
  uint64_t gap_bytes[2];
  uint32_t transactions;
  uint32_t unseen;
  uint64_t anomalies;
  uint8_t tcp_flags[2]; /* or-ed */
  bool established;     /* data or a full handshake seen */
  bool text;            /* no known protocol, and both sides send text only */
  bool shell[2]; /* by enum dir: this side sent what shells print: a prompt, who it is, a list of users */
  enum flow_state state;
  uint64_t risks;  /* nDPI risk bits */
  uint32_t unlike; /* ICMP echoes: answers with other data than was asked with, requests with ever new data */
};

/** Where results go. Called in the worker's thread. */
struct dissect_sink {
  void *user;
  void (*txn)(void *user, struct txn *t);                /* takes t over */
  void (*flow)(void *user, const struct flow_record *f); /* borrows f */
};

/** Transactions recycled; one per worker. Used by that worker only. */
struct txn_pool;
struct txn_pool *txn_pool_new(const struct dissect_conf *conf, struct budget *budget);
void txn_pool_free(struct txn_pool *p);
/** Reset t and keep it for reuse. Takes NULL. */
void txn_pool_put(struct txn_pool *p, struct txn *t);
/** Give back the body buffers early (they are the big part). */
void txn_release_bodies(struct txn_pool *p, struct txn *t);

/** nDPI's detection module; one per worker. NULL when disabled or out of memory. */
struct ndpi_env;
struct ndpi_env *ndpi_env_new(const struct dissect_conf *conf);
void ndpi_env_free(struct ndpi_env *e);
/** What bit i of flow_record.risks means, or NULL. Static text. */
const char *ndpi_risk_words(unsigned i);

struct dissect;
/** One shard. Keeps conf, ctr, pool, budget, ndpi (may be NULL) until dissect_free. share: this shard's part of the caps, 1/share. */
struct dissect *dissect_new(const struct dissect_conf *conf, unsigned share, uint64_t seed,
                            struct counters *ctr, struct txn_pool *pool, struct budget *budget,
                            struct ndpi_env *ndpi, struct dissect_sink sink);
void dissect_free(struct dissect *d);
void dissect_packet(struct dissect *d, const struct packet *p);
/** The epoch ended at packet time clock: expire flows and waits. Results carry `order`. */
void dissect_tick(struct dissect *d, uint64_t clock, uint64_t order);
/** The input ended: finish every flow, oldest first. */
void dissect_drain(struct dissect *d, uint64_t order);

#endif
