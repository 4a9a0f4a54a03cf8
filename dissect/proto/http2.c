/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/2: frames of both directions, joined at any point, across holes (RFC 9113). */
#include "dissect/proto/http2.h"
#include "base/err.h"
#include <netinet/in.h>

enum { WHOLE_MOST = 64 * 1024, CONTINUATIONS_MOST = 32, ODD_MOST = 8, SEARCH_MOST = 64 * 1024 };

static bool same_stream(const struct table_entry *e, const void *key) {
  return ((const struct http2_stream *)(const void *)e)->id == *(const uint32_t *)key;
}

static void start(void *state, struct dissect_ctx *cx) {
  struct http2 *h = state;
  for (int d = 0; d < 2; d++) {
    hpack_init(&h->way[d].hpack, cx->budget, false);
    buf_init(&h->way[d].block, cx->budget, (size_t)cx->conf->max_header_bytes);
    h->way[d].max_frame = H2_FRAME_UNKNOWN;
  }
  h->pickup = (cx->flow_unseen & UNSEEN_MIDSTREAM) != 0;
  h->failed = table_init(&h->streams, same_stream, 0, cx->budget) < 0;
  if (h->failed) ctr_inc(cx->ctr, CTR_DISSECT_MEMORY);
  if (!cx->from || h->failed) return;
  /* h2c: the upgraded request is stream 1, half closed (RFC 7540 3.2). */
  struct http2_stream *s = http2_stream_adopt(h, cx, (struct txn *)(uintptr_t)cx->from);
  if (s) cx->from_taken = true;
}

static void join(struct http2 *h, enum dir d) {
  struct http2_way *w = &h->way[d];
  if (w->joined || w->holed) return;
  w->joined = true;
  hpack_join(&w->hpack);
}

/* The first bytes of a direction. How many to step over, or -1 to wait for more. */
static int begin(struct http2 *h, enum dir d, struct chunk in) {
  struct http2_way *w = &h->way[d];
  struct span preface = span_of(http2_frame_preface, H2_PREFACE);
  if (d == DIR_REQUEST && in.data.len < H2_PREFACE && span_starts(preface, in.data)) return -1;
  if (in.data.len < H2_FRAME_HEAD) return -1;
  w->begun = true;
  bool has_preface = span_starts(in.data, preface);
  struct http2_frame f;
  (void)http2_frame_read(in.data, &f);
  w->tuned = f.type == H2_SETTINGS && !(f.flags & H2_ACK) && f.id == 0;
  if (has_preface) h->pickup = false;
  if (has_preface || !h->pickup) join(h, d);
  if (has_preface && d == DIR_REQUEST && h->way[DIR_RESPONSE].begun) join(h, DIR_RESPONSE);
  w->lost = !has_preface && h->pickup;
  return has_preface ? H2_PREFACE : 0;
}

static void lose(struct http2 *h, struct dissect_ctx *cx, enum dir d) {
  struct http2_way *w = &h->way[d];
  if (!w->lost) ctr_inc(cx->ctr, CTR_DISSECT_LOST_SYNC);
  w->lost = true;
  w->in_frame = w->in_block = false;
  w->odd = 0;
  buf_reset(&w->block);
}

static uint64_t begun_ns(const struct chunk *in, size_t at) {
  return at == 0 && in->first_ns ? in->first_ns : in->ns;
}

static void settings(struct http2 *h, enum dir d, struct span payload) {
  for (; payload.len >= 6; payload = span_skip(payload, 6)) {
    uint32_t key = (uint32_t)payload.base[0] << 8 | payload.base[1];
    uint32_t value = (uint32_t)payload.base[2] << 24 | (uint32_t)payload.base[3] << 16 |
                     (uint32_t)payload.base[4] << 8 | payload.base[5];
    if (key == 5 && value >= H2_FRAME_DEFAULT && value <= 0xffffff) h->way[!d].max_frame = value;
  }
}

static uint32_t word(struct span s) {
  return (uint32_t)s.base[0] << 24 | (uint32_t)s.base[1] << 16 | (uint32_t)s.base[2] << 8 | s.base[3];
}

/* HEADERS, PUSH_PROMISE and CONTINUATION whose payload is whole. */
static void block_frame(struct http2 *h, struct dissect_ctx *cx, enum dir d, const struct http2_frame *f,
                        struct span payload, uint64_t first_ns, uint64_t last_ns) {
  struct http2_way *w = &h->way[d];
  struct span part;
  uint32_t promised = 0;
  if (!http2_frame_block(f, payload, &part, &promised)) {
    h->anomalies |= ANOMALY_BIT(ANOMALY_H2_BAD_FRAME);
    http2_heal_begin(w, true);
    return;
  }
  if (f->type != H2_CONTINUATION) {
    w->head = *f;
    w->promised = promised;
    w->block_ns = first_ns;
    w->block_wire = 0;
    w->continuations = 0;
    w->block_over = false;
    buf_reset(&w->block);
  } else if (++w->continuations > CONTINUATIONS_MOST) {
    h->anomalies |= ANOMALY_BIT(ANOMALY_H2_CONTINUATION_FLOOD);
  }
  w->block_wire += H2_FRAME_HEAD + f->len;
  w->in_block = !(f->flags & H2_END_HEADERS);
  struct http2_block b = {.head = w->head,
                          .promised = w->promised,
                          .text = part,
                          .wire = w->block_wire,
                          .first_ns = w->block_ns,
                          .last_ns = last_ns};
  if (w->in_block || w->block.len) {
    int rc = w->block_over ? 0 : buf_put(&w->block, part);
    if (rc < 0) {
      w->block_over = true;
      ctr_inc(cx->ctr, rc == ERR_NOMEM ? CTR_DISSECT_MEMORY : CTR_DISSECT_HEADER_CAP);
      if (w->continuations) h->anomalies |= ANOMALY_BIT(ANOMALY_H2_CONTINUATION_FLOOD);
    }
    if (w->in_block) return;
    b.text = buf_span(&w->block);
    b.cut = w->block_over;
  }
  http2_head_block(h, cx, d, &b);
  buf_reset(&w->block);
}

/* A frame whose payload is whole. */
static void whole_frame(struct http2 *h, struct dissect_ctx *cx, enum dir d, const struct http2_frame *f,
                        struct span payload, uint64_t first_ns, uint64_t last_ns) {
  switch (f->type) {
  case H2_HEADERS:
  case H2_PUSH_PROMISE:
  case H2_CONTINUATION: block_frame(h, cx, d, f, payload, first_ns, last_ns); break;
  case H2_SETTINGS:
    if (!(f->flags & H2_ACK)) settings(h, d, payload);
    break;
  case H2_RST_STREAM:
    if (payload.len == 4) http2_stream_reset(h, cx, f->id, d, word(payload), last_ns);
    break;
  default: break;
  }
}

/* Whether the frame may stand here; what is wrong but harmless is noted. */
static bool check(struct http2 *h, enum dir d, struct http2_frame *f) {
  struct http2_way *w = &h->way[d];
  bool continues = f->type == H2_CONTINUATION && w->in_block && f->id == w->head.id;
  if ((f->type == H2_CONTINUATION || w->in_block) && !continues) {
    if (!w->holed && !h->pickup) h->anomalies |= ANOMALY_BIT(ANOMALY_H2_BAD_FRAME);
    http2_heal_begin(w, true);
    w->in_block = false;
    buf_reset(&w->block);
    if (f->type == H2_CONTINUATION) f->type = H2_TYPES; /* of a block whose beginning was not seen */
  }
  uint32_t most = w->max_frame;
  if (f->len > most) {
    h->anomalies |= ANOMALY_BIT(ANOMALY_H2_BAD_FRAME);
    if (f->len > H2_FRAME_UNKNOWN && f->len > 4 * most) return false;
  }
  w->odd = f->type > 0x10 ? w->odd + 1 : 0;
  bool needs_stream = f->type == H2_DATA || f->type == H2_HEADERS || f->type == H2_RST_STREAM;
  if ((needs_stream && f->id == 0) || f->id > INT32_MAX || w->odd > ODD_MOST) {
    h->anomalies |= ANOMALY_BIT(ANOMALY_H2_BAD_FRAME);
    return false;
  }
  return true;
}

/* The streamed part of a DATA frame, or of one that is stepped over. Bytes eaten. */
static size_t stream_payload(struct http2 *h, struct dissect_ctx *cx, enum dir d, struct span data,
                             uint64_t ns) {
  struct http2_way *w = &h->way[d];
  struct span body = span_head(data, w->left);
  size_t used = body.len;
  w->left -= (uint32_t)body.len;
  struct http2_stream *s = w->frame.type == H2_DATA ? http2_stream_find(h, w->frame.id) : NULL;
  if (s && body.len) http2_stream_data(h, cx, s, d, body, ns);
  if (w->left == 0) {
    size_t pad = data.len - used < w->pad ? data.len - used : w->pad;
    w->pad -= (uint32_t)pad;
    used += pad;
  }
  if (w->left || w->pad) return used;
  w->in_frame = false;
  if (s && (w->frame.flags & H2_END_STREAM) && s->phase[d] != H2_DONE) http2_stream_end(h, cx, s, d);
  return used;
}

/* Begin a frame that is not waited for. Bytes eaten, 0 when the pad length is yet to come. */
static size_t begin_stream(struct http2 *h, struct dissect_ctx *cx, enum dir d, const struct http2_frame *f,
                           struct span data, uint64_t first_ns, uint64_t ns) {
  struct http2_way *w = &h->way[d];
  uint32_t pad = 0, extra = f->type == H2_DATA && (f->flags & H2_PADDED) && f->len;
  if (extra) {
    if (data.len <= H2_FRAME_HEAD) return 0;
    pad = data.base[H2_FRAME_HEAD];
  }
  if (pad + extra > f->len) {
    h->anomalies |= ANOMALY_BIT(ANOMALY_H2_BAD_FRAME);
    pad = f->len - extra;
  }
  w->frame = *f;
  w->left = f->len - extra - pad;
  w->pad = pad;
  w->in_frame = true;
  struct http2_stream *s = f->type == H2_DATA ? http2_stream_find(h, f->id) : NULL;
  if (s) http2_stream_touch(s, d, H2_FRAME_HEAD + f->len, first_ns, ns);
  bool headless = s ? s->phase[d] == H2_IDLE : !http2_stream_was_closed(h, f->id);
  if (f->type == H2_DATA && headless) w->heal.sure = true; /* its header block was in the hole */
  if (w->left + w->pad == 0) stream_payload(h, cx, d, span_of("", 0), ns);
  return H2_FRAME_HEAD + extra;
}

/* One step at `data`. Bytes eaten; 0 with *need set when more must come first. */
static size_t step(struct http2 *h, struct dissect_ctx *cx, const struct chunk *in, size_t at, size_t *need) {
  enum dir d = in->dir;
  struct http2_way *w = &h->way[d];
  struct span data = span_skip(in->data, at);
  if (w->in_frame) return stream_payload(h, cx, d, data, in->ns);
  if (w->lost) {
    uint32_t last = h->way[DIR_REQUEST].last;
    struct http2_hint hint = {last, w->max_frame, H2_LIKELY};
    size_t keep, found = http2_frame_find(data, &hint, &keep);
    if (found == data.len && keep > SEARCH_MOST) keep = H2_FRAME_HEAD - 1;
    if (found == data.len) {
      *need = keep + 1;
      return data.len - keep;
    }
    w->lost = false;
    ctr_inc(cx->ctr, CTR_DISSECT_RESYNC);
    if (found) return found;
  }
  struct http2_frame f;
  *need = H2_FRAME_HEAD;
  if (!http2_frame_read(data, &f)) return 0;
  if (!check(h, d, &f)) {
    lose(h, cx, d);
    http2_heal_begin(w, true);
    return 1;
  }
  uint64_t first = begun_ns(in, at);
  *need = H2_FRAME_HEAD + 1;
  if (f.type == H2_DATA || f.type >= H2_TYPES || f.len > WHOLE_MOST) {
    if (f.type == H2_HEADERS || f.type == H2_CONTINUATION || f.type == H2_PUSH_PROMISE) {
      ctr_inc(cx->ctr, CTR_DISSECT_HEADER_CAP);
      http2_heal_begin(w, true);
      w->in_block = false;
    }
    return begin_stream(h, cx, d, &f, data, first, in->ns);
  }
  *need = H2_FRAME_HEAD + (size_t)f.len;
  if (data.len < *need) return 0;
  whole_frame(h, cx, d, &f, span_head(span_skip(data, H2_FRAME_HEAD), f.len), first, in->ns);
  return *need;
}

/* A hole of n bytes right behind `rest`, the unused beginning of a frame. */
static void on_hole(struct http2 *h, struct dissect_ctx *cx, const struct chunk *in, struct span rest) {
  enum dir d = in->dir;
  struct http2_way *w = &h->way[d];
  struct http2_frame f;
  if (!w->begun || w->lost) {
    w->begun = w->lost = w->holed = true;
    return;
  }
  if (!w->in_frame && http2_frame_read(rest, &f) && check(h, d, &f)) {
    struct span payload = span_skip(rest, H2_FRAME_HEAD), block;
    bool heads = f.type == H2_HEADERS || f.type == H2_CONTINUATION || f.type == H2_PUSH_PROMISE;
    w->frame = f;
    w->left = f.len - (uint32_t)payload.len;
    w->pad = 0;
    w->in_frame = true;
    if (heads && !w->in_block && f.type == H2_HEADERS && http2_frame_block_head(&f, payload, &block)) {
      struct http2_block b = {.head = f,
                              .text = block,
                              .cut = true,
                              .snapped = in->snapped,
                              .wire = H2_FRAME_HEAD + f.len,
                              .first_ns = in->ns,
                              .last_ns = in->ns};
      http2_head_block(h, cx, d, &b);
    } else if (heads) {
      http2_heal_begin(w, true);
      w->in_block = false;
    }
  }
  uint64_t inside = w->in_frame ? (uint64_t)w->left + w->pad : 0;
  bool data = w->in_frame && w->frame.type == H2_DATA;
  struct http2_stream *s = data ? http2_stream_find(h, w->frame.id) : NULL;
  if (s && w->left) http2_stream_hole(s, d, in->gap < w->left ? in->gap : w->left, in->snapped);
  if (inside && in->gap <= inside) {
    uint32_t body = in->gap < w->left ? (uint32_t)in->gap : w->left;
    w->left -= body;
    w->pad -= (uint32_t)(in->gap - body);
    stream_payload(h, cx, d, span_of("", 0), in->ns);
    return;
  }
  for (struct table_entry *e = h->streams.oldest; e; e = e->newer) {
    struct http2_stream *o = (struct http2_stream *)(void *)e;
    if (o->phase[d] == H2_DONE) continue;
    o->suspect[d] = true;
    o->t->side[d].unseen |= in->snapped ? UNSEEN_SNAPLEN : UNSEEN_GAP;
  }
  lose(h, cx, d);
  http2_heal_begin(w, false);
}

static struct parse parse(void *state, struct dissect_ctx *cx, struct chunk in) {
  struct http2 *h = state;
  struct parse p = {.status = PARSE_OK};
  if (h->failed) return (struct parse){.status = PARSE_ERROR};
  if (in.gap) {
    on_hole(h, cx, &in, cx->rest[in.dir]);
    return p;
  }
  if (!h->way[in.dir].begun) {
    int skip = begin(h, in.dir, in);
    if (skip < 0) {
      p.need = in.data.len + 1;
      return p;
    }
    p.used = (size_t)skip;
  }
  while (p.used < in.data.len) {
    size_t ate = step(h, cx, &in, p.used, &p.need);
    if (ate == 0) return p;
    p.used += ate;
  }
  p.need = 0;
  return p;
}

static void finish(void *state, struct dissect_ctx *cx, enum end why) {
  struct http2 *h = state;
  (void)why;
  while (h->streams.oldest) {
    struct http2_stream *s = (struct http2_stream *)(void *)h->streams.oldest;
    for (int d = 0; d < 2; d++)
      if (s->phase[d] != H2_DONE) s->t->side[d].unseen |= UNSEEN_UNFINISHED;
    http2_stream_close(h, cx, s);
  }
  table_done(&h->streams);
  for (int d = 0; d < 2; d++) {
    hpack_done(&h->way[d].hpack);
    buf_done(&h->way[d].block);
  }
}

const struct dissector dissector_http2 = {
    .name = "http2",
    .transport = IPPROTO_TCP,
    .ports = {80, 8080, 50051, 9090},
    .state_size = sizeof(struct http2),
    .probe = http2_probe,
    .start = start,
    .parse = parse,
    .finish = finish,
    .side = http2_probe_side,
};
