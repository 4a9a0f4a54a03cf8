/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptor sets: names, types, maps, packed lists; bytes that contradict them; sets that are none. */
#include "base/err.h"
#include "cmocka_all.h"
#include "dissect/body/descriptor.h"
#include "dissect/body/protobuf.h"
#include "leaves.h"

struct bytes {
  uint8_t b[2048];
  size_t n;
};

static void raw(struct bytes *to, const void *p, size_t n) {
  memcpy(to->b + to->n, p, n);
  to->n += n;
}
static void number(struct bytes *to, unsigned field, unsigned v) {
  const uint8_t p[2] = {(uint8_t)(field << 3), (uint8_t)v};
  raw(to, p, 2);
}
static void part(struct bytes *to, unsigned field, const void *p, size_t n) {
  const uint8_t head[3] = {(uint8_t)(field << 3 | 2), (uint8_t)(n & 0x7f) | 0x80, (uint8_t)(n >> 7)};
  raw(to, head, 3);
  raw(to, p, n);
}
static void text(struct bytes *to, unsigned field, const char *s) { part(to, field, s, strlen(s)); }

static void field(struct bytes *message, const char *name, unsigned at, unsigned type, bool many,
                  const char *of) {
  struct bytes f = {.n = 0};
  text(&f, 1, name);
  number(&f, 3, at);
  number(&f, 4, many ? 3 : 1);
  number(&f, 5, type);
  if (of) text(&f, 6, of);
  part(message, 2, f.b, f.n);
}

/* package bank; message Pay { string id_no = 1; sint32 n = 2; repeated int64 ids = 3; Who who = 4; map<string, Who> tags = 5; bool ok = 6;
 * double sum = 7; message Who { string name = 1; } } service Desk { rpc Do(Pay) returns (Pay.Who); } */
static struct bytes make_set(void) {
  struct bytes set = {.n = 0}, file = {.n = 0}, pay = {.n = 0}, who = {.n = 0}, entry = {.n = 0},
               service = {.n = 0}, method = {.n = 0};
  text(&pay, 1, "Pay");
  field(&pay, "id_no", 1, DESCRIPTOR_STRING, false, NULL);
  field(&pay, "n", 2, DESCRIPTOR_SINT32, false, NULL);
  field(&pay, "ids", 3, DESCRIPTOR_INT64, true, NULL);
  field(&pay, "who", 4, DESCRIPTOR_MESSAGE, false, ".bank.Pay.Who");
  field(&pay, "tags", 5, DESCRIPTOR_MESSAGE, true, ".bank.Pay.TagsEntry");
  field(&pay, "ok", 6, DESCRIPTOR_BOOL, false, NULL);
  field(&pay, "sum", 7, DESCRIPTOR_DOUBLE, false, NULL);
  text(&who, 1, "Who");
  field(&who, "name", 1, DESCRIPTOR_STRING, false, NULL);
  text(&entry, 1, "TagsEntry");
  field(&entry, "key", 1, DESCRIPTOR_STRING, false, NULL);
  field(&entry, "value", 2, DESCRIPTOR_MESSAGE, false, ".bank.Pay.Who");
  part(&entry, 7, "\x38\x01", 2);
  part(&pay, 3, who.b, who.n);
  part(&pay, 3, entry.b, entry.n);
  text(&method, 1, "Do");
  text(&method, 2, ".bank.Pay");
  text(&method, 3, ".bank.Pay.Who");
  text(&service, 1, "Desk");
  part(&service, 2, method.b, method.n);
  text(&file, 1, "bank.proto");
  text(&file, 2, "bank");
  part(&file, 4, pay.b, pay.n);
  part(&file, 6, service.b, service.n);
  part(&set, 1, file.b, file.n);
  return set;
}

static const char *walk(const struct descriptor_message *m, const void *p, size_t n) {
  return leaves_walk((struct body_walk){.mime = SPAN_LIT("application/x-protobuf"), .message = m}, p, n);
}
#define WALK(m, lit) walk(m, lit, sizeof(lit) - 1)

static void names_fields(void **state) {
  (void)state;
  struct bytes set = make_set();
  struct descriptors d;
  descriptors_init(&d);
  assert_int_equal(descriptors_add(&d, span_of(set.b, set.n)), 0);
  descriptors_join(&d);
  const struct descriptor_method *m = descriptors_method(&d, SPAN_LIT("bank.Desk/Do"));
  assert_non_null(m);
  assert_null(descriptors_method(&d, SPAN_LIT("bank.Desk/Undo")));
  const struct descriptor_message *pay = m->message[0];
  assert_string_equal(WALK(pay, "\x0a\x01x\x10\x03\x1a\x02\x05\x06\x18\x07"),
                      "id_no=x;n=-2;ids[]=5;ids[]=6;ids[]=7;");
  assert_string_equal(WALK(pay, "\x22\x03\x0a\x01w\x30\x01"), "who.name=w;ok=true;");
  assert_string_equal(WALK(pay, "\x2a\x08\x0a\x01k\x12\x03\x0a\x01v"), "tags.k.name=v;");
  assert_string_equal(WALK(pay, "\x39\0\0\0\0\0\0\xf8\x3f"), "sum=1.5;");
  /* another type on the wire, and a field that it does not know */
  assert_string_equal(WALK(pay, "\x08\x05\x4a\x01z"), "1=5;9=z;");
  assert_string_equal(WALK(m->message[1], "\x0a\x02me"), "name=me;");
  descriptors_done(&d);
}

static void refuses_others(void **state) {
  (void)state;
  struct bytes set = make_set();
  const char *bad[] = {"", "hello", "{\"a\":1}", "\x0a\x7fxx"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    struct descriptors d;
    descriptors_init(&d);
    assert_int_equal(descriptors_add(&d, span_str(bad[i])), ERR_SYNTAX);
    descriptors_done(&d);
  }
  for (size_t n = 1; n < set.n; n++) {
    struct descriptors d;
    struct guard g = guard_copy(set.b, n);
    descriptors_init(&d);
    assert_true(descriptors_add(&d, g.s) < 0);
    descriptors_join(&d);
    descriptors_done(&d);
    guard_free(g);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(names_fields), cmocka_unit_test(refuses_others)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
