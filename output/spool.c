/* SPDX-License-Identifier: Apache-2.0 */
/* Spool: lanes of segments, their place on disk, their cap. Files are LANE-NUMBER.seg, and LANE.ack says what is delivered. */
#include "output/spool.h"

#include "base/err.h"
#include "output/spool_segment.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

struct segment {
  uint64_t number, size, off; /* bytes; delivered up to off */
  uint64_t records;           /* waiting */
};
struct spool_lane {
  struct segment *seg;
  size_t n, room;
  int fd; /* of the last segment, for appending; -1: the next record begins a new one */
};
struct spool {
  char dir[PATH_MAX - 64];
  int lock;
  struct spool_lane lane[SPOOL_LANES];
  uint64_t next, cap, segment_cap, bytes, count;
  _Atomic uint64_t shed;
  size_t *end; /* of each record of the last read, from its begin */
  uint32_t nend, end_size;
  int read_lane; /* -1: nothing is being read */
  struct buf text;
};

static void name_of(const struct spool *s, int lane, uint64_t number, char path[PATH_MAX]) {
  snprintf(path, PATH_MAX, "%s/%d-%016" PRIu64 ".seg", s->dir, lane, number);
}

static void keep_ack(const struct spool *s, int lane) {
  char path[PATH_MAX];
  const struct segment *g = s->lane[lane].seg;
  uint64_t at[2] = {g->number, g->off};
  snprintf(path, sizeof path, "%s/%d.ack", s->dir, lane);
  int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return; /* at worst records come twice */
  if (pwrite(fd, at, sizeof at, 0) < 0) unlink(path);
  close(fd);
}

static uint64_t acked(const struct spool *s, int lane, uint64_t number) {
  char path[PATH_MAX];
  uint64_t at[2] = {0, 0};
  snprintf(path, sizeof path, "%s/%d.ack", s->dir, lane);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t n = read(fd, at, sizeof at);
  close(fd);
  return n == sizeof at && at[0] == number ? at[1] : 0;
}

static struct segment *add(struct spool_lane *l, uint64_t number) {
  if (l->n == l->room) {
    size_t room = l->room ? 2 * l->room : 8;
    struct segment *more = mem_realloc(l->seg, room * sizeof *more);
    if (!more) return NULL;
    l->seg = more;
    l->room = room;
  }
  l->seg[l->n] = (struct segment){.number = number};
  return &l->seg[l->n++];
}

/* Forget segment i of a lane and its file. */
static void drop(struct spool *s, int lane, size_t i) {
  struct spool_lane *l = &s->lane[lane];
  char path[PATH_MAX];
  name_of(s, lane, l->seg[i].number, path);
  unlink(path);
  if (i + 1 == l->n && l->fd >= 0) {
    close(l->fd);
    l->fd = -1;
  }
  s->bytes -= l->seg[i].size;
  s->count -= l->seg[i].records;
  memmove(l->seg + i, l->seg + i + 1, (l->n - i - 1) * sizeof *l->seg);
  l->n--;
}

static int by_number(const void *a, const void *b) {
  const struct segment *x = a, *y = b;
  return (x->number > y->number) - (x->number < y->number);
}

/* Take up one file of an earlier run. */
static int recover(struct spool *s, int lane, uint64_t number) {
  char path[PATH_MAX];
  struct segment *g = add(&s->lane[lane], number);
  if (!g) return ERR_NOMEM;
  name_of(s, lane, number, path);
  g->off = acked(s, lane, number);
  int rc = spool_segment_scan(path, &g->off, &g->size, &g->records);
  if (rc < 0) return rc;
  s->bytes += g->size;
  s->count += g->records;
  if (number >= s->next) s->next = number + 1;
  return 0;
}

static int recover_all(struct spool *s) {
  DIR *d = opendir(s->dir);
  int rc = d ? 0 : ERR_IO;
  for (struct dirent *e; rc == 0 && (e = readdir(d)) != NULL;) {
    int lane, n = 0;
    uint64_t number;
    if (sscanf(e->d_name, "%d-%16" SCNu64 ".seg%n", &lane, &number, &n) == 2 && n && !e->d_name[n] &&
        lane >= 0 && lane < SPOOL_LANES)
      rc = recover(s, lane, number);
  }
  if (d) closedir(d);
  for (int i = 0; i < SPOOL_LANES; i++) {
    struct spool_lane *l = &s->lane[i];
    if (l->n) qsort(l->seg, l->n, sizeof *l->seg, by_number);
    for (size_t k = l->n; k > 0; k--)
      if (!l->seg[k - 1].records) drop(s, i, k - 1);
  }
  return rc;
}

static int take_lock(struct spool *s, struct conf_error *err) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/lock", s->dir);
  s->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (s->lock >= 0 && flock(s->lock, LOCK_EX | LOCK_NB) == 0) return 0;
  if (s->lock >= 0 && errno == EWOULDBLOCK)
    snprintf(err->text, sizeof err->text,
             "spool %.300s: another tapscope uses it; give each its own --state or "
             "output.spool_dir",
             s->dir);
  else
    snprintf(err->text, sizeof err->text, "spool %.300s: %s; is the folder writable?", s->dir,
             strerror(errno));
  return ERR_IO;
}

int spool_open(struct spool **out, const char *dir, uint64_t cap, struct conf_error *err) {
  struct spool *s = mem_zalloc(sizeof *s);
  if (!s) return ERR_NOMEM;
  s->lock = s->read_lane = -1;
  s->cap = cap;
  s->segment_cap = cap / 16 < (16 << 20) ? cap / 16 : 16 << 20;
  s->next = 1;
  buf_init(&s->text, NULL, 0);
  for (int i = 0; i < SPOOL_LANES; i++) s->lane[i].fd = -1;
  snprintf(s->dir, sizeof s->dir, "%s", dir);
  int rc = take_lock(s, err);
  if (rc == 0 && (rc = recover_all(s)) < 0)
    snprintf(err->text, sizeof err->text, "spool %.300s: %s", s->dir,
             rc == ERR_IO ? strerror(errno) : err_str(rc));
  if (rc < 0) {
    spool_close(s);
    return rc;
  }
  *out = s;
  return 0;
}

void spool_close(struct spool *s) {
  if (!s) return;
  for (int i = 0; i < SPOOL_LANES; i++) {
    if (s->lane[i].fd >= 0) close(s->lane[i].fd);
    mem_free(s->lane[i].seg);
  }
  if (s->lock >= 0) close(s->lock);
  buf_done(&s->text);
  mem_free(s->end);
  mem_free(s);
}

/* Give up the oldest segment of the lowest priority not above `lane`. False when there is none. */
static bool make_room(struct spool *s, int lane) {
  for (int i = 0; i <= lane; i++) {
    size_t first = s->read_lane == i ? 1 : 0; /* what is being delivered stays */
    if (s->lane[i].n <= first) continue;
    atomic_fetch_add(&s->shed, s->lane[i].seg[first].records);
    drop(s, i, first);
    return true;
  }
  return false;
}

static struct segment *tail(struct spool *s, int lane) {
  struct spool_lane *l = &s->lane[lane];
  char path[PATH_MAX];
  if (l->fd >= 0 && l->seg[l->n - 1].size < s->segment_cap) return &l->seg[l->n - 1];
  if (l->fd >= 0) {
    fdatasync(l->fd);
    close(l->fd);
  }
  name_of(s, lane, s->next, path);
  l->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  struct segment *g = l->fd >= 0 ? add(l, s->next) : NULL;
  if (!g && l->fd >= 0) {
    close(l->fd);
    l->fd = -1;
    unlink(path);
  }
  s->next++;
  return g;
}

int spool_put(struct spool *s, const struct record *r) {
  int lane = r->priority < SPOOL_LANES ? r->priority : SPOOL_LANES - 1;
  size_t need = spool_segment_need(r);
  while (s->bytes + need > s->cap)
    if (!make_room(s, lane)) {
      atomic_fetch_add(&s->shed, 1);
      return 0;
    }
  for (int tries = 0; tries < 2; tries++) {
    struct segment *g = tail(s, lane);
    if (g && spool_segment_append(s->lane[lane].fd, g->size, r) == 0) {
      g->size += need;
      g->records++;
      s->bytes += need;
      s->count++;
      return 0;
    }
    if (!make_room(s, lane)) break; /* the disk is full: older records make room */
  }
  atomic_fetch_add(&s->shed, 1);
  return ERR_IO;
}

static int room_for_end(struct spool *s, uint32_t n) {
  if (n < s->end_size) return 0;
  uint32_t size = s->end_size ? 2 * s->end_size : 256;
  size_t *more = mem_realloc(s->end, size * sizeof *more);
  if (!more) return ERR_NOMEM;
  s->end = more;
  s->end_size = size;
  return 0;
}

/* Records of `text` into b; how far that came. */
static size_t unpack(struct spool *s, struct block *b, size_t max) {
  size_t at = 0;
  struct record r;
  s->nend = 0;
  while (at < max || !s->nend) {
    size_t n = spool_segment_parse(span_skip(buf_span(&s->text), at), &r);
    if (!n || room_for_end(s, s->nend) < 0 || block_put(b, &r) < 0) break;
    at += n;
    s->end[s->nend++] = at;
  }
  return at;
}

uint32_t spool_read(struct spool *s, struct block *b, size_t max_bytes) {
  for (int i = SPOOL_LANES - 1; i >= 0; i--) {
    struct spool_lane *l = &s->lane[i];
    char path[PATH_MAX];
    while (l->n) {
      const struct segment *g = l->seg;
      name_of(s, i, g->number, path);
      size_t want =
          g->size - g->off < 2 * max_bytes + (8 << 20) ? g->size - g->off : 2 * max_bytes + (8 << 20);
      if (spool_segment_load(path, g->off, want, &s->text) == 0 && unpack(s, b, max_bytes)) {
        s->read_lane = i;
        return b->count;
      }
      atomic_fetch_add(&s->shed, g->records); /* damaged, or gone */
      drop(s, i, 0);
    }
  }
  return 0;
}

void spool_ack(struct spool *s, uint32_t n) {
  int lane = s->read_lane;
  if (lane < 0) return;
  s->read_lane = -1;
  if (n > s->nend) n = s->nend;
  if (!n) return;
  struct segment *g = s->lane[lane].seg;
  g->off += s->end[n - 1];
  g->records -= n;
  s->count -= n;
  if (g->off >= g->size)
    drop(s, lane, 0);
  else
    keep_ack(s, lane);
}

void spool_sync(struct spool *s) {
  for (int i = 0; i < SPOOL_LANES; i++)
    if (s->lane[i].fd >= 0) fdatasync(s->lane[i].fd);
}

uint64_t spool_count(const struct spool *s) { return s->count; }
uint64_t spool_shed(const struct spool *s) { return atomic_load(&s->shed); }
