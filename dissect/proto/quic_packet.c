/* SPDX-License-Identifier: Apache-2.0 */
/* QUIC long header packets and the frames of Initial packets (RFC 8999, RFC 9000 17.2 and 19, RFC 9369 3.2). */
#include "dissect/proto/quic_packet.h"
#include "base/err.h"
#include "base/reader.h"

enum { LONG = 0x80, NUMBER_MOST = 4, HEADER_MOST = 1536 };
enum {
  FRAME_PADDING,
  FRAME_PING,
  FRAME_ACK,
  FRAME_ACK_ECN,
  FRAME_CRYPTO = 6,
  FRAME_CLOSE = 0x1c,
  FRAME_CLOSE_APP
};

/* RFC 9000 16. */
static uint64_t varint(struct reader *r) {
  uint8_t first = reader_u8(r);
  uint64_t v = first & 0x3f;
  for (unsigned n = (1u << (first >> 6)) - 1; n && !r->bad; n--) v = v << 8 | reader_u8(r);
  return r->bad ? 0 : v;
}

int quic_packet_next(struct span *datagram, struct quic_packet *out) {
  struct reader r = reader_of(*datagram);
  uint8_t first = reader_u8(&r);
  const struct quic_version *v = quic_crypto_version(reader_u32be(&r));
  if (r.bad || !(first & LONG) || !v) return ERR_SYNTAX;
  *out = (struct quic_packet){.version = v};
  out->kind = (enum quic_kind)(((first >> 4) - v->initial) & 3);
  uint8_t len = reader_u8(&r);
  out->dcid = reader_take(&r, len);
  len = reader_u8(&r);
  out->scid = reader_take(&r, len);
  if (r.bad || out->dcid.len > QUIC_CID_MOST || out->scid.len > QUIC_CID_MOST) return ERR_SYNTAX;
  if (out->kind == QUIC_RETRY) {
    out->whole = *datagram;
    *datagram = span_skip(*datagram, datagram->len);
    return 0;
  }
  if (out->kind == QUIC_INITIAL) reader_skip(&r, (size_t)varint(&r));
  uint64_t rest = varint(&r);
  out->number_at = (size_t)(r.pos - datagram->base);
  if (r.bad || rest > reader_left(&r) || rest < NUMBER_MOST + QUIC_SAMPLE) return ERR_SYNTAX;
  out->whole = span_head(*datagram, out->number_at + (size_t)rest);
  *datagram = span_skip(*datagram, out->whole.len);
  return 0;
}

/* RFC 9000 A.3. */
static uint64_t full_number(uint64_t next, uint64_t cut, unsigned bytes) {
  uint64_t window = 1ULL << (8 * bytes), v = (next & ~(window - 1)) | cut;
  if (v + window / 2 <= next && v < (1ULL << 62) - window) return v + window;
  if (v > next + window / 2 && v >= window) return v - window;
  return v;
}

long quic_packet_open(const struct quic_packet *p, const struct quic_keys *k, uint64_t *largest,
                      uint8_t *out) {
  uint8_t mask[5], head[HEADER_MOST];
  size_t at = p->number_at;
  if (!at || p->whole.len < at + NUMBER_MOST + QUIC_SAMPLE) return ERR_SYNTAX;
  int rc = quic_crypto_mask(k, p->whole.base + at + NUMBER_MOST, mask);
  if (rc < 0) return rc;
  uint8_t first = p->whole.base[0] ^ (mask[0] & 0x0f);
  unsigned bytes = (first & 3u) + 1;
  uint64_t cut = 0;
  uint8_t number[NUMBER_MOST];
  for (unsigned i = 0; i < bytes; i++) {
    number[i] = p->whole.base[at + i] ^ mask[1 + i];
    cut = cut << 8 | number[i];
  }
  struct span header = span_head(p->whole, at + bytes), body = span_skip(p->whole, at + bytes);
  if (header.len > sizeof head) return ERR_SYNTAX;
  memcpy(head, header.base, header.len);
  head[0] = first;
  memcpy(head + at, number, bytes);
  uint64_t full = full_number(*largest, cut, bytes);
  rc = quic_crypto_open(k, full, span_of(head, header.len), body, out);
  if (rc < 0) return rc;
  if (full >= *largest) *largest = full + 1;
  return (long)(body.len - QUIC_TAG);
}

static void skip_ack(struct reader *r, bool ecn) {
  varint(r);
  varint(r);
  uint64_t ranges = varint(r);
  varint(r);
  for (uint64_t i = 0; i < ranges && !r->bad; i++) {
    varint(r);
    varint(r);
  }
  for (unsigned i = 0; i < 3 && ecn; i++) varint(r);
}

void quic_packet_frames(struct span payload, quic_crypto_fn crypto, void *user, uint64_t *closed) {
  struct reader r = reader_of(payload);
  while (reader_left(&r)) {
    uint64_t type = varint(&r);
    switch (type) {
    case FRAME_PADDING:
    case FRAME_PING: break;
    case FRAME_ACK:
    case FRAME_ACK_ECN: skip_ack(&r, type == FRAME_ACK_ECN); break;
    case FRAME_CRYPTO: {
      uint64_t off = varint(&r), len = varint(&r);
      struct span data = reader_take(&r, len <= reader_left(&r) ? (size_t)len : SIZE_MAX);
      if (!r.bad) crypto(user, off, data);
      break;
    }
    case FRAME_CLOSE:
    case FRAME_CLOSE_APP: *closed = varint(&r) + 1; return;
    default: return;
    }
  }
}
