/* SPDX-License-Identifier: Apache-2.0 */
/* HPACK against RFC 7541's examples, late joins, holes and damage. */
#include "cmocka_all.h"
#include "dissect/proto/hpack.h"
#include "hex.h"
#include <stdio.h>
#include <stdlib.h>

struct got {
  char text[4096];
  size_t len;
};
static int note(void *user, const struct hpack_field *f) {
  struct got *g = user;
  g->len += (size_t)snprintf(
      g->text + g->len, sizeof g->text - g->len, "%.*s=%.*s;", f->name_known ? (int)f->name.len : 1,
      f->name_known ? (const char *)f->name.base : "?", f->value_known ? (int)f->value.len : 1,
      f->value_known ? (const char *)f->value.base : "?");
  return 0;
}
static const char *decode(struct hpack *h, const char *hex, int want) {
  static struct got g;
  uint8_t block[2048];
  g.len = 0;
  g.text[0] = 0;
  size_t n = unhex(hex, block);
  uint8_t *exact = malloc(n + 1);
  memcpy(exact, block, n);
  assert_int_equal(hpack_decode(h, span_of(exact, n), note, &g), want);
  free(exact);
  return g.text;
}

static const char *const c6[3] = {
    "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae"
    "43d3",
    "4883640effc1c0bf",
    "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af"
    "2708"
    "7f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
};

static void examples(void **state) {
  (void)state;
  struct hpack h;
  hpack_init(&h, NULL, true);
  assert_string_equal(decode(&h, "828684418cf1e3c2e5f23a6ba0ab90f4ff", 0),
                      ":method=GET;:scheme=http;:path=/;:authority=www.example.com;");
  assert_string_equal(decode(&h, "828684be5886a8eb10649cbf", 0),
                      ":method=GET;:scheme=http;:path=/;:authority=www.example.com;cache-control=no-cache;");
  assert_string_equal(
      decode(&h, "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf", 0),
      ":method=GET;:scheme=https;:path=/index.html;:authority=www.example.com;custom-key=custom-value;");
  assert_int_equal(h.used, 164);
  hpack_done(&h);
  hpack_init(&h, NULL, true);
  h.max = 256; /* as in C.6 */
  decode(&h, c6[0], 0);
  assert_int_equal(h.used, 222);
  assert_string_equal(decode(&h, c6[1], 0),
                      ":status=307;cache-control=private;date=Mon, 21 Oct 2013 20:13:21 GMT;"
                      "location=https://www.example.com;");
  assert_non_null(
      strstr(decode(&h, c6[2], 0), "set-cookie=foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1;"));
  assert_int_equal(h.used, 215);
  hpack_done(&h);
}

static void late(void **state) {
  (void)state;
  struct hpack h;
  hpack_init(&h, NULL, false);
  assert_string_equal(decode(&h, c6[1], 0), ":status=307;?=?;?=?;?=?;");
  assert_string_equal(decode(&h, "bebf", 0), ":status=307;?=?;");
  assert_string_equal(decode(&h, "7f0001610f3101627f020163", 0),
                      "?=a;?=b;?=c;");                     /* names below what is known */
  assert_string_equal(decode(&h, "20be", ERR_SYNTAX), ""); /* emptied: nothing can be there */
  hpack_done(&h);
}

static void hole(void **state) {
  (void)state;
  struct hpack h;
  hpack_init(&h, NULL, true);
  decode(&h, "4001610131400162013240016301334001640134", 0); /* a=1 b=2 c=3 d=4 */
  hpack_suspend(&h);
  assert_string_equal(decode(&h, "be82", 0), "?=?;:method=GET;");
  assert_string_equal(decode(&h, "40017a0139bebf", 0), "z=9;z=9;?=?;");
  struct got g = {.len = 0};
  uint8_t block[] = {0xbe, 0xbf, 0xc1, 0xc4, 0xc5};
  assert_int_equal(hpack_try(&h, span_of(block, sizeof block), 2, note, &g), 0);
  assert_string_equal(g.text, "z=9;?=?;d=4;a=1;?=?;");
  assert_int_equal(hpack_shift(&h, 2), 0);
  assert_string_equal(decode(&h, "bebfc0c1c2c3c4c5", 0), "z=9;?=?;?=?;d=4;c=3;b=2;a=1;?=?;");
  hpack_suspend(&h);
  assert_int_equal(hpack_shift(&h, 0), 0);
  assert_string_equal(decode(&h, "bec1", 0), "z=9;d=4;");
  hpack_done(&h);
}

static void damage(void **state) {
  (void)state;
  static const char *const bad[] = {"80",   "be",           "ff8080808008", "ffffffffff7f", "00840000",
                                    "8220", "008287ff0161", "3f8080808010", "202020"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    struct hpack h;
    uint8_t block[64];
    struct got g = {.len = 0};
    hpack_init(&h, NULL, true);
    size_t n = unhex(bad[i], block);
    int err = hpack_decode(&h, span_of(block, n), note, &g);
    assert_true(err < 0);
    assert_int_equal(h.complete, err == ERR_TRUNC);
    hpack_done(&h);
  }
  struct hpack h;
  hpack_init(&h, NULL, true);
  assert_string_equal(decode(&h, "8286840085", ERR_TRUNC), ":method=GET;:scheme=http;:path=/;");
  hpack_done(&h);
}

/* Many entries through a table of the default size, by names that stand in entries about to go. */
static void turnover(void **state) {
  (void)state;
  struct hpack h;
  hpack_init(&h, NULL, true);
  decode(&h, "40036b6579026161", 0);
  for (int i = 0; i < 20000; i++) {
    uint8_t b[64] = {0x40 | 62, 40};
    memset(b + 2, 'a' + i % 26, 40);
    struct got g = {.len = 0};
    if (i % 50 == 49)
      b[0] = 0x7f, memmove(b + 2, b + 1, 41), b[1] = (uint8_t)(h.count - 2); /* the oldest's name */
    assert_int_equal(hpack_decode(&h, span_of(b, i % 50 == 49 ? 43 : 42), note, &g), 0);
    assert_int_equal(memcmp(g.text, "key=", 4), 0);
    assert_true(h.used <= 4096);
  }
  assert_true(h.bytes.size < 65536);
  hpack_done(&h);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(examples), cmocka_unit_test(late),     cmocka_unit_test(hole),
      cmocka_unit_test(damage),   cmocka_unit_test(turnover),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
