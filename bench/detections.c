/* SPDX-License-Identifier: Apache-2.0 */
/* What each detection costs, in nanoseconds a call and as a share of everything (reading files and writing to sinks apart).
 * detections FILE [ROUNDS] [RULES_DIR]. A clock is read before and after each; what that takes is measured first and left out. */
#include "bench/frames.h"

#include <stdlib.h>
#include <time.h>

enum { PARTS = 128 };
struct part {
  const char *name;
  double ns;
  unsigned long runs;
};
struct meter {
  struct part part[PARTS];
  unsigned count;
  uint64_t begun;
  double overhead; /* ns a pair of readings */
};

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static struct part *part_of(struct meter *m, const char *name) {
  for (unsigned i = 0; i < m->count; i++)
    if (m->part[i].name == name || strcmp(m->part[i].name, name) == 0) return &m->part[i];
  if (m->count == PARTS) return &m->part[PARTS - 1];
  m->part[m->count].name = name;
  return &m->part[m->count++];
}

static void note(void *user, const char *what, bool end) {
  struct meter *m = user;
  if (!end) {
    m->begun = now();
    return;
  }
  uint64_t took = now() - m->begun;
  struct part *p = part_of(m, what);
  p->ns += took > 20000 ? m->overhead : (double)took; /* somebody else had the processor */
  p->runs++;
}

static double overhead(void) {
  static struct meter m;
  for (unsigned i = 0; i < 1000000; i++) note(&m, "nothing", false), note(&m, "nothing", true);
  return m.part[0].ns / 1e6;
}

static int dearer(const void *a, const void *b) {
  double x = ((const struct part *)a)->ns, y = ((const struct part *)b)->ns;
  return x < y ? 1 : x > y ? -1 : 0;
}

/* What a switch saves, in nanoseconds a call. */
static double without(struct bench *b, bool *option, unsigned rounds, double all) {
  *option = false;
  struct bench_result r = bench_run(b, WRITE, rounds, NULL);
  *option = true;
  return all - r.seconds * 1e9 / (double)r.calls;
}

static void print(const char *name, double ns, double all) {
  printf("%-28s %9.1f ns  %5.2f %%\n", name, ns > 0 ? ns : 0, ns > 0 ? ns * 100 / all : 0);
}

int main(int argc, char **argv) {
  static struct meter m;
  struct bench b;
  if (argc < 2) return fputs("usage: detections FILE [ROUNDS] [RULES_DIR]\n", stderr), 2;
  if (!bench_load(&b, argv[1], argc > 3 ? argv[3] : NULL)) return 1;
  unsigned rounds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 4;
  struct bench_result r = bench_run(&b, WRITE, rounds, NULL);
  double all = r.seconds * 1e9 / (double)r.calls;
  m.overhead = overhead();
  bench_run(&b, WRITE, rounds, &(struct watch){note, &m});
  print("everything", all, all);
  print("all inspections", without(&b, &b.ac.inspect, rounds, all), all);
  print("classification", without(&b, &b.ac.classify, rounds, all), all);
  for (unsigned i = 0; i < m.count; i++) m.part[i].ns -= m.overhead * (double)m.part[i].runs;
  qsort(m.part, m.count, sizeof *m.part, dearer);
  for (unsigned i = 0; i < m.count; i++) print(m.part[i].name, m.part[i].ns / (double)r.calls, all);
  bench_free(&b);
  return 0;
}
