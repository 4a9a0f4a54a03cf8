/* SPDX-License-Identifier: Apache-2.0 */
/* One capture file of either format. Internal to capture/. */
#ifndef CAPTURE_CAPFILE_H
#define CAPTURE_CAPFILE_H

#include "capture/capture.h"
#include "capture/input.h"

enum {
  CAPFILE_INTERFACES = 4096,
  CAPFILE_SNAPLEN = 1 << 18,
  CAPFILE_RECORD_MAX = 1 << 20,
  CAPFILE_BLOCK_MAX = 16 << 20,
  CAPFILE_RESYNC = 4 << 20
};

/** pcapng's interface of the present section. */
struct capfile_if {
  uint16_t link;
  uint32_t snaplen;
  uint64_t per_second; /* time stamp units */
  int64_t offset;      /* seconds to add */
  uint64_t drops[2];   /* as last told: interface, operating system */
};
struct capfile {
  struct input in;
  char *path;
  uint16_t source, link;
  bool ng, swap, nano, modified, old_order;
  uint32_t record_max; /* pcap: longer ones make no sense */
  uint64_t packets;    /* records read */
  uint64_t last_ns;
  bool parked;       /* closed for now, before its first frame */
  bool bad;          /* the last record made no sense; the file ends there */
  bool cut;          /* it ends in mid-record */
  uint64_t drops[2]; /* while it was taken: by the interface, by the operating system */
  uint64_t skipped;  /* records left out because they make no sense */
  struct capfile_if *ifs;
  uint32_t nifs, room;
};

/** Open, and read the file's head. ERR_SYNTAX when it is no capture, ERR_IO, ERR_NOMEM. */
int capfile_open(struct capfile *f, const char *path, uint16_t source, struct conf_error *err);
void capfile_close(struct capfile *f);
/** Next frame: 1, or 0 at the end (then see cut, bad, in.damaged), ERR_NOMEM. */
int capfile_next(struct capfile *f, struct frame *out);
/** Close a stream that stands before its first frame, to save its buffers; and open it again there. Errors as open. */
void capfile_park(struct capfile *f);
int capfile_resume(struct capfile *f, struct frame *out, struct conf_error *err);
/** True when the file at path begins as a capture does, packed or not. */
bool capfile_probe(const char *path);

/* pcapfile.c, pcapng.c */
int pcapfile_head(struct capfile *f);
int pcapfile_next(struct capfile *f, struct frame *out);
int pcapng_head(struct capfile *f);
int pcapng_next(struct capfile *f, struct frame *out);

static inline uint16_t capfile_u16(const struct capfile *f, const uint8_t *p) {
  uint16_t v;
  memcpy(&v, p, sizeof v);
  return f->swap ? __builtin_bswap16(v) : v;
}
static inline uint32_t capfile_u32(const struct capfile *f, const uint8_t *p) {
  uint32_t v;
  memcpy(&v, p, sizeof v);
  return f->swap ? __builtin_bswap32(v) : v;
}
static inline uint64_t capfile_u64(const struct capfile *f, const uint8_t *p) {
  uint64_t v;
  memcpy(&v, p, sizeof v);
  return f->swap ? __builtin_bswap64(v) : v;
}

#endif
