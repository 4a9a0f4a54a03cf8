/* SPDX-License-Identifier: Apache-2.0 */
/* The writer's side of a lane. */
#include "output/lane.h"

#include "base/err.h"

#include <signal.h>
#include <stdio.h>
#include <time.h>

static void nap(void) {
  struct timespec t = {.tv_nsec = 2000000};
  nanosleep(&t, NULL);
}

static void give_back(void *user, const struct record *r) {
  struct lane *l = user;
  if (block_put(l->fill, r) < 0) ctr_inc(&l->ctr, CTR_OUTPUT_SHED);
}

/* Hand given-back records to the clerk; the twin block comes home with the job. */
static void send_given(struct lane *l) {
  if (!l->fill->count || l->given_out) return;
  l->given = (struct job){.kind = JOB_GIVEN, .block = l->fill};
  struct block *other = l->spare;
  l->spare = l->fill;
  l->fill = other;
  l->given_out = true;
  ring_push_wait(l->back, &l->given, -1);
}

static int write_one(struct lane *l, const struct record *r) {
  int rc;
  while ((rc = l->kind->write(l->state, r)) == ERR_AGAIN) {
    if (atomic_load(l->closing) && atomic_load(l->close_ms) <= 0) return ERR_IO;
    l->kind->poll(l->state);
    nap();
  }
  return rc;
}

static void run_job(struct lane *l, struct job *job) {
  if (job->retry) l->refusing = false;
  job->taken = job->from;
  if (!l->refusing) {
    for (; job->taken < job->block->count; job->taken++) {
      struct record r;
      block_get(job->block, job->taken, &r);
      if (!job->sync && !(l->kinds >> r.kind & 1)) continue; /* what was spooled was wanted when it came */
      int rc = write_one(l, &r);
      if (rc >= 0) continue;
      if (rc == ERR_NOTFOUND) atomic_store(&l->gone, true);
      atomic_store(&l->error, rc);
      l->refusing = true;
      break;
    }
  }
  int rc = 0;
  if (job->sync && l->kind->sync)
    while ((rc = l->kind->sync(l->state)) == ERR_AGAIN && !atomic_load(l->closing)) nap();
  if (rc >= 0 || rc == ERR_AGAIN) rc = l->kind->poll(l->state);
  if (rc == ERR_NOTFOUND) atomic_store(&l->gone, true);
  job->failed = rc < 0 && rc != ERR_AGAIN;
  if (job->failed) l->refusing = true;
  send_given(l);
}

static void *writer(void *arg) {
  struct lane *l = arg;
  for (;;) {
    struct job *job = ring_pop_wait(l->work, 100);
    if (!job) {
      l->kind->poll(l->state);
      send_given(l);
      continue;
    }
    if (job->kind == JOB_GIVEN) {
      block_reset(l->spare);
      l->given_out = false;
      send_given(l);
      continue;
    }
    if (job->kind == JOB_STOP) break;
    run_job(l, job);
    ring_push_wait(l->back, job, -1);
  }
  while (l->given_out) { /* the clerk still holds the twin */
    struct job *job = ring_pop_wait(l->work, 100);
    if (job && job->kind == JOB_GIVEN) {
      block_reset(l->spare);
      l->given_out = false;
    }
  }
  atomic_store(&l->undelivered, l->kind->close(l->state, atomic_load(l->close_ms)));
  l->state = NULL;
  send_given(l);
  ring_push_wait(l->back, &l->stop, -1);
  return NULL;
}

static const struct sink *find_kind(const char *spec, size_t n) {
  for (size_t i = 0; sink_table[i]; i++)
    if (strlen(sink_table[i]->kind) == n && memcmp(sink_table[i]->kind, spec, n) == 0) return sink_table[i];
  return NULL;
}

static int kind_bit(struct span name, uint32_t *bits) {
  for (int k = 0; k < RECORD_KIND_COUNT; k++)
    if (span_eq(name, span_str(record_kind_name((enum record_kind)k)))) {
      *bits |= 1U << k;
      return 0;
    }
  return ERR_SYNTAX;
}

static int read_kinds(struct lane *l, struct span list, const struct output_conf *conf,
                      struct conf_error *err) {
  uint32_t all = 0, own = 0;
  for (size_t i = 0; i < conf->kinds.count; i++)
    if (kind_bit(span_str(conf->kinds.item[i]), &all) < 0) {
      snprintf(err->text, sizeof err->text,
               "output.kinds: unknown kind \"%s\"; known: call, exposure, finding, incident, "
               "asset, flow, dns, tls, sensor",
               conf->kinds.item[i]);
      return ERR_SYNTAX;
    }
  while (list.len) {
    struct span one = span_cut(&list, ',');
    if (one.len && kind_bit(one, &own) < 0) {
      snprintf(err->text, sizeof err->text,
               "-o %s: unknown kind \"%.*s\"; known: call, exposure, finding, incident, "
               "asset, flow, dns, tls, sensor",
               l->name, SPAN_FMT(span_head(one, 40)));
      return ERR_SYNTAX;
    }
  }
  l->kinds = (all ? all : (1U << RECORD_KIND_COUNT) - 1) & (own ? own : (1U << RECORD_KIND_COUNT) - 1);
  return 0;
}

static int memory(struct lane *l, size_t cap) {
  l->cap = cap;
  l->queue = mem_zalloc(cap * sizeof *l->queue);
  l->refused = mem_zalloc(cap * sizeof *l->refused);
  l->work = ring_new(LANE_JOBS + 4);
  l->back = ring_new(LANE_JOBS + 4);
  l->fill = block_new(4096);
  l->spare = block_new(4096);
  l->drain = block_new(4096);
  for (unsigned i = 0; i < LANE_JOBS; i++) l->idle[l->nidle++] = &l->job[i];
  l->stop.kind = JOB_STOP;
  return l->queue && l->refused && l->work && l->back && l->fill && l->spare && l->drain ? 0 : ERR_NOMEM;
}

int lane_open(struct lane *l, const char *spec, const struct output_conf *conf, const char *state_dir,
              size_t cap, struct conf_error *err) {
  const char *colon = strchr(spec, ':');
  snprintf(l->name, sizeof l->name, "%s", spec);
  l->kind = colon ? find_kind(spec, (size_t)(colon - spec)) : NULL;
  if (!l->kind) {
    snprintf(err->text, sizeof err->text,
             "-o %s: expected file:PATH, stdout: or kafka:HOST:PORT[,HOST:PORT…]", l->name);
    return ERR_SYNTAX;
  }
  char *rest = mem_strdup(colon + 1);
  if (!rest || memory(l, cap) < 0) {
    mem_free(rest);
    snprintf(err->text, sizeof err->text, "-o %s: out of memory", l->name);
    return ERR_NOMEM;
  }
  char *filter = strstr(rest, "?kinds=");
  struct span list = {NULL, 0};
  if (filter) {
    *filter = 0;
    list = span_str(filter + 7);
  }
  int rc = read_kinds(l, list, conf, err);
  l->cx = (struct sink_ctx){.conf = conf,
                            .ctr = &l->ctr,
                            .state_dir = state_dir,
                            .back = give_back,
                            .user = l,
                            .closing = l->closing,
                            .cause = &l->cause};
  if (rc == 0) rc = l->kind->open(&l->state, rest, &l->cx, err);
  mem_free(rest);
  return rc;
}

int lane_start(struct lane *l) {
  sigset_t all, old;
  sigfillset(&all); /* signals, SIGPIPE too, are the main thread's affair */
  pthread_sigmask(SIG_SETMASK, &all, &old);
  l->started = pthread_create(&l->thread, NULL, writer, l) == 0;
  pthread_sigmask(SIG_SETMASK, &old, NULL);
  return l->started ? 0 : ERR_NOMEM;
}

void lane_join(struct lane *l) {
  if (l->started) pthread_join(l->thread, NULL);
  l->started = false;
}

void lane_done(struct lane *l) {
  lane_join(l);
  if (l->state) l->kind->close(l->state, 0);
  spool_close(l->spool);
  block_free(l->fill);
  block_free(l->spare);
  block_free(l->drain);
  ring_free(l->work);
  ring_free(l->back);
  mem_free(l->queue);
  mem_free(l->refused);
}
