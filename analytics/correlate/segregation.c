/* SPDX-License-Identifier: Apache-2.0 */
/* Segments that must not talk, and do. */
#include "analytics/correlate/correlate.h"

const struct rule correlate_segment_violation = {
    .id = "segment_violation",
    .name = "Forbidden segments talk",
    .name_zh = "违反网段隔离策略",
    .category = CATEGORY_LATERAL,
    .severity = SEVERITY_HIGH,
    .technique = {"T1021", "T1210"},
    .tactic = {"TA0008", "TA0008"},
    .owasp = {"API8:2023"},
    .reason = "A host answered a call from a segment that must not reach it.",
    .reason_zh = "被策略禁止互通的网段之间发生了通信。",
    .remedy = "Close the path in the firewall; find out who opened it; or allow the edge in segments_file.",
    .remedy_zh = "在防火墙关闭该路径并追查原因，或在 segments_file 中放行。"};

static void flow(void *state, struct correlate_ctx *cx, const struct flow_record *f) {
  unsigned line = 0;
  (void)state;
  if (!cx->segments || !f->established) return;
  if (segments_judge(cx->segments, f->conn.client, f->conn.server, f->conn.sport, &line) != VERDICT_DENY)
    return;
  struct raise r = correlate_of_flow(cx, &correlate_segment_violation, f);
  r.outcome = OUTCOME_SUCCESS;
  r.confidence = 95;
  r.ns = f->conn.first_ns;
  r.baseline = correlate_text(cx, "Line %u of segments_file forbids it.", line);
  correlate_raise(cx, &r);
}

const struct correlation correlate_segregation = {
    &correlate_segment_violation, 0, NULL, NULL, flow, NULL, NULL};
