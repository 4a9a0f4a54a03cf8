/* SPDX-License-Identifier: Apache-2.0 */
/* MySQL: logins, statements, result sets in text and binary, compression, TLS, packets of 16 MB, holes; the same however it is cut. */
#include "dialog.h"

#include <stdio.h>
#include <zlib.h>

extern const struct dissector dissector_mysql;
enum {
  CAP_41 = 0x0200,
  CAP_DB = 8,
  CAP_SECURE = 0x8000,
  CAP_COMPRESS = 0x20,
  CAP_SSL = 0x800,
  CAP_NO_EOF = 0x1000000,
  CAP_ATTRIBUTES = 0x8000000
};

static void say(struct dialog *k, enum dir d, uint8_t seq, const void *body, size_t n) {
  const uint8_t head[4] = {(uint8_t)n, (uint8_t)(n >> 8), (uint8_t)(n >> 16), seq};
  dialog_add(k, d, span_of(head, 4), span_of(body, n));
}
static void query(struct dialog *k, const char *sql) {
  char body[4096];
  int n = snprintf(body, sizeof body, "%c%s", 3, sql);
  say(k, DIR_REQUEST, 0, body, (size_t)n);
}
static void greet(struct dialog *k) {
  static const char body[] = "\x0a"
                             "8.0.36\0"
                             "\1\0\0\0"
                             "abcdefgh\0"
                             "\xff\xff\xff\2\0\xff\xdf\x15"
                             "\0\0\0\0\0\0\0\0\0\0"
                             "ijklmnopqrst\0"
                             "caching_sha2_password\0";
  say(k, DIR_RESPONSE, 0, body, sizeof body - 1);
}
static void login(struct dialog *k, uint32_t caps) {
  uint8_t b[64] = {0};
  caps |= CAP_41 | CAP_SECURE | CAP_DB | 1;
  memcpy(b, &caps, 4);
  b[8] = 45;
  memcpy(b + 32,
         "app\0\4XYZW"
         "bank\0",
         14);
  say(k, DIR_REQUEST, 1, b, 46);
}
static void ok(struct dialog *k, uint8_t seq, uint8_t affected, uint8_t status) {
  const uint8_t b[7] = {0, affected, 0, status, 0, 0, 0};
  say(k, DIR_RESPONSE, seq, b, 7);
}
static void error(struct dialog *k, uint8_t seq, uint16_t code, const char *text) {
  char b[256] = {(char)0xff, (char)code, (char)(code >> 8)};
  int n = snprintf(b + 3, sizeof b - 3, "#42000%s", text);
  say(k, DIR_RESPONSE, seq, b, (size_t)n + 3);
}
static void column(struct dialog *k, uint8_t seq, const char *name, const char *original, uint8_t type) {
  uint8_t b[256] = "\3def\4bank\1c\x08"
                   "customer";
  size_t n = 4 + 5 + 2 + 9;
  b[n++] = (uint8_t)strlen(name);
  memcpy(b + n, name, strlen(name)), n += strlen(name);
  b[n++] = (uint8_t)strlen(original);
  memcpy(b + n, original, strlen(original)), n += strlen(original);
  const uint8_t fixed[13] = {12, 45, 0, 0, 1, 0, 0, type, 0, 0, 0, 0, 0};
  memcpy(b + n, fixed, 13);
  say(k, DIR_RESPONSE, seq, b, n + 13);
}
static void eof(struct dialog *k, uint8_t seq, uint8_t status) {
  const uint8_t b[5] = {0xfe, 0, 0, status, 0};
  say(k, DIR_RESPONSE, seq, b, 5);
}

static void same(struct dialog *k, const char *want) { dialog_same(k, &dissector_mysql, want); }

#define HEAD "db.system.name=mysql db.namespace=bank user.name=app "
#define LOGIN \
  "login 1 " HEAD "tapscope.db.server_version=8.0.36 tapscope.db.auth=caching_sha2_password |0 |0\n"

static void statements(void **state) {
  (void)state;
  struct dialog k = {0};
  greet(&k), login(&k, 0), ok(&k, 2, 0, 2);
  query(&k, "/* 7 */ SELECT name, mobile AS m, COUNT(*) FROM customer c JOIN acct_2024 a USING(id) WHERE "
            "c.name='O\\'Hara' LIMIT 3");
  say(&k, DIR_RESPONSE, 1, "\3", 1);
  column(&k, 2, "name", "name", 253), column(&k, 3, "m", "mobile", 253), column(&k, 4, "COUNT(*)", "", 8);
  eof(&k, 5, 2);
  say(&k, DIR_RESPONSE, 6,
      "\3Ann\xfb\1"
      "2",
      7);
  say(&k, DIR_RESPONSE, 7,
      "\3Bob\x0b"
      "13800138000\1"
      "1",
      18);
  eof(&k, 8, 2);
  query(&k, "INSERT INTO t (a, b) VALUES ('x''y', 5), (NULL, LOWER('Z'))");
  ok(&k, 1, 2, 2);
  query(&k, "SELECT * FROM nothing WHERE pin=Secret1");
  error(&k, 1, 1054, "Unknown column 'Secret1' in 'where clause'");
  query(&k, "SELECT 'hidden value', 'word'");
  say(&k, DIR_RESPONSE, 1, "\2", 1);
  column(&k, 2, "hidden value", "", 253), column(&k, 3, "word", "", 253);
  eof(&k, 4, 2);
  say(&k, DIR_RESPONSE, 5, "\1a\1b", 4);
  eof(&k, 6, 2);
  say(&k, DIR_REQUEST, 0, "\2shop", 5), ok(&k, 1, 0, 2);
  say(&k, DIR_REQUEST, 0, "\x0e", 1), ok(&k, 1, 0, 2);
  say(&k, DIR_REQUEST, 0, "\1", 1);
  same(&k, LOGIN
       "SELECT customer,acct_{n} 1 " HEAD "db.response.returned_rows=2 db.operation.name=SELECT "
       "db.query.text=SELECT name, mobile AS m, COUNT(*) FROM customer c JOIN acct_2024 a USING(id) WHERE "
       "c.name=? LIMIT ? |0 where.name=O'Hara |0 rows[].name=Ann rows[].mobile=null rows[].COUNT(*)=2 "
       "rows[].name=Bob rows[].mobile=13800138000 rows[].COUNT(*)=1\n"
       "INSERT t 1 " HEAD
       "tapscope.db.affected_rows=2 db.operation.name=INSERT db.query.text=INSERT INTO t (a, b) "
       "VALUES (?), (NULL, LOWER(?)) |0 rows[].a=x'y rows[].b=5 rows[].a=null rows[].b=Z |0\n"
       "SELECT 2 " HEAD "error.code=1054 tapscope.db.sqlstate=42000 error.message=Unknown column ? "
       "db.operation.name=SELECT |0 |0\n"
       "SELECT 1 " HEAD "db.response.returned_rows=1 db.operation.name=SELECT db.query.text=SELECT ? "
       "|0 values[]=hidden value values[]=word |0 rows[].{expr}=a rows[].{expr}=b\n"
       "USE shop 1 " HEAD "tapscope.db.affected_rows=0 db.operation.name=USE |0 |0\n"
       "PING 1 db.system.name=mysql db.namespace=shop user.name=app tapscope.db.affected_rows=0 "
       "db.operation.name=PING |0 |0\n");
}

static void prepared(void **state) {
  (void)state;
  struct dialog k = {0};
  greet(&k), login(&k, CAP_NO_EOF), ok(&k, 2, 0, 2);
  const char sql[] = "\x16SELECT name, bal FROM customer WHERE id > ? AND mobile = ?";
  say(&k, DIR_REQUEST, 0, sql, sizeof sql - 1);
  say(&k, DIR_RESPONSE, 1, "\0\1\0\0\0\2\0\2\0\0\0\0", 12);
  column(&k, 2, "?", "", 253), column(&k, 3, "?", "", 253), column(&k, 4, "name", "name", 253),
      column(&k, 5, "bal", "bal", 5);
  for (int i = 0; i < 2; i++) {
    uint8_t b[64] = {0x17, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, (uint8_t)!i};
    size_t n = 12;
    if (i == 0) memcpy(b + n, "\3\0\xfd\0", 4), n += 4;
    memcpy(b + n,
           "\x2a\0\0\0\x0b"
           "13912345678",
           16),
        n += 16;
    say(&k, DIR_REQUEST, 0, b, n);
    say(&k, DIR_RESPONSE, 1, "\2", 1);
    column(&k, 2, "name", "name", 253), column(&k, 3, "bal", "bal", 5);
    say(&k, DIR_RESPONSE, 4, "\0\0\3Ann\0\0\0\0\0\0\xf8\x3f", 14);
    say(&k, DIR_RESPONSE, 5, "\0\x08\3Bob", 6);
    say(&k, DIR_RESPONSE, 6, "\xfe\0\0\2\0\0\0", 7);
  }
  say(&k, DIR_REQUEST, 0, "\x19\1\0\0\0", 5);
  say(&k, DIR_REQUEST, 0, "\x17\1\0\0\0\0\1\0\0\0", 10);
  error(&k, 1, 1243, "Unknown prepared statement handler (1) given");
#define RUN \
  "SELECT customer 1 " HEAD "tapscope.db.prepared=1 db.response.returned_rows=2 db.operation.name=SELECT " \
  "db.query.text=SELECT name, bal FROM customer WHERE id > ? AND mobile = ? |0 params[].id=42 " \
  "params[].mobile=13912345678 " \
  "|0 rows[].name=Ann rows[].bal=1.5 rows[].name=Bob rows[].bal=null\n"
  same(&k, LOGIN RUN RUN "EXECUTE 2 " HEAD
                         "tapscope.db.prepared=1 error.code=1243 tapscope.db.sqlstate=42000 |0 |0\n");
}

/* Values that are sent before the execution, in pieces, more than one at a time; the second execution has none. */
static void long_data(void **state) {
  (void)state;
  struct dialog k = {0};
  const char sql[] = "\x16INSERT INTO doc (id, body, note) VALUES (?, ?, ?)";
  say(&k, DIR_REQUEST, 0, sql, sizeof sql - 1);
  say(&k, DIR_RESPONSE, 1, "\0\1\0\0\0\0\0\3\0\0\0\0", 12);
  for (uint8_t i = 0; i < 3; i++) column(&k, (uint8_t)(2 + i), "?", "", 253);
  eof(&k, 5, 2);
  say(&k, DIR_REQUEST, 0, "\x18\1\0\0\0\1\0one ", 11);
  say(&k, DIR_REQUEST, 0, "\x18\1\0\0\0\2\0left", 11);
  say(&k, DIR_REQUEST, 0, "\x18\1\0\0\0\1\0two", 10);
  say(&k, DIR_REQUEST, 0, "\x18\1\0\0\0\7\0none", 11); /* no such parameter */
  say(&k, DIR_REQUEST, 0, "\x17\1\0\0\0\0\1\0\0\0\0\1\3\0\xfc\0\xfd\0\x2a\0\0\0", 22);
  ok(&k, 1, 1, 2);
  say(&k, DIR_REQUEST, 0, "\x17\1\0\0\0\0\1\0\0\0\4\0\x2b\0\0\0\3new", 20);
  ok(&k, 1, 1, 2);
#define INSERT(values) \
  "INSERT doc 1 db.system.name=mysql tapscope.db.prepared=1 tapscope.db.affected_rows=1 " \
  "db.operation.name=INSERT db.query.text=INSERT INTO doc (id, body, note) VALUES (?) |0 " values " |0\n"
  same(&k, INSERT("params[].id=42 params[].body=one two params[].note=left")
               INSERT("params[].id=43 params[].body=new params[].note=null"));
}

/* Attributes of the query stand behind the parameters (MySQL 8.0.23). */
static void attributes(void **state) {
  (void)state;
  struct dialog k = {0};
  greet(&k), login(&k, CAP_NO_EOF | CAP_ATTRIBUTES), ok(&k, 2, 0, 2);
  const char sql[] = "\x16"
                     "DELETE FROM doc WHERE id = ?";
  say(&k, DIR_REQUEST, 0, sql, sizeof sql - 1);
  say(&k, DIR_RESPONSE, 1, "\0\1\0\0\0\0\0\1\0\0\0\0", 12);
  column(&k, 2, "?", "", 253);
  const char run[] = "\x17\1\0\0\0\x08\1\0\0\0\2\0\1\3\0\0\xfd\0\5trace\x2a\0\0\0\3abc";
  say(&k, DIR_REQUEST, 0, run, sizeof run - 1);
  ok(&k, 1, 1, 2);
  same(&k,
       LOGIN "DELETE doc 1 " HEAD "tapscope.db.prepared=1 tapscope.db.affected_rows=1 "
             "db.operation.name=DELETE db.query.text=DELETE FROM doc WHERE id = ? |0 params[].id=42 |0\n");
}

static void capped(void **state) {
  (void)state;
  struct dialog k = {0};
  query(&k,
        "INSERT INTO t VALUES ('aaaaaaaaaaaaaaaaaaaaaaaaaaaa'),('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb')");
  ok(&k, 1, 2, 2);
  dialog_capped(&k, &dissector_mysql);
}

static void several_results(void **state) {
  (void)state;
  struct dialog k = {0};
  query(&k, "CALL report(7)");
  for (int i = 0; i < 2; i++) {
    say(&k, DIR_RESPONSE, (uint8_t)(1 + i * 5), "\1", 1);
    column(&k, (uint8_t)(2 + i * 5), "name", "name", 253);
    eof(&k, (uint8_t)(3 + i * 5), 10);
    say(&k, DIR_RESPONSE, (uint8_t)(4 + i * 5), i ? "\1z" : "\1y", 2);
    eof(&k, (uint8_t)(5 + i * 5), 10);
  }
  ok(&k, 11, 0, 2);
  same(&k, "CALL report 1 db.system.name=mysql db.response.returned_rows=2 db.operation.name=CALL "
           "db.query.text=CALL "
           "report(?) |0 |0 rows[].name=y rows[].name=z\n");
}

static void refused(void **state) {
  (void)state;
  struct dialog k = {0};
  greet(&k), login(&k, 0);
  say(&k, DIR_RESPONSE, 2, "\xfemysql_native_password\0abc", 26);
  say(&k, DIR_REQUEST, 3, "12345678901234567890", 20);
  error(&k, 4, 1045, "Access denied for user 'app'@'10.0.0.1' (using password: YES)");
  same(&k, "login 2 " HEAD
           "tapscope.db.server_version=8.0.36 tapscope.db.auth=caching_sha2_password error.code=1045 "
           "tapscope.db.sqlstate=42000 |0 |0\n");
  struct dialog full = {0};
  say(&full, DIR_RESPONSE, 0, "\xff\x10\4Too many connections", 23);
  same(&full, "refused 2 db.system.name=mysql error.code=1040 error.message=Too many connections |0- |0\n");
}

/* Everything after the login in compressed packets of two messages. */
static void compressed(void **state) {
  (void)state;
  struct dialog plain = {0}, k = {0};
  query(&plain, "SELECT mobile FROM customer");
  say(&plain, DIR_RESPONSE, 1, "\1", 1);
  column(&plain, 2, "mobile", "mobile", 253), eof(&plain, 3, 2);
  say(&plain, DIR_RESPONSE, 4,
      "\x0b"
      "13800138000",
      12),
      eof(&plain, 5, 2);
  greet(&k), login(&k, CAP_COMPRESS), ok(&k, 2, 0, 2);
  for (size_t i = 0; i < plain.count; i++) {
    size_t from = plain.part[i].from, len = plain.part[i].len;
    uint8_t packed[512], h[7] = {0};
    uLongf n = sizeof packed;
    compress(packed, &n, plain.bytes.base + from, len);
    bool raw = i == 0;
    if (raw) memcpy(packed, plain.bytes.base + from, len), n = len;
    h[0] = (uint8_t)n, h[1] = (uint8_t)(n >> 8), h[3] = (uint8_t)i;
    if (!raw) h[4] = (uint8_t)len, h[5] = (uint8_t)(len >> 8);
    dialog_add(&k, plain.part[i].d, span_of(h, 7), span_of(packed, n));
  }
  same(&k, LOGIN "SELECT customer 1 " HEAD
                 "db.response.returned_rows=1 db.operation.name=SELECT db.query.text=SELECT mobile "
                 "FROM customer |0 |0 rows[].mobile=13800138000\n");
  buf_done(&plain.bytes);
}

static void over_tls(void **state) {
  (void)state;
  struct dialog k = {0};
  uint8_t ssl[36] = {32, 0, 0, 1, 0, CAP_41 >> 8 | CAP_SSL >> 8};
  greet(&k);
  struct fake_flow *f = fake_new();
  fake_begin(f, &dissector_mysql, 0, NULL);
  fake_feed(f, DIR_RESPONSE, buf_span(&k.bytes));
  struct chunk in = {.data = {ssl, 36}, .dir = DIR_REQUEST};
  struct parse p = dissector_mysql.parse(f->state, &f->cx, in);
  assert_int_equal(p.status, PARSE_SWITCH);
  assert_string_equal(p.next, "tls");
  assert_true(p.within);
  assert_int_equal(p.used, 36);
  assert_int_equal(fake_free(f), 0);
  buf_done(&k.bytes);
}

/* A statement of 16 MB comes in two packets, and is kept up to the cap. */
static void huge(void **state) {
  (void)state;
  struct fake_flow *f = fake_new();
  enum { FULL = 0xffffff };
  uint8_t *big = malloc(FULL + 8);
  memset(big, 'x', FULL + 8);
  memcpy(big, "\xff\xff\xff\0\3INSERT INTO t (a) VALUES ('", 32);
  fake_begin(f, &dissector_mysql, 0, NULL);
  for (size_t at = 0; at < FULL + 4; at += 1 << 20)
    fake_feed(f, DIR_REQUEST, span_of(big + at, FULL + 4 - at < 1 << 20 ? FULL + 4 - at : 1 << 20));
  fake_feed(f, DIR_REQUEST, span_of("\2\0\0\1')", 6));
  fake_feed(f, DIR_RESPONSE, span_of("\7\0\0\2\0\1\0\2\0\0\0", 11));
  assert_int_equal(f->count, 1);
  assert_int_equal(f->txn[0]->outcome, TXN_OK);
  assert_true(span_eq(f->txn[0]->operation, SPAN_LIT("INSERT t")));
  assert_int_equal(f->txn[0]->side[0].wire_bytes, FULL + 4 + 6);
  free(big);
  assert_int_equal(fake_free(f), 0);
}

static void holes(void **state) {
  (void)state;
  struct dialog k = {0};
  struct fake_flow *f = fake_new();
  fake_begin(f, &dissector_mysql, UNSEEN_MIDSTREAM, NULL);
  query(&k, "SELECT name, mobile FROM customer");
  say(&k, DIR_RESPONSE, 1, "\2", 1);
  column(&k, 2, "name", "name", 253), column(&k, 3, "mobile", "mobile", 253), eof(&k, 4, 2);
  for (uint8_t i = 0; i < 20; i++)
    say(&k, DIR_RESPONSE, (uint8_t)(5 + i),
        "\3Ann\x0b"
        "13800138000",
        16);
  eof(&k, 25, 2);
  query(&k, "DELETE FROM a"), ok(&k, 1, 1, 2);
  size_t skip = k.part[8].from + 7;
  for (size_t i = 0; i < 8; i++)
    fake_feed(f, k.part[i].d, span_of(k.bytes.base + k.part[i].from, k.part[i].len));
  fake_feed(f, DIR_RESPONSE, span_of(k.bytes.base + k.part[8].from, 7));
  fake_gap(f, DIR_RESPONSE, 50); /* to the middle of a later row */
  fake_feed(f, DIR_RESPONSE, span_of(k.bytes.base + skip + 50, k.part[26].from - skip - 50));
  assert_int_equal(f->count, 1);
  assert_int_equal(f->txn[0]->side[1].unseen, UNSEEN_GAP);
  assert_true(txn_fact(f->txn[0], "db.response.returned_rows")->num >= 15);
  fake_gap(f, DIR_REQUEST, 30);
  fake_feed(f, DIR_RESPONSE, span_of("\7\0\0\1\0\1\0\2\0\0\0", 11)); /* of the request that was lost */
  assert_int_equal(f->count, 2);
  assert_true(f->txn[1]->side[0].unseen & UNSEEN_GAP);
  for (size_t i = 26; i < 28; i++)
    fake_feed(f, k.part[i].d, span_of(k.bytes.base + k.part[i].from, k.part[i].len));
  assert_int_equal(f->count, 3);
  assert_true(span_eq(f->txn[2]->operation, SPAN_LIT("DELETE a")));
  assert_int_equal(f->txn[2]->outcome, TXN_OK);
  buf_done(&k.bytes);
  assert_int_equal(fake_free(f), 0);
}

/* An answer that is lost whole, a statement prepared whose text is, a greeting: what comes next is right. */
static void next_after_hole(void **state) {
  (void)state;
  struct dialog k = {0};
  struct fake_flow *f = fake_new();
  fake_begin(f, &dissector_mysql, 0, NULL);
  query(&k, "DELETE FROM a"), ok(&k, 1, 1, 2);
  struct span asked = span_of(k.bytes.base, k.part[0].len), told = span_skip(buf_span(&k.bytes), asked.len);
  fake_feed(f, DIR_REQUEST, asked);
  fake_gap(f, DIR_RESPONSE, told.len);
  fake_feed(f, DIR_REQUEST, asked);
  fake_feed(f, DIR_RESPONSE, told);
  assert_int_equal(f->count, 2);
  assert_int_equal(f->txn[0]->side[1].unseen, UNSEEN_GAP);
  assert_int_equal(txn_unseen(f->txn[1]), 0);
  assert_int_equal(f->txn[1]->outcome, TXN_OK);
  fake_gap(f, DIR_REQUEST, 30);
  fake_feed(f, DIR_RESPONSE, span_of("\14\0\0\1\0\7\0\0\0\0\0\1\0\0\0\0", 16));
  assert_int_equal(f->count, 2);
  fake_feed(f, DIR_REQUEST, span_of("\12\0\0\0\27\7\0\0\0\0\1\0\0\0", 14));
  fake_feed(f, DIR_RESPONSE, told);
  assert_int_equal(f->count, 3);
  assert_true(span_eq(f->txn[2]->operation, SPAN_LIT("EXECUTE")));
  assert_int_equal(f->txn[2]->side[0].unseen, UNSEEN_GAP);
  fake_feed(f, DIR_REQUEST, span_head(asked, asked.len - 3));
  fake_gap(f, DIR_REQUEST, 3);
  fake_feed(f, DIR_RESPONSE, told);
  assert_int_equal(f->count, 4);
  assert_true(f->txn[3]->side[0].seen && f->txn[3]->side[1].seen);
  fake_feed(f, DIR_REQUEST, /* its login was lost: attributes before the text are not told with it */
            span_of("\34\0\0\0\3\1\1\0\1\375\0\1n\6secretSELECT now()", 32));
  fake_feed(f, DIR_RESPONSE, told);
  assert_int_equal(f->count, 5);
  assert_true(span_eq(txn_fact(f->txn[4], "db.query.text")->str, SPAN_LIT("SELECT now()")));
  buf_done(&k.bytes);
  assert_int_equal(fake_free(f), 0);
}

/* The server alone: tables by the columns' own names. */
static void one_sided(void **state) {
  (void)state;
  struct dialog k = {0};
  struct fake_flow *f = fake_new();
  fake_begin(f, &dissector_mysql, UNSEEN_MIDSTREAM | UNSEEN_ONE_SIDED, NULL);
  say(&k, DIR_RESPONSE, 1, "\1", 1);
  column(&k, 2, "m", "mobile", 253), eof(&k, 3, 2);
  say(&k, DIR_RESPONSE, 4,
      "\x0b"
      "13800138000",
      12),
      eof(&k, 5, 2);
  fake_feed(f, DIR_RESPONSE, buf_span(&k.bytes));
  assert_int_equal(f->count, 1);
  assert_true(span_eq(f->txn[0]->operation, SPAN_LIT("SELECT customer")));
  assert_int_equal(f->txn[0]->side[0].unseen, UNSEEN_MIDSTREAM | UNSEEN_ONE_SIDED);
  buf_done(&k.bytes);
  assert_int_equal(fake_free(f), 0);
}

static void probes(void **state) {
  (void)state;
  struct dialog k = {0};
  greet(&k);
  assert_int_equal(dissector_mysql.probe(buf_span(&k.bytes), DIR_RESPONSE), PROBE_YES);
  assert_int_equal(dissector_mysql.probe(span_head(buf_span(&k.bytes), 9), DIR_RESPONSE), PROBE_MAYBE);
  buf_reset(&k.bytes);
  query(&k, "select 1");
  assert_int_equal(dissector_mysql.probe(buf_span(&k.bytes), DIR_REQUEST), PROBE_YES);
  assert_int_equal(dissector_mysql.side(buf_span(&k.bytes)), DIR_REQUEST);
  assert_int_equal(dissector_mysql.probe(SPAN_LIT("GET / HTTP/1.1\r\n"), DIR_REQUEST), PROBE_NO);
  assert_int_equal(dissector_mysql.probe(SPAN_LIT("\x16\3\1\0\x50\1\0\0\x4c"), DIR_REQUEST), PROBE_NO);
  assert_int_equal(dissector_mysql.probe(SPAN_LIT("\x16\3\0\0\3hello world, this is"), DIR_REQUEST),
                   PROBE_NO);
  buf_done(&k.bytes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(statements), cmocka_unit_test(prepared),   cmocka_unit_test(long_data),
      cmocka_unit_test(attributes), cmocka_unit_test(capped),     cmocka_unit_test(several_results),
      cmocka_unit_test(refused),    cmocka_unit_test(compressed), cmocka_unit_test(over_tls),
      cmocka_unit_test(huge),       cmocka_unit_test(holes),      cmocka_unit_test(next_after_hole),
      cmocka_unit_test(one_sided),  cmocka_unit_test(probes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
