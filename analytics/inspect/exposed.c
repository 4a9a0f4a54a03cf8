/* SPDX-License-Identifier: Apache-2.0 */
/* Surfaces that should not be reachable, when they really answered: by path and by content together. */
#include "analytics/inspect/rules.h"
#include "base/grams.h"

static const struct rule rule_actuator = {
    .id = "actuator_exposure",
    .name = "Actuator exposed",
    .name_zh = "Spring Actuator 暴露",
    .category = CATEGORY_LEAK,
    .severity = SEVERITY_HIGH,
    .technique = {"T1190", "T1552.001"},
    .tactic = {"TA0001", "TA0006"},
    API8,
    .reason = "Management endpoints that show configuration, memory or mappings answered.",
    .reason_zh = "可查看配置、内存或映射的管理端点可被访问。",
    .remedy = "Expose health only; put the rest on a management port behind authentication; change the "
              "secrets that were shown.",
    .remedy_zh = "仅开放健康检查；其余移至带认证的管理端口；更换已暴露的密钥。",
};
static const struct rule rule_surface = {
    .id = "exposed_surface",
    .name = "Exposed surface",
    .name_zh = "敏感面暴露",
    .category = CATEGORY_LEAK,
    .severity = SEVERITY_MEDIUM,
    .technique = {"T1595.003", "T1213"},
    .tactic = {"TA0043", "TA0009"},
    .owasp = {"API9:2023", "API8:2023"},
    .reason = "A file or console that gives away code, secrets or control answered.",
    .reason_zh = "会泄露源码、密钥或控制权的文件、控制台可被访问。",
    .remedy = "Remove it from what is served, or protect it; change what it showed.",
    .remedy_zh = "移除或加以保护；更换其已暴露的内容。",
};

struct surface {
  const char *path;    /* part of the path, lower case */
  int group;           /* needed in the answer; -1 for none */
  const char *content; /* or this text */
  uint8_t severity;
  const char *what;
};
/* clang-format off */
static const struct surface surfaces[] = {
  {"/heapdump", ANSWER_HEAPDUMP, "\x1f\x8b\x08", 80, "heapdump"}, {"/env", ANSWER_ACTUATOR, NULL, 60, "env"},
  {"/configprops", ANSWER_ACTUATOR, "\"prefix\"", 60, "configprops"},
  {"/mappings", ANSWER_ACTUATOR, "\"mappings\"", 40, "mappings"},
  {"/beans", ANSWER_ACTUATOR, NULL, 40, "beans"}, {"/threaddump", ANSWER_ACTUATOR, NULL, 40, "threaddump"},
  {"/dump", ANSWER_ACTUATOR, NULL, 40, "dump"},
  {"/httptrace", -1, "\"traces\"", 60, "httptrace"}, {"/trace", -1, "\"timestamp\"", 60, "trace"},
  {"/loggers", ANSWER_ACTUATOR, NULL, 40, "loggers"}, {"/jolokia", -1, "\"agent\"", 60, "jolokia"},
  {"/logfile", -1, NULL, 60, "logfile"},
  {"/gateway/routes", -1, "\"predicate\"", 60, "gateway"},
  {"/actuator", ANSWER_ACTUATOR, "\"_links\"", 40, "index"},
};
/* clang-format on */
/* clang-format off */
static const struct surface others[] = {
  {"/.git/", ANSWER_GIT, NULL, 60, "git"}, {"/.svn/", -1, "svn", 40, "svn"},
  {"/.env", ANSWER_ENVFILE, "=", 60, "env"}, {"phpinfo", ANSWER_PHPINFO, NULL, 40, "phpinfo"},
  {"info.php", ANSWER_PHPINFO, NULL, 40, "phpinfo"},
  {"/.svn/entries", -1, "\n", 40, "svn"}, {"/.svn/wc.db", -1, "SQLite format", 60, "svn"},
  {"/nacos/v1/cs/configs", -1, "\"dataId\"", 80, "nacos"}, {"/jolokia/", -1, "\"request\"", 60, "jolokia"},
  {"graphiql", -1, "GraphiQL", 40, "graphiql"}, {"/.kube/config", -1, "apiVersion", 80, "kubeconfig"},
  {"/druid/", ANSWER_DRUID, "\"ResultCode\"", 60, "druid"}, {"/nacos/", -1, "nacos", 60, "nacos"},
  {"/console", ANSWER_CONSOLE, NULL, 60, "console"}, {"phpmyadmin", ANSWER_CONSOLE, NULL, 60, "phpmyadmin"},
  {"/h2-console", ANSWER_CONSOLE, NULL, 60, "h2"},
  {".sql", ANSWER_SQLDUMP, NULL, 80, "backup"}, {".bak", ANSWER_SOURCE, NULL, 60, "backup"},
  {".php.", ANSWER_SOURCE, NULL, 60, "backup"}, {"/.ds_store", -1, "Bud1", 20, "ds_store"},
  {"/.aws/", -1, "aws_access_key_id", 80, "aws"},
  {"/server-status", -1, "Apache Server Status", 40, "server-status"},
  {"/web.config", -1, "<configuration", 60, "web.config"}, {"/.htpasswd", -1, ":$", 60, "htpasswd"},
  {"id_rsa", ANSWER_PRIVATE_KEY, NULL, 80, "key"}, {"/eureka/apps", -1, "<application", 40, "eureka"},
  {"/elmah.axd", -1, "Error Log", 40, "elmah"}, {"/debug/pprof", -1, "goroutine", 40, "pprof"},
  {"/metrics/jmx", -1, "bean", 20, "jmx"}, {"/jenkins", -1, "Jenkins-Crumb", 40, "jenkins"},
  {"/solr/admin", -1, "solr", 40, "solr"},
};
/* clang-format on */
/* clang-format off */
static const struct surface documents[] = {
  {"swagger", ANSWER_SWAGGER, NULL, 20, "swagger"}, {"api-docs", ANSWER_SWAGGER, NULL, 20, "api-docs"},
  {"openapi.", ANSWER_SWAGGER, NULL, 20, "openapi"}, {"/doc.html", -1, "knife4j", 20, "knife4j"},
};
/* clang-format on */

static bool answers(const struct inspect_ctx *cx, const struct surface *s) {
  if (s->group >= 0 && (cx->answer_bits & BIT(s->group))) return true;
  if (s->content && span_find(cx->answer, span_str(s->content)) < cx->answer.len) return true;
  return s->group < 0 && !s->content && cx->answer.len > 0;
}

static void report(struct inspect_ctx *cx, const struct rule *r, const struct surface *s, bool inside) {
  struct signal *g = inspect_signal(cx, r, s->severity, inside ? 60 : 85, OUTCOME_SUCCESS,
                                    SPAN_LIT("url.path"), cx->txn->path);
  if (g && r != &rule_actuator) g->per_endpoint = true, g->detail = span_str(s->what);
}

/* "/backup.zip", "/www.tar.gz" at the root, and really an archive. */
static bool is_backup(struct span p, struct span answer) {
  static const char *const magic[] = {"PK\x03\x04", "\x1f\x8b\x08", "Rar!", "7z\xbc\xaf", "BZh"};
  static const char *const ends[] = {".zip", ".tar.gz", ".tgz", ".rar", ".7z", ".gz", ".bz2", ".tar.bz2"};
  static const char *const names[] = {"backup",      "bak",     "www",      "wwwroot", "web",  "website",
                                      "site",        "db",      "database", "dump",    "src",  "source",
                                      "code",        "release", "old",      "root",    "html", "htdocs",
                                      "public_html", "app",     "prod",     "data"};
  bool packed = false;
  for (size_t i = 0; i < sizeof magic / sizeof *magic; i++) packed |= span_starts(answer, span_str(magic[i]));
  if (!packed || p.base[0] != '/') return false;
  struct span name = span_skip(p, 1);
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
    if (span_ends(name, span_str(ends[i]))) {
      name.len -= strlen(ends[i]);
      for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        if (span_eq(name, span_str(names[k]))) return true;
      return false;
    }
  return false;
}

static void call(struct inspect_ctx *cx) {
  const struct txn *t = cx->txn;
  if (t->status < 200 || t->status > 299 || !cx->answer.len || t->path.len < 4 || t->path.len > 256) return;
  uint8_t buf[256];
  normalize_lower(t->path, buf);
  struct span p = span_of(buf, t->path.len);
  while (p.len > 1 && p.base[p.len - 1] == '/') p.len--;
  if (span_find(p, SPAN_LIT("actuator")) < p.len || span_find(p, SPAN_LIT("heapdump")) < p.len ||
      (cx->answer_bits & (BIT(ANSWER_ACTUATOR) | BIT(ANSWER_HEAPDUMP)))) {
    for (size_t i = 0; i < sizeof surfaces / sizeof *surfaces; i++)
      if (span_ends(p, span_str(surfaces[i].path)) && answers(cx, &surfaces[i])) {
        report(cx, &rule_actuator, &surfaces[i], false);
        return;
      }
  }
  static const struct surface backup = {"", -1, NULL, 80, "backup"};
  if (event_anonymous(cx->event) && is_backup(p, cx->answer)) {
    report(cx, &rule_surface, &backup, false);
    return;
  }
  struct grams g;
  grams_of(p, &g);
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    if (grams_has(&g, others[i].path) && answers(cx, &others[i])) {
      report(cx, &rule_surface, &others[i], false);
      return;
    }
  if (!(cx->answer_bits & BIT(ANSWER_SWAGGER)) || !event_anonymous(cx->event)) return;
  for (size_t i = 0; i < sizeof documents / sizeof *documents; i++)
    if (span_find(p, span_str(documents[i].path)) < p.len) {
      report(cx, &rule_surface, &documents[i], true);
      return;
    }
}
const struct inspection inspect_exposed = {.rule = &rule_surface, .call = call};
