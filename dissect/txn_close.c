/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a transaction: what later stages need is derived here, once, for every protocol. */
#include "dissect/body/body.h"
#include "dissect/model/dialect.h"
#include "dissect/model/model.h"
#include "dissect/proto/grpc.h"
#include "dissect/side.h"

static struct span lower(struct arena *a, struct span s) {
  uint8_t *p = s.len ? arena_alloc(a, s.len) : NULL;
  if (!p) return span_of(NULL, 0);
  for (size_t i = 0; i < s.len; i++) p[i] = s.base[i] >= 'A' && s.base[i] <= 'Z' ? s.base[i] | 32 : s.base[i];
  return span_of(p, s.len);
}

static struct span unquote(struct span s) {
  s = span_trim(s);
  if (s.len >= 2 && s.base[0] == '"' && s.base[s.len - 1] == '"') s = span_of(s.base + 1, s.len - 2);
  return s;
}

/* "application/json; charset=utf-8" (RFC 9110, 8.3). */
static void media_type(struct txn *t, struct side *s) {
  struct span type = headers_get(&s->headers, "content-type");
  if (!type.len || s->mime.len) return;
  struct span mime = span_trim(span_cut(&type, ';'));
  if (mime.len) s->mime = lower(&t->arena, mime);
  while (type.len && !s->charset.len) {
    struct span value = span_cut(&type, ';'), name = span_trim(span_cut(&value, '='));
    if (span_eq_nocase(name, SPAN_LIT("charset"))) s->charset = lower(&t->arena, unquote(value));
  }
}

static void decode(struct dissect_ctx *cx, struct side *s) {
  if (s->is_decoded && s->decoded_bytes) return;
  s->decoded_bytes = s->body_bytes;
  if (!s->coding.base) s->coding = headers_get(&s->headers, "content-encoding");
  if (!s->coding.len || !s->raw.len || s->is_decoded) {
    if (s->is_decoded) s->decoded_bytes = s->decoded.len;
    return;
  }
  struct span in = side_unbroken(s);
  uint64_t anomalies = 0;
  uint32_t unseen = 0;
  bool whole = s->complete && !s->hole && in.len == s->body_bytes;
  long n = coding_decode(s->coding, in, &s->decoded, (uint64_t)cx->conf->max_ratio, &unseen, &anomalies);
  s->unseen |= unseen;
  if ((unseen & (UNSEEN_CAPPED | UNSEEN_MEMORY)) == UNSEEN_CAPPED) ctr_inc(cx->ctr, CTR_DISSECT_DECODE_CAP);
  if (!whole) anomalies &= ~ANOMALY_BIT(ANOMALY_CODING_BAD);
  cx->flow_anomalies |= anomalies;
  if (n < 0) return;
  s->is_decoded = true;
  s->decoded_bytes = s->decoded.len;
}

/* host[:port], with [v6] addresses (RFC 3986, 3.2). */
static void authority(struct txn *t, struct span a) {
  struct span rest = a;
  while (span_index(rest, '@') < rest.len) (void)span_cut(&rest, '@');
  size_t close = rest.len && rest.base[0] == '[' ? span_index(rest, ']') : 0;
  if (close == rest.len) close = 0;
  struct span tail = span_skip(rest, close);
  size_t colon = span_index(tail, ':');
  uint64_t port = 0;
  if (colon < tail.len && span_u64(span_skip(tail, colon + 1), &port) == 0 && port < 65536)
    t->host_port = (uint16_t)port;
  t->host = lower(&t->arena, span_head(rest, close + colon));
}

static void target(struct txn *t) {
  struct span s = t->target, host = headers_get(&t->side[DIR_REQUEST].headers, "host");
  size_t scheme = span_find(s, SPAN_LIT("://"));
  bool absolute = scheme && scheme < s.len && scheme < span_index(s, '/') + 1 && s.base[0] != '/';
  bool tunnel = span_eq(t->method, SPAN_LIT("CONNECT")) && !span_starts(s, SPAN_LIT("/")); /* RFC 8441, 4 */
  if (tunnel) {
    if (!t->host.len) authority(t, s.len ? s : host);
    return;
  }
  if (absolute) {
    if (!t->scheme.len) t->scheme = lower(&t->arena, span_head(s, scheme));
    s = span_skip(s, scheme + 3);
    size_t end = 0;
    while (end < s.len && s.base[end] != '/' && s.base[end] != '?' && s.base[end] != '#') end++;
    host = span_head(s, end);
    s = span_skip(s, end);
  }
  if (!t->host.len && host.len) authority(t, span_trim(host));
  if (t->path.base) return;
  size_t hash = span_index(s, '#'), mark = span_index(span_head(s, hash), '?');
  t->path = span_head(s, mark);
  if (mark < hash) t->query = span_skip(span_head(s, hash), mark + 1);
}

static void outcome(struct txn *t) {
  if (t->outcome != TXN_UNKNOWN || t->status < 100 || t->status > 599 || !t->method.len) return;
  t->outcome = t->status < 400 ? TXN_OK : TXN_ERROR;
}

static void transport(struct dissect_ctx *cx, struct txn *t) {
  struct side *q = &t->side[DIR_REQUEST], *p = &t->side[DIR_RESPONSE];
  bool whole = q->seen && p->seen && q->complete && p->complete;
  for (int d = 0; d < 2; d++) {
    struct side *s = &t->side[d];
    if (s->seen && !s->complete && !(s->unseen & (UNSEEN_GAP | UNSEEN_SNAPLEN)))
      s->unseen |= UNSEEN_UNFINISHED;
    if (s->seen && whole) continue;
    if (!s->seen) s->unseen |= cx->flow_unseen & (UNSEEN_MIDSTREAM | UNSEEN_ONE_SIDED);
  }
}

static void keep_overlap(struct dissect_ctx *cx, struct txn *t) {
  struct overlap *o = cx->overlap.other.len ? arena_zalloc(&t->arena, sizeof *o) : NULL;
  if (!o) return;
  *o = cx->overlap;
  o->kept = arena_copy(&t->arena, o->kept);
  o->other = arena_copy(&t->arena, o->other);
  t->overlap = o;
  cx->overlap.other.len = 0;
}

void txn_close(struct dissect_ctx *cx, struct txn *t) {
  if (!t) return;
  if (cx->order > t->order) t->order = cx->order;
  transport(cx, t);
  for (int d = 0; d < 2; d++) {
    media_type(t, &t->side[d]);
    decode(cx, &t->side[d]);
  }
  if (cx->flow_anomalies & ANOMALY_BIT(ANOMALY_OVERLAP_DIFFERS)) keep_overlap(cx, t);
  t->anomalies |= cx->flow_anomalies;
  cx->flow_anomalies = 0;
  if (t->target.len && t->method.len) target(t);
  outcome(t);
  if (t->kind == TXN_CALL) {
    if (!grpc_apply(t, (uint64_t)cx->conf->max_ratio) && (t->path.len || t->target.len)) dialect_apply(t);
    opmodel_apply(t);
    if (t->method.len || t->status >= 0) files_apply(t);
  }
  ctr_inc(cx->ctr, CTR_DISSECT_TXN);
  cx->emit(cx->user, t);
}
