/* SPDX-License-Identifier: Apache-2.0 */
/* Streams of an HTTP/2 connection: one transaction each (RFC 9113 5). */
#include "dissect/proto/http2.h"
#include "dissect/part.h"
#include "dissect/proto/websocket.h"
#include "dissect/side.h"

enum { STREAMS_PER_PENDING = 4, RESETS_MOST = 100 };
#define SECOND 1000000000ULL

static struct http2_stream *oldest(struct http2 *h) {
  return h->streams.oldest ? (struct http2_stream *)(void *)h->streams.oldest : NULL;
}

struct http2_stream *http2_stream_find(struct http2 *h, uint32_t id) {
  return (struct http2_stream *)(void *)table_find(&h->streams, id, &id);
}

bool http2_stream_was_closed(const struct http2 *h, uint32_t id) {
  uint32_t n = h->nclosed < H2_CLOSED ? h->nclosed : H2_CLOSED;
  for (uint32_t i = 0; i < n; i++)
    if (h->closed[i] == id) return true;
  return false;
}

static struct http2_stream *add(struct http2 *h, struct dissect_ctx *cx, uint32_t id, struct txn *t) {
  struct http2_stream *s = budget_zalloc(cx->budget, sizeof *s);
  if (s && table_add(&h->streams, &s->entry, id) == 0) {
    s->id = id;
    s->t = t;
    t->stream = id;
    return s;
  }
  ctr_inc(cx->ctr, CTR_DISSECT_MEMORY);
  budget_free(cx->budget, s, sizeof *s);
  return NULL;
}

struct http2_stream *http2_stream_adopt(struct http2 *h, struct dissect_ctx *cx, struct txn *t) {
  struct http2_stream *s = add(h, cx, 1, t);
  if (!s) return NULL;
  struct side *answer = &t->side[DIR_RESPONSE];
  answer->headers.count = 0;
  answer->complete = false;
  t->side[DIR_REQUEST].complete = true;
  t->status = -1;
  s->phase[DIR_REQUEST] = H2_DONE;
  h->way[DIR_REQUEST].last = 1;
  txn_fact_bool(t, "tapscope.http2.upgraded", true);
  return s;
}

struct http2_stream *http2_stream_open(struct http2 *h, struct dissect_ctx *cx, uint32_t id) {
  while (h->streams.count >= (size_t)cx->conf->max_pending * STREAMS_PER_PENDING) {
    struct http2_stream *old = oldest(h);
    ctr_inc(cx->ctr, CTR_DISSECT_PENDING_CAP);
    for (int d = 0; d < 2; d++)
      if (!old->t->side[d].complete) old->t->side[d].unseen |= UNSEEN_CAPPED;
    http2_stream_close(h, cx, old);
  }
  struct txn *t = txn_open(cx, "http");
  struct http2_stream *s = t ? add(h, cx, id, t) : NULL;
  if (!s) {
    txn_drop(cx, t);
    return NULL;
  }
  s->t->version = SPAN_LIT("2");
  s->t->anomalies |= h->anomalies;
  h->anomalies = 0;
  return s;
}

/* A content-encoding may stand among the fields that are not known; these bytes begin nothing else. */
static void guess_coding(struct side *s) {
  if (!(s->unseen & UNSEEN_HPACK_LATE_JOIN) || headers_get(&s->headers, "content-encoding").len) return;
  struct span body = buf_span(&s->raw);
  if (span_starts(body, SPAN_LIT("\x1f\x8b\x08")))
    s->coding = SPAN_LIT("gzip");
  else if (span_starts(body, SPAN_LIT("\x28\xb5\x2f\xfd")))
    s->coding = SPAN_LIT("zstd");
}

void http2_stream_close(struct http2 *h, struct dissect_ctx *cx, struct http2_stream *s) {
  h->closed[h->nclosed++ % H2_CLOSED] = s->id;
  if (h->nclosed == 2 * H2_CLOSED) h->nclosed = H2_CLOSED;
  table_remove(&h->streams, &s->entry);
  struct txn *t = s->t;
  t->anomalies |= h->anomalies;
  h->anomalies = 0;
  for (int d = 0; d < 2; d++) guess_coding(&t->side[d]);
  if (s->ws) {
    websocket_finish(s->ws, cx, s->phase[0] == H2_DONE || s->phase[1] == H2_DONE);
    websocket_free(s->ws, cx);
  } else {
    txn_close(cx, t);
  }
  budget_free(cx->budget, s, sizeof *s);
}

void http2_stream_touch(struct http2_stream *s, enum dir d, uint64_t wire, uint64_t first_ns,
                        uint64_t last_ns) {
  struct side *side = &s->t->side[d];
  if (!side->seen) side->first_ns = first_ns;
  side->seen = true;
  if (last_ns > side->last_ns) side->last_ns = last_ns;
  side->wire_bytes += wire;
}

void http2_stream_data(struct http2 *h, struct dissect_ctx *cx, struct http2_stream *s, enum dir d,
                       struct span data, uint64_t ns) {
  (void)h;
  if (!s->ws && part_due(cx, s->t, ns)) part_cut(cx, &s->t, ns);
  struct side *side = &s->t->side[d];
  if (ns > side->last_ns) side->last_ns = ns;
  if (s->ws) {
    websocket_feed(s->ws, cx, d, data, ns);
    s->t = websocket_txn(s->ws);
    return;
  }
  side_put(side, cx, data);
}

void http2_stream_hole(struct http2_stream *s, enum dir d, uint64_t n, bool snapped) {
  struct side *side = &s->t->side[d];
  side_lost(side, n, snapped);
  if (!side->hole) side->hole = side->raw.len + 1;
  if (s->ws) websocket_hole(s->ws, d, n, snapped);
}

bool http2_stream_end(struct http2 *h, struct dissect_ctx *cx, struct http2_stream *s, enum dir d) {
  s->phase[d] = H2_DONE;
  s->t->side[d].complete = true;
  s->suspect[d] = false;
  bool other = s->phase[!d] == H2_DONE || (d == DIR_RESPONSE && s->phase[DIR_REQUEST] == H2_IDLE);
  if (!other) return false;
  http2_stream_close(h, cx, s);
  return true;
}

/* Streams opened and given up in haste: a hundred in a second is no browser (CVE-2023-44487). */
static bool is_rapid(struct http2 *h, uint64_t ns) {
  if (ns - h->reset_ns > SECOND) {
    h->reset_ns = ns;
    h->resets = 0;
  }
  return ++h->resets > RESETS_MOST;
}

void http2_stream_reset(struct http2 *h, struct dissect_ctx *cx, uint32_t id, enum dir d, uint32_t code,
                        uint64_t ns) {
  struct http2_stream *s = http2_stream_find(h, id);
  bool answered = !s || s->phase[DIR_RESPONSE] == H2_DONE;
  if (d == DIR_REQUEST && !answered && is_rapid(h, ns)) h->anomalies |= ANOMALY_BIT(ANOMALY_H2_RAPID_RESET);
  if (!s) return;
  if (!(answered && code == 0)) {
    txn_fact_u64(s->t, "tapscope.http2.reset", code);
    txn_fact_str(s->t, "tapscope.http2.reset_by", d == DIR_REQUEST ? SPAN_LIT("client") : SPAN_LIT("server"));
    s->t->outcome = TXN_ERROR;
  }
  http2_stream_close(h, cx, s);
}
