/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies of shippers of logs, reporters of crashes and clients of orchestrators: told by path or by the model of the call. */
#include "analytics/inspect/intake.h"
#include "analytics/login_words.h"

WORDS(shipped, "sqli", "xss", "cmdi", "traversal", "file_inclusion", "ssti", "php_injection",
      "java_injection", "nodejs_injection", "nosqli", "ldapi", "xpathi", "crlf", "ssrf", "xxe", "ssi",
      "expression_injection");
WORDS(described, "cmdi", "traversal", "ssti");

/* clang-format off */
WORDS(ends, "/_bulk", "/loki/api/v1/push", "/services/collector", "/services/collector/event",
      "/services/collector/raw", "/gelf", "/v1/logs", "/v1/traces", "/intake/v2/events", "/intake/v2/rum/events",
      "/api/v2/logs", "/api/v2/spans", "/api/v1/spans", "/api/traces", "/v3/segments", "/api/v1/push",
      "/insert/jsonline", "/api/v1/alerts", "/api/v2/alerts");
/* clang-format on */

/* /api/5/store/ and /api/5/envelope/, where a client's exceptions go. */
static bool takes_crashes(struct span path) {
  if (span_ends(path, SPAN_LIT("/"))) path.len--;
  size_t tail = span_ends(path, SPAN_LIT("/store")) ? 6 : span_ends(path, SPAN_LIT("/envelope")) ? 9 : 0;
  size_t at = span_find(path, SPAN_LIT("/api/"));
  if (!tail || at + 5 + tail >= path.len) return false;
  struct span project = span_of(path.base + at + 5, path.len - at - 5 - tail);
  for (size_t i = 0; i < project.len; i++)
    if ((uint8_t)(project.base[i] - '0') > 9) return false;
  return true;
}

static bool takes_logs(struct span path) {
  for (const char *const *e = ends; *e; e++)
    if (span_ends(path, span_str(*e))) return true;
  return takes_crashes(path);
}

/* Calls that create or change workloads: what runs in them is their content, and others judge it. */
static bool takes_workloads(const struct txn *t) {
  const struct fact *model = txn_fact(t, "tapscope.model");
  return model && (span_eq(model->str, SPAN_LIT("kubernetes")) || span_eq(model->str, SPAN_LIT("docker")));
}

bool intake_excuses(const struct inspect_ctx *cx, const struct rule *rule) {
  if ((cx->place != PLACE_BODY && cx->place != PLACE_FILENAME) || !cx->txn) return false;
  if (span_in(span_str(rule->id), shipped) && takes_logs(cx->txn->path)) return true;
  return span_in(span_str(rule->id), described) && takes_workloads(cx->txn);
}
