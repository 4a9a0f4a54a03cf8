/* SPDX-License-Identifier: Apache-2.0 */
/* Values that hide what they stand for; columns learned within a message; names in lists. */
#include "tests/unit/cmocka_all.h"

#include "analytics/data/classes.h"
#include "analytics/data/classify.h"
#include "analytics/data/form.h"
#include "dissect/body/path.h"

#include <stdio.h>

static const uint8_t key[32] = {1};
static struct classes *classes;
static struct path_table *paths;
static struct classify *classify;
static struct arena arena;

static int start(void **state) {
  (void)state;
  struct conf_error err = {""};
  if (classes_load(&classes, "rules", &err) < 0) return -1;
  paths = path_table_new(10000);
  classify = classify_new(classes, key, 100);
  arena_init(&arena, NULL, 0);
  return paths && classify ? 0 : -1;
}

static int stop(void **state) {
  (void)state;
  classify_free(classify);
  path_table_free(paths);
  classes_free(classes);
  arena_done(&arena);
  return 0;
}

static void value(const char *path, const char *text) {
  struct path_node *n = path_of(paths, span_str(path));
  struct leaf leaf = {.path = n->path,
                      .key = n->key,
                      .value = span_str(text),
                      .raw = span_str(text),
                      .path_hash = n->hash,
                      .type = LEAF_STRING,
                      .node = n};
  classify_leaf(classify, DATA_BODY, &leaf);
}

static struct data_hits hits;
static struct data_covers covers;

static void end(void) {
  assert_true(classify_end(classify, &arena, &hits) >= 0);
  assert_true(classify_covers(classify, &arena, &covers) >= 0);
}

static uint32_t hits_of(const char *id) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < hits.count; i++)
    if (strcmp(hits.item[i].class_id, id) == 0) n += hits.item[i].count;
  return n;
}

static enum data_hidden cover_of(const char *id) {
  for (uint32_t i = 0; i < covers.count; i++)
    if (strcmp(covers.item[i].class_id, id) == 0) return covers.item[i].how;
  return HIDDEN_NOT;
}

static void told_apart(void **state) {
  (void)state;
  static const struct {
    const char *path, *value, *id;
    enum data_hidden how;
  } cases[] = {
      {"mobile", "138****8000", "mobile", HIDDEN_MASKED},
      {"data.idNo", "4201**********7323", "id_card", HIDDEN_MASKED},
      {"cardNo", "6222 **** **** 0123", "bank_card", HIDDEN_MASKED},
      {"custName", "张*", "name", HIDDEN_MASKED},
      {"email", "z***@qq.com", "email", HIDDEN_MASKED},
      {"address", "北京市朝阳区******", "address", HIDDEN_MASKED},
      {"what", "185****3506", "mobile", HIDDEN_MASKED}, /* by its look alone */
      {"text", "4201**********7323", "id_card", HIDDEN_MASKED},
      {"mobile", "e10adc3949ba59abbe56e057f20f883e", "mobile", HIDDEN_HASHED},
      {"idNoMd5", "e10adc3949ba59abbe56e057f20f883e", "id_card", HIDDEN_HASHED},
      {"idNo", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "id_card", HIDDEN_HASHED},
      {"mobileEnc", "q83vEjRWeJCrze8SNFZ4kA==", "mobile", HIDDEN_ENCRYPTED},
      {"cardNo", "ENC(q83vEjRWeJCrze8S)", "bank_card", HIDDEN_ENCRYPTED},
      {"policyNo", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "insurance_no",
       HIDDEN_HASHED},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    path_begin(paths);
    classify_begin(classify);
    value(cases[i].path, cases[i].value);
    end();
    if (cover_of(cases[i].id) != cases[i].how)
      fail_msg("%s=%s: %d", cases[i].path, cases[i].value, (int)cover_of(cases[i].id));
    if (hits_of(cases[i].id)) fail_msg("%s counted as shown", cases[i].path);
  }
}

static void not_hidden(void **state) {
  (void)state;
  static const char *const texts[][2] = {{"remark", "a * b * c = 12"},
                                         {"mobile", "13800138000"},
                                         {"orderNo", "20241119053473"},
                                         {"etag", "5f4dcc3b5aa765d61d8327deb882cf99"},
                                         {"mobile", "unknown"},
                                         {"stars", "**********"},
                                         {"deviceId", "5f4dcc3b5aa765d61d8327deb882cf99"}};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    path_begin(paths);
    classify_begin(classify);
    value(texts[i][0], texts[i][1]);
    end();
    if (covers.count) fail_msg("%s=%s is told as %s", texts[i][0], texts[i][1], covers.item[0].class_id);
  }
}

/* A column is confirmed with the class of its first values; what does not fit is looked at as ever. */
static void column(void **state) {
  (void)state;
  path_begin(paths);
  classify_begin(classify);
  for (int i = 0; i < 20; i++) {
    char text[32];
    snprintf(text, sizeof text, "138001380%02d", i % 100);
    value("rows[].f7", text);
  }
  value("rows[].f7", "chen967@163.com");
  value("rows[].f7", "13800138099");
  value("rows[].f7", "order-77");
  end();
  assert_int_equal(hits_of("mobile"), 21);
  assert_int_equal(hits_of("email"), 1);
}

static void list_of_names(void **state) {
  (void)state;
  static const char *const names[] = {"张伟", "王芳", "李秀英", "刘洋", "陈静", "杨磊"};
  path_begin(paths);
  classify_begin(classify);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) value("v[]", names[i]);
  end();
  assert_int_equal(hits_of("name"), 6);
  path_begin(paths);
  classify_begin(classify);
  value("v[]", "黄金");
  value("v[]", "白银");
  value("v[]", "原油");
  value("v[]", "大豆");
  value("v[]", "玉米");
  value("v[]", "棉花");
  end();
  assert_int_equal(hits_of("name"), 0);
  path_begin(paths); /* beside a masked number a name counts, in a key that says who only */
  classify_begin(classify);
  value("to", "何海阳");
  value("mobile", "185****3506");
  end();
  assert_int_equal(hits_of("name"), 1);
}

/* Name, identity number and card together grade higher than each alone. */
static void together(void **state) {
  (void)state;
  path_begin(paths);
  classify_begin(classify);
  value("cardNo", "6222021234567890128");
  end();
  assert_int_equal(hits.item[0].grade.jrt0171, 2);
  path_begin(paths);
  classify_begin(classify);
  value("custName", "张晶");
  value("idNo", "110101199003077758");
  value("cardNo", "6222021234567890128");
  end();
  assert_int_equal(hits.count, 3);
  for (uint32_t i = 0; i < 3; i++) {
    assert_int_equal(hits.item[i].grade.jrt0171, 3);
    assert_int_equal(hits.item[i].grade.jrt0197, 4);
  }
}

/* More paths than a message may have: counted, not lost silently. */
static void caps(void **state) {
  (void)state;
  path_begin(paths);
  classify_begin(classify);
  for (int i = 0; i < 5000; i++) {
    char path[32];
    snprintf(path, sizeof path, "k.f%c%c%c.mobile", 'a' + i / 676 % 26, 'a' + i / 26 % 26, 'a' + i % 26);
    value(path, "13800138000");
  }
  end();
  assert_int_equal(hits.count, 4096);
  assert_int_equal(classify_capped(classify), 5000 - 4096);
  assert_int_equal(classify_capped(classify), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(told_apart), cmocka_unit_test(not_hidden),
                                     cmocka_unit_test(column),     cmocka_unit_test(list_of_names),
                                     cmocka_unit_test(together),   cmocka_unit_test(caps)};
  return cmocka_run_group_tests(tests, start, stop);
}
