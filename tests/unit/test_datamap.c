/* SPDX-License-Identifier: Apache-2.0 */
/* The data map: rows, distinct subjects, lineage by tokens, and what a restart keeps. */
#include "tests/unit/cmocka_all.h"

#include "analytics/datamap.h"
#include "base/hash.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SEC 1000000000ULL

static struct counters ctr;
static struct zones zones;
static struct analytics_conf conf;

static int start(void **state) {
  struct conf_error err = {""};
  (void)state;
  return zones_init(&zones, &conf, &err);
}
static int stop(void **state) {
  (void)state;
  zones_done(&zones);
  return 0;
}

static void address(uint8_t to[16], const char *text) {
  struct cidr c;
  assert_int_equal(zones_cidr(&c, text), 0);
  memcpy(to, c.addr, 16);
}

static uint64_t tokens[3000];

/* client asks server, which answers n values from the first one on. */
static void call(struct datamap *m, const char *client, const char *server, const char *service,
                 unsigned first, unsigned n, uint64_t now) {
  struct txn t = {.kind = TXN_CALL};
  struct data_hit hit = {.class_id = "id_card",
                         .count = n,
                         .subjects = n,
                         .grade = {.jrt0171 = 2, .jrt0197 = 3},
                         .ntokens = n,
                         .tokens = tokens + first};
  struct api_event e = {.txn = &t, .service = span_str(service), .data[DIR_RESPONSE] = {&hit, 1, 1}};
  for (unsigned i = 0; i < 3000; i++) tokens[i] = hash64(span_of(&i, sizeof i), 3);
  address(t.conn.client, client);
  address(t.conn.server, server);
  datamap_call(m, &e, now);
}

struct seen {
  unsigned rows, steps;
  const struct datamap_row *row[16];
  const struct datamap_step *step[16];
};
static void on_row(void *user, const struct datamap_row *r) {
  struct seen *s = user;
  if (s->rows < 16) s->row[s->rows++] = r;
}
static void on_step(void *user, const struct datamap_step *x) {
  struct seen *s = user;
  if (s->steps < 16) s->step[s->steps++] = x;
}
static struct seen look(const struct datamap *m) {
  struct seen s = {0};
  datamap_each(m, on_row, on_step, &s);
  return s;
}

static void three_hops(struct datamap *m, uint64_t at) {
  call(m, "10.0.0.3", "10.0.0.4", "db", 0, 5, at);
  call(m, "10.0.0.2", "10.0.0.3", "customer", 0, 3, at + SEC);
  call(m, "203.0.113.9", "10.0.0.2", "gateway", 0, 3, at + 2 * SEC);
}

static void lineage(void **state) {
  (void)state;
  struct datamap *m = NULL;
  struct conf_error err = {""};
  assert_int_equal(datamap_new(&m, &zones, NULL, &ctr, &err), 0);
  three_hops(m, 100 * SEC);
  call(m, "10.0.0.9", "10.0.0.8", "other", 0, 3, 103 * SEC);       /* nobody answered it these */
  call(m, "203.0.113.9", "10.0.0.2", "gateway", 0, 3, 9000 * SEC); /* long after */
  struct seen s = look(m);
  assert_int_equal(s.rows, 4);
  assert_int_equal(s.steps, 2);
  assert_string_equal(s.step[0]->from, "db");
  assert_string_equal(s.step[0]->service, "customer");
  assert_int_equal(distinct_count(&s.step[0]->subjects), 3);
  assert_string_equal(s.step[1]->from, "customer");
  assert_string_equal(s.step[1]->service, "gateway");
  assert_string_equal(s.step[1]->consumer, "internet");
  assert_int_equal(s.step[1]->calls, 1);
  assert_int_equal(s.row[2]->calls, 2);
  assert_int_equal(s.row[2]->zone, ZONE_INTERNET);
  assert_int_equal(distinct_count(&s.row[2]->subjects), 3);
  datamap_free(m);
}

static void restart(void **state) {
  (void)state;
  char dir[] = "/tmp/datamap.XXXXXX", path[64];
  struct conf_error err = {""};
  assert_non_null(mkdtemp(dir));
  for (unsigned run = 0; run < 2; run++) {
    struct datamap *m = NULL;
    assert_int_equal(datamap_new(&m, &zones, dir, &ctr, &err), 0);
    three_hops(m, (100 + run * 1000) * SEC);
    call(m, "10.0.0.3", "10.0.0.4", "db", run * 1000, 900, 500 * SEC);
    struct seen s = look(m);
    assert_int_equal(s.rows, 3);
    assert_int_equal(s.steps, 2);
    assert_int_equal(s.row[0]->calls, 2 + run * 2);
    uint64_t n = distinct_count(&s.row[0]->subjects);
    if (run == 0)
      assert_int_equal(n, 900);
    else
      assert_true(n > 1700 && n < 1900); /* 900 and 900 others, beyond what is exact */
    assert_int_equal(datamap_finish(m), 0);
    datamap_free(m);
  }
  for (unsigned i = 0; i < 3; i++) {
    snprintf(path, sizeof path, "%s/datamap.db%s", dir, i == 0 ? "" : i == 1 ? "-wal" : "-shm");
    unlink(path);
  }
  rmdir(dir);
}

static void refused(void **state) {
  (void)state;
  struct datamap *m = NULL;
  struct conf_error err = {""};
  assert_true(datamap_new(&m, &zones, "/no/such/folder", &ctr, &err) < 0);
  assert_non_null(strstr(err.text, "/no/such/folder/datamap.db"));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(lineage), cmocka_unit_test(restart),
                                     cmocka_unit_test(refused)};
  return cmocka_run_group_tests(tests, start, stop);
}
