/* SPDX-License-Identifier: Apache-2.0 */
/* Out-of-order TCP bytes: a sorted queue in which the first copy of each byte wins (RFC 9293). */
#include "base/hash.h"
#include "dissect/flow.h"

enum { SEG_SMALL = 256, SEG_ROOM = 1024 };

struct tcp *stream_get(struct dissect *d, struct flow *f) {
  if (f->tcp) return f->tcp;
  f->tcp = pool_get(&d->tcps);
  if (!f->tcp) {
    ctr_inc(d->ctr, CTR_FLOW_MEMORY);
    return NULL;
  }
  for (int end = 0; end < 2; end++) {
    struct stream *st = &f->tcp->st[end];
    st->fin = st->reset = st->soft_reset = OFF_NONE;
    st->acked_ns = f->last_ns; /* what was acknowledged before anything was kept waits from now on */
    st->acked_slack = f->slack;
    buf_init(&st->rest, d->budget, (size_t)d->conf->max_buffer_bytes);
  }
  return f->tcp;
}

static void seg_free(struct dissect *d, struct seg *s) { budget_free(d->budget, s, sizeof *s + s->room); }

void stream_free(struct dissect *d, struct flow *f) {
  if (!f->tcp) return;
  for (int end = 0; end < 2; end++) {
    struct stream *st = &f->tcp->st[end];
    while (stream_pop(d, st)) continue;
    buf_done(&st->rest);
  }
  pool_put(&d->tcps, f->tcp);
  f->tcp = NULL;
}

int64_t stream_off(const struct flow *f, int end, uint32_t seq) {
  uint64_t next = f->tcp ? f->tcp->st[end].next : 0;
  uint32_t at = f->side[end].seq0 + (uint32_t)next;
  return (int64_t)next + (int32_t)(seq - at);
}

uint64_t stream_top(const struct flow *f, int end) {
  int64_t top = stream_off(f, end, f->side[end].top);
  return top > 0 ? (uint64_t)top : 0;
}

void stream_anomaly(struct flow *f, unsigned id) {
  f->anomalies |= ANOMALY_BIT(id);
  f->all_anomalies |= ANOMALY_BIT(id);
}

static void shift(struct seg *s, uint64_t off, uint64_t ack) {
  for (; s; s = s->next) {
    s->off += off;
    s->ack += ack;
  }
}

void stream_rebase(struct flow *f, int end, uint32_t seq) {
  struct flow_side *s = &f->side[end];
  uint64_t n = s->seq0 - seq; /* may be below zero, and then wraps */
  s->seq0 = seq;
  s->acked = (int64_t)(s->acked + n) > 0 ? s->acked + n : 0;
  if (!f->tcp) return;
  struct stream *st = &f->tcp->st[end], *o = &f->tcp->st[!end];
  if (st->fin != OFF_NONE) st->fin += n;
  if (st->reset != OFF_NONE) st->reset += n;
  if (st->soft_reset != OFF_NONE) st->soft_reset += n;
  if (o->fin != OFF_NONE) o->fin_ack += n;
  shift(st->head, n, 0);
  shift(o->head, 0, n);
}

/* Frees the segment it returned last time round: a popped one is valid until the next call for st. */
struct seg *stream_pop(struct dissect *d, struct stream *st) {
  struct seg *s = st->head;
  if (!s) return NULL;
  st->head = s->next;
  if (!st->head) st->tail = NULL;
  st->segs--;
  st->bytes -= s->cut ? 0 : s->len;
  seg_free(d, s);
  return s;
}

static struct seg *seg_new(struct dissect *d, const struct seg *like, uint64_t off, struct span s,
                           uint32_t len) {
  bool cut = s.base == NULL;
  uint32_t room = cut ? 0 : len < SEG_SMALL ? SEG_ROOM : len;
  size_t size = sizeof(struct seg) + room;
  struct seg *n = budget_alloc(d->budget, size);
  if (!n) return NULL;
  *n = *like;
  n->next = NULL;
  n->off = off;
  n->len = len;
  n->room = room;
  n->cut = cut;
  if (!cut) memcpy(n->data, s.base, len);
  return n;
}

static void link_after(struct stream *st, struct seg *prev, struct seg *n) {
  struct seg **at = prev ? &prev->next : &st->head;
  n->next = *at;
  *at = n;
  if (!n->next) st->tail = n;
  st->segs++;
  st->bytes += n->cut ? 0 : n->len;
}

static void unlink_after(struct dissect *d, struct stream *st, struct seg *prev) {
  struct seg **at = prev ? &prev->next : &st->head, *s = *at;
  *at = s->next;
  if (st->tail == s) st->tail = prev;
  st->segs--;
  st->bytes -= s->cut ? 0 : s->len;
  seg_free(d, s);
}

static bool full(const struct dissect *d, const struct stream *st, size_t n) {
  return st->segs >= (uint32_t)d->conf->max_segments || st->bytes + n > (uint64_t)d->conf->max_segment_bytes;
}

/* Bytes cut into tiny segments of one time take no more room, and reach no cap sooner, than in one. */
static bool append(struct stream *st, struct seg *prev, const struct seg *like, uint64_t off, struct span s) {
  if (!prev || !s.base || prev->cut || prev->off + prev->len != off || prev->room - prev->len < s.len)
    return false;
  if (prev->ns != like->ns || prev->ack != like->ack || prev->doubt != like->doubt) return false;
  memcpy(prev->data + prev->len, s.base, s.len);
  prev->len += (uint32_t)s.len;
  st->bytes += s.len;
  return true;
}

static struct seg *add(struct dissect *d, struct stream *st, struct seg *prev, const struct seg *like,
                       uint64_t off, struct span s, uint32_t len) {
  bool fits = st->bytes + s.len <= (uint64_t)d->conf->max_segment_bytes;
  if (fits && append(st, prev, like, off, s)) return prev;
  bool capped = full(d, st, s.base ? len : 0);
  struct seg *n = capped ? NULL : seg_new(d, like, off, s, len);
  if (!n) {
    ctr_inc(d->ctr, capped ? CTR_TCP_SEGMENT_CAP : CTR_FLOW_MEMORY);
    return prev;
  }
  link_after(st, prev, n);
  return n;
}

/* What is doubtful or was cut off gives way to a good copy: it shrinks to what lies before it, or goes. */
static bool gives_way(const struct seg *old, const struct seg *like, bool cut) {
  return (old->doubt && !like->doubt) || (old->cut && !cut);
}

/* Keep both from the first byte that differs on, however they were cut; `at`: where both begin. */
static void keep_versions(struct flow *f, int end, uint64_t at, struct span kept, struct span other) {
  struct two_versions *v = &f->tcp->versions;
  size_t n = kept.len < other.len ? kept.len : other.len, from = 0;
  if (!v->n) {
    while (from < n && kept.base[from] == other.base[from]) from++;
    v->off = at + from;
    v->end = (uint8_t)end;
  } else if (v->end != end || at != v->off + v->n) {
    return; /* the first stay until a transaction has taken them */
  }
  if (n - from > (size_t)(STREAM_HEAD - v->n)) n = from + (size_t)(STREAM_HEAD - v->n);
  if (n == from) return;
  memcpy(v->kept + v->n, kept.base + from, n - from);
  memcpy(v->other + v->n, other.base + from, n - from);
  v->n = (uint8_t)(v->n + (n - from));
}

static void compare(struct dissect *d, struct flow *f, int end, const struct seg *old, uint64_t off,
                    struct span s, size_t n) {
  ctr_add(d->ctr, CTR_TCP_RETRANSMIT, n);
  if (old->cut || !s.base) return;
  struct span kept = span_of(old->data + (off - old->off), n);
  bool differs = memcmp(kept.base, s.base, n) != 0;
  if (differs || f->tcp->versions.n) keep_versions(f, end, off, kept, span_head(s, n));
  if (!differs) return;
  ctr_inc(d->ctr, CTR_TCP_OVERLAP_DIFFERS);
  stream_anomaly(f, ANOMALY_OVERLAP_DIFFERS);
}

/* Doubtful bytes give way to others at last: where the two differ, those are the ones kept. */
static void displace(struct dissect *d, struct flow *f, int end, const struct seg *old,
                     const struct seg *like, struct span s) {
  uint64_t at = old->off > like->off ? old->off : like->off, stop = like->off + s.len;
  if (old->off + old->len < stop) stop = old->off + old->len;
  if (old->cut || !s.base || at >= stop) return;
  struct span kept = span_of(s.base + (at - like->off), (size_t)(stop - at));
  struct span other = span_of(old->data + (at - old->off), (size_t)(stop - at));
  if (memcmp(kept.base, other.base, kept.len) == 0) return;
  keep_versions(f, end, at, kept, other);
  ctr_inc(d->ctr, CTR_TCP_OVERLAP_DIFFERS);
  stream_anomaly(f, ANOMALY_OVERLAP_DIFFERS);
}

/* Cut old back to what stands outside [from, to); the part after is put in again behind. */
static void make_way(struct dissect *d, struct stream *st, struct seg *prev, uint64_t from, uint64_t to) {
  struct seg *old = prev ? prev->next : st->head;
  uint64_t end = old->off + old->len;
  if (end > to) {
    size_t skip = (size_t)(to - old->off);
    struct span tail = old->cut ? span_of(NULL, 0) : span_of(old->data + skip, old->len - skip);
    struct seg *n = seg_new(d, old, to, tail, (uint32_t)(end - to));
    if (n) link_after(st, old, n);
  }
  if (old->off >= from) {
    unlink_after(d, st, prev);
    return;
  }
  uint32_t keep = (uint32_t)(from - old->off);
  st->bytes -= old->cut ? 0 : old->len - keep;
  old->len = keep;
}

/* s.base NULL: len bytes that are not there. */
static void insert(struct dissect *d, struct flow *f, int end, const struct seg *like, struct span s,
                   uint64_t len) {
  struct stream *st = &f->tcp->st[end];
  uint64_t at = like->off, stop = like->off + len;
  struct seg *prev = st->tail && st->tail->off + st->tail->len <= at ? st->tail : NULL;
  while (at < stop) {
    struct seg *e = prev ? prev->next : st->head;
    if (e && e->off + e->len <= at) {
      prev = e;
      continue;
    }
    if (e && e->off < stop && gives_way(e, like, !s.base)) {
      displace(d, f, end, e, like, s);
      make_way(d, st, prev, at, stop);
      continue;
    }
    uint64_t to = e && e->off < stop ? (e->off > at ? e->off : 0) : stop;
    if (to) {
      struct span part = s.base ? span_of(s.base + (at - like->off), (size_t)(to - at)) : span_of(NULL, 0);
      prev = add(d, st, prev, like, at, part, (uint32_t)(to - at));
    } else {
      to = e->off + e->len < stop ? e->off + e->len : stop;
      compare(d, f, end, e, at, s.base ? span_skip(s, (size_t)(at - like->off)) : s, (size_t)(to - at));
      prev = e;
    }
    at = to;
  }
}

void stream_insert(struct dissect *d, struct flow *f, int end, const struct seg *like, struct span s) {
  if (s.len) insert(d, f, end, like, s, s.len);
}

void stream_insert_cut(struct dissect *d, struct flow *f, int end, const struct seg *like, uint32_t n) {
  if (n) insert(d, f, end, like, span_of(NULL, 0), n);
}

void stream_remember(struct stream *st, uint64_t off, struct span s) {
  uint8_t i = st->recent_at++ % STREAM_RECENT;
  st->recent[i].off = off;
  st->recent[i].len = (uint32_t)s.len;
  st->recent[i].hash = (uint32_t)hash64(s, 0);
  if (s.len) memcpy(st->recent[i].head, s.base, s.len < STREAM_HEAD ? s.len : STREAM_HEAD);
}

void stream_check_copy(struct dissect *d, struct flow *f, int end, uint64_t off, struct span s) {
  const struct stream *st = &f->tcp->st[end];
  for (int i = 0; i < STREAM_RECENT; i++) {
    uint64_t at = st->recent[i].off, len = st->recent[i].len;
    if (!len || at < off || at + len > off + s.len) continue;
    if ((uint32_t)hash64(span_of(s.base + (at - off), (size_t)len), 0) == st->recent[i].hash) continue;
    ctr_inc(d->ctr, CTR_TCP_OVERLAP_DIFFERS);
    stream_anomaly(f, ANOMALY_OVERLAP_DIFFERS);
    keep_versions(f, end, at, span_of(st->recent[i].head, len < STREAM_HEAD ? (size_t)len : STREAM_HEAD),
                  span_skip(s, (size_t)(at - off)));
    return;
  }
}
