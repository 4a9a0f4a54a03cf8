/* SPDX-License-Identifier: Apache-2.0 */
/* The flow table of one shard: flows, their TCP streams, and the lists they wait in. Internal to dissect/. */
#ifndef DISSECT_FLOW_H
#define DISSECT_FLOW_H

#include "base/pool.h"
#include "base/table.h"
#include "dissect/dissect.h"

enum { STREAM_RECENT = 4, STREAM_HEAD = 24, STREAM_HELLO = 9, FLOW_SWITCHES = 8, NO_CLASS = 255 };
#define OFF_NONE UINT64_MAX

/** A TCP segment kept because it came early, or before what its sender had already received. */
struct seg {
  struct seg *next;
  uint64_t off, ns, order;
  uint64_t ack;   /* bytes of the other direction that its sender had received */
  uint32_t len;   /* stream bytes it covers */
  uint32_t room;  /* bytes that data has */
  uint32_t slack; /* the flow's slack when it came */
  bool cut;       /* the bytes are not there: left out by the snapshot length */
  bool doubt;     /* the receiver may have refused it: wait until it is acknowledged */
  uint8_t data[];
};

/** One direction's order: what was delivered, what waits, what the peer has acknowledged. Offsets count from the first byte. */
struct stream {
  struct seg *head, *tail;
  uint32_t segs;
  uint64_t bytes;                /* in the queue */
  uint64_t next;                 /* delivered up to */
  uint64_t fin, fin_ack;         /* offset of the FIN or OFF_NONE, and what its sender had received */
  uint64_t reset;                /* offset of a valid RST or OFF_NONE */
  uint64_t soft_reset;           /* of one that may be valid once what lies before it has come */
  uint64_t trail_from, trail_to; /* the last hole, given up on acknowledgements alone */
  uint64_t acked_ns;             /* when acked passed next */
  uint32_t acked_slack;
  bool ended, fin_guess; /* fin_guess: the FIN was not seen */
  uint32_t far_seq;      /* where the segment far outside the window ended */
  uint8_t far_count;
  uint8_t recent_at;
  struct {
    uint64_t off;
    uint32_t len, hash;
    uint8_t head[STREAM_HEAD];
  } recent[STREAM_RECENT]; /* delivered lately, to tell a differing copy */
  /* what the parser left */
  struct buf rest;
  size_t need;
  uint64_t rest_off, rest_ns, rest_order, rest_ack,
      rest_last_ns; /* of its first byte, the last of its last one */
  uint8_t verdict;  /* identification: enum verdict */
  uint32_t tries;   /* bytes looked at in vain in a flow that began before the capture */
  uint8_t hello[STREAM_HELLO], hello_len; /* of a ClientHello that may begin here */
};
enum verdict { VERDICT_OPEN, VERDICT_NO };

/** The last bytes that came in two versions. */
struct two_versions {
  uint64_t off;
  uint8_t end, n;
  uint8_t kept[STREAM_HEAD], other[STREAM_HEAD];
};
struct tcp {
  struct stream st[2];
  struct two_versions versions;
};

enum seq_known { SEQ_UNKNOWN, SEQ_GUESSED /* from the first packet or acknowledgement */, SEQ_SYN };
/** What every flow keeps of one direction. */
struct flow_side {
  uint64_t packets, bytes, payload, gap;
  uint64_t acked;   /* of this direction's bytes, by the peer */
  uint32_t seq0;    /* sequence number of offset 0 */
  uint32_t top;     /* sequence number after the last byte seen */
  uint32_t ts;      /* latest timestamp */
  uint8_t flags;    /* TCP flags or-ed */
  uint8_t known;    /* enum seq_known */
  uint8_t far_acks; /* acknowledgements far beyond what was seen */
  uint8_t ttl;      /* of its first packet */
  uint8_t low_ttl;  /* segments in a row that came with much less */
  bool md5;         /* its SYN was signed */
  uint8_t old_ts;   /* segments in a row whose timestamps lie far back; TS_NONE: ts is not known */
};
#define TS_NONE 255

enum flow_class { CLASS_SYN, CLASS_TCP, CLASS_CLOSING, CLASS_UDP, CLASS_COUNT };
enum ident { IDENT_OPEN, IDENT_DONE, IDENT_NONE };

struct flow {
  struct table_entry entry;
  struct flow *prev, *next; /* class list, least recently active first */
  struct flow *wait_prev, *wait_next;
  struct conn conn;
  uint64_t last_ns, listed_ns;
  struct flow_side side[2]; /* by end: 0 sent the first packet */
  struct ndpi_job *ndpi;    /* while nDPI is asked for a name */
  struct tcp *tcp;          /* from the first data on; NULL again when all is delivered and closed */
  const struct dissector *proto;
  void *state;
  const char *name; /* as reported; "" unknown */
  uint64_t risks, anomalies, all_anomalies;
  uint64_t slack_ns;
  uint32_t slack; /* packets at different times */
  uint32_t seq;   /* transactions begun */
  uint32_t resyn; /* ISN of a SYN that may begin a new connection */
  uint32_t unseen;
  uint32_t transactions;
  uint32_t unlike;      /* ICMP: packets whose data say that it is no ping */
  uint8_t client;       /* which end is the client */
  uint64_t last[2];     /* by end: the eight bytes before, while a shell's words are looked for */
  uint8_t shell;        /* bits by end that spoke as a shell does */
  uint8_t text, binary; /* bits by end, of flows of no known protocol: lines of text were sent; other bytes */
  uint8_t cls, ident, switches, datagrams;
  bool opened; /* where a stream begins that was found under way is settled */
  bool lonely; /* one direction was waited for, and is not seen */
  bool client_sure, late, done, waiting, has_resyn, resyn_end, refused_syn, was_reset, soft_reset, soft_data,
      refused, ndpi_done;
};

struct flow_list {
  struct flow *first, *last;
};

struct dissect {
  const struct dissect_conf *conf;
  struct counters *ctr;
  struct txn_pool *txns;
  struct budget *budget;
  struct ndpi_env *ndpi;
  struct dissect_sink sink;
  struct pool flows, tcps;
  struct table table;
  struct flow_list list[CLASS_COUNT];
  struct flow *wait_first, *wait_last;
  uint64_t timeout[CLASS_COUNT];
  size_t max_flows;
  uint64_t seed, clock, order;
  struct flow *current; /* whose parser is being called */
  struct dissect_ctx cx;
};

/** Direction of an end, as roles stand now. */
static inline enum dir flow_dir(const struct flow *f, int end) {
  return (end ^ f->client) ? DIR_RESPONSE : DIR_REQUEST;
}
int flow_table_init(struct dissect *d);
void flow_table_done(struct dissect *d);
/** The flow of p, or NULL; *end: which end sent p. */
struct flow *flow_find(struct dissect *d, const struct packet *p, int *end);
/** A new flow of p; evicts at the cap. NULL when out of memory (counted). */
struct flow *flow_create(struct dissect *d, const struct packet *p);
/** Count p and keep the lists in order of activity. */
void flow_touch(struct dissect *d, struct flow *f, int end, const struct packet *p);
void flow_set_class(struct dissect *d, struct flow *f, enum flow_class cls);
/** Swap client and server. */
void flow_swap(struct flow *f);
/** Report and free f; what waits was delivered before. */
void flow_remove(struct dissect *d, struct flow *f, enum flow_state state);
/** Free f without a report. */
void flow_drop(struct dissect *d, struct flow *f);
void flow_wait(struct dissect *d, struct flow *f, bool on);
/** Whether p comes after f has timed out. */
bool flow_expired(const struct dissect *d, const struct flow *f, uint64_t ns);

/** The streams of f, made when missing. NULL when out of memory (counted). */
struct tcp *stream_get(struct dissect *d, struct flow *f);
void stream_free(struct dissect *d, struct flow *f);
/** Offset of a sequence number; negative when it lies before the first byte. */
int64_t stream_off(const struct flow *f, int end, uint32_t seq);
/** Offset of the highest sequence number sent. */
uint64_t stream_top(const struct flow *f, int end);
/** Put a copy of s (a part of p) into the queue; the first copy of a byte wins. */
void stream_insert(struct dissect *d, struct flow *f, int end, const struct seg *like, struct span s);
/** The same for n bytes that the snapshot length left out. */
void stream_insert_cut(struct dissect *d, struct flow *f, int end, const struct seg *like, uint32_t n);
struct seg *stream_pop(struct dissect *d, struct stream *st);
/** The stream of `end`, of which nothing was delivered, begins at seq: offsets are counted from there. */
void stream_rebase(struct flow *f, int end, uint32_t seq);
/** Compare a retransmission of delivered bytes with what is remembered of them. */
void stream_check_copy(struct dissect *d, struct flow *f, int end, uint64_t off, struct span s);
void stream_remember(struct stream *st, uint64_t off, struct span s);
void stream_anomaly(struct flow *f, unsigned id);

/** Deliver what can be, in causal order. */
void pump_run(struct dissect *d, struct flow *f);
/** Give up holes whose wait is over at ns. */
void pump_timers(struct dissect *d, struct flow *f, uint64_t ns);
/** Give up every hole and deliver the rest. */
void pump_flush(struct dissect *d, struct flow *f);
/** Settle what has been open for long enough at ns: where streams begin, whether both directions are seen. */
void pump_settle(const struct dissect *d, struct flow *f, uint64_t ns);
/** Whether bytes wait because it is not settled where their streams begin: those before them may still come. */
bool pump_opening(const struct flow *f);
/** Make room in a full queue: give up what it waits for. */
void pump_relieve(struct dissect *d, struct flow *f, int end);
/** Whether bytes of `end` whose sender had received `ack` of the other side must wait. */
bool pump_blocked(const struct flow *f, int end, uint64_t ack);

/** Hand bytes, a hole, an end to the parser, or to identification. */
void feed_data(struct dissect *d, struct flow *f, int end, struct chunk c);
void feed_gap(struct dissect *d, struct flow *f, int end, struct chunk c);
void feed_ended(struct dissect *d, struct flow *f, int end);
void feed_finish(struct dissect *d, struct flow *f, enum end why);
/** Free the parser's state; what its finish() emits goes to nobody. */
void feed_drop(struct dissect *d, struct flow *f);
/** Begin with `proto`; from may be NULL. False when out of memory. */
bool feed_start(struct dissect *d, struct flow *f, const struct dissector *proto, struct txn *from);
/** Parse what rests of both ends, the older first. */
void feed_rest(struct dissect *d, struct flow *f);
int feed_keep(struct dissect *d, struct flow *f, int end, const struct chunk *c);
struct dissect_ctx *feed_ctx(struct dissect *d, struct flow *f);
void feed_ctx_done(struct dissect *d, struct flow *f);

void identify_data(struct dissect *d, struct flow *f, int end, struct chunk c);
void identify_gap(struct dissect *d, struct flow *f, int end);
/** Whether TLS begins in c, a client's bytes that no dissector takes (STARTTLS, a database's own request): then it was fed. */
bool identify_hello(struct dissect *d, struct flow *f, int end, struct chunk c);
/** Nobody knows it: name it by nDPI and keep nothing more of it. */
void identify_give_up(struct dissect *d, struct flow *f);
/** The dissector that knows a datagram, or NULL; may swap the roles. */
const struct dissector *identify_datagram(struct flow *f, int end, struct span s);

void tcp_packet(struct dissect *d, struct flow *f, int end, const struct packet *p);
/** Whether p begins another connection on f's tuple. */
bool reuse_begins(struct flow *f, int end, const struct packet *p);
void tcp_start(struct dissect *d, struct flow *f, int end, const struct packet *p);
/** Deliver all, end the parser. */
void tcp_finish(struct dissect *d, struct flow *f, enum end why);
/** A packet with RST: the end of the connection, perhaps, or forged. */
void reset_take(struct dissect *d, struct flow *f, int end, const struct packet *p);
/** Data of `end` after a reset that may be real. */
void reset_doubt(struct flow *f, int end, const struct packet *p);
/** Nothing refutes it any more: what lies before it was lost. */
void reset_believe(struct flow *f);
/** All was delivered: was the reset real? */
void reset_settle(struct flow *f);
void udp_packet(struct dissect *d, struct flow *f, int end, const struct packet *p);
/** Follow p where it is an ICMP echo; other packets are left alone. */
void icmp_packet(struct dissect *d, const struct packet *p);
/** Name f by the bytes of its packets. */
void ndpi_name(struct dissect *d, struct flow *f, int end, struct span payload, uint64_t ns);
/** Look at what is held of a flow that ends. */
void ndpi_settle(struct dissect *d, struct flow *f);
void ndpi_forget(struct dissect *d, struct flow *f);

#endif
