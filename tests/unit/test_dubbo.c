/* SPDX-License-Identifier: Apache-2.0 */
/* Dubbo: whole and byte by byte, out of order, one-way, both ends calling, heartbeats, holes, one direction, caps. */
#include "cmocka_all.h"
#include "fake_flow.h"

extern const struct dissector dissector_dubbo;

struct bytes {
  uint8_t b[1024];
  size_t n;
};
enum { REQ = 0x80, TWO = 0x40, EVENT = 0x20, HES = 2 };

static void add(struct bytes *m, const void *p, size_t n) {
  memcpy(m->b + m->n, p, n);
  m->n += n;
}
static void text(struct bytes *m, const char *s) {
  uint8_t n = (uint8_t)strlen(s);
  add(m, &n, 1);
  add(m, s, n);
}
static struct bytes message(uint8_t flags, uint8_t status, uint8_t id, const void *body, size_t n) {
  struct bytes m = {.n = 0};
  const uint8_t head[16] = {0xda,      0xbb, flags, status, 0, 0, 0, 0, 0, 0, 0, id, 0, 0, (uint8_t)(n >> 8),
                            (uint8_t)n};
  add(&m, head, 16);
  add(&m, body, n);
  return m;
}
static struct bytes call(uint8_t flags, uint8_t id, const char *method, const char *arg) {
  struct bytes b = {.n = 0};
  text(&b, "2.0.2");
  text(&b, "bank.Accounts");
  text(&b, "1.2.0");
  text(&b, method);
  text(&b, "Ljava/lang/String;");
  text(&b, arg);
  add(&b, "H", 1);
  text(&b, "group");
  text(&b, "retail");
  text(&b, "traceparent");
  text(&b, "00-aa");
  add(&b, "Z", 1);
  return message(flags, 0, id, b.b, b.n);
}
static struct fake_flow *begin(uint32_t unseen) {
  struct fake_flow *f = fake_new();
  fake_begin(f, &dissector_dubbo, unseen, NULL);
  return f;
}
static void say(struct fake_flow *f, enum dir d, struct bytes m, size_t piece) {
  for (size_t i = 0; i < m.n; i += piece)
    fake_feed(f, d, span_of(m.b + i, m.n - i < piece ? m.n - i : piece));
}
static void is(struct span got, const char *want) { assert_true(span_eq(got, span_str(want))); }
static const struct fact *fact(const struct txn *t, const char *name) { return txn_fact(t, name); }

static void calls(void **state) {
  (void)state;
  const size_t pieces[] = {1 << 20, 1, 7};
  for (size_t i = 0; i < 3; i++) {
    struct fake_flow *f = begin(0);
    struct bytes two = call(REQ | TWO | HES, 1, "query", "13800000000");
    struct bytes second = call(REQ | TWO | HES, 2, "fail", "x");
    add(&two, second.b, second.n);
    say(f, DIR_REQUEST, two, pieces[i]);
    /* the second is answered first */
    say(f, DIR_RESPONSE,
        message(HES, 20, 2,
                "\x90"
                "C\x03x.E\x91\x01m`\x02no",
                14),
        pieces[i]);
    say(f, DIR_RESPONSE,
        message(HES, 20, 1,
                "\x94\x02okH\x05"
                "dubbo\x05"
                "2.0.2Z",
                17),
        pieces[i]);
    assert_int_equal(f->count, 2);
    struct txn *t = f->txn[1];
    is(t->operation, "bank.Accounts/query");
    is(t->service, "bank.Accounts");
    assert_int_equal(t->seq, 0);
    assert_int_equal(t->outcome, TXN_OK);
    assert_int_equal(t->status, 20);
    is(headers_get(&t->side[0].headers, "traceparent"), "00-aa");
    is(headers_get(&t->side[1].headers, "dubbo"), "2.0.2");
    is(fact(t, "tapscope.dubbo.group")->str, "retail");
    is(fact(t, "tapscope.dubbo.service_version")->str, "1.2.0");
    assert_int_equal(txn_unseen(t), 0);
    assert_int_equal(t->side[1].body_bytes, 17);
    t = f->txn[0];
    assert_int_equal(t->outcome, TXN_ERROR);
    is(fact(t, "tapscope.dubbo.exception")->str, "x.E");
    assert_int_equal(fake_free(f), 0);
  }
}

static void statuses(void **state) {
  (void)state;
  struct fake_flow *f = begin(0);
  say(f, DIR_REQUEST, call(REQ | TWO | HES, 1, "query", "a"), 100);
  say(f, DIR_RESPONSE,
      message(HES, 70, 1,
              "\x03"
              "bad",
              4),
      100);
  assert_int_equal(f->txn[0]->outcome, TXN_ERROR);
  assert_int_equal(f->txn[0]->status, 70);
  say(f, DIR_REQUEST, call(REQ | HES, 2, "note", "a"), 100); /* no answer wanted */
  assert_int_equal(f->count, 2);
  assert_non_null(fact(f->txn[1], "tapscope.dubbo.oneway"));
  assert_int_equal(f->txn[1]->side[1].unseen, 0);
  say(f, DIR_REQUEST, call(REQ | TWO | HES, 3, "find", "a"), 100);
  say(f, DIR_RESPONSE, message(HES, 20, 3, "\x95H\x01k\x01vZ", 7), 100); /* null */
  assert_int_equal(f->txn[2]->outcome, TXN_OK);
  is(headers_get(&f->txn[2]->side[1].headers, "k"), "v");
  say(f, DIR_REQUEST, message(REQ | TWO | 12, 0, 4, "xyz", 3), 100); /* protostuff */
  say(f, DIR_RESPONSE, message(12, 20, 4, "xyz", 3), 100);
  assert_int_equal(f->txn[3]->outcome, TXN_OK);
  assert_int_equal(f->txn[3]->operation.len, 0);
  assert_int_equal(ctr_get(&f->ctr, CTR_DISSECT_UNREAD), 2);
  struct bytes generic = call(REQ | TWO | HES, 5, "$echo", "a");
  say(f, DIR_REQUEST, generic, 100);
  fake_end(f, END_FIN);
  is(f->txn[4]->operation, "bank.Accounts/$echo");
  assert_int_equal(f->txn[4]->side[1].unseen, UNSEEN_UNFINISHED);
  assert_int_equal(fake_free(f), 0);
}

static void both_ends(void **state) {
  (void)state;
  struct fake_flow *f = begin(0);
  say(f, DIR_REQUEST, call(REQ | TWO | HES, 1, "watch", "a"), 100);
  say(f, DIR_REQUEST, message(REQ | TWO | EVENT | HES, 0, 9, "N", 1), 100); /* a heartbeat */
  say(f, DIR_RESPONSE, message(EVENT | HES, 20, 9, "N", 1), 100);
  say(f, DIR_RESPONSE, call(REQ | TWO | HES, 1, "changed", "a"), 100); /* a call back with the same number */
  assert_int_equal(f->count, 0);
  say(f, DIR_REQUEST, message(HES, 20, 1, "\x92", 1), 100);
  assert_int_equal(f->count, 1);
  is(f->txn[0]->operation, "bank.Accounts/changed");
  assert_int_equal(f->txn[0]->conn.sport, 50000);
  assert_non_null(fact(f->txn[0], "tapscope.dubbo.callback"));
  say(f, DIR_RESPONSE, message(HES, 20, 1, "\x92", 1), 100);
  assert_int_equal(f->count, 2);
  is(f->txn[1]->operation, "bank.Accounts/watch");
  assert_int_equal(f->txn[1]->conn.sport, 80);
  assert_int_equal(fake_free(f), 0);
}

static void holes(void **state) {
  (void)state;
  struct fake_flow *f = begin(0);
  struct bytes one = call(REQ | TWO | HES, 1, "query", "abcdefgh"), half = one;
  half.n = one.n - 30; /* the hole ends in the next message */
  say(f, DIR_REQUEST, half, 100);
  fake_gap(f, DIR_REQUEST, 40);
  struct bytes junk = {.n = 0};
  add(&junk, "\xda\xbb\xda\xff\xda", 5);
  struct bytes next = call(REQ | TWO | HES, 3, "find", "a");
  add(&junk, next.b, next.n);
  say(f, DIR_REQUEST, junk, 1);
  say(f, DIR_RESPONSE, message(HES, 20, 3, "\x92", 1), 100);
  assert_int_equal(f->count, 1);
  is(f->txn[0]->operation, "bank.Accounts/find");
  assert_int_equal(txn_unseen(f->txn[0]), 0);
  say(f, DIR_RESPONSE, message(HES, 20, 1, "\x92", 1), 100);
  is(f->txn[1]->operation, "bank.Accounts/query");
  assert_int_equal(f->txn[1]->side[0].unseen, UNSEEN_GAP);
  assert_int_equal(f->txn[1]->side[0].gap_bytes, 30);
  say(f, DIR_RESPONSE, message(HES, 20, 2, "\x91\x01x", 3), 100); /* its request was lost */
  assert_int_equal(f->txn[2]->side[0].unseen, UNSEEN_GAP);
  assert_false(f->txn[2]->side[0].seen);
  /* a hole inside of an answer, which ends where it should */
  say(f, DIR_REQUEST, call(REQ | TWO | HES, 4, "find", "a"), 100);
  struct bytes answer = message(HES, 20, 4,
                                "\x91\x09"
                                "123456789",
                                11);
  answer.n -= 4;
  say(f, DIR_RESPONSE, answer, 100);
  fake_gap(f, DIR_RESPONSE, 4);
  assert_int_equal(f->count, 4);
  assert_int_equal(f->txn[3]->side[1].unseen, UNSEEN_GAP);
  assert_int_equal(f->txn[3]->side[1].body_bytes, 11);
  say(f, DIR_REQUEST, call(REQ | TWO | HES, 5, "find", "a"), 100);
  say(f, DIR_RESPONSE, message(HES, 20, 5, "\x92", 1), 3);
  assert_int_equal(f->count, 5);
  assert_int_equal(txn_unseen(f->txn[4]), 0);
  assert_int_equal(fake_free(f), 0);
}

static void one_side(void **state) {
  (void)state;
  struct fake_flow *f = begin(UNSEEN_ONE_SIDED);
  say(f, DIR_RESPONSE, message(HES, 20, 1, "\x91\x01x", 3), 100);
  say(f, DIR_RESPONSE, message(HES, 20, 2, "\x92", 1), 100);
  assert_int_equal(f->count, 2);
  assert_int_equal(f->txn[0]->side[0].unseen, UNSEEN_ONE_SIDED);
  assert_int_equal(fake_free(f), 0);
  f = begin(UNSEEN_ONE_SIDED);
  say(f, DIR_REQUEST, call(REQ | TWO | HES, 1, "find", "a"), 100);
  fake_end(f, END_FIN);
  assert_int_equal(f->count, 1);
  assert_true(f->txn[0]->side[1].unseen & UNSEEN_ONE_SIDED);
  assert_int_equal(fake_free(f), 0);
}

static void caps(void **state) {
  (void)state;
  struct fake_flow *f = begin(0);
  f->conf.max_pending = 3;
  for (uint8_t i = 0; i < 10; i++) say(f, DIR_REQUEST, call(REQ | TWO | HES, i, "find", "a"), 1000);
  assert_int_equal(f->count, 7);
  assert_int_equal(fake_free(f), 0);
}

static void probes(void **state) {
  (void)state;
  struct bytes m = call(REQ | TWO | HES, 1, "find", "a");
  assert_int_equal(dissector_dubbo.probe(span_of(m.b, m.n), DIR_REQUEST), PROBE_YES);
  assert_int_equal(dissector_dubbo.side(span_of(m.b, m.n)), DIR_REQUEST);
  for (size_t n = 0; n < 16; n++)
    assert_int_equal(dissector_dubbo.probe(span_of(m.b, n), DIR_REQUEST), PROBE_MAYBE);
  m.b[3] = 1;
  assert_int_equal(dissector_dubbo.probe(span_of(m.b, m.n), DIR_REQUEST), PROBE_NO);
  m = message(HES, 20, 1, "\x92", 1);
  assert_int_equal(dissector_dubbo.side(span_of(m.b, m.n)), DIR_RESPONSE);
  m = message(EVENT | HES, 20, 1, "N", 1);
  assert_int_equal(dissector_dubbo.probe(span_of(m.b, m.n), DIR_REQUEST), PROBE_YES);
  assert_int_equal(dissector_dubbo.side(span_of(m.b, m.n)), -1);
  m.b[12] = 0x7f;
  assert_int_equal(dissector_dubbo.probe(span_of(m.b, m.n), DIR_REQUEST), PROBE_NO);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(calls),     cmocka_unit_test(statuses),
                                     cmocka_unit_test(both_ends), cmocka_unit_test(holes),
                                     cmocka_unit_test(one_side),  cmocka_unit_test(caps),
                                     cmocka_unit_test(probes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
