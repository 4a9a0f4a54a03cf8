/* SPDX-License-Identifier: Apache-2.0 */
/* GraphQL documents: operations, aliases, fragments, depth, what is no GraphQL. */
#include "cmocka_all.h"
#include "dissect/model/graphql.h"
#include "guard.h"

static struct graphql g;

static bool read_text(const char *text, const char *want) {
  return graphql_read(span_str(text), span_str(want), &g);
}

static void reads_operations(void **state) {
  (void)state;
  assert_true(
      read_text("query GetAccount($id: ID! = \"x}\") @cached(ttl: 1) { account(id: $id, f: {a: [1, 2]}) { id "
                "balance # }\n owner { name } } }",
                ""));
  assert_string_equal(g.type, "query");
  assert_true(span_eq(g.name, SPAN_LIT("GetAccount")));
  assert_int_equal(g.fields, 5);
  assert_int_equal(g.depth, 3);
  assert_string_equal(g.path[4], "account.owner.name");
  assert_true(read_text("{ a: account b: account me { __typename } }", ""));
  assert_int_equal(g.name.len, 0);
  assert_int_equal(g.aliases, 2);
  assert_int_equal(g.roots, 3);
  assert_true(span_eq(g.root[0], SPAN_LIT("account")));
  assert_false(g.introspection);
  assert_true(read_text("mutation { pay(text: \"\"\"{ \" { \"\"\") { ok } }", ""));
  assert_string_equal(g.type, "mutation");
  assert_int_equal(g.fields, 2);
}

static void chooses_operation(void **state) {
  (void)state;
  const char *two = "query A { a } mutation B { b { c } }";
  assert_true(read_text(two, "B"));
  assert_string_equal(g.type, "mutation");
  assert_int_equal(g.operations, 2);
  assert_true(read_text(two, ""));
  assert_string_equal(g.type, "query");
}

static void spreads_fragments(void **state) {
  (void)state;
  assert_true(read_text("query Q { me { ...F ... on User @include(if: $x) { mail } ... { tel } } } "
                        "fragment F on User { name friends { ...G } } fragment G on User { id }",
                        ""));
  assert_int_equal(g.depth, 3);
  assert_int_equal(g.fields, 6);
  assert_string_equal(g.path[3], "me.friends.id");
  assert_true(read_text("{ ...F } fragment F on X { a { ...F ...F } }", ""));
  assert_true(g.capped);
  assert_true(read_text("query IntrospectionQuery { __schema { types { name } } }", ""));
  assert_true(g.introspection);
}

static void refuses_others(void **state) {
  (void)state;
  const char *bad[] = {"",    "red shoes",       "query",     "query {",        "{}",
                       "{ a", "type A { b: C }", "{\"a\":1}", "SELECT a FROM b"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(read_text(bad[i], ""));
}

static void reads_nothing_beyond(void **state) {
  (void)state;
  const char *text = "query A($b: [C!]) { d: e(f: \"g\\\"\", h: -1.5e3) @i(j: k) { ...l ... on m { n } } } "
                     "fragment l on o { p }";
  for (size_t n = 0; n <= strlen(text); n++) {
    struct guard page = guard_copy(text, n);
    (void)graphql_read(page.s, SPAN_LIT("A"), &g);
    guard_free(page);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_operations),     cmocka_unit_test(chooses_operation),
      cmocka_unit_test(spreads_fragments),    cmocka_unit_test(refuses_others),
      cmocka_unit_test(reads_nothing_beyond),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
