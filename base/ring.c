/* SPDX-License-Identifier: Apache-2.0 */
/* Single-producer single-consumer ring; a waiting end spins briefly, then sleeps on a futex. */
#include "base/ring.h"
#include "base/clock.h"
#include "base/mem.h"
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LINE = 128, SPINS = 64 }; /* two cache lines: the prefetcher fetches them in pairs */

/** What one end writes: its position, its last look at the other's, and whether it sleeps. */
struct side {
  _Atomic size_t pos;
  size_t seen;
  _Atomic uint32_t asleep;
};
struct ring {
  void **item;
  size_t mask;
  char pad0[LINE];
  struct side push;
  char pad1[LINE];
  struct side pop;
  char pad2[LINE];
};

struct ring *ring_new(size_t n) {
  size_t size = 2;
  while (size < n && size < SIZE_MAX / 4 / sizeof(void *)) size *= 2;
  struct ring *r = mem_zalloc(sizeof *r);
  if (!r) return NULL;
  r->item = mem_zalloc(size * sizeof *r->item);
  if (!r->item) {
    mem_free(r);
    return NULL;
  }
  r->mask = size - 1;
  return r;
}

void ring_free(struct ring *r) {
  if (!r) return;
  mem_free(r->item);
  mem_free(r);
}

static void futex_wake(_Atomic uint32_t *word) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void futex_wait(_Atomic uint32_t *word, uint32_t expected, const struct timespec *timeout) {
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, timeout, NULL, 0);
}

/* Position and flag are all written and read in one total order, so that either the sleeper sees the new
 * position or the mover sees the flag. */
static void publish(struct side *mine, struct side *other, size_t pos) {
  atomic_store(&mine->pos, pos);
  if (atomic_load(&other->asleep) && atomic_exchange(&other->asleep, 0)) futex_wake(&other->asleep);
}

bool ring_push(struct ring *r, void *item) {
  size_t pos = atomic_load_explicit(&r->push.pos, memory_order_relaxed);
  if (pos - r->push.seen > r->mask) {
    r->push.seen = atomic_load(&r->pop.pos);
    if (pos - r->push.seen > r->mask) return false;
  }
  r->item[pos & r->mask] = item;
  publish(&r->push, &r->pop, pos + 1);
  return true;
}

void *ring_pop(struct ring *r) {
  size_t pos = atomic_load_explicit(&r->pop.pos, memory_order_relaxed);
  if (pos == r->pop.seen) {
    r->pop.seen = atomic_load(&r->push.pos);
    if (pos == r->pop.seen) return NULL;
  }
  void *item = r->item[pos & r->mask];
  publish(&r->pop, &r->push, pos + 1);
  return item;
}

static inline void relax(void) { __builtin_ia32_pause(); }

/* Whether `mine` cannot move: for the consumer the ring is empty, for the producer it is full. */
static bool stuck(const struct ring *r, const struct side *mine) {
  size_t len = atomic_load(&r->push.pos) - atomic_load(&r->pop.pos);
  return mine == &r->pop ? len == 0 : len > r->mask;
}

/* Wait until mine may be able to move; false when the deadline (0: none) has passed. */
static bool wait_side(struct ring *r, struct side *mine, int64_t deadline) {
  for (int i = 0; i < SPINS; i++) {
    if (!stuck(r, mine)) return true;
    relax();
  }
  struct timespec t, *timeout = NULL;
  if (deadline) {
    int64_t left = deadline - (int64_t)clock_ns();
    if (left <= 0) return false;
    t = (struct timespec){.tv_sec = left / 1000000000, .tv_nsec = left % 1000000000};
    timeout = &t;
  }
  atomic_store(&mine->asleep, 1);
  if (stuck(r, mine)) futex_wait(&mine->asleep, 1, timeout);
  atomic_store(&mine->asleep, 0);
  return true;
}

static int64_t deadline_of(int timeout_ms) {
  return timeout_ms < 0 ? 0 : (int64_t)clock_ns() + (int64_t)timeout_ms * 1000000;
}

bool ring_push_wait(struct ring *r, void *item, int timeout_ms) {
  if (ring_push(r, item)) return true;
  int64_t deadline = deadline_of(timeout_ms);
  while (wait_side(r, &r->push, deadline))
    if (ring_push(r, item)) return true;
  return ring_push(r, item);
}

void *ring_pop_wait(struct ring *r, int timeout_ms) {
  void *item = ring_pop(r);
  if (item) return item;
  int64_t deadline = deadline_of(timeout_ms);
  while (wait_side(r, &r->pop, deadline))
    if ((item = ring_pop(r))) return item;
  return ring_pop(r);
}

size_t ring_len(const struct ring *r) {
  size_t out = atomic_load(&r->pop.pos), in = atomic_load(&r->push.pos);
  return in - out;
}
