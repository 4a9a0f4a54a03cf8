/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of a capture file: a map, or a window over a stream. */
#include "capture/input.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WINDOW = 256 << 10, HEAD = 4096, NESTED = 3, BEHIND = 64 << 20, AHEAD = 2 << 20 };

static int io_error(struct conf_error *err, const char *path, const char *what) {
  snprintf(err->text, sizeof err->text, "%s: cannot %s: %s", path, what, strerror(errno));
  return ERR_IO;
}
static int no_memory(struct conf_error *err, const char *path) {
  snprintf(err->text, sizeof err->text, "%s: not enough memory to read it", path);
  return ERR_NOMEM;
}

static bool map_file(struct input *in, const struct stat *st) {
  if (!S_ISREG(st->st_mode) || st->st_size <= 0) return false;
  size_t n = (size_t)st->st_size;
  void *p = mmap(NULL, n, PROT_READ, MAP_PRIVATE, in->fd, 0);
  if (p == MAP_FAILED) return false;
  if (unpack_known(span_of(p, n < HEAD ? n : HEAD))) {
    munmap(p, n);
    return false;
  }
  madvise(p, n, MADV_SEQUENTIAL);
  in->base = p;
  in->len = n;
  in->mapped = in->ended = true;
  return true;
}

static void fill(struct input *in, size_t want) {
  while (in->len < want && !in->ended) {
    long got = unpack_read(in->top, in->window + in->len, in->room - in->len);
    if (got <= 0) in->ended = true;
    if (got < 0) in->damaged = true;
    if (got > 0) in->len += (size_t)got;
  }
}

static int open_stream(struct input *in, const char *path, struct conf_error *err) {
  in->window = mem_alloc(WINDOW);
  in->top = unpack_fd(in->fd);
  if (!in->window || !in->top) return no_memory(err, path);
  in->room = HEAD;
  in->base = in->window;
  fill(in, 64);
  for (int i = 0; i < NESTED && unpack_known(span_of(in->base, in->len)); i++) {
    struct unpack *u = unpack_stage(in->top, span_of(in->base, in->len));
    if (!u) return no_memory(err, path);
    in->top = u;
    in->len = 0;
    in->ended = in->damaged = false;
    fill(in, 64);
  }
  in->room = WINDOW;
  return 0;
}

int input_open(struct input *in, const char *path, struct conf_error *err) {
  *in = (struct input){.fd = -1};
  bool standard = strcmp(path, "-") == 0;
  in->fd = standard ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
  struct stat st;
  if (in->fd < 0 || fstat(in->fd, &st) != 0) {
    int rc = io_error(err, path, "open");
    input_close(in);
    return rc;
  }
  if (S_ISREG(st.st_mode)) in->size = (uint64_t)st.st_size;
  if (!standard && map_file(in, &st)) {
    close(in->fd);
    in->fd = -1;
    return 0;
  }
  int rc = open_stream(in, path, err);
  if (rc < 0) input_close(in);
  return rc;
}

void input_close(struct input *in) {
  if (in->mapped) munmap((void *)(uintptr_t)in->base, in->len);
  unpack_free(in->top);
  mem_free(in->window);
  if (in->fd >= 0) close(in->fd);
  *in = (struct input){.fd = -1};
}

const uint8_t *input_more(struct input *in, size_t n) {
  if (in->mapped || n > INPUT_CAP) return NULL;
  size_t left = in->len - in->pos;
  if (in->pos) memmove(in->window, in->window + in->pos, left);
  in->pos = 0;
  in->len = left;
  if (n > in->room) {
    uint8_t *p = mem_realloc(in->window, n);
    if (!p) return NULL;
    in->window = p;
    in->base = p;
    in->room = n;
  }
  fill(in, n);
  return in->len >= n ? in->base : NULL;
}

bool input_skip(struct input *in, uint64_t n) {
  for (;;) {
    size_t left = in->len - in->pos;
    if (n <= left) {
      in->pos += (size_t)n;
      return true;
    }
    in->pos = in->len;
    n -= left;
    if (in->mapped || !input_more(in, 1)) return false;
  }
}

uint64_t input_done(const struct input *in) {
  if (in->mapped) return in->pos;
  return in->top ? unpack_raw(in->top) : 0;
}

void input_page(struct input *in) {
  size_t from = in->pos & ~(size_t)0xffff, n = in->len - from < AHEAD ? in->len - from : AHEAD;
  madvise((void *)(uintptr_t)(in->base + from), n,
          MADV_POPULATE_READ); /* one call instead of hundreds of faults */
  in->ahead = from + n;
  if (in->pos < in->dropped + 2 * (size_t)BEHIND) return;
  size_t end = (in->pos - BEHIND) & ~(size_t)0xffff;
  madvise((void *)(uintptr_t)(in->base + in->dropped), end - in->dropped, MADV_DONTNEED);
  in->dropped = end;
}
