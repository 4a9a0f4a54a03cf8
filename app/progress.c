/* SPDX-License-Identifier: Apache-2.0 */
/* Progress of a replay on standard error. */
#include "app/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

double progress_now(void) {
  struct timespec ts;
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

void progress_start(struct progress *g, const struct options *o) {
  g->mode = o->progress;
  if (o->quiet || (g->mode == PROGRESS_AUTO && !isatty(2))) g->mode = PROGRESS_NONE;
  g->start = g->shown = progress_now();
}

static void rates(struct pipeline *p, double seconds, char *out, size_t size) {
  uint64_t totals[CTR_COUNT];
  pipeline_counters(p, totals);
  snprintf(out, size, "%.0f packets/s  %.2f Gbit/s  %" PRIu64 " calls",
           (double)totals[CTR_CAPTURE_PACKETS] / seconds, (double)totals[CTR_CAPTURE_BYTES] * 8e-9 / seconds,
           atomic_load(&p->calls));
}

void progress_show(struct progress *g, struct pipeline *p) {
  double now = progress_now(), every = g->mode == PROGRESS_PLAIN ? 1.0 : 0.1;
  if (g->mode == PROGRESS_NONE || now - g->shown < every) return;
  g->shown = now;
  char text[160];
  rates(p, now - g->start, text, sizeof text);
  uint64_t done = atomic_load(&p->bytes_done), total = atomic_load(&p->bytes_total);
  double share = total ? (double)done / (double)total : 0;
  if (share > 1) share = 1;
  double eta = share > 0 ? (now - g->start) * (1 - share) / share : 0;
  if (g->mode == PROGRESS_PLAIN) {
    fprintf(stderr, "%5.1f %%  %.1f MB  %s  ETA %.0f s\n", share * 100, (double)done * 1e-6, text, eta);
    return;
  }
  char bar[31];
  for (int i = 0; i < 30; i++) bar[i] = i < (int)(share * 30) ? '#' : '.';
  bar[30] = 0;
  fprintf(stderr, "\r[%s] %3.0f %%  %.1f MB  %s  ETA %.0f s\033[K", bar, share * 100, (double)done * 1e-6,
          text, eta);
}

void progress_end(struct progress *g) {
  if (g->mode == PROGRESS_AUTO) fputs("\r\033[K", stderr);
}
