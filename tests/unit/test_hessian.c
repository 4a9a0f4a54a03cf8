/* SPDX-License-Identifier: Apache-2.0 */
/* Hessian of both versions: every form of a value, paths, classes, pairs of halves, depth, bodies cut anywhere; bodies of Dubbo. */
#include "base/err.h"
#include "cmocka_all.h"
#include "dissect/body/dubbo.h"
#include "dissect/body/hessian.h"
#include "leaves.h"

#define WALK(lit) leaves_of("application/x-hessian", lit, sizeof(lit) - 1)
#define IS(lit, want) assert_string_equal(WALK(lit), want)

static void numbers(void **state) {
  (void)state;
  IS("\x90\x80\xbf\xc8\x00\xc0\x00\xc7\xff", "=0;=-16;=47;=0;=-2048;=-1;");
  IS("\xd4\x00\x00\xd0\x00\x00I\xff\xff\xff\xff", "=0;=-262144;=-1;");
  IS("\xe0\xd8\xef\xf8\x00\xf0\x00\xff\xff", "=0;=-8;=15;=0;=-2048;=2047;");
  IS("\x3c\x00\x00\x38\x00\x00\x59\x00\x00\x01\x2cL\x00\x00\x00\x00\x00\x00\x01\x2c",
     "=0;=-262144;=300;=300;");
  IS("\x5b\x5c\x5d\x80\x5e\x80\x00\x5f\x00\x00\x2f\xda", "=0;=1;=-128;=-32768;=12.25;");
  IS("D\x40\x28\x80\x00\x00\x00\x00\x00", "=12.25;");
  IS("TFN", "=true;=false;=null;");
  IS("\x4a\x00\x00\x00\xd0\x4b\x92\x84\xb8", "=1998-05-08T09:51:31Z;");
  IS("\x4b\x00\xe3\x83\x8f", "=1998-05-08T09:51:00Z;");
  IS("\x4a\xff\xff\xff\xff\xff\xff\xff\xff", "=1969-12-31T23:59:59Z;");
  IS("\x4a\x7f\xff\xff\xff\xff\xff\xff\xff", "=9223372036854775807;");
}

static void strings(void **state) {
  (void)state;
  IS("\x00\x05hello\x01\xc3\x83S\x00\x05hello", "=;=hello;=\xc3\x83;=hello;");
  IS("R\x00\x07hello, \x05world", "=hello, world;");
  IS("R\x00\x02"
     "abR\x00\x02"
     "cdS\x00\x01"
     "e",
     "=abcde;");
  IS("\x04"
     "a\xed\xa0\xbd\xed\xb8\x80"
     "b",
     "=a\xf0\x9f\x98\x80"
     "b;"); /* as Java sends it */
  IS("\x04"
     "a\xf0\x9f\x98\x80"
     "b",
     "=a\xf0\x9f\x98\x80"
     "b;"); /* as others do */
  IS("\x30\x21 12345678901234567890123456789012", "= 12345678901234567890123456789012;");
  IS("\x20\x23\x01\x02\x03", "=;=\x01\x02\x03;");
  IS("A\x00\x02"
     "abB\x00\x01"
     "c",
     "=abc;");
  /* halves on either side of a chunk's end */
  IS("R\x00\x01\xed\xa0\xbdS\x00\x01\xed\xb8\x80", "=\xf0\x9f\x98\x80;");
}

static void holders(void **state) {
  (void)state;
  IS("H\x04name\x02Li\x03tag\x72\x04list\x01"
     "a\x01"
     "bZ",
     "name=Li;tag[]=a;tag[]=b;");
  IS("M\x08java.Map\x01k\x91Z", "k=1;");
  IS("U\x04listT\x90ZW\x91Z", "[]=true;[]=0;[]=1;");
  IS("V\x04list\x92\x91\x92X\x91\x93\x7a\x94\x95", "[]=1;[]=2;[]=3;[]=4;[]=5;");
  IS("V\x04list\x91\x91V\x90\x91\x92", "[]=1;[]=2;"); /* a type by its number */
  /* class, object of it, long form, reference */
  IS("C\x03"
     "Car\x92\x05"
     "color\x05model`\x03red\x08"
     "corvetteO\x90\x04"
     "blueN",
     "color=red;model=corvette;color=blue;model=null;");
  IS("H\x01"
     "aC\x01"
     "C\x91\x01x`H\x01y\x91Z\x01"
     "bQ\x91\x01"
     "c\x92Z",
     "a.x.y=1;c=2;");
  IS("\x7f\x91\x92", ""); /* eight items of which two are there: given up */
  assert_int_equal(leaves_result, ERR_SYNTAX);
  /* keys that are values, and keys that are objects */
  IS("H\x12"
     "110101199003071233\x91Z",
     "{key}=110101199003071233;{key}=1;");
  IS("HH\x01"
     "a\x91Z\x92\x01"
     "b\x93Z",
     "{key}.a=1;{key}=2;b=3;");
  /* numbers and constants in wrappers */
  IS("H\x03"
     "amtC\x30\x14java.math.BigDecimal\x91\x05value`\x04"
     "9.90\x04kindC\x04Kind\x91\x04name"
     "a\x05"
     "DEBIT\x01p\x61\x05"
     "Li Si\x05"
     "after\x91Z",
     "amt=9.90;kind=DEBIT;p.name=Li Si;after=1;");
}

static void days(void **state) {
  (void)state;
  IS("H\x04"
     "bornC\x30\x37"
     "com.alibaba.com.caucho.hessian.io.java8.LocalDateHandle\x93\x03"
     "day\x05month\x04year`\x97\x93\xcf\xc6\x05"
     "after\x91Z",
     "born=1990-03-07;after=1;");
}

static void envelopes(void **state) {
  (void)state;
  IS("H\x02\x00"
     "C\x04"
     "find\x92\x03"
     "abcC\x01Q\x91\x06idCard`\x02xy",
     "args[0]=abc;args[1].idCard=xy;");
  IS("H\x02\x00RH\x01"
     "a\x91Z",
     "result.a=1;");
  IS("H\x02\x00"
     "FH\x04"
     "code\x01xZ",
     "fault.code=x;");
  /* version 1 */
  IS("c\x01\x00m\x00\x04"
     "findS\x00\x03"
     "abcMt\x00\x01QS\x00\x06idCardS\x00\x02xyzz",
     "args[0]=abc;args[1].idCard=xy;");
  IS("c\x01\x00H\x00\x01hI\x00\x00\x00\x05m\x00\x01pTz", "args[0]=true;");
  IS("r\x01\x00Vt\x00\x05[int\x20l\x00\x00\x00\x02I\x00\x00\x00\x01I\xff\xff\xff\xffzz",
     "result[]=1;result[]=-1;");
  IS("r\x01\x00Mt\x00\x00S\x00\x01kd\x00\x00\x00\xd0\x4b\x92\x84\xb8S\x00\x01rR\x00\x00\x00\x00zz",
     "result.k=1998-05-08T09:51:31Z;");
  IS("r\x01\x00"
     "fS\x00\x04"
     "codeS\x00\x01xz",
     "fault.code=x;");
  IS("r\x01\x00s\x00\x01"
     "aS\x00\x01"
     "bz",
     "result=ab;");
  IS("Mt\x00\x01QS\x00\x01kD\x40\x28\x80\x00\x00\x00\x00\x00L\x00\x00\x00\x00\x00\x00\x00\x01Bz", "k=12.25;");
  /* by content */
  leaves_of("application/octet-stream", "H\x02\x00R\x01x", 6);
  assert_string_equal(leaves, "result=x;");
  leaves_of("", "c\x01\x00m\x00\x01pTz", 9);
  assert_string_equal(leaves, "args[0]=true;");
}

static void bounds(void **state) {
  (void)state;
  char body[400];
  memset(body, 'W', sizeof body);
  leaves_of("application/x-hessian", body, sizeof body);
  assert_int_equal(leaves_result, ERR_CAP);
  struct hessian h;
  hessian_begin(&h, span_of(body, sizeof body), false, NULL);
  assert_int_equal(hessian_skip(&h), ERR_CAP);
  /* more classes than are kept */
  char classes[300 * 4];
  for (size_t i = 0; i < sizeof classes; i += 4) memcpy(classes + i, "C\x01x\x90", 4);
  leaves_of("application/x-hessian", classes, sizeof classes);
  assert_int_equal(leaves_result, ERR_CAP);
  IS("`", "");
  IS("O\x95", "");
  IS("Z", "");
  IS("\x45", "");
  IS("C\x01x\xd7\xff\xff", "");
  IS("V\x01x\xd7\xff\xff", "");
}

static const char customers[] = "\x05"
                                "2.0.2\x0c"
                                "bank.Account\x05"
                                "1.0.0\x05query\x17Ljava/lang/String;[ILB;\x06"
                                "622202X\x92\x91\x92"
                                "C\x01"
                                "B\x92\x06idCard\x04name`\x12"
                                "110101199003071233\x02\xe5\xbc\xa0\xe4\xb8\x89"
                                "H\x04path\x0c"
                                "bank.Account\x05group\x01g\x03objH\x01"
                                "a\x91Z\x05token\x01tZ";

static int count_attachment(void *user, struct span name, struct span value) {
  char *out = user;
  snprintf(out + strlen(out), 256 - strlen(out), "%.*s=%.*s;", SPAN_FMT(name), SPAN_FMT(value));
  return 0;
}

static void dubbo_calls(void **state) {
  (void)state;
  const struct dubbo_serialization *z = dubbo_serialization(2);
  struct span body = span_of(customers, sizeof customers - 1);
  struct dubbo_request q;
  char told[256] = "";
  assert_int_equal(dubbo_read_request(DUBBO_HESSIAN, body, &q), 0);
  assert_int_equal(q.args, 3);
  assert_true(span_eq(q.service, SPAN_LIT("bank.Account")) && span_eq(q.method, SPAN_LIT("query")));
  dubbo_attachments(DUBBO_HESSIAN, body, &q, count_attachment, told);
  assert_string_equal(told, "path=bank.Account;group=g;token=t;");
  leaves_of(z->call, body.base, body.len);
  assert_string_equal(leaves, "args[0]=622202;args[1][]=1;args[1][]=2;args[2].idCard=110101199003071233;"
                              "args[2].name=\xe5\xbc\xa0\xe4\xb8\x89;");
  for (size_t n = 0; n < body.len; n++) {
    leaves_of(z->call, body.base, n);
    struct guard g = guard_copy(body.base, n);
    (void)dubbo_read_request(DUBBO_HESSIAN, g.s, &q);
    dubbo_attachments(DUBBO_HESSIAN, g.s, &q, count_attachment, told);
    guard_free(g);
  }
}

static void dubbo_results(void **state) {
  (void)state;
  const struct dubbo_serialization *z = dubbo_serialization(2), *json = dubbo_serialization(6);
  struct span exception;
  assert_string_equal(leaves_of(z->result,
                                "\x94\x72\x01L\x01"
                                "a\x01"
                                "bH\x05"
                                "dubbo\x01xZ",
                                17),
                      "result[]=a;result[]=b;");
  assert_string_equal(leaves_of(z->result, "\x92", 1), "");
  assert_string_equal(leaves_of(z->error, "\x02no", 3), "error=no;");
  assert_string_equal(leaves_of(z->result,
                                "\x93"
                                "C\x03x.E\x91\x01m`\x02no",
                                14),
                      "exception.m=no;");
  assert_int_equal(dubbo_read_result(DUBBO_HESSIAN,
                                     SPAN_LIT("\x93"
                                              "C\x03x.E\x91\x01m`\x02no"),
                                     &exception),
                   DUBBO_ATTACHMENTS);
  assert_true(span_eq(exception, SPAN_LIT("x.E")));
  static const char call[] = "\"2.0.2\"\n\"bank.A\"\n\"1.0\"\n\"find\"\n\"Ljava/lang/String;LB;\"\n\"abc\"\n"
                             "{\"idCard\":\"x\"}\n{\"path\":\"bank.A\",\"group\":\"g\"}\n";
  assert_string_equal(leaves_of(json->call, call, sizeof call - 1), "args[0]=abc;args[1].idCard=x;");
  assert_string_equal(leaves_of(json->result, "4\n{\"a\":[1]}\n{}\n", 15), "result.a[]=1;");
  assert_int_equal(dubbo_read_result(DUBBO_JSON, SPAN_LIT("0\n{\"@type\":\"x.E\"}\n"), &exception), 0);
  assert_true(span_eq(exception, SPAN_LIT("x.E")));
  struct dubbo_request q;
  char told[256] = "";
  assert_int_equal(dubbo_read_request(DUBBO_JSON, span_of(call, sizeof call - 1), &q), 0);
  dubbo_attachments(DUBBO_JSON, span_of(call, sizeof call - 1), &q, count_attachment, told);
  assert_string_equal(told, "path=bank.A;group=g;");
}

static void other_forms(void **state) {
  (void)state;
  struct dubbo_request q;
  struct span exception;
  static const char java[] = "\xac\xed\x00\x05w\x2e\x00\x00\x00\x05\x00\x05"
                             "2.0.2\x00\x00\x00\x06\x00\x06"
                             "bank.A\xff\xff\xff\xff\x00\x00\x00\x04\x00\x04"
                             "find\x00\x00\x00\x01\x00\x01I";
  assert_int_equal(dubbo_read_request(DUBBO_JAVA, span_of(java, sizeof java - 1), &q), 0);
  assert_true(span_eq(q.service, SPAN_LIT("bank.A")) && span_eq(q.method, SPAN_LIT("find")));
  assert_int_equal(q.args, 1);
  static const char thrown[] = "\xac\xed\x00\x05w\x02\x03\x01sr\x00\x03x.E";
  assert_int_equal(dubbo_read_result(DUBBO_JAVA, span_of(thrown, sizeof thrown - 1), &exception), 3);
  assert_true(span_eq(exception, SPAN_LIT("x.E")));
  static const char kryo[] = "2.8.\xb4"
                             "bank.\xc1"
                             "1.\xb0"
                             "fin\xe4\x00\x00\x00\x02";
  assert_int_equal(dubbo_read_request(DUBBO_KRYO, span_of(kryo, sizeof kryo - 1), &q), 0);
  assert_int_equal(q.args, 2);
  assert_int_equal(q.service.len, 6);
  assert_int_equal(dubbo_read_request(DUBBO_UNREAD, span_of(kryo, sizeof kryo - 1), &q), ERR_UNSUPPORTED);
  for (size_t n = 0; n < sizeof java - 1; n++) {
    struct guard g = guard_copy(java, n);
    assert_int_equal(dubbo_read_request(DUBBO_JAVA, g.s, &q), ERR_TRUNC);
    guard_free(g);
  }
  /* Dubbox: a number of arguments, or -1, before the types */
  assert_int_equal(dubbo_read_request(DUBBO_HESSIAN,
                                      SPAN_LIT("\x05"
                                               "2.8.4\x01s\x01"
                                               "1\x01m\x92"),
                                      &q),
                   0);
  assert_int_equal(q.args, 2);
  assert_int_equal(dubbo_read_request(DUBBO_HESSIAN,
                                      SPAN_LIT("\x05"
                                               "2.8.4\x01s\x01"
                                               "1\x01m\x8f\x01I"),
                                      &q),
                   0);
  assert_int_equal(q.args, 1);
}

/* fastjson2: {"idCard": "xy", "n": [1, -3, 300], "who": Person{"name": "\u5f20"}, "again": {"idCard": true}} */
static void jsonb(void **state) {
  (void)state;
  const struct dubbo_serialization *z = dubbo_serialization(23);
  static const char call[] = "\0\0\0\x06\x4e"
                             "2.0.2\0\0\0\x07\x4f"
                             "bank.A\0\0\0\x04\x4c"
                             "1.0\0\0\0\x05\x4d"
                             "find\0\0\0\x06\x4eLx/B;\0\0\0\x3b"
                             "\xa6\x7f\x4fidCard\x00\x4bxy\x7f\x4an\x01\x97\x01\xfd\x39\x2c"
                             "\x7f\x4cwho\x02\x92\x4cx.P\x03\xa6\x7f\x4dname\x04\x7c\x02\x20\x5f\xa5"
                             "\x4e"
                             "again\xa6\x7f\x00\xb1\xa5\xa5"
                             "\0\0\0\x0a\xa6\x4egroup\x4ag\xa5";
  struct span body = span_of(call, sizeof call - 1);
  struct dubbo_request q;
  char told[256] = "";
  assert_int_equal(dubbo_read_request(DUBBO_JSONB, body, &q), 0);
  assert_true(span_eq(q.service, SPAN_LIT("bank.A")) && span_eq(q.method, SPAN_LIT("find")));
  assert_int_equal(q.args, 1);
  dubbo_attachments(DUBBO_JSONB, body, &q, count_attachment, told);
  assert_string_equal(told, "group=g;");
  assert_string_equal(leaves_of(z->call, body.base, body.len),
                      "args[0].idCard=xy;args[0].n[]=1;args[0].n[]=-3;args[0].n[]=300;"
                      "args[0].who.name=\xe5\xbc\xa0;args[0].again.idCard=true;");
  struct span exception;
  static const char thrown[] = "\0\0\0\x02\xbd\x03\0\0\0\x0d\x92\x4cx.E\x00\xa6\x4am\x4bno\xa5";
  assert_int_equal(dubbo_read_result(DUBBO_JSONB, span_of(thrown, sizeof thrown - 1), &exception), 3);
  assert_true(span_eq(exception, SPAN_LIT("x.E")));
  assert_string_equal(leaves_of(z->result, thrown, sizeof thrown - 1), "exception.m=no;");
  assert_string_equal(leaves_of(z->result, "\0\0\0\1\x01\0\0\0\x05\xa9\x07\xc6\x03\x07", 14),
                      "result=1990-03-07;");
  assert_string_equal(leaves_of(z->result, "\0\0\0\1\x01\0\0\0\x04\xb9\x02\x38\x63", 13), "result=0.99;");
  for (size_t n = 0; n < body.len; n++) (void)leaves_of(z->call, body.base, n);
}

static void triple(void **state) {
  (void)state;
  static const char one[] = "\0\0\0\0\x1a\x0a\x08hessian4\x12\x0cH\x06idCard\x02xyZ\x1a\x00";
  static const char two[] = "\0\0\0\0\x14\x0a\x08hessian4\x12\x03\x02"
                            "ab\x12\x01\x91\x1a\x00";
  assert_string_equal(leaves_of("application/grpc+proto", one, sizeof one - 1), "2.idCard=xy;");
  assert_string_equal(leaves_of("application/grpc+proto", two, sizeof two - 1), "2[]=ab;2[]=1;");
  static const char none[] = "\0\0\0\0\x0e\x0a\x08hessian4\x22\x02xy";
  assert_string_equal(leaves_of("application/grpc+proto", none, sizeof none - 1), "1=hessian4;4=xy;");
  for (size_t n = 5; n < sizeof one; n++) (void)leaves_of("application/grpc+proto", one, n);
}

static void every_cut(void **state) {
  (void)state;
  static const char v1[] = "c\x01\x00m\x00\x04"
                           "findS\x00\x03"
                           "abcMt\x00\x01QS\x00\x06idCardS\x00\x02xyVt\x00\x01xl\x00\x00\x00\x01Tzzz";
  static const char v2[] = "H\x02\x00R\x94\x43\x01"
                           "C\x92\x01x\x02yz`R\x00\x01"
                           "a\x01"
                           "bV\x01t\x91\x5f\x00\x00\x00\x01";
  for (size_t n = 0; n < sizeof v1; n++) (void)leaves_of("application/x-hessian", v1, n);
  for (size_t n = 0; n < sizeof v2; n++) (void)leaves_of("application/x-hessian", v2, n);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers),     cmocka_unit_test(strings),       cmocka_unit_test(holders),
      cmocka_unit_test(envelopes),   cmocka_unit_test(days),          cmocka_unit_test(bounds),
      cmocka_unit_test(dubbo_calls), cmocka_unit_test(dubbo_results), cmocka_unit_test(other_forms),
      cmocka_unit_test(triple),      cmocka_unit_test(jsonb),         cmocka_unit_test(every_cut),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
