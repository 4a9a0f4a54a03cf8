/* SPDX-License-Identifier: Apache-2.0 */
/* Files in calls: uploads and downloads, true types beside declared ones, names without people in them, archives that swell. */
#include "cmocka_all.h"
#include "dissect/body/body.h"
#include "dissect/body/filetype.h"
#include "dissect/model/model.h"
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

static struct txn t;
static char said[512];

static void begin(void) {
  arena_done(&t.arena);
  for (int d = 0; d < 2; d++) buf_done(&t.side[d].raw);
  memset(&t, 0, sizeof t);
  arena_init(&t.arena, NULL, 0);
  t.status = 200;
  for (int d = 0; d < 2; d++) {
    t.side[d].seen = t.side[d].complete = true;
    buf_init(&t.side[d].raw, NULL, 0);
  }
}

static void body(enum dir d, const char *mime, const char *type, const void *p, size_t n) {
  t.side[d].mime = span_str(mime);
  txn_header(&t, &t.side[d].headers, SPAN_LIT("Content-Type"), span_str(type));
  buf_put(&t.side[d].raw, span_of(p, n));
}

static const char *told(void) {
  size_t n = 0;
  said[0] = 0;
  files_apply(&t);
  for (const struct txn_file *f = t.files; f; f = f->next)
    n += (size_t)snprintf(said + n, sizeof said - n, "%.*s %s %u %.6s%s;", SPAN_FMT(f->name), f->type,
                          (unsigned)f->size, f->whole ? f->sha256 : "cut", f->differs ? " differs" : "");
  return said;
}

static void uploads(void **state) {
  (void)state;
  static const char form[] = "--B\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhi\r\n"
                             "--B\r\nContent-Disposition: form-data; name=\"f\"; "
                             "filename=\"C:\\\\x\\\\a.png\"\r\nContent-Type: image/png\r\n\r\n"
                             "\x89PNG\r\n\x1a\n123\r\n"
                             "--B\r\nContent-Disposition: form-data; name=\"g\"; "
                             "filename=\"张三_110101199003070011.jpg\"\r\n\r\n<?php x();\r\n--B--\r\n";
  begin();
  body(DIR_REQUEST, "multipart/form-data", "multipart/form-data; boundary=B", form, sizeof form - 1);
  assert_string_equal(told(), "a.png png 11 dd8762;**_******************.jpg php 10 724c27 differs;");
  begin();
  body(DIR_REQUEST, "multipart/form-data", "multipart/form-data; boundary=B", form, sizeof form - 15);
  t.side[0].complete = false;
  assert_string_equal(told(), "a.png png 11 dd8762;**_******************.jpg php 5 cut differs;");
}

static void downloads(void **state) {
  (void)state;
  begin();
  body(DIR_RESPONSE, "application/pdf", "application/pdf", "%PDF-1.7 x", 10);
  txn_header(&t, &t.side[1].headers, SPAN_LIT("Content-Disposition"),
             SPAN_LIT("attachment; filename*=UTF-8''report%20q1.pdf"));
  assert_string_equal(told(), "report q1.pdf pdf 10 ec2792;");
  begin();
  body(DIR_RESPONSE, "application/json", "application/json", "{\"a\":1}", 7);
  assert_string_equal(told(), "");
  begin();
  body(DIR_RESPONSE, "text/html", "text/html", "<html></html>", 13);
  assert_string_equal(told(), "");
  begin();
  t.status = 404;
  body(DIR_RESPONSE, "application/pdf", "application/pdf", "%PDF-1.7 x", 10);
  assert_string_equal(told(), "");
}

static void types(void **state) {
  (void)state;
  struct span none = {0};
  assert_string_equal(filetype_of(SPAN_LIT("PK\3\4....xl/workbook.xml")), "xlsx");
  assert_string_equal(filetype_of(SPAN_LIT("PK\3\4....a.txt")), "zip");
  assert_string_equal(filetype_of(SPAN_LIT("hello world")), "text");
  assert_string_equal(filetype_of(SPAN_LIT("\0\1\2\3")), "binary");
  assert_string_equal(filetype_of(none), "empty");
  assert_true(filetype_differs("elf", none, SPAN_LIT("PDF")));
  assert_true(filetype_differs("pe", SPAN_LIT("text/plain"), none));
  assert_false(filetype_differs("xlsx", SPAN_LIT("application/zip"), none));
  assert_false(filetype_differs("csv", SPAN_LIT("text/plain"), none));
  assert_false(filetype_differs("binary", SPAN_LIT("application/octet-stream"), none));
}

static int count(void *user, const struct leaf *l) {
  *(size_t *)user += l->value.len;
  return 0;
}

/* Members that swell a thousand times, not wanted and wanted: the work has an end. */
static void bombs(void **state) {
  (void)state;
  enum { PLAIN = 64 << 20 };
  uint8_t *plain = calloc(1, PLAIN), *out = calloc(1, 1 << 20);
  z_stream z = {.next_in = plain, .avail_in = PLAIN, .next_out = out, .avail_out = 1 << 20};
  deflateInit2(&z, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
  assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
  size_t n = z.total_out;
  deflateEnd(&z);
  struct buf zip;
  buf_init(&zip, NULL, 0);
  for (int i = 0; i < 40; i++) {
    uint8_t head[30] = {'P', 'K', 3, 4, 20, 0, (uint8_t)(i % 2 ? 8 : 0), 0, 8};
    const char *name = i % 3 ? "a.bin" : "a.txt";
    if (!head[6]) {
      head[18] = (uint8_t)n;
      head[19] = (uint8_t)(n >> 8);
      head[20] = (uint8_t)(n >> 16);
    }
    head[26] = 5;
    buf_put(&zip, span_of(head, 30));
    buf_put(&zip, span_str(name));
    buf_put(&zip, span_of(out, n));
    if (head[6]) buf_put(&zip, span_of("PK\7\10\0\0\0\0\0\0\0\0\0\0\0\0", 16));
  }
  size_t seen = 0;
  struct body_walk w = {.leaf = count, .user = &seen, .mime = SPAN_LIT("application/zip")};
  (void)body_walk(&w, buf_span(&zip), NULL);
  assert_true(seen <= 33 << 20);
  buf_done(&zip);
  free(plain);
  free(out);
}

static int clean(void **state) {
  (void)state;
  begin();
  arena_done(&t.arena);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(uploads), cmocka_unit_test(downloads),
                                     cmocka_unit_test(types), cmocka_unit_test(bombs)};
  return cmocka_run_group_tests(tests, NULL, clean);
}
