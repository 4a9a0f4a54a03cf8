/* SPDX-License-Identifier: Apache-2.0 */
/* The input as a file, for loaders that take a path. */
#ifndef FUZZ_FILE_H
#define FUZZ_FILE_H

#include "base/span.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct fuzz_file {
  int fd;
  char path[64];
};

/** A file in memory that holds s; aborts where the system has no room. */
static inline struct fuzz_file fuzz_file(struct span s) {
  struct fuzz_file f = {.fd = memfd_create("fuzz", 0)};
  if (f.fd < 0 || write(f.fd, s.base, s.len) != (ssize_t)s.len) abort();
  snprintf(f.path, sizeof f.path, "/proc/self/fd/%d", f.fd);
  return f;
}
static inline void fuzz_file_end(const struct fuzz_file *f) { close(f->fd); }

/** A folder with one file sub/x.yaml that holds s; the folder stays for the next input. */
static inline const char *fuzz_folder(const char *sub, struct span s) {
  static char dir[64], path[160];
  if (!dir[0]) {
    snprintf(dir, sizeof dir, "/dev/shm/tapscope-fuzz-XXXXXX");
    if (!mkdtemp(dir)) abort();
    snprintf(path, sizeof path, "%s/%s", dir, sub);
    mkdir(path, 0700);
  }
  snprintf(path, sizeof path, "%s/%s/x.yaml", dir, sub);
  FILE *f = fopen(path, "wb");
  if (!f || fwrite(s.base, 1, s.len, f) != s.len) abort();
  fclose(f);
  return dir;
}

#endif
