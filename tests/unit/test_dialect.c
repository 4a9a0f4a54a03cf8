/* SPDX-License-Identifier: Apache-2.0 */
/* Operations told by body, query or header: GraphQL, SOAP, XML-RPC, JSON-RPC, cloud APIs; and bodies that are none of these. */
#include "cmocka_all.h"
#include "dissect/model/dialect.h"
#include <stdio.h>

static struct txn t;
static char said[1024];

static void begin(const char *method, const char *path, const char *query) {
  arena_done(&t.arena);
  for (int d = 0; d < 2; d++) buf_done(&t.side[d].raw);
  memset(&t, 0, sizeof t);
  arena_init(&t.arena, NULL, 0);
  t.protocol = "http";
  t.method = span_str(method);
  t.path = span_str(path);
  t.query = span_str(query);
  for (int d = 0; d < 2; d++) {
    t.side[d].seen = true;
    buf_init(&t.side[d].raw, NULL, 0);
  }
}

static void body(enum dir d, const char *mime, const char *text) {
  t.side[d].mime = span_str(mime);
  buf_put(&t.side[d].raw, span_str(text));
}

/* "dialect operation" */
static const char *told(void) {
  dialect_apply(&t);
  const struct fact *f = txn_fact(&t, "tapscope.dialect");
  snprintf(said, sizeof said, "%.*s %.*s", f ? (int)f->str.len : 1, f ? (const char *)f->str.base : "-",
           SPAN_FMT(t.operation));
  return said;
}

static const char *post(const char *mime, const char *text, const char *answer) {
  begin("POST", "/api", "");
  body(DIR_REQUEST, mime, text);
  body(DIR_RESPONSE, mime, answer);
  return told();
}
#define JSON "application/json"

static const char *text_of(const char *name) {
  const struct fact *f = txn_fact(&t, name);
  snprintf(said, sizeof said, "%.*s", f ? (int)f->str.len : 1, f ? (const char *)f->str.base : "-");
  return said;
}
static uint64_t number(const char *name) {
  const struct fact *f = txn_fact(&t, name);
  return f ? f->num : 0;
}

static void jsonrpc(void **state) {
  (void)state;
  assert_string_equal(post(JSON, "{\"jsonrpc\":\"2.0\",\"method\":\"a.b\",\"params\":[1],\"id\":1}",
                           "{\"result\":1,\"id\":1}"),
                      "jsonrpc a.b");
  assert_string_equal(text_of("tapscope.jsonrpc.params"), "positional");
  assert_int_equal(t.outcome, TXN_UNKNOWN);
  assert_string_equal(
      post(JSON, " {\"id\":7,\"auth\":\"x\",\"params\":{\"k\":[{}]},\"method\":\"m\",\"jsonrpc\":\"2.0\"}",
           "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32601,\"message\":\"x\"},\"id\":7}"),
      "jsonrpc m");
  assert_string_equal(text_of("tapscope.jsonrpc.error_codes"), "-32601");
  assert_int_equal(t.outcome, TXN_ERROR);
  assert_string_equal(
      post(JSON,
           "[{\"jsonrpc\":\"2.0\",\"method\":\"a\"},{\"jsonrpc\":\"2.0\",\"method\":\"b\",\"id\":1},"
           "{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"id\":2}]",
           "[{\"jsonrpc\":\"2.0\",\"result\":0,\"id\":1},{\"jsonrpc\":\"2.0\",\"error\":{\"code\":1},\"id\":"
           "2}]"),
      "jsonrpc a,b");
  assert_int_equal(number("tapscope.jsonrpc.messages"), 3);
  assert_int_equal(number("tapscope.jsonrpc.notifications"), 1);
  assert_int_equal(t.outcome, TXN_UNKNOWN);
  assert_string_equal(post(JSON, "{\"method\":\"sum\",\"params\":[1,2],\"id\":null}", ""), "jsonrpc sum");
  assert_string_equal(text_of("tapscope.jsonrpc.version"), "1.0");
}

static void other_json(void **state) {
  (void)state;
  const char *bodies[] = {"{\"method\":\"card\",\"params\":{}}",
                          "{\"id\":1,\"name\":\"x\",\"jsonrpc\":\"2.0\"}",
                          "{\"query\":\"red shoes\",\"page\":1}",
                          "{\"query\":{\"match_all\":{}}}",
                          "{\"query\":\"SELECT a FROM b\"}",
                          "[1,2,{\"method\":\"a\"}]",
                          "[]",
                          "{",
                          "{\"",
                          "{\"type\":\"x\",\"payload\":{\"query\":1}}",
                          "{\"payload\":{\"payload\":{\"payload\":{}},\"type\":\"a\"},\"type\":\"a\"}"};
  for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
    assert_string_equal(post(JSON, bodies[i], ""), "- ");
}

static void graphql(void **state) {
  (void)state;
  assert_string_equal(
      post(JSON, "{\"operationName\":\"B\",\"query\":\"query A{a}\\nmutation B{b(x:\\\"}\\\"){c}}\"}",
           "{\"errors\":[{\"message\":\"x\"}],\"data\":null}"),
      "graphql B");
  assert_string_equal(text_of("tapscope.graphql.type"), "mutation");
  assert_int_equal(t.outcome, TXN_ERROR);
  assert_string_equal(post(JSON, "[{\"query\":\"{a}\"},{\"query\":\"query Q{b}\"}]",
                           "[{\"data\":{\"a\":1}},{\"errors\":[{}],\"data\":{}}]"),
                      "graphql a,Q");
  assert_int_equal(number("tapscope.graphql.batch"), 2);
  assert_int_equal(number("tapscope.graphql.errors"), 1);
  assert_int_equal(t.outcome, TXN_UNKNOWN);
  assert_string_equal(
      post(JSON,
           "{\"operationName\":\"P\",\"variables\":{},\"extensions\":{\"persistedQuery\":{\"version\":1,"
           "\"sha256Hash\":\"00\"}}}",
           ""),
      "graphql P");
  assert_true(number("tapscope.graphql.persisted"));
  assert_string_equal(post("application/graphql", "subscription S{s}", ""), "graphql S");
  assert_string_equal(post("application/x-www-form-urlencoded", "query=query%20F%7Bf%7D", ""), "graphql F");
  begin("GET", "/v1/graphql", "query=%7Bme+%7Bid%7D%7D");
  assert_string_equal(told(), "graphql me");
  begin("GET", "/search", "query=%7Bme%7D");
  assert_string_equal(told(), "- ");
}

static void graphql_messages(void **state) {
  (void)state;
  static const char one[] = "{\"type\":\"connection_init\"}",
                    two[] = "{\"id\":\"1\",\"type\":\"subscribe\",\"payload\":{"
                            "\"query\":\"subscription On{rates{v}}\"}}";
  begin("GET", "/graphql", "");
  for (int i = 0; i < 2; i++) {
    const char *s = i ? two : one;
    uint8_t head[8] = {0xf5, 'W', 'S', 1, 0, 0, 0, (uint8_t)strlen(s)};
    buf_put(&t.side[0].raw, span_of(head, 8));
    buf_put(&t.side[0].raw, span_str(s));
  }
  assert_string_equal(told(), "graphql On");
  assert_string_equal(text_of("tapscope.graphql.type"), "subscription");
}

static void graphql_upload(void **state) {
  (void)state;
  assert_string_equal(post("multipart/form-data",
                           "--B\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n"
                           "{\"query\":\"mutation Up($f: Upload!){up(file:$f){id}}\"}\r\n--B--\r\n",
                           ""),
                      "graphql Up");
}

#define ENV11 "<?xml version=\"1.0\"?><s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\">"

static void soap(void **state) {
  (void)state;
  assert_string_equal(
      post("text/xml",
           ENV11 "<!-- <s:Body> --><s:Header><Body><x/></Body></s:Header><s:Body>"
                 "<b:Pay xmlns:b=\"urn:bank\"><n>1</n></b:Pay></s:Body></s:Envelope>",
           ENV11 "<s:Body><s:Fault><faultcode>s:Client.Auth</faultcode></s:Fault></s:Body></s:Envelope>"),
      "soap Pay");
  assert_string_equal(text_of("tapscope.soap.namespace"), "urn:bank");
  assert_string_equal(text_of("tapscope.soap.version"), "1.1");
  assert_string_equal(text_of("tapscope.soap.fault"), "Client.Auth");
  assert_int_equal(t.outcome, TXN_ERROR);
  begin("POST", "/s", "");
  txn_header(&t, &t.side[0].headers, SPAN_LIT("Content-Type"),
             SPAN_LIT("application/soap+xml; action=\"urn:bank#Get\""));
  body(DIR_REQUEST, "application/soap+xml",
       "<e:Envelope xmlns:e='http://www.w3.org/2003/05/soap-envelope'><e:Body><x:EncryptedData "
       "xmlns:x='u'/></e:Body></e:Envelope>");
  body(
      DIR_RESPONSE, "application/soap+xml",
      "<e:Envelope "
      "xmlns:e='http://www.w3.org/2003/05/soap-envelope'><e:Body><e:Fault><e:Code><e:Value>e:Sender</e:Value>"
      "</e:Code></e:Fault></e:Body></e:Envelope>");
  assert_string_equal(told(), "soap Get");
  assert_string_equal(text_of("tapscope.soap.version"), "1.2");
  assert_string_equal(text_of("tapscope.soap.fault"), "Sender");
  assert_string_equal(
      post("text/xml", ENV11 "<s:Body><\xb2\xe9\xd1\xaf xmlns='u'/></s:Body></s:Envelope>", ""), "soap 查询");
  assert_string_equal(post("multipart/related",
                           "--u\r\nContent-Type: application/xop+xml\r\n\r\n" ENV11
                           "<s:Body><Put/></s:Body></s:Envelope>\r\n--u--\r\n",
                           ""),
                      "soap Put");
  assert_string_equal(post("text/xml", "<order><Body/></order>", ""), "- ");
}

static void answers_alone(void **state) {
  (void)state;
  begin("POST", "/s", "");
  t.side[DIR_REQUEST].seen = false;
  body(DIR_RESPONSE, "text/xml", ENV11 "<s:Body><PayResponse/></s:Body></s:Envelope>");
  assert_string_equal(told(), "soap Pay");
}

static void xmlrpc(void **state) {
  (void)state;
  assert_string_equal(
      post("text/xml",
           "<?xml version='1.0'?><methodCall><methodName> bank.get </methodName><params><param><value>1"
           "</value></param></params></methodCall>",
           "<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>4</int></value>"
           "</member></struct></value></fault></methodResponse>"),
      "xmlrpc bank.get");
  assert_string_equal(text_of("tapscope.xmlrpc.fault"), "4");
  assert_int_equal(number("tapscope.xmlrpc.params"), 1);
  assert_string_equal(
      post("text/xml",
           "<methodCall><methodName>system.multicall</methodName><params><param><value><array><data>"
           "<value><struct><member><name>methodName</name><value><string>a.b</string></value></member>"
           "</struct></value></data></array></value></param></params></methodCall>",
           ""),
      "xmlrpc system.multicall,a.b");
}

static void actions(void **state) {
  (void)state;
  begin("POST", "/", "");
  txn_header(&t, &t.side[0].headers, SPAN_LIT("X-Amz-Target"), SPAN_LIT("DynamoDB_20120810.GetItem"));
  body(DIR_REQUEST, JSON, "{\"TableName\":\"t\"}");
  assert_string_equal(told(), "action DynamoDB_20120810.GetItem");
  begin("GET", "/", "Action=DescribeInstances&Version=2014-05-26");
  assert_string_equal(told(), "action DescribeInstances");
  begin("GET", "/", "Action=Describe");
  assert_string_equal(told(), "- ");
}

static int clean(void **state) {
  (void)state;
  begin("", "", "");
  arena_done(&t.arena);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(jsonrpc),          cmocka_unit_test(other_json),     cmocka_unit_test(graphql),
      cmocka_unit_test(graphql_messages), cmocka_unit_test(graphql_upload), cmocka_unit_test(soap),
      cmocka_unit_test(answers_alone),    cmocka_unit_test(xmlrpc),         cmocka_unit_test(actions),
  };
  return cmocka_run_group_tests(tests, NULL, clean);
}
