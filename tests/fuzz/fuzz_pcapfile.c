/* SPDX-License-Identifier: Apache-2.0 */
/* Capture files of any bytes, mapped and streamed. */
#include "capture/capture.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(char *path) {
  static struct capture_conf conf;
  struct counters ctr = {0};
  struct replay *r;
  struct conf_error err;
  struct frame f;
  struct replay_stats stats;
  bool stable;
  volatile uint8_t sum = 0;
  char *paths[] = {path};
  if (replay_open(&r, &conf, paths, 1, &ctr, &err) < 0) return;
  while (replay_next(r, &f, &stable) > 0) {
    if (f.caplen > f.wirelen) abort();
    if (f.caplen) sum ^= f.data[0] ^ f.data[f.caplen - 1];
  }
  while (replay_warning(r)) {}
  replay_stats(r, &stats);
  replay_close(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  int fd = memfd_create("fuzz", 0);
  char path[64];
  if (fd < 0) return 0;
  if (write(fd, data, size) == (ssize_t)size) {
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    read_all(path);
    int saved = dup(STDIN_FILENO);
    lseek(fd, 0, SEEK_SET);
    dup2(fd, STDIN_FILENO);
    read_all((char[]){"-"});
    dup2(saved, STDIN_FILENO);
    close(saved);
  }
  close(fd);
  return 0;
}
