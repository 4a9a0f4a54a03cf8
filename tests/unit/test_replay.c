/* SPDX-License-Identifier: Apache-2.0 */
/* Capture files: formats, byte orders, merging, cuts. */
#include "cmocka_all.h"
#include "base/err.h"
#include "capture/capture.h"
#include "failmem.h"
#include <stdio.h>
#include <stdlib.h>
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
  static const struct {
    uint32_t magic;
    bool swap;
    uint64_t unit;
  } cases[] = {
      {0xa1b2c3d4, false, 1000}, {0xa1b2c3d4, true, 1000}, {0xa1b23c4d, false, 1}, {0xa1b23c4d, true, 1}};
  const uint32_t when[2][2] = {{100, 5}, {101, 7}};
  for (size_t i = 0; i < 4; i++) {
    uint8_t b[256];
    char path[] = "tsreplay.pcap";
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
  char pa[] = "tsmerge.a", pb[] = "tsmerge.b";
  char *paths[] = {pa, pb};
  uint8_t bytes[256];
  save(pa, bytes, make_pcap(bytes, 0xa1b2c3d4, false, a, 3));
  save(pb, bytes, make_pcap(bytes, 0xa1b2c3d4, false, b, 2));
  static const struct {
    uint64_t s;
    int source;
  } want[] = {{1, 0}, {1, 1}, {3, 0}, {2, 0}, {4, 1}};
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
  char path[] = "tsnot.pcap", missing[] = "/nonexistent/x.pcap";
  char *paths[] = {path}, *gone[] = {missing};
  struct replay *r;
  struct conf_error err;
  save(path, (const uint8_t *)"hello, world, this is text", 26);
  assert_int_equal(replay_open(&r, &conf, paths, 1, &ctr, &err), ERR_SYNTAX);
  assert_non_null(strstr(err.text, path));
  assert_int_equal(replay_open(&r, &conf, gone, 1, &ctr, &err), ERR_IO);
  unlink(path);
}

struct block {
  uint8_t b[4096];
  size_t n;
  bool swap;
};
static void w32(struct block *x, uint32_t v) {
  put32(x->b + x->n, v, x->swap);
  x->n += 4;
}
static void w16(struct block *x, uint16_t v) {
  if (x->swap) v = __builtin_bswap16(v);
  memcpy(x->b + x->n, &v, 2);
  x->n += 2;
}
static void section_block(struct block *x) {
  w32(x, 0x0a0d0d0a);
  w32(x, 28);
  w32(x, 0x1a2b3c4d);
  w16(x, 1);
  w16(x, 0);
  w32(x, 0xffffffff);
  w32(x, 0xffffffff);
  w32(x, 28);
}
/* With a resolution of its own when resol is not 0, and an offset of `offset` seconds. */
static void interface_block(struct block *x, uint16_t link, uint8_t resol, uint32_t offset) {
  uint32_t len = 20 + (resol ? 8 + 12 + 4 : 0);
  w32(x, 1);
  w32(x, len);
  w16(x, link);
  w16(x, 0);
  w32(x, 0);
  if (resol) {
    w16(x, 9);
    w16(x, 1);
    memcpy(x->b + x->n, (uint8_t[]){resol, 0, 0, 0}, 4);
    x->n += 4;
    w16(x, 14);
    w16(x, 8);
    if (x->swap) w32(x, 0);
    w32(x, offset);
    if (!x->swap) w32(x, 0);
    w32(x, 0);
  }
  w32(x, len);
}
static void packet_block(struct block *x, uint32_t ifid, uint64_t ts) {
  w32(x, 6);
  w32(x, 40);
  w32(x, ifid);
  w32(x, (uint32_t)(ts >> 32));
  w32(x, (uint32_t)ts);
  w32(x, 6);
  w32(x, 60);
  memcpy(x->b + x->n, "abcdef\0\0", 8);
  x->n += 8;
  w32(x, 40);
}

static void test_pcapng(void **state) {
  (void)state;
  char path[] = "tsreplay.pcapng";
  char *paths[] = {path};
  for (int swap = 0; swap < 2; swap++) {
    struct block x = {.swap = swap};
    struct replay *r;
    struct conf_error err;
    struct frame f;
    bool stable;
    section_block(&x);
    interface_block(&x, 1, 0, 0);
    interface_block(&x, 101, 9, 100);
    packet_block(&x, 0, 5000000);
    packet_block(&x, 1, 6000000001);
    packet_block(&x, 7, 1);            /* no such interface */
    for (uint32_t k = 1; k < 3; k++) { /* interface statistics, totals told twice */
      w32(&x, 5);
      w32(&x, 40);
      w32(&x, 0);
      w32(&x, 0);
      w32(&x, 0);
      w16(&x, 7);
      w16(&x, 8);
      if (swap) w32(&x, 0);
      w32(&x, k * 50);
      if (!swap) w32(&x, 0);
      w32(&x, 0);
      w32(&x, 40);
    }
    w32(&x, 0xbad); /* a block of another kind */
    w32(&x, 16);
    w32(&x, 1);
    w32(&x, 16);
    x.swap = !swap; /* a section in the other byte order, units of 1/1024 s */
    section_block(&x);
    interface_block(&x, 113, 0x80 | 10, 0);
    packet_block(&x, 0, 107 * 1024 + 512);
    w32(&x, 3); /* simple packet */
    w32(&x, 20);
    w32(&x, 4);
    w32(&x, 0);
    w32(&x, 20);
    memset(x.b + x.n, 0xee, 40); /* rubbish, then one more packet, cut */
    x.n += 40;
    packet_block(&x, 0, 108 * 1024);
    packet_block(&x, 0, 109 * 1024);
    save(path, x.b, x.n - 9);
    static const struct {
      uint64_t ns;
      uint32_t caplen, wirelen;
      uint16_t link;
    } want[] = {{5000000000, 6, 60, 1},
                {106000000001, 6, 60, 101},
                {107500000000, 6, 60, 113},
                {107500000000, 4, 4, 113},
                {108000000000, 6, 60, 113}};
    uint64_t bad = ctr_get(&ctr, CTR_CAPTURE_BAD_RECORD), cut = ctr_get(&ctr, CTR_CAPTURE_FILE_CUT);
    assert_int_equal(replay_open(&r, &conf, paths, 1, &ctr, &err), 0);
    for (size_t i = 0; i < 5; i++) {
      assert_int_equal(replay_next(r, &f, &stable), 1);
      assert_int_equal(f.ns, want[i].ns);
      assert_int_equal(f.caplen, want[i].caplen);
      assert_int_equal(f.wirelen, want[i].wirelen);
      assert_int_equal(f.link, want[i].link);
    }
    assert_int_equal(replay_next(r, &f, &stable), 0);
    assert_int_equal(ctr_get(&ctr, CTR_CAPTURE_BAD_RECORD), bad + 2);
    assert_int_equal(ctr_get(&ctr, CTR_CAPTURE_FILE_CUT), cut + 1);
    assert_int_equal(ctr_get(&ctr, CTR_CAPTURE_DROP_KERNEL), 100 * (uint64_t)(swap + 1));
    replay_close(r);
    unlink(path);
  }
}

static size_t count(char *const *paths, size_t n, bool *stable) {
  struct replay *r;
  struct conf_error err;
  struct frame f;
  size_t got = 0;
  if (replay_open(&r, &conf, paths, n, &ctr, &err) < 0) fail_msg("%s", err.text);
  while (replay_next(r, &f, stable) == 1) got++;
  replay_close(r);
  return got;
}

static void test_broken_record(void **state) {
  (void)state;
  uint32_t when[50][2];
  uint8_t b[4096];
  char path[] = "tsbroken.pcap";
  char *paths[] = {path};
  bool stable;
  for (uint32_t i = 0; i < 50; i++) when[i][0] = 1000 + i, when[i][1] = i;
  size_t n = make_pcap(b, 0xa1b2c3d4, false, when, 50);
  memset(b + 24 + 20 * 36, 0xff, 36); /* one record overwritten */
  save(path, b, n);
  assert_int_equal(count(paths, 1, &stable), 49);
  save(path, b, 0); /* made, and never written to */
  uint64_t cut = ctr_get(&ctr, CTR_CAPTURE_FILE_CUT);
  assert_int_equal(count(paths, 1, &stable), 0);
  assert_int_equal(ctr_get(&ctr, CTR_CAPTURE_FILE_CUT), cut + 1);
  unlink(path);
}

/* gzip of several members, zstd, one in the other, standard input, a damaged stream, more streams than are kept open. */
static void test_packed(void **state) {
  (void)state;
  uint32_t when[20][2];
  uint8_t b[2048];
  bool stable = true;
  for (uint32_t i = 0; i < 20; i++) when[i][0] = 1000 + i, when[i][1] = i;
  save("tspack", b, make_pcap(b, 0xa1b2c3d4, false, when, 20));
  if (system("head -c 400 tspack | gzip > tspack.gz && tail -c +401 tspack | gzip >> tspack.gz &&"
             "zstd -q -f tspack -o tspack.zst && gzip -c tspack.zst > tspack.zst.gz && head -c 100 "
             "tspack.zst > tspack.cut"))
    skip();
  static char names[][24] = {"tspack.gz", "tspack.zst", "tspack.zst.gz"};
  for (size_t i = 0; i < 3; i++) {
    char *paths[] = {names[i]};
    assert_int_equal(count(paths, 1, &stable), 20);
    assert_false(stable);
  }
  char cut[] = "tspack.cut", standard[] = "-";
  char *paths[] = {cut}, *input[] = {standard}, *many[80];
  uint64_t before = ctr_get(&ctr, CTR_CAPTURE_FILE_CUT);
  struct replay *r;
  struct conf_error err;
  int rc = replay_open(&r, &conf, paths, 1, &ctr, &err);
  if (rc == 0) {
    replay_close(r);
    assert_int_equal(ctr_get(&ctr, CTR_CAPTURE_FILE_CUT), before + 1);
  } else
    assert_int_equal(rc, ERR_SYNTAX);
  assert_non_null(freopen("tspack.gz", "r", stdin));
  assert_int_equal(count(input, 1, &stable), 20);
  for (size_t i = 0; i < 80; i++) many[i] = names[i % 3];
  assert_int_equal(count(many, 80, &stable), 80 * 20);
  if (system("rm -f tspack*")) fail();
}

static void test_folder(void **state) {
  (void)state;
  uint8_t b[256];
  const uint32_t when[1][2] = {{1, 0}};
  bool stable;
  char dir[] = "tsfolder", none[] = "tsfolder/none";
  char *paths[] = {dir}, *empty[] = {none};
  if (system("mkdir -p tsfolder/sub tsfolder/none; echo text > tsfolder/readme")) fail();
  save("tsfolder/a", b, make_pcap(b, 0xa1b2c3d4, false, when, 1));
  save("tsfolder/sub/b", b, make_pcap(b, 0xa1b2c3d4, false, when, 1));
  assert_int_equal(count(paths, 1, &stable), 2);
  struct replay *r;
  struct conf_error err;
  assert_int_equal(replay_open(&r, &conf, empty, 1, &ctr, &err), ERR_NOTFOUND);
  if (system("rm -rf tsfolder")) fail();
}

/* Whatever allocation fails, nothing is leaked and nothing crashes. */
static void test_out_of_memory(void **state) {
  (void)state;
  const uint32_t when[2][2] = {{1, 0}, {2, 0}};
  uint8_t b[256];
  char plain[] = "tsoom", packed[] = "tsoom.gz", zstd[] = "tsoom.zst";
  char *paths[] = {plain, packed, zstd};
  save(plain, b, make_pcap(b, 0xa1b2c3d4, false, when, 2));
  if (system("gzip -k -f tsoom && zstd -q -f tsoom -o tsoom.zst")) skip();
  for (long n = 0; n < 60; n++) {
    struct replay *r;
    struct conf_error err;
    struct frame f;
    struct packet p;
    struct buf scratch;
    bool stable;
    long before = failmem_live;
    buf_init(&scratch, NULL, 0);
    failmem_after = n;
    struct decoder *d = decoder_new(&conf, 1, &ctr);
    if (replay_open(&r, &conf, paths, 3, &ctr, &err) == 0) {
      while (replay_next(r, &f, &stable) > 0)
        if (d) decoder_frame(d, &f, &p, &scratch);
      replay_close(r);
    }
    decoder_free(d);
    buf_done(&scratch);
    failmem_after = -1;
    assert_int_equal(failmem_live, before);
  }
  if (system("rm -f tsoom*")) fail();
}

int main(void) {
  const struct conf_section sections[] = {{"capture", capture_options, &conf}, {NULL, NULL, NULL}};
  char dir[] = "/tmp/tsreplay.XXXXXX";
  if (conf_defaults(sections) < 0 || !mkdtemp(dir) || chdir(dir) != 0) return 1;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_pcap_variants), cmocka_unit_test(test_merge),
      cmocka_unit_test(test_not_a_capture), cmocka_unit_test(test_pcapng),
      cmocka_unit_test(test_broken_record), cmocka_unit_test(test_packed),
      cmocka_unit_test(test_folder),        cmocka_unit_test(test_out_of_memory),
  };
  int rc = cmocka_run_group_tests(tests, NULL, NULL);
  conf_done(sections);
  rmdir(dir);
  return rc;
}
