/* SPDX-License-Identifier: Apache-2.0 */
/* More of the cloud's inner organs: etcd read past the Kubernetes API, Helm's Tiller, dashboards, service-account tokens. */
#include "analytics/correlate/correlate.h"

const struct rule correlate_etcd_read = {
    .id = "etcd_read",
    .name = "Cluster secrets read from etcd",
    .name_zh = "直接读取 etcd 中的集群密钥",
    .category = CATEGORY_LATERAL,
    .severity = SEVERITY_CRITICAL,
    .technique = {"T1552.007", "T1613"},
    .tactic = {"TA0006", "TA0007"},
    .owasp = {"API8:2023"},
    .reason = "Someone read the keys of Kubernetes' secrets from etcd itself, past the Kubernetes API.",
    .reason_zh = "绕过 Kubernetes API 直接从 etcd 读取 Secret。",
    .remedy = "Demand client certificates of etcd; close its port; rotate all secrets.",
    .remedy_zh = "etcd 启用双向 TLS 并限制访问，轮换全部 Secret。"};
const struct rule correlate_helm_tiller = {
    .id = "helm_tiller",
    .name = "Helm Tiller called",
    .name_zh = "调用 Helm Tiller",
    .category = CATEGORY_LATERAL,
    .severity = SEVERITY_HIGH,
    .technique = {"T1610", "T1609"},
    .tactic = {"TA0002", "TA0002"},
    .owasp = {"API5:2023"},
    .reason = "Tiller installs what anyone asks for with the rights of the whole cluster, and was called.",
    .reason_zh = "Tiller 以集群最高权限执行任意安装请求，且已被调用。",
    .remedy = "Remove Tiller (Helm 3 needs none).",
    .remedy_zh = "移除 Tiller，升级至 Helm 3。"};
const struct rule correlate_cluster_dashboard = {
    .id = "cluster_dashboard",
    .name = "Cluster dashboard used without credentials",
    .name_zh = "未认证访问集群控制台",
    .category = CATEGORY_LATERAL,
    .severity = SEVERITY_HIGH,
    .technique = {"T1133", "T1609"},
    .tactic = {"TA0001", "TA0002"},
    .owasp = {"API2:2023"},
    .reason = "A cluster's dashboard answered someone without credentials.",
    .reason_zh = "集群控制台在无凭据的情况下返回了数据。",
    .remedy = "Put it behind a login; take its rights away; close its port.",
    .remedy_zh = "启用登录认证，收回权限，关闭端口。"};
const struct rule correlate_sa_token = {
    .id = "sa_token_clear",
    .name = "Service-account token in the clear",
    .name_zh = "明文传输服务账号令牌",
    .category = CATEGORY_POSTURE,
    .severity = SEVERITY_MEDIUM,
    .technique = {"T1528", "T1040"},
    .tactic = {"TA0006", "TA0006"},
    .owasp = {"API2:2023"},
    .reason = "A Kubernetes service account's token crosses the network unencrypted.",
    .reason_zh = "Kubernetes 服务账号令牌以明文传输。",
    .remedy = "Use TLS; bind tokens to pods and let them expire.",
    .remedy_zh = "启用 TLS，使用绑定 Pod 且会过期的令牌。"};
const struct rule correlate_sa_token_outside = {
    .id = "sa_token_outside",
    .name = "Service-account token used from outside",
    .name_zh = "服务账号令牌在集群外使用",
    .category = CATEGORY_ABUSE,
    .severity = SEVERITY_CRITICAL,
    .technique = {"T1528", "T1550.001"},
    .tactic = {"TA0006", "TA0008"},
    .owasp = {"API2:2023"},
    .reason = "A token that belongs to a pod was used from the internet.",
    .reason_zh = "属于 Pod 的令牌被用于来自互联网的访问。",
    .remedy = "Delete the service account's tokens; find the pod that lost it.",
    .remedy_zh = "删除该服务账号令牌并排查泄露的 Pod。"};

static void say(struct correlate_ctx *cx, const struct api_event *e, const struct rule *rule,
                struct span what) {
  struct raise r = correlate_of(rule, e);
  struct evidence v = {SPAN_LIT("operation"), span_head(what, 96)};
  bool ok = e->txn->status > 0 ? e->txn->status < 400 : e->txn->outcome != TXN_ERROR;
  if (e->who.by_time) r.actor = &e->txn->conn.client;
  r.outcome = ok ? OUTCOME_SUCCESS : OUTCOME_ATTEMPTED;
  r.confidence = 85;
  r.evidence = &v;
  r.nevidence = what.len ? 1 : 0;
  correlate_raise(cx, &r);
}

static bool is_dashboard(struct span path) {
  return span_find(path, SPAN_LIT("/kubernetes-dashboard")) < path.len ||
         span_find(path, SPAN_LIT("/services/https:kubernetes-dashboard:")) < path.len;
}

/* The dashboard's own API: nouns in the singular, answers with a "listMeta". */
static bool is_dashboard_api(const struct api_event *e) {
  static const char *const nouns[] = {
      "secret",         "pod",         "namespace", "node",     "deployment", "configmap",
      "serviceaccount", "clusterrole", "overview",  "workload", NULL};
  struct span path = e->txn->path;
  const struct fields *f = &e->fields[DIR_RESPONSE];
  if (!span_starts(path, SPAN_LIT("/api/v1/"))) return false;
  struct span noun = span_head(span_skip(path, 8), span_index(span_skip(path, 8), '/'));
  bool known = span_in(noun, nouns);
  for (uint32_t i = 0; known && i < f->count && i < 16; i++)
    if (span_starts(f->item[i].path, SPAN_LIT("listMeta"))) return true;
  return false;
}

static void event(void *state, struct correlate_ctx *cx, const struct api_event *e) {
  const struct txn *t = e->txn;
  (void)state;
  if (t->kind != TXN_CALL) return;
  if (e->who.workload) {
    bool internet = zones_of(cx->zones, e->who.origin) == ZONE_INTERNET &&
                    memcmp(e->who.origin + 10, "\xff\xff\x7f", 3) != 0;
    if (internet && t->status < 400) say(cx, e, &correlate_sa_token_outside, (struct span){0});
    if (!e->encrypted) {
      struct raise r = correlate_of(&correlate_sa_token, e);
      r.per_endpoint = true;
      r.key = hash64(e->service, 33) | 1;
      r.confidence = 90;
      correlate_raise(cx, &r);
    }
  }
  if (!t->path.len) return;
  if (span_starts(t->path, SPAN_LIT("/hapi."))) {
    say(cx, e, &correlate_helm_tiller, t->path);
  } else if (e->who.auth == AUTH_NONE && t->status == 200 && t->path.len > 10 &&
             (is_dashboard(t->path) || is_dashboard_api(e))) {
    say(cx, e, &correlate_cluster_dashboard, t->path);
  } else if (t->facts && txn_fact(t, "tapscope.etcd.secrets")) {
    say(cx, e, &correlate_etcd_read, t->operation.len ? t->operation : t->path);
  }
}

/* Tiller speaks gRPC on a port of its own, TLS or not. */
static void flow(void *state, struct correlate_ctx *cx, const struct flow_record *f) {
  (void)state;
  if (f->conn.sport != 44134 || !f->payload[0] || !f->payload[1]) return;
  struct raise r = correlate_of_flow(cx, &correlate_helm_tiller, f);
  r.confidence = 60;
  r.ns = f->conn.first_ns;
  correlate_raise(cx, &r);
}

const struct correlation correlate_cloud = {&correlate_etcd_read, 0, NULL, event, flow, NULL, NULL};
