/* SPDX-License-Identifier: Apache-2.0 */
/* Makes damaged variants of a capture: bits flipped, packets cut, lost, doubled, shuffled, bytes put in and taken out.
 * usage: mutate SEED COUNT FROM LIMIT CAPTURE > OUT.pcap
 * Variants FROM … FROM+COUNT-1, one after the other in one file, an hour of packet time apart; each is a run of LIMIT
 * consecutive packets at most. Runs begin at places spread evenly, and are longer in large captures, so that
 * a thousand of them cover the whole. The same arguments give the same bytes. Reads pcap and pcapng; leaves with 3 where
 * it is neither. With LIMIT 0 the file itself, whatever it is, is damaged as by readfiles: its headers, its blocks. */
#include "tests/torture/damage.h"
#include <stdbool.h>

enum { PACKETS_MAX = 1 << 20, BYTES_MAX = 1 << 18, HOUR = 3600, COVER = 500 };

struct packet {
  uint32_t off, len, wire;
  uint64_t us;
};
static struct packet *all, *some; /* of the capture; of the variant being made */
static size_t all_count, some_count;
static uint8_t *file;
static size_t file_len;
static uint32_t link_type = 1;
static struct rnd state;

static uint64_t rnd(void) { return rnd_next(&state); }
static size_t below(size_t n) { return rnd_below(&state, n); }

static uint32_t get32(const uint8_t *p, bool swap) {
  uint32_t v;
  memcpy(&v, p, 4);
  return swap ? __builtin_bswap32(v) : v;
}
static uint16_t get16(const uint8_t *p, bool swap) {
  uint16_t v;
  memcpy(&v, p, 2);
  return swap ? __builtin_bswap16(v) : v;
}

static void add(size_t off, uint32_t len, uint32_t wire, uint64_t us) {
  if (all_count == PACKETS_MAX || len > file_len - off) return;
  all[all_count++] = (struct packet){(uint32_t)off, len, wire, us};
}

static bool read_pcap(void) {
  uint32_t magic = get32(file, false);
  bool swap = magic == 0xd4c3b2a1 || magic == 0x4d3cb2a1, nano = magic == 0xa1b23c4d || magic == 0x4d3cb2a1;
  if (!swap && magic != 0xa1b2c3d4 && !nano) return false;
  link_type = get32(file + 20, swap) & 0xffff;
  for (size_t at = 24; at + 16 <= file_len;) {
    const uint8_t *h = file + at;
    uint32_t len = get32(h + 8, swap), fraction = get32(h + 4, swap);
    add(at + 16, len, get32(h + 12, swap), get32(h, swap) * 1000000ULL + fraction / (nano ? 1000 : 1));
    at += 16 + (size_t)len;
  }
  return true;
}

static bool read_pcapng(void) {
  if (get32(file, false) != 0x0a0d0d0a) return false;
  bool swap = false, linked = false;
  uint64_t us = 0;
  for (size_t at = 0; at + 12 <= file_len;) {
    const uint8_t *h = file + at;
    if (get32(h, false) == 0x0a0d0d0a) swap = get32(h + 8, false) != 0x1a2b3c4d;
    uint32_t type = get32(h, swap), len = get32(h + 4, swap);
    if (len < 12 || len > file_len - at) break;
    if (type == 1 && !linked && len >= 16) link_type = get16(h + 8, swap), linked = true;
    if (type == 6 && len >= 32) {
      us = (uint64_t)get32(h + 12, swap) << 32 | get32(h + 16, swap);
      add(at + 28, get32(h + 20, swap), get32(h + 24, swap), us);
    }
    if (type == 3 && len >= 16) add(at + 12, len - 16, get32(h + 8, swap), ++us);
    at += (len + 3) & ~3u;
  }
  return true;
}

/* A variant's packets keep their bytes in one scratch area, so that each can be changed alone. */
static uint8_t *scratch;
static size_t scratch_len;
enum { SCRATCH = 64 << 20 };

static bool own(struct packet *p, const uint8_t *data, size_t len) {
  if (len > BYTES_MAX || scratch_len + len > SCRATCH) return false;
  memmove(scratch + scratch_len, data, len);
  p->off = (uint32_t)scratch_len;
  p->len = (uint32_t)len;
  scratch_len += len;
  return true;
}

/* By the golden ratio: the runs of any number of variants lie evenly over the capture. */
static size_t place(uint64_t variant, size_t places) {
  uint64_t turn = variant * 0x9e3779b97f4a7c15ULL + state.state % 1000;
  return (size_t)((unsigned __int128)turn * places >> 64);
}

static void take(size_t limit, size_t start) {
  size_t n = all_count - start < limit ? all_count - start : limit;
  some_count = scratch_len = 0;
  for (size_t i = 0; i < n; i++) {
    struct packet p = all[start + i];
    if (own(&p, file + all[start + i].off, p.len)) some[some_count++] = p;
  }
}

static void flip(struct packet *p) {
  uint8_t *d = scratch + p->off;
  size_t reach = rnd() % 2 && p->len > 80 ? 80 : p->len; /* headers as often as the rest */
  for (size_t k = 1 + below(4); k && reach; k--) d[below(reach)] ^= (uint8_t)(1 << below(8));
}

static void poke(struct packet *p) { damage_poke(&state, scratch + p->off, p->len); }

static void insert_or_delete(struct packet *p) {
  size_t at = below(p->len + 1), n = 1 + below(rnd() % 8 ? 8 : 400);
  struct packet old = *p;
  if (rnd() % 2) {
    if (n > old.len - at) n = old.len - at;
    memmove(scratch + old.off + at, scratch + old.off + at + n, old.len - at - n);
    p->len -= (uint32_t)n;
  } else if (scratch_len + old.len + n < SCRATCH && own(p, scratch + old.off, old.len)) {
    uint8_t *d = scratch + p->off;
    memmove(d + at + n, d + at, old.len - at);
    memset(d + at, (int)(rnd() & 0xff), n);
    p->len += (uint32_t)n;
    scratch_len += n;
  }
}

static void splice(struct packet *p) {
  const struct packet *q = &some[below(some_count)];
  size_t n = below((p->len < q->len ? p->len : q->len) + 1);
  if (n) memmove(scratch + p->off + p->len - n, scratch + q->off + q->len - n, n);
}

static void shuffle(size_t reach) {
  for (size_t i = 0; i + 1 < some_count; i++) {
    size_t left = some_count - i, j = i + below(left < reach ? left : reach);
    struct packet t = some[i];
    some[i] = some[j];
    some[j] = t;
    uint64_t us = some[i].us; /* order changes, the times of the places stay */
    some[i].us = some[j].us;
    some[j].us = us;
  }
}

static void thin_or_double(bool twice, size_t percent) {
  size_t n = 0;
  static struct packet *to;
  if (!to) to = malloc(2 * PACKETS_MAX * sizeof *to);
  if (!to) abort();
  for (size_t i = 0; i < some_count && n < PACKETS_MAX; i++) {
    bool hit = below(100) < percent;
    if (!hit || twice) to[n++] = some[i];
    if (hit && twice) to[n++] = some[i];
  }
  if (n > PACKETS_MAX) n = PACKETS_MAX;
  memcpy(some, to, n * sizeof *to);
  some_count = n;
}

static void each(void (*change)(struct packet *), size_t percent) {
  for (size_t i = 0; i < some_count; i++)
    if (below(100) < percent) change(&some[i]);
}

static void cut(struct packet *p) { p->len = (uint32_t)below(p->len + 1); }
static void jump(struct packet *p) { p->us += (rnd() % 2 ? 1 : (uint64_t)-1) * (rnd() % 2000000000); }

static void damage(void) {
  static const size_t share[] = {1, 2, 5, 20, 60};
  for (size_t k = 1 + below(3); k; k--) {
    size_t percent = share[below(5)];
    switch (below(10)) {
    case 0: each(flip, percent); break;
    case 1: each(poke, percent); break;
    case 2: each(cut, percent); break;
    case 3: each(insert_or_delete, percent); break;
    case 4: each(splice, percent); break;
    case 5: shuffle(2 + below(10)); break;
    case 6: shuffle(1 + below(some_count)); break;
    case 7: thin_or_double(false, percent); break;
    case 8: thin_or_double(true, percent); break;
    case 9: each(jump, 1); break;
    }
  }
}

static void put32(uint32_t v) { fwrite(&v, 4, 1, stdout); }

static void write_variant(uint64_t base) {
  for (size_t i = 0; i < some_count; i++) {
    const struct packet *p = &some[i];
    uint64_t us = base + (p->us - some[0].us);
    put32((uint32_t)(us / 1000000));
    put32((uint32_t)(us % 1000000));
    put32(p->len);
    put32(p->wire > p->len ? p->wire : p->len);
    fwrite(scratch + p->off, 1, p->len, stdout);
  }
}

static int write_damaged_file(const char *path) {
  file_len = damage_load(path, DAMAGE_MOST, &file);
  if (!file_len) return 3;
  file_len = damage_file(&state, file, file_len);
  fwrite(file, 1, file_len, stdout);
  return fflush(stdout) ? 1 : 0;
}

static int write_variants(uint64_t seed, uint64_t count, uint64_t from, size_t limit) {
  static const uint32_t head[] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, BYTES_MAX};
  if (limit < all_count / COVER) limit = all_count / COVER;
  size_t places = all_count > limit ? all_count - limit + 1 : 1;
  fwrite(head, sizeof head, 1, stdout);
  put32(link_type);
  for (uint64_t i = from; i < from + count; i++) {
    state = rnd_of(seed, i);
    take(limit, place(i, places));
    damage();
    if (some_count) write_variant((1700000000ULL + i * HOUR) * 1000000);
  }
  return fflush(stdout) ? 1 : 0;
}

int main(int argc, char **argv) {
  if (argc != 6) return 2;
  uint64_t seed = strtoull(argv[1], NULL, 10), count = strtoull(argv[2], NULL, 10),
           from = strtoull(argv[3], NULL, 10);
  size_t limit = strtoull(argv[4], NULL, 10);
  state = rnd_of(seed, from);
  if (!limit) return write_damaged_file(argv[5]);
  all = malloc(PACKETS_MAX * sizeof *all);
  some = malloc(2 * PACKETS_MAX * sizeof *some);
  scratch = malloc(SCRATCH);
  file_len = damage_load(argv[5], UINT32_MAX, &file);
  if (!all || !some || !scratch || file_len < 28) return 3;
  if (!(read_pcap() || read_pcapng()) || !all_count) return 3;
  return write_variants(seed, count, from, limit < PACKETS_MAX ? limit : PACKETS_MAX);
}
