/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL: logins, simple and extended queries, pipelines, binary values, COPY, errors, TLS, holes; the same however it is cut. */
#include "dialog.h"

extern const struct dissector dissector_pgsql;

/* A message; body may hold NUL. type 0: none. */
static void put(struct dialog *k, enum dir d, char type, const void *body, size_t n) {
  uint32_t len = (uint32_t)n + 4;
  const uint8_t head[5] = {(uint8_t)type, (uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8),
                           (uint8_t)len};
  dialog_add(k, d, type ? span_of(head, 5) : span_of(head + 1, 4), span_of(body, n));
}
#define ASK(k, type, text) put(k, DIR_REQUEST, type, text, sizeof(text) - 1)
#define SAY(k, type, text) put(k, DIR_RESPONSE, type, text, sizeof(text) - 1)

static void login(struct dialog *k) {
  ASK(k, 0, "\0\3\0\0user\0app\0database\0bank\0\0");
  SAY(k, 'R', "\0\0\0\12SCRAM-SHA-256\0\0");
  ASK(k, 'p', "SCRAM-SHA-256\0\0\0\0\4n,,x");
  SAY(k, 'R', "\0\0\0\14v=secret");
  SAY(k, 'R', "\0\0\0\0");
  SAY(k, 'S', "server_version\00016.3\0");
  SAY(k, 'K', "\0\0\0\1\0\0\0\2");
  SAY(k, 'Z', "I");
}

/* Columns: name, type; a row of text cells, NULL for none. */
static void columns(struct dialog *k, unsigned n, ...) {
  uint8_t b[512] = {0, (uint8_t)n};
  size_t at = 2;
  va_list ap;
  va_start(ap, n);
  for (unsigned i = 0; i < n; i++) {
    const char *name = va_arg(ap, const char *);
    uint32_t oid = va_arg(ap, uint32_t);
    memcpy(b + at, name, strlen(name) + 1), at += strlen(name) + 1;
    const uint8_t rest[18] = {0, 0, 0,   1,   0,   1,   0, 0, (uint8_t)(oid >> 8), (uint8_t)oid,
                              0, 4, 255, 255, 255, 255, 0, 0};
    memcpy(b + at, rest, 18), at += 18;
  }
  va_end(ap);
  put(k, DIR_RESPONSE, 'T', b, at);
}
static void row(struct dialog *k, unsigned n, ...) {
  uint8_t b[512] = {0, (uint8_t)n};
  size_t at = 2;
  va_list ap;
  va_start(ap, n);
  for (unsigned i = 0; i < n; i++) {
    const char *v = va_arg(ap, const char *);
    size_t len = v ? strlen(v) : 0;
    memset(b + at, v ? 0 : 255, 4);
    if (v) b[at + 3] = (uint8_t)len, memcpy(b + at + 4, v, len);
    at += 4 + len;
  }
  va_end(ap);
  put(k, DIR_RESPONSE, 'D', b, at);
}

static void same(struct dialog *k, const char *want) { dialog_same(k, &dissector_pgsql, want); }

#define BANK " db.system.name=postgresql db.namespace=bank user.name=app"
#define LOGIN "login 1" BANK " tapscope.db.server_version=16.3 tapscope.db.auth=scram-sha-256 |0 |0\n"

static void simple(void **state) {
  (void)state;
  struct dialog k = {0};
  login(&k);
  ASK(&k, 'Q', "BEGIN; SELECT name, \"mobile\" FROM public.customer WHERE id = 5; COMMIT;\0");
  SAY(&k, 'C', "BEGIN\0");
  columns(&k, 2, "name", 25, "mobile", 1043);
  row(&k, 2, "Ann", "13800138000");
  row(&k, 2, "Bob", NULL);
  SAY(&k, 'C', "SELECT 2\0"), SAY(&k, 'C', "COMMIT\0"), SAY(&k, 'Z', "I");
  ASK(&k, 'Q', "INSERT INTO t(a, b) VALUES ('x', E'y\\'z'), ($q$it's$q$, 7)\0");
  SAY(&k, 'N', "SNOTICE\0C00000\0Mhello\0\0"), SAY(&k, 'C', "INSERT 0 2\0"), SAY(&k, 'Z', "I");
  ASK(&k, 'Q', "SELECT 1; SELEC 2; SELECT 3\0");
  SAY(&k, 'E', "SERROR\0C42601\0Msyntax error at or near \"SELEC\"\0P11\0\0"), SAY(&k, 'Z', "I");
  ASK(&k, 'Q', "\0");
  SAY(&k, 'I', ""), SAY(&k, 'Z', "I");
  ASK(&k, 'X', "");
  same(&k,
       LOGIN "BEGIN 1" BANK " db.operation.name=BEGIN db.query.text=BEGIN |0 |0\n"
             "SELECT public.customer 1" BANK
             " db.response.returned_rows=2 db.operation.name=SELECT db.query.text=SELECT "
             "name, mobile FROM public.customer WHERE id = ? |0 where.id=5 |0 rows[].name=Ann "
             "rows[].mobile=13800138000 "
             "rows[].name=Bob rows[].mobile=null\n"
             "COMMIT 1" BANK " db.operation.name=COMMIT db.query.text=COMMIT |0 |0\n"
             "INSERT t 1" BANK
             " tapscope.db.affected_rows=2 db.operation.name=INSERT db.query.text=INSERT INTO t(a, b) "
             "VALUES (?) |0 rows[].a=x rows[].b=y'z rows[].a=it's rows[].b=7 |0\n"
             "SELECT 2" BANK
             " error.code=42601 error.message=syntax error at or near ? db.operation.name=SELECT |0 |0\n");
}

/* Parse and Describe once, then twice Bind and Execute in a row, binary both ways. */
static void extended(void **state) {
  (void)state;
  struct dialog k = {0};
  login(&k);
  ASK(&k, 'P', "s1\0SELECT id, name, bal, born, at FROM customer WHERE id > $1 AND mobile = $2\0\0\0");
  ASK(&k, 'D', "Ss1\0");
  ASK(&k, 'S', "");
  SAY(&k, '1', "");
  SAY(&k, 't', "\0\2\0\0\0\27\0\0\4\23");
  columns(&k, 5, "id", 20, "name", 25, "bal", 1700, "born", 1082, "at", 1114);
  SAY(&k, 'Z', "I");
  for (int i = 0; i < 2; i++) {
    ASK(&k, 'B',
        "\0s1\0\0\1\0\1\0\2\0\0\0\4\0\0\0\52\0\0\0\013"
        "13912345678"
        "\0\1\0\1");
    ASK(&k, 'E', "\0\0\0\0\0");
  }
  ASK(&k, 'S', "");
  for (int i = 0; i < 2; i++) {
    SAY(&k, '2', "");
    SAY(&k, 'D',
        "\0\5\0\0\0\10\0\0\0\0\0\0\0\7\0\0\0\3Ann\0\0\0\14\0\2\0\0\100\0\0\2\0\14\11\304"
        "\0\0\0\4\0\0\0\0\0\0\0\10\0\0\0\0\0\17\102\100");
    SAY(&k, 'C', "SELECT 1\0");
  }
  SAY(&k, 'Z', "I");
  ASK(&k, 'P', "\0SELECT 1 FROM nothing\0\0\0"), ASK(&k, 'B', "\0\0\0\0\0\0\0\0"), ASK(&k, 'E', "\0\0\0\0\0"),
      ASK(&k, 'S', "");
  SAY(&k, 'E', "SERROR\0C42P01\0Mrelation \"nothing\" does not exist\0\0"), SAY(&k, 'Z', "I");
  ASK(&k, 'P', "s2\0SELECT oops FROM\0\0\0"), ASK(&k, 'S', "");
  SAY(&k, 'E', "SERROR\0C42601\0Msyntax error at end of input\0\0"), SAY(&k, 'Z', "I");
#define RUN \
  "SELECT customer 1" BANK \
  " tapscope.db.prepared=1 db.response.returned_rows=1 db.operation.name=SELECT db.query.text=SELECT " \
  "id, name, bal, born, at FROM customer WHERE id > ? AND mobile = ? |0 params[].id=42 " \
  "params[].mobile=13912345678 |0 " \
  "rows[].id=7 rows[].name=Ann rows[].bal=-12.25 rows[].born=2000-01-01 rows[].at=2000-01-01 00:00:01\n"
  same(&k, LOGIN RUN RUN
       "SELECT 2" BANK " tapscope.db.prepared=1 error.code=42P01 error.message=relation ? does not exist "
       "db.operation.name=SELECT "
       "db.query.text=SELECT ? FROM nothing |0 |0\n"
       "SELECT 2" BANK
       " error.code=42601 error.message=syntax error at end of input db.operation.name=SELECT |0- |0\n");
}

static void copies(void **state) {
  (void)state;
  struct dialog k = {0};
  login(&k);
  ASK(&k, 'Q', "COPY customer(name, mobile) FROM STDIN\0");
  SAY(&k, 'G', "\0\0\2\0\0\0\0");
  ASK(&k, 'd', "Ann\t138001"), ASK(&k, 'd', "38000\nBob\\tB\t\\N\n"), ASK(&k, 'c', "");
  SAY(&k, 'C', "COPY 2\0"), SAY(&k, 'Z', "I");
  ASK(&k, 'Q', "COPY customer (name, mobile) TO STDOUT WITH (FORMAT csv)\0");
  SAY(&k, 'H', "\0\0\2\0\0\0\0");
  SAY(&k, 'd', "\"O\"\"Hara, A\",13900139000\n"), SAY(&k, 'c', ""), SAY(&k, 'C', "COPY 1\0"),
      SAY(&k, 'Z', "I");
  same(&k, LOGIN
       "COPY customer 1" BANK
       " tapscope.db.affected_rows=2 db.operation.name=COPY db.query.text=COPY customer(name, mobile) "
       "FROM STDIN |0 rows[].name=Ann rows[].mobile=13800138000 rows[].name=Bob\tB rows[].mobile=null |0\n"
       "COPY customer 1" BANK
       " db.response.returned_rows=1 db.operation.name=COPY db.query.text=COPY customer (name, mobile) TO "
       "STDOUT WITH (FORMAT csv) |0 |0 rows[].name=O\"Hara, A rows[].mobile=13900139000\n");
}

/* Arrays in binary are told as the server writes them as text. */
static void arrays(void **state) {
  (void)state;
  struct dialog k = {0};
  login(&k);
  ASK(&k, 'Q', "FETCH ALL FROM c\0");
  static const uint8_t names[] = {0, 5, 'c', 0, 0, 0, 0, 0, 0, 1, 0, 0, 3, 0xf1, 0xff, 0xff, 0, 0, 0, 0,
                                  0, 1, 't', 0, 0, 0, 0, 0, 0, 2, 0, 0, 3, 0xef, 0xff, 0xff, 0, 0, 0, 0,
                                  0, 1, 'm', 0, 0, 0, 0, 0, 0, 3, 0, 0, 3, 0xef, 0xff, 0xff, 0, 0, 0, 0,
                                  0, 1, 'e', 0, 0, 0, 0, 0, 0, 4, 0, 0, 3, 0xef, 0xff, 0xff, 0, 0, 0, 0,
                                  0, 1, 'b', 0, 0, 0, 0, 0, 0, 5, 0, 0, 3, 0xef, 0xff, 0xff, 0, 0, 0, 0,
                                  0, 1};
  put(&k, DIR_RESPONSE, 'T', names, sizeof names);
#define ARRAY(n, type) "\0\0\0" n "\0\0\0\1\0\0\0" type
#define SIZE(n) "\0\0\0" n "\0\0\0\1"
#define INT(n) "\0\0\0\4\0\0\0" n
  SAY(&k, 'D',
      "\0\5"
      "\0\0\0\x37" ARRAY("\1", "\x19")
          SIZE("\4") "\0\0\0\3Ann"
                     "\xff\xff\xff\xff"
                     "\0\0\0\4a\"b "
                     "\0\0\0\x0c"
                     "138001380001"
                     "\0\0\0\x1c" ARRAY("\1", "\x17") SIZE("\1") INT("\x2a") "\0\0\0\x3c" ARRAY("\2", "\x17")
                         SIZE("\2") SIZE("\2") INT("\1") INT("\2") INT("\3") INT("\4") "\0\0\0\x0c" ARRAY(
                             "\0", "\x17") "\0\0\0\x14" ARRAY("\1", "\x17") "\xff\xff\xff\xff\0\0\0\1");
  SAY(&k, 'C', "FETCH 1\0"), SAY(&k, 'Z', "I");
  struct buf got = dialog_play(&k, &dissector_pgsql, SIZE_MAX);
  assert_non_null(strstr((char *)got.base, " rows[].c={Ann,NULL,\"a\\\"b \",138001380001} rows[].t={42} "
                                           "rows[].m={{1,2},{3,4}} rows[].e={} rows[].b="));
  buf_done(&got);
  buf_done(&k.bytes);
}

static void capped(void **state) {
  (void)state;
  struct dialog k = {0};
  ASK(&k, 'P', "\0UPDATE t SET a = $1\0\0\0");
  ASK(&k, 'B',
      "\0\0\0\0\0\1\0\0\0\x44"
      "0123456789012345678901234567890123456789012345678901234567890123456\0\0");
  ASK(&k, 'E', "\0\0\0\0\0"), ASK(&k, 'S', "");
  SAY(&k, '1', ""), SAY(&k, '2', ""), SAY(&k, 'C', "UPDATE 1\0"), SAY(&k, 'Z', "I");
  dialog_capped(&k, &dissector_pgsql);
}

static void refused(void **state) {
  (void)state;
  struct dialog k = {0};
  ASK(&k, 0, "\0\3\0\0user\0app\0\0");
  SAY(&k, 'R', "\0\0\0\5salt");
  ASK(&k, 'p', "md50123456789\0");
  SAY(&k, 'E', "SFATAL\0C28P01\0Mpassword authentication failed for user \"app\"\0\0");
  same(&k, "login 2 db.system.name=postgresql db.namespace=app user.name=app tapscope.db.auth=md5 "
           "error.code=28P01 error.message=password "
           "authentication failed for "
           "user ? |0 |0\n");
  struct dialog cancel = {0};
  ASK(&cancel, 0, "\4\322\26\56\0\0\0\1\0\0\0\2");
  same(&cancel, "CANCEL 1 db.system.name=postgresql db.operation.name=CANCEL |0 |0-\n");
}

static struct parse feed(struct fake_flow *f, enum dir d, const void *data, size_t n) {
  struct chunk in = {.data = {data, n}, .dir = d};
  return dissector_pgsql.parse(f->state, &f->cx, in);
}
static void over_tls(void **state) {
  (void)state;
  struct fake_flow *f = fake_new();
  fake_begin(f, &dissector_pgsql, 0, NULL);
  assert_int_equal(feed(f, DIR_REQUEST, "\0\0\0\10\4\322\26\57", 8).used, 8);
  struct parse p = feed(f, DIR_RESPONSE, "S", 1);
  assert_int_equal(p.status, PARSE_SWITCH);
  assert_string_equal(p.next, "tls");
  assert_true(p.within);
  assert_int_equal(p.used, 1);
  assert_int_equal(fake_free(f), 0);
  f = fake_new();
  fake_begin(f, &dissector_pgsql, 0, NULL);
  feed(f, DIR_REQUEST, "\0\0\0\10\4\322\26\57", 8);
  assert_int_equal(feed(f, DIR_RESPONSE, "N", 1).status, PARSE_OK);
  feed(f, DIR_REQUEST, "\0\0\0\22\0\3\0\0user\0app\0\0", 18);
  feed(f, DIR_RESPONSE, "R\0\0\0\10\0\0\0\0Z\0\0\0\5I", 15);
  assert_int_equal(f->count, 1);
  assert_int_equal(f->txn[0]->outcome, TXN_OK);
  assert_int_equal(fake_free(f), 0);
}

static void holes(void **state) {
  (void)state;
  struct dialog k = {0};
  ASK(&k, 'Q', "SELECT name, mobile FROM customer\0");
  columns(&k, 2, "name", 25, "mobile", 25);
  for (int i = 0; i < 20; i++) row(&k, 2, "Ann", "13800138000");
  SAY(&k, 'C', "SELECT 20\0"), SAY(&k, 'Z', "I");
  size_t asked = k.part[0].len, told = k.part[5].from + 9;
  struct fake_flow *f = fake_new();
  fake_begin(f, &dissector_pgsql, UNSEEN_MIDSTREAM, NULL);
  fake_feed(f, DIR_REQUEST, span_head(buf_span(&k.bytes), asked));
  fake_feed(f, DIR_RESPONSE, span_of(k.bytes.base + asked, told - asked));
  fake_gap(f, DIR_RESPONSE, 60);
  fake_feed(f, DIR_RESPONSE, span_skip(buf_span(&k.bytes), told + 60));
  assert_int_equal(f->count, 1);
  assert_int_equal(f->txn[0]->outcome, TXN_OK);
  assert_int_equal(f->txn[0]->side[1].unseen, UNSEEN_GAP);
  assert_true(txn_fact(f->txn[0], "db.response.returned_rows")->num >= 16);
  fake_gap(f, DIR_REQUEST, 40); /* the server's answer alone */
  fake_feed(f, DIR_RESPONSE, span_skip(buf_span(&k.bytes), asked));
  assert_int_equal(f->count, 2);
  assert_true(span_eq(f->txn[1]->operation, SPAN_LIT("SELECT")));
  assert_true(f->txn[1]->side[0].unseen & UNSEEN_GAP);
  fake_feed(f, DIR_REQUEST, span_head(buf_span(&k.bytes), asked));
  fake_feed(f, DIR_RESPONSE, span_skip(buf_span(&k.bytes), asked));
  assert_int_equal(f->count, 3);
  assert_int_equal(txn_unseen(f->txn[2]), 0);
  buf_done(&k.bytes);
  assert_int_equal(fake_free(f), 0);
}

/* An answer that is lost whole, and a statement whose end is: the next is right. */
static void next_after_hole(void **state) {
  (void)state;
  struct dialog k = {0};
  ASK(&k, 'Q', "DELETE FROM card\0");
  SAY(&k, 'C', "DELETE 7\0"), SAY(&k, 'Z', "I");
  size_t asked = k.part[0].len, all = k.bytes.len;
  struct span ask = span_head(buf_span(&k.bytes), asked), told = span_skip(buf_span(&k.bytes), asked);
  struct fake_flow *f = fake_new();
  fake_begin(f, &dissector_pgsql, 0, NULL);
  fake_feed(f, DIR_REQUEST, ask);
  fake_gap(f, DIR_RESPONSE, all - asked);
  for (int i = 0; i < 3; i++) {
    fake_feed(f, DIR_REQUEST, ask);
    fake_feed(f, DIR_RESPONSE, span_head(told, 6));
    fake_feed(f, DIR_RESPONSE, span_skip(told, 6));
  }
  assert_int_equal(f->count, 4);
  assert_int_equal(f->txn[0]->side[1].unseen, UNSEEN_GAP);
  assert_int_equal(f->txn[0]->outcome, TXN_UNKNOWN);
  for (int i = 1; i < 4; i++) {
    assert_int_equal(txn_unseen(f->txn[i]), 0);
    assert_int_equal(f->txn[i]->outcome, TXN_OK);
  }
  fake_feed(f, DIR_REQUEST, span_head(ask, asked - 4));
  fake_gap(f, DIR_REQUEST, 4);
  fake_feed(f, DIR_RESPONSE, told);
  assert_int_equal(f->count, 5);
  assert_true(f->txn[4]->side[0].seen && f->txn[4]->side[1].seen);
  assert_int_equal(f->txn[4]->side[0].unseen, UNSEEN_GAP);
  buf_done(&k.bytes);
  assert_int_equal(fake_free(f), 0);
}

static void probes(void **state) {
  (void)state;
  enum probe (*probe)(struct span, enum dir) = dissector_pgsql.probe;
  assert_int_equal(probe(SPAN_LIT("\0\0\0\10\4\322\26\57"), DIR_REQUEST), PROBE_YES);
  assert_int_equal(probe(SPAN_LIT("\0\0\0\22\0\3\0\0user\0app\0\0"), DIR_REQUEST), PROBE_YES);
  assert_int_equal(probe(SPAN_LIT("\0\0\0\22\0\3"), DIR_REQUEST), PROBE_MAYBE);
  assert_int_equal(probe(SPAN_LIT("Q\0\0\0\15select 1\0"), DIR_REQUEST), PROBE_YES);
  assert_int_equal(probe(SPAN_LIT("C\0\0\0\15SELECT 1\0Z\0\0\0\5I"), DIR_RESPONSE), PROBE_YES);
  assert_int_equal(probe(SPAN_LIT("NR\0\0\0\27\0\0\0\12SCRAM-SHA-256\0\0"), DIR_RESPONSE), PROBE_YES);
  assert_int_equal(probe(SPAN_LIT("R\0\0\0\14\0\0\0\5salt"), DIR_RESPONSE), PROBE_YES);
  assert_int_equal(dissector_pgsql.side(SPAN_LIT("C\0\0\0\15SELECT 1\0Z\0\0\0\5I")), DIR_RESPONSE);
  assert_int_equal(probe(SPAN_LIT("GET / HTTP/1.1\r\n"), DIR_REQUEST), PROBE_NO);
  assert_int_equal(probe(SPAN_LIT("\26\3\1\2\0\1\0\1\374\3\3"), DIR_REQUEST), PROBE_NO);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(simple),          cmocka_unit_test(extended),
                                     cmocka_unit_test(copies),          cmocka_unit_test(arrays),
                                     cmocka_unit_test(capped),          cmocka_unit_test(refused),
                                     cmocka_unit_test(over_tls),        cmocka_unit_test(holes),
                                     cmocka_unit_test(next_after_hole), cmocka_unit_test(probes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
