/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1.x (RFC 9110, 9112): the two halves of a connection and the exchanges between them. Internal to http1*.c. */
#ifndef DISSECT_PROTO_HTTP1_H
#define DISSECT_PROTO_HTTP1_H

#include "dissect/dissector.h"

enum http1_phase {
  HTTP1_START,     /* between messages, or in a head */
  HTTP1_SKIP_HEAD, /* behind a head that was cut at the cap */
  HTTP1_LENGTH,    /* `left` body bytes to come */
  HTTP1_CLOSE,     /* body until the connection ends */
  HTTP1_CHUNK_SIZE,
  HTTP1_CHUNK_DATA, /* `left` bytes of the chunk to come */
  HTTP1_CHUNK_END,  /* CRLF behind the chunk */
  HTTP1_TRAILERS,
  HTTP1_LOST, /* somewhere behind a hole: the next start line is looked for */
};

/** A request and its response, of which either may be missing. */
struct http1_exchange {
  struct http1_exchange *next;
  struct txn *t;
  uint64_t start; /* offset of the request in its direction */
  uint64_t recv;  /* bytes of responses that the client had when it sent the request */
  bool begun[2], done[2];
  bool is_head, is_connect, upgrade, after_gap, old /* HTTP/0.9 */;
};

struct http1_half {
  enum http1_phase phase;
  struct http1_exchange *ex; /* whose message is being read; NULL at START */
  uint64_t left;
  size_t scanned;      /* of the pending head, already searched for its end */
  uint64_t head_bytes; /* of a head or trailer section that is being skipped or read */
  bool lost;           /* at START: the next start line must be looked for */
  bool after_gap, any;
  bool fresh; /* a body may begin, or not: the request was not seen, or waits for 100 (Continue) */
};

struct http1 {
  struct http1_half half[2];
  struct http1_exchange *first, *last;
  uint32_t open;
  uint64_t gap_from, gap_to; /* where response heads may have been lost last */
  bool gap_open /* no head since */, lossy, pipelined, suspect /* of pipelining, in a stream with holes */;
  bool unpaired; /* an answer came whose request cannot be told */
};

/** What a head says. Spans point into the transaction's arena. */
struct http1_head {
  struct span method, target, version, reason;
  struct span transfer, upgrade;
  uint64_t length, anomalies;
  int status;
  unsigned hosts;
  bool has_length, bad_length, chunked, has_transfer, old /* HTTP/0.9: no head at all */, cut;
};

/** Whether s begins with a start line of direction d: PROBE_MAYBE when more bytes are needed. */
enum probe http1_start_line(struct span s, enum dir d);
/** The same with nothing left to guess, for the search behind a hole. */
enum probe http1_sure_line(struct span s, enum dir d);
/** Whether s begins a request with a registered method, though its line may be cut. */
bool http1_known_request(struct span s);
/** Index of the first start line in s, or s.len; *keep: how many bytes at the end may begin one. */
size_t http1_find_start(struct span s, enum dir d, size_t *keep);
/** Length of the head with its empty line, 0 when it does not end in s. *scanned is remembered between calls. */
size_t http1_head_end(struct span s, size_t *scanned);
/** Status of a response's first line, -1 when it is none. */
int http1_status(struct span s);
/** Read a head (a copy in t's arena) into t and *out. cut: it ends early. ERR_NOMEM. */
int http1_read_head(struct txn *t, enum dir d, struct span head, bool cut, uint32_t max_headers,
                    struct http1_head *out);
/** Read a trailer section into h. */
void http1_read_trailers(struct txn *t, struct headers *h, struct span s, uint32_t max_headers,
                         uint64_t *anomalies);

/** New exchange at the end of the list. NULL when out of memory (counted). */
struct http1_exchange *http1_open(struct http1 *h, struct dissect_ctx *cx);
/** Which request does a response at offset `off`, sent after `ack` request bytes, answer? NULL: one that was not seen. */
struct http1_exchange *http1_pair(struct http1 *h, struct dissect_ctx *cx, uint64_t off, uint64_t ack);
/** Response heads may have been lost in n bytes at `off`. */
void http1_gap(struct http1 *h, uint64_t off, uint64_t n);
/** Emit ex when both sides are over. */
void http1_settle(struct http1 *h, struct dissect_ctx *cx, struct http1_exchange *ex);
/** Emit ex as it is. */
void http1_close(struct http1 *h, struct dissect_ctx *cx, struct http1_exchange *ex);
/** Take ex off the list and free it; its transaction is the caller's. */
struct txn *http1_detach(struct http1 *h, struct dissect_ctx *cx, struct http1_exchange *ex);

#endif
