/* SPDX-License-Identifier: Apache-2.0 */
/* Buffered lines. */
#include "output/sink/stream.h"

#include "base/err.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { STREAM_BYTES = 64 * 1024, STREAM_VECS = 512 };

int stream_init(struct stream *s, const struct sink_ctx *cx) {
  *s = (struct stream){.fd = -1, .cx = cx};
  s->pending = block_new(STREAM_BYTES);
  return s->pending ? 0 : ERR_NOMEM;
}

void stream_attach(struct stream *s, int fd, uint64_t size) {
  struct stat st;
  s->fd = fd;
  s->size = size;
  s->regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

/* Vectors for the records not yet written; at most `room` bytes where that is not 0. */
static int gather(const struct stream *s, struct iovec *v, size_t room) {
  int n = 0;
  size_t skip = s->part, total = 0;
  for (uint32_t i = s->done; i < s->pending->count && n + 2 <= STREAM_VECS; i++) {
    struct record r;
    block_get(s->pending, i, &r);
    struct span line = span_skip(r.json, skip);
    if (line.len) v[n++] = (struct iovec){(void *)(uintptr_t)line.base, line.len};
    v[n++] = (struct iovec){(void *)(uintptr_t) "\n", 1};
    skip = 0;
    total += line.len + 1;
    if (!room || total < room) continue;
    while (total > room) {
      size_t cut = total - room < v[n - 1].iov_len ? total - room : v[n - 1].iov_len;
      v[n - 1].iov_len -= cut;
      total -= cut;
      if (!v[n - 1].iov_len) n--;
    }
    break;
  }
  return n;
}

static void advance(struct stream *s, size_t n) {
  uint32_t before = s->done;
  s->size += n;
  n += s->part;
  s->part = 0;
  while (s->done < s->pending->count) {
    size_t line = (size_t)s->pending->rec[s->done].json_len + 1;
    if (n < line) {
      s->part = n;
      break;
    }
    n -= line;
    s->done++;
  }
  ctr_add(s->cx->ctr, CTR_OUTPUT_DELIVERED, s->done - before);
}

static int failed(struct stream *s, int error) {
  if (error == EAGAIN || error == EINTR) return ERR_AGAIN;
  s->error = error;
  atomic_store(s->cx->cause, error);
  ctr_inc(s->cx->ctr, CTR_OUTPUT_ERRORS);
  return error == EPIPE ? ERR_NOTFOUND : ERR_IO;
}

int stream_flush(struct stream *s) {
  struct iovec v[STREAM_VECS];
  while (s->done < s->pending->count) {
    if (s->fd < 0) return ERR_IO;
    struct pollfd p = {.fd = s->fd, .events = POLLOUT};
    if (!s->regular && poll(&p, 1, 100) == 0) return ERR_AGAIN;
    int n = gather(s, v, s->regular ? 0 : PIPE_BUF);
    ssize_t wrote = writev(s->fd, v, n);
    if (wrote < 0) return failed(s, errno);
    advance(s, (size_t)wrote);
  }
  block_reset(s->pending);
  s->done = 0;
  return 0;
}

int stream_put(struct stream *s, const struct record *r) {
  if (s->pending->bytes.len >= STREAM_BYTES) {
    int rc = stream_flush(s);
    if (rc < 0) return rc;
  }
  return block_put(s->pending, r);
}

long stream_done(struct stream *s) {
  long left = 0;
  if (!s->pending) return 0;
  if (s->part && s->regular && ftruncate(s->fd, (off_t)(s->size - s->part)) == 0) s->size -= s->part;
  for (; s->done < s->pending->count; s->done++, left++) {
    struct record r;
    block_get(s->pending, s->done, &r);
    s->cx->back(s->cx->user, &r);
  }
  block_free(s->pending);
  s->pending = NULL;
  return left;
}
