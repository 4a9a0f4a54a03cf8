/* SPDX-License-Identifier: Apache-2.0 */
/* One thread runs a capture up to each stage in turn, so that the difference of two rows is the cost of one stage.
 * stages FILE [ROUNDS] [RULES_DIR] [STAGE]: each row in a process of its own, so that its memory is its own too. */
#include "bench/frames.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const names[STAGES] = {"read",    "decode",    "flows", "reassemble+dissect",
                                          "inspect", "correlate", "write"};

static double peak(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return (double)u.ru_maxrss / 1024;
}

static int row(struct bench *b, enum bench_stage stage, unsigned rounds) {
  double before = peak();
  struct bench_result r = bench_run(b, stage, rounds, NULL);
  printf("%-20s %8.3f s  %8.2f Gbit/s  %9.0f calls/s  %+6.0f MB\n", names[stage], r.seconds,
         (double)r.bytes * 8e-9 / r.seconds, (double)r.calls / r.seconds, peak() - before);
  return 0;
}

int main(int argc, char **argv) {
  struct bench b;
  if (argc < 2) return fputs("usage: stages FILE [ROUNDS] [RULES_DIR] [STAGE]\n", stderr), 2;
  if (!bench_load(&b, argv[1], argc > 3 ? argv[3] : NULL)) return 1;
  unsigned rounds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 4;
  for (int s = READ; s < STAGES; s++) {
    if (argc > 4 && strcmp(argv[4], names[s]) != 0) continue;
    fflush(stdout);
    pid_t child = argc > 4 ? 0 : fork();
    int rc = child ? 0 : row(&b, (enum bench_stage)s, rounds);
    if (child == 0 && argc <= 4) {
      fflush(stdout);
      _exit(rc);
    }
    if (child > 0) waitpid(child, NULL, 0);
  }
  bench_free(&b);
  return 0;
}
