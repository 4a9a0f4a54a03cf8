/* SPDX-License-Identifier: Apache-2.0 */
/* pcapng (draft-ietf-opsawg-pcapng): sections, interfaces with their own clock, enhanced, simple and old packets. */
#include "base/err.h"
#include "capture/capfile.h"

enum { BLOCK_IDB = 1, BLOCK_PB = 2, BLOCK_SPB = 3, BLOCK_ISB = 5, BLOCK_EPB = 6 };
enum { OPT_END = 0, OPT_TSRESOL = 9, OPT_TSOFFSET = 14, OPT_IFDROP = 5, OPT_OSDROP = 7 };
static const uint32_t section = 0x0a0d0d0a, order = 0x1a2b3c4d;

static uint64_t units(uint8_t resol) {
  uint64_t n = 1;
  uint8_t e = resol & 0x7f;
  if (resol & 0x80) return e < 64 ? 1ULL << e : 0;
  if (e > 19) return 0;
  while (e--) n *= 10;
  return n;
}

/* Take one option off the front; false at the end. */
static bool next_option(const struct capfile *f, const uint8_t **o, uint32_t *n, uint32_t *code,
                        struct span *value) {
  if (*n < 4) return false;
  uint32_t len = capfile_u16(f, *o + 2), room = 4 + ((len + 3) & ~3u);
  *code = capfile_u16(f, *o);
  if (*code == OPT_END || len > *n - 4) return false;
  *value = span_of(*o + 4, len);
  if (room > *n) room = *n;
  *o += room;
  *n -= room;
  return true;
}

static void interface_options(const struct capfile *f, struct capfile_if *i, const uint8_t *o, uint32_t n) {
  uint32_t code;
  struct span v;
  while (next_option(f, &o, &n, &code, &v)) {
    if (code == OPT_TSRESOL && v.len >= 1) {
      uint64_t u = units(v.base[0]);
      if (u) i->per_second = u;
    }
    if (code == OPT_TSOFFSET && v.len >= 8) i->offset = (int64_t)capfile_u64(f, v.base);
  }
}

/* Totals since the capture began, told more than once: what was added since is counted. */
static void statistics(struct capfile *f, const uint8_t *b, uint32_t len) {
  uint32_t code, n = len >= 24 ? len - 24 : 0;
  const uint8_t *o = b + 20;
  struct span v;
  if (len < 24 || capfile_u32(f, b + 8) >= f->nifs) return;
  struct capfile_if *i = &f->ifs[capfile_u32(f, b + 8)];
  while (next_option(f, &o, &n, &code, &v)) {
    if ((code != OPT_IFDROP && code != OPT_OSDROP) || v.len < 8) continue;
    int k = code == OPT_OSDROP;
    uint64_t total = capfile_u64(f, v.base);
    if (total > i->drops[k]) f->drops[k] += total - i->drops[k];
    i->drops[k] = total;
  }
}

static int add_interface(struct capfile *f, const uint8_t *b, uint32_t len) {
  if (len < 20 || f->nifs >= CAPFILE_INTERFACES) {
    f->skipped++;
    return 0;
  }
  if (f->nifs == f->room) {
    uint32_t room = f->room ? f->room * 2 : 4;
    struct capfile_if *p = mem_realloc(f->ifs, room * sizeof *p);
    if (!p) return ERR_NOMEM;
    f->ifs = p;
    f->room = room;
  }
  struct capfile_if *i = &f->ifs[f->nifs++];
  *i = (struct capfile_if){capfile_u16(f, b + 8), capfile_u32(f, b + 12), 1000000, 0, {0, 0}};
  interface_options(f, i, b + 16, len - 20);
  return 0;
}

static uint64_t to_ns(const struct capfile_if *i, uint64_t ts) {
  uint64_t ns;
  if (i->per_second == 1000000)
    ns = ts * 1000;
  else if (i->per_second == 1000000000)
    ns = ts;
  else {
    __extension__ unsigned __int128 part = (unsigned __int128)(ts % i->per_second) * 1000000000u;
    ns = ts / i->per_second * 1000000000u + (uint64_t)(part / i->per_second);
  }
  return ns + (uint64_t)i->offset * 1000000000u;
}

/* Enhanced (6) and old (2) packet blocks differ in how the interface is told. */
static bool packet(struct capfile *f, const uint8_t *b, uint32_t len, bool old, struct frame *out) {
  if (len < 32) return false;
  uint32_t ifid = old ? capfile_u16(f, b + 8) : capfile_u32(f, b + 8);
  uint32_t caplen = capfile_u32(f, b + 20), wirelen = capfile_u32(f, b + 24);
  if (ifid >= f->nifs || caplen > len - 32) return false;
  const struct capfile_if *i = &f->ifs[ifid];
  out->ns = to_ns(i, (uint64_t)capfile_u32(f, b + 12) << 32 | capfile_u32(f, b + 16));
  out->data = b + 28;
  out->caplen = caplen;
  out->wirelen = wirelen > caplen ? wirelen : caplen;
  out->link = i->link;
  return true;
}

/* A simple packet has no time: that of the packet before stands in. */
static bool simple(struct capfile *f, const uint8_t *b, uint32_t len, struct frame *out) {
  if (len < 16 || f->nifs == 0) return false;
  uint32_t wirelen = capfile_u32(f, b + 8), caplen = wirelen, snap = f->ifs[0].snaplen;
  if (snap && caplen > snap) caplen = snap;
  if (caplen > len - 16) caplen = len - 16;
  *out = (struct frame){b + 12, caplen, wirelen, f->last_ns, 0, f->ifs[0].link};
  return true;
}

/* A section may change the byte order, so its length can be read only after the magic. */
static bool start_section(struct capfile *f) {
  const uint8_t *b = input_peek(&f->in, 12);
  uint32_t magic;
  if (!b) return false;
  memcpy(&magic, b + 8, sizeof magic);
  if (magic != order && magic != __builtin_bswap32(order)) return false;
  f->swap = magic != order;
  f->nifs = 0;
  return true;
}

int pcapng_head(struct capfile *f) { return start_section(f) ? 0 : ERR_SYNTAX; }

/* 1: a packet, 0: another block, < 0: error. */
static int block(struct capfile *f, const uint8_t *b, uint32_t type, uint32_t len, struct frame *out) {
  bool ok = true;
  switch (type) {
  case BLOCK_IDB: return add_interface(f, b, len);
  case BLOCK_EPB: ok = packet(f, b, len, false, out); break;
  case BLOCK_PB: ok = packet(f, b, len, true, out); break;
  case BLOCK_SPB: ok = simple(f, b, len, out); break;
  case BLOCK_ISB: statistics(f, b, len); return 0;
  default: return 0;
  }
  if (!ok) f->skipped++;
  out->source = f->source;
  return ok;
}

/* Lengths at both ends of a block agree. */
static bool whole_block(const struct capfile *f, const uint8_t *b, size_t left) {
  uint32_t type = capfile_u32(f, b), len = capfile_u32(f, b + 4);
  if (type != section && (type == 0 || type > 11)) return false;
  return len >= 16 && !(len & 3) && len <= left && len <= CAPFILE_BLOCK_MAX &&
         capfile_u32(f, b + len - 4) == len;
}

/* Look for the next whole block behind a broken one. */
static bool resync(struct capfile *f) {
  size_t n = CAPFILE_RESYNC;
  const uint8_t *b = input_peek(&f->in, n);
  if (!b) {
    n = input_left(&f->in);
    b = input_peek(&f->in, n);
  }
  for (size_t i = 1; b && i + 16 <= n; i++)
    if (whole_block(f, b + i, n - i)) {
      input_skip(&f->in, i);
      f->skipped++;
      return true;
    }
  return false;
}

int pcapng_next(struct capfile *f, struct frame *out) {
  for (;;) {
    const uint8_t *b = input_peek(&f->in, 12);
    if (!b) {
      f->cut |= input_left(&f->in) > 0;
      return 0;
    }
    uint32_t type;
    memcpy(&type, b, sizeof type);
    bool ok = type != section || start_section(f);
    b = input_peek(&f->in, 12);
    type = capfile_u32(f, b);
    uint32_t len = capfile_u32(f, b + 4);
    bool wanted = (type >= BLOCK_IDB && type <= BLOCK_SPB) || type == BLOCK_ISB || type == BLOCK_EPB;
    if (!ok || len < 12 || (len & 3) || (wanted && len > CAPFILE_BLOCK_MAX)) {
      if (!resync(f)) break;
      continue;
    }
    if (!wanted) {
      if (!input_skip(&f->in, len)) return f->cut = true, 0;
      continue;
    }
    b = input_peek(&f->in, len);
    if (!b) return f->cut = true, 0;
    f->in.pos += len;
    __builtin_prefetch(b + len);
    __builtin_prefetch(b + len + 64);
    int rc = block(f, b, type, len, out);
    if (rc != 0) return rc;
  }
  f->bad = true;
  return 0;
}
