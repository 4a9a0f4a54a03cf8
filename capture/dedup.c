/* SPDX-License-Identifier: Apache-2.0 */
/* Duplicate frames: a set-associative window of keyed digests over what no hop changes. */
#include "capture/dedup.h"
#include "base/hash.h"

/* WEAK: IPv6 and IPv4 with identification 0 do not number their datagrams (RFC 6864), so the same bytes may be
 * sent twice on purpose; such a copy must come much sooner. */
enum { WAYS = 4, HEAD = 128, TAIL = 32, WEAK = 20 };

struct slot {
  uint64_t digest, ns;
};
struct dedup {
  struct slot *sets;
  size_t mask; /* sets - 1 */
  uint64_t window, weak, seed;
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
static uint64_t digest_of(uint64_t seed, struct span ip, uint32_t zone, bool *strong) {
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

uint64_t dedup_digest(uint64_t seed, struct span ip, uint32_t zone) {
  bool strong;
  uint64_t k = digest_of(seed, ip, zone, &strong) & ~1ULL;
  return (k ? k : 2) | (strong ? 1U : 0U);
}

uint64_t dedup_seed(const struct dedup *d) { return d->seed; }

bool dedup_known(struct dedup *d, uint64_t digest, uint64_t ns) {
  uint64_t window = digest & 1 ? d->window : d->weak;
  struct slot *set = d->sets + (digest >> 1 & d->mask) * WAYS, *oldest = set;
  for (size_t i = 0; i < WAYS; i++) {
    uint64_t apart = ns > set[i].ns ? ns - set[i].ns : set[i].ns - ns;
    if (set[i].digest == digest && apart <= window && set[i].ns) return true;
    if (set[i].ns < oldest->ns) oldest = &set[i];
  }
  *oldest = (struct slot){digest, ns};
  return false;
}
