/* SPDX-License-Identifier: Apache-2.0 */
/* Every class's own examples: what must match does, what must not does not. */
#include "analytics/data/classes.h"
#include "analytics/data/classify.h"
#include "dissect/body/path.h"
#include "temp.h"

static const uint8_t key[32] = {1};
static struct classes *classes;
static struct path_table *paths;
static struct classify *classify;

static int start(void **state) {
  (void)state;
  struct conf_error err = {""};
  if (classes_load(&classes, "rules", &err) < 0) {
    fprintf(stderr, "%s\n", err.text);
    return -1;
  }
  paths = path_table_new(10000);
  classify = classify_new(classes, key, 100);
  return paths && classify ? 0 : -1;
}

static int stop(void **state) {
  (void)state;
  classify_free(classify);
  path_table_free(paths);
  classes_free(classes);
  return 0;
}

/* "key=value" or a bare value. */
static struct span split(struct span example, struct span *name) {
  size_t eq = span_index(example, '=');
  *name = (struct span){0};
  if (eq == example.len || eq == 0 || eq > 40) return example;
  for (size_t i = 0; i < eq; i++) {
    uint8_t c = example.base[i];
    bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';
    if (!(letter || (c >= '0' && c <= '9' && i) || c == '_' || c == '.' || c >= 0x80)) return example;
  }
  *name = span_head(example, eq);
  return span_skip(example, eq + 1);
}

static bool found(struct span example, const char *id) {
  struct span name, value = split(example, &name);
  struct path_node *n = path_root(paths);
  if (name.len) n = path_child(paths, n, name);
  struct leaf leaf = {
      .path = n->path, .key = n->key, .value = value, .raw = value, .path_hash = n->hash, .node = n};
  struct arena arena;
  struct data_hits hits;
  bool yes = false;
  arena_init(&arena, NULL, 0);
  classify_begin(classify);
  classify_leaf(classify, DATA_BODY, &leaf);
  classify_end(classify, &arena, &hits);
  for (uint32_t i = 0; i < hits.count; i++) {
    yes |= strcmp(hits.item[i].class_id, id) == 0;
    assert_true(hits.item[i].count >= hits.item[i].subjects);
    if (value.len > 8) /* what is shown is never the value */
      assert_false(span_eq(hits.item[i].sample, value));
  }
  arena_done(&arena);
  return yes;
}

static void examples(void **state) {
  (void)state;
  unsigned bad = 0;
  for (uint32_t i = 0; i < classes->count; i++) {
    const struct data_class *c = &classes->item[i];
    for (uint32_t k = 0; k < c->match.count; k++) {
      if (found(c->match.item[k], c->id)) continue;
      printf("%s: must match: %.*s\n", c->id, SPAN_FMT(c->match.item[k]));
      bad++;
    }
    for (uint32_t k = 0; k < c->nomatch.count; k++) {
      if (!found(c->nomatch.item[k], c->id)) continue;
      printf("%s: must not match: %.*s\n", c->id, SPAN_FMT(c->nomatch.item[k]));
      bad++;
    }
    if (!c->match.count || !c->nomatch.count) printf("%s: no examples\n", c->id), bad++;
  }
  assert_int_equal(bad, 0);
}

static void graded(void **state) {
  (void)state;
  assert_true(classes->count >= 60);
  for (uint32_t i = 0; i < classes->count; i++)
    if (!classes->item[i].grade.jrt0197) fail_msg("%s has no grade", classes->item[i].id);
}

/* Keys in Latin letters and in Chinese, so that both kinds of API are seen. */
static void keyed_in_both(void **state) {
  (void)state;
  for (uint32_t i = 0; i < classes->count; i++) {
    const struct data_class *c = &classes->item[i];
    bool latin = false, han = false;
    for (uint32_t k = 0; k < c->keys.count; k++) {
      if (c->keys.item[k].base[c->keys.item[k].len - 1] < 0x80) latin = true;
      if (c->keys.item[k].base[0] >= 0x80) han = true;
    }
    if (!c->keys.count && c->literals.count) continue; /* told by its beginning */
    if (!latin || (!han && !c->literals.count)) fail_msg("%s lacks Latin or Chinese keys", c->id);
  }
}

/* The classes that the product promises, each by name. */
static void all_there(void **state) {
  (void)state;
  static const char *const ids[] = {"id_card",
                                    "mobile",
                                    "bank_card",
                                    "email",
                                    "name",
                                    "address",
                                    "passport",
                                    "uscc",
                                    "plate",
                                    "jwt",
                                    "private_key",
                                    "aws_access_key",
                                    "access_key",
                                    "password",
                                    "bank_account",
                                    "landline",
                                    "birthday",
                                    "gender",
                                    "marital_status",
                                    "education",
                                    "income",
                                    "ethnicity",
                                    "religion",
                                    "health",
                                    "insurance_no",
                                    "hk_macau_permit",
                                    "tw_permit",
                                    "foreign_permit",
                                    "military_id",
                                    "drivers_licence",
                                    "vin",
                                    "engine_no",
                                    "location",
                                    "ip",
                                    "mac",
                                    "imei",
                                    "imsi",
                                    "device_id",
                                    "wechat",
                                    "qq",
                                    "alipay",
                                    "biometric",
                                    "id_photo",
                                    "contract_no",
                                    "loan",
                                    "balance",
                                    "transaction_amount",
                                    "credit_score",
                                    "credit_report",
                                    "tax_id",
                                    "swift",
                                    "iban",
                                    "cnaps",
                                    "cvv",
                                    "pin_block",
                                    "track2",
                                    "payment_password",
                                    "otp",
                                    "security_question",
                                    "password_hash",
                                    "us_ssn",
                                    "uk_nino",
                                    "uk_nhs",
                                    "national_id",
                                    "phone_intl",
                                    "phone_local",
                                    "azure_secret",
                                    "gcp_api_key",
                                    "github_token",
                                    "gitlab_token",
                                    "slack_token",
                                    "stripe_key",
                                    "url_credential",
                                    "secret",
                                    "access_token",
                                    "es_dni",
                                    "fr_nir",
                                    "de_tax_id"};
  for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
    if (!classes_find(classes, ids[i])) fail_msg("no class %s", ids[i]);
}

/* A copy of the rules in a folder of its own, with one file more. */
static char *with_file(const char *name, const char *text) {
  static char dir[TEMP_NAME];
  char cmd[256];
  temp_folder(dir);
  snprintf(cmd, sizeof cmd, "cp -r rules/. %s/", dir);
  assert_int_equal(system(cmd), 0);
  snprintf(cmd, sizeof cmd, "%s/data/%s", dir, name);
  write_text(cmd, text);
  return dir;
}

static void own_class(void **state) {
  (void)state;
  struct conf_error err = {""};
  char *dir =
      with_file("90-own.yaml", "- id: badge\n  name: Badge of staff\n  zh: 工牌号\n  group: identity\n"
                               "  validator: word\n  keys: [badge no, 工牌号]\n  mask: 1-1\n"
                               "  grade: {jrt0171: C2, jrt0197: 3, gbt35273: 1}\n"
                               "  match: [\"badgeNo=K1234567\"]\n  nomatch: [K1234567]\n");
  struct classes *old = classes, *own = NULL;
  struct classify *before = classify;
  assert_int_equal(classes_load(&own, dir, &err), 0);
  const struct data_class *c = classes_find(own, "badge");
  assert_non_null(c);
  assert_int_equal(c->grade.jrt0197, 3);
  classes = own;
  classify = classify_new(own, key, 100);
  path_begin(paths);
  assert_true(found(SPAN_LIT("badgeNo=K1234567"), "badge"));
  assert_true(found(SPAN_LIT("工牌号=K1234567"), "badge"));
  assert_false(found(SPAN_LIT("K1234567"), "badge"));
  classify_free(classify);
  classes_free(own);
  classes = old;
  classify = before;
  temp_drop(dir);
}

static void broken_files(void **state) {
  (void)state;
  static const struct {
    const char *text, *line, *what;
  } bad[] = {
      {"- id: x\n  name: X\n  keys: [x]\n  colour: red\n", ":4:", "unknown key"},
      {"- id: x\n  name: X\n  keys: [x]\n  validator: no_such\n", ":4:", "no such validator"},
      {"- id: x\n  name: X\n  literals: [x]\n  pattern: '('\n", ":4:", "no valid regular expression"},
      {"- id: x\n  name: X\n  keys: [x]\n  mask: 99\n", ":4:", "mask"},
      {"- id: x\n  name: X\n  keys: [x]\n  mask: [3-4]\n", ":4:", "mask"},
      {"- id: x\n  name: X\n  keys: y\n", ":3:", "a list was expected"},
      {"- id: x\n  name: X\n", ":1:", "never found"},
      {"- id: x\n  name: X\n  keys: [x]\n  grade: {jrt0197: 9}\n", ":4:", "no such level"},
      {"- id: mobile\n  name: X\n  keys: [x]\n", ":1:", "exists already"},
      {"- id: x\n name: [\n", ":2:", ""},
      {"x: 1\n", ":1:", "a list of classes"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    struct conf_error err = {""};
    struct classes *c = NULL;
    char *dir = with_file("90-own.yaml", bad[i].text);
    assert_true(classes_load(&c, dir, &err) < 0);
    if (!strstr(err.text, "90-own.yaml") || !strstr(err.text, bad[i].line) || !strstr(err.text, bad[i].what))
      fail_msg("%zu: %s", i, err.text);
    temp_drop(dir);
  }
}

/* Calls under way name classes by ids that must outlive a reload. */
static void test_ids_outlive_a_reload(void **state) {
  (void)state;
  struct conf_error err = {""};
  struct classes *first, *next;
  assert_int_equal(classes_load(&first, "rules", &err), 0);
  const char *mobile = classes_find(first, "mobile")->id;
  for (int i = 0; i < 3; i++) {
    assert_int_equal(classes_load(&next, "rules", &err), 0);
    assert_int_equal(classes_adopt(next, first), 0);
    classes_free(first);
    first = next;
    assert_string_equal(mobile, "mobile");
    assert_ptr_equal(classes_find(first, "mobile")->id, mobile);
  }
  classes_free(first);
}

/* Under a key that counts, times or sums a bare number is no telephone nor card. */
static void counters(void **state) {
  (void)state;
  static const char *const none[] = {
      "uid=13800138000",        "userId=13800138000",   "orderId=13800138000",  "create_time=13800138000",
      "createtime=13800138000", "lsh=13800138000",      "订单编号=13800138000", "总金额=13800138000",
      "memberId=13800138000",   "totalFee=13800138000", "refNo=13800138000",    "maxSize=13800138000"};
  static const char *const some[] = {"userMobile=13800138000",  "user_phone=13800138000",
                                     "loginId=13800138000",     "contactPhoneNo=13800138000",
                                     "orderMobile=13800138000", "id_phone=13800138000",
                                     "手机号=13800138000",      "yhsjh=13800138000"};
  for (size_t i = 0; i < sizeof none / sizeof *none; i++)
    if (found(span_str(none[i]), "mobile")) fail_msg("%s", none[i]);
  for (size_t i = 0; i < sizeof some / sizeof *some; i++)
    if (!found(span_str(some[i]), "mobile")) fail_msg("%s", some[i]);
  assert_false(found(span_str("orderId=6222021234567890128"), "bank_card"));
  assert_true(found(span_str("officerCardNo=南字第68625350号"), "military_id"));
  assert_true(found(span_str("highesteducation=本科"), "education"));
  assert_false(found(span_str("title=安全码"), "name"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(examples),      cmocka_unit_test(graded),
      cmocka_unit_test(keyed_in_both), cmocka_unit_test(all_there),
      cmocka_unit_test(counters),      cmocka_unit_test(own_class),
      cmocka_unit_test(broken_files),  cmocka_unit_test(test_ids_outlive_a_reload)};
  return cmocka_run_group_tests(tests, start, stop);
}
