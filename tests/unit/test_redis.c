/* SPDX-License-Identifier: Apache-2.0 */
/* Redis: commands and replies whole and in pieces, pipelines, RESP3, pushes, holes, what is no RESP. */
#include "cmocka_all.h"
#include "fake_flow.h"

extern const struct dissector dissector_redis;

static struct fake_flow *begin(void) {
  struct fake_flow *f = fake_new();
  fake_begin(f, &dissector_redis, 0, NULL);
  return f;
}
static void say(struct fake_flow *f, enum dir d, const char *text, size_t piece) {
  size_t n = strlen(text);
  for (size_t i = 0; i < n; i += piece) fake_feed(f, d, span_of(text + i, n - i < piece ? n - i : piece));
}
static void is(struct span got, const char *want) { assert_true(span_eq(got, span_str(want))); }

static void commands(void **state) {
  (void)state;
  const size_t pieces[] = {1 << 20, 1, 5};
  for (size_t i = 0; i < 3; i++) {
    struct fake_flow *f = begin();
    say(f, DIR_REQUEST, "*3\r\n$6\r\nconfig\r\n$3\r\nGET\r\n$3\r\ndir\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n",
        pieces[i]);
    say(f, DIR_RESPONSE, "*2\r\n$3\r\ndir\r\n$5\r\n/data\r\n$-1\r\n", pieces[i]);
    say(f, DIR_REQUEST, "*2\r\n$4\r\nINCR\r\n$1\r\nk\r\n", pieces[i]);
    say(f, DIR_RESPONSE, "-ERR value is not an integer\r\n", pieces[i]);
    assert_int_equal(f->count, 3);
    is(f->txn[0]->operation, "CONFIG GET");
    assert_int_equal(f->txn[0]->side[1].args.count, 2);
    is(f->txn[0]->side[1].args.item[1].value, "/data");
    is(f->txn[1]->operation, "GET");
    assert_int_equal(f->txn[1]->outcome, TXN_OK);
    assert_int_equal(f->txn[1]->side[1].args.count, 0);
    assert_int_equal(f->txn[2]->outcome, TXN_ERROR);
    assert_int_equal(fake_free(f), 0);
  }
}

static void resp3(void **state) {
  (void)state;
  struct fake_flow *f = begin();
  say(f, DIR_REQUEST, "*2\r\n$7\r\nHGETALL\r\n$1\r\nh\r\n", 100);
  say(f, DIR_RESPONSE, ">2\r\n+invalidate\r\n*1\r\n$1\r\nk\r\n", 100); /* a push answers nothing */
  assert_int_equal(f->count, 0);
  say(f, DIR_RESPONSE, "%2\r\n+a\r\n:1\r\n+b\r\n*2\r\n#t\r\n_\r\n", 3);
  assert_int_equal(f->count, 1);
  assert_int_equal(f->txn[0]->side[1].args.count, 4);
  assert_int_equal(fake_free(f), 0);
}

static void holes(void **state) {
  (void)state;
  struct fake_flow *f = begin();
  say(f, DIR_REQUEST, "*1\r\n$4\r\nPING\r\n", 100);
  fake_gap(f, DIR_RESPONSE, 7);
  assert_int_equal(f->count, 1);
  assert_int_equal(f->txn[0]->side[1].unseen, UNSEEN_GAP);
  say(f, DIR_REQUEST, "*1\r\n$4\r\nTIME\r\n", 100);
  say(f, DIR_RESPONSE, "*2\r\n$1\r\n1\r\n$1\r\n2\r\n", 100);
  assert_int_equal(f->count, 2);
  assert_int_equal(f->txn[1]->side[1].unseen, 0);
  say(f, DIR_REQUEST, "*1\r\n$4\r\nPING\r\n", 100);
  fake_end(f, END_FIN);
  assert_int_equal(f->txn[2]->side[1].unseen, UNSEEN_UNFINISHED);
  assert_int_equal(fake_free(f), 0);
}

/* A pipeline, of which one command or one reply is lost; the next ask is right again. */
static void pipelines(void **state) {
  (void)state;
  static const char *const one = "*2\r\n$3\r\nGET\r\n$1\r\na\r\n", *const two = "*1\r\n$4\r\nTIME\r\n";
  for (int lost = 0; lost < 2; lost++) {
    struct fake_flow *f = begin();
    say(f, DIR_REQUEST, one, 100);
    if (lost == DIR_REQUEST) fake_gap(f, DIR_REQUEST, 20);
    say(f, DIR_REQUEST, two, 100);
    say(f, DIR_RESPONSE, "$1\r\n1\r\n", 100);
    if (lost == DIR_RESPONSE) fake_gap(f, DIR_RESPONSE, 7);
    say(f, DIR_RESPONSE, "$1\r\n2\r\n$1\r\n3\r\n", 100);
    assert_int_equal(f->count, 2);
    assert_int_equal(f->txn[0]->side[1].unseen, 0);
    assert_true(span_eq(f->txn[0]->side[1].args.item[0].value, SPAN_LIT("1")));
    assert_true(f->txn[1]->side[1].unseen & UNSEEN_GAP);
    assert_int_equal(f->txn[1]->side[1].args.count, 0);
    say(f, DIR_REQUEST, one, 3);
    say(f, DIR_RESPONSE, "$1\r\n4\r\n", 2);
    assert_int_equal(f->count, 3);
    assert_int_equal(txn_unseen(f->txn[2]), 0);
    assert_true(span_eq(f->txn[2]->side[1].args.item[0].value, SPAN_LIT("4")));
    assert_int_equal(fake_free(f), 0);
  }
  assert_int_equal(dissector_redis.side(span_str(one)), DIR_REQUEST);
  assert_int_equal(dissector_redis.side(SPAN_LIT("*2\r\n$3\r\ndir\r\n$5\r\n/data\r\n")), -1);
}

static void floods(void **state) {
  (void)state;
  struct fake_flow *f = begin();
  for (int i = 0; i < 300; i++) say(f, DIR_REQUEST, "*1\r\n$4\r\nPING\r\n", 100);
  assert_int_equal(f->count, 300 - 256);
  assert_int_equal(fake_free(f), 0);
  f = begin();
  say(f, DIR_REQUEST, "*2\r\n$3\r\nDEL\r\n*99999999999\r\n", 100);
  say(f, DIR_REQUEST, "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", 100);
  assert_int_equal(fake_free(f), 0);
}

static void probes(void **state) {
  (void)state;
  assert_int_equal(dissector_redis.probe(SPAN_LIT("*1\r\n$4\r\nPING\r\n"), DIR_REQUEST), PROBE_YES);
  assert_int_equal(dissector_redis.probe(SPAN_LIT("*1\r\n$4"), DIR_REQUEST), PROBE_MAYBE);
  assert_int_equal(dissector_redis.probe(SPAN_LIT("*a\r\n$4\r\nPING\r\n"), DIR_REQUEST), PROBE_NO);
  assert_int_equal(dissector_redis.probe(SPAN_LIT("*1\r\n\0004\r\nPING\r\n"), DIR_REQUEST), PROBE_NO);
  assert_int_equal(dissector_redis.probe(SPAN_LIT("GET / HTTP/1.1\r\n"), DIR_REQUEST), PROBE_NO);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(commands), cmocka_unit_test(resp3),
                                     cmocka_unit_test(holes),    cmocka_unit_test(pipelines),
                                     cmocka_unit_test(floods),   cmocka_unit_test(probes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
