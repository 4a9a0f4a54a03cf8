/* SPDX-License-Identifier: Apache-2.0 */
/* The spool: order, restarts, damage, the cap and who is given up first; and the router over a full disk. */
#include "output/sink.h"
#include "output/spool.h"
#include "temp.h"

#include <fcntl.h>
#include <sys/stat.h>

static struct spool *opened(uint64_t cap) {
  struct spool *s = NULL;
  struct conf_error err;
  assert_int_equal(spool_open(&s, temp_dir, cap, &err), 0);
  return s;
}

static void put(struct spool *s, unsigned n, uint8_t priority, size_t size) {
  char json[4096];
  memset(json, 'x', sizeof json);
  snprintf(json, sizeof json, "%08u", n);
  struct record r = {.kind = priority == 2 ? RECORD_FINDING : RECORD_CALL,
                     .priority = priority,
                     .key = SPAN_LIT("key"),
                     .json = span_of(json, size),
                     .ns = n};
  assert_true(spool_put(s, &r) >= 0);
}

static unsigned read_some(struct spool *s, unsigned expect, unsigned most) {
  struct block *b = block_new(1024);
  unsigned n = spool_read(s, b, most * 80);
  for (unsigned i = 0; i < n; i++) {
    struct record r;
    block_get(b, i, &r);
    assert_int_equal(r.ns, expect + i);
    assert_true(span_eq(r.key, SPAN_LIT("key")));
    assert_int_equal(strtoul((const char *)r.json.base, NULL, 10), expect + i);
  }
  block_free(b);
  return n;
}

static void test_order_and_restart(void **state) {
  (void)state;
  struct spool *s = opened(1 << 20);
  for (unsigned i = 0; i < 100; i++) put(s, i, 0, 40);
  unsigned n = read_some(s, 0, 10);
  assert_true(n > 2);
  spool_ack(s, n - 1);
  spool_close(s);
  s = opened(1 << 20);
  assert_int_equal(spool_count(s), 100 - (n - 1));
  for (unsigned i = 100; i < 120; i++) put(s, i, 0, 40);
  for (unsigned at = n - 1; at < 120;) {
    unsigned got = read_some(s, at, 20);
    assert_true(got > 0);
    spool_ack(s, got);
    at += got;
  }
  assert_int_equal(spool_count(s), 0);
  spool_close(s);
}

static void test_lock(void **state) {
  (void)state;
  struct spool *s = opened(1 << 20), *t = NULL;
  struct conf_error err;
  assert_true(spool_open(&t, temp_dir, 1 << 20, &err) < 0);
  assert_non_null(strstr(err.text, "another"));
  spool_close(s);
}

static void test_damage(void **state) {
  (void)state;
  struct spool *s = opened(1 << 20);
  for (unsigned i = 0; i < 10; i++) put(s, i, 0, 40);
  spool_close(s);
  char path[160];
  struct stat st;
  snprintf(path, sizeof path, "%s/0-0000000000000001.seg", temp_dir);
  assert_int_equal(stat(path, &st), 0);
  assert_int_equal(truncate(path, st.st_size - 7), 0);
  s = opened(1 << 20);
  assert_int_equal(spool_count(s), 9);
  spool_close(s);
  int fd = open(path, O_WRONLY);
  assert_int_equal(pwrite(fd, "!", 1, st.st_size / 2), 1);
  close(fd);
  s = opened(1 << 20);
  assert_in_range(spool_count(s), 4, 6);
  spool_close(s);
}

static void test_cap(void **state) {
  (void)state;
  struct spool *s = opened(1 << 20);
  for (unsigned i = 0; i < 100; i++) put(s, i, 2, 1000);
  for (unsigned i = 0; i < 3000; i++) put(s, i, 0, 1000);
  assert_int_equal(spool_count(s) + spool_shed(s), 3100);
  assert_true(spool_shed(s) > 1500);
  assert_true(read_some(s, 0, 1 << 16) > 50);
  for (unsigned i = 100; i < 900; i++) put(s, i, 2, 1000);
  assert_int_equal(spool_count(s) + spool_shed(s), 3900);
  spool_close(s);
}

static void emit(struct router *r, unsigned from, unsigned to) {
  for (unsigned i = from; i < to; i++) {
    char json[32];
    snprintf(json, sizeof json, "{\"n\":%u}", i);
    struct record rec = {.kind = RECORD_CALL, .json = span_str(json), .ns = i};
    router_put(r, &rec);
  }
}

static void test_full_disk(void **state) {
  (void)state;
  char spec[128], link[100], file[100], line[64];
  struct output_conf c = {.sample_calls = 1, .queue = 1024, .spool_mb = 16, .spool_dir = temp_dir};
  struct conf_error err;
  struct router *r;
  uint64_t totals[CTR_COUNT] = {0};
  snprintf(link, sizeof link, "%s/out", temp_dir);
  snprintf(file, sizeof file, "%s/real", temp_dir);
  snprintf(spec, sizeof spec, "file:%s", link);
  char *specs[] = {spec};
  assert_int_equal(symlink("/dev/full", link), 0);
  assert_int_equal(router_new(&r, &c, specs, 1, NULL, &err), 0);
  emit(r, 0, 30000);
  router_flush(r);
  for (int i = 0; i < 300 && totals[CTR_OUTPUT_SPOOLED] == 0; i++) {
    usleep(10000);
    memset(totals, 0, sizeof totals);
    router_counters(r, totals);
  }
  assert_int_equal(totals[CTR_OUTPUT_DELIVERED], 0);
  char text[640];
  assert_true(router_message(r, text, sizeof text));
  assert_non_null(strstr(text, "No space left on device"));
  assert_int_equal(router_end(r, 1000), 30000);
  struct sink_account account;
  assert_int_equal(router_accounts(r, &account, 1), 1);
  assert_int_equal(account.emitted, 30000);
  assert_int_equal(account.emitted, account.delivered + account.spooled + account.shed);
  assert_int_equal(router_close(r, 1000), 30000);
  assert_int_equal(unlink(link), 0);
  assert_int_equal(symlink(file, link), 0);
  assert_int_equal(router_new(&r, &c, specs, 1, NULL, &err), 0);
  emit(r, 30000, 30010);
  assert_int_equal(router_close(r, 5000), 0);
  FILE *f = fopen(link, "r");
  unsigned n = 0;
  bool seen[30010] = {false};
  assert_non_null(f);
  for (; fgets(line, sizeof line, f); n++) seen[strtoul(line + 5, NULL, 10)] = true;
  fclose(f);
  assert_int_equal(n, 30010);
  for (unsigned i = 0; i < 30010; i++) assert_true(seen[i]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_order_and_restart, temp_begin, temp_end),
      cmocka_unit_test_setup_teardown(test_lock, temp_begin, temp_end),
      cmocka_unit_test_setup_teardown(test_damage, temp_begin, temp_end),
      cmocka_unit_test_setup_teardown(test_cap, temp_begin, temp_end),
      cmocka_unit_test_setup_teardown(test_full_disk, temp_begin, temp_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
