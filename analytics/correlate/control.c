/* SPDX-License-Identifier: Apache-2.0 */
/* Control planes touched by a workload: Kubernetes API, kubelet, Docker, cloud metadata; and databases turned into weapons. */
#include "analytics/correlate/correlate.h"
#include "analytics/fields.h"

const struct rule correlate_k8s_api = {
    .id = "k8s_api",
    .name = "Kubernetes API misused",
    .name_zh = "滥用 Kubernetes API",
    .category = CATEGORY_LATERAL,
    .severity = SEVERITY_HIGH,
    .technique = {"T1552.007", "T1613", "T1609"},
    .tactic = {"TA0006", "TA0007", "TA0002"},
    .owasp = {"API5:2023"},
    .reason = "A workload asked the Kubernetes API for what no workload needs, or without credentials.",
    .reason_zh = "工作负载以匿名身份或非常规方式访问 Kubernetes API。",
    .remedy = "Forbid anonymous access, take the pod's token away, rotate the secrets that were read.",
    .remedy_zh = "禁止匿名访问，撤销 Pod 的令牌，轮换已泄露的 Secret。"};
const struct rule correlate_kubelet = {
    .id = "pod_to_kubelet",
    .name = "Kubelet called by a workload",
    .name_zh = "工作负载访问 kubelet",
    .category = CATEGORY_LATERAL,
    .severity = SEVERITY_HIGH,
    .technique = {"T1609", "T1613"},
    .tactic = {"TA0002", "TA0007"},
    .owasp = {"API5:2023"},
    .reason = "The kubelet's own API was asked to run commands or to list pods.",
    .reason_zh = "直接访问 kubelet 接口执行命令或列举 Pod。",
    .remedy = "Disable anonymous kubelet access and close its port to pods.",
    .remedy_zh = "关闭 kubelet 匿名访问，禁止 Pod 访问其端口。"};
const struct rule correlate_docker = {
    .id = "docker_api",
    .name = "Docker Engine API used from the network",
    .name_zh = "远程调用 Docker API",
    .category = CATEGORY_LATERAL,
    .severity = SEVERITY_HIGH,
    .technique = {"T1610", "T1611"},
    .tactic = {"TA0002", "TA0004"},
    .owasp = {"API5:2023"},
    .reason = "Containers were created or run through an unprotected Docker Engine API.",
    .reason_zh = "通过未受保护的 Docker API 创建或运行容器。",
    .remedy = "Close the port; use TLS with client certificates.",
    .remedy_zh = "关闭端口或启用双向 TLS。"};
const struct rule correlate_metadata = {
    .id = "cloud_metadata",
    .name = "Cloud metadata read",
    .name_zh = "读取云元数据",
    .category = CATEGORY_LATERAL,
    .severity = SEVERITY_HIGH,
    .technique = {"T1552.005"},
    .tactic = {"TA0006"},
    .owasp = {"API7:2023"},
    .reason = "A workload asked the cloud's metadata service for credentials.",
    .reason_zh = "工作负载访问云元数据服务获取凭据。",
    .remedy = "Block the metadata address for pods; demand session tokens; rotate the role's credentials.",
    .remedy_zh = "禁止 Pod 访问元数据地址，强制会话令牌，轮换角色凭据。"};
const struct rule correlate_redis_config = {
    .id = "redis_config_abuse",
    .name = "Redis turned into a weapon",
    .name_zh = "滥用 Redis 配置",
    .category = CATEGORY_LATERAL,
    .severity = SEVERITY_CRITICAL,
    .technique = {"T1210", "T1505"},
    .tactic = {"TA0008", "TA0003"},
    .owasp = {"API8:2023"},
    .reason = "Redis was told to write its file elsewhere, to load a module or to follow a foreign master.",
    .reason_zh = "Redis 被要求改写落盘路径、加载模块或挂接外部主节点。",
    .remedy = "Forbid CONFIG, MODULE and REPLICAOF to applications; look for files written on the host.",
    .remedy_zh = "禁用 CONFIG、MODULE、REPLICAOF 命令，检查主机上被写入的文件。"};

static bool has(struct span s, const char *what) { return span_find_nocase(s, span_str(what)) < s.len; }

static void say(struct correlate_ctx *cx, const struct api_event *e, const struct rule *rule,
                struct span what, bool grave) {
  struct raise r = correlate_of(rule, e);
  if (e->who.by_time) r.actor = &e->txn->conn.client; /* nothing is said about who made the workload do it */
  struct evidence v = {SPAN_LIT("operation"), what};
  bool ok = e->txn->status > 0 ? e->txn->status < 400 : e->txn->outcome != TXN_ERROR;
  r.outcome = ok ? OUTCOME_SUCCESS : OUTCOME_ATTEMPTED;
  r.severity = ok && grave ? SEVERITY_CRITICAL : grave ? SEVERITY_HIGH : SEVERITY_MEDIUM;
  r.confidence = grave ? 90 : 70;
  r.evidence = &v;
  r.nevidence = 1;
  correlate_raise(cx, &r);
}

/* What escapes from a container: asked for in the body of a pod or container to be made. */
static const char *escape_of(const struct api_event *e) {
  static const char *const paths[] = {
      "hostPath",   "HostConfig.Binds", "hostPID", "hostNetwork", "HostConfig.Mounts",
      "privileged", "Privileged",       "PidMode", "CapAdd",      "hostIPC"};
  const struct fields *f = &e->fields[DIR_REQUEST];
  for (uint32_t i = 0; i < f->count && i < 256; i++)
    for (size_t k = 0; k < sizeof paths / sizeof *paths; k++) {
      if (span_find(f->item[i].path, span_str(paths[k])) >= f->item[i].path.len) continue;
      bool flag = f->item[i].types == 1u << LEAF_BOOL;
      if (!flag || f->item[i].value_hash == fields_hash(SPAN_LIT("true"))) return paths[k];
    }
  return NULL;
}

/* Controllers in pods speak through their libraries, which say who they are; by hand it is done with tools. */
static bool by_hand(const struct api_event *e) {
  static const char *const tools[] = {"curl/",    "wget",    "kubectl", "python",
                                      "mozilla/", "libwww",  "httpie",  "kubeletctl",
                                      "peirates", "kdigger", "busybox", "powershell"};
  struct span agent = headers_get(&e->txn->side[DIR_REQUEST].headers, "user-agent");
  if (!e->who.workload || !e->txn->side[DIR_REQUEST].seen) return false;
  for (size_t i = 0; i < sizeof tools / sizeof *tools; i++)
    if (span_starts_nocase(agent, span_str(tools[i]))) return true;
  return false;
}

/* Reads of secrets, commands in pods, rights; by anyone without credentials anything but probes. */
static void kubernetes(struct correlate_ctx *cx, const struct api_event *e, struct span action) {
  struct span what = txn_fact_text(e->txn, "orchestrator.resource.type");
  bool anonymous = event_anonymous(e);
  bool secret = has(what, "secrets"),
       run = has(action, "exec") || has(action, "attach") || has(action, "portforward");
  bool rights = has(what, "rolebinding") || has(what, "subjectaccessreview") ||
                has(what, "subjectrulesreview") || has(what, "tokenreview") || has(action, "token");
  bool create =
      has(action, "create") && (has(what, "pods") || has(what, "daemonsets") || has(what, "deployments"));
  const char *escape = create ? escape_of(e) : NULL;
  bool hooks =
      (has(what, "webhookconfigurations") && has(action, "create")) || has(action, "ephemeralcontainers");
  bool hand = (secret || rights || hooks) && by_hand(e);
  bool grave =
      (anonymous && (secret || run || rights || create || hooks)) || (escape && e->who.workload) || hand;
  if (escape) action = correlate_text(cx, "%.*s with %s", SPAN_FMT(action), escape);
  if (grave || (anonymous && what.len && !has(what, "leases")) || run)
    say(cx, e, &correlate_k8s_api, action, grave || run);
}

/* What agents and boot scripts ask of it every day: who and where am I. */
static bool is_harmless(struct span path) {
  static const char *const ends[] = {"instance-id",
                                     "instance-type",
                                     "hostname",
                                     "local-hostname",
                                     "local-ipv4",
                                     "private-ipv4",
                                     "eipv4",
                                     "public-ipv4",
                                     "mac",
                                     "region",
                                     "region-id",
                                     "zone-id",
                                     "availability-zone",
                                     "ami-id",
                                     "image-id",
                                     "serial-number",
                                     "dns-conf/nameservers",
                                     "ntp-conf/ntp-servers",
                                     "api/token",
                                     "instance/id",
                                     "instance/zone",
                                     "instance/name",
                                     "instance/machine-type"};
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    struct span end = span_str(ends[i]);
    if (path.len > end.len && span_ends(path, end) && path.base[path.len - end.len - 1] == '/') return true;
  }
  return false;
}

static bool argument(const struct txn *t, const char *word) {
  const struct args *a = &t->side[DIR_REQUEST].args;
  for (uint32_t i = 0; i < a->count && i < 4; i++)
    if (span_eq_nocase(a->item[i].value, span_str(word)) || span_eq_nocase(a->item[i].name, span_str(word)))
      return true;
  return false;
}

static void redis(struct correlate_ctx *cx, const struct api_event *e) {
  static const char *const keys[] = {"dir",           "dbfilename", "appendfilename",
                                     "appenddirname", "logfile",    "unixsocket"};
  const struct txn *t = e->txn;
  struct span op = t->operation;
  const char *key = NULL;
  if (span_starts_nocase(op, SPAN_LIT("CONFIG")) && (has(op, "SET") || argument(t, "set")))
    for (size_t i = 0; i < sizeof keys / sizeof *keys && !key; i++)
      if (argument(t, keys[i])) key = keys[i];
  bool module = span_starts_nocase(op, SPAN_LIT("MODULE")) && (has(op, "LOAD") || argument(t, "load"));
  bool master =
      (span_starts_nocase(op, SPAN_LIT("SLAVEOF")) || span_starts_nocase(op, SPAN_LIT("REPLICAOF"))) &&
      !argument(t, "no");
  if (key || module || master)
    say(cx, e, &correlate_redis_config, correlate_text(cx, "%.*s %s", SPAN_FMT(op), key ? key : ""), true);
}

static bool is_control_port(uint16_t port) {
  return port == 6443 || port == 8443 || port == 443 || port == 10250 || port == 10255 || port == 2375 ||
         port == 2376 || port == 8001;
}

static void event(void *state, struct correlate_ctx *cx, const struct api_event *e) {
  const struct txn *t = e->txn;
  (void)state;
  if (t->kind != TXN_CALL) return;
  if (t->protocol && strcmp(t->protocol, "redis") == 0) {
    redis(cx, e);
    return;
  }
  if (zones_is_metadata(t->conn.server)) {
    if (is_harmless(t->path) || !t->side[DIR_REQUEST].seen || !t->path.len) return;
    bool grave = has(t->path, "credential") || has(t->path, "token") || has(t->path, "security") ||
                 has(t->path, "user-data");
    say(cx, e, &correlate_metadata, span_head(t->path, 96), grave);
    return;
  }
  if (t->status == 404 && !is_control_port(t->conn.sport)) return; /* someone tries paths on a web server */
  struct span model = txn_fact_text(t, "tapscope.model"), action = txn_fact_text(t, "tapscope.action");
  if (span_eq(model, SPAN_LIT("kubernetes")))
    kubernetes(cx, e, action);
  else if (span_eq(model, SPAN_LIT("kubelet"))) {
    bool run =
        has(action, "run") || has(action, "exec") || has(action, "attach") || has(action, "portforward");
    bool pods = (has(action, "pods") || has(action, "logs")) && event_anonymous(e);
    if (run || pods) say(cx, e, &correlate_kubelet, action, run);
  } else if (span_eq(model, SPAN_LIT("docker"))) {
    bool run = has(action, "create") || has(action, "exec") || has(action, "start") || has(action, "build");
    const char *escape = run ? escape_of(e) : NULL;
    if (escape) action = correlate_text(cx, "%.*s with %s", SPAN_FMT(action), escape);
    if (run) say(cx, e, &correlate_docker, action, true);
  }
}

const struct correlation correlate_control = {&correlate_k8s_api, 0, NULL, event, NULL, NULL, NULL};
