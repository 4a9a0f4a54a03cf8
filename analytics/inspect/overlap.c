/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes sent twice with other content (Ptacek and Newsham, 1998): who checks reads one version, who serves the other. */
#include "analytics/inspect/rules.h"

static const struct rule rule_overlap = {
    .id = "tcp_overlap",
    .name = "Two versions of the same bytes",
    .name_zh = "TCP 重叠数据内容不一致",
    .category = CATEGORY_ATTACK,
    .severity = SEVERITY_LOW,
    .technique = {"T1562"},
    .tactic = {"TA0005"},
    .owasp = {"API8:2023"},
    .reason = "TCP segments carried two versions of the same bytes: a sensor may read one and the receiver "
              "the other.",
    .reason_zh = "TCP 报文段携带了同一数据的两个版本，检测设备与接收方可能读到不同内容。",
    .remedy = "Compare both versions; let the firewall or load balancer normalise TCP. Seen everywhere at "
              "once: look for a broken link.",
    .remedy_zh = "核对两个版本的内容；由防火墙或负载均衡规范化 TCP。若大量出现，请检查链路故障。",
};

static void overlap(struct inspect_ctx *cx) {
  const struct overlap *o = cx->txn->overlap;
  if (!o) return;
  inspect_signal(cx, &rule_overlap, rule_overlap.severity, 60, OUTCOME_ATTEMPTED, SPAN_LIT("tcp.kept"),
                 o->kept);
  inspect_signal(cx, &rule_overlap, rule_overlap.severity, 60, OUTCOME_ATTEMPTED, SPAN_LIT("tcp.other"),
                 o->other);
}
const struct inspection inspect_overlap = {.rule = &rule_overlap, .call = overlap};
