/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/2 header blocks into transactions (RFC 9113 8). */
#include "dissect/proto/http2.h"
#include "base/err.h"
#include "dissect/proto/websocket.h"

enum { SKIPPED_MOST = 64 };

/* One block on its way into a side. */
struct taking {
  struct txn *t; /* NULL: only the table is kept up */
  struct headers *to;
  const struct dissect_conf *conf;
  enum dir dir;
  bool main, regular, pseudo_seen[5];
  uint64_t bytes, signature;
  uint32_t unseen;
  uint64_t anomalies;
  struct span authority, protocol;
  bool whole;
};

/* Without early ends, so that the compiler takes many bytes at once. */
static bool has_bad_bytes(struct span s) {
  unsigned bad = 0;
  for (size_t i = 0; i < s.len; i++)
    bad |= (unsigned)(s.base[i] == '\r') | (unsigned)(s.base[i] == '\n') | (unsigned)(s.base[i] == 0);
  return bad;
}
static bool is_bad_name(struct span s) {
  unsigned bad = s.len == 0;
  for (size_t i = 0; i < s.len; i++) {
    uint8_t c = s.base[i];
    bad |= (unsigned)(c <= ' ') | (unsigned)(c >= 0x7f) | (unsigned)(c == ':') |
           (unsigned)((uint8_t)(c - 'A') < 26);
  }
  return bad;
}
/* RFC 9113 8.2.2. */
static bool is_hop_by_hop(const struct hpack_field *f) {
  static const char *const names[] = {"connection",       "transfer-encoding", "keep-alive",
                                      "proxy-connection", "upgrade",           NULL};
  if (span_in(f->name, names)) return true;
  return span_eq(f->name, SPAN_LIT("te")) && f->value_known &&
         !span_eq_nocase(f->value, SPAN_LIT("trailers"));
}

enum pseudo { P_METHOD, P_PATH, P_SCHEME, P_AUTHORITY, P_STATUS, P_PROTOCOL, P_NONE };
static enum pseudo pseudo_of(struct span name) {
  static const char *const names[] = {":method", ":path", ":scheme", ":authority", ":status", ":protocol"};
  for (int i = 0; i < P_NONE; i++)
    if (span_eq(name, span_str(names[i]))) return (enum pseudo)i;
  return P_NONE;
}

static int status_of(struct span s) {
  uint64_t v;
  return s.len == 3 && span_u64(s, &v) == 0 ? (int)v : -1;
}

static void take_pseudo(struct taking *k, const struct hpack_field *f) {
  struct txn *t = k->t;
  enum pseudo p = pseudo_of(f->name);
  bool belongs = p != P_NONE && (p == P_STATUS) == (k->dir == DIR_RESPONSE);
  if (!k->main || k->regular || !belongs || (p < 5 && k->pseudo_seen[p]) || has_bad_bytes(f->value))
    k->anomalies |= ANOMALY_BIT(ANOMALY_H2_BAD_HEADER);
  if (!k->main || !belongs || (p < 5 && k->pseudo_seen[p])) return;
  if (p < 5) k->pseudo_seen[p] = true;
  if (!f->value_known) return;
  switch (p) {
  case P_METHOD: t->method = arena_copy(&t->arena, f->value); break;
  case P_PATH: t->target = arena_copy(&t->arena, f->value); break;
  case P_SCHEME: t->scheme = arena_copy(&t->arena, f->value); break;
  case P_AUTHORITY: k->authority = arena_copy(&t->arena, f->value); break;
  case P_PROTOCOL: k->protocol = arena_copy(&t->arena, f->value); break;
  default: t->status = status_of(f->value); break;
  }
}

static int take(void *user, const struct hpack_field *f) {
  struct taking *k = user;
  if (!f->name_known || !f->value_known) {
    k->unseen |= UNSEEN_HPACK_LATE_JOIN;
    k->whole = false;
  }
  k->signature = http2_heal_mix(k->signature, f->name);
  if (!k->t) return 0;
  if (f->name_known && f->name.len && f->name.base[0] == ':') {
    take_pseudo(k, f);
    return 0;
  }
  if (f->name_known) k->regular = true;
  bool binary =
      f->name_known && span_ends(f->name, SPAN_LIT("-bin")); /* gRPC's, where both ends agreed on it */
  if ((f->name_known && is_bad_name(f->name)) || (!binary && has_bad_bytes(f->value)) ||
      (f->name_known && is_hop_by_hop(f)))
    k->anomalies |= ANOMALY_BIT(ANOMALY_H2_BAD_HEADER);
  k->bytes += f->name.len + f->value.len;
  if (k->to->count >= k->conf->max_headers || k->bytes > (uint64_t)k->conf->max_header_bytes) {
    k->anomalies |= ANOMALY_BIT(ANOMALY_HEADER_CUT);
    k->unseen |= UNSEEN_CAPPED;
    return 0;
  }
  if (txn_header(k->t, k->to, f->name, f->value) < 0) {
    k->unseen |= UNSEEN_MEMORY;
    return 0;
  }
  struct header *got = &k->to->item[k->to->count - 1];
  got->name_known = f->name_known;
  got->value_known = f->value_known;
  return 0;
}

static struct span lower(struct txn *t, struct span s) {
  struct span out = arena_copy(&t->arena, s);
  for (size_t i = 0; i < out.len; i++)
    if (out.base[i] >= 'A' && out.base[i] <= 'Z') ((uint8_t *)(uintptr_t)out.base)[i] |= 0x20;
  return out;
}

static void set_host(struct txn *t, struct span authority) {
  size_t at = span_index(authority, '@');
  if (at < authority.len) authority = span_skip(authority, at + 1);
  size_t end =
      authority.len && authority.base[0] == '[' ? span_index(authority, ']') + 1 : span_index(authority, ':');
  if (end > authority.len) end = authority.len;
  uint64_t port;
  if (end < authority.len && span_u64(span_skip(authority, end + 1), &port) == 0 && port < 65536)
    t->host_port = (uint16_t)port;
  struct span host = span_head(authority, end);
  if (host.len > 2 && host.base[0] == '[') host = span_head(span_skip(host, 1), host.len - 2);
  t->host = lower(t, host);
}

static void finish_request(struct taking *k) {
  struct txn *t = k->t;
  struct span host = headers_get(&t->side[DIR_REQUEST].headers, "host");
  if (k->authority.len && host.len && !span_eq_nocase(k->authority, host))
    k->anomalies |= ANOMALY_BIT(ANOMALY_HOST_CONFLICT);
  struct span authority = k->authority.len ? k->authority : host;
  if (authority.len) set_host(t, authority);
  if (!t->target.len && span_eq(t->method, SPAN_LIT("CONNECT"))) t->target = authority;
}

/* Decode b into side d of stream s (NULL: into nowhere). True when it was an informational response. */
static bool decode(struct http2 *h, struct dissect_ctx *cx, enum dir way, struct http2_stream *s, enum dir d,
                   const struct http2_block *b) {
  struct http2_way *w = &h->way[way];
  struct side *side = s ? &s->t->side[d] : NULL;
  bool main = s && s->phase[d] == H2_IDLE;
  struct taking k = {.t = s ? s->t : NULL, .conf = cx->conf, .dir = d, .main = main, .whole = !b->cut};
  if (side) k.to = main ? &side->headers : &side->trailers;
  http2_heal_block(w, b->text);
  int err = hpack_decode(&w->hpack, b->text, take, &k);
  if (b->cut)
    http2_heal_begin(w, true);
  else if (err == ERR_TRUNC)
    hpack_forget(&w->hpack);
  if (!b->cut && err < 0 && s) k.anomalies |= ANOMALY_BIT(ANOMALY_HPACK_BAD);
  if (err == 0 && k.whole) http2_heal_learn(w, k.signature);
  if (!s) return false;
  s->t->anomalies |= k.anomalies;
  bool informational = d == DIR_RESPONSE && main && s->t->status >= 100 && s->t->status < 200 &&
                       !(b->head.flags & H2_END_STREAM);
  if (informational) {
    side->headers.count = 0;
    s->t->status = -1;
    return true;
  }
  side->unseen |= k.unseen;
  bool behind = k.whole || side->body_bytes; /* no :status, or behind DATA */
  if (main && d == DIR_RESPONSE && !k.pseudo_seen[P_STATUS] && (b->head.flags & H2_END_STREAM) && behind) {
    side->trailers = side->headers; /* a block without status can only be trailers: the head was in a hole */
    side->headers = (struct headers){0};
    return false;
  }
  if (!main) return false;
  s->phase[d] = H2_HEAD;
  if (d == DIR_REQUEST) finish_request(&k);
  s->tunnel |= d == DIR_REQUEST && span_eq_nocase(k.protocol, SPAN_LIT("websocket"));
  return false;
}

/* The request whose head a hole ate. */
static void note_skipped(struct http2 *h, struct dissect_ctx *cx, uint32_t id, uint64_t ns) {
  struct http2_way *w = &h->way[DIR_REQUEST];
  if (!w->holed || !w->last || id - w->last > 2 * SKIPPED_MOST) return;
  for (uint32_t skipped = w->last + 2; skipped < id; skipped += 2) {
    if (http2_stream_find(h, skipped) || http2_stream_was_closed(h, skipped)) continue;
    struct http2_stream *s = http2_stream_open(h, cx, skipped);
    if (!s) return;
    s->t->side[DIR_REQUEST].first_ns = s->t->side[DIR_REQUEST].last_ns = ns;
    s->t->side[DIR_REQUEST].unseen |= UNSEEN_GAP;
  }
}

static struct http2_stream *stream_of(struct http2 *h, struct dissect_ctx *cx, enum dir d,
                                      const struct http2_block *b) {
  struct http2_stream *s = http2_stream_find(h, b->head.id);
  struct http2_way *w = &h->way[d];
  if (s || http2_stream_was_closed(h, b->head.id)) return s;
  if (d == DIR_REQUEST && b->head.id <= w->last && !h->pickup && !w->holed) return NULL;
  if (d == DIR_RESPONSE && h->way[DIR_REQUEST].joined && !h->way[DIR_REQUEST].holed) return NULL;
  if (d == DIR_REQUEST) note_skipped(h, cx, b->head.id, b->first_ns);
  if (d == DIR_REQUEST && b->head.id > w->last) w->last = b->head.id;
  s = http2_stream_open(h, cx, b->head.id);
  bool asked = b->head.id & 1 && !h->pickup && !(cx->flow_unseen & UNSEEN_ONE_SIDED);
  if (s && d == DIR_RESPONSE && asked) s->t->side[DIR_REQUEST].unseen |= UNSEEN_GAP;
  if (s && d == DIR_RESPONSE && h->pickup) s->t->side[DIR_REQUEST].unseen |= UNSEEN_MIDSTREAM;
  return s;
}

/* RFC 9113 8.4: a request that the server makes up itself. */
static void promise(struct http2 *h, struct dissect_ctx *cx, const struct http2_block *b) {
  struct http2_stream *s = http2_stream_find(h, b->promised) ? NULL : http2_stream_open(h, cx, b->promised);
  if (s) http2_stream_touch(s, DIR_REQUEST, b->wire, b->first_ns, b->last_ns);
  decode(h, cx, DIR_RESPONSE, s, DIR_REQUEST, b);
  if (!s) return;
  s->phase[DIR_REQUEST] = H2_DONE;
  s->t->side[DIR_REQUEST].complete = true;
  txn_fact_bool(s->t, "tapscope.http2.pushed", true);
}

/* RFC 8441: the stream becomes a WebSocket connection. */
static void begin_tunnel(struct http2_stream *s, struct dissect_ctx *cx) {
  if (!s->tunnel || s->ws || s->t->status != 200 || s->phase[DIR_RESPONSE] == H2_IDLE) return;
  s->ws = websocket_new(cx, s->t);
}

/* No header block can have been in the hole: the next stream follows at once and no open one lacks a block. */
static bool nothing_lost(struct http2 *h, enum dir d, const struct http2_stream *s, uint32_t id) {
  const struct http2_way *w = &h->way[d];
  if (d == DIR_REQUEST && (s || !w->last || id != w->last + 2)) return false;
  if (d == DIR_RESPONSE && (!s || h->way[DIR_REQUEST].holed || h->pickup)) return false;
  for (struct table_entry *e = h->streams.oldest; e; e = e->newer) {
    const struct http2_stream *other = (const struct http2_stream *)(void *)e;
    if (other != s && other->suspect[d]) return false;
  }
  return true;
}

void http2_head_block(struct http2 *h, struct dissect_ctx *cx, enum dir d, const struct http2_block *b) {
  struct http2_way *w = &h->way[d];
  bool first = !w->any_block && !w->holed && b->head.id == 1;
  if (first && !w->joined && (d == DIR_REQUEST || w->tuned)) hpack_join(&w->hpack);
  w->any_block = true;
  if (b->head.type == H2_PUSH_PROMISE) {
    promise(h, cx, b);
    return;
  }
  if (w->heal.on && !w->heal.sure && nothing_lost(h, d, http2_stream_find(h, b->head.id), b->head.id))
    http2_heal_end(w);
  struct http2_stream *s = stream_of(h, cx, d, b);
  if (s && s->phase[d] == H2_DONE) s = NULL;
  if (s) {
    http2_stream_touch(s, d, b->wire, b->first_ns, b->last_ns);
    s->suspect[d] = false;
    if (b->cut) s->t->side[d].unseen |= b->snapped ? UNSEEN_SNAPLEN : UNSEEN_GAP;
  }
  bool more = decode(h, cx, d, s, d, b);
  if (!s || more) return;
  begin_tunnel(s, cx);
  if (b->head.flags & H2_END_STREAM) http2_stream_end(h, cx, s, d);
}
