/* SPDX-License-Identifier: Apache-2.0 */
/* HPACK decoder for a listener (RFC 7541). */
#include "dissect/proto/hpack.h"
#include "base/reader.h"
#include "dissect/proto/hpack_tables.h"

enum { RING_MIN = 64, RING_MAX = 2 * HPACK_LIMIT / HPACK_OVERHEAD, TRY_INSERTS = 64, UPDATES_MAX = 2 };

void hpack_init(struct hpack *h, struct budget *budget, bool joined) {
  *h = (struct hpack){
      .budget = budget, .complete = joined, .max_known = joined, .max = joined ? HPACK_DEFAULT : HPACK_LIMIT};
  buf_init(&h->bytes, budget, 0);
  buf_init(&h->scratch, budget, 0);
}

void hpack_join(struct hpack *h) {
  if (h->count) return;
  h->complete = h->max_known = true;
  h->max = HPACK_DEFAULT;
}

void hpack_done(struct hpack *h) {
  buf_done(&h->bytes);
  buf_done(&h->scratch);
  budget_free(h->budget, h->ring, (h->mask + 1) * sizeof *h->ring);
  h->ring = NULL;
  h->count = h->fresh = 0;
}

static struct hpack_entry *entry(const struct hpack *h, uint32_t i) {
  return &h->ring[(h->head - i) & h->mask];
}

static size_t size_of(const struct hpack_entry *e) { return (size_t)e->name + e->value + HPACK_OVERHEAD; }

static void clear(struct hpack *h) {
  h->count = h->fresh = 0;
  h->used = 0;
  h->start = h->base + h->bytes.len;
}

void hpack_forget(struct hpack *h) {
  clear(h);
  h->complete = h->max_known = false;
  h->max = HPACK_LIMIT;
}

void hpack_suspend(struct hpack *h) {
  while (h->count > h->fresh) { /* a second hole */
    const struct hpack_entry *e = entry(h, --h->count);
    h->used -= size_of(e);
    h->start = e->off + e->name + e->value;
  }
  h->fresh = 0;
  h->complete = h->max_known = false;
  h->max = HPACK_LIMIT;
}

static void evict(struct hpack *h) {
  while (h->count && h->used > h->max) {
    struct hpack_entry *e = entry(h, --h->count);
    h->used -= size_of(e);
    h->start = e->off + e->name + e->value;
    h->complete = h->max_known;
  }
  if (h->fresh > h->count) h->fresh = h->count;
}

static int ring_grow(struct hpack *h) {
  uint32_t size = h->ring ? (h->mask + 1) * 2 : RING_MIN;
  if (size > RING_MAX) return ERR_CAP;
  struct hpack_entry *ring = budget_alloc(h->budget, size * sizeof *ring);
  if (!ring) return ERR_NOMEM;
  for (uint32_t i = 0; i < h->count; i++) ring[h->count - 1 - i] = *entry(h, i);
  budget_free(h->budget, h->ring, (h->mask + 1) * sizeof *h->ring);
  h->ring = ring;
  h->mask = size - 1;
  h->head = h->count - 1;
  return 0;
}

static int push(struct hpack *h, struct hpack_entry e) {
  if (!h->ring || h->count > h->mask) {
    int err = ring_grow(h);
    if (err < 0) return err;
  }
  h->head++;
  *entry(h, 0) = e;
  h->count++;
  h->fresh++;
  h->used += size_of(&e);
  return 0;
}

/* The text may stand in the table itself, even in an entry that is about to go. */
static int insert(struct hpack *h, const struct hpack_field *f) {
  size_t need = f->name.len + f->value.len;
  struct hpack_entry e = {h->base + h->bytes.len, (uint32_t)f->name.len, (uint32_t)f->value.len,
                          f->name_known, f->value_known};
  if (need + HPACK_OVERHEAD > h->max && h->max_known) {
    clear(h);
    h->complete = true;
    return 0;
  }
  if (need > HPACK_LIMIT) e.name = e.value = 0, e.name_known = e.value_known = false;
  bool own = f->name.len && f->name.base >= h->bytes.base && f->name.base < h->bytes.base + h->bytes.len;
  uint64_t at = own ? h->base + (uint64_t)(f->name.base - h->bytes.base) : 0;
  size_t waste = (size_t)((own && at < h->start ? at : h->start) - h->base);
  if (waste > HPACK_DEFAULT && waste > h->bytes.len / 2) {
    buf_drop(&h->bytes, waste);
    h->base += waste;
  }
  int err = buf_reserve(&h->bytes, need);
  if (err < 0) return err;
  struct span name = own ? span_of(h->bytes.base + (at - h->base), f->name.len) : f->name;
  if (e.name) memmove(h->bytes.base + h->bytes.len, name.base, e.name);
  h->bytes.len += e.name;
  if (e.value) memcpy(h->bytes.base + h->bytes.len, f->value.base, e.value);
  h->bytes.len += e.value;
  if ((err = push(h, e)) < 0) return err;
  evict(h);
  return 0;
}

int hpack_shift(struct hpack *h, uint32_t lost) {
  uint32_t fresh = h->fresh, need = h->count + lost;
  if (need > RING_MAX) return ERR_CAP;
  while (!h->ring || need > h->mask + 1) {
    int err = ring_grow(h);
    if (err < 0) return err;
  }
  h->head += lost;
  h->count = need;
  for (uint32_t i = 0; i < fresh; i++) *entry(h, i) = *entry(h, i + lost);
  uint64_t off = h->start;
  if (fresh + lost < h->count) {
    const struct hpack_entry *old = entry(h, fresh + lost);
    off = old->off + old->name + old->value;
  }
  for (uint32_t i = fresh; i < fresh + lost; i++) *entry(h, i) = (struct hpack_entry){.off = off};
  h->used += (size_t)lost * HPACK_OVERHEAD;
  h->fresh = h->count;
  evict(h);
  return 0;
}

/* One decoding pass. A dry one leaves the table alone and keeps the names it would insert. */
struct pass {
  struct hpack *h;
  struct reader in;
  hpack_fn fn;
  void *user;
  bool dry;
  uint32_t lost, inserted;
  struct hpack_field virtual[TRY_INSERTS];
  int result;
};

/* RFC 7541 5.1; `bits` of the first byte belong to the number. */
static uint32_t integer(struct reader *r, unsigned bits) {
  uint32_t full = (1U << bits) - 1, v = reader_u8(r) & full;
  if (v < full) return v;
  for (unsigned shift = 0;; shift += 7) {
    uint8_t b = reader_u8(r);
    uint64_t add = (uint64_t)(b & 0x7f) << shift;
    if (r->bad || shift > 21 || v + add > UINT32_MAX / 2) break;
    v += (uint32_t)add;
    if (!(b & 0x80)) return v;
  }
  r->bad = true;
  return 0;
}

/* RFC 7541 5.2. Unpacked text stands in scratch as an offset (base NULL) until the field is whole. */
struct text {
  struct span span;
  size_t at;
  bool packed;
};
static int string(struct pass *p, struct text *out) {
  struct reader *r = &p->in;
  bool packed = reader_left(r) && (*r->pos & 0x80);
  uint32_t len = integer(r, 7);
  struct span s = reader_take(r, len);
  if (r->bad) return ERR_TRUNC;
  *out = (struct text){s, p->h->scratch.len, packed};
  return packed ? hpack_unpack(s, &p->h->scratch) : 0;
}
static struct span text_span(const struct hpack *h, const struct text *t, size_t end) {
  return t->packed ? span_of(h->scratch.base + t->at, end - t->at) : t->span;
}

static void give_entry(const struct hpack *h, uint32_t i, struct hpack_field *f) {
  const struct hpack_entry *e = entry(h, i);
  const uint8_t *text = h->bytes.base ? h->bytes.base + (e->off - h->base) : NULL;
  f->name_known = e->name_known;
  f->value_known = e->value_known;
  if (e->name_known) f->name = span_of(text, e->name);
  if (e->value_known) f->value = span_of(text + e->name, e->value);
}

/* Fill f from table index `index`. ERR_SYNTAX where there can be no such entry. */
static int lookup(const struct pass *p, uint32_t index, struct hpack_field *f) {
  const struct hpack *h = p->h;
  *f = (struct hpack_field){0};
  if (index == 0) return ERR_SYNTAX;
  if (index <= HPACK_STATIC) {
    *f = (struct hpack_field){
        hpack_tables_static[index].name, hpack_tables_static[index].value, true, true, false, 0};
    return 0;
  }
  uint32_t i = index - HPACK_STATIC - 1;
  if (i < p->inserted) {
    *f = p->virtual[p->inserted - 1 - i];
    return 0;
  }
  i -= p->inserted;
  if (i < h->fresh) {
    give_entry(h, i, f);
  } else if (!hpack_suspended(h)) {
    if (h->complete) return ERR_SYNTAX;
  } else if (p->dry && i >= h->fresh + p->lost && i - p->lost < h->count) {
    give_entry(h, i - p->lost, f);
    f->stale = true;
    f->place = i - h->fresh;
  }
  return 0;
}

static void give(struct pass *p, const struct hpack_field *f) {
  int err = p->fn(p->user, f);
  if (err < 0 && p->result >= 0) p->result = err;
}

static int keep(struct pass *p, const struct hpack_field *f) {
  if (!p->dry) return insert(p->h, f);
  if (p->inserted == TRY_INSERTS) return ERR_CAP;
  p->virtual[p->inserted] = *f;
  if (f->name.len && p->h->scratch.base && f->name.base >= p->h->scratch.base &&
      f->name.base < p->h->scratch.base + p->h->scratch.len) {
    p->virtual[p->inserted].name = (struct span){NULL, 0}; /* scratch moves */
    p->virtual[p->inserted].name_known = false;
  }
  p->virtual[p->inserted].value = (struct span){NULL, 0};
  p->virtual[p->inserted++].value_known = false;
  return 0;
}

/* RFC 7541 6.2. */
static int literal(struct pass *p, unsigned bits, bool indexed) {
  struct hpack_field f = {.name_known = true};
  uint32_t index = integer(&p->in, bits);
  struct text name = {0}, value;
  int err = p->in.bad ? ERR_TRUNC : 0;
  p->h->scratch.len = 0;
  if (!err && index) err = lookup(p, index, &f);
  if (!err && !index) err = string(p, &name);
  size_t mid = p->h->scratch.len;
  if (!err) err = string(p, &value);
  if (err < 0) return err;
  if (!index) f.name = text_span(p->h, &name, mid);
  f.value = text_span(p->h, &value, p->h->scratch.len);
  f.value_known = true;
  give(p, &f);
  return indexed ? keep(p, &f) : 0;
}

/* RFC 7541 6.3. */
static int update(struct pass *p) {
  uint32_t size = integer(&p->in, 5);
  if (p->in.bad) return ERR_TRUNC;
  if (p->dry) return ERR_CAP;
  p->h->max = size < HPACK_LIMIT ? size : HPACK_LIMIT;
  p->h->max_known = size <= HPACK_LIMIT;
  evict(p->h);
  if (size < HPACK_OVERHEAD) {
    clear(p->h);
    p->h->complete = true;
  }
  return 0;
}

static int field(struct pass *p) {
  uint8_t b = *p->in.pos;
  struct hpack_field f;
  if (b & 0x80) {
    uint32_t index = integer(&p->in, 7);
    int err = p->in.bad ? ERR_TRUNC : lookup(p, index, &f);
    if (err < 0) return err;
    give(p, &f);
    return 0;
  }
  if (b & 0x40) return literal(p, 6, true);
  if (b & 0x20) return ERR_SYNTAX; /* a size update stands first */
  return literal(p, 4, false);
}

static int run(struct pass *p) {
  int err = 0;
  unsigned updates = 0;
  while (err >= 0 && reader_left(&p->in) && (*p->in.pos & 0xe0) == 0x20)
    err = updates++ < UPDATES_MAX ? update(p) : ERR_SYNTAX;
  while (err >= 0 && reader_left(&p->in)) err = field(p);
  return err;
}

int hpack_decode(struct hpack *h, struct span block, hpack_fn fn, void *user) {
  struct pass p;
  p.h = h;
  p.in = reader_of(block);
  p.fn = fn;
  p.user = user;
  p.dry = false;
  p.lost = p.inserted = 0;
  p.result = 0;
  int err = run(&p);
  if (err < 0 && err != ERR_TRUNC) hpack_forget(h);
  return err < 0 ? err : p.result;
}

int hpack_try(struct hpack *h, struct span block, uint32_t lost, hpack_fn fn, void *user) {
  struct pass p;
  p.h = h;
  p.in = reader_of(block);
  p.fn = fn;
  p.user = user;
  p.dry = true;
  p.lost = lost;
  p.inserted = 0;
  p.result = 0;
  int err = run(&p);
  if (err == 0) err = p.result;
  return err == ERR_TRUNC ? ERR_SYNTAX : err;
}
