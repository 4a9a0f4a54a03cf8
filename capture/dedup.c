/* SPDX-License-Identifier: Apache-2.0 */
/* Duplicate frames: a set-associative window of keyed digests over what no hop changes. */
#include "capture/dedup.h"
#include "base/hash.h"

#include <stdatomic.h>

/* WEAK: IPv6 and IPv4 with identification 0 do not number their datagrams (RFC 6864), so the same bytes may be
 * sent twice on purpose; such a copy must come much sooner. */
enum { WAYS = 4, HEAD = 128, TAIL = 32, PLACES = 64, WEAK = 20 };

struct slot {
  uint64_t key; /* 58 bits of digest, 6 of the place's index */
  uint64_t ns;
};
/* One thread counts, others read. */
struct pair {
  struct dedup_place first, copy;
  _Atomic uint64_t count;
};
struct dedup {
  struct slot *sets;
  size_t mask; /* sets - 1 */
  uint64_t window, weak, seed;
  size_t nplaces;
  struct dedup_place places[PLACES - 1]; /* the last index stands for all further places */
  struct pair pairs[DUPLICATE_PAIRS];
  _Atomic size_t npairs;
  void *memory;
};

struct dedup *dedup_new(size_t frames, uint64_t ns, uint64_t seed) {
  struct dedup *d = mem_zalloc(sizeof *d);
  size_t sets = 1;
  while (sets * WAYS < frames) sets *= 2;
  if (d) d->memory = mem_zalloc(sets * WAYS * sizeof *d->sets + 64);
  if (!d || !d->memory) {
    mem_free(d);
    return NULL;
  }
  d->sets = (struct slot *)(((uintptr_t)d->memory + 63) & ~(uintptr_t)63);
  d->mask = sets - 1;
  d->window = ns;
  d->weak = ns / WEAK;
  d->seed = seed;
  return d;
}

void dedup_free(struct dedup *d) {
  if (!d) return;
  mem_free(d->memory);
  mem_free(d);
}

static uint64_t le64(const uint8_t *p) {
  uint64_t v;
  memcpy(&v, p, sizeof v);
  return v;
}
static uint32_t le32(const uint8_t *p) {
  uint32_t v;
  memcpy(&v, p, sizeof v);
  return v;
}

/* Digest of addresses, lengths, identification and of the first and last bytes carried. */
static uint64_t digest(uint64_t seed, struct span ip, uint32_t zone, bool *strong) {
  const uint8_t *h = ip.base;
  uint64_t k = seed ^ zone;
  size_t hlen = 40, total;
  if (h[0] >> 4 == 4) {
    hlen = (size_t)(h[0] & 15) * 4;
    total = (size_t)(h[2] << 8 | h[3]);
    *strong = h[4] | h[5];
    k = hash_mix(k, le64(h + 12));
    k = hash_mix(k, (uint64_t)le32(h + 4) << 32 | (uint64_t)h[2] << 16 | (uint64_t)h[3] << 8 | h[9]);
  } else {
    total = 40 + (size_t)(h[4] << 8 | h[5]);
    *strong = false;
    k = hash_mix(hash_mix(k, le64(h + 8)), le64(h + 16));
    k = hash_mix(hash_mix(k, le64(h + 24)), le64(h + 32));
    k = hash_mix(k, (uint64_t)(h[1] & 15) << 48 | (uint64_t)h[2] << 40 | (uint64_t)h[3] << 32 |
                        le32(h + 4) << 8);
  }
  if (hlen > ip.len) hlen = ip.len;
  struct span body = span_skip(ip, hlen);
  uint64_t tail = 0;
  if (body.len > HEAD + TAIL && ip.len >= total) tail = hash64(span_skip(body, body.len - TAIL), k);
  return hash64(span_head(body, HEAD), k ^ tail);
}

static bool same_place(struct dedup_place a, struct dedup_place b) {
  return a.source == b.source && a.vlan == b.vlan;
}

static size_t place_index(struct dedup *d, struct dedup_place p) {
  for (size_t i = 0; i < d->nplaces; i++)
    if (same_place(d->places[i], p)) return i;
  if (d->nplaces == PLACES - 1) return PLACES - 1;
  d->places[d->nplaces] = p;
  return d->nplaces++;
}

static void count_pair(struct dedup *d, size_t first, struct dedup_place copy) {
  size_t n = atomic_load_explicit(&d->npairs, memory_order_relaxed);
  if (first == PLACES - 1) return;
  for (size_t i = 0; i < n; i++)
    if (same_place(d->pairs[i].first, d->places[first]) && same_place(d->pairs[i].copy, copy)) {
      atomic_fetch_add_explicit(&d->pairs[i].count, 1, memory_order_relaxed);
      return;
    }
  if (n == DUPLICATE_PAIRS) return;
  d->pairs[n].first = d->places[first];
  d->pairs[n].copy = copy;
  atomic_store_explicit(&d->pairs[n].count, 1, memory_order_relaxed);
  atomic_store_explicit(&d->npairs, n + 1, memory_order_release);
}

uint64_t dedup_digest(uint64_t seed, struct span ip, uint32_t zone) {
  bool strong;
  uint64_t k = digest(seed, ip, zone, &strong) & ~1ULL;
  return (k ? k : 2) | (strong ? 1U : 0U);
}

uint64_t dedup_seed(const struct dedup *d) { return d->seed; }

bool dedup_known(struct dedup *d, uint64_t k, uint64_t ns, struct dedup_place place) {
  uint64_t window = k & 1 ? d->window : d->weak;
  struct slot *set = d->sets + (k >> 1 & d->mask) * WAYS, *oldest = set;
  uint64_t tag = k & ~(uint64_t)(PLACES - 1);
  for (size_t i = 0; i < WAYS; i++) {
    uint64_t apart = ns > set[i].ns ? ns - set[i].ns : set[i].ns - ns;
    if ((set[i].key & ~(uint64_t)(PLACES - 1)) == tag && apart <= window && set[i].ns) {
      count_pair(d, set[i].key & (PLACES - 1), place);
      return true;
    }
    if (set[i].ns < oldest->ns) oldest = &set[i];
  }
  *oldest = (struct slot){tag | place_index(d, place), ns};
  return false;
}

size_t dedup_pairs(const struct dedup *d, struct duplicate_pair *out, size_t n, size_t room) {
  size_t npairs = atomic_load_explicit(&d->npairs, memory_order_acquire);
  for (size_t i = 0; i < npairs; i++) {
    const struct pair *p = &d->pairs[i];
    struct duplicate_pair x = {.source = {p->first.source, p->copy.source},
                               .vlan = {p->first.vlan, p->copy.vlan},
                               .count = atomic_load_explicit(&p->count, memory_order_relaxed)};
    size_t k = 0;
    while (k < n && (memcmp(out[k].source, x.source, sizeof x.source) != 0 ||
                     memcmp(out[k].vlan, x.vlan, sizeof x.vlan) != 0))
      k++;
    if (k < n)
      out[k].count += x.count;
    else if (n < room)
      out[n++] = x;
  }
  return n;
}
