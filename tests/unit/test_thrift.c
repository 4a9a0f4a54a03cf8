/* SPDX-License-Identifier: Apache-2.0 */
/* Thrift: both protocols with and without frames, whole and byte by byte, replies, exceptions, one-way, holes, values by path. */
#include "base/err.h"
#include "cmocka_all.h"
#include "dissect/body/thrift.h"
#include "fake_flow.h"
#include "leaves.h"

extern const struct dissector dissector_thrift;

static const char *walk(const void *p, size_t n) { return leaves_of("application/x-thrift", p, n); }
#define IS(lit, want) assert_string_equal(walk(lit, sizeof(lit) - 1), want)

/* {1: "abc", 2: -5, 3: [ {1: true} ], 4: {"k": 1.5}, 5: {7: 8}} in each protocol */
#define BINARY_ARGS \
  "\x0b\x00\x01\x00\x00\x00\x03" \
  "abc\x0a\x00\x02\xff\xff\xff\xff\xff\xff\xff\xfb\x0f\x00\x03\x0c\x00\x00\x00\x01\x02\x00\x01\x01\x00" \
  "\x0d\x00\x04\x0b\x04\x00\x00\x00\x01\x00\x00\x00\x01k\x3f\xf8\x00\x00\x00\x00\x00\x00" \
  "\x0d\x00\x05\x08\x06\x00\x00\x00\x01\x00\x00\x00\x07\x00\x08\x00"
#define COMPACT_ARGS \
  "\x18\x03" \
  "abc\x16\x09\x19\x1c\x11\x00\x1b\x01\x87\x01k\x00\x00\x00\x00\x00\x00\xf8\x3f\x1b\x01\x54\x0e\x10\x00"
#define LEAVES "args.1=abc;args.2=-5;args.3[].1=true;args.4.k=1.5;args.5.7=8;"
static const char strict[] = "\x80\x01\x00\x01\x00\x00\x00\x04"
                             "find\x00\x00\x00\x09" BINARY_ARGS;
static const char old[] = "\x00\x00\x00\x04"
                          "find\x01\x00\x00\x00\x09" BINARY_ARGS;
static const char compact[] = "\x82\x21\x09\x04"
                              "find" COMPACT_ARGS;

static void values(void **state) {
  (void)state;
  IS(strict, LEAVES);
  IS(old, LEAVES);
  IS(compact, LEAVES);
  IS("\x80\x01\x00\x02\x00\x00\x00\x01g\x00\x00\x00\x01\x0f\x00\x00\x0b\x00\x00\x00\x02\x00\x00\x00\x01"
     "a\x00\x00\x00\x01"
     "b\x00",
     "result[]=a;result[]=b;");
  IS("\x80\x01\x00\x02\x00\x00\x00\x01g\x00\x00\x00\x01\x0c\x00\x01\x0b\x00\x01\x00\x00\x00\x02no\x00\x00",
     "exception.1.1=no;");
  IS("\x80\x01\x00\x03\x00\x00\x00\x01g\x00\x00\x00\x01\x0b\x00\x01\x00\x00\x00\x02no\x08\x00\x02\x00\x00\x00"
     "\x06\x00",
     "error.1=no;error.2=6;");
  /* compact: a field's number in full, lists of truth values, long lists, sets, an empty map, UUID, byte, 16 bits */
  IS("\x82\x41\x00\x01g\x08\x00\x01"
     "a\x00",
     "result=a;");
  IS("\x82\x21\x00\x01g\x19\x21\x01\x02\x1a\xf3\x01\x7f\x1b\x00\x13\x85\x14\x05\x12\x00",
     "args.1[]=true;args.1[]=false;args.2[]=127;args.4=-123;args.5=-3;args.6=false;");
  /* a field's number beyond 16 bits, and a step from there */
  IS("\x82\x21\x00\x01g\x05\xfe\xff\xff\xff\x0f\x02\x15\x04\x00", "args.-1=1;args.0=2;");
}

static void every_cut(void **state) {
  (void)state;
  for (size_t n = 0; n < sizeof strict - 1; n++) (void)walk(strict, n);
  for (size_t n = 0; n < sizeof old - 1; n++) (void)walk(old, n);
  for (size_t n = 0; n < sizeof compact - 1; n++) {
    (void)walk(compact, n);
    assert_int_equal(leaves_result, n ? ERR_SYNTAX : 0);
  }
  char deep[64 + 300 * 3] = "\x80\x01\x00\x01\x00\x00\x00\x04"
                            "find\x00\x00\x00\x09";
  for (int i = 0; i < 300; i++) memcpy(deep + 16 + i * 3, "\x0c\x00\x01", 3);
  (void)walk(deep, sizeof deep);
  assert_int_equal(leaves_result, ERR_CAP);
}

static struct fake_flow *begin(void) {
  struct fake_flow *f = fake_new();
  fake_begin(f, &dissector_thrift, 0, NULL);
  return f;
}
static void say(struct fake_flow *f, enum dir d, const void *p, size_t n, size_t piece) {
  for (size_t i = 0; i < n; i += piece)
    fake_feed(f, d, span_of((const char *)p + i, n - i < piece ? n - i : piece));
}
static void framed(struct fake_flow *f, enum dir d, const void *p, size_t n, size_t piece) {
  uint8_t m[512] = {0, 0, (uint8_t)(n >> 8), (uint8_t)n};
  memcpy(m + 4, p, n);
  say(f, d, m, n + 4, piece);
}
static void is(struct span got, const char *want) { assert_true(span_eq(got, span_str(want))); }

static const char *const replies[] = {"\x80\x01\x00\x02\x00\x00\x00\x04"
                                      "find\x00\x00\x00\x09\x08\x00\x00\x00\x00\x00\x01\x00",
                                      "\x00\x00\x00\x04"
                                      "find\x02\x00\x00\x00\x09\x08\x00\x00\x00\x00\x00\x01\x00",
                                      "\x82\x41\x09\x04"
                                      "find\x05\x00\x02\x00"};
static const size_t reply_len[] = {24, 21, 12};

static void calls(void **state) {
  (void)state;
  static const struct {
    const char *p;
    size_t n;
    const char *name;
  } requests[] = {{strict, sizeof strict - 1, "binary"},
                  {old, sizeof old - 1, "binary_old"},
                  {compact, sizeof compact - 1, "compact"}};
  const size_t pieces[] = {1 << 20, 1, 5};
  for (int i = 0; i < 18; i++) {
    struct fake_flow *f = begin();
    void (*send)(struct fake_flow *, enum dir, const void *, size_t, size_t) = i % 2 ? framed : say;
    int k = i / 2 % 3;
    size_t piece = pieces[i / 6];
    send(f, DIR_REQUEST, requests[k].p, requests[k].n, piece);
    send(f, DIR_REQUEST, requests[k].p, requests[k].n, piece);
    send(f, DIR_RESPONSE, replies[k], reply_len[k], piece);
    send(f, DIR_RESPONSE, replies[k], reply_len[k], piece);
    assert_int_equal(f->count, 2);
    struct txn *t = f->txn[1];
    assert_int_equal(t->seq, 1);
    is(t->operation, "find");
    is(txn_fact(t, "tapscope.thrift.protocol")->str, requests[k].name);
    is(txn_fact(t, "tapscope.thrift.transport")->str, i % 2 ? "framed" : "unframed");
    assert_int_equal(txn_fact(t, "tapscope.thrift.seqid")->num, 9);
    assert_int_equal(t->outcome, TXN_OK);
    assert_int_equal(txn_unseen(t), 0);
    assert_int_equal(t->side[0].body_bytes, requests[k].n);
    assert_int_equal(t->side[1].raw.len, reply_len[k]);
    assert_int_equal(fake_free(f), 0);
  }
}

#define SAY(f, d, lit) say(f, d, lit, sizeof(lit) - 1, 1000)
#define CALL(name_len, name, seq) "\x80\x01\x00\x01\x00\x00\x00" name_len name "\x00\x00\x00" seq "\x00"

static void outcomes(void **state) {
  (void)state;
  struct fake_flow *f = begin();
  SAY(f, DIR_REQUEST, CALL("\x09", "Loan:find", "\x01") CALL("\x03", "add", "\x02"));
  SAY(f, DIR_RESPONSE,
      "\x80\x01\x00\x03\x00\x00\x00\x03"
      "add\x00\x00\x00\x02\x08\x00\x02\x00\x00\x00\x06\x00");
  SAY(f, DIR_RESPONSE,
      "\x80\x01\x00\x02\x00\x00\x00\x04"
      "find\x00\x00\x00\x01\x0c\x00\x01\x00\x00");
  assert_int_equal(f->count, 2);
  is(f->txn[0]->operation, "add");
  assert_int_equal(f->txn[0]->outcome, TXN_ERROR);
  assert_int_equal(txn_fact(f->txn[0], "tapscope.thrift.exception")->num, 6);
  is(f->txn[1]->operation, "Loan:find");
  is(f->txn[1]->service, "Loan");
  assert_int_equal(f->txn[1]->outcome, TXN_ERROR);
  SAY(f, DIR_REQUEST,
      "\x80\x01\x00\x04\x00\x00\x00\x03"
      "add\x00\x00\x00\x02\x00"); /* one-way */
  assert_int_equal(f->count, 3);
  assert_int_equal(txn_unseen(f->txn[2]), 0);
  SAY(f, DIR_REQUEST, CALL("\x04", "void", "\x03"));
  SAY(f, DIR_RESPONSE,
      "\x80\x01\x00\x02\x00\x00\x00\x04"
      "void\x00\x00\x00\x03\x00");
  assert_int_equal(f->txn[3]->outcome, TXN_OK);
  SAY(f, DIR_REQUEST, CALL("\x04", "open", "\x04"));
  fake_end(f, END_FIN);
  assert_int_equal(f->txn[4]->side[1].unseen, UNSEEN_UNFINISHED);
  assert_int_equal(fake_free(f), 0);
}

static void header_transport(void **state) {
  (void)state;
  struct fake_flow *f = begin();
  static const char call[] =
      "\x0f\xff\x00\x00\x00\x00\x00\x01\x00\x02\x02\x00\x01\x01\x01k\x01v\x82\x21\x01\x01g\x00";
  static const char packed[] =
      "\x0f\xff\x00\x00\x00\x00\x00\x01\x00\x01\x02\x01\x01\x00\x82\x21\x01\x01g\x00";
  framed(f, DIR_REQUEST, call, sizeof call - 1, 1);
  fake_end(f, END_FIN);
  assert_int_equal(f->count, 1);
  is(f->txn[0]->operation, "g");
  is(headers_get(&f->txn[0]->side[0].headers, "k"), "v");
  is(txn_fact(f->txn[0], "tapscope.thrift.transport")->str, "header");
  assert_int_equal(fake_free(f), 0);
  f = begin();
  framed(f, DIR_REQUEST, packed, sizeof packed - 1, 100);
  assert_int_equal(f->count, 0);
  assert_int_equal(fake_free(f), 0);
}

static void holes(void **state) {
  (void)state;
  for (int frames = 0; frames < 2; frames++) {
    struct fake_flow *f = begin();
    void (*send)(struct fake_flow *, enum dir, const void *, size_t, size_t) = frames ? framed : say;
    size_t n = sizeof strict - 1;
    uint8_t whole[256] = {0, 0, 0, (uint8_t)n};
    memcpy(whole + 4 * frames, strict, n);
    say(f, DIR_REQUEST, whole, 30, 100);
    fake_gap(f, DIR_REQUEST, 20);
    say(f, DIR_REQUEST, whole + 50, n + 4 * (size_t)frames - 50, 7); /* the rest of the same message */
    send(f, DIR_REQUEST, CALL("\x03", "add", "\x02"), 16, 1);
    send(f, DIR_RESPONSE,
         "\x80\x01\x00\x02\x00\x00\x00\x03"
         "add\x00\x00\x00\x02\x00",
         16, 1);
    assert_int_equal(f->count, 1);
    is(f->txn[0]->operation, "add");
    assert_int_equal(txn_unseen(f->txn[0]), 0);
    send(f, DIR_RESPONSE, replies[0], reply_len[0], 100);
    assert_int_equal(f->count, 2);
    assert_true(f->txn[1]->side[0].unseen & UNSEEN_GAP);
    send(f, DIR_RESPONSE, replies[0], reply_len[0], 100); /* nobody is known to have asked */
    assert_int_equal(f->count, 3);
    is(f->txn[2]->operation, "find");
    assert_false(f->txn[2]->side[0].seen);
    assert_int_equal(f->txn[2]->side[0].unseen, frames ? 0 : UNSEEN_GAP);
    assert_int_equal(fake_free(f), 0);
  }
}

static void probes(void **state) {
  (void)state;
  for (size_t n = 1; n < 16; n++)
    assert_int_equal(dissector_thrift.probe(span_of(strict, n), DIR_REQUEST), PROBE_MAYBE);
  assert_int_equal(dissector_thrift.probe(span_of(strict, 16), DIR_REQUEST), PROBE_YES);
  assert_int_equal(dissector_thrift.probe(span_of(strict, 16), DIR_RESPONSE), PROBE_NO);
  assert_int_equal(dissector_thrift.probe(span_of(old, sizeof old - 1), DIR_REQUEST), PROBE_YES);
  assert_int_equal(dissector_thrift.probe(span_of(compact, sizeof compact - 1), DIR_REQUEST), PROBE_YES);
  assert_int_equal(dissector_thrift.probe(span_of(replies[0], 24), DIR_RESPONSE), PROBE_YES);
  /* memcached's binary protocol, DNS over TCP, a length of something else */
  assert_int_equal(
      dissector_thrift.probe(SPAN_LIT("\x80\x01\x00\x03\x08\x00\x00\x00\x00\x00\x00\x10"), DIR_REQUEST),
      PROBE_NO);
  assert_int_equal(dissector_thrift.probe(SPAN_LIT("\x00\x1d\xab\xcd\x01\x00\x00\x01\x00\x00"), DIR_REQUEST),
                   PROBE_NO);
  assert_int_equal(dissector_thrift.probe(SPAN_LIT("\x00\x00\x00\x08\x04\xd2\x16\x2f"), DIR_REQUEST),
                   PROBE_NO);
  assert_int_equal(dissector_thrift.probe(SPAN_LIT("GET / HTTP/1.1\r\n"), DIR_REQUEST), PROBE_NO);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(values),   cmocka_unit_test(every_cut),        cmocka_unit_test(calls),
      cmocka_unit_test(outcomes), cmocka_unit_test(header_transport), cmocka_unit_test(holes),
      cmocka_unit_test(probes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
