/* SPDX-License-Identifier: Apache-2.0 */
/* Distribution of blocks to lanes, refusals, spooling and draining. */
#include "output/clerk.h"
#include "base/clock.h"

#include "base/err.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

enum { RETRY_MS = 500, DRAIN_BYTES = 512 * 1024 };

static void say(struct clerk *c, const struct lane *l, const char *what) {
  char *to = ring_pop(c->read);
  if (!to) return;
  snprintf(to, sizeof c->text[0], "-o %.200s: %s", l->name, what);
  ring_push(c->messages, to);
}

static void unref(struct clerk *c, struct block *b) {
  if (--b->refs > 0) return;
  if (!b->pooled)
    block_free(b);
  else
    ring_push_wait(c->free, b, -1);
}

static bool wanted(const struct lane *l, const struct block *b, uint32_t i) {
  return l->kinds >> b->rec[i].kind & 1;
}

static uint64_t count_wanted(const struct lane *l, const struct block *b, uint32_t from) {
  uint64_t n = 0;
  for (uint32_t i = from; i < b->count; i++) n += wanted(l, b, i) ? 1U : 0U;
  return n;
}

static void give_up(struct clerk *c, struct lane *l, uint64_t n) {
  ctr_add(&c->ctr, CTR_OUTPUT_SHED, n);
  atomic_fetch_add_explicit(&l->given_up, n, memory_order_relaxed);
}

static void shed(struct clerk *c, struct lane *l, const struct lane_wait *w) {
  give_up(c, l, count_wanted(l, w->block, w->from));
  unref(c, w->block);
}

static void to_spool(struct clerk *c, struct lane *l, const struct lane_wait *w) {
  for (uint32_t i = w->from; i < w->block->count; i++) {
    struct record r;
    if (!wanted(l, w->block, i)) continue;
    block_get(w->block, i, &r);
    if (spool_put(l->spool, &r) < 0) ctr_inc(&c->ctr, CTR_OUTPUT_ERRORS);
  }
  unref(c, w->block);
}

static struct lane_wait take(struct lane *l) {
  struct lane_wait w = l->queue[l->head];
  l->head = (l->head + 1) % l->cap;
  l->len--;
  return w;
}

static void append(struct lane *l, struct lane_wait w) { l->queue[(l->head + l->len++) % l->cap] = w; }
static void prepend(struct lane *l, struct lane_wait w) {
  l->head = (l->head + l->cap - 1) % l->cap;
  l->queue[l->head] = w;
  l->len++;
}

/* All that waits in memory goes to disk, in order. */
static void empty_to_spool(struct clerk *c, struct lane *l) {
  for (size_t i = 0; i < l->nrefused; i++) to_spool(c, l, &l->refused[i]);
  l->nrefused = 0;
  while (l->len) {
    struct lane_wait w = take(l);
    to_spool(c, l, &w);
  }
}

static void send(struct lane *l, struct block *b, uint32_t from, bool retry, bool sync) {
  struct job *job = l->idle[--l->nidle];
  *job = (struct job){.kind = JOB_RECORDS, .block = b, .from = from, .retry = retry, .sync = sync};
  l->out++;
  ring_push_wait(l->work, job, -1);
}

/* What the operator may do about it. */
static const char *remedy(int cause) {
  switch (cause) {
  case ENOSPC:
  case EDQUOT: return "free some space, or let files rotate away (output.file_rotate_mb, output.file_keep)";
  case EACCES:
  case EPERM:
  case EROFS: return "let the sensor's user write there; for a broker see output.kafka";
  case ENOENT:
  case ENOTDIR: return "is the folder still there?";
  case ECONNREFUSED:
  case EHOSTUNREACH: return "does the broker run, and is its address right?";
  default: return "trying again";
  }
}

static void went_down(struct clerk *c, struct lane *l) {
  char text[LANE_TEXT];
  l->retry_at = clock_ns() + RETRY_MS * 1000000ULL;
  if (l->down) return;
  l->down = true;
  if (atomic_load(&l->gone)) return;
  int cause = atomic_load(&l->cause);
  snprintf(text, sizeof text, "cannot take records now: %s (%s). %s",
           cause ? strerrordesc_np(cause) : "it refuses them", remedy(cause),
           l->spool ? "They wait on disk and are delivered when it can"
                    : "None waits on disk: set output.spool_dir or --state for that");
  say(c, l, text);
}

/* A sink gave records back: into the spool, or at the front of what waits. */
static void given(struct clerk *c, struct lane *l, struct job *job) {
  struct block *copy = block_new(job->block->bytes.len);
  for (uint32_t i = 0; i < job->block->count; i++) {
    struct record r;
    block_get(job->block, i, &r);
    if (l->spool) {
      if (spool_put(l->spool, &r) < 0) ctr_inc(&c->ctr, CTR_OUTPUT_ERRORS);
    } else if (!copy || block_put(copy, &r) < 0) {
      give_up(c, l, 1);
    }
  }
  if (copy && copy->count) {
    copy->refs = 1;
    struct lane_wait w = {copy, 0};
    if (l->len + l->nrefused + l->out + 1 < l->cap)
      prepend(l, w);
    else
      shed(c, l, &w);
  } else {
    block_free(copy);
  }
  went_down(c, l);
  ring_push_wait(l->work, job, -1);
}

static void returned(struct clerk *c, struct lane *l, struct job *job) {
  if (job->kind == JOB_STOP) {
    l->stopped = true;
    return;
  }
  if (job->kind == JOB_GIVEN) {
    given(c, l, job);
    return;
  }
  l->out--;
  l->idle[l->nidle++] = job;
  bool all = job->taken >= job->block->count;
  if (!all || job->failed) {
    l->last_try = false;
    went_down(c, l);
  } else if (job->retry && l->down) {
    l->down = false;
    atomic_store(&l->cause, 0);
    say(c, l, "takes records again");
  }
  if (job->block == l->drain) {
    l->drain_out = false;
    spool_ack(l->spool, job->taken);
  } else if (all) {
    unref(c, job->block);
  } else {
    l->refused[l->nrefused++] = (struct lane_wait){job->block, job->taken};
  }
}

static bool collect(struct clerk *c) {
  bool any = false;
  for (size_t i = 0; i < c->nlanes; i++)
    for (struct job *job; (job = ring_pop(c->lane[i].back)) != NULL; any = true)
      returned(c, &c->lane[i], job);
  return any;
}

static void drain(struct clerk *c, struct lane *l) {
  (void)c;
  if (l->drain_out || !l->nidle || l->out) return;
  block_reset(l->drain);
  if (!spool_read(l->spool, l->drain, DRAIN_BYTES)) return;
  l->drain_out = true;
  send(l, l->drain, 0, true, true);
}

/* Move one lane on as far as it goes now. */
static void pump(struct clerk *c, struct lane *l) {
  if (atomic_load(&l->gone)) {
    for (size_t i = 0; i < l->nrefused; i++) shed(c, l, &l->refused[i]);
    l->nrefused = 0;
    while (l->len) {
      struct lane_wait w = take(l);
      shed(c, l, &w);
    }
    return;
  }
  bool crowded = atomic_load_explicit(&c->live, memory_order_relaxed) && l->len > c->nblocks / 2;
  bool due = !l->down || clock_ns() >= l->retry_at || l->last_try;
  if (l->spool) {
    bool free = !l->out || l->drain_out; /* nothing that came before is with the writer */
    if (crowded || (free && (l->down || spool_count(l->spool)))) empty_to_spool(c, l);
    if (due && spool_count(l->spool)) drain(c, l);
    if (l->down || spool_count(l->spool)) return;
  }
  if (l->down && (l->out || !due)) return;
  while (l->nrefused && !l->out) prepend(l, l->refused[--l->nrefused]);
  bool retry = l->down;
  while (l->len && l->nidle) {
    struct lane_wait w = take(l);
    send(l, w.block, w.from, retry, false);
    if (retry) break;
  }
}

static void accept(struct clerk *c, struct block *b) {
  b->refs = 1;
  for (size_t i = 0; i < c->nlanes; i++) {
    uint64_t n = count_wanted(&c->lane[i], b, 0);
    if (!n) continue;
    atomic_fetch_add_explicit(&c->lane[i].accepted, n, memory_order_relaxed);
    b->refs++;
    append(&c->lane[i], (struct lane_wait){b, 0});
  }
  unref(c, b);
}

static struct lane *busy(struct clerk *c) {
  for (size_t i = 0; i < c->nlanes; i++)
    if (c->lane[i].out) return &c->lane[i];
  return NULL;
}

static void gauges(struct clerk *c) {
  uint64_t waiting = 0;
  for (size_t i = 0; i < c->nlanes; i++) {
    uint64_t n = c->lane[i].spool ? spool_count(c->lane[i].spool) : 0;
    atomic_store_explicit(&c->lane[i].waiting, n, memory_order_relaxed);
    waiting += n;
  }
  atomic_store_explicit(&c->ctr.v[CTR_OUTPUT_SPOOLED], waiting, memory_order_relaxed);
}

/* Wait for work, whichever ring it comes by; the input, or NULL. */
static struct block *await(struct clerk *c, bool ended) {
  struct block *b = ended ? NULL : ring_pop(c->in);
  if (b) return b;
  struct lane *l = busy(c);
  if (l) {
    struct job *job = ring_pop_wait(l->back, 2);
    if (job) returned(c, l, job);
    return NULL;
  }
  if (!ended) return ring_pop_wait(c->in, 100);
  struct timespec t = {.tv_nsec = 10000000};
  nanosleep(&t, NULL);
  return NULL;
}

static bool pending(struct clerk *c) {
  for (size_t i = 0; i < c->nlanes; i++) {
    struct lane *l = &c->lane[i];
    if (l->out || l->len || l->nrefused) return true;
    if (l->spool && spool_count(l->spool) && (!l->down || l->last_try) && !atomic_load(&l->gone)) return true;
  }
  return false;
}

/* Stop the writers; what they give back goes to the spools. */
static void stop(struct clerk *c) {
  for (size_t i = 0; i < c->nlanes; i++) ring_push_wait(c->lane[i].work, &c->lane[i].stop, -1);
  for (size_t i = 0; i < c->nlanes; i++) {
    struct lane *l = &c->lane[i];
    while (!l->stopped) {
      struct job *job = ring_pop_wait(l->back, 100);
      if (job) returned(c, l, job);
    }
    for (size_t k = 0; k < l->nrefused; k++) append(l, l->refused[k]);
    l->nrefused = 0;
    if (l->spool) empty_to_spool(c, l);
    while (l->len) {
      struct lane_wait w = take(l);
      c->undelivered += (long)count_wanted(l, w.block, w.from);
      shed(c, l, &w);
    }
    if (l->spool) {
      spool_sync(l->spool);
      c->undelivered += (long)spool_count(l->spool);
    }
  }
  gauges(c);
}

static void *run(void *arg) {
  struct clerk *c = arg;
  bool ended = false;
  uint64_t deadline = 0;
  for (;;) {
    collect(c);
    for (size_t i = 0; i < c->nlanes; i++) pump(c, &c->lane[i]);
    gauges(c);
    if (ended && !pending(c)) break;
    if (ended && clock_ns() > deadline) {
      atomic_store(c->close_ms, 0);
      break;
    }
    struct block *b = await(c, ended);
    if (b == &c->end) {
      ended = true;
      for (size_t i = 0; i < c->nlanes; i++) c->lane[i].last_try = true;
      deadline = clock_ns() + (uint64_t)(unsigned)atomic_load(c->close_ms) * 1000000U;
    } else if (b) {
      accept(c, b);
    }
  }
  stop(c);
  return NULL;
}

int clerk_start(struct clerk *c) {
  sigset_t all, old;
  for (unsigned i = 0; i < CLERK_MESSAGES; i++) ring_push(c->read, c->text[i]);
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  c->started = pthread_create(&c->thread, NULL, run, c) == 0;
  pthread_sigmask(SIG_SETMASK, &old, NULL);
  return c->started ? 0 : ERR_NOMEM;
}

void clerk_join(struct clerk *c) {
  if (c->started) pthread_join(c->thread, NULL);
  c->started = false;
}
