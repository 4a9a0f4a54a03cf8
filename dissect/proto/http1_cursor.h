/* SPDX-License-Identifier: Apache-2.0 */
/* One parse call of an HTTP/1 direction, and the parts that share it. Internal to http1*.c. */
#ifndef DISSECT_PROTO_HTTP1_CURSOR_H
#define DISSECT_PROTO_HTTP1_CURSOR_H

#include "dissect/proto/http1.h"

struct http1_cursor {
  struct http1 *h;
  struct http1_half *half;
  struct dissect_ctx *cx;
  enum dir dir;
  struct chunk in;
  size_t pos;
  struct parse result;
  bool stop;
};

static inline struct span http1_rest(const struct http1_cursor *c) { return span_skip(c->in.data, c->pos); }

static inline struct side *http1_side_of(const struct http1_cursor *c) {
  return &c->half->ex->t->side[c->dir];
}

/* n bytes of the current message. */
static inline void http1_eat(struct http1_cursor *c, size_t n) {
  if (c->half->ex) {
    struct side *s = http1_side_of(c);
    s->wire_bytes += n;
    s->last_ns = c->in.ns;
  }
  c->pos += n;
}

static inline void http1_wait(struct http1_cursor *c, size_t more) {
  c->result.need = more ? http1_rest(c).len + more : 0;
  c->stop = true;
}

/** Begin the body that head announces; without one the message is over. */
void http1_body_begin(struct http1_cursor *c, const struct http1_head *head);
/** Take bytes of a body or chunk whose length is known. */
void http1_body_length(struct http1_cursor *c);
/** Read a chunk-size line. */
void http1_body_chunk_size(struct http1_cursor *c);
/** Read the line end behind a chunk. */
void http1_body_chunk_end(struct http1_cursor *c);
/** Read the trailer section. */
void http1_body_trailers(struct http1_cursor *c);
/** Take bytes of a body that ends with the connection. */
void http1_body_close(struct http1_cursor *c);
/** Count n lost bytes of a body. */
void http1_body_hole(struct http1_cursor *c, uint64_t n);
/** The message of this half is over; whole: by its own framing. */
void http1_message_done(struct http1_cursor *c, bool whole);
/** From here on the next start line is looked for. */
void http1_lose_place(struct http1_cursor *c);
/** Note when and how a message of n head bytes began. */
void http1_message_fill(struct http1_cursor *c, struct http1_exchange *ex, const struct http1_head *head,
                        size_t n);
/** Open an exchange for a request head; cut: it breaks off. NULL when out of memory. */
struct http1_exchange *http1_message_request(struct http1_cursor *c, struct span bytes, bool cut,
                                             struct http1_head *head);
/** Find or open the exchange of a response head. */
struct http1_exchange *http1_message_response(struct http1_cursor *c, struct span bytes, bool cut,
                                              struct http1_head *head);
/** Where the request was not seen it may have been HEAD: another head in place of a body says so. */
bool http1_message_looks_bodyless(struct http1_cursor *c);
/** Pass over the rest of a head that was cut at the cap. */
void http1_message_skip(struct http1_cursor *c);
/** Read a head, when it is whole. */
void http1_message_start(struct http1_cursor *c);
/** Behind a hole: skip to the next start line. */
void http1_gap_search(struct http1_cursor *c);
/** Take a message whose head breaks off as far as it can be read. */
void http1_gap_partial(struct http1_cursor *c, struct span bytes, bool gap);
/** Take the hole c->in.gap. */
void http1_gap_take(struct http1_cursor *c);

#endif
