/* SPDX-License-Identifier: Apache-2.0 */
/* Stages of a stream: a descriptor, gzip (RFC 1952, several members), zstd (RFC 8878, several frames). */
#include "capture/input.h"
#include <errno.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum { STAGE_IN = 64 << 10 };
enum kind { KIND_FD, KIND_GZIP, KIND_ZSTD };

struct unpack {
  enum kind kind;
  struct unpack *below;
  int fd;
  bool fresh; /* between two members or frames: an end here is a clean one */
  uint64_t raw;
  size_t pos, len; /* of buf */
  z_stream z;
  ZSTD_DStream *zstd;
  uint8_t buf[STAGE_IN];
};

static bool is_gzip(struct span s) {
  return s.len >= 3 && s.base[0] == 0x1f && s.base[1] == 0x8b && s.base[2] == 8;
}
static bool is_zstd(struct span s) { return span_starts(s, SPAN_LIT("\x28\xb5\x2f\xfd")); }

bool unpack_known(struct span head) { return is_gzip(head) || is_zstd(head); }

struct unpack *unpack_fd(int fd) {
  struct unpack *u = mem_zalloc(sizeof *u);
  if (!u) return NULL;
  u->kind = KIND_FD;
  u->fd = fd;
  return u;
}

static void *z_alloc(void *user, unsigned n, unsigned size) {
  (void)user;
  return mem_zalloc((size_t)n * size);
}
static void z_free(void *user, void *p) {
  (void)user;
  mem_free(p);
}
struct unpack *unpack_stage(struct unpack *below, struct span head) {
  struct unpack *u = head.len <= STAGE_IN ? mem_zalloc(sizeof *u) : NULL;
  if (!u) return NULL;
  memcpy(u->buf, head.base, head.len);
  u->len = head.len;
  u->fresh = true;
  if (is_gzip(head)) {
    u->kind = KIND_GZIP;
    u->z.zalloc = z_alloc;
    u->z.zfree = z_free;
    if (inflateInit2(&u->z, 15 + 16) != Z_OK) goto fail;
  } else {
    u->kind = KIND_ZSTD;
    u->zstd = ZSTD_createDStream();
    if (!u->zstd) goto fail;
    ZSTD_DCtx_setParameter(u->zstd, ZSTD_d_windowLogMax, 27);
  }
  u->below = below;
  return u;
fail:
  mem_free(u);
  return NULL;
}

void unpack_free(struct unpack *u) {
  while (u) {
    struct unpack *below = u->below;
    if (u->kind == KIND_GZIP) inflateEnd(&u->z);
    if (u->kind == KIND_ZSTD) ZSTD_freeDStream(u->zstd);
    mem_free(u);
    u = below;
  }
}

uint64_t unpack_raw(const struct unpack *u) {
  while (u->below) u = u->below;
  return u->raw;
}

static long read_fd(struct unpack *u, uint8_t *out, size_t n) {
  ssize_t got;
  do got = read(u->fd, out, n);
  while (got < 0 && errno == EINTR);
  if (got < 0) return ERR_IO;
  u->raw += (uint64_t)got;
  return got;
}

/* What follows the last member but is none (padding, a tail) ends the stream. */
static bool tail_is_foreign(const struct unpack *u) {
  struct span rest = {u->buf + u->pos, u->len - u->pos};
  return rest.len >= 4 &&
         !(u->kind == KIND_GZIP ? is_gzip(rest) : is_zstd(rest) || (rest.base[0] & 0xf0) == 0x50);
}

static long inflate_some(struct unpack *u, uint8_t *out, size_t n) {
  u->z.next_in = u->buf + u->pos;
  u->z.avail_in = (unsigned)(u->len - u->pos);
  u->z.next_out = out;
  u->z.avail_out = n > 1 << 30 ? 1 << 30 : (unsigned)n;
  size_t room = u->z.avail_out;
  int rc = inflate(&u->z, Z_NO_FLUSH);
  u->pos = u->len - u->z.avail_in;
  if (rc == Z_STREAM_END)
    inflateReset(&u->z);
  else if (rc != Z_OK && rc != Z_BUF_ERROR)
    return ERR_SYNTAX;
  u->fresh = rc == Z_STREAM_END;
  return (long)(room - u->z.avail_out);
}

static long zstd_some(struct unpack *u, uint8_t *out, size_t n) {
  ZSTD_inBuffer in = {u->buf, u->len, u->pos};
  ZSTD_outBuffer to = {out, n, 0};
  size_t rc = ZSTD_decompressStream(u->zstd, &to, &in);
  u->pos = in.pos;
  if (ZSTD_isError(rc)) return ERR_SYNTAX;
  u->fresh = rc == 0;
  return (long)to.pos;
}

long unpack_read(struct unpack *u, uint8_t *out, size_t n) {
  if (u->kind == KIND_FD) return read_fd(u, out, n);
  for (;;) {
    if (u->fresh && tail_is_foreign(u)) return 0;
    if (u->pos < u->len || !u->fresh) {
      long got = u->kind == KIND_GZIP ? inflate_some(u, out, n) : zstd_some(u, out, n);
      if (got != 0) return got;
      if (u->pos < u->len) continue;
    }
    long more = unpack_read(u->below, u->buf, STAGE_IN);
    if (more < 0) return more;
    if (more == 0) return u->fresh ? 0 : ERR_SYNTAX;
    u->pos = 0;
    u->len = (size_t)more;
  }
}
