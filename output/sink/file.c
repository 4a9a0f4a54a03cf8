/* SPDX-License-Identifier: Apache-2.0 */
/* JSON lines in a file: PATH is the present one; finished ones are renamed to PATH.000001 and up. */
#include "base/err.h"
#include "base/clock.h"
#include "output/sink/stream.h"
#include "output/sink/table.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct file {
  struct stream out;
  char path[PATH_MAX];
  const struct output_conf *conf;
  uint64_t opened_ns, synced_ns, synced_size;
  unsigned long number; /* of the last finished file */
};

static void dir_of(const struct file *f, char dir[PATH_MAX], const char **base) {
  const char *slash = strrchr(f->path, '/');
  *base = slash ? slash + 1 : f->path;
  if (slash)
    snprintf(dir, PATH_MAX, "%.*s", slash == f->path ? 1 : (int)(slash - f->path), f->path);
  else
    snprintf(dir, PATH_MAX, ".");
}

/* Number of a finished file by its name, 0 for others. */
static unsigned long number_of(const char *name, const char *base) {
  size_t n = strlen(base);
  if (strncmp(name, base, n) != 0 || name[n] != '.') return 0;
  char *end;
  unsigned long v = strtoul(name + n + 1, &end, 10);
  return *end || end - (name + n + 1) < 6 ? 0 : v;
}

/* Find the highest number, and remove finished files beyond the configured count. */
static void scan(struct file *f) {
  char dir[PATH_MAX], path[PATH_MAX + 300];
  const char *base;
  dir_of(f, dir, &base);
  DIR *d = opendir(dir);
  if (!d) return;
  unsigned long keep = (unsigned long)f->conf->file_keep;
  for (struct dirent *e; (e = readdir(d)) != NULL;) {
    unsigned long v = number_of(e->d_name, base);
    if (v > f->number) f->number = v;
    if (!v || !keep || v + keep > f->number) continue;
    snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
    unlink(path);
  }
  closedir(d);
}

static void sync_dir(const struct file *f) {
  char dir[PATH_MAX];
  const char *base;
  dir_of(f, dir, &base);
  int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  fsync(fd);
  close(fd);
}

static int set_aside(struct file *f) {
  char path[PATH_MAX + 32];
  snprintf(path, sizeof path, "%s.%06lu", f->path, f->number + 1);
  if (rename(f->path, path) < 0) return ERR_IO;
  f->number++;
  if (f->conf->file_keep) scan(f);
  return 0;
}

static int open_fd(struct file *f) {
  struct stat st;
  if (stat(f->path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 && set_aside(f) < 0) return ERR_IO;
  int fd = open(f->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
  if (fd < 0) return ERR_IO;
  stream_attach(&f->out, fd, 0);
  f->opened_ns = f->synced_ns = clock_ns();
  f->synced_size = 0;
  return 0;
}

static void make_parents(char *path) {
  for (char *p = path + 1; *p; p++) {
    if (*p != '/') continue;
    *p = 0;
    mkdir(path, 0750);
    *p = '/';
  }
}

static int open_file(void **state, const char *rest, const struct sink_ctx *cx, struct conf_error *err) {
  if (!*rest || strlen(rest) >= PATH_MAX - 16) {
    snprintf(err->text, sizeof err->text, "-o file: expected a path, as in file:out/events.jsonl");
    return ERR_SYNTAX;
  }
  struct file *f = mem_zalloc(sizeof *f);
  if (!f || stream_init(&f->out, cx) < 0) {
    mem_free(f);
    return ERR_NOMEM;
  }
  snprintf(f->path, sizeof f->path, "%s", rest);
  f->conf = cx->conf;
  make_parents(f->path);
  scan(f);
  if (open_fd(f) < 0) {
    snprintf(err->text, sizeof err->text, "-o file:%.300s: %s; is the folder there and writable?", rest,
             strerror(errno));
    stream_done(&f->out);
    mem_free(f);
    return ERR_IO;
  }
  *state = f;
  return 0;
}

static int rotate(struct file *f) {
  int rc = stream_flush(&f->out);
  if (rc < 0) return rc;
  if (fsync(f->out.fd) < 0) return ERR_IO;
  close(f->out.fd);
  f->out.fd = -1;
  rc = open_fd(f);
  sync_dir(f);
  return rc;
}

static bool due(const struct file *f, uint64_t t) {
  uint64_t limit = (uint64_t)f->conf->file_rotate_mb << 20;
  uint64_t size = f->out.size + f->out.pending->bytes.len;
  if (!f->out.regular || size == 0) return false;
  return (limit && size >= limit) || (f->conf->file_rotate_ns && t - f->opened_ns >= f->conf->file_rotate_ns);
}

static int reopen(struct file *f) {
  int rc = f->out.fd >= 0 ? 0 : open_fd(f);
  if (rc < 0) atomic_store(f->out.cx->cause, errno);
  return rc;
}

static int put(void *state, const struct record *r) {
  struct file *f = state;
  int rc = reopen(f);
  if (rc == 0) rc = stream_put(&f->out, r);
  if (rc == 0 && f->conf->file_rotate_mb && due(f, f->opened_ns)) rotate(f);
  return rc;
}

static int tick(void *state) {
  struct file *f = state;
  uint64_t t = clock_ns();
  int rc = reopen(f);
  if (rc == 0) rc = stream_flush(&f->out);
  if (rc < 0) return rc;
  if (due(f, t)) return rotate(f);
  if (f->conf->fsync_ns && f->out.regular && f->out.size > f->synced_size &&
      t - f->synced_ns >= f->conf->fsync_ns) {
    f->synced_ns = t;
    if (fdatasync(f->out.fd) == 0) f->synced_size = f->out.size;
  }
  return 0;
}

static int flush(void *state) {
  struct file *f = state;
  return reopen(f) < 0 ? ERR_IO : stream_flush(&f->out);
}

static long close_file(void *state, int timeout_ms) {
  struct file *f = state;
  int waited = 0;
  while (flush(f) == ERR_AGAIN && waited < timeout_ms) waited += 100;
  long left = stream_done(&f->out);
  if (f->out.fd >= 0) {
    if (f->conf->fsync_ns && f->out.regular) fsync(f->out.fd);
    close(f->out.fd);
    sync_dir(f);
  }
  mem_free(f);
  return left;
}

const struct sink sink_file = {.kind = "file",
                               .spooled = true,
                               .open = open_file,
                               .write = put,
                               .poll = tick,
                               .sync = flush,
                               .close = close_file};
