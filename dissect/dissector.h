/* SPDX-License-Identifier: Apache-2.0 */
/* What a protocol file implements. Bytes in, transactions out; no I/O, no clock, no global. */
#ifndef DISSECT_DISSECTOR_H
#define DISSECT_DISSECTOR_H

#include "base/conf.h"
#include "base/counters.h"
#include "dissect/txn.h"

enum probe { PROBE_NO, PROBE_MAYBE /* more bytes needed */, PROBE_YES };
enum end { END_FIN, END_RST, END_TIMEOUT, END_DRAIN /* the input ended */, END_EVICTED };

/** In-order bytes of one direction, or a hole. Valid in one parse call. */
struct chunk {
  struct span data;   /* empty when gap > 0 */
  uint64_t off;       /* stream offset of data, or of the hole */
  uint64_t gap;       /* bytes missing from here on */
  bool snapped;       /* the hole is from the snapshot length */
  uint64_t ns, order; /* of the packet that brought it */
  uint64_t
      first_ns; /* of the packet that brought data's first byte; of a hole, what parse() left unused before it */
  uint64_t
      ack; /* likewise: bytes of the other direction that its sender had received when it sent that byte */
  enum dir dir;
};

enum parse_status {
  PARSE_OK, /* `used` bytes eaten; the rest comes again, with more behind it, once there are `need` bytes */
  PARSE_SWITCH, /* from byte `used` on another dissector rules both directions: `next` */
  PARSE_ERROR,  /* not this protocol, or lost for good: the flow is left alone */
};
struct parse {
  enum parse_status status;
  size_t used;      /* bytes eaten of chunk.data */
  size_t need;      /* smallest length of the rest worth another call; 0: any */
  const char *next; /* dissector's name, for PARSE_SWITCH; NULL: identify anew */
  struct txn
      *from;   /* for PARSE_SWITCH: goes to start() of the next as cx->from, then is closed; NULL: none */
  bool within; /* for PARSE_SWITCH: the flow keeps its name, as with TLS inside a protocol */
};

/** Section "dissect". Options in dissect/options.c. */
struct dissect_conf {
  int64_t max_flows, memory_mb; /* flows; MiB for all workers together */
  uint64_t tcp_timeout_ns, tcp_closed_timeout_ns, udp_timeout_ns, syn_timeout_ns;
  int64_t max_segments, max_segment_bytes; /* out of order, per direction */
  uint64_t gap_wait_ns;                    /* longest wait for a missing segment */
  int64_t gap_wait_packets;                /* the same in packets of the flow */
  int64_t max_probe_bytes;                 /* looked at before identification gives up */
  int64_t max_buffer_bytes;                /* unparsed bytes kept, per direction */
  int64_t max_header_bytes, max_headers, max_body_bytes, max_decoded_bytes, max_ratio;
  int64_t max_pending;     /* open transactions, per flow */
  uint64_t stream_part_ns; /* a call without end is told in parts of this length */
  bool ndpi;
};
extern const struct conf_option dissect_options[];

/** What a dissector may use while it is called. Borrowed for the call. */
struct dissect_ctx {
  const struct conn *conn;
  const struct dissect_conf *conf;
  struct counters *ctr;
  struct budget *budget;
  uint64_t ns, order;                      /* of the packet being worked on */
  uint32_t *next_seq;                      /* the flow's transaction counter */
  uint32_t flow_unseen;                    /* MIDSTREAM, ONE_SIDED as known now */
  uint64_t flow_anomalies;                 /* anomalies of the transport since the last transaction */
  struct overlap overlap;                  /* the last bytes that came in two versions; kept empty: none */
  bool fin[2];                             /* that direction has ended */
  void (*emit)(void *user, struct txn *t); /* takes t over */
  void *user;
  struct txn_pool *pool;
  const struct txn
      *from; /* set in start(): the transaction that switched protocols, not yet closed, else NULL */
  bool
      from_taken; /* start() sets it to keep `from` and close it later (a WebSocket's handshake, h2c's request);
                               where it stays false the caller closes `from` after start() */
  struct span rest[2]; /* in finish(), and in parse() of a gap for its direction: what parse() left unused */
};
/** A fresh transaction with conn, seq and order filled; both bodies capped. NULL when out of memory or over a cap (counted). */
struct txn *txn_open(struct dissect_ctx *cx, const char *protocol);
/** Finish it: sets order, unseen and anomalies of the flow, decodes content codings, applies operation models, emits. */
void txn_close(struct dissect_ctx *cx, struct txn *t);
/** Give it up without a word. Takes NULL. */
void txn_drop(struct dissect_ctx *cx, struct txn *t);

/** One protocol: one file, one row in dissect/table.c. */
struct dissector {
  const char *name;
  uint8_t transport; /* IPPROTO_TCP or IPPROTO_UDP */
  uint16_t ports[8]; /* hints only: tried first */
  size_t state_size; /* zeroed before start */
  /** Look at the first bytes of one direction. d is a guess where no SYN was seen. */
  enum probe (*probe)(struct span head, enum dir d);
  /** Optional. Before the first parse. */
  void (*start)(void *state, struct dissect_ctx *cx);
  /** Both directions share the state. Over UDP each datagram is one chunk and `used` is ignored. */
  struct parse (*parse)(void *state, struct dissect_ctx *cx, struct chunk in);
  /** The flow ended: emit what is open, free what the state owns. */
  void (*finish)(void *state, struct dissect_ctx *cx, enum end why);
  /** Optional. Direction d has ended in order (FIN); the other may go on. */
  void (*ended)(void *state, struct dissect_ctx *cx, enum dir d);
  /** Optional, for a flow without SYN: which direction do these bytes come from? Returns DIR_* or -1. */
  int (*side)(struct span head);
  /** Optional. First bytes of a client, cut off by a hole before probe was sure: can they be nothing else? */
  bool (*cut)(struct span head);
};
extern const struct dissector *const dissector_table[]; /* NULL at the end */
const struct dissector *dissector_find(const char *name);

#endif
