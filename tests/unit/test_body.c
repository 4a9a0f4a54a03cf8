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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(json),   cmocka_unit_test(xml),       cmocka_unit_test(form),
      cmocka_unit_test(table),  cmocka_unit_test(multipart), cmocka_unit_test(charsets),
      cmocka_unit_test(packed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
