/* SPDX-License-Identifier: Apache-2.0 */
/* Replays a corpus through a fuzz target where libFuzzer is not linked: each input ends at an unmapped page. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path) {
  FILE *f = fopen(path, "rb");
  if (!f) return -1;
  fseek(f, 0, SEEK_END);
  long end = ftell(f);
  rewind(f);
  size_t n = end > 0 ? (size_t)end : 0, page = (size_t)sysconf(_SC_PAGESIZE);
  size_t room = (n + page - 1) / page * page;
  uint8_t *map = mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (map == MAP_FAILED) abort();
  mprotect(map + room, page, PROT_NONE);
  uint8_t *data = map + room - n;
  size_t got = fread(data, 1, n, f);
  fclose(f);
  LLVMFuzzerTestOneInput(data, got);
  munmap(map, room + page);
  return 0;
}

int main(int argc, char **argv) {
  unsigned runs = 0;
  LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
  for (int i = 1; i < argc; i++) {
    DIR *d = opendir(argv[i]);
    if (!d) {
      if (run_file(argv[i]) == 0) runs++;
      continue;
    }
    for (struct dirent *e; (e = readdir(d));) {
      char path[4096];
      if (e->d_name[0] == '.') continue;
      snprintf(path, sizeof path, "%s/%s", argv[i], e->d_name);
      if (run_file(path) == 0) runs++;
    }
    closedir(d);
  }
  printf("%u inputs replayed\n", runs);
  return 0;
}
