/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that people and programs send every day: none is an attack. */
#include "inspect_bench.h"

/* clang-format off */
static const char *const texts[] = {
  /* names, places, titles */
  "O'Brien", "Siobhán O'Neill-D'Arcy", "D'Angelo's Pizza & Grill", "Rock 'n' Roll; Jazz & Blues", "L'Oréal (Paris)",
  "St. John's, Newfoundland", "5' 11\" tall, 180 lb", "24\" monitor | 27\" monitor", "Johnson & Johnson; Procter & Gamble",
  "AT&T", "Yahoo!", "C++ / C# / F#", "Toys \"R\" Us", "'Tis the season", "the '90s and '00s", "rock-'n'-roll",
  "Attn: Accounts Payable (2nd floor) - Unit #5", "c/o Smith; Apt. 4-B; Bldg #12", "1/2 cup sugar, 3/4 tsp salt",
  /* prose with words of SQL and of shells */
  "Please select the items from the list and drop them into the cart.", "Union Bank or the Western Union office",
  "We need to update the table in the meeting room and insert a new agenda item where possible.",
  "Delete from my account the old address, and create a new one.", "The group by the window ordered by noon.",
  "If you like, you can order by phone or email; the limit is 10 items.", "select name from the drop-down menu",
  "Either 5 or 6 people will join us", "1 or 2 days", "Terms and conditions = apply", "I'd rather not; it's 50% more",
  "He said: \"drop table reservations\" and left.", "Cats and dogs; ps: call me", "More info; see below", "find it, then sort it out; who cares",
  "What time is it? Date: today; type: regular", "The echo of the cat in the hall", "Kill two birds with one stone | make it happen",
  "Nice to meet you & have a great time", "ping me when ready; sleep well", "Let's touch base; head to the office",
  "Please execute the transfer & confirm", "set the alarm; wait for the test", "Having said that, where are we going?",
  "Kind regards,\nAnna\n--\nAnna Schmidt\nHead of Sales", "-- \nSent from my phone", "Total: 100 -- includes VAT", "see attached -- thanks",
  "Order #1234; qty=2; price=$19.99", "key=value; other=thing", "a=b&c=d", "x > 5 && y < 10", "if a = b then c = d",
  /* Chinese */
  "请选择（北京）支行；谢谢！",
  "客户投诉：APP登录失败，报错 'timeout' ；请 select 一下原因。",
  "转账金额：" "1,000.00 元 (含手续费 2%)", "备注：A&B公司 / 二期 #3",
  /* mathematics and units */
  "f(x) = x^2 + 2*x - 1", "sin(x) + cos(y) <= 1", "2 * (3 + 4) = 14", "E = mc^2", "a*b == b*a", "0 < x < 1", "(a|b)*c", "max(0, x - 1)", "10 / 2 = 5",
  "y = log(x) / ln(10)", "3 > 2 and 2 > 1", "50 % 7 = 1", "sum(A1:A10)/count(A1:A10)", "=SUM(B2:B9)", "=IF(A1>5,\"yes\",\"no\")", "1e10", "-1", "+86 10 6655 7788", "(021) 5888-9999",
  /* addresses of the web, paths, identifiers */
  "https://www.example.com/path/page.html?id=10&lang=en#top", "https://cdn.example.net/img/a.b.c/logo@2x.png", "http://example.org/search?q=cats+and+dogs",
  "mailto:someone@example.com", "https://docs.example.com/api/v2/users/{id}/orders", "s3://bucket/key/part-0001.parquet", "git@github.example:team/repo.git",
  "C:\\Users\\anna\\Documents\\report 2024.docx", "D:\\data\\export\\2024-05.csv", "\\\\fileserver\\share\\team\\plan.xlsx", "/home/anna/photos/summer.jpg",
  "./relative/file.txt", "src/main/java/com/acme/App.java", "com.acme.bank.transfer.TransferService", "node_modules/left-pad/index.js", "v1.2.3-beta+build.45",
  "550e8400-e29b-41d4-a716-446655440000", "urn:isbn:0451450523", "fe80::1ff:fe23:4567:890a", "2001:db8::1", "::1", "00:1A:2B:3C:4D:5E", "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  /* packed */
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
  "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu1SU1LfVLPHCozMxH2Mo", "SGVsbG8sIHRoaXMgaXMgYSBwbGFpbiB0ZXh0Lg==", "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==",
  /* templates and formats of programs */
  "Hello {name}, your code is {code}", "Dear {{customer}}, thanks", "%s has %d items", "yyyy-MM-dd'T'HH:mm:ss", "dd 'de' MMMM", "#{tag} and @mention", "[link](https://example.com)", "${amount} due",
  "^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+$", "\\d{3}-\\d{4}", "(?i)foo|bar", "*.example.com", "*.txt", "name:asc,age:desc", "status in (open,closed)", "price ge 10 and price le 20",
  "createdAt>=2024-01-01", "fields=id,name,address(city,zip)", "tag=red|green|blue", "$.store.book[0].title", "a,b,,c", "{\"a\":1,\"b\":[2,3]}", "<3", "<- see here", "-> next", ":-)", ";-)", ">:(", "(y)", "!!", "???", "...", "***", "~", "N/A", "n/a (see note *)",
  /* text with markup: mail and notes */
  "<p>Dear customer,</p><p>your <b>order</b> has <i>shipped</i>.<br/>Best regards</p>", "<a href=\"https://example.com\">our site</a>", "<div class=\"mail\"><span style=\"color:#333\">Hello</span></div>",
  "<ul><li>one</li><li>two</li></ul>", "<h1>Title</h1>", "<strong>Important</strong>: read this & reply", "<img src=\"https://example.com/logo.png\" alt=\"logo\" width=\"120\">", "<table border=\"0\"><tr><td>1</td></tr></table>",
  "# Heading\n\n- item one\n- item two\n\n> quote\n\n`code` and **bold**", "| date | who |\n|------|-----|\n| Monday | Anna |", "1. First\n2. Second\n\n---\nfooter", "See [the docs](../guide/setup.md) and ![img](../../images/a.png) for details on how to do it.",
};
/* Code in tickets and commits. */
static const char *const code[] = {
  "The build fails in line 10:\n```js\nconst a = items.map(x => x.id);\nreturn a.length > 0;\n```\nCan you have a look?",
  "for (int i = 0; i < n; i++) { total += price[i]; }", "if (user == null) { return false; }", "def add(a, b):\n    return a + b\n", "let y = x || 0; y && done();",
  "SELECT is a keyword of SQL; so are INSERT and UPDATE.", "import React from 'react';\nimport { join } from '../util/path';\n", "git commit -m \"fix: handle empty list\"", "public static void main(String[] args) { }",
  "body { font-family: Arial, sans-serif; color: #333; }", "try {\n  run();\n} catch (e) {\n  log(e);\n}", "margin: 0 auto; padding: 4px 8px;",
  "java.lang.NullPointerException\n\tat com.acme.App.main(App.java:10)\n\tat com.acme.Run.go(Run.java:3)", "make the test green, then merge; rebase if needed", "Please run `npm install` and then `npm test`.",
};
/* clang-format on */

static unsigned all(struct bench *b, const char *const *list, size_t n, enum place place) {
  unsigned wrong = 0;
  for (size_t i = 0; i < n; i++) {
    const char *id = judge(b, place, list[i], NULL, NULL);
    if (*id) wrong++, print_error("%s: %s: %s\n", place_name(place), id, list[i]);
  }
  return wrong;
}

static void test_bodies(void **state) {
  unsigned wrong = all(*state, texts, sizeof texts / sizeof *texts, PLACE_BODY);
  wrong += all(*state, code, sizeof code / sizeof *code, PLACE_BODY);
  assert_int_equal(wrong, 0);
}

/* The same texts as parameters of a query, encoded as clients do. */
static void test_queries(void **state) {
  unsigned wrong = 0;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    char q[4096] = "q=";
    size_t n = 2;
    for (const char *p = texts[i]; *p && n < sizeof q - 4; p++) {
      uint8_t c = (uint8_t)*p;
      bool same = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' ||
                  c == '.' || c == '_';
      n += (size_t)snprintf(q + n, sizeof q - n, same ? "%c" : "%%%02X", c);
    }
    const char *id = judge(*state, PLACE_QUERY, q, NULL, NULL);
    if (*id) wrong++, print_error("%s: %s\n", id, texts[i]);
  }
  assert_int_equal(wrong, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_bodies), cmocka_unit_test(test_queries)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
