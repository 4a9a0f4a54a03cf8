/* SPDX-License-Identifier: Apache-2.0 */
/* Merging by time. A reader that is silent still closes epochs, so its clock tells how far the others may go. */
#include "app/merge.h"
#include "base/clock.h"
#include "capture/dedup.h"

/* COPIES: batches of other packets lie between a packet and its copy by another reader. */
enum { WAIT_NS = 300000000, COPIES = 4 };

void merge_init(struct merge *m, struct pipeline *p, unsigned worker) {
  const struct capture_conf *c = &p->settings->capture;
  *m = (struct merge){.p = p, .worker = worker};
  if (!c->dedup) return;
  struct dedup *copies = dedup_new((size_t)c->dedup_window * COPIES, c->dedup_ns, 0);
  if (!copies) ctr_inc(&p->worker[worker].ctr, CTR_FLOW_MEMORY);
  atomic_store_explicit(&p->worker[worker].copies, copies, memory_order_release);
}

static void take(struct merge *m, unsigned r, struct work *w) {
  m->from[r].work = w;
  m->from[r].at = 0;
  m->waiting = 0;
}

/* Give a batch back that is used up. */
static void finish(struct merge *m, unsigned r) {
  struct work *w = m->from[r].work;
  const struct batch *b = &w->batch;
  uint64_t low = UINT64_MAX, high = m->clock;
  if (b->clock > m->from[r].clock) m->from[r].clock = b->clock;
  if (b->order_end > m->order) m->order = b->order_end;
  if (b->last) m->from[r].ended = true, m->ended++;
  m->from[r].work = NULL;
  ring_push_wait(m->p->reader[r].back[m->worker], w, -1);
  for (unsigned i = 0; i < m->p->readers; i++) {
    if (m->from[i].clock > high) high = m->from[i].clock;
    if (!m->from[i].ended && m->from[i].clock < low) low = m->from[i].clock;
  }
  if (m->ended == m->p->readers) low = high;
  if (low > m->clock && low != UINT64_MAX) m->clock = low;
}

/* A reader whose batches pile up is not made to wait for others. */
static bool crowded(const struct merge *m) {
  size_t half = (size_t)m->p->settings->sensor.queue / 2;
  for (unsigned r = 0; r < m->p->readers; r++)
    if (m->from[r].work && ring_len(m->p->reader[r].to[m->worker]) >= half) return true;
  return false;
}

static bool is_copy(struct merge *m, const struct packet *p) {
  struct worker *w = &m->p->worker[m->worker];
  struct dedup *copies = atomic_load_explicit(&w->copies, memory_order_relaxed);
  if (!copies || !p->digest || !dedup_known(copies, p->digest, p->ns, dedup_place(p))) return false;
  ctr_inc(&w->ctr, CTR_CAPTURE_DUPLICATE);
  return true;
}

/* Wait a little for the reader that lacks a batch; true when the others have waited long enough. */
static bool await(struct merge *m, unsigned lacking, bool any) {
  if (any && crowded(m)) return true;
  uint64_t now = clock_ns();
  if (!m->waiting) m->waiting = now;
  if (any && now - m->waiting > WAIT_NS) return true;
  struct work *w = ring_pop_wait(m->p->reader[lacking].to[m->worker], 2);
  if (w) take(m, lacking, w);
  return false;
}

enum merge_step merge_next(struct merge *m, const struct packet **out) {
  while (m->ended < m->p->readers) {
    uint64_t horizon = UINT64_MAX, first = UINT64_MAX;
    unsigned best = PIPELINE_READERS, lacking = PIPELINE_READERS;
    for (unsigned r = 0; r < m->p->readers; r++) {
      struct work *w = m->from[r].work;
      if (m->from[r].ended) continue;
      if (!w && (w = ring_pop(m->p->reader[r].to[m->worker]))) take(m, r, w);
      if (!w) {
        if (m->from[r].clock <= horizon) horizon = m->from[r].clock, lacking = r;
        continue;
      }
      if (m->from[r].at == w->batch.count) {
        finish(m, r);
        return MERGE_EPOCH;
      }
      const struct packet *p = &w->batch.packets[m->from[r].at];
      if (p->ns < first) first = p->ns, best = r;
    }
    bool any = best < PIPELINE_READERS;
    if ((any && first <= horizon) || (lacking < PIPELINE_READERS && await(m, lacking, any))) {
      *out = &m->from[best].work->batch.packets[m->from[best].at++];
      if (!is_copy(m, *out)) return MERGE_PACKET;
    }
  }
  return MERGE_END;
}
