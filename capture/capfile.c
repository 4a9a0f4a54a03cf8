/* SPDX-License-Identifier: Apache-2.0 */
/* A capture file: which format it is, and its frames one by one. */
#include "capture/capfile.h"
#include "base/err.h"
#include <stdio.h>

static int head(struct capfile *f) {
  const uint8_t *h = input_peek(&f->in, 4);
  f->cut = input_left(&f->in) == 0; /* made, and never written to: as the last of a rotated set may be */
  if (!h) return f->cut ? 0 : ERR_SYNTAX;
  f->ng = memcmp(h, "\x0a\x0d\x0d\x0a", 4) == 0;
  return f->ng ? pcapng_head(f) : pcapfile_head(f);
}

int capfile_open(struct capfile *f, const char *path, uint16_t source, struct conf_error *err) {
  *f = (struct capfile){.source = source, .in.fd = -1};
  f->path = mem_strdup(path);
  if (!f->path) {
    snprintf(err->text, sizeof err->text, "%s: not enough memory", path);
    return ERR_NOMEM;
  }
  int rc = input_open(&f->in, path, err);
  if (rc >= 0 && (rc = head(f)) < 0)
    snprintf(err->text, sizeof err->text, "%s: not a capture file; give pcap or pcapng, plain, gzip or zstd",
             path);
  if (rc < 0) capfile_close(f);
  return rc;
}

void capfile_park(struct capfile *f) {
  input_close(&f->in);
  f->parked = true;
  f->packets = f->skipped = f->drops[0] = f->drops[1] = 0;
  f->nifs = 0;
}

int capfile_resume(struct capfile *f, struct frame *out, struct conf_error *err) {
  f->parked = false;
  int rc = input_open(&f->in, f->path, err);
  if (rc >= 0) rc = head(f);
  return rc < 0 ? rc : capfile_next(f, out);
}

void capfile_close(struct capfile *f) {
  input_close(&f->in);
  mem_free(f->ifs);
  mem_free(f->path);
  *f = (struct capfile){.in.fd = -1};
}

int capfile_next(struct capfile *f, struct frame *out) {
  input_keep_up(&f->in);
  int rc = f->ng ? pcapng_next(f, out) : pcapfile_next(f, out);
  if (rc > 0) {
    f->last_ns = out->ns;
    f->packets++;
  }
  return rc;
}

bool capfile_probe(const char *path) {
  struct capfile f;
  struct conf_error err;
  if (capfile_open(&f, path, 0, &err) < 0) return false;
  bool empty = f.cut;
  capfile_close(&f);
  return !empty;
}
