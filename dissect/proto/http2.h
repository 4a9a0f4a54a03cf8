/* SPDX-License-Identifier: Apache-2.0 */
/* State of an HTTP/2 connection (RFC 9113). Internal to the http2 files. */
#ifndef DISSECT_PROTO_HTTP2_H
#define DISSECT_PROTO_HTTP2_H

#include "base/table.h"
#include "dissect/dissector.h"
#include "dissect/proto/hpack.h"
#include "dissect/proto/http2_frame.h"

enum { H2_CLOSED = 64, H2_SIGNATURES = 32, H2_SHIFTS = 128, H2_PLACES = 16 };

enum http2_phase { H2_IDLE, H2_HEAD /* headers seen */, H2_DONE };

struct websocket;
struct http2_stream {
  struct table_entry entry;
  uint32_t id;
  uint8_t phase[2]; /* enum http2_phase, by enum dir */
  bool suspect[2];  /* a hole may have eaten a header block of it */
  bool tunnel;      /* extended CONNECT: DATA are WebSocket frames */
  struct txn *t;    /* owned */
  struct websocket *ws;
};

/** Finds out how many entries a hole took from a direction's table, by what earlier blocks looked like. */
struct http2_heal {
  uint64_t signature[H2_SIGNATURES]; /* of blocks known in full: hash of names in order */
  uint8_t count, next;
  bool alive[H2_SHIFTS];      /* numbers of lost entries that explain all blocks since the hole */
  uint32_t places[H2_PLACES]; /* distinct old entries referred to since */
  uint8_t nplaces, tries;
  bool on, sure;            /* at work; a block was surely lost */
  bool complete, max_known; /* of the table before the hole */
  size_t max;
};

struct http2_way {
  struct hpack hpack;
  struct http2_heal heal;
  struct buf block;        /* of HEADERS and its CONTINUATIONs, while more are due */
  struct http2_frame head; /* the frame that began the block */
  uint32_t promised;
  uint32_t continuations;
  uint64_t block_ns, block_wire; /* when it began; bytes with framing */
  bool in_block, block_over;
  struct http2_frame frame; /* the DATA frame or skipped frame whose payload comes in pieces */
  uint32_t left, pad;       /* payload bytes to come; padding after them */
  bool in_frame, begun, lost, joined, holed, any_block, tuned;
  uint32_t last;      /* highest stream opened from this side */
  uint32_t max_frame; /* that this side may send */
  unsigned odd;       /* frames of unknown types in a row */
};

struct http2 {
  struct http2_way way[2];
  struct table streams;
  uint32_t closed[H2_CLOSED]; /* streams ended lately */
  uint32_t nclosed;
  uint64_t reset_ns; /* start of the second in which resets are counted */
  uint32_t resets;
  uint64_t anomalies; /* for the next transaction */
  bool pickup, failed;
};

/* http2_probe.c */

/** As struct dissector's probe and side. */
enum probe http2_probe(struct span head, enum dir d);
int http2_probe_side(struct span head);

/* http2_stream.c */

/** The stream, or NULL. */
struct http2_stream *http2_stream_find(struct http2 *h, uint32_t id);
/** A new stream with its transaction. At the cap the oldest is given up. NULL when out of memory. */
struct http2_stream *http2_stream_open(struct http2 *h, struct dissect_ctx *cx, uint32_t id);
/** A stream for a request that came over HTTP/1 (h2c); takes t over. NULL when out of memory. */
struct http2_stream *http2_stream_adopt(struct http2 *h, struct dissect_ctx *cx, struct txn *t);
/** Emit the transaction and forget the stream. */
void http2_stream_close(struct http2 *h, struct dissect_ctx *cx, struct http2_stream *s);
/** Whether the stream ended a short while ago. */
bool http2_stream_was_closed(const struct http2 *h, uint32_t id);
/** Payload of a DATA frame. */
void http2_stream_data(struct http2 *h, struct dissect_ctx *cx, struct http2_stream *s, enum dir d,
                       struct span data, uint64_t ns);
/** Bytes of a DATA frame were lost. */
void http2_stream_hole(struct http2_stream *s, enum dir d, uint64_t n, bool snapped);
/** That direction has ended; closes the stream when both have. s is gone if true is returned. */
bool http2_stream_end(struct http2 *h, struct dissect_ctx *cx, struct http2_stream *s, enum dir d);
void http2_stream_reset(struct http2 *h, struct dissect_ctx *cx, uint32_t id, enum dir d, uint32_t code,
                        uint64_t ns);
/** Note frame bytes and times of a side. */
void http2_stream_touch(struct http2_stream *s, enum dir d, uint64_t wire, uint64_t first_ns,
                        uint64_t last_ns);

/* http2_head.c */

struct http2_block {
  struct http2_frame head; /* of its first frame; flags say END_STREAM */
  uint32_t promised;
  struct span text;
  bool cut, snapped; /* its end was lost; to the snapshot length */
  uint64_t wire, first_ns, last_ns;
};
/** Take a whole header block (or what there is of it) of direction d. */
void http2_head_block(struct http2 *h, struct dissect_ctx *cx, enum dir d, const struct http2_block *b);

/* http2_heal.c */

/** A hole may have eaten header blocks of this direction; sure: it has. */
void http2_heal_begin(struct http2_way *w, bool sure);
/** Look at a block before it is decoded; puts the table right as soon as that is sure. */
void http2_heal_block(struct http2_way *w, struct span block);
/** It is sure by other means that no header block was lost. */
void http2_heal_end(struct http2_way *w);
/** Remember what a block looked like that was known in full. */
void http2_heal_learn(struct http2_way *w, uint64_t signature);
static inline uint64_t http2_heal_mix(uint64_t h, struct span name) {
  for (size_t i = 0; i < name.len; i++) h = (h ^ name.base[i]) * 0x100000001b3ULL;
  return (h ^ 0xff) * 0x100000001b3ULL;
}

#endif
