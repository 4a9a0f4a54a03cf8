/* SPDX-License-Identifier: Apache-2.0 */
/* Scanners and attack tools by what they say of themselves and by what only they ask for. */
#include "analytics/inspect/rules.h"

const struct rule rule_scanner = {
    .id = "scanner",
    .name = "Vulnerability scanner",
    .name_zh = "漏洞扫描器",
    .category = CATEGORY_ATTACK,
    .severity = SEVERITY_LOW,
    .technique = {"T1595.002"},
    .tactic = {"TA0043"},
    .owasp = {"API8:2023"},
    .reason = "The caller is a tool that looks for vulnerabilities, by its name or by what it asks for.",
    .reason_zh = "根据名称或请求特征，调用方是漏洞扫描工具。",
    .remedy = "Find out whether the scan was ordered; if not, block the source and look at what it found.",
    .remedy_zh = "确认是否为授权扫描；若否，封禁来源并核查其发现。",
};

static void value(struct inspect_ctx *cx, const struct leaf *leaf) {
  unsigned points = inspect_points(cx, WORD_SCANNER);
  if (inspect_done(cx, &rule_scanner)) return;
  if (cx->place == PLACE_BODY && inspect_has(cx->form->low, "xray"))
    return; /* also a maker's, whose tokens bodies hold */
  bool agent = cx->place == PLACE_HEADER && span_eq_nocase(leaf->key, SPAN_LIT("user-agent"));
  if (points < 10 && agent) {
    struct span s = cx->form->low;
    if (ANY_OF(s, "urlgrabber", "ecairn-grabber", "/yum", "dirb") < s.len &&
        ANY_OF(s, "urlgrabber", "ecairn-grabber") < s.len)
      return;
    points = 10;
  }
  if (points >= 10) inspect_attack(cx, &rule_scanner, agent ? 90 : 75, 0);
}

/* clang-format off */
static const char *const probes[] = {
  /* what is asked for on hosts that never had it */
  "/phpmyadmin", "/pma/", "/wp-login.php", "/wp-admin", "/xmlrpc.php", "/.git/config", "/.git/head", "/.env",
  "/.svn/entries", "/.ds_store", "/cgi-bin/", "/server-status", "/manager/html", "/solr/admin", "/hnap1",
  "/boaform",
  "/shell?", "/setup.cgi", "/phpunit/", "/eval-stdin.php", "/thinkphp", "/jenkins/", "/actuator/gateway",
  "/.aws/credentials", "/backup.zip", "/backup.sql", "/db.sql", "/config.php.bak", "/phpinfo.php",
  "/info.php", "/test.php", "/owa/auth", "/autodiscover",
  "/remote/login", "/dana-na", "/vpn/index", "/global-protect", "/_ignition", "/telescope",
  "/druid/index.html", "/nacos/v1", "/console/login", "/invoker/", "/jmx-console", "/axis2", "/struts",
  "/examples/servlets", "/crossdomain.xml", "/elmah.axd",
  "/trace.axd", "/web.config", "/administrator/", "/joomla", "/drupal", "/magento", "/vendor/phpunit",
  "/login.php", "/admin.php", "/index.php.bak", "/wp-content", "/wp-includes", "/wp-json",
};
/* clang-format on */

static void call(struct inspect_ctx *cx) {
  const struct txn *t = cx->txn;
  if (t->status != 404 && t->status != 403 && t->status != 400) return; /* where it exists it is ordinary */
  uint8_t buf[256];
  struct span p = span_head(t->target, sizeof buf);
  if (p.len < 5 || (t->method.len && (uint8_t)(t->method.base[0] - 'A') >= 26)) return;
  normalize_lower(p, buf);
  p = span_of(buf, p.len);
  bool dotted = memchr(p.base, '.', p.len) || span_find(p, SPAN_LIT("admin")) < p.len ||
                span_find(p, SPAN_LIT("-")) < p.len || span_find(p, SPAN_LIT("/c")) < p.len ||
                span_find(p, SPAN_LIT("/p")) < p.len || span_find(p, SPAN_LIT("/s")) < p.len ||
                span_find(p, SPAN_LIT("/j")) < p.len;
  if (!dotted) return;
  for (size_t i = 0; i < sizeof probes / sizeof *probes; i++)
    if (span_find(p, span_str(probes[i])) < p.len) {
      inspect_signal(cx, &rule_scanner, SEVERITY_LOW, 60, OUTCOME_ATTEMPTED, SPAN_LIT("url.path"), t->path);
      return;
    }
}
const struct inspection inspect_scanner = {
    .rule = &rule_scanner, .value = value, .call = call, .wants = BIT(WORD_SCANNER)};
