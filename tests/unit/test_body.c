/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies: what leaves each format gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/err.h"
#include "dissect/body/body.h"

#include <stdio.h>

struct seen {
  char text[8192];
  size_t len;
};
static const char types[] = "snbztx";

static int on_leaf(void *user, const struct leaf *l) {
  struct seen *s = user;
  int n = snprintf(s->text + s->len, sizeof s->text - s->len, "%.*s=%c:%.*s|", SPAN_FMT(l->path),
                   types[l->type], SPAN_FMT(l->value));
  if (n > 0 && s->len + (size_t)n < sizeof s->text) s->len += (size_t)n;
  return 0;
}

static int walk_typed(struct seen *s, const char *mime, const char *content_type, struct span body,
                      const char **format) {
  struct body_walk w = {
      .leaf = on_leaf, .user = s, .mime = span_str(mime), .content_type = span_str(content_type)};
  const struct body_format *f = NULL;
  s->len = 0;
  s->text[0] = 0;
  int rc = body_walk(&w, body, &f);
  *format = f ? f->name : "";
  return rc;
}

static void expect(const char *mime, const char *body, const char *format, const char *leaves) {
  struct seen s;
  const char *f;
  walk_typed(&s, mime, mime, span_str(body), &f);
  assert_string_equal(f, format);
  assert_string_equal(s.text, leaves);
}

static void json(void **state) {
  (void)state;
  expect("application/json", "{\"a\":1,\"b\":{\"c\":\"x\",\"d\":[true,null,-1.5e3]}}", "json",
         "a=n:1|b.c=s:x|b.d[]=b:true|b.d[]=z:null|b.d[]=n:-1.5e3|");
  expect("", "[{\"k\":\"v\"},{\"k\":\"w\",}]", "json", "[].k=s:v|[].k=s:w|");
  expect("application/json", "\"\\u5f20\\u6676 \\ud83d\\ude00\\n\"", "json", "=s:张晶 😀\n|");
  expect("application/json", "{\"a\":{\"b\":\"cut", "json", "a.b=s:cut|");
  expect("application/json", "{\"a\":NaN,b:'x'}", "json", "a=n:NaN|b=s:x|");
  expect("application/json", "{\"p\":\"{\\\"m\\\":\\\"138\\\",\\\"n\\\":[1]}\"}", "json",
         "p.m=s:138|p.n[]=n:1|");
  expect("application/json", "{\"p\":\"eyJtIjoiMTM4MDAxMzgwMDAiLCJuIjoxfQ==\"}", "json",
         "p.m=s:13800138000|p.n=n:1|");
  expect("application/json", "{\"13800138000\":{\"x\":1}}", "json", "{key}=s:13800138000|{key}.x=n:1|");
  expect("application/json", "{ // who\n \"a\":1, /* \"b\":2, */ \"c\":\"//x\" } /* end", "json",
         "a=n:1|c=s://x|");
  expect("text/javascript", "/**/cb({\"a\":1});", "json", "a=n:1|");
  expect("text/javascript", "/**/ typeof cb === 'function' && cb([{\"a\":1}]);", "json", "[].a=n:1|");
  expect("application/json", "%7B%22a%22%3A%22x+y%22%7D", "json", "a=s:x y|");
  expect("application/json", "%5B1%2C2%5D", "json", "[]=n:1|[]=n:2|");
  expect("application/x-ndjson", "{\"a\":1}\n{\"a\":2}\n", "ndjson", "[].a=n:1|[].a=n:2|");
}

static void xml(void **state) {
  (void)state;
  expect("text/xml",
         "<?xml version=\"1.0\"?><s:Envelope xmlns:s=\"u\"><s:Body><a id=\"7\">x&amp;&#20013;</a><b/>"
         "<c><![CDATA[<d>]]></c></s:Body></s:Envelope>",
         "xml", "Envelope.Body.a.@id=s:7|Envelope.Body.a=s:x&中|Envelope.Body.b=z:|Envelope.Body.c=s:<d>|");
  expect("application/xml", "<r><field name=\"idNo\">1</field><field name=\"m\" value=\"2\"/></r>", "xml",
         "r.field.idNo=s:1|r.field.m=s:2|");
  expect("text/html", "<html><body><p>A &lt; B</p><input name=\"tel\" value=\"138\"></body></html>", "html",
         "p=t:A < B|input.tel=s:138|");
}

static void form(void **state) {
  (void)state;
  expect("application/x-www-form-urlencoded", "a=1&b%5Bc%5D=x+y&d[]=%E4%B8%AD&e", "form",
         "a=s:1|b.c=s:x y|d[]=s:中|=s:e|");
  expect("application/x-www-form-urlencoded", "n=%D6%D0", "form", "n=s:中|");
}

static void table(void **state) {
  (void)state;
  expect("text/csv", "name,tel\n\"a \"\"b\"\"\",138\r\nc,139\n", "csv",
         "[].name=s:a \"b\"|[].tel=n:138|[].name=s:c|[].tel=n:139|");
  expect("text/plain", "x: 1\nplain line\n", "text", "x=t:1|=t:plain line|");
}

static void multipart(void **state) {
  (void)state;
  struct seen s;
  const char *f;
  const char *body =
      "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--B\r\nContent-Disposition: form-data; "
      "name=\"f\"; filename=\"x.json\"\r\nContent-Type: application/json\r\n\r\n{\"k\":\"v\"}\r\n--B--\r\n";
  walk_typed(&s, "multipart/form-data", "multipart/form-data; boundary=B", span_str(body), &f);
  assert_string_equal(f, "multipart");
  assert_string_equal(s.text, "a=s:1|f.filename=s:x.json|f.k=s:v|");
  body = "--B\r\nContent-Disposition: form-data; filename=\"; cat /a;b\"; name=\"g\"\r\n\r\nv\r\n--B--\r\n";
  walk_typed(&s, "multipart/form-data", "multipart/form-data; boundary=B", span_str(body), &f);
  assert_string_equal(s.text, "g.filename=s:; cat /a;b|g=t:v|");
  body = "--B\r\nContent-Disposition: form-data; name=\"f\"\r\nContent-Type: application/json\r\n"
         "Content-Transfer-Encoding: base64\r\n\r\neyJrIjoi\r\ndiJ9\r\n--B--\r\n";
  walk_typed(&s, "multipart/form-data", "multipart/form-data; boundary=B", span_str(body), &f);
  assert_string_equal(s.text, "f.k=s:v|");
}

static void charsets(void **state) {
  (void)state;
  struct seen s;
  const char *f;
  walk_typed(&s, "text/xml", "text/xml", span_str("<a>\xd6\xd0\xb9\xfa</a>"), &f);
  assert_string_equal(s.text, "a=s:中国|");
  walk_typed(&s, "application/json", "", span_str("{\"a\":\"caf\xe9\"}"), &f);
  assert_string_equal(s.text, "a=s:café|");
}

static void packed(void **state) {
  (void)state;
  struct seen s;
  const char *f;
  walk_typed(&s, "application/msgpack", "",
             SPAN_LIT("\x82\xa1"
                      "a\x01\xa1"
                      "b\x92\xa1"
                      "x\xcc\xff"),
             &f);
  assert_string_equal(s.text, "a=n:1|b[]=s:x|b[]=n:255|");
}

/* Rows under names: beside them, above, behind, in the first row; never made of what may be data. */
static void json_tables(void **state) {
  (void)state;
  const char *mime = "application/json";
  expect(mime, "{\"columns\":[\"custName\",\"mobile\"],\"rows\":[[\"a\",1],[\"b\",2]]}", "json",
         "columns[]=s:custName|columns[]=s:mobile|rows[].custName=s:a|rows[].mobile=n:1|rows[]."
         "custName=s:b|"
         "rows[].mobile=n:2|");
  expect(mime, "{\"schema\":{\"fields\":[{\"name\":\"xm\"},{\"name\":\"sjh\"}]},\"d\":[[\"a\",1]]}", "json",
         "schema.fields[].name=s:xm|schema.fields[].name=s:sjh|d[].xm=s:a|d[].sjh=n:1|");
  expect(mime, "{\"data\":[[\"a\",1]],\"header\":[\"name\",\"age\"]}", "json",
         "data[].name=s:a|data[].age=n:1|header[]=s:name|header[]=s:age|");
  expect(mime, "[[\"姓名\",\"手机号\"],[\"a\",\"1\"]]", "json",
         "[][]=s:姓名|[][]=s:手机号|[].姓名=s:a|[].手机号=s:1|");
  expect(mime, "[[\"张三\",\"李四\"],[\"王五\",\"赵六\"]]", "json",
         "[][]=s:张三|[][]=s:李四|[][]=s:王五|[][]=s:赵六|");
  expect(mime, "{\"names\":[\"张三\",\"李四\"],\"x\":[[1,2],[3,4]]}", "json",
         "names[]=s:张三|names[]=s:李四|x[][]=n:1|x[][]=n:2|x[][]=n:3|x[][]=n:4|");
  expect(mime, "{\"columns\":[\"a\"],\"rows\":[[1,[2,[3]]],[[4],5]]}", "json",
         "columns[]=s:a|rows[][]=n:1|rows[][][]=n:2|rows[][][][]=n:3|rows[][][]=n:4|rows[][]=n:5|");
  expect("text/javascript", "cb_1({\"m\":[1]});", "json", "m[]=n:1|");
}

/* The first row of a table without names of fields shows in no path. */
static void headless(void **state) {
  (void)state;
  expect("text/csv", "张三,教师\n李四,医生\n", "csv", "[]=s:张三|[]=s:教师|[]=s:李四|[]=s:医生|");
  expect("text/csv", "姓名,职位\n李四,医生\n", "csv", "[].姓名=s:李四|[]=s:医生|");
  expect("text/csv", "a,b\n1,x\n", "csv", "[].a=n:1|[].b=s:x|");
}

static int on_label(void *user, const struct leaf *l) {
  struct seen *s = user;
  int n = snprintf(s->text + s->len, sizeof s->text - s->len, "%.*s<%.*s,%.*s|", SPAN_FMT(l->value),
                   SPAN_FMT(l->label[0]), SPAN_FMT(l->label[1]));
  if (n > 0 && s->len + (size_t)n < sizeof s->text) s->len += (size_t)n;
  return 0;
}

static void labelled(const char *mime, const char *body, const char *want) {
  struct seen s = {.len = 0};
  struct body_walk w = {.leaf = on_label, .user = &s, .mime = span_str(mime), .content_type = span_str(mime)};
  body_walk(&w, span_str(body), NULL);
  assert_string_equal(s.text, want);
}

/* What stands beside a value as its name. */
static void labels(void **state) {
  (void)state;
  labelled("application/json",
           "[{\"name\":\"n\",\"value\":1},{\"value\":2},{\"key\":\"k\",\"label\":\"l\",\"val\":3,\"x\":4}]",
           "n<,|1<n,|2<,|k<,|l<,|3<l,|4<,|");
  labelled("application/xml", "<m><field name=\"姓名\">a</field><i><key>k</key><value>v</value></i></m>",
           "姓名<,|a<姓名,|k<,|v<k,|");
  labelled("text/html", "<table><tr><th>h1</th><th>h2</th></tr><tr><td>a</td><td>b</td></tr></table><p>x</p>",
           "h1<,|h2<,|a<h1,|b<h2,|x<,|");
  labelled("text/html", "<table><tr><th>k</th><td>v</td></tr><tr><th>l</th><td>w</td></tr></table>",
           "k<,|v<k,|l<,|w<l,|");
  labelled("text/html", "<table><tr><td><tr>x<td></thead>y<table>z<th></table>q</table>", "x<,|y<,|z<,|q<,|");
  labelled("text/html", "<dl><dt>k</dt><dd>v</dd></dl><label>n</label><input name=f value=z><b>q：</b>r",
           "k<,|v<k,|n<,|z<n,|q：<,|r<q,|");
}

/* gzip that nobody announced: a file, or an answer whose header was lost. */
static void gzip(void **state) {
  (void)state;
  static const char packed_json[] =
      "\037\213\010\000\000\000\000\000\002\003\253\126\112\124\262\122\252\120\322\121\112\122\262"
      "\062\254\005\000\327\237\376\037\017\000\000\000";
  static const char *const declared[] = {"application/json", "application/gzip", ""};
  for (int i = 0; i < 3; i++) {
    struct seen s;
    const char *f;
    walk_typed(&s, declared[i], declared[i], span_of(packed_json, sizeof packed_json - 1), &f);
    assert_string_equal(f, "gzip");
    assert_string_equal(s.text, "a=s:x|b=n:1|");
    walk_typed(&s, declared[i], declared[i], span_of(packed_json, sizeof packed_json - 12), &f); /* cut */
    assert_string_equal(f, "gzip");
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(json),     cmocka_unit_test(xml),         cmocka_unit_test(form),
      cmocka_unit_test(table),    cmocka_unit_test(multipart),   cmocka_unit_test(charsets),
      cmocka_unit_test(packed),   cmocka_unit_test(json_tables), cmocka_unit_test(labels),
      cmocka_unit_test(headless), cmocka_unit_test(gzip),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
