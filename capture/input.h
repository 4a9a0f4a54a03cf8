/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of a capture file: mapped where they can be, else streamed through bounded buffers. Internal to capture/. */
#ifndef CAPTURE_INPUT_H
#define CAPTURE_INPUT_H

#include "base/conf.h"
#include "base/err.h"
#include "base/mem.h"

struct unpack;
struct input {
  const uint8_t *base; /* window: base[pos..len) are at hand */
  size_t pos, len;
  bool mapped;         /* base is the whole file; pointers stay valid until input_close */
  bool ended, damaged; /* a stream: no more bytes; compressed data were cut or broken */
  uint64_t size;       /* of the file, 0 when unknown */
  size_t dropped;      /* mapped: pages before this were given back */
  size_t ahead;        /* mapped: pages up to here are there */
  uint8_t *window;     /* a stream's buffer */
  size_t room;
  struct unpack *top; /* a stream's last stage */
  int fd;             /* -1 once mapped */
};

/** Open path ("-": standard input), undoing gzip and zstd by content, nested ones too. ERR_IO, ERR_NOMEM. */
int input_open(struct input *in, const char *path, struct conf_error *err);
void input_close(struct input *in);
/** n bytes in one piece at the present place, or NULL when fewer are left or n is over the cap. */
const uint8_t *input_more(struct input *in, size_t n);
static inline const uint8_t *input_peek(struct input *in, size_t n) {
  return in->len - in->pos >= n ? in->base + in->pos : input_more(in, n);
}
/** Go on by n bytes, at hand or not. False at the end. */
bool input_skip(struct input *in, uint64_t n);
/** Bytes at hand. */
static inline size_t input_left(const struct input *in) { return in->len - in->pos; }
/** Bytes of the file read so far (compressed ones as such). */
uint64_t input_done(const struct input *in);
/** Bring the next mapped pages in at once, and let go of those well behind; they are read again if touched. */
void input_page(struct input *in);
static inline void input_keep_up(struct input *in) {
  if (in->pos >= in->ahead && in->mapped) input_page(in);
}

enum { INPUT_CAP = 32 << 20 }; /* most bytes that input_more gives of a stream */

/* unpack.c: stages of a stream. */
struct unpack *unpack_fd(int fd);
/** A gzip or zstd stage, by the head's magic, over `below`; head: bytes already read. NULL when out of memory. Owns below. */
struct unpack *unpack_stage(struct unpack *below, struct span head);
/** True when the head is one of a compressed stream. */
bool unpack_known(struct span head);
void unpack_free(struct unpack *u);
/** Up to n bytes; 0 at the end; ERR_SYNTAX for damaged data; ERR_IO. */
long unpack_read(struct unpack *u, uint8_t *out, size_t n);
/** Bytes read from the descriptor. */
uint64_t unpack_raw(const struct unpack *u);

#endif
