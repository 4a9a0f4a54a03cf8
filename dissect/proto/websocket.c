/* SPDX-License-Identifier: Apache-2.0 */
/* WebSocket: messages of a connection gathered into its handshake's transaction (RFC 6455, 7692, 8441). */
#include "dissect/proto/websocket.h"
#include "dissect/part.h"
#include "base/err.h"
#include "dissect/proto/websocket_frame.h"
#include "dissect/proto/websocket_inflate.h"
#include "dissect/side.h"
#include <netinet/in.h>
#include <stdio.h>

enum { LISTED_MOST = 32, PART_BYTES = 1 << 20, PART_MESSAGES = 1000 };
#define PART_NS 60000000000ULL

struct ws_way {
  struct websocket_inflate inflate;
  struct buf message; /* payload so far of the message being put together, as sent */
  uint8_t head[WS_HEAD_MOST];
  uint8_t nhead, opcode, control;
  struct websocket_frame frame;
  uint64_t at;       /* payload bytes of the frame that went by */
  uint64_t first_ns; /* of the message */
  bool in_frame, in_message, packed, holed, over, lost;
  uint64_t messages, decoded;
  uint8_t close[2], nclose;
};

struct websocket {
  struct txn *t;
  struct ws_way way[2];
  uint64_t part_ns;
  uint32_t part, listed;
  bool packs;
};

/* RFC 7692 7.1: the answer says what holds. */
static void extensions(struct websocket *w) {
  struct span list = headers_get(&w->t->side[DIR_RESPONSE].headers, "sec-websocket-extensions");
  while (list.len) {
    struct span params = span_cut(&list, ',');
    if (!span_eq_nocase(span_trim(span_cut(&params, ';')), SPAN_LIT("permessage-deflate"))) continue;
    w->packs = true;
    while (params.len) {
      struct span p = span_trim(span_cut(&params, ';'));
      if (span_eq_nocase(p, SPAN_LIT("client_no_context_takeover"))) w->way[DIR_REQUEST].inflate.alone = true;
      if (span_eq_nocase(p, SPAN_LIT("server_no_context_takeover")))
        w->way[DIR_RESPONSE].inflate.alone = true;
    }
  }
}

static void begin_bodies(struct txn *t) {
  for (int d = 0; d < 2; d++) {
    t->side[d].is_decoded = true;
    t->side[d].body_bytes = t->side[d].decoded_bytes = 0;
    t->side[d].complete = false;
    buf_reset(&t->side[d].raw);
    buf_reset(&t->side[d].decoded);
  }
}

struct websocket *websocket_new(struct dissect_ctx *cx, struct txn *t) {
  struct websocket *w = budget_zalloc(cx->budget, sizeof *w);
  if (!w) {
    ctr_inc(cx->ctr, CTR_DISSECT_MEMORY);
    return NULL;
  }
  w->t = t;
  for (int d = 0; d < 2; d++) {
    buf_init(&w->way[d].message, cx->budget, (size_t)cx->conf->max_body_bytes);
    websocket_inflate_init(&w->way[d].inflate, cx->budget);
  }
  t->protocol = "websocket";
  t->outcome = TXN_OK;
  extensions(w);
  begin_bodies(t);
  struct span sub = headers_get(&t->side[DIR_RESPONSE].headers, "sec-websocket-protocol");
  if (sub.len) txn_fact_str(t, "tapscope.websocket.subprotocol", sub);
  w->part_ns = t->side[DIR_RESPONSE].last_ns ? t->side[DIR_RESPONSE].last_ns : cx->ns;
  return w;
}

struct txn *websocket_txn(const struct websocket *w) {
  return w->t;
}

void websocket_free(struct websocket *w, struct dissect_ctx *cx) {
  if (!w) return;
  for (int d = 0; d < 2; d++) {
    buf_done(&w->way[d].message);
    websocket_inflate_done(&w->way[d].inflate);
  }
  txn_drop(cx, w->t);
  budget_free(cx->budget, w, sizeof *w);
}

static void emit(struct websocket *w, struct dissect_ctx *cx, bool ended, bool whole) {
  struct txn *t = w->t;
  txn_fact_u64(t, "tapscope.websocket.request.messages", w->way[DIR_REQUEST].messages);
  txn_fact_u64(t, "tapscope.websocket.response.messages", w->way[DIR_RESPONSE].messages);
  if (w->packs) txn_fact_bool(t, "tapscope.websocket.compressed", true);
  if (w->part || !ended) txn_fact_u64(t, "tapscope.websocket.part", w->part + 1);
  for (int d = 0; d < 2; d++) {
    struct side *s = &t->side[d];
    s->decoded_bytes = w->way[d].decoded;
    s->complete = whole || w->way[d].nclose || cx->fin[d];
    if (w->way[d].nclose == 2 && !txn_fact(t, "tapscope.websocket.close"))
      txn_fact_u64(t, "tapscope.websocket.close", (uint64_t)w->way[d].close[0] << 8 | w->way[d].close[1]);
  }
  w->t = NULL;
  txn_close(cx, t);
}

/* The connection goes on in another record. */
static void next_part(struct websocket *w, struct dissect_ctx *cx, uint64_t ns) {
  struct txn *t = txn_open(cx, "websocket"), *old = w->t;
  if (!t) return;
  t->stream = old->stream;
  t->version = arena_copy(&t->arena, old->version);
  t->method = arena_copy(&t->arena, old->method);
  t->target = arena_copy(&t->arena, old->target);
  t->scheme = arena_copy(&t->arena, old->scheme);
  t->host = arena_copy(&t->arena, old->host);
  t->host_port = old->host_port;
  t->status = old->status;
  t->outcome = TXN_OK;
  for (int d = 0; d < 2; d++) {
    part_copy_head(t, (enum dir)d, old);
    t->side[d].unseen = old->side[d].unseen & UNSEEN_MIDSTREAM;
    t->side[d].seen = true;
    t->side[d].first_ns = t->side[d].last_ns = ns;
  }
  begin_bodies(t);
  emit(w, cx, false, true);
  w->t = t;
  w->part++;
  w->part_ns = ns;
  w->listed = 0;
  for (int d = 0; d < 2; d++) w->way[d].messages = w->way[d].decoded = 0;
}

static bool part_is_full(const struct websocket *w, uint64_t ns) {
  uint64_t n = w->way[0].messages + w->way[1].messages;
  size_t bytes = w->t->side[0].decoded.len + w->t->side[1].decoded.len;
  return n && (n >= PART_MESSAGES || bytes >= PART_BYTES || (ns > w->part_ns && ns - w->part_ns >= PART_NS));
}

static void list_message(struct websocket *w, enum dir d, uint64_t len) {
  char text[64];
  if (w->listed++ >= LISTED_MOST) return;
  int n = snprintf(text, sizeof text, "%s %s %llu", d == DIR_REQUEST ? "request" : "response",
                   w->way[d].opcode == WS_BINARY ? "binary" : "text", (unsigned long long)len);
  txn_fact_add(w->t, "tapscope.websocket.message", span_of(text, (size_t)n));
}

/* A message is whole: unpack it and put it behind the others. */
static void end_message(struct websocket *w, struct dissect_ctx *cx, enum dir d) {
  struct ws_way *y = &w->way[d];
  struct side *s = &w->t->side[d];
  uint8_t head[WS_RECORD_HEAD];
  size_t at = s->decoded.len;
  y->in_message = false;
  y->messages++;
  uint64_t len = y->message.len;
  websocket_frame_record(head, y->opcode, 0);
  bool fits = buf_put(&s->decoded, span_of(head, sizeof head)) == 0;
  struct span text = buf_span(&y->message);
  if (y->packed) {
    int err = websocket_inflate_message(&y->inflate, text, y->holed || y->over, fits ? &s->decoded : NULL,
                                        (uint64_t)cx->conf->max_ratio, &len);
    if (err == ERR_CAP)
      s->unseen |= UNSEEN_CAPPED;
    else if (err < 0 && !y->holed)
      s->unseen |= UNSEEN_GAP;
  } else if (fits && buf_put_some(&s->decoded, text) != (long)text.len) {
    s->unseen |= UNSEEN_CAPPED;
  }
  if (y->over || !fits) s->unseen |= UNSEEN_CAPPED;
  if (fits) {
    websocket_frame_record(head, y->opcode, (uint32_t)(s->decoded.len - at - WS_RECORD_HEAD));
    memcpy(s->decoded.base + at, head, sizeof head);
  }
  y->decoded += len;
  list_message(w, d, len);
  buf_reset(&y->message);
  y->holed = y->over = false;
}

static void begin_frame(struct websocket *w, struct dissect_ctx *cx, enum dir d, uint64_t ns) {
  struct ws_way *y = &w->way[d];
  y->in_frame = true;
  y->at = 0;
  y->nhead = 0;
  y->control = y->frame.opcode >= WS_CLOSE ? y->frame.opcode : 0;
  w->t->side[d].wire_bytes += y->frame.head + y->frame.len;
  if (y->control) return;
  if (y->frame.opcode != WS_CONTINUATION) {
    if (part_is_full(w, ns)) next_part(w, cx, ns);
    y->opcode = y->frame.opcode;
    y->packed = y->frame.packed;
    y->in_message = true;
    buf_reset(&y->message);
  }
}

static void payload(struct websocket *w, enum dir d, struct span in) {
  struct ws_way *y = &w->way[d];
  const uint8_t *mask = y->frame.mask;
  if (y->control) {
    for (size_t i = 0; y->control == WS_CLOSE && i < in.len && y->nclose < 2; i++)
      y->close[y->nclose++] = in.base[i] ^ mask[(y->at + i) & 3];
    return;
  }
  w->t->side[d].body_bytes += in.len;
  if (y->over) return;
  size_t at = y->message.len;
  long took = buf_put_some(&y->message, in);
  if (took < 0 || (size_t)took < in.len) y->over = true;
  if (!y->frame.masked || took < 0) return;
  for (size_t i = 0; i < (size_t)took; i++) y->message.base[at + i] ^= mask[(y->at + i) & 3];
}

static void end_frame(struct websocket *w, struct dissect_ctx *cx, enum dir d) {
  struct ws_way *y = &w->way[d];
  y->in_frame = false;
  if (!y->control && y->frame.fin && y->in_message) end_message(w, cx, d);
}

/* Whether whole frames of this direction fill s exactly: so it may go on after a hole. */
static bool fits_exactly(struct span s, enum dir d) {
  struct websocket_frame f;
  unsigned n = 0;
  while (s.len && websocket_frame_read(s, &f) > 0 && f.masked == (d == DIR_REQUEST)) {
    if (f.head + f.len > s.len) return false;
    s = span_skip(s, f.head + (size_t)f.len);
    n++;
  }
  return s.len == 0 && n;
}

/* The next piece of a head or a payload. Bytes eaten; 0 when the rest is of no use. */
static size_t step(struct websocket *w, struct dissect_ctx *cx, enum dir d, struct span data, uint64_t ns) {
  struct ws_way *y = &w->way[d];
  if (y->in_frame) {
    uint64_t left = y->frame.len - y->at;
    struct span part = span_head(data, left < data.len ? (size_t)left : data.len);
    payload(w, d, part);
    y->at += part.len;
    if (y->at == y->frame.len) end_frame(w, cx, d);
    return part.len;
  }
  size_t had = y->nhead, n = span_head(data, WS_HEAD_MOST - had).len;
  memcpy(y->head + had, data.base, n);
  int r = websocket_frame_read(span_of(y->head, had + n), &y->frame);
  if (r == 0) {
    y->nhead = (uint8_t)(had + n);
    return n;
  }
  if (r < 0) {
    y->lost = true;
    w->t->anomalies |= ANOMALY_BIT(ANOMALY_PROTOCOL_ERROR);
    ctr_inc(cx->ctr, CTR_DISSECT_LOST_SYNC);
    return 0;
  }
  begin_frame(w, cx, d, ns);
  if (y->frame.len == 0) end_frame(w, cx, d);
  return y->frame.head - had;
}

void websocket_feed(struct websocket *w, struct dissect_ctx *cx, enum dir d, struct span data, uint64_t ns) {
  struct ws_way *y = &w->way[d];
  if (!w->t) return;
  struct side *s = &w->t->side[d];
  if (!s->seen) s->first_ns = ns;
  s->seen = true;
  if (ns > s->last_ns) s->last_ns = ns;
  if (y->lost) {
    if (!fits_exactly(data, d)) return;
    y->lost = y->in_frame = y->in_message = false;
    y->nhead = 0;
    ctr_inc(cx->ctr, CTR_DISSECT_RESYNC);
  }
  while (data.len) {
    size_t ate = step(w, cx, d, data, ns);
    if (!ate || !w->t) return;
    data = span_skip(data, ate);
  }
}

void websocket_hole(struct websocket *w, enum dir d, uint64_t n, bool snapped) {
  struct ws_way *y = &w->way[d];
  if (!w->t) return;
  struct side *s = &w->t->side[d];
  side_lost(s, n, snapped);
  websocket_inflate_break(&y->inflate);
  uint64_t left = y->in_frame ? y->frame.len - y->at : 0;
  y->holed = true;
  if (n < left) {
    if (!y->control) s->body_bytes += n;
    y->at += n;
    return;
  }
  if (y->in_frame && n == left) {
    y->at = y->frame.len;
    y->in_frame = y->in_message = false;
    return;
  }
  y->lost = true;
  y->nhead = 0;
}

void websocket_finish(struct websocket *w, struct dissect_ctx *cx, bool whole) {
  if (w->t) emit(w, cx, true, whole);
}

/* As a protocol of its own, after HTTP/1's handshake. */
struct ws_flow {
  struct websocket *w;
};

/* Without a handshake only whole text frames that hold JSON are sure enough. */
static enum probe probe(struct span head, enum dir d) {
  struct websocket_frame f;
  (void)d;
  if (head.len < 4 || head.base[0] != 0x81 || websocket_frame_read(head, &f) <= 0 || f.len < 2)
    return PROBE_NO;
  if (f.head + f.len > head.len || !fits_exactly(head, f.masked ? DIR_REQUEST : DIR_RESPONSE))
    return PROBE_NO;
  const uint8_t *p = head.base + f.head;
  uint8_t first = p[0] ^ f.mask[0], last = p[f.len - 1] ^ f.mask[(f.len - 1) & 3];
  bool json = (first == '{' && last == '}') || (first == '[' && last == ']');
  return json ? PROBE_YES : PROBE_NO;
}

static int side(struct span head) {
  struct websocket_frame f;
  return websocket_frame_read(head, &f) > 0 ? (f.masked ? DIR_REQUEST : DIR_RESPONSE) : -1;
}

static void start(void *state, struct dissect_ctx *cx) {
  struct ws_flow *f = state;
  struct txn *t = cx->from ? (struct txn *)(uintptr_t)cx->from : txn_open(cx, "websocket");
  if (!t) return;
  bool begun = cx->from && t->side[DIR_REQUEST].seen;
  f->w = websocket_new(cx, t);
  uint32_t late = cx->flow_unseen & UNSEEN_MIDSTREAM ? UNSEEN_MIDSTREAM : UNSEEN_GAP;
  if (!begun && !t->side[DIR_REQUEST].unseen) t->side[DIR_REQUEST].unseen = late;
  if (cx->from) {
    cx->from_taken = f->w != NULL;
    return;
  }
  t->side[DIR_RESPONSE].unseen |= late;
  if (!f->w) txn_drop(cx, t);
}

static struct parse parse(void *state, struct dissect_ctx *cx, struct chunk in) {
  struct ws_flow *f = state;
  if (!f->w) return (struct parse){.status = PARSE_ERROR};
  if (in.gap)
    websocket_hole(f->w, in.dir, in.gap, in.snapped);
  else
    websocket_feed(f->w, cx, in.dir, in.data, in.ns);
  return (struct parse){.status = PARSE_OK, .used = in.data.len};
}

static void finish(void *state, struct dissect_ctx *cx, enum end why) {
  struct ws_flow *f = state;
  if (f->w) websocket_finish(f->w, cx, why == END_FIN);
  websocket_free(f->w, cx);
}

const struct dissector dissector_websocket = {
    .name = "websocket",
    .transport = IPPROTO_TCP,
    .state_size = sizeof(struct ws_flow),
    .probe = probe,
    .start = start,
    .parse = parse,
    .finish = finish,
    .side = side,
};
