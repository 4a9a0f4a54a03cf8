/* SPDX-License-Identifier: Apache-2.0 */
/* The producer's side: records into blocks, blocks to the clerk. */
#include "output/clerk.h"

#include "base/err.h"
#include "base/hash.h"

#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

enum { BLOCK_BYTES = 128 * 1024, BLOCK_FULL = 96 * 1024, BLOCK_RECORDS = 128, HOLD_MS = 20 };

struct router {
  struct lane lane[CLERK_LANES];
  struct clerk clerk;
  struct block **block;
  size_t nblocks;
  struct block *current;
  uint64_t opened_ms;                         /* when current got its first record */
  unsigned wants[RECORD_KIND_COUNT];          /* lanes that take this kind */
  _Atomic uint64_t missed[RECORD_KIND_COUNT]; /* given up for want of a block */
  struct counters ctr;
  _Atomic uint64_t hurry_ms; /* by now_ms; from then on nobody waits; 0: not asked for */
  _Atomic bool closing;
  _Atomic int close_ms;
};

static uint64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
  return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static int make_dir(char *path) {
  for (char *p = path + 1; *p; p++) {
    if (*p != '/') continue;
    *p = 0;
    mkdir(path, 0700);
    *p = '/';
  }
  return mkdir(path, 0700);
}

static int open_spool(struct lane *l, const struct output_conf *conf, const char *state_dir,
                      struct conf_error *err) {
  char dir[4096], name[17] = "";
  bool own = conf->spool_dir && *conf->spool_dir;
  if (!l->kind->spooled || (!own && !state_dir)) return 0;
  uint64_t h = hash64(span_str(l->name), 0x73706f6f6cULL);
  uint8_t raw[8];
  for (int i = 0; i < 8; i++) raw[i] = (uint8_t)(h >> (56 - 8 * i));
  hash_hex(raw, 8, name);
  int n = snprintf(dir, sizeof dir, "%s%s/%s-%s", own ? conf->spool_dir : state_dir, own ? "" : "/spool",
                   l->kind->kind, name);
  if (n < 0 || (size_t)n >= sizeof dir) {
    snprintf(err->text, sizeof err->text, "output.spool_dir: the path is too long");
    return ERR_RANGE;
  }
  (void)make_dir(dir);
  return spool_open(&l->spool, dir, (uint64_t)conf->spool_mb << 20, err);
}

static int open_lanes(struct router *r, const struct output_conf *conf, char *const *specs, size_t n,
                      const char *state_dir, struct conf_error *err) {
  if (n > CLERK_LANES) {
    snprintf(err->text, sizeof err->text, "-o: at most %d sinks", CLERK_LANES);
    return ERR_RANGE;
  }
  for (size_t i = 0; i < n; i++) {
    struct lane *l = &r->lane[i];
    l->closing = &r->closing;
    l->close_ms = &r->close_ms;
    r->clerk.nlanes = i + 1;
    int rc = lane_open(l, specs[i], conf, state_dir, 2 * r->nblocks + 2 * LANE_JOBS, err);
    if (rc == 0) rc = open_spool(l, conf, state_dir, err);
    if (rc < 0) return rc;
    for (int k = 0; k < RECORD_KIND_COUNT; k++) r->wants[k] += l->kinds >> k & 1;
    if (!l->spool) continue;
    atomic_store(&l->accepted, spool_count(l->spool));
    atomic_store(&l->waiting, spool_count(l->spool));
    ctr_add(&r->ctr, CTR_OUTPUT_EMITTED, spool_count(l->spool));
  }
  return 0;
}

static int memory(struct router *r, const struct output_conf *conf) {
  size_t n = (size_t)(conf->queue > 0 ? conf->queue : 8192) / 128;
  r->nblocks = n < 8 ? 8 : n > 1024 ? 1024 : n;
  struct clerk *c = &r->clerk;
  c->lane = r->lane;
  c->nblocks = r->nblocks;
  c->closing = &r->closing;
  c->close_ms = &r->close_ms;
  c->in = ring_new(r->nblocks + 2);
  c->free = ring_new(r->nblocks + 2);
  c->messages = ring_new(CLERK_MESSAGES);
  c->read = ring_new(CLERK_MESSAGES);
  r->block = mem_zalloc(r->nblocks * sizeof(struct block *));
  if (!c->in || !c->free || !c->messages || !c->read || !r->block) return ERR_NOMEM;
  for (size_t i = 0; i < r->nblocks; i++) {
    if (!(r->block[i] = block_new(i < 4 ? BLOCK_BYTES : 64))) return ERR_NOMEM;
    r->block[i]->pooled = true;
    ring_push(c->free, r->block[i]);
  }
  return 0;
}

static void router_done(struct router *r) {
  for (size_t i = 0; i < r->clerk.nlanes; i++) lane_done(&r->lane[i]);
  for (size_t i = 0; r->block && i < r->nblocks; i++) block_free(r->block[i]);
  mem_free(r->block);
  ring_free(r->clerk.in);
  ring_free(r->clerk.free);
  ring_free(r->clerk.messages);
  ring_free(r->clerk.read);
  mem_free(r);
}

static int start(struct router *r, struct conf_error *err) {
  int rc = 0;
  size_t i = 0;
  for (; rc == 0 && i < r->clerk.nlanes; i++) rc = lane_start(&r->lane[i]);
  if (rc == 0) rc = clerk_start(&r->clerk);
  if (rc == 0) return 0;
  snprintf(err->text, sizeof err->text,
           "cannot start a thread for the output; is the limit of processes reached?");
  for (size_t k = 0; k < i; k++)
    if (r->lane[k].started) ring_push_wait(r->lane[k].work, &r->lane[k].stop, -1);
  return rc;
}

int router_new(struct router **out, const struct output_conf *conf, char *const *specs, size_t n,
               const char *state_dir, struct conf_error *err) {
  struct router *r = mem_zalloc(sizeof *r);
  int rc = r ? memory(r, conf) : ERR_NOMEM;
  if (rc < 0) snprintf(err->text, sizeof err->text, "output: out of memory; lower output.queue");
  if (rc == 0) rc = open_lanes(r, conf, specs, n, state_dir, err);
  if (rc == 0) rc = start(r, err);
  if (rc < 0) {
    if (r) router_done(r);
    return rc;
  }
  *out = r;
  return 0;
}

static bool may_wait(const struct router *r) {
  uint64_t until = atomic_load(&r->hurry_ms);
  return !atomic_load_explicit(&r->clerk.live, memory_order_relaxed) && (!until || now_ms() < until);
}

/* A block to fill. NULL: all are taken, and nobody may wait. */
static struct block *fresh(struct router *r) {
  struct block *b = ring_pop(r->clerk.free);
  while (!b && may_wait(r)) b = ring_pop_wait(r->clerk.free, 200);
  if (b) block_reset(b);
  return b;
}

void router_flush(struct router *r) {
  if (!r->current || !r->current->count) return;
  ring_push_wait(r->clerk.in, r->current, -1);
  r->current = NULL;
}

void router_put(struct router *r, const struct record *rec) {
  if (rec->drop) {
    ctr_inc(&r->ctr, CTR_OUTPUT_SAMPLED);
    return;
  }
  unsigned n = r->wants[rec->kind];
  if (!n) return;
  ctr_add(&r->ctr, CTR_OUTPUT_EMITTED, n);
  if (!r->current) r->current = fresh(r);
  if (!r->current || block_put(r->current, rec) < 0) {
    ctr_add(&r->ctr, CTR_OUTPUT_SHED, n);
    atomic_fetch_add_explicit(&r->missed[rec->kind], 1, memory_order_relaxed);
    return;
  }
  struct block *b = r->current;
  uint64_t now = now_ms();
  if (b->count == 1) r->opened_ms = now;
  if (b->bytes.len >= BLOCK_FULL || b->count >= BLOCK_RECORDS || now - r->opened_ms >= HOLD_MS)
    router_flush(r);
}

void router_live(struct router *r) { atomic_store(&r->clerk.live, true); }

void router_hurry(struct router *r, int ms) { atomic_store(&r->hurry_ms, now_ms() + (uint64_t)ms); }

bool router_message(struct router *r, char *text, size_t size) {
  char *from = ring_pop(r->clerk.messages);
  if (!from) return false;
  snprintf(text, size, "%s", from);
  ring_push(r->clerk.read, from);
  return true;
}

void router_counters(const struct router *r, uint64_t *totals) {
  for (int i = 0; i < CTR_COUNT; i++) {
    totals[i] += ctr_get(&r->ctr, (enum counter)i) + ctr_get(&r->clerk.ctr, (enum counter)i);
    for (size_t k = 0; k < r->clerk.nlanes; k++) totals[i] += ctr_get(&r->lane[k].ctr, (enum counter)i);
    for (size_t k = 0; i == CTR_OUTPUT_SHED && k < r->clerk.nlanes; k++)
      if (r->lane[k].spool) totals[i] += spool_shed(r->lane[k].spool);
  }
}

size_t router_accounts(const struct router *r, struct sink_account *out, size_t most) {
  size_t n = r->clerk.nlanes < most ? r->clerk.nlanes : most;
  for (size_t i = 0; i < n; i++) {
    const struct lane *l = &r->lane[i];
    uint64_t missed = 0;
    for (int k = 0; k < RECORD_KIND_COUNT; k++)
      if (l->kinds >> k & 1) missed += atomic_load(&r->missed[k]);
    out[i] = (struct sink_account){
        .name = l->name,
        .kind = l->kind->kind,
        .emitted = atomic_load(&l->accepted) + missed,
        .delivered = ctr_get(&l->ctr, CTR_OUTPUT_DELIVERED),
        .spooled = atomic_load(&l->waiting),
        .shed = atomic_load(&l->given_up) + missed + ctr_get(&l->ctr, CTR_OUTPUT_SHED) +
                (l->spool ? spool_shed(l->spool) : 0),
        .errors = ctr_get(&l->ctr, CTR_OUTPUT_ERRORS),
    };
  }
  return n;
}

long router_end(struct router *r, int timeout_ms) {
  if (!r->clerk.started) return r->clerk.undelivered;
  router_flush(r);
  atomic_store(&r->close_ms, timeout_ms);
  atomic_store(&r->closing, true);
  ring_push_wait(r->clerk.in, &r->clerk.end, -1);
  clerk_join(&r->clerk);
  for (size_t i = 0; i < r->clerk.nlanes; i++) lane_join(&r->lane[i]);
  return r->clerk.undelivered;
}

long router_close(struct router *r, int timeout_ms) {
  if (!r) return 0;
  long left = router_end(r, timeout_ms);
  router_done(r);
  return left;
}
