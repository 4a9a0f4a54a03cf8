/* SPDX-License-Identifier: Apache-2.0 */
/* A transaction: one request with its response, whatever protocol carries it. */
#ifndef DISSECT_TXN_H
#define DISSECT_TXN_H

#include "base/arena.h"
#include "base/buf.h"
#include "capture/packet.h"

enum dir { DIR_REQUEST, DIR_RESPONSE }; /* client to server, server to client */

/** The constant part of a flow. Copied by value into what outlives the flow. */
struct conn {
  uint8_t client[16], server[16]; /* innermost addresses, IPv4 mapped */
  uint16_t cport, sport;
  uint8_t proto, ipver;
  bool has_outer;    /* a load balancer named its client before it passed on what that one sent */
  uint8_t outer[16]; /* that client */
  uint32_t zone;
  uint64_t id; /* order of its first packet: unique and the same in every run */
  uint64_t first_ns;
  uint16_t source;
  uint8_t nlayers;
  struct layer layer[PACKET_LAYERS]; /* of its first packet */
};

/** What the sensor could not see. Printed in tapscope.unseen[]. */
/* clang-format off */
#define UNSEEN(X) \
  X(GAP, "gap") X(SNAPLEN, "snaplen") X(MIDSTREAM, "midstream") X(ONE_SIDED, "one_sided") \
  X(CAPPED, "capped") X(HPACK_LATE_JOIN, "hpack_late_join") X(ENCRYPTED, "encrypted") \
  X(UNFINISHED, "unfinished") X(MEMORY, "memory")
/* clang-format on */
enum unseen_bit {
#define X(id, name) UNSEEN_BIT_##id,
  UNSEEN(X)
#undef X
      UNSEEN_BITS
};
enum unseen {
#define X(id, name) UNSEEN_##id = 1 << UNSEEN_BIT_##id,
  UNSEEN(X)
#undef X
};
const char *unseen_name(unsigned bit);

/** Things the peer did that no honest peer does. Printed in tapscope.anomalies[]. */
/* clang-format off */
#define ANOMALIES(X) \
  X(OVERLAP_DIFFERS, "tcp_overlap_differs") X(URGENT, "tcp_urgent") \
  X(DATA_AFTER_END, "tcp_data_after_end") X(RESET_BAD_SEQ, "tcp_reset_bad_seq") \
  X(DATA_IN_SYN, "tcp_data_in_syn") X(SPLIT_HANDSHAKE, "tcp_split_handshake") \
  X(LENGTH_CONFLICT, "http_length_conflict") X(LENGTH_REPEATED, "http_length_repeated") \
  X(LENGTH_BAD, "http_length_bad") X( \
          CHUNK_BAD, "http_chunk_bad") \
  X(TE_BAD, "http_transfer_encoding_bad") X(OBS_FOLD, "http_obs_fold") X(BARE_LF, "http_bare_lf") \
  X(BARE_CR, "http_bare_cr") X(NUL, "http_nul") \
  X( \
              SPACE_BEFORE_COLON, "http_space_before_colon") X(BAD_HEADER, "http_bad_header") \
  X(HEADER_CUT, "http_header_cut") X(HOST_MISSING, "http_host_missing") \
  X( \
                  HOST_CONFLICT, "http_host_conflict") \
  X(BAD_REQUEST_LINE, "http_bad_request_line") X(BAD_STATUS_LINE, "http_bad_status_line") \
  X(UNPAIRED_RESPONSE, "http_unpaired_response") X(BODY_UNEXPECTED, "http_body_unexpected") \
  X(CODING_BAD, "content_coding_bad") X(CODING_MISMATCH, "content_coding_mismatch") \
  X(BOMB, "decompression_bomb") X(CHARSET_BAD, "charset_bad") X(BODY_MALFORMED, "body_malformed") \
  X(CL_AND_TE, "http_smuggling_cl_te") X(H2_BAD_FRAME, "h2_bad_frame") \
  X(H2_CONTINUATION_FLOOD, "h2_continuation_flood") X(H2_RAPID_RESET, "h2_rapid_reset") \
  X(H2_BAD_HEADER, "h2_bad_header") X(HPACK_BAD, "hpack_bad") X(PROTOCOL_ERROR, "protocol_error")
/* clang-format on */
enum anomaly {
#define X(id, name) ANOMALY_##id,
  ANOMALIES(X)
#undef X
      ANOMALY_COUNT
};
_Static_assert(ANOMALY_COUNT <= 64, "anomalies fit one word");
#define ANOMALY_BIT(id) (1ULL << (id))
const char *anomaly_name(unsigned id);

/** One header field in wire order; name as on the wire. value_known false: an HPACK entry never seen. */
struct header {
  struct span name, value;
  bool name_known, value_known;
};
struct headers {
  struct header *item;
  uint32_t count, size;
};
/** First value of a header by lower-case name; an empty span with NULL base where there is none. */
struct span headers_find(const struct headers *h, struct span name);
static inline struct span headers_get(const struct headers *h, const char *name) {
  return headers_find(h, span_str(name)); /* the length of a word in the source costs nothing */
}

/** A named argument or result of a call whose protocol is not text (SQL parameter, RPC argument, column). */
struct arg {
  struct span name;  /* "0" for the first when the protocol has only places */
  struct span value; /* as text */
};
struct args {
  struct arg *item;
  uint32_t count, size;
};

/** An ECS or tapscope field that only some protocols have. The encoder prints it under its dotted name. */
enum fact_type { FACT_STR, FACT_U64, FACT_BOOL, FACT_STRS /* list: repeated facts of one name */ };
struct fact {
  const char *name; /* static text, "dns.question.name" */
  enum fact_type type;
  struct span str;
  uint64_t num;
  struct fact *next;
};

/** Bytes that came twice and differed. */
struct overlap {
  enum dir dir;
  uint64_t off; /* in the stream, of the first byte shown */
  struct span kept,
      other; /* of the copy that counts and of the one left out, from just before they differ; a few dozen bytes */
};

/** One direction of a transaction. Spans live in the txn's arena, body spans in its buffers. */
struct side {
  bool seen;                  /* any byte of it was */
  bool complete;              /* ended by its own framing or FIN */
  uint64_t first_ns, last_ns; /* capture time of its first and last byte */
  uint64_t wire_bytes;        /* whole message with head and framing */
  uint64_t
      body_bytes; /* on the wire, without framing (chunk heads, frame heads); counts bytes beyond the cap as well */
  uint64_t gap_bytes;     /* bytes of this side that were lost or cut */
  uint64_t decoded_bytes; /* after content codings; = body_bytes where there is none */
  struct headers headers, trailers;
  struct span mime;    /* media type, lower case, without parameters */
  struct span charset; /* of the Content-Type, lower case */
  struct span coding;  /* Content-Encoding as sent */
  struct buf raw;      /* the body as sent, up to the cap */
  struct buf decoded;  /* the body after codings; empty where there is none */
  bool is_decoded;     /* use decoded, not raw */
  size_t hole;         /* where in raw the first lost bytes would stand, plus one; 0: none lost */
  struct args args;    /* for protocols without a text body */
  uint32_t unseen;     /* enum unseen */
};
/** The body that later stages read: decoded where there was a coding. */
static inline struct span side_body(const struct side *s) {
  return buf_span(s->is_decoded ? &s->decoded : &s->raw);
}

enum txn_kind { TXN_CALL, TXN_DNS, TXN_TLS };
enum txn_outcome { TXN_UNKNOWN, TXN_OK, TXN_ERROR };

/** A file that a call carries. Spans live in the txn's arena. */
struct txn_file {
  struct txn_file *next;
  enum dir dir;
  struct span
      name; /* without folders; letters beyond ASCII and long numbers are stars; empty where it has none */
  struct span declared; /* media type, lower case; empty where none was given */
  const char *type;     /* by content: "pdf", "xlsx", "text"…; static text */
  uint64_t size;        /* bytes seen of it */
  char sha256[64];      /* hex, of a whole one */
  bool whole, differs;  /* differs: from what its media type or name says */
};

struct txn {
  struct arena arena; /* owns every span here but the bodies */
  enum txn_kind kind;
  struct conn conn;
  uint64_t order;       /* of the packet that completed it */
  uint32_t seq;         /* among the flow's transactions, from 0, by request */
  uint64_t stream;      /* HTTP/2 stream and the like, else 0 */
  const char *protocol; /* "http", "grpc", "mysql": static text */
  struct span version;  /* "1.1", "2" */
  struct side side[2];  /* by enum dir */
  /* HTTP and what runs on it */
  struct span method, target; /* as on the wire: "GET", "/a?b=c" */
  struct span scheme, host;   /* host without port, lower case; from Host, :authority or an absolute target */
  uint16_t host_port;         /* 0 where the host names none */
  struct span path, query;    /* of target: before and after '?', raw */
  int status;                 /* HTTP status or the protocol's code; -1 where none was seen */
  struct span status_text;
  /* every protocol */
  bool statement; /* to a database: what it carries is no parameter of an API, and no person asks */
  enum txn_outcome outcome;
  struct span service, operation; /* as the protocol or a model says; empty where HTTP's template decides */
  struct fact *facts;
  struct txn_file *files;         /* in order */
  const struct overlap *overlap;  /* for ANOMALY_OVERLAP_DIFFERS; NULL: not kept */
  uint64_t anomalies;             /* ANOMALY_BIT(…) */
  const struct model_path *parts; /* of path, while models look at it; else NULL */
};

/** Add a fact; the value is copied into the arena. Silent when out of memory. */
void txn_fact_str(struct txn *t, const char *name, struct span value);
void txn_fact_u64(struct txn *t, const char *name, uint64_t value);
void txn_fact_bool(struct txn *t, const char *name, bool value);
/** Append to a list-valued fact. */
void txn_fact_add(struct txn *t, const char *name, struct span value);
const struct fact *txn_fact(const struct txn *t, const char *name);
/** Its text; empty where there is none. */
struct span txn_fact_text(const struct txn *t, const char *name);
/** Append a header or an argument, spans copied. ERR_NOMEM. */
int txn_header(struct txn *t, struct headers *h, struct span name, struct span value);
int txn_arg(struct txn *t, enum dir d, struct span name, struct span value);
/** Count that something of t was not read for want of memory. */
static inline void txn_missed(struct txn *t) { budget_refuse(t->arena.budget); }
/** Bits of both sides together. */
static inline uint32_t txn_unseen(const struct txn *t) { return t->side[0].unseen | t->side[1].unseen; }

#endif
