/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies without a schema: protobuf, sequences of gRPC messages, event streams. */
#include "cmocka_all.h"
#include "dissect/body/protobuf.h"
#include "leaves.h"

static int leaf(void *user, const struct leaf *l) {
  (void)user;
  size_t n = strlen(leaves);
  bool bytes = l->type == LEAF_BYTES;
  snprintf(leaves + n, sizeof leaves - n, "%.*s=%.*s;", SPAN_FMT(l->path), bytes ? 1 : (int)l->value.len,
           bytes ? "?" : (const char *)l->value.base);
  return 0;
}
static const char *walk(const char *mime, const void *p, size_t n) {
  return leaves_walk((struct body_walk){.leaf = leaf, .mime = span_str(mime)}, p, n);
}
#define WALK(mime, lit) walk(mime, lit, sizeof(lit) - 1)

static void values(void **state) {
  (void)state;
  const char *pb = "application/x-protobuf";
  assert_string_equal(WALK(pb, "\x08\x96\x01"), "1=150;");
  assert_string_equal(WALK(pb, "\x12\x07testing"), "2=testing;");
  assert_string_equal(WALK(pb, "\x1a\x03\x08\x96\x01"), "3.1=150;");
  assert_string_equal(WALK(pb, "\x0a\x0d\x0a\x0bhello world"), "1.1=hello world;");
  assert_string_equal(WALK(pb, "\x22\x01"
                               "a\x22\x01"
                               "b"),
                      "4[]=a;4[]=b;");
  assert_string_equal(WALK(pb, "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "1=-1;");
  assert_string_equal(WALK(pb, "\x09\x1f\x85\xeb\x51\xb8\x1e\x09\x40"), "1=3.14;");
  assert_string_equal(WALK(pb, "\x12\x06\xe5\xbc\xa0\xe4\xb8\x89"), "2=\xe5\xbc\xa0\xe4\xb8\x89;");
  assert_string_equal(WALK(pb, "\x12\x03\xff\xfe\xfd"), "2=?;");
  /* a text that begins with a line feed whose second byte is the length of the rest: a message */
  assert_string_equal(WALK(pb, "\x0a\x26\x0a$66505de9-8a8d-4dd1-ab06-b9fb22a83e73"),
                      "1.1=66505de9-8a8d-4dd1-ab06-b9fb22a83e73;");
}

static void cut(void **state) {
  (void)state;
  static const char whole[] = "\x08\x01\x1a\x08\x0a\x02hi\x12\x02yo\x22\x03"
                              "end";
  for (size_t n = 0; n < sizeof whole; n++) (void)walk("application/x-protobuf", whole, n);
  assert_true(protobuf_is_message(span_of(whole, sizeof whole - 1)));
  assert_false(protobuf_is_message(span_of(whole, sizeof whole - 2)));
}

static void grpc(void **state) {
  (void)state;
  assert_string_equal(WALK("application/grpc", "\0\0\0\0\3\x0a\1x\0\0\0\0\0\0\0\0\0\2\x10\7"), "1=x;2=7;");
  assert_string_equal(WALK("application/grpc+json", "\0\0\0\0\7{\"a\":1}"), "a=1;");
  assert_string_equal(WALK("application/connect+json", "\0\0\0\0\7{\"a\":1}\2\0\0\0\2{}"), "a=1;");
}

static void events(void **state) {
  (void)state;
  assert_string_equal(
      WALK("text/event-stream", ": hi\nevent: add\r\ndata: {\"id\":\r\ndata: 7}\r\n\r\ndata:word\nid: 3\n\n"),
      "event=add;id=7;id=3;data=word;");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(values), cmocka_unit_test(cut), cmocka_unit_test(grpc),
                                     cmocka_unit_test(events)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
