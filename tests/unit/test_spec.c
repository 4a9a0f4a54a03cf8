/* SPDX-License-Identifier: Apache-2.0 */
/* Specifications of all three kinds, and templates that are given. */
#include "analytics/spec.h"
#include "analytics/template_rule.h"
#include "temp.h"

static const char swagger[] =
    "swagger: '2.0'\ninfo: {title: pay, version: 1.9.0}\nhost: Pay.Bank.Svc:8080\nbasePath: /v1\n"
    "security: [{key: []}]\n"
    "paths:\n"
    "  /orders/{id}:\n"
    "    parameters:\n      - {name: id, in: path, required: true, type: integer}\n"
    "    get:\n      parameters: [{$ref: '#/parameters/size'}]\n      responses: {200: {description: ok, "
    "schema: {$ref: "
    "'#/definitions/Order'}}}\n"
    "    delete: {deprecated: true, security: [], responses: {default: {description: ok}}}\n"
    "  /gone: {get: {responses: {200: {description: ok}}}}\n"
    "parameters: {size: {name: size, in: query, type: integer}}\n"
    "definitions:\n  Order: {type: object, properties: {id: {type: integer}, lines: {type: array, items: "
    "{$ref: "
    "'#/definitions/Line'}}}}\n  Line: {type: object, properties: {amount: {type: number}}}\n";

static const char newer[] =
    "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"pay\",\"version\":\"1.10.0\"},\"servers\":[{\"url\":"
    "\"http://pay.bank.svc:8080/v1\"}],\"paths\":{\"/orders/{oid}\":{\"post\":{\"x-sunset\":\"2020-01-01\","
    "\"security\":[{\"b\":[]},{}],\"requestBody\":{\"content\":{\"application/"
    "json\":{\"schema\":{\"allOf\":[{\"$ref\":"
    "\"#/components/schemas/"
    "A~1B\"},{\"type\":\"object\",\"properties\":{\"note\":{\"type\":[\"string\",\"null\"]}}}]}}}},"
    "\"responses\":{\"2XX\":{\"description\":\"ok\"}}}},\"/orders/latest\":{\"get\":{\"responses\":{\"200\":{"
    "\"description\":\"ok\"}}}}},\"components\":{\"schemas\":{\"A/"
    "B\":{\"type\":\"object\",\"properties\":{\"n\":{"
    "\"type\":\"integer\"}}}}}}";

static void test_kinds(void **state) {
  (void)state;
  struct conf_error err = {.text = ""};
  struct specs *s = NULL;
  char dir[TEMP_NAME], a[64], b[64];
  bool known;
  temp_folder(dir);
  snprintf(a, sizeof a, "%s/a.yaml", dir);
  snprintf(b, sizeof b, "%s/b.json", dir);
  write_text(a, swagger);
  write_text(b, newer);
  char *items[] = {dir};
  const struct conf_list list = {items, 1};
  assert_int_equal(spec_load(&s, &list, "", &err), 0);
  const struct span host = SPAN_LIT("pay.bank.svc");
  struct spec_match m = spec_find(s, host, SPAN_LIT("GET"), SPAN_LIT("/v1/orders/17"));
  assert_non_null(m.op);
  assert_true(m.op->removed && m.op->secured); /* only the older version has it */
  assert_int_equal(m.op->parameters, 2);
  assert_true(spec_has_status(m.op, 200) && !spec_has_status(m.op, 500));
  assert_int_equal(spec_field(m.op, m.op->response, SPAN_LIT("lines[].amount"), &known), SPEC_NUMBER);
  assert_true(known);
  spec_field(m.op, m.op->response, SPAN_LIT("lines[].price"), &known);
  assert_false(known);
  m = spec_find(s, host, SPAN_LIT("DELETE"), SPAN_LIT("/v1/orders/17"));
  assert_true(m.op && m.op->deprecated && !m.op->secured && spec_has_status(m.op, 500));
  m = spec_find(s, host, SPAN_LIT("POST"), SPAN_LIT("/v1/orders/17"));
  assert_true(m.op && !m.op->removed && !m.op->secured && m.op->sunset_ns);
  assert_true(spec_has_status(m.op, 204) && !spec_has_status(m.op, 404));
  assert_int_equal(spec_field(m.op, m.op->request, SPAN_LIT("n"), &known), SPEC_INTEGER);
  assert_int_equal(spec_field(m.op, m.op->request, SPAN_LIT("note"), &known), SPEC_STRING | SPEC_NULL);
  m = spec_find(s, host, SPAN_LIT("GET"), SPAN_LIT("/v1/orders/latest"));
  assert_true(m.op && !m.op->removed);
  m = spec_find(s, host, SPAN_LIT("PUT"), SPAN_LIT("/v1/orders/17"));
  assert_true(m.covered && m.path.len && !m.op);
  m = spec_find(s, host, SPAN_LIT("GET"), SPAN_LIT("/v1/nothing"));
  assert_true(m.covered && !m.path.len && !m.op);
  assert_false(spec_find(s, host, SPAN_LIT("GET"), SPAN_LIT("/v2/orders")).covered);
  assert_false(spec_find(s, SPAN_LIT("other"), SPAN_LIT("GET"), SPAN_LIT("/v1/orders/1")).covered);
  assert_true(spec_find(s, SPAN_LIT("pay"), SPAN_LIT("GET"), SPAN_LIT("/v1/gone")).covered);
  spec_free(s);
  write_text(b, "{\"openapi\":\"3.0.0\",\"info\":{},\"paths\":{\"/a\":{\"get\":{}}}}");
  assert_true(spec_load(&s, &list, "", &err) < 0);
  assert_non_null(strstr(err.text, "SERVICE=FILE"));
  char named[80];
  snprintf(named, sizeof named, "shop=%s", b);
  char *one[] = {named};
  const struct conf_list only = {one, 1};
  assert_int_equal(spec_load(&s, &only, "", &err), 0);
  assert_non_null(spec_find(s, SPAN_LIT("shop"), SPAN_LIT("GET"), SPAN_LIT("/a")).op);
  spec_free(s);
  write_text(b, "{\"swagger\":\"2.0\",\"host\":\"{tenant}.bank\",\"basePath\":\"/v1\",\"paths\":{\"/"
                "a\":{\"get\":{}}}}");
  assert_true(spec_load(&s, &list, "", &err) < 0);
  assert_non_null(strstr(err.text, "SERVICE=FILE"));
  assert_int_equal(spec_load(&s, &only, "", &err), 0);
  assert_non_null(spec_find(s, SPAN_LIT("shop"), SPAN_LIT("GET"), SPAN_LIT("/a")).op);
  spec_free(s);
  write_text(b, "{\"not\": \"a spec\"}");
  assert_int_equal(spec_load(&s, &list, "", &err), 0); /* others lie beside */
  spec_free(s);
  assert_int_equal(unlink(a), 0);
  assert_true(spec_load(&s, &list, "", &err) < 0);
  assert_non_null(strstr(err.text, "no specification"));
  write_text(b, "{\"openapi\":");
  assert_true(spec_load(&s, &list, "", &err) < 0);
  unlink(b), rmdir(dir);
}

static void finds(struct template_rules *r, const char *path, const char *want) {
  const struct template_rule *t = template_rule_find(r, SPAN_LIT("s"), span_str(path));
  if (!want) {
    assert_null(t);
    return;
  }
  assert_non_null(t);
  assert_true(span_eq(t->path, span_str(want)));
}

static void test_rules(void **state) {
  (void)state;
  struct template_rules *r = template_rule_new();
  static const char *const paths[] = {"/a/{x}",         "/a/me",        "/a/{x}/b", "/f/{name}.{ext}",
                                      "/f/{name}.json", "/a/{y}/b/{z}", "/"};
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
    assert_non_null(template_rule_add(r, SPAN_LIT("s"), span_str(paths[i])));
  assert_non_null(template_rule_add(r, SPAN_LIT("*"), SPAN_LIT("/any/{id}")));
  finds(r, "/a/17", "/a/{x}");
  finds(r, "/a/me", "/a/me");
  finds(r, "/a/me/b", "/a/{x}/b");
  finds(r, "/a/1/b/2/", "/a/{y}/b/{z}");
  finds(r, "/f/x.json", "/f/{name}.json");
  finds(r, "/f/x.xml", "/f/{name}.{ext}");
  finds(r, "/f/x", NULL);
  finds(r, "/a/", NULL);
  finds(r, "/", "/");
  finds(r, "/any/1", "/any/{id}");
  finds(r, "/a/1/2/3/4", NULL);
  template_rule_free(r);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_kinds), cmocka_unit_test(test_rules)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
