/* SPDX-License-Identifier: Apache-2.0 */
/* The router: every record arrives once and in order, at every sink that wants it; the figures add up. */
#include "output/sink.h"
#include "temp.h"

static struct output_conf conf(void) {
  return (struct output_conf){
      .sample_calls = 1, .queue = 1024, .spool_mb = 16, .spool_dir = "", .observer = "t"};
}

static void put(struct router *r, enum record_kind kind, unsigned n) {
  char json[64], key[16];
  snprintf(json, sizeof json, "{\"n\":%u}", n);
  snprintf(key, sizeof key, "k%u", n % 7);
  struct record rec = {.kind = kind,
                       .priority = kind == RECORD_FINDING ? 2 : 0,
                       .key = span_str(key),
                       .json = span_str(json),
                       .ns = n};
  snprintf(rec.id, sizeof rec.id, "%031u", n);
  router_put(r, &rec);
}

static unsigned check_lines(const char *path, unsigned step) {
  FILE *f = fopen(path, "r");
  char line[128], want[64];
  unsigned n = 0;
  assert_non_null(f);
  while (fgets(line, sizeof line, f)) {
    snprintf(want, sizeof want, "{\"n\":%u}\n", step * n++);
    assert_string_equal(line, want);
  }
  fclose(f);
  return n;
}

static void test_files(void **state) {
  (void)state;
  struct output_conf c = conf();
  struct conf_error err;
  struct router *r;
  char all[256], some[256], path[200];
  snprintf(all, sizeof all, "file:%s/all", temp_dir);
  snprintf(some, sizeof some, "file:%s/new/some?kinds=finding,incident", temp_dir);
  char *specs[] = {all, some};
  assert_int_equal(router_new(&r, &c, specs, 2, NULL, &err), 0);
  for (unsigned i = 0; i < 50000; i++) put(r, i % 10 ? RECORD_CALL : RECORD_FINDING, i);
  router_flush(r);
  uint64_t totals[CTR_COUNT] = {0};
  for (int i = 0; i < 6000 && totals[CTR_OUTPUT_DELIVERED] < 55000; i++) {
    usleep(10000);
    memset(totals, 0, sizeof totals);
    router_counters(r, totals);
  }
  assert_int_equal(totals[CTR_OUTPUT_EMITTED], 55000);
  assert_int_equal(totals[CTR_OUTPUT_DELIVERED], 55000);
  assert_int_equal(router_close(r, 60000), 0);
  snprintf(path, sizeof path, "%s/all", temp_dir);
  assert_int_equal(check_lines(path, 1), 50000);
  snprintf(path, sizeof path, "%s/new/some", temp_dir);
  assert_int_equal(check_lines(path, 10), 5000);
}

static void test_rotation(void **state) {
  (void)state;
  struct output_conf c = conf();
  struct conf_error err;
  struct router *r;
  c.file_rotate_mb = 1;
  char spec[256], path[200], first[200];
  snprintf(spec, sizeof spec, "file:%s/rot", temp_dir);
  char *specs[] = {spec};
  assert_int_equal(router_new(&r, &c, specs, 1, NULL, &err), 0);
  for (unsigned i = 0; i < 120000; i++) put(r, RECORD_CALL, i);
  assert_int_equal(router_close(r, 60000), 0);
  snprintf(first, sizeof first, "%s/rot.000001", temp_dir);
  unsigned n = check_lines(first, 1);
  assert_in_range(n, 70000, 110000);
  snprintf(path, sizeof path, "%s/rot", temp_dir);
  assert_int_equal(access(path, F_OK), 0);
}

static void test_bad_specs(void **state) {
  (void)state;
  struct output_conf c = conf();
  struct conf_error err;
  struct router *r;
  char *bad[] = {"nosuch:x", "file:", "plain", "file:/tmp/x?kinds=nonsense", "file:/proc/none/x"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    err.text[0] = 0;
    assert_true(router_new(&r, &c, &bad[i], 1, NULL, &err) < 0);
    assert_true(err.text[0] != 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_files),
      cmocka_unit_test(test_rotation),
      cmocka_unit_test(test_bad_specs),
  };
  return cmocka_run_group_tests(tests, temp_begin, temp_end);
}
