/* SPDX-License-Identifier: Apache-2.0 */
/* gRPC over HTTP/2, gRPC-web and Connect: names, status and messages (grpc.io PROTOCOL-HTTP2, PROTOCOL-WEB; connectrpc.com). */
#include "dissect/proto/grpc.h"
#include "base/coded.h"
#include "base/err.h"
#include "base/reader.h"
#include "dissect/body/body.h"
#include "dissect/body/members.h"
#include "dissect/side.h"

enum { PREFIX = 5, FLAG_PACKED = 1, FLAG_CONNECT_END = 2, FLAG_WEB_TRAILER = 0x80, TRAILERS_MOST = 64 };
enum kind { KIND_NONE, KIND_GRPC, KIND_WEB, KIND_WEB_TEXT, KIND_CONNECT, KIND_CONNECT_UNARY };

static enum kind kind_of_mime(struct span m) {
  if (span_starts(m, SPAN_LIT("application/grpc-web-text"))) return KIND_WEB_TEXT;
  if (span_starts(m, SPAN_LIT("application/grpc-web"))) return KIND_WEB;
  if (span_starts(m, SPAN_LIT("application/grpc"))) return KIND_GRPC;
  if (span_starts(m, SPAN_LIT("application/connect+"))) return KIND_CONNECT;
  if (span_eq(m, SPAN_LIT("application/proto"))) return KIND_CONNECT_UNARY;
  return KIND_NONE;
}

static struct span find(const struct side *s, const char *name) {
  struct span v = headers_get(&s->trailers, name);
  return v.base ? v : headers_get(&s->headers, name);
}

static enum kind kind_of(const struct txn *t) {
  const struct side *q = &t->side[DIR_REQUEST], *p = &t->side[DIR_RESPONSE];
  enum kind k = kind_of_mime(q->mime);
  if (!k) k = kind_of_mime(p->mime);
  if (!k && headers_get(&q->headers, "connect-protocol-version").len) return KIND_CONNECT_UNARY;
  if (!k && (span_starts(t->query, SPAN_LIT("connect=v1")) ||
             span_find(t->query, SPAN_LIT("&connect=v1")) < t->query.len))
    return KIND_CONNECT_UNARY;
  if (k) return k;
  bool h2 = span_eq(t->version, SPAN_LIT("2"));
  bool marks = find(p, "grpc-status").len || headers_get(&q->headers, "grpc-timeout").len ||
               headers_get(&q->headers, "grpc-accept-encoding").len;
  return h2 && marks ? KIND_GRPC : KIND_NONE;
}

/* "/pkg.Service/Method", perhaps below a prefix. */
static void name_call(struct txn *t) {
  struct span path = span_head(t->target, span_index(t->target, '?'));
  size_t last = path.len, before;
  while (last && path.base[last - 1] != '/') last--;
  if (last < 2 || last == path.len) return;
  before = last - 1;
  while (before && path.base[before - 1] != '/') before--;
  if (before == last - 1) return;
  t->service = span_of(path.base + before, last - 1 - before);
  t->operation = span_of(path.base + before, path.len - before);
}

/* Pieces, each padded for itself, one behind the other. */
static void unbase64(struct span in, struct buf *out) {
  uint32_t acc = 0;
  unsigned bits = 0;
  for (size_t i = 0; i < in.len; i++) {
    int v = coded_64(in.base[i]);
    if (v < 0) {
      bits = 0;
      continue;
    }
    acc = acc << 6 | (uint32_t)v;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    if (buf_put_u8(out, (uint8_t)(acc >> bits)) < 0) return;
  }
}

/* Trailers as text lines, behind the messages of gRPC-web. */
static void web_trailers(struct txn *t, struct side *s, struct span text) {
  for (unsigned n = 0; text.len && n < TRAILERS_MOST; n++) {
    struct span value = span_cut(&text, '\n'), name = span_trim(span_cut(&value, ':'));
    if (name.len) (void)txn_header(t, &s->trailers, name, span_trim(value));
  }
}

static void put_head(struct buf *b, size_t at, uint8_t flags, size_t len) {
  const uint8_t head[PREFIX] = {flags, (uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8),
                                (uint8_t)len};
  memcpy(b->base + at, head, PREFIX);
}

/* By the first bytes, where the header that tells was not seen. */
static struct span guess_coding(struct span body) {
  if (span_starts(body, SPAN_LIT("\x1f\x8b\x08"))) return SPAN_LIT("gzip");
  if (span_starts(body, SPAN_LIT("\x28\xb5\x2f\xfd"))) return SPAN_LIT("zstd");
  return SPAN_LIT("deflate");
}

/* Copy one message behind the others in side.decoded, unpacked. */
static int unpack(struct side *s, struct span coding, uint8_t flags, struct span body, uint64_t max_ratio,
                  uint64_t *anomalies) {
  size_t at = s->decoded.len;
  if (buf_put(&s->decoded, span_of("\0\0\0\0\0", PREFIX)) < 0) return ERR_CAP;
  if (flags & FLAG_PACKED) {
    uint32_t unseen = 0;
    if (!coding.len) coding = guess_coding(body);
    long n = coding_decode(coding, body, &s->decoded, max_ratio, &unseen, anomalies);
    s->unseen |= unseen;
    if (n < 0)
      (void)buf_put_some(&s->decoded, body);
    else
      flags &= (uint8_t)~FLAG_PACKED;
  } else {
    (void)buf_put_some(&s->decoded, body);
  }
  put_head(&s->decoded, at, flags, s->decoded.len - at - PREFIX);
  return 0;
}

/* Whether the length-prefixed messages of `in` need rewriting. Counts them. */
static bool survey(struct txn *t, struct side *s, struct span in, uint64_t *messages) {
  struct reader r = reader_of(in);
  bool packed = false;
  *messages = 0;
  while (reader_left(&r) >= PREFIX) {
    uint8_t flags = reader_u8(&r);
    uint32_t len = reader_u32be(&r);
    struct span body = span_head(reader_rest(&r), len);
    reader_skip(&r, body.len);
    if (flags & FLAG_WEB_TRAILER)
      web_trailers(t, s, body);
    else if (!(flags & FLAG_CONNECT_END))
      ++*messages;
    packed |= (flags & FLAG_PACKED) && body.len;
  }
  return packed;
}

static void rewrite(struct txn *t, struct side *s, struct span in, struct span coding, uint64_t max_ratio) {
  struct reader r = reader_of(in);
  while (reader_left(&r) >= PREFIX) {
    uint8_t flags = reader_u8(&r);
    uint32_t len = reader_u32be(&r);
    struct span body = span_head(reader_rest(&r), len);
    reader_skip(&r, body.len);
    if (unpack(s, coding, flags, body, max_ratio, &t->anomalies) < 0) {
      s->unseen |= UNSEEN_CAPPED;
      break;
    }
  }
  s->is_decoded = true;
}

static void messages(struct txn *t, enum dir d, enum kind k, uint64_t max_ratio) {
  struct side *s = &t->side[d];
  uint64_t n = 0;
  if (!s->is_decoded) {
    struct span in = side_unbroken(s);
    struct buf plain;
    buf_init(&plain, s->raw.budget, s->raw.cap);
    if (k == KIND_WEB_TEXT) {
      unbase64(in, &plain);
      in = buf_span(&plain);
    }
    struct span coding =
        headers_get(&s->headers, k == KIND_CONNECT ? "connect-content-encoding" : "grpc-encoding");
    if (survey(t, s, in, &n) || k == KIND_WEB_TEXT) {
      rewrite(t, s, in, coding, max_ratio);
      s->decoded_bytes = s->decoded.len;
    }
    buf_done(&plain);
  } else {
    survey(t, s, buf_span(&s->decoded), &n);
  }
  txn_fact_u64(t, d == DIR_REQUEST ? "tapscope.grpc.request.messages" : "tapscope.grpc.response.messages", n);
}

/* Only plain words are repeated: a value may stand in anything else. */
static bool is_plain(struct span s) {
  size_t word = 0;
  for (size_t i = 0; i < s.len; i++) {
    uint8_t c = s.base[i] | 32;
    word = c >= 'a' && c <= 'z' ? word + 1 : 0;
    if (word > 20 || !((c >= 'a' && c <= 'z') || (s.base[i] && memchr(" !.,-_", s.base[i], 6)))) return false;
  }
  return s.len && s.len <= 128;
}

static void outcome(struct txn *t) {
  struct span code = find(&t->side[DIR_RESPONSE], "grpc-status");
  uint64_t v;
  if (!code.len || span_u64(code, &v) < 0) return;
  txn_fact_u64(t, "tapscope.grpc.status", v);
  t->outcome = v ? TXN_ERROR : TXN_OK;
  struct span message = find(&t->side[DIR_RESPONSE], "grpc-message");
  if (is_plain(message)) txn_fact_str(t, "tapscope.grpc.message", message);
}

/* The error of a unary call is its body, that of a stream the end message: {"code":"not_found",…}. */
static struct span connect_error(const struct txn *t, enum kind k) {
  struct span body = side_body(&t->side[DIR_RESPONSE]);
  if (k == KIND_CONNECT_UNARY) return t->status >= 400 ? body : span_of(NULL, 0);
  struct reader r = reader_of(body);
  while (reader_left(&r) >= PREFIX) {
    uint8_t flags = reader_u8(&r);
    struct span part = reader_take(&r, reader_u32be(&r));
    if (flags & FLAG_CONNECT_END) return members_find(part, "error").value;
  }
  return span_of(NULL, 0);
}

static void connect_outcome(struct txn *t, enum kind k) {
  struct member code = members_find(connect_error(t, k), "code");
  if (code.kind != '"' || !code.value.len || code.value.len > 32) return;
  for (size_t i = 0; i < code.value.len; i++)
    if (code.value.base[i] != '_' && (code.value.base[i] < 'a' || code.value.base[i] > 'z')) return;
  txn_fact_str(t, "tapscope.grpc.code", code.value);
  t->outcome = TXN_ERROR;
}

bool grpc_apply(struct txn *t, uint64_t max_ratio) {
  static const char *const names[] = {"", "grpc", "grpc-web", "grpc-web", "connect", "connect"};
  if (txn_fact(t, "tapscope.grpc.kind")) return true;
  enum kind k = kind_of(t);
  if (!k) return false;
  txn_fact_str(t, "tapscope.grpc.kind", span_str(names[k]));
  if (k < KIND_CONNECT) t->protocol = "grpc";
  name_call(t);
  for (int d = 0; d < 2 && k == KIND_GRPC; d++)
    if (!t->side[d].mime.len && t->side[d].raw.len) t->side[d].mime = SPAN_LIT("application/grpc");
  if (k != KIND_CONNECT_UNARY)
    for (int d = 0; d < 2; d++) messages(t, (enum dir)d, k, max_ratio);
  if (k >= KIND_CONNECT)
    connect_outcome(t, k);
  else
    outcome(t);
  return true;
}
