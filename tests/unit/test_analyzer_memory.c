/* SPDX-License-Identifier: Apache-2.0 */
/* A call's analysis while memory runs out at every point: what is not found is counted. */
#include "analytics/analyzer.h"
#include "analytics/ruleset.h"
#include "cmocka_all.h"
#include "failmem.h"

#include <stdio.h>

#define TABLE \
  "name,mobile\nWang Fang,13812345678\nLi Lei,13912345679\nZhang San,13712345670\nLi Si,13612345671\n"
enum { TABLE_LEN = sizeof TABLE - 1 };

static struct analytics_conf conf;
static struct conf_section sections[] = {{"analytics", analytics_options, &conf}, {NULL, NULL, NULL}};
static struct ruleset *rules;

static int begin(void **state) {
  (void)state;
  struct conf_error err = {""};
  if (conf_defaults(sections) < 0 || conf_set(sections, "analytics.rules_dir=rules", &err) < 0) return -1;
  return ruleset_load(&rules, &conf, &err);
}
static int end(void **state) {
  (void)state;
  ruleset_free(rules);
  conf_done(sections);
  return 0;
}

/* An answer with this body, analysed with so many allocations granted; the mobile numbers found, -1 where the call is given up. */
static int found(struct span body, const char *mime, long granted, struct counters *ctr) {
  struct analyzer *a = analyzer_new(&conf, rules, ctr);
  struct txn *t = mem_zalloc(sizeof *t);
  int n = -1;
  assert_true(a && t);
  arena_init(&t->arena, NULL, 0);
  for (int d = 0; d < 2; d++) {
    t->side[d].seen = t->side[d].complete = true;
    buf_init(&t->side[d].raw, NULL, 0), buf_init(&t->side[d].decoded, NULL, 0);
  }
  assert_int_equal(buf_put(&t->side[DIR_RESPONSE].raw, body), 0);
  t->side[DIR_RESPONSE].mime = span_str(mime);
  t->protocol = "http";
  t->method = SPAN_LIT("GET");
  t->target = t->path = SPAN_LIT("/export");
  t->status = 200;
  failmem_after = granted;
  struct api_event *e = analyzer_txn(a, t);
  failmem_after = -1;
  for (uint32_t i = 0; e && i < e->data[DIR_RESPONSE].count; i++)
    if (strcmp(e->data[DIR_RESPONSE].item[i].class_id, "mobile") == 0)
      n = (n < 0 ? 0 : n) + (int)e->data[DIR_RESPONSE].item[i].count;
  if (e && n < 0) n = 0;
  for (int d = 0; d < 2; d++) buf_done(&t->side[d].raw), buf_done(&t->side[d].decoded);
  arena_done(&t->arena);
  mem_free(t);
  analyzer_free(a);
  return n;
}

static void all_counted(struct span body, const char *mime) {
  struct counters ctr = {0};
  unsigned less = 0;
  assert_int_equal(found(body, mime, -1, &ctr), 4);
  assert_int_equal(ctr_get(&ctr, CTR_ANALYTICS_MEMORY), 0);
  for (long granted = 0; granted < 400; granted++) {
    struct counters now = {0};
    int n = found(body, mime, granted, &now);
    if (n < 0 || n == 4) continue;
    less++;
    if (!ctr_get(&now, CTR_ANALYTICS_MEMORY))
      fail_msg("%s: %d found after %ld, not counted", mime, n, granted);
  }
  assert_true(less > 0);
}

static void plain(void **state) {
  (void)state;
  all_counted(span_of(TABLE, TABLE_LEN), "text/csv");
}

/* Stored, with its length in front. */
static void packed(void **state) {
  (void)state;
  char zip[30 + 5 + TABLE_LEN] = "PK\3\4\x14\0\0\0\0\0\0\0\0\0\0\0\0\0";
  zip[18] = zip[22] = (char)TABLE_LEN;
  zip[26] = 5;
  memcpy(zip + 30, "a.csv", 5);
  memcpy(zip + 35, TABLE, TABLE_LEN);
  all_counted(span_of(zip, sizeof zip), "application/zip");
}

#define CELL(at, text) "<c r=\"" at "\" t=\"inlineStr\"><is><t>" text "</t></is></c>"
#define ROW(n, text) "<row r=\"" n "\">" CELL("A" n, text) "</row>"
#define SHEET \
  "<worksheet><sheetData>" ROW("1", "mobile") ROW("2", "13812345678") ROW("3", "13912345679") \
      ROW("4", "13712345670") ROW("5", "13612345671") "</sheetData></worksheet>"
#define SHEET_NAME "xl/worksheets/sheet1.xml"

static void workbook(void **state) {
  (void)state;
  enum { NAME = sizeof SHEET_NAME - 1, LEN = sizeof SHEET - 1 };
  char zip[30 + NAME + LEN] = "PK\3\4\x14\0\0\0\0\0\0\0\0\0\0\0\0\0";
  zip[18] = zip[22] = (char)(LEN & 255);
  zip[19] = zip[23] = (char)(LEN >> 8);
  zip[26] = NAME;
  memcpy(zip + 30, SHEET_NAME, NAME);
  memcpy(zip + 30 + NAME, SHEET, LEN);
  all_counted(span_of(zip, sizeof zip), "application/octet-stream");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(plain), cmocka_unit_test(packed),
                                     cmocka_unit_test(workbook)};
  return cmocka_run_group_tests(tests, begin, end);
}
