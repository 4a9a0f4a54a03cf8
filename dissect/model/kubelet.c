/* SPDX-License-Identifier: Apache-2.0 */
/* The kubelet's own API (10250, 10255): pods, run, exec, logs. */
#include "dissect/model/model.h"
#include "dissect/model/path.h"

/* Any port may be forwarded to it: the host's port counts as well, and what the answer says it is. */
static bool is_kubelet(const struct txn *t) {
  uint16_t port[] = {t->conn.sport, t->host_port};
  for (int i = 0; i < 2; i++)
    if (port[i] == 10250 || port[i] == 10255) return true;
  struct span head = span_head(side_body(&t->side[DIR_RESPONSE]), 64);
  return span_find(head, SPAN_LIT("\"PodList\"")) < head.len;
}

static bool apply(struct txn *t) {
  const struct model_path *p = model_path(t);
  bool port = t->conn.sport == 10250 || t->conn.sport == 10255;
  static const char *const verbs[] = {"run", "exec", "attach", "portForward", "containerLogs", "cri"};
  for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
    if (!model_is(p, 0, verbs[i]) || p->count < 3 || (!port && p->count != 4)) continue;
    txn_fact_str(t, "orchestrator.type", SPAN_LIT("kubernetes"));
    txn_fact_str(t, "orchestrator.namespace", p->part[1]);
    txn_fact_str(t, "orchestrator.resource.type", SPAN_LIT("pods"));
    txn_fact_str(t, "orchestrator.resource.name", p->part[2]);
    model_action(t, SPAN_LIT("kubelet"), verbs[i]);
    return true;
  }
  bool pods = p->count == 1 && (model_is(p, 0, "pods") || model_is(p, 0, "runningpods"));
  bool logs = p->count <= 2 && model_is(p, 0, "logs") && port;
  bool stats = model_is(p, 0, "stats") && model_is(p, 1, "summary");
  bool metrics = model_is(p, 0, "metrics") &&
                 (model_is(p, 1, "cadvisor") || model_is(p, 1, "probes") || model_is(p, 1, "resource"));
  if (!(pods && is_kubelet(t)) && !stats && !metrics && !logs) return false;
  model_action(t, SPAN_LIT("kubelet"), pods ? "pods" : logs ? "logs" : stats ? "stats" : "metrics");
  return true;
}

const struct opmodel opmodel_kubelet = {"kubelet", apply};
