/* SPDX-License-Identifier: Apache-2.0 */
/* Reader threads: frames in, decoded packets out, dealt to workers by the hash of their flow. */
#include "app/cpus.h"
#include "app/pipeline.h"
#include "base/err.h"

#include <stdlib.h>
#include <time.h>

static struct work *work_new(unsigned reader, uint32_t size) {
  struct work *w = mem_zalloc(sizeof *w);
  if (!w) return NULL;
  arena_init(&w->arena, NULL, 0);
  w->batch.packets = mem_alloc(size * sizeof *w->batch.packets);
  w->batch.size = size;
  w->batch.reader = (uint16_t)reader;
  if (w->batch.packets) return w;
  mem_free(w);
  return NULL;
}

static void work_free(struct work *w) {
  if (!w) return;
  arena_done(&w->arena);
  mem_free(w->batch.packets);
  mem_free(w);
}

int reader_init(struct reader *r, struct pipeline *p, unsigned index) {
  const struct sensor_conf *conf = &p->settings->sensor;
  r->p = p;
  r->index = index;
  buf_init(&r->scratch, NULL, 0);
  r->decoder = decoder_new(&p->settings->capture, 0x7461707363ULL, &r->ctr);
  if (!r->decoder) return ERR_NOMEM;
  for (unsigned w = 0; w < p->workers; w++) {
    r->to[w] = ring_new((size_t)conf->queue);
    r->back[w] = ring_new((size_t)conf->queue * 2 + 4);
    if (!r->to[w] || !r->back[w]) return ERR_NOMEM;
    for (int64_t i = 0; i < conf->queue + 2; i++) {
      struct work *b = work_new(index, (uint32_t)conf->batch);
      if (!b) return ERR_NOMEM;
      ring_push(r->back[w], b);
    }
  }
  return 0;
}

void reader_done(struct reader *r) {
  for (unsigned w = 0; w < PIPELINE_WORKERS; w++) {
    struct work *b;
    work_free(r->open[w]);
    while (r->to[w] && (b = ring_pop(r->to[w]))) work_free(b);
    while (r->back[w] && (b = ring_pop(r->back[w]))) work_free(b);
    ring_free(r->to[w]);
    ring_free(r->back[w]);
  }
  decoder_free(r->decoder);
  live_close(r->live);
  buf_done(&r->scratch);
}

static struct work *open_batch(struct reader *r, unsigned w, int timeout_ms) {
  if (r->open[w]) return r->open[w];
  struct work *b = timeout_ms ? ring_pop_wait(r->back[w], timeout_ms) : ring_pop(r->back[w]);
  if (!b) return NULL;
  arena_reset(&b->arena);
  b->batch.count = 0;
  b->batch.last = false;
  return r->open[w] = b;
}

static void seal(const struct reader *r, struct work *b, bool last) {
  b->batch.order_end = r->order;
  b->batch.clock = r->clock;
  b->batch.last = last;
}

/* Every worker gets every epoch, so that the analyst can tell when one is complete. */
static void close_epoch(struct reader *r, bool last) {
  for (unsigned w = 0; w < r->p->workers; w++) {
    struct work *b = open_batch(r, w, -1);
    seal(r, b, last);
    ring_push_wait(r->to[w], b, -1);
    r->open[w] = NULL;
  }
}

/* A frame that does not stay valid, or a datagram put together in the scratch buffer, is copied once. */
static bool keep_bytes(const struct reader *r, struct work *b, struct packet *p, bool stable) {
  const struct buf *s = &r->scratch;
  if (stable && !(s->base && p->data >= s->base && p->data < s->base + s->size)) return true;
  struct span copy = arena_copy(&b->arena, span_of(p->data, p->caplen));
  if (!copy.base && p->caplen) return false;
  p->data = copy.base;
  return true;
}

static void deal(struct reader *r, const struct packet *pkt, bool stable, bool may_wait) {
  unsigned w = (unsigned)(pkt->hash % PIPELINE_SHARDS) % r->p->workers;
  struct work *b = open_batch(r, w, may_wait ? -1 : 0);
  if (!b || b->batch.count == b->batch.size) {
    ctr_inc(&r->ctr, CTR_CAPTURE_DROP_RING);
    return;
  }
  struct packet *slot = &b->batch.packets[b->batch.count];
  *slot = *pkt;
  if (keep_bytes(r, b, slot, stable))
    b->batch.count++;
  else
    ctr_inc(&r->ctr, CTR_FLOW_MEMORY);
}

static void count(struct reader *r, const struct frame *f) {
  ctr_inc(&r->ctr, CTR_CAPTURE_PACKETS);
  ctr_add(&r->ctr, CTR_CAPTURE_BYTES, f->wirelen);
}

static void publish(struct reader *r) {
  struct replay_stats st;
  replay_stats(r->p->replay, &st);
  atomic_store(&r->p->bytes_done, st.bytes_done);
  atomic_store(&r->p->bytes_total, st.bytes_total);
}

/* Timers run at whole seconds of packet time, between the same two packets however many an epoch holds; whether one began. */
static bool begin_second(struct reader *r, uint64_t ns) {
  uint64_t second = ns - ns % 1000000000ULL;
  if (second <= r->clock) return false;
  r->clock = second;
  close_epoch(r, false);
  return true;
}

void *reader_replay(void *arg) {
  struct reader *r = arg;
  struct pipeline *p = r->p;
  struct frame f;
  struct packet pkt;
  bool stable = false;
  int rc = 0;
  int64_t left = p->settings->sensor.batch;
  while (!atomic_load_explicit(&p->stop, memory_order_relaxed) &&
         (rc = replay_next(p->replay, &f, &stable)) > 0) {
    if (begin_second(r, f.ns)) left = p->settings->sensor.batch;
    r->order++;
    count(r, &f);
    if (f.ns > r->clock) r->clock = f.ns;
    buf_reset(&r->scratch);
    if (decoder_frame(r->decoder, &f, &pkt, &r->scratch) > 0) {
      pkt.order = r->order;
      deal(r, &pkt, stable, true);
    }
    if (--left > 0) continue;
    left = p->settings->sensor.batch;
    close_epoch(r, false);
    publish(r);
  }
  if (rc < 0) atomic_store(&p->failed, rc);
  close_epoch(r, true);
  publish(r);
  return NULL;
}

#define HELD_NS 100000000ULL
#define END_NS 2000000000ULL
enum { IDLE_READS = 3 };

static uint64_t wall_ns(void) {
  struct timespec ts;
  clock_gettime(CLOCK_REALTIME, &ts);
  return (uint64_t)ts.tv_sec * 1000000000ULL + (uint64_t)ts.tv_nsec;
}

/* Overload: whole flows are given up, chosen by hash, a sixteenth more each epoch that finds a worker behind and
 * a sixteenth less each calm one, so that what is kept is kept whole. */
static bool shed(struct reader *r, const struct packet *pkt) {
  if (!r->shed || (pkt->hash >> 32) % 16 >= r->shed) return false;
  const struct conf_list *keep = &r->p->settings->sensor.protect;
  for (size_t i = 0; i < keep->count; i++) {
    unsigned long port = strtoul(keep->item[i], NULL, 10);
    if (port == pkt->tuple.sport || port == pkt->tuple.dport) return false;
  }
  ctr_inc(&r->ctr, CTR_CAPTURE_DROP_SHED);
  return true;
}

static void close_live_epoch(struct reader *r, bool last, bool wait) {
  bool behind = false;
  for (unsigned w = 0; w < r->p->workers; w++) {
    struct work *b = open_batch(r, w, wait ? -1 : 0);
    if (b) seal(r, b, last);
    if (b && (wait ? ring_push_wait(r->to[w], b, -1) : ring_push(r->to[w], b))) r->open[w] = NULL;
    if (ring_len(r->back[w]) == 0) behind = true;
  }
  if (behind && r->shed < 15)
    r->shed++;
  else if (!behind && r->shed)
    r->shed--;
}

static void live_frame(struct reader *r, const struct frame *f, bool may_wait) {
  struct packet pkt;
  count(r, f);
  if (f->ns > r->clock) r->clock = f->ns;
  buf_reset(&r->scratch);
  if (decoder_frame(r->decoder, f, &pkt, &r->scratch) <= 0 || shed(r, &pkt)) return;
  /* orders rise with time, differ between readers and never repeat */
  uint64_t next = r->order + PIPELINE_READERS;
  r->order = (next > f->ns ? next : f->ns) / PIPELINE_READERS * PIPELINE_READERS + r->index;
  pkt.order = r->order;
  deal(r, &pkt, false, may_wait);
}

/* The ring that goes away takes its counts with it, and what nobody has read of it. */
static void live_lost(struct reader *r) {
  struct conf_error err;
  struct frame f;
  const struct timespec nap = {0, 200000000};
  nanosleep(&nap, NULL);
  for (int64_t n = r->p->settings->sensor.batch; n > 0 && live_next(r->live, &f) > 0; n--)
    live_frame(r, &f, false);
  live_drops(r->live, &r->ctr);
  live_unread(r->live, &r->ctr);
  live_reopen(r->live, &err);
}

/* After the signal: what came before it and waits in the ring is still read, for as long as END_NS. */
struct ending {
  uint64_t at;
  unsigned idle;
};

static bool live_over(struct ending *e, const struct pipeline *p, int rc, uint64_t ns) {
  if (!atomic_load_explicit(&p->stop, memory_order_relaxed)) return false;
  if (!e->at) e->at = wall_ns();
  e->idle = rc > 0 ? 0 : e->idle + 1;
  if (rc > 0 && ns > e->at) return true;
  return rc < 0 || e->idle >= IDLE_READS || wall_ns() > e->at + END_NS;
}

void *reader_live(void *arg) {
  struct reader *r = arg;
  struct pipeline *p = r->p;
  struct frame f = {0};
  struct ending end = {0, 0};
  uint64_t flushed = 0, drops = 0;
  int64_t held = 0;
  int rc = 0;
  cpus_pin(&p->settings->capture.cpus, r->index, r->source);
  while (!live_over(&end, p, rc, f.ns)) {
    rc = live_next(r->live, &f);
    /* what the kernel holds back for a full block may be older than now: the others must not go beyond it */
    uint64_t now = rc > 0 ? f.ns : wall_ns() - (p->readers > 1 ? HELD_NS : 0);
    if (rc > 0) {
      live_frame(r, &f, end.at != 0);
      held++;
    } else if (rc < 0) {
      live_lost(r);
    }
    if (held < p->settings->sensor.batch / 2 && now - flushed < 50000000) continue;
    if (now > r->clock) r->clock = now;
    close_live_epoch(r, false, end.at != 0);
    flushed = now;
    held = 0;
    if (now - drops < 1000000000) continue;
    live_drops(r->live, &r->ctr);
    drops = now;
  }
  live_drops(r->live, &r->ctr);
  if (wall_ns() > end.at + END_NS) live_unread(r->live, &r->ctr);
  close_live_epoch(r, true, true);
  return NULL;
}
