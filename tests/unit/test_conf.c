/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration: values, messages with line and remedy, assignments, the example, failing allocations. */
#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "failmem.h"
#include "temp.h"
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

struct alpha {
  bool on;
  int64_t size, small;
  uint64_t wait_ns;
  double share;
  char *name;
  int mode;
  struct conf_list ports;
};
struct beta {
  int64_t max_flows;
};
static const struct conf_option alpha_options[] = {
    {"on", CONF_BOOL, offsetof(struct alpha, on), "true", 0, 0, NULL, "a switch"},
    {"size", CONF_INT, offsetof(struct alpha, size), "64K", 0, 1e12, NULL, "bytes"},
    {"small", CONF_INT, offsetof(struct alpha, small), "-3", -5, 5, NULL, "a small number"},
    {"wait", CONF_DURATION, offsetof(struct alpha, wait_ns), "30s", 0, 3600, NULL, "a time"},
    {"share", CONF_DOUBLE, offsetof(struct alpha, share), "0.5", 0, 1, NULL, "a share"},
    {"name", CONF_STRING, offsetof(struct alpha, name), "", 0, 0, NULL, "a name"},
    {"mode", CONF_ENUM, offsetof(struct alpha, mode), "first", 0, 0, "first|last|linux", "a policy"},
    {"ports", CONF_LIST, offsetof(struct alpha, ports), "[4789, 8472]", 0, 0, NULL, "some ports"},
    {NULL, CONF_BOOL, 0, NULL, 0, 0, NULL, NULL},
};
static const struct conf_option beta_options[] = {
    {"max_flows", CONF_INT, offsetof(struct beta, max_flows), "1000", 1, 1e9, NULL, "flows"},
    {NULL, CONF_BOOL, 0, NULL, 0, 0, NULL, NULL},
};
static struct alpha a;
static struct beta b;
static const struct conf_section sections[] = {
    {"alpha", alpha_options, &a}, {"deep.beta", beta_options, &b}, {NULL, NULL, NULL}};

static struct conf_error err;

static int load(const char *text) {
  char path[TEMP_NAME];
  int rc = conf_file(sections, temp_text(path, text), &err);
  unlink(path);
  return rc;
}

static int setup(void **state) {
  (void)state;
  return conf_defaults(sections);
}

static int teardown(void **state) {
  (void)state;
  conf_done(sections);
  return failmem_live != 0;
}

static void defaults(void **state) {
  (void)state;
  assert_true(a.on);
  assert_int_equal(a.size, 65536);
  assert_int_equal(a.small, -3);
  assert_true(a.wait_ns == 30000000000ULL);
  assert_true(a.share > 0.49 && a.share < 0.51);
  assert_string_equal(a.name, "");
  assert_int_equal(a.mode, 0);
  assert_int_equal(a.ports.count, 2);
  assert_string_equal(a.ports.item[1], "8472");
  assert_int_equal(b.max_flows, 1000);
}

static void good_file(void **state) {
  (void)state;
  assert_int_equal(
      load("# comment\nalpha:\n  on: no\n  size: 2M\n  wait: 250ms\n  share: 1\n  name: \"a: b\"\n"
           "  mode: linux\n  ports:\n    - 1\n    - '2'\n    - 3\ndeep:\n  beta:\n    max_flows: 5\n"),
      0);
  assert_false(a.on);
  assert_int_equal(a.size, 2 << 20);
  assert_int_equal(a.wait_ns, 250000000);
  assert_string_equal(a.name, "a: b");
  assert_int_equal(a.mode, 2);
  assert_int_equal(a.ports.count, 3);
  assert_int_equal(b.max_flows, 5);
  assert_int_equal(load("deep.beta:\n  max_flows: 6\nalpha:\n  ports: []\n  name:\n"), 0);
  assert_int_equal(b.max_flows, 6);
  assert_int_equal(a.ports.count, 0);
  assert_string_equal(a.name, "");
  assert_int_equal(load(""), 0);
  assert_int_equal(load("alpha:\n"), 0);
}

static void bad(const char *text, int rc, const char *message) {
  assert_int_equal(load(text), rc);
  const char *at = strchr(err.text, ':'); /* after the file's name */
  assert_non_null(at);
  if (strcmp(at + 1, message)) print_message("have: %s\nwant: %s\n", at + 1, message);
  assert_string_equal(at + 1, message);
}

static void bad_files(void **state) {
  (void)state;
  bad("alpha:\n  onn: yes\n", ERR_NOTFOUND,
      "2: alpha.onn: expected a known option, found \"onn\"; did you mean alpha.on?");
  bad("alpha:\n  max_flows: 4\n", ERR_NOTFOUND,
      "2: alpha.max_flows: expected a known option, found \"max_flows\"; did you mean deep.beta.max_flows?");
  bad("gamma:\n  x: 1\n", ERR_NOTFOUND, "1: gamma: expected a known option, found \"gamma\"");
  bad("\nalpha:\n  size: many\n", ERR_SYNTAX,
      "3: alpha.size: expected a whole number (K, M, G allowed) from 0 to 1000000000000, found \"many\"");
  bad("alpha: {small: 6}\n", ERR_RANGE,
      "1: alpha.small: expected a whole number (K, M, G allowed) from -5 to 5, found \"6\"");
  bad("alpha: {wait: 2h}\n", ERR_RANGE,
      "1: alpha.wait: expected a duration, as in 200ms, 30s, 5m, 2h from 0s to 3600s, found \"2h\"");
  bad("alpha: {wait: 5}\n", ERR_SYNTAX,
      "1: alpha.wait: expected a duration, as in 200ms, 30s, 5m, 2h from 0s to 3600s, found \"5\"");
  bad("alpha: {on: [1]}\n", ERR_SYNTAX, "1: alpha.on: expected true or false, found a list");
  bad("alpha: {mode: Linux}\n", ERR_SYNTAX,
      "1: alpha.mode: expected one of first|last|linux, found \"Linux\"");
  bad("alpha: {ports: 5}\n", ERR_SYNTAX, "1: alpha.ports: expected a list, as in [a, b], found \"5\"");
  bad("alpha: {ports: [5, [6]]}\n", ERR_SYNTAX,
      "1: alpha.ports: expected single values in the list, found a list");
  bad("alpha:\n  size: 1\n  size: 2\n", ERR_SYNTAX,
      "3: alpha.size: expected it once, found it on line 2 too");
  bad("alpha:\n  size:\n", ERR_SYNTAX,
      "2: alpha.size: expected a whole number (K, M, G allowed) from 0 to 1000000000000, found nothing");
  bad("alpha: 5\n", ERR_SYNTAX, "1: alpha: expected a map of keys, found a single value");
  bad("- a\n", ERR_SYNTAX, "1: file: expected a map of sections, found a list");
  assert_int_equal(load("alpha: [\n"), ERR_SYNTAX);
  assert_int_equal(conf_file(sections, "/nonexistent/x.yaml", &err), ERR_IO);
  assert_non_null(strstr(err.text, "No such file"));
  assert_int_equal(conf_file(sections, "/tmp", &err), ERR_IO);
}

static void set(void **state) {
  (void)state;
  assert_int_equal(conf_set(sections, "alpha.size=3G", &err), 0);
  assert_true(a.size == 3LL << 30);
  assert_int_equal(conf_set(sections, "deep.beta.max_flows=7", &err), 0);
  assert_int_equal(b.max_flows, 7);
  assert_int_equal(conf_set(sections, "alpha.ports=1, 2,3", &err), 0);
  assert_int_equal(a.ports.count, 3);
  assert_string_equal(a.ports.item[1], "2");
  assert_int_equal(conf_set(sections, "alpha.name=a=b", &err), 0);
  assert_string_equal(a.name, "a=b");
  assert_int_equal(conf_set(sections, "alpha.name=", &err), 0);
  assert_string_equal(a.name, "");
  assert_int_equal(conf_set(sections, "alpha.siez=1", &err), ERR_NOTFOUND);
  assert_string_equal(err.text, "alpha.siez: expected a known option; did you mean alpha.size?");
  assert_int_equal(conf_set(sections, "alpha.size", &err), ERR_SYNTAX);
  assert_int_equal(conf_set(sections, "size=1", &err), ERR_SYNTAX);
  assert_int_equal(conf_set(sections, "alpha.share=1.5", &err), ERR_RANGE);
  assert_string_equal(err.text, "alpha.share: expected a number from 0 to 1, found \"1.5\"");
  assert_int_equal(conf_set(sections, "alpha.share=nan", &err), ERR_SYNTAX);
  assert_int_equal(conf_set(sections, "alpha.share=0x1p-2", &err), ERR_SYNTAX);
  assert_int_equal(conf_set(sections, "alpha.size=99999999999999999999", &err), ERR_RANGE);
  assert_int_equal(conf_set(sections, "alpha.size=9999999999999T", &err), ERR_RANGE);
}

static void example(void **state) {
  (void)state;
  struct buf out;
  buf_init(&out, NULL, 0);
  assert_int_equal(conf_set(sections, "alpha.size=1", &err), 0);
  assert_int_equal(conf_example(sections, &out), 0);
  assert_int_equal(buf_put_u8(&out, 0), 0);
  assert_int_equal(load((const char *)out.base), 0);
  defaults(state); /* the example says the defaults */
  assert_non_null(strstr((const char *)out.base, "  # a policy (one of first|last|linux)\n  mode: first\n"));
  buf_done(&out);
}

static void no_memory(void **state) {
  (void)state;
  bool ended = false;
  for (long n = 0; n < 100 && !ended; n++) {
    conf_done(sections);
    failmem_after = n;
    int rc = conf_defaults(sections);
    if (rc == 0) rc = load("alpha:\n  name: x\n  ports: [1, 2, 3]\n");
    if (rc == 0) rc = conf_set(sections, "alpha.ports=7,8", &err);
    assert_true(rc == 0 || rc == ERR_NOMEM);
    ended = rc == 0;
  }
  assert_true(ended);
  failmem_after = -1;
  assert_string_equal(a.ports.item[1], "8");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(defaults, setup, teardown),
      cmocka_unit_test_setup_teardown(good_file, setup, teardown),
      cmocka_unit_test_setup_teardown(bad_files, setup, teardown),
      cmocka_unit_test_setup_teardown(set, setup, teardown),
      cmocka_unit_test_setup_teardown(example, setup, teardown),
      cmocka_unit_test_setup_teardown(no_memory, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
