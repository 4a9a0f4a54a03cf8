/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/2 frame heads, and telling them from other bytes (RFC 9113 4.1, 6). */
#include "dissect/proto/http2_frame.h"
#include "base/reader.h"

enum { CHAIN_MOST = 8, STREAMS_AHEAD = 20000, LEN_MOST = 1 << 20 };

const char http2_frame_preface[H2_PREFACE + 1] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/* What RFC 9113 6 says of each type: flags it may carry, its length (0: any), whether it belongs to a stream. */
static const struct rule {
  uint8_t flags, len, least;
  bool stream, connection;
} rules[H2_TYPES] = {
    [H2_DATA] = {H2_END_STREAM | H2_PADDED, 0, 0, true, false},
    [H2_HEADERS] = {H2_END_STREAM | H2_END_HEADERS | H2_PADDED | H2_PRIORITIZED, 0, 1, true, false},
    [H2_PRIORITY] = {0, 5, 5, true, false},
    [H2_RST_STREAM] = {0, 4, 4, true, false},
    [H2_SETTINGS] = {H2_ACK, 0, 0, false, true},
    [H2_PUSH_PROMISE] = {H2_END_HEADERS | H2_PADDED, 0, 5, true, false},
    [H2_PING] = {H2_ACK, 8, 8, false, true},
    [H2_GOAWAY] = {0, 0, 8, false, true},
    [H2_WINDOW_UPDATE] = {0, 4, 4, true, true},
    [H2_CONTINUATION] = {H2_END_HEADERS, 0, 1, true, false},
};

bool http2_frame_read(struct span s, struct http2_frame *f) {
  struct reader r = reader_of(s);
  f->len = reader_u24be(&r);
  f->type = reader_u8(&r);
  f->flags = reader_u8(&r);
  f->id = reader_u32be(&r);
  return !r.bad;
}

bool http2_frame_block(const struct http2_frame *f, struct span payload, struct span *block,
                       uint32_t *promised) {
  struct reader r = reader_of(payload);
  size_t pad = f->type != H2_CONTINUATION && (f->flags & H2_PADDED) ? reader_u8(&r) : 0;
  if (f->type == H2_HEADERS && (f->flags & H2_PRIORITIZED)) reader_skip(&r, 5);
  uint32_t id = f->type == H2_PUSH_PROMISE ? reader_u32be(&r) & INT32_MAX : 0;
  if (r.bad || pad > reader_left(&r)) return false;
  if (promised) *promised = id;
  *block = span_head(reader_rest(&r), reader_left(&r) - pad);
  return true;
}

bool http2_frame_block_head(const struct http2_frame *f, struct span payload, struct span *block) {
  struct reader r = reader_of(payload);
  size_t pad = f->flags & H2_PADDED ? reader_u8(&r) : 0, extra = f->flags & H2_PADDED ? 1 : 0;
  if (f->flags & H2_PRIORITIZED) reader_skip(&r, 5), extra += 5;
  if (r.bad || pad + extra > f->len) return false;
  *block = span_head(reader_rest(&r), f->len - pad - extra);
  return true;
}

static uint32_t integer(struct reader *r, unsigned bits) {
  uint32_t full = (1U << bits) - 1, v = reader_u8(r) & full;
  if (v < full) return v;
  for (unsigned shift = 0; shift <= 21; shift += 7) {
    uint8_t b = reader_u8(r);
    v += (uint32_t)(b & 0x7f) << shift;
    if (!(b & 0x80)) return v;
  }
  r->bad = true;
  return 0;
}

/* Whether s can be a whole header block by its structure. */
static bool is_block(struct span s) {
  struct reader r = reader_of(s);
  while (reader_left(&r) && !r.bad) {
    uint8_t b = *r.pos;
    unsigned bits = b & 0x80 ? 7 : b & 0x40 ? 6 : b & 0x20 ? 5 : 4;
    uint32_t index = integer(&r, bits);
    if (bits == 7 && index == 0) return false;
    if (bits == 7 || bits == 5) continue;
    if (index == 0) reader_skip(&r, integer(&r, 7));
    reader_skip(&r, integer(&r, 7));
  }
  return !r.bad;
}

/* Settings known to be in use: RFC 9113 6.5.2, 8441, 9218. */
static bool settings_make_sense(struct span payload) {
  struct reader r = reader_of(payload);
  while (reader_left(&r)) {
    uint16_t key = reader_u16be(&r);
    uint32_t value = reader_u32be(&r);
    if (key == 0 || (key == 2 && value > 1) || (key == 4 && value > INT32_MAX)) return false;
    if (key == 5 && (value < H2_FRAME_DEFAULT || value > 0xffffff)) return false;
  }
  return !r.bad;
}

static bool id_makes_sense(const struct http2_frame *f, const struct http2_hint *hint) {
  if (f->id > INT32_MAX) return false;
  const struct rule *rule = &rules[f->type];
  if (f->id == 0) return rule->connection;
  if (!rule->stream) return false;
  return hint->last == 0 || f->id <= hint->last + STREAMS_AHEAD;
}

/* A block whose first field is :method, :path, :scheme, :authority or :status, by the fixed table. */
static bool begins_call(uint8_t b) {
  unsigned index = b & 0x80 ? b & 0x7f : b & 0x40 ? b & 0x3f : b & 0x0f;
  return (b & 0xe0) != 0x20 && index >= 1 && index <= 14;
}

/* Bits for one head; `payload` is what is there of its payload. 0: cannot be. */
static unsigned weigh(const struct http2_frame *f, struct span payload, const struct http2_hint *hint) {
  if (f->type >= H2_TYPES || f->len > hint->max_frame || !id_makes_sense(f, hint)) return 0;
  const struct rule *rule = &rules[f->type];
  if ((f->flags & ~rule->flags) || f->len < rule->least || (rule->len && f->len != rule->len)) return 0;
  bool whole = payload.len == f->len;
  unsigned near = hint->last ? 12 : 0;
  struct span block;
  switch (f->type) {
  case H2_SETTINGS:
    if (f->len % 6 || f->len > 6 * 64 || ((f->flags & H2_ACK) && f->len)) return 0;
    return whole && settings_make_sense(payload) ? 44 : whole ? 0 : 20;
  case H2_PING: return 44;
  case H2_WINDOW_UPDATE:
    if (whole && (payload.base[0] & 0x80)) return 0;
    return f->id ? 30 + near : 44;
  case H2_RST_STREAM: return whole && payload.base[0] ? 0 : 26 + near;
  case H2_HEADERS:
  case H2_PUSH_PROMISE:
    if (!whole) return 14 + near;
    if (!http2_frame_block(f, payload, &block, NULL) || !block.len) return 0;
    if ((f->flags & H2_END_HEADERS) && !is_block(block)) return 0;
    return 28 + near + (begins_call(block.base[0]) ? 6 : 0);
  case H2_DATA:
    if (f->len == 0 && !(f->flags & H2_END_STREAM)) return 0;
    if ((f->flags & H2_PADDED) && payload.len && payload.base[0] >= f->len) return 0;
    return 14 + near;
  default: return 16 + near;
  }
}

unsigned http2_frame_evidence(struct span s, const struct http2_hint *hint, unsigned *frames) {
  unsigned bits = 0, n = 0;
  struct http2_frame f;
  while (n < CHAIN_MOST && http2_frame_read(s, &f)) {
    unsigned w = weigh(&f, span_head(span_skip(s, H2_FRAME_HEAD), f.len), hint);
    if (!w) {
      n = bits = 0;
      break;
    }
    bits += w;
    n++;
    if (s.len == H2_FRAME_HEAD + (size_t)f.len) bits += 8; /* ends where the segment ends */
    s = span_skip(s, H2_FRAME_HEAD + (size_t)f.len);
  }
  if (frames) *frames = n;
  return bits;
}

size_t http2_frame_find(struct span s, const struct http2_hint *hint, size_t *keep) {
  size_t maybe = s.len;
  for (size_t i = 0; i + H2_FRAME_HEAD <= s.len; i++) {
    if (s.base[i] > LEN_MOST >> 16 || s.base[i + 3] >= H2_TYPES || (s.base[i + 5] & 0x80)) continue;
    unsigned frames, bits = http2_frame_evidence(span_skip(s, i), hint, &frames);
    /* Where nothing is known of the connection, tables of small numbers look like frames. */
    unsigned doubt = hint->last == 0 && i > 0 ? H2_DOUBT : 0;
    if (bits >= hint->sure + doubt && (frames > 1 || i == 0 || bits >= H2_SURE + 4)) return i;
    if (bits && maybe == s.len) maybe = i;
  }
  size_t tail = s.len < H2_FRAME_HEAD ? s.len : H2_FRAME_HEAD - 1;
  *keep = maybe < s.len ? s.len - maybe : tail;
  return s.len;
}
