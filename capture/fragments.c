/* SPDX-License-Identifier: Apache-2.0 */
/* Fragments to datagrams: a capped table of datagrams, each a sorted list of pieces that never overlap. */
#include "capture/fragments.h"
#include "base/hash.h"
#include "base/table.h"

enum { DATAGRAM_MAX = 65535, HEADER_MAX = 60, PIECES_MAX = 2048 };

/* from..to of the datagram; first..last are the bounds of the fragment that brought it, by which policies judge. */
struct piece {
  struct piece *next;
  uint32_t from, to, first, last;
  size_t size;
  uint8_t data[];
};
struct datagram {
  struct table_entry entry;
  struct tuple tuple; /* ports stay 0 */
  uint32_t id, zone;
  uint8_t proto, first_proto, ttl;
  bool overlap;
  uint64_t ns;
  uint32_t total, have, npieces, seen; /* total 0: last fragment not seen; seen: fragments */
  uint32_t header_len;
  uint8_t header[HEADER_MAX];
  struct piece *pieces, *tail;
};
struct fragments {
  const struct capture_conf *conf;
  struct counters *ctr;
  uint64_t seed;
  struct budget budget;
  struct table table;
};

static bool same(const struct table_entry *e, const void *key) {
  const struct datagram *d = (const struct datagram *)e;
  const struct fragment *f = key;
  const struct tuple *t = f->tuple;
  return d->id == f->id && d->zone == f->zone && d->tuple.ipver == t->ipver &&
         (t->ipver == 6 || d->proto == f->proto) && memcmp(d->tuple.src, t->src, 16) == 0 &&
         memcmp(d->tuple.dst, t->dst, 16) == 0;
}

struct fragments *fragments_new(const struct capture_conf *conf, uint64_t seed, struct counters *ctr) {
  struct fragments *f = mem_zalloc(sizeof *f);
  if (!f) return NULL;
  f->conf = conf;
  f->ctr = ctr;
  f->seed = seed;
  f->budget.cap = (size_t)conf->frag_max_bytes;
  if (table_init(&f->table, same, (size_t)conf->frag_max, NULL) < 0) {
    mem_free(f);
    return NULL;
  }
  return f;
}

static void drop_piece(struct fragments *f, struct piece *p) { budget_free(&f->budget, p, p->size); }

static void drop_datagram(struct fragments *f, struct datagram *d) {
  table_remove(&f->table, &d->entry);
  while (d->pieces) {
    struct piece *p = d->pieces;
    d->pieces = p->next;
    drop_piece(f, p);
  }
  budget_free(&f->budget, d, sizeof *d);
}

void fragments_free(struct fragments *f) {
  if (!f) return;
  while (f->table.oldest) {
    ctr_inc(f->ctr, CTR_FRAG_TIMEOUT);
    drop_datagram(f, (struct datagram *)f->table.oldest);
  }
  table_done(&f->table);
  mem_free(f);
}

static void expire(struct fragments *f, uint64_t now) {
  for (;;) {
    struct datagram *d = (struct datagram *)f->table.oldest;
    if (!d || now < d->ns || now - d->ns <= f->conf->frag_timeout_ns) return;
    ctr_inc(f->ctr, CTR_FRAG_TIMEOUT);
    drop_datagram(f, d);
  }
}

/* Room for n bytes, if need be by giving up the oldest datagrams but `keep`. */
static void *room(struct fragments *f, size_t n, const struct datagram *keep) {
  void *p;
  while (!(p = budget_alloc(&f->budget, n))) {
    struct datagram *d = (struct datagram *)f->table.oldest;
    if (!d || d == keep) return NULL;
    ctr_add(f->ctr, CTR_FRAG_CAP, d->seen);
    drop_datagram(f, d);
  }
  return p;
}

static struct datagram *find_or_add(struct fragments *f, const struct fragment *in) {
  uint64_t h = hash64(span_of(in->tuple->src, 32), f->seed ^ in->zone);
  h = hash_mix(h, (uint64_t)in->id << 8 | (in->tuple->ipver == 4 ? in->proto : 0));
  struct datagram *d = (struct datagram *)table_find(&f->table, h, in);
  if (d) return d;
  if (f->table.count >= (size_t)f->conf->frag_max) {
    struct datagram *old = (struct datagram *)f->table.oldest;
    ctr_add(f->ctr, CTR_FRAG_CAP, old->seen);
    drop_datagram(f, old);
  }
  d = room(f, sizeof *d, NULL);
  if (!d) return NULL;
  *d = (struct datagram){
      .tuple = *in->tuple, .id = in->id, .zone = in->zone, .proto = in->proto, .ns = in->ns};
  if (table_add(&f->table, &d->entry, h) == 0) return d;
  budget_free(&f->budget, d, sizeof *d);
  return NULL;
}

static struct piece *new_piece(struct fragments *f, const struct datagram *d, const uint8_t *data,
                               uint32_t from, uint32_t to) {
  size_t size = sizeof(struct piece) + (to - from);
  struct piece *p = room(f, size, d);
  if (!p) return NULL;
  *p = (struct piece){.from = from, .to = to, .size = size};
  memcpy(p->data, data, to - from);
  return p;
}

/* Which of two overlapping fragments counts (Novak, "Target-Based Fragmentation Reassembly", 2005). */
static bool newer_wins(int policy, const struct piece *old, uint32_t first, uint32_t last) {
  switch (policy) {
  case FRAG_LAST: return true;
  case FRAG_LINUX: return first <= old->first;
  case FRAG_BSD: return first < old->first;
  case FRAG_WINDOWS: return first < old->first && last > old->last;
  default: return false;
  }
}

struct addition {
  struct fragments *f;
  struct datagram *d;
  const uint8_t *data; /* of the fragment */
  uint32_t first, last;
  bool failed;
};

/* Put data[from..to) after *at; the next link. */
static struct piece **put(struct addition *a, struct piece **at, uint32_t from, uint32_t to,
                          const uint8_t *data, uint32_t first, uint32_t last) {
  if (from >= to || a->failed) return at;
  struct piece *p = a->d->npieces < PIECES_MAX ? new_piece(a->f, a->d, data, from, to) : NULL;
  if (!p) {
    a->failed = true;
    return at;
  }
  p->first = first;
  p->last = last;
  p->next = *at;
  *at = p;
  if (!p->next) a->d->tail = p;
  a->d->npieces++;
  a->d->have += to - from;
  return &p->next;
}

/* The newer wins over q: keep of q what stands before and behind it. The link to go on from. */
static struct piece **cut(struct addition *a, struct piece **at) {
  struct piece *q = *at;
  *at = q->next;
  if (a->d->tail == q) a->d->tail = NULL;
  a->d->npieces--;
  a->d->have -= q->to - q->from;
  if (q->from < a->first) at = put(a, at, q->from, a->first, q->data, q->first, q->last);
  if (q->to > a->last) put(a, at, a->last, q->to, q->data + (a->last - q->from), q->first, q->last);
  drop_piece(a->f, q);
  return at;
}

static void merge(struct addition *a) {
  struct piece **at = &a->d->pieces;
  uint32_t done = a->first;
  if (a->d->tail && a->d->tail->to <= a->first) at = &a->d->tail->next; /* in order: the usual case */
  while (*at && (*at)->from < a->last) {
    struct piece *q = *at;
    if (q->to <= a->first)
      at = &q->next;
    else if (newer_wins(a->f->conf->frag_policy, q, a->first, a->last))
      at = cut(a, at);
    else {
      if (q->from > done) put(a, at, done, q->from, a->data + (done - a->first), a->first, a->last);
      if (q->to > done) done = q->to;
      at = &q->next;
    }
    if (a->failed) return;
  }
  put(a, at, done, a->last, a->data + (done - a->first), a->first, a->last);
}

/* True when the same fragment is there already; *overlap when another one shares bytes with it. */
static bool repeated(const struct datagram *d, const struct fragment *in, uint32_t last, bool *overlap) {
  *overlap = false;
  const struct piece *p = d->tail && d->tail->to <= in->offset ? NULL : d->pieces;
  for (; p && p->from < last; p = p->next) {
    if (p->to <= in->offset) continue;
    if (p->from == in->offset && p->to == last && memcmp(p->data, in->data.base, last - in->offset) == 0)
      return true;
    *overlap = true;
  }
  return false;
}

static int rebuild(struct fragments *f, struct datagram *d, struct buf *scratch, struct rebuilt *out) {
  uint32_t len = d->header_len + d->total;
  int rc = 0;
  if (len > DATAGRAM_MAX + 40 || buf_reserve(scratch, len) < 0) {
    ctr_add(f->ctr, CTR_FRAG_CAP, d->seen);
  } else {
    uint8_t *h = d->header;
    *out = (struct rebuilt){scratch->len, d->header_len, len, d->first_proto, d->ttl, d->overlap};
    if (d->tuple.ipver == 4) {
      h[2] = (uint8_t)(len >> 8);
      h[3] = (uint8_t)len;
      h[6] = h[7] = 0;
    } else {
      h[4] = (uint8_t)(d->total >> 8);
      h[5] = (uint8_t)d->total;
      h[6] = d->first_proto;
    }
    buf_put(scratch, span_of(h, d->header_len));
    for (const struct piece *p = d->pieces; p; p = p->next)
      buf_put(scratch, span_of(p->data, p->to - p->from));
    ctr_inc(f->ctr, CTR_FRAG_DONE);
    rc = 1;
  }
  drop_datagram(f, d);
  return rc;
}

/* False when the fragment contradicts what is known of the datagram's end. */
static bool set_end(struct datagram *d, const struct fragment *in, uint32_t last) {
  if (!in->more) {
    uint32_t seen = d->tail ? d->tail->to : 0;
    if ((d->total && d->total != last) || last < seen || last == 0) return false;
    d->total = last;
  }
  return !d->total || last <= d->total;
}

static void keep_header(struct datagram *d, const struct fragment *in) {
  if (in->offset != 0 || d->header_len != 0) return;
  d->header_len = (uint32_t)(in->header.len < HEADER_MAX ? in->header.len : HEADER_MAX);
  memcpy(d->header, in->header.base, d->header_len);
  d->first_proto = in->proto;
  d->ttl = in->ttl;
}

int fragments_add(struct fragments *f, const struct fragment *in, struct buf *scratch, struct rebuilt *out) {
  uint32_t last = in->offset + (uint32_t)in->data.len;
  if (in->more) last &= ~7u;
  expire(f, in->ns);
  if (last > DATAGRAM_MAX || last < in->offset || (in->more && last == in->offset)) {
    ctr_inc(f->ctr, CTR_DECODE_MALFORMED);
    return 0;
  }
  struct datagram *d = find_or_add(f, in);
  if (!d) {
    ctr_inc(f->ctr, CTR_FRAG_CAP);
    return 0;
  }
  bool overlap;
  d->seen++;
  if (repeated(d, in, last, &overlap)) return 0;
  if (overlap) ctr_inc(f->ctr, CTR_FRAG_OVERLAP);
  d->overlap |= overlap;
  if (!set_end(d, in, last)) {
    ctr_inc(f->ctr, CTR_DECODE_MALFORMED);
    return 0;
  }
  keep_header(d, in);
  struct addition a = {f, d, in->data.base, in->offset, last, false};
  merge(&a);
  if (a.failed) {
    ctr_add(f->ctr, CTR_FRAG_CAP, d->seen);
    drop_datagram(f, d);
    return 0;
  }
  return d->total && d->have == d->total && d->header_len ? rebuild(f, d, scratch, out) : 0;
}
