/* SPDX-License-Identifier: Apache-2.0 */
/* Gathers the threads' counters for Prometheus. Counters are atomic, so any thread may read them at any time. */
#include "app/health.h"
#include "app/progress.h"
#include "base/err.h"
#include "base/log.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

static int text(void *user, struct buf *out) {
  const struct health *h = user;
  struct pipeline *p = h->p;
  struct metrics_part part[PIPELINE_READERS + PIPELINE_WORKERS + 1];
  struct rusage ru;
  size_t n = 0;
  for (unsigned i = 0; i < p->readers; i++) {
    const struct reader *r = &p->reader[i];
    part[n++] = (struct metrics_part){"reader", i, r->source ? r->source : "replay", &r->ctr};
  }
  for (unsigned i = 0; i < p->workers; i++)
    part[n++] = (struct metrics_part){"worker", i, NULL, &p->worker[i].ctr};
  part[n++] = (struct metrics_part){"analyst", 0, NULL, &p->analysis.ctr};
  getrusage(RUSAGE_SELF, &ru);
  struct duplicate_pair pairs[DUPLICATE_PAIRS];
  const struct metrics_view view = {.part = part,
                                    .parts = n,
                                    .router = p->analysis.router,
                                    .duplicates = pairs,
                                    .nduplicates = pipeline_duplicates(p, pairs),
                                    .rss_bytes = (uint64_t)ru.ru_maxrss * 1024,
                                    .uptime = progress_now() - h->start,
                                    .version = TAPSCOPE_VERSION};
  return metrics_text(out, &view);
}

int health_start(struct health *h, struct pipeline *p, double now, struct conf_error *err) {
  const char *listen = p->settings->sensor.metrics_listen;
  *h = (struct health){.p = p, .start = now, .written = now};
  return listen[0] ? metrics_serve(&h->server, listen, text, h, err) : 0;
}

void health_tick(struct health *h, double now, bool force) {
  const struct sensor_conf *conf = &h->p->settings->sensor;
  struct buf out;
  if (!conf->metrics_file[0] || (!force && now - h->written < (double)conf->metrics_interval_ns * 1e-9))
    return;
  h->written = now;
  buf_init(&out, NULL, 0);
  int rc = text(h, &out);
  if (rc >= 0) rc = metrics_file(conf->metrics_file, buf_span(&out));
  if (rc < 0 && !h->failing)
    log_msg(LOG_ERROR, "sensor.metrics_file %s: %s; is the folder there and writable?", conf->metrics_file,
            rc == ERR_IO ? strerror(errno) : err_str(rc));
  h->failing = rc < 0;
  buf_done(&out);
}

void health_stop(struct health *h) {
  metrics_stop(h->server);
  h->server = NULL;
}
