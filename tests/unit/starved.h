/* SPDX-License-Identifier: Apache-2.0 */
/* A capture read again and again, each time with another allocation refused: what is missing from what a test tells of it must be
 * counted. */
#ifndef TESTS_UNIT_STARVED_H
#define TESTS_UNIT_STARVED_H

#include "capture/capture.h"
#include "cmocka_all.h"
#include "dissect/dissect.h"
#include "failmem.h"

#include <stdio.h>

static struct capture_conf starved_capture;
static struct dissect_conf starved_dissect;

/** One reading of a capture. */
struct starved {
  FILE *out; /* what the test tells of it */
  struct txn_pool *pool;
  struct budget budget;
  struct counters ctr;
  long left; /* allocations until one is refused; -1: none is, or it was */
};
/** What a test does with it; user is the starved. */
struct starved_test {
  struct dissect_sink sink;
  void (*begin)(struct starved *s);
  void (*end)(struct starved *s); /* after the last packet */
};

/** Allocations count between these two. */
static inline void starved_on(const struct starved *s) { failmem_after = s->left; }
static inline void starved_off(struct starved *s) {
  s->left = failmem_after;
  failmem_after = -1;
}

static inline void starved_read(struct starved *s, const struct starved_test *test, const char *path) {
  struct conf_error err = {""};
  struct replay *from = NULL;
  char *paths[] = {(char *)(uintptr_t)path};
  struct frame frame;
  struct packet packet;
  struct buf scratch;
  uint64_t order = 0;
  bool stable;
  struct dissect_sink sink = test->sink;
  sink.user = s;
  buf_init(&scratch, NULL, 0);
  assert_int_equal(replay_open(&from, &starved_capture, paths, 1, &s->ctr, &err), 0);
  struct decoder *dec = decoder_new(&starved_capture, 1, &s->ctr);
  struct dissect *d = dissect_new(&starved_dissect, 1, 7, &s->ctr, s->pool, &s->budget, NULL, sink);
  assert_true(dec && d);
  test->begin(s);
  while (replay_next(from, &frame, &stable) == 1) {
    buf_reset(&scratch);
    order++;
    if (decoder_frame(dec, &frame, &packet, &scratch) != 1) continue;
    packet.order = order;
    dissect_packet(d, &packet);
  }
  dissect_drain(d, order);
  test->end(s);
  buf_done(&scratch);
  dissect_free(d);
  decoder_free(dec);
  replay_close(from);
}

/* The text that is told, which the caller frees, while the allocation after so many is refused; whether it came to that, and what was
 * counted as lost. */
static inline char *starved_told(const struct starved_test *test, const char *path, long granted,
                                 bool *refused, uint64_t *lost) {
  struct starved s = {.budget = {0, (size_t)1 << 28, 0}, .left = granted};
  char *text = NULL;
  size_t len;
  long live = failmem_live;
  s.out = open_memstream(&text, &len);
  s.pool = txn_pool_new(&starved_dissect, &s.budget);
  assert_true(s.out && s.pool);
  starved_read(&s, test, path);
  txn_pool_free(s.pool);
  fclose(s.out);
  assert_int_equal(s.budget.used, 0);
  assert_int_equal(failmem_live, live);
  *refused = s.left < 0;
  *lost = s.budget.refused + ctr_get(&s.ctr, CTR_ANALYTICS_MEMORY) + ctr_get(&s.ctr, CTR_DISSECT_MEMORY) +
          ctr_get(&s.ctr, CTR_FLOW_MEMORY) + ctr_get(&s.ctr, CTR_FRAG_CAP);
  return text;
}

/** Refuse each allocation in turn. How many of the readings told something else, each counted. */
static inline unsigned starved_all(const struct starved_test *test, const char *path) {
  bool refused;
  uint64_t lost;
  unsigned less = 0;
  char *whole = starved_told(test, path, -1, &refused, &lost);
  assert_int_equal(lost, 0);
  failmem_once = refused = true;
  for (long granted = 0; refused; granted++) {
    char *text = starved_told(test, path, granted, &refused, &lost);
    bool same = strcmp(text, whole) == 0;
    if (!same && !lost) fail_msg("%s: without allocation %ld other records, not counted", path, granted);
    less += !same;
    free(text);
  }
  free(whole);
  return less;
}

/** The same of captures of pcaps/, by name; something goes missing from each. */
static inline void starved_captures(const struct starved_test *test, const char *const *names, size_t n) {
  for (size_t i = 0; i < n; i++) {
    char path[64];
    snprintf(path, sizeof path, "pcaps/%s.pcap", names[i]);
    assert_true(starved_all(test, path) > 0);
  }
}

#endif
