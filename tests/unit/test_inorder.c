/* SPDX-License-Identifier: Apache-2.0 */
/* Pairs after a loss: a client that waits, one that does not, holes in either direction. */
#include "cmocka_all.h"
#include "dissect/inorder.h"

static struct chunk at(enum dir d, uint64_t ack, uint64_t ms) {
  return (struct chunk){.dir = d, .ack = ack, .ns = ms * 1000000};
}
static bool ask(struct inorder *o, uint64_t ack, uint64_t ms, unsigned waiting) {
  struct chunk in = at(DIR_REQUEST, ack, ms);
  return inorder_ask(o, &in, waiting);
}
static bool answer(struct inorder *o, uint64_t ms) {
  struct chunk in = at(DIR_RESPONSE, 0, ms);
  return inorder_answer(o, &in);
}
static void gap(struct inorder *o, enum dir d, uint64_t off, uint64_t n, unsigned sure) {
  struct chunk in = {.dir = d, .off = off, .gap = n};
  inorder_gap(o, &in, sure);
}

static void waits(void **state) {
  (void)state;
  struct inorder o = {0};
  assert_false(ask(&o, 0, 1, 0));
  assert_true(answer(&o, 2));
  assert_false(ask(&o, 10, 3, 0));
  gap(&o, DIR_RESPONSE, 10, 10, 0);
  assert_false(answer(&o, 4)); /* whose it is cannot be told */
  assert_true(ask(&o, 20, 5, 1));
  assert_true(answer(&o, 6));
  gap(&o, DIR_RESPONSE, 30, 40, 0); /* this answer and the next one */
  assert_true(ask(&o, 50, 7, 1));
  struct chunk in = at(DIR_REQUEST, 50, 7);
  assert_int_equal(inorder_hit(&o, &in), UNSEEN_GAP);
  assert_true(ask(&o, 80, 8, 1));
  in.ack = 80;
  assert_int_equal(inorder_hit(&o, &in), 0);
  assert_true(answer(&o, 9));
  assert_false(o.overlaps);
}

/* A request that came so late that its answer had gone by. */
static void late(void **state) {
  (void)state;
  struct inorder o = {0};
  ask(&o, 0, 1, 0), answer(&o, 2);
  gap(&o, DIR_REQUEST, 100, 10, 0);
  assert_false(answer(&o, 3));
  assert_true(ask(&o, 10, 4, 0));
  assert_true(ask(&o, 20, 5, 1)); /* what waits is not to get this one's answer */
  assert_true(answer(&o, 6));
  assert_false(o.overlaps);
}

static void batches(void **state) {
  (void)state;
  struct inorder o = {0};
  assert_false(ask(&o, 0, 1, 0));
  assert_false(ask(&o, 0, 1, 1)); /* in one go: it waits for all */
  gap(&o, DIR_REQUEST, 100, 10, 2);
  assert_false(ask(&o, 0, 1, 2)); /* behind the hole */
  assert_true(answer(&o, 2));
  assert_true(answer(&o, 2));
  assert_false(answer(&o, 2));
  assert_true(ask(&o, 30, 3, 1));
  assert_true(answer(&o, 4));
}

static void overlapping(void **state) {
  (void)state;
  struct inorder o = {0};
  ask(&o, 0, 1, 0), ask(&o, 0, 1, 1);
  answer(&o, 2);
  ask(&o, 5, 3, 1);
  assert_true(o.overlaps);
  gap(&o, DIR_RESPONSE, 5, 5, 0);
  assert_false(ask(&o, 15, 4, 0)); /* others may still be under way */
  assert_false(answer(&o, 5));
  assert_true(ask(&o, 20, 300, 0));
  assert_true(answer(&o, 301));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(waits), cmocka_unit_test(late),
                                     cmocka_unit_test(batches), cmocka_unit_test(overlapping)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
