/* SPDX-License-Identifier: Apache-2.0 */
/* Classic pcap (draft-ietf-opsawg-pcap): micro- and nanosecond, either byte order, Kuznetzov's longer records. */
#include "base/err.h"
#include "capture/capfile.h"

static const uint32_t micro = 0xa1b2c3d4, nano = 0xa1b23c4d, kuznetzov = 0xa1b2cd34;

int pcapfile_head(struct capfile *f) {
  const uint8_t *h = input_peek(&f->in, 24);
  if (!h) return ERR_SYNTAX;
  uint32_t magic;
  memcpy(&magic, h, sizeof magic);
  f->swap = magic != micro && magic != nano && magic != kuznetzov;
  if (f->swap) magic = __builtin_bswap32(magic);
  if (magic != micro && magic != nano && magic != kuznetzov) return ERR_SYNTAX;
  f->nano = magic == nano;
  f->modified = magic == kuznetzov;
  f->old_order = capfile_u16(f, h + 4) == 2 && capfile_u16(f, h + 6) <= 3;
  uint32_t snaplen = capfile_u32(f, h + 16);
  f->record_max = snaplen > CAPFILE_RECORD_MAX || snaplen < CAPFILE_SNAPLEN ? CAPFILE_SNAPLEN : snaplen;
  f->link = (uint16_t)capfile_u32(f, h + 20); /* the upper half tells of a frame check sequence */
  input_skip(&f->in, 24);
  return 0;
}

/* Lengths and time that a record in this file could have. */
static bool plausible(const struct capfile *f, const uint8_t *h) {
  uint32_t caplen = capfile_u32(f, h + 8), wirelen = capfile_u32(f, h + 12);
  uint64_t sec = capfile_u32(f, h), last = f->last_ns / 1000000000u;
  if (caplen == 0 || caplen > wirelen || wirelen > CAPFILE_RECORD_MAX) return false;
  if (capfile_u32(f, h + 4) >= (f->nano ? 1000000000u : 1000000u)) return false;
  return last == 0 || (sec + 86400 > last && sec < last + 86400);
}

/* Look for two plausible records in a row (or one that ends with the file) behind a broken one. */
static bool resync(struct capfile *f, uint32_t head) {
  size_t n = CAPFILE_RESYNC;
  const uint8_t *h = input_peek(&f->in, n);
  if (!h) {
    n = input_left(&f->in);
    h = input_peek(&f->in, n);
  }
  for (size_t i = 1; h && i + head <= n; i++) {
    if (!plausible(f, h + i)) continue;
    size_t end = i + head + capfile_u32(f, h + i + 8);
    if (end != n && (end + head > n || !plausible(f, h + end))) continue;
    input_skip(&f->in, i);
    f->skipped++;
    return true;
  }
  return false;
}

int pcapfile_next(struct capfile *f, struct frame *out) {
  uint32_t head = f->modified ? 24 : 16;
  const uint8_t *h = input_peek(&f->in, head);
  if (h && capfile_u32(f, h + 8) > f->record_max) {
    if (!resync(f, head)) return f->bad = true, 0;
    h = input_peek(&f->in, head);
  }
  if (!h) {
    f->cut |= input_left(&f->in) > 0;
    return 0;
  }
  uint32_t sec = capfile_u32(f, h), frac = capfile_u32(f, h + 4);
  uint32_t caplen = capfile_u32(f, h + 8), wirelen = capfile_u32(f, h + 12);
  if (f->old_order && caplen > wirelen) { /* versions before 2.4 had the two lengths the other way round */
    uint32_t t = caplen;
    caplen = wirelen;
    wirelen = t;
  }
  h = input_peek(&f->in, head + caplen);
  if (!h) {
    f->cut = true;
    return 0;
  }
  f->in.pos += head + caplen;
  __builtin_prefetch(h + head + caplen); /* the next record's head, and its frame's */
  __builtin_prefetch(h + head + caplen + 64);
  out->data = h + head;
  out->caplen = caplen;
  out->wirelen = wirelen > caplen ? wirelen : caplen;
  out->ns = (uint64_t)sec * 1000000000u + (f->nano ? frac : (uint64_t)frac * 1000);
  out->source = f->source;
  out->link = f->link;
  return 1;
}
