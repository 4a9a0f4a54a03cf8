/* SPDX-License-Identifier: Apache-2.0 */
/* Capture files: formats, byte orders, merging, cuts. */
#include "cmocka_all.h"
#include "base/err.h"
#include "capture/capture.h"
#include <stdio.h>
#include <unistd.h>

static struct capture_conf conf;
static struct counters ctr;

static void put32(uint8_t *p, uint32_t v, bool swap) {
  if (swap) v = __builtin_bswap32(v);
  memcpy(p, &v, 4);
}

static size_t make_pcap(uint8_t *b, uint32_t magic, bool swap, const uint32_t (*when)[2], size_t n) {
  uint8_t *p = b;
  memset(p, 0, 24);
  put32(p, magic, swap);
  put32(p + 4, swap ? 0x00020004 : 0x00040002, swap);
  put32(p + 16, 65535, swap);
  put32(p + 20, 1, swap);
  p += 24;
  for (size_t i = 0; i < n; i++) {
    put32(p, when[i][0], swap);
    put32(p + 4, when[i][1], swap);
    put32(p + 8, 20, swap);
    put32(p + 12, 60, swap);
    memset(p + 16, (int)i, 20);
    p += 36;
  }
  return (size_t)(p - b);
}

static void save(const char *path, const uint8_t *b, size_t n) {
  FILE *f = fopen(path, "wb");
  assert_non_null(f);
  assert_int_equal(fwrite(b, 1, n, f), n);
  fclose(f);
}

static void test_pcap_variants(void **state) {
  (void)state;
  static const struct { uint32_t magic; bool swap; uint64_t unit; } cases[] = {
      {0xa1b2c3d4, false, 1000}, {0xa1b2c3d4, true, 1000}, {0xa1b23c4d, false, 1}, {0xa1b23c4d, true, 1}};
  const uint32_t when[2][2] = {{100, 5}, {101, 7}};
  for (size_t i = 0; i < 4; i++) {
    uint8_t b[256];
    char path[] = "/tmp/tsreplay.pcap";
    char *paths[] = {path};
    size_t n = make_pcap(b, cases[i].magic, cases[i].swap, when, 2);
    save(path, b, n - 3); /* the second is cut */
    struct replay *r;
    struct conf_error err;
    struct frame f;
    bool stable;
    assert_int_equal(replay_open(&r, &conf, paths, 1, &ctr, &err), 0);
    assert_int_equal(replay_next(r, &f, &stable), 1);
    assert_true(stable);
    assert_int_equal(f.ns, 100000000000 + 5 * cases[i].unit);
    assert_int_equal(f.caplen, 20);
    assert_int_equal(f.wirelen, 60);
    assert_int_equal(f.link, 1);
    assert_int_equal(replay_next(r, &f, &stable), 0);
    assert_non_null(strstr(replay_warning(r), "cut after packet 1"));
    assert_null(replay_warning(r));
    replay_close(r);
    unlink(path);
  }
  assert_int_equal(ctr_get(&ctr, CTR_CAPTURE_FILE_CUT), 4);
}

static void test_merge(void **state) {
  (void)state;
  const uint32_t a[3][2] = {{1, 0}, {3, 0}, {2, 0}}, b[2][2] = {{1, 0}, {4, 0}};
  char pa[] = "/tmp/tsmerge.a", pb[] = "/tmp/tsmerge.b";
  char *paths[] = {pa, pb};
  uint8_t bytes[256];
  save(pa, bytes, make_pcap(bytes, 0xa1b2c3d4, false, a, 3));
  save(pb, bytes, make_pcap(bytes, 0xa1b2c3d4, false, b, 2));
  static const struct { uint64_t s; int source; } want[] = {{1, 0}, {1, 1}, {3, 0}, {2, 0}, {4, 1}};
  struct replay *r;
  struct conf_error err;
  struct frame f;
  bool stable;
  assert_int_equal(replay_open(&r, &conf, paths, 2, &ctr, &err), 0);
  for (size_t i = 0; i < 5; i++) {
    assert_int_equal(replay_next(r, &f, &stable), 1);
    assert_int_equal(f.ns, want[i].s * 1000000000);
    assert_int_equal(f.source, want[i].source);
  }
  assert_int_equal(replay_next(r, &f, &stable), 0);
  replay_close(r);
  unlink(pa);
  unlink(pb);
}

static void test_not_a_capture(void **state) {
  (void)state;
  char path[] = "/tmp/tsnot.pcap", missing[] = "/nonexistent/x.pcap";
  char *paths[] = {path}, *gone[] = {missing};
  struct replay *r;
  struct conf_error err;
  save(path, (const uint8_t *)"hello, world, this is text", 26);
  assert_int_equal(replay_open(&r, &conf, paths, 1, &ctr, &err), ERR_SYNTAX);
  assert_non_null(strstr(err.text, path));
  assert_int_equal(replay_open(&r, &conf, gone, 1, &ctr, &err), ERR_IO);
  unlink(path);
}

int main(void) {
  const struct conf_section sections[] = {{"capture", capture_options, &conf}, {NULL, NULL, NULL}};
  if (conf_defaults(sections) < 0) return 1;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_pcap_variants),
      cmocka_unit_test(test_merge),
      cmocka_unit_test(test_not_a_capture),
  };
  int rc = cmocka_run_group_tests(tests, NULL, NULL);
  conf_done(sections);
  return rc;
}
