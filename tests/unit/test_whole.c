/* SPDX-License-Identifier: Apache-2.0 */
/* Packed bodies: which kind, whether an exploit's; archives that climb. */
#include "analytics/inspect/whole.h"
#include "inspect_bench.h"

#include <zlib.h>

static void test_kinds(void **state) {
  (void)state;
  assert_int_equal(whole_kind(SPAN_LIT("\xac\xed\x00\x05sr\x00\x11java")), WHOLE_JAVA);
  assert_int_equal(whole_kind(SPAN_LIT("\x00\x01\x00\x00\x00\xff\xff\xff\xff\x01\x00\x00")), WHOLE_NET);
  assert_int_equal(whole_kind(SPAN_LIT("\x80\x04\x95\x1d\x00\x00\x00\x00\x00\x00\x00\x8c")), WHOLE_PICKLE);
  assert_int_equal(whole_kind(SPAN_LIT("\x80\x04")), WHOLE_OTHER);
  assert_int_equal(whole_kind(SPAN_LIT("{\"a\":\"bcdefgh\"}")), WHOLE_OTHER);
  assert_true(whole_is_hostile(WHOLE_JAVA, SPAN_LIT("..org.apache.commons.collections.functors..")));
  assert_false(whole_is_hostile(WHOLE_JAVA, SPAN_LIT("\xac\xed\x00\x05sr\x00\x11java.util.HashMap")));
  assert_true(whole_is_hostile(WHOLE_PICKLE, SPAN_LIT("\x80\x04\x8c\x05posix\x94\x8c\x06system")));
  assert_false(whole_is_hostile(WHOLE_OTHER, SPAN_LIT("posix")));
}

static void test_gzip(void **state) {
  (void)state;
  uint8_t packed[256], out[64];
  z_stream z = {.next_in = (Bytef *)(uintptr_t) "\xac\xed\x00\x05sr", .avail_in = 6};
  assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  z.next_out = packed, z.avail_out = sizeof packed;
  assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
  size_t n = sizeof packed - z.avail_out;
  deflateEnd(&z);
  assert_int_equal(whole_inflate(span_of(packed, n), out, sizeof out), 6);
  assert_memory_equal(out, "\xac\xed\x00\x05sr", 6);
  assert_int_equal(whole_inflate(span_of(packed, n), out, 2), 2);
  assert_int_equal(whole_inflate(SPAN_LIT("no gzip at all"), out, sizeof out), 0);
  assert_int_equal(whole_inflate(span_of(packed, 4), out, sizeof out), 0);
}

/* A ZIP with one empty member of this name: local header, then the directory. */
static struct span archive(const char *name, uint8_t *out) {
  size_t n = strlen(name), at = 0;
  memset(out, 0, 256);
  memcpy(out, "PK\x03\x04", 4), out[26] = (uint8_t)n, memcpy(out + 30, name, n), at = 30 + n;
  memcpy(out + at, "PK\x01\x02", 4), out[at + 28] = (uint8_t)n, memcpy(out + at + 46, name, n);
  return span_of(out, at + 46 + n);
}

static void test_archives(void **state) {
  (void)state;
  uint8_t buf[256];
  assert_true(whole_climbs(archive("../../www/s.jsp", buf)));
  assert_true(whole_climbs(archive("a\\..\\..\\s.asp", buf)));
  assert_false(whole_climbs(archive("docs/readme..txt", buf)));
  struct span cut = archive("../../www/s.jsp", buf);
  for (size_t n = 0; n < cut.len; n++) whole_climbs(span_head(cut, n));
  buf[30 + 15 + 29] = 0xff; /* a name longer than what is left */
  assert_true(whole_climbs(cut));
}

/* The attack in a call with this body. */
static const char *call(struct bench *b, const char *mime, struct span body, const char *query) {
  static char id[64];
  struct txn t = {.kind = TXN_CALL, .status = 200, .method = SPAN_LIT("POST"), .path = SPAN_LIT("/v1/x")};
  struct api_event e = {.txn = &t};
  static const uint8_t outer[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 203, 0, 113, 9};
  memcpy(t.conn.client, outer, 16);
  arena_init(&t.arena, NULL, 0);
  for (int d = 0; d < 2; d++) {
    buf_init(&t.side[d].raw, NULL, 0), buf_init(&t.side[d].decoded, NULL, 0);
    t.side[d].seen = t.side[d].complete = true;
  }
  t.side[0].mime = span_str(mime), t.query = span_str(query);
  buf_put(&t.side[0].raw, body);
  inspect_begin(b->in, &t, &e);
  inspect_call(b->in);
  id[0] = 0;
  for (const struct signal *s = e.signals; s; s = s->next)
    if (s->rule->category == CATEGORY_ATTACK) strncpy(id, s->rule->id, sizeof id - 1);
  for (int d = 0; d < 2; d++) buf_done(&t.side[d].raw), buf_done(&t.side[d].decoded);
  arena_done(&t.arena);
  return id;
}

static void test_calls(void **state) {
  struct bench *b = *state;
  uint8_t buf[256];
  const char *octets = "application/octet-stream";
  assert_string_equal(call(b, octets, SPAN_LIT("\xac\xed\x00\x05sr\x00\x11java.util.HashMap"), ""),
                      "deserialization");
  assert_string_equal(call(b, octets, SPAN_LIT("\x80\x02}q\x00X\x01\x00\x00\x00"), ""), "");
  assert_string_equal(call(b, "application/zip", archive("../x.jsp", buf), ""), "file_upload");
  static const char wide[] =
      "\xff\xfe<\0!\0D\0O\0C\0T\0Y\0P\0E\0 \0r\0 \0[\0<\0!\0E\0N\0T\0I\0T\0Y\0 \0x\0 \0S\0Y\0S\0T\0"
      "E\0M\0 \0\"\0f\0i\0l\0e\0:\0/\0/\0/\0e\0t\0c\0/\0p\0a\0s\0s\0w\0d\0\"\0>\0]\0>\0";
  assert_string_equal(call(b, "application/xml", span_of(wide, sizeof wide - 1), ""), "xxe");
  assert_string_equal(call(b, "", SPAN_LIT(""), "query=%7B__schema%7Btypes%7Bname%7D%7D%7D"),
                      "graphql_abuse");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_kinds), cmocka_unit_test(test_gzip),
                                     cmocka_unit_test(test_archives), cmocka_unit_test(test_calls)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
