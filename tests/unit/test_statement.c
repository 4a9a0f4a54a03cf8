/* SPDX-License-Identifier: Apache-2.0 */
/* SQL: verbs, tables, the text without values, the column that each value belongs to; what is told of messages and names. */
#include "cmocka_all.h"
#include "dissect/body/body.h"
#include "dissect/proto/statement.h"

struct row {
  enum statement_dialect d;
  const char *sql, *operation, *text, *values;
};
#define MY STATEMENT_MYSQL
#define PG STATEMENT_PGSQL

static const struct row rows[] = {
    {MY, "select * from `a`.`b` where x='1''2' and y = \"q\"", "SELECT b",
     "select * from a.b where x=? and y = ?", " where.x=1'2 where.y=q"},
    {MY, "SELECT a FROM t1, t2 JOIN s.t3 ON t1.id=t3.id WHERE a IN (1,22,'x') OR b BETWEEN 'f' AND 'g'",
     "SELECT t1,t2,s.t3", "SELECT a FROM t1, t2 JOIN s.t3 ON t1.id=t3.id WHERE a IN (?) OR b BETWEEN ? AND ?",
     " where.a=1 where.a=22 where.a=x where.b=f where.b=g"},
    {MY,
     "INSERT INTO t (id, `key`, value, name) VALUES (1, 'k', 'v', 'n') ON DUPLICATE KEY UPDATE value = "
     "VALUES(value)",
     "INSERT t",
     "INSERT INTO t (id, key, value, name) VALUES (?) ON DUPLICATE KEY UPDATE value = VALUES(value)",
     " rows[].id=1 rows[].key=k rows[].value=v rows[].name=n"},
    {MY, "INSERT IGNORE t VALUES (1,NULL),(2,MD5('p'))", "INSERT t",
     "INSERT IGNORE t VALUES (?,NULL),(?,MD5(?))", " rows[]=1 rows[]=null rows[]=2 rows[]=p"},
    {MY, "REPLACE INTO t SET a='x', b=2", "REPLACE t", "REPLACE INTO t SET a=?, b=?", " set.a=x set.b=2"},
    {MY, "UPDATE t SET mobile='138', pin=SHA2('9999',256), n=n+1 WHERE id_card LIKE '11%' LIMIT 5",
     "UPDATE t", "UPDATE t SET mobile=?, pin=SHA2(?), n=n+? WHERE id_card LIKE ? LIMIT ?",
     " set.mobile=138 set.pin=9999 set.pin=256 set.n=1 where.id_card=11%"},
    {MY, "DELETE a FROM a LEFT JOIN b ON a.x=b.x WHERE b.y IS NULL # gone 'x", "DELETE a,b",
     "DELETE a FROM a LEFT JOIN b ON a.x=b.x WHERE b.y IS NULL", ""},
    {MY, "WITH c AS (SELECT * FROM base), d AS (SELECT 1) SELECT * FROM c JOIN d", "SELECT base",
     "WITH c AS (SELECT * FROM base), d AS (SELECT ?) SELECT * FROM c JOIN d", ""},
    {MY, "select extract(year from born), replace(mobile,'1','2') from p -- it's", "SELECT p",
     "select extract(year from born), replace(mobile,?) from p", " values[]=1 values[]=2"},
    {MY, "SELECT * FROM event WHERE value = 'v' AND `order_202401`.x=1 FOR UPDATE", "SELECT event",
     "SELECT * FROM event WHERE value = ? AND ?.x=? FOR UPDATE", " where.value=v where.x=1"},
    {MY, "SELECT * FROM order_202401 o, log_7", "SELECT order_{n},log_{n}", NULL, ""},
    {MY, "CREATE PROCEDURE p() BEGIN SELECT 1 FROM t; END", "CREATE p", NULL, ""},
    {MY, "SHOW COLUMNS FROM t", "SHOW t", "SHOW COLUMNS FROM t", ""},
    {MY, "SELEC x", "OTHER", "SELEC x", ""},
    {MY, "select 1 from t where a='\xbf\\' and b='secret'", "SELECT t", "select ? from t where a=? and b=?",
     NULL}, /* GBK */
    {PG, "SELECT \"Name\" FROM ONLY s.t WHERE a = $2 AND b ~* E'x\\'y' AND c = $tag$it's$tag$::text",
     "SELECT s.t", "SELECT Name FROM ONLY s.t WHERE a = ? AND b ~* ? AND c = ?::text",
     " where.b=x'y where.c=it's"},
    {PG, "/* a /* b */ c */ INSERT INTO t(a,b) SELECT x, 'y' FROM u RETURNING a", "INSERT t,u",
     "INSERT INTO t(a,b) SELECT x, ? FROM u RETURNING a", " values[]=y"},
    {PG, "COPY t (a, b) FROM STDIN WITH (FORMAT csv, HEADER)", "COPY t",
     "COPY t (a, b) FROM STDIN WITH (FORMAT csv, HEADER)", ""},
    {PG, "select * from generate_series(1,10) g, real r where r.k ?| array['x']", "SELECT real", NULL, NULL},
    {PG, "(SELECT 1) UNION SELECT 2 FROM t", "SELECT t", "(SELECT ?) UNION SELECT ? FROM t", ""},
};

static int on_leaf(void *user, const struct leaf *l) {
  return buf_printf(user, " %.*s=%.*s", SPAN_FMT(l->path), SPAN_FMT(l->value)) < 0 ? -1 : 0;
}

static void reads(void **state) {
  unsigned bad = 0;
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct arena a;
    struct buf values, told;
    struct statement s;
    arena_init(&a, NULL, 0);
    buf_init(&values, NULL, 0);
    buf_init(&told, NULL, 0);
    statement_read(&s, span_str(rows[i].sql), rows[i].d, &a, &values);
    struct span op = statement_operation(&s, &a);
    struct body_walk w = {.leaf = on_leaf, .user = &told, .mime = SPAN_LIT("application/vnd.tapscope.rows")};
    assert_true(body_walk(&w, buf_span(&values), NULL) >= 0);
    buf_put_u8(&told, 0);
    if (!span_eq(op, span_str(rows[i].operation)))
      bad++, print_error("%s: %.*s\n", rows[i].sql, SPAN_FMT(op));
    if (rows[i].text && !span_eq(s.text, span_str(rows[i].text)))
      bad++, print_error("%s: %.*s\n", rows[i].sql, SPAN_FMT(s.text));
    if (rows[i].values && strcmp((char *)told.base, rows[i].values) != 0)
      bad++, print_error("%s:%s\n", rows[i].sql, (char *)told.base);
    assert_true(span_find(s.text, SPAN_LIT("secret")) == s.text.len);
    buf_done(&values);
    buf_done(&told);
    arena_done(&a);
  }
  assert_int_equal(bad, 0);
}

static void marks(void **state) {
  (void)state;
  struct arena a;
  struct statement s;
  arena_init(&a, NULL, 0);
  statement_read(&s, SPAN_LIT("UPDATE t SET a = ?, b = lower(?) WHERE id IN (?, ?) LIMIT ?"), STATEMENT_MYSQL,
                 &a, NULL);
  static const char *const want[] = {"a", "b", "id", "id", ""};
  assert_int_equal(s.marks, 5);
  for (unsigned i = 0; i < 5; i++) assert_true(span_eq(s.mark[i], span_str(want[i])));
  statement_read(&s, SPAN_LIT("INSERT INTO t (x, y) VALUES ($2, $1)"), STATEMENT_PGSQL, &a, NULL);
  assert_int_equal(s.marks, 2);
  assert_true(span_eq(s.mark[0], SPAN_LIT("y")) && span_eq(s.mark[1], SPAN_LIT("x")));
  arena_done(&a);
}

static void cuts(void **state) {
  (void)state;
  struct span rest = SPAN_LIT(" ; BEGIN; SELECT ';' /* ; */ ; /* end */ ; ");
  assert_true(span_eq(statement_lex_cut(&rest, STATEMENT_PGSQL), SPAN_LIT("BEGIN")));
  assert_true(span_starts(statement_lex_cut(&rest, STATEMENT_PGSQL), SPAN_LIT("SELECT ';'")));
  assert_int_equal(statement_lex_cut(&rest, STATEMENT_PGSQL).len, 0);
}

static void messages(void **state) {
  (void)state;
  static const char *const pairs[][2] = {
      {"Duplicate entry '13800138000-x' for key 'mobile'", "Duplicate entry ?"},
      {"Table 'bank.t' doesn't exist", "Table ? doesn't exist"},
      {"relation \"t\" does not exist", "relation ? does not exist"},
      {"Too many connections", "Too many connections"},
      {"value 13800138000 out of range", ""},
      {"Key (mobile)=(138) exists", ""},
      {"\xe9\x94\x99\xe8\xaf\xaf", ""}};
  struct arena a;
  arena_init(&a, NULL, 0);
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
    assert_true(span_eq(statement_text_error(span_str(pairs[i][0]), &a), span_str(pairs[i][1])));
  assert_true(statement_text_name(SPAN_LIT("id_card2")));
  assert_false(statement_text_name(SPAN_LIT("13800138000")));
  assert_false(statement_text_name(SPAN_LIT("\xe7\x8e\x8b")));
  arena_done(&a);
}

/* A line that comes byte by byte is looked at once: 300 kB of it would take minutes otherwise. */
static void long_line(void **state) {
  (void)state;
  struct statement_rows x = {.csv = true};
  struct buf carry, out;
  uint64_t count = 0;
  buf_init(&carry, NULL, 1 << 20);
  buf_init(&out, NULL, 1 << 20);
  static const char line[] = "1,\"a\n";
  assert_int_equal(statement_rows_data(&x, &carry, span_str(line), &out, &count), 0);
  for (unsigned i = 0; i < 300000; i++)
    assert_int_equal(statement_rows_data(&x, &carry, SPAN_LIT("\n"), &out, &count), 0);
  assert_int_equal(count, 0);
  assert_int_equal(statement_rows_data(&x, &carry, SPAN_LIT("\"\n2,b\n"), &out, &count), 0);
  assert_int_equal(count, 2);
  assert_int_equal(carry.len, 0);
  assert_int_equal(x.cells, 2);
  buf_done(&carry);
  buf_done(&out);
}

/* A backslash at the end of one piece speaks of the first byte of the next. */
static void cut_escape(void **state) {
  (void)state;
  struct statement_rows x = {0};
  struct buf carry, out;
  uint64_t count = 0;
  buf_init(&carry, NULL, 0);
  buf_init(&out, NULL, 0);
  assert_int_equal(statement_rows_data(&x, &carry, SPAN_LIT("a\\"), &out, &count), 0);
  assert_int_equal(statement_rows_data(&x, &carry, SPAN_LIT("\nb"), &out, &count), 0);
  assert_int_equal(count, 0);
  assert_int_equal(statement_rows_data(&x, &carry, SPAN_LIT("\n"), &out, &count), 0);
  assert_int_equal(count, 1);
  buf_done(&carry);
  buf_done(&out);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(reads),     cmocka_unit_test(marks),
                                     cmocka_unit_test(cuts),      cmocka_unit_test(messages),
                                     cmocka_unit_test(long_line), cmocka_unit_test(cut_escape)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
