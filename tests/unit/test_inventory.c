/* SPDX-License-Identifier: Apache-2.0 */
/* The inventory: what it learns of messages, tags, risk, the store and its older version. */
#include "analytics/inventory_store.h"
#include "analytics/inventory_tag.h"
#include "analytics/schema.h"
#include "analytics/schema_read.h"
#include "base/mem.h"
#include "dissect/body/body.h"
#include "temp.h"

/* A call with one field of the answer for each letter of names: s string, n number, e word of a set, - nothing. */
static void call(struct schema_book *b, const char *shape, const char *word, struct schema_news *news) {
  struct txn t = {.status = 200, .outcome = TXN_OK, .method = SPAN_LIT("GET"), .path = SPAN_LIT("/a/17")};
  struct api_event e = {.txn = &t};
  struct field f[8];
  struct field_words words = {1, false, {span_str(word)}};
  uint32_t n = 0;
  arena_init(&t.arena, NULL, 0);
  t.side[0].seen = t.side[1].seen = t.side[1].complete = true;
  t.side[1].mime = SPAN_LIT("application/json");
  t.side[1].body_bytes = 10;
  for (const char *p = shape; *p; p++) {
    if (*p == 's')
      f[n++] = (struct field){.path = SPAN_LIT("name"),
                              .seen = 1,
                              .types = 1 << LEAF_STRING,
                              .format = FORMAT_WORD,
                              .min = 4,
                              .max = 9};
    if (*p == 'n')
      f[n++] = (struct field){.path = SPAN_LIT("items[].age"),
                              .seen = 2,
                              .types = 1 << LEAF_NUMBER,
                              .format = FORMAT_INTEGER,
                              .min = 17,
                              .max = 63};
    if (*p == 'e')
      f[n++] = (struct field){.path = SPAN_LIT("items[].status"),
                              .seen = 2,
                              .types = 1 << LEAF_STRING,
                              .format = FORMAT_WORD,
                              .words = &words};
  }
  for (uint32_t i = 0; i < n; i++) {
    f[i].path_hash = hash64(f[i].path, 7);
    e.fields[1].fingerprint += f[i].path_hash;
  }
  e.fields[1].item = f;
  e.fields[1].count = n;
  schema_book_learn(b, &e, SPAN_LIT("GET /a/{aId}"), news != NULL, news);
  arena_done(&t.arena);
}

static const struct schema_field *field_of(const struct schema_book *b, const char *name) {
  for (uint32_t i = 0; i < b->nfields; i++)
    if (span_eq(b->field[i].path, span_str(name))) return &b->field[i];
  return NULL;
}

static void test_learns(void **state) {
  (void)state;
  struct schema_book *b = schema_book_new();
  for (int i = 0; i < 1000; i++) call(b, i % 4 ? "sne" : "ne", i & 1 ? "PAID" : "OPEN", NULL);
  struct schema_reading r = schema_read_field(b, field_of(b, "name"));
  assert_string_equal(r.type, "string");
  assert_false(r.required);
  assert_true(r.ratio > 0.74 && r.ratio < 0.76);
  r = schema_read_field(b, field_of(b, "items[].age"));
  assert_string_equal(r.type, "integer");
  assert_string_equal(r.format, "int32");
  assert_true(r.required && r.range);
  assert_true(r.min > 9.9 && r.min < 10.1 && r.max > 99.9 && r.max < 100.1); /* widened */
  r = schema_read_field(b, field_of(b, "items[].status"));
  assert_true(r.enumeration);
  assert_int_equal(field_of(b, "items[].status")->nwords, 2);
  r = schema_read_field(b, field_of(b, "aId"));
  assert_string_equal(r.type, "integer");
  assert_int_equal(b->nstatuses, 1);
  assert_int_equal(b->status[0].calls, 1000);
  schema_book_free(b);
}

static void test_news(void **state) {
  (void)state;
  struct schema_news news = {.len = 0};
  struct schema_book *b = schema_book_new();
  for (int i = 0; i < 30; i++) call(b, "n", "", NULL);
  call(b, "n", "", &news);
  assert_int_equal(news.len, 0);
  call(b, "ns", "", &news);
  assert_int_equal(news.len, strlen("response field name appeared (string)"));
  assert_memory_equal(news.text, "response field name appeared (string)", news.len);
  schema_book_free(b);
}

static void test_closes(void **state) {
  (void)state;
  struct schema_book *b = schema_book_new();
  char word[8] = "A";
  for (int i = 0; i < 26; i++) {
    word[0] = (char)('A' + i);
    call(b, "e", word, NULL);
  }
  assert_true(field_of(b, "items[].status")->closed);
  assert_false(schema_read_field(b, field_of(b, "items[].status")).enumeration);
  schema_book_free(b);
}

static void test_widen(void **state) {
  (void)state;
  assert_true(schema_read_widen(4321, true) == 10000);
  assert_true(schema_read_widen(4321, false) == 1000);
  assert_true(schema_read_widen(-4321, false) == -10000);
  assert_true(schema_read_widen(-4321, true) == -1000);
  assert_true(schema_read_widen(0, true) == 0);
}

static struct row *row_of(const char *method, const char *name) {
  struct row *r = mem_zalloc(sizeof *r);
  r->service_len = inventory_row_keep(r->service, ROW_SERVICE, SPAN_LIT("pay.bank"));
  r->method_len = inventory_row_keep(r->method, ROW_METHOD, span_str(method));
  inventory_row_name(r, span_str(name));
  r->exposure = ZONE_INTERNAL;
  return r;
}

static void assert_tags(struct inventory_tags *t, const char *method, const char *name, const char *want) {
  struct row *r = row_of(method, name);
  inventory_tag_row(t, r);
  char got[ROW_TAGS + 1] = "";
  memcpy(got, r->tags, r->tags_len);
  assert_string_equal(got, want);
  inventory_row_free(r);
}

static void test_tags(void **state) {
  (void)state;
  struct conf_error err = {.text = ""};
  struct inventory_tags *t = inventory_tag_new();
  assert_int_equal(inventory_tag_load(t, "rules/tags.yaml", &err), 0);
  assert_tags(t, "POST", "POST /api/v1/signIn", "login");
  assert_tags(t, "POST", "POST /denglu", "login");
  assert_tags(t, "POST", "POST /v1/sms/sendCode", "otp,message");
  assert_tags(t, "POST", "POST /user/reset_password", "password_reset,customer");
  assert_tags(t, "GET", "GET /actuator/health", "health,actuator");
  assert_tags(t, "POST", "POST /zhuanzhang/queren", "transfer");
  assert_tags(t, "GET", "GET /things/{login}", "");
  assert_tags(t, "GET", "GET /loginfo", "");
  assert_tags(t, "GET", "GET /payload", "");
  assert_tags(t, "GET", "GET /.env", "config,secret");
  inventory_tag_free(t);
}

static void test_user_rules(void **state) {
  (void)state;
  struct conf_error err = {.text = ""};
  char path[TEMP_NAME];
  struct inventory_tags *t = inventory_tag_new();
  temp_text(
      path,
      "- {owner: payments, service: 'pay.*', method: [POST, PUT]}\n- {tag: inner, exposure: internal}\n");
  assert_int_equal(inventory_tag_load(t, path, &err), 0);
  struct row *r = row_of("POST", "POST /x");
  inventory_tag_row(t, r);
  assert_string_equal(r->rule_owner, "payments");
  assert_true(inventory_tag_has(span_of(r->tags, r->tags_len), SPAN_LIT("inner")));
  inventory_row_free(r);
  write_text(path, "- {tag: x, colour: red}\n");
  assert_true(inventory_tag_load(t, path, &err) < 0);
  assert_non_null(strstr(err.text, "colour"));
  write_text(path, "- {tag: x\n");
  assert_true(inventory_tag_load(t, path, &err) < 0);
  inventory_tag_free(t);
  unlink(path);
}

static void test_risk(void **state) {
  (void)state;
  struct row *r = row_of("GET", "GET /x");
  inventory_risk(r);
  assert_int_equal(r->risk, 8);
  r->exposure = ZONE_INTERNET;
  r->auth_calls[AUTH_NONE] = 10;
  r->data[1][r->ndata[1]++] =
      (struct row_class){.class_id = "bank_card", .count = 5000, .grade = {.jrt0171 = 3}};
  r->findings = 1, r->severity = 80;
  snprintf(r->finding, sizeof r->finding, "sqli");
  inventory_risk(r);
  assert_int_equal(r->risk, 25 + 20 + 25 + 9 + 15);
  assert_non_null(strstr(r->why, "data 25 (gives bank_card)"));
  assert_non_null(strstr(r->why, "findings 15 (1, gravest sqli)"));
  inventory_row_free(r);
}

static int take(void *user, struct row *r) {
  struct row **to = user;
  inventory_row_free(*to);
  *to = r;
  return 0;
}

static void test_store(void **state) {
  (void)state;
  struct conf_error err = {.text = ""};
  struct inventory_store *s = NULL;
  struct row *r = row_of("GET", "GET /a/{aId}"), *back = NULL;
  char dir[TEMP_NAME], path[64];
  temp_folder(dir);
  snprintf(path, sizeof path, "%s/inventory.db", dir);
  sqlite3 *old;
  assert_int_equal(sqlite3_open(path, &old), SQLITE_OK);
  assert_int_equal(
      sqlite3_exec(old,
                   "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT); INSERT INTO meta "
                   "VALUES('version','1');"
                   "CREATE TABLE endpoint(id TEXT PRIMARY KEY, service TEXT NOT NULL, method TEXT NOT NULL,"
                   "endpoint TEXT NOT NULL, state TEXT NOT NULL, exposure TEXT NOT NULL, protocol TEXT, "
                   "address BLOB, port INTEGER, first_ns INTEGER, last_ns INTEGER, calls INTEGER, bytes "
                   "INTEGER, lost INTEGER, auth INTEGER, accepted INTEGER DEFAULT 0, owner TEXT, tags TEXT);"
                   "INSERT INTO endpoint(id,service,method,endpoint,state,exposure,owner) "
                   "VALUES('x','s','GET','GET /old','active','internal','me')",
                   NULL, NULL, NULL),
      SQLITE_OK);
  sqlite3_close(old);
  assert_int_equal(inventory_store_open(&s, dir, &err), 0);
  assert_int_equal(inventory_store_load(s, take, &back), 0);
  assert_string_equal(back->owner, "me");
  r->schema = schema_book_new();
  for (int i = 0; i < 40; i++) call(r->schema, "sne", "PAID", NULL);
  r->auth_calls[AUTH_JWT] = 40;
  snprintf(r->alg[0], ROW_ALG, "HS256");
  r->first_ns = 5;
  assert_int_equal(inventory_store_begin(s), 0);
  assert_int_equal(inventory_store_put(s, r), 0);
  assert_int_equal(inventory_store_commit(s), 0);
  assert_int_equal(inventory_store_label(s, "x", "a,b", NULL), 1);
  assert_int_equal(inventory_store_accept(s, NULL, 99), 2);
  inventory_store_close(s);
  assert_int_equal(inventory_store_open(&s, dir, &err), 0);
  assert_int_equal(inventory_store_load(s, take, &back), 0); /* the last one by time */
  assert_int_equal(back->accepted, 99);
  assert_string_equal(back->alg[0], "HS256");
  assert_int_equal(back->auth_calls[AUTH_JWT], 40);
  assert_int_equal(back->schema->nfields, r->schema->nfields);
  assert_true(schema_read_field(back->schema, field_of(back->schema, "items[].status")).enumeration);
  assert_int_equal(inventory_store_drop(s, r), 0);
  /* A row that goes and comes under another name brings what the user said of it. */
  snprintf(r->owner, ROW_OWNER, "crm");
  snprintf(r->user_tags, ROW_TAGS, "mine");
  r->accepted = 7;
  assert_int_equal(inventory_store_put(s, r), 0);
  assert_int_equal(inventory_store_load(s, take, &back), 0);
  assert_string_equal(back->owner, "crm");
  assert_string_equal(back->user_tags, "mine");
  assert_int_equal(back->accepted, 7);
  r->owner[0] = 0; /* what the store holds already is the user's newest word */
  assert_int_equal(inventory_store_put(s, r), 0);
  assert_int_equal(inventory_store_load(s, take, &back), 0);
  assert_string_equal(back->owner, "crm");
  inventory_store_close(s);
  inventory_row_free(r);
  inventory_row_free(back);
  unlink(path);
  rmdir(dir);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_learns), cmocka_unit_test(test_news),  cmocka_unit_test(test_closes),
      cmocka_unit_test(test_widen),  cmocka_unit_test(test_tags),  cmocka_unit_test(test_user_rules),
      cmocka_unit_test(test_risk),   cmocka_unit_test(test_store),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
