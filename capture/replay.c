/* SPDX-License-Identifier: Apache-2.0 */
/* Capture files merged by packet time: a heap of files, each standing at its next frame. */
#include "base/err.h"
#include "capture/capfile.h"
#include "capture/paths.h"
#include <inttypes.h>
#include <stdio.h>

enum { WARNINGS = 1000, OPEN_STREAMS = 32, FILES_MAX = 65535 };

struct feed {
  struct capfile file;
  struct frame next;
};
struct warning {
  struct warning *next;
  char text[];
};
struct replay {
  struct counters *ctr;
  struct feed *feeds;
  size_t nfeeds;
  uint32_t *heap; /* indices of feeds; least time, then least index on top */
  size_t live;
  struct feed *moved; /* gave the last frame; goes on at the next call */
  struct warning *first, *last, *told;
  size_t nwarnings;
  uint64_t bytes_total, frames, done_closed;
};

static void warn(struct replay *r, const struct capfile *f, const char *what) {
  if (r->nwarnings >= WARNINGS) return;
  size_t n = strlen(f->path) + strlen(what) + 64;
  struct warning *w = mem_alloc(sizeof *w + n);
  if (!w) return;
  w->next = NULL;
  snprintf(w->text, n, "%s: %s after packet %" PRIu64, f->path, what, f->packets);
  if (r->last)
    r->last->next = w;
  else
    r->first = w;
  r->last = w;
  r->nwarnings++;
}

static void note_end(struct replay *r, const struct capfile *f) {
  ctr_add(r->ctr, CTR_CAPTURE_BAD_RECORD, f->skipped + f->bad);
  ctr_add(r->ctr, CTR_CAPTURE_DROP_INTERFACE, f->drops[0]);
  ctr_add(r->ctr, CTR_CAPTURE_DROP_KERNEL, f->drops[1]);
  if (f->cut || f->in.damaged) ctr_inc(r->ctr, CTR_CAPTURE_FILE_CUT);
  if (f->in.damaged)
    warn(r, f, "compressed data are cut or damaged");
  else if (f->cut)
    warn(r, f, "cut");
  if (f->bad) warn(r, f, "a record makes no sense; the rest is left out");
  if (f->skipped) warn(r, f, "records that make no sense were left out; it ended");
}

static bool before(const struct replay *r, uint32_t a, uint32_t b) {
  uint64_t x = r->feeds[a].next.ns, y = r->feeds[b].next.ns;
  return x < y || (x == y && a < b);
}

static void sift(struct replay *r, size_t i) {
  for (;;) {
    size_t m = i, l = 2 * i + 1;
    if (l < r->live && before(r, r->heap[l], r->heap[m])) m = l;
    if (l + 1 < r->live && before(r, r->heap[l + 1], r->heap[m])) m = l + 1;
    if (m == i) return;
    uint32_t t = r->heap[i];
    r->heap[i] = r->heap[m];
    r->heap[m] = t;
    i = m;
  }
}

static int open_all(struct replay *r, const struct paths *p, struct conf_error *err) {
  for (size_t i = 0; i < p->count; i++) {
    struct feed *f = &r->feeds[i];
    int rc = capfile_open(&f->file, p->item[i], (uint16_t)i, err);
    if (rc < 0) return rc;
    r->nfeeds = i + 1;
    r->bytes_total += f->file.in.size;
    rc = capfile_next(&f->file, &f->next);
    if (rc < 0) return rc;
    if (rc > 0)
      r->heap[r->live++] = (uint32_t)i;
    else
      note_end(r, &f->file);
    if (i >= OPEN_STREAMS && !f->file.in.mapped && f->file.in.size > 0 && strcmp(f->file.path, "-") != 0)
      capfile_park(&f->file);
  }
  for (size_t i = r->live; i > 0; i--) sift(r, i - 1);
  return 0;
}

int replay_open(struct replay **out, const struct capture_conf *conf, char *const *paths, size_t n,
                struct counters *ctr, struct conf_error *err) {
  (void)conf;
  struct paths list = {0};
  struct replay *r = NULL;
  int rc = 0;
  for (size_t i = 0; i < n && rc >= 0; i++) rc = paths_add(&list, paths[i], err);
  if (rc >= 0 && list.count > FILES_MAX) {
    snprintf(err->text, sizeof err->text, "%zu files are too many; give at most %d at once", list.count,
             FILES_MAX);
    rc = ERR_RANGE;
  }
  if (rc >= 0 && list.count == 0) {
    snprintf(err->text, sizeof err->text, "no capture file found; give pcap or pcapng files, folders, or -");
    rc = ERR_NOTFOUND;
  }
  if (rc >= 0) {
    rc = ERR_NOMEM;
    r = mem_zalloc(sizeof *r);
    if (r) {
      r->ctr = ctr;
      r->feeds = mem_zalloc(list.count * sizeof *r->feeds);
      r->heap = mem_alloc(list.count * sizeof *r->heap);
    }
    if (r && r->feeds && r->heap) rc = open_all(r, &list, err);
    if (rc == ERR_NOMEM) snprintf(err->text, sizeof err->text, "not enough memory for %zu files", list.count);
  }
  paths_done(&list);
  if (rc < 0)
    replay_close(r);
  else
    *out = r;
  return rc;
}

void replay_close(struct replay *r) {
  if (!r) return;
  for (size_t i = 0; i < r->nfeeds; i++) capfile_close(&r->feeds[i].file);
  while (r->first) {
    struct warning *w = r->first;
    r->first = w->next;
    mem_free(w);
  }
  mem_free(r->feeds);
  mem_free(r->heap);
  mem_free(r);
}

/* The frame given last is over: its file goes to its next one, and finds its place. */
static int go_on(struct replay *r) {
  struct feed *f = r->moved;
  if (!f) return 0;
  r->moved = NULL;
  int rc = capfile_next(&f->file, &f->next);
  if (rc < 0) return rc;
  if (rc == 0) {
    note_end(r, &f->file);
    r->heap[0] = r->heap[--r->live];
    if (!f->file.in.mapped) {
      r->done_closed += input_done(&f->file.in);
      input_close(&f->file.in);
    }
  }
  if (r->live > 1) sift(r, 0);
  return 0;
}

/* 1, or 0 when the file is gone or changed meanwhile: it is left out, and said so. */
static int unpark(struct replay *r, struct feed *f) {
  struct conf_error err;
  int rc = capfile_resume(&f->file, &f->next, &err);
  if (rc > 0 || rc == ERR_NOMEM) return rc;
  ctr_inc(r->ctr, CTR_CAPTURE_FILE_CUT);
  warn(r, &f->file, "cannot be read again; it is left out");
  r->heap[0] = r->heap[--r->live];
  if (r->live > 1) sift(r, 0);
  return 0;
}

int replay_next(struct replay *r, struct frame *out, bool *stable) {
  int rc = go_on(r);
  if (rc < 0) return rc;
  if (r->live == 0) return 0;
  struct feed *f = &r->feeds[r->heap[0]];
  if (f->file.parked && (rc = unpark(r, f)) <= 0) return rc < 0 ? rc : replay_next(r, out, stable);
  *out = f->next;
  *stable = f->file.in.mapped;
  r->moved = f;
  r->frames++;
  return 1;
}

const char *replay_warning(struct replay *r) {
  struct warning *w = r->told ? r->told->next : r->first;
  if (!w) return NULL;
  r->told = w;
  return w->text;
}

void replay_stats(const struct replay *r, struct replay_stats *out) {
  *out = (struct replay_stats){r->bytes_total, r->done_closed, r->frames};
  for (size_t i = 0; i < r->nfeeds; i++) out->bytes_done += input_done(&r->feeds[i].file.in);
}
