/* SPDX-License-Identifier: Apache-2.0 */
/* Spreading: a host that administered nobody reaches many others by SMB, SSH, RDP, WinRM or database logins; and a host that
 * was attacked with success acts against others. */
#include "analytics/correlate/correlate.h"

#define SEC 1000000000ULL
#define WINDOW_NS (600 * SEC)
#define CHAIN_NS (86400 * SEC)
#define KNOWN_NS (300 * SEC) /* as long a host is watched before what it does is called new */
enum { HOSTS = 65536, SET = 256, FLOWS = 10 };

const struct rule correlate_lateral_spread = {
    .id = "lateral_spread",
    .name = "Spreading by administration protocols",
    .name_zh = "横向扩散",
    .category = CATEGORY_LATERAL,
    .severity = SEVERITY_HIGH,
    .technique = {"T1021.002", "T1021.004", "T1021.001", "T1021.006"},
    .tactic = {"TA0008", "TA0008", "TA0008", "TA0008"},
    .reason = "A host began to log in to many others in a short time.",
    .reason_zh = "主机在短时间内开始通过管理或数据库协议登录大量其他主机。",
    .remedy = "Isolate the host; change the credentials that it used; look at the hosts it reached.",
    .remedy_zh = "隔离主机，更换其使用的凭据，排查已被访问的主机。"};
const struct rule correlate_lateral_chain = {
    .id = "lateral_chain",
    .name = "A host that was attacked attacks",
    .name_zh = "失陷主机横向攻击",
    .category = CATEGORY_LATERAL,
    .severity = SEVERITY_CRITICAL,
    .technique = {"T1210"},
    .tactic = {"TA0008"},
    .reason = "A host that was attacked with success now acts against others.",
    .reason_zh = "已被成功攻击的主机开始对其他主机发起行为。",
    .remedy = "Isolate the host; treat the attack on it and what it does as one.",
    .remedy_zh = "隔离主机，将入侵与其后续行为合并处置。"};

struct host {
  struct table_entry te;
  uint64_t first, since;
  uint32_t flows;
  struct few known, fresh; /* hosts administered before; in this window */
  struct addr_set targets;
  bool told;
};
struct victim {
  struct table_entry te;
  uint64_t when;
  uint8_t by[16], addr[16];
};
struct state {
  struct store hosts, victims;
};

static void host_done(void *e) {
  struct host *h = e;
  few_done(&h->known), few_done(&h->fresh), addr_done(&h->targets);
}

static int start(void *state, struct correlate_ctx *cx) {
  struct state *s = state;
  (void)cx;
  int rc = store_init(&s->hosts, sizeof(struct host), HOSTS, host_done);
  return rc < 0 ? rc : store_init(&s->victims, sizeof(struct victim), 4096, NULL);
}

/* The protocol by which hosts are administered and spread over; NULL for others. Databases count: worms log in there. */
static const char *admin_of(const struct flow_record *f) {
  static const struct {
    uint16_t port;
    const char *name;
  } ports[] = {{22, "SSH"},        {445, "SMB"},         {139, "SMB"},       {3389, "RDP"},
               {5985, "WinRM"},    {5986, "WinRM"},      {135, "RPC"},       {23, "Telnet"},
               {5900, "VNC"},      {1433, "SQL Server"}, {3306, "MySQL"},    {5432, "PostgreSQL"},
               {1521, "Oracle"},   {6379, "Redis"},      {27017, "MongoDB"}, {2375, "Docker"},
               {10250, "kubelet"}, {11211, "memcached"}};
  static const char *const names[] = {"ssh", "smb", "rdp", "telnet", "vnc", "winrm", "dcerpc"};
  for (size_t i = 0; f->protocol && i < sizeof names / sizeof *names; i++)
    if (span_starts_nocase(span_str(f->protocol), span_str(names[i]))) return names[i];
  for (size_t i = 0; i < sizeof ports / sizeof *ports; i++)
    if (f->conn.sport == ports[i].port) return ports[i].name;
  return NULL;
}

static void flow(void *state, struct correlate_ctx *cx, const struct flow_record *f) {
  struct state *st = state;
  const struct conn *c = &f->conn;
  if (!zones_inside(cx->zones, c->client) || !zones_inside(cx->zones, c->server)) return;
  struct host *h = store_get(&st->hosts, cx, correlate_addr(c->client));
  if (!h) return;
  if (!h->first || c->first_ns < h->first) h->first = c->first_ns;
  h->flows++;
  const char *how = f->payload[0] && f->payload[1] ? admin_of(f) : NULL;
  unsigned line;
  if (!how || segments_judge(cx->segments, c->client, c->server, c->sport, &line) == VERDICT_ALLOW) return;
  uint64_t to = correlate_addr(c->server);
  if (h->since + WINDOW_NS < c->first_ns) {
    few_done(&h->fresh), addr_done(&h->targets);
    h->since = c->first_ns, h->told = false;
  }
  bool is_new = few_add(&h->known, cx, to, SET);
  bool watched =
      c->first_ns >= h->first + KNOWN_NS && c->first_ns >= cx->first + KNOWN_NS && h->flows >= FLOWS;
  if (!is_new || !watched) return;
  few_add(&h->fresh, cx, to, SET);
  addr_add(&h->targets, cx, c->server, FINDING_IPS);
  if (h->fresh.count < (uint64_t)cx->conf->spread_hosts || h->known.count - h->fresh.count >= h->fresh.count)
    return;
  struct raise r = {.rule = &correlate_lateral_spread,
                    .actor = &c->client,
                    .nactors = 1,
                    .target = (const uint8_t(*)[16])h->targets.item,
                    .ntargets = h->targets.count,
                    .port = c->sport,
                    .count = h->told ? 1 : h->fresh.count,
                    .first_ns = h->since,
                    .outcome = OUTCOME_PROBABLE,
                    .confidence = 75,
                    .ns = c->first_ns,
                    .unseen = f->unseen};
  r.reason = correlate_text(cx, "%u hosts reached by %s and the like that this host never administered.",
                            h->fresh.count, how);
  r.reason_zh = correlate_text(cx, "通过 %s 等协议新访问 %u 台此前从未管理过的主机。", how, h->fresh.count);
  r.baseline = correlate_text(cx, "It administered %u before.", h->known.count - h->fresh.count);
  h->told = true;
  correlate_raise(cx, &r);
}

/* What a victim does next; raised with r, its actor the victim. */
static void chain(struct correlate_ctx *cx, const struct victim *v, struct raise *r) {
  static const char *const acts[] = {"port_scan",      "lateral_spread",     "k8s_api",    "pod_to_kubelet",
                                     "cloud_metadata", "redis_config_abuse", "docker_api", "beaconing",
                                     "reverse_shell",  "etcd_read",          "new_edge"};
  for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
    if (!finding_book_has(cx->findings, acts[i], v->addr)) continue;
    char by[48];
    size_t n = zones_text(v->by, by);
    unsigned long long seconds = cx->now > v->when ? (cx->now - v->when) / SEC : 0;
    r->outcome = OUTCOME_PROBABLE;
    r->confidence = 70;
    r->key = correlate_addr(v->addr);
    r->reason = correlate_text(cx, "%.*s attacked this host with success %llu s earlier; now there is %s.",
                               (int)n, by, seconds, acts[i]);
    r->reason_zh =
        correlate_text(cx, "%llu 秒前 %.*s 成功攻击该主机，现出现 %s。", seconds, (int)n, by, acts[i]);
    correlate_raise(cx, r);
    return;
  }
}

/* Attacks that worked make their target a victim. */
static void suffered(struct state *st, struct correlate_ctx *cx, const struct api_event *e) {
  static const char *const strong[] = {"cmdi",       "webshell", "log4shell", "deserialization",
                                       "fastjson",   "template", "ssti",      "upload",
                                       "expression", "struts",   "spring",    "shiro"};
  for (const struct signal *s = e->signals; s; s = s->next) {
    if (s->rule->category != CATEGORY_ATTACK || s->outcome < OUTCOME_PROBABLE) continue;
    for (size_t i = 0; i < sizeof strong / sizeof *strong; i++) {
      if (!strstr(s->rule->id, strong[i])) continue;
      struct victim *v = store_get(&st->victims, cx, correlate_addr(e->txn->conn.server));
      if (!v) return;
      v->when = cx->now;
      memcpy(v->by, e->who.origin, 16);
      memcpy(v->addr, e->txn->conn.server, 16);
    }
  }
}

static void event(void *state, struct correlate_ctx *cx, const struct api_event *e) {
  struct state *st = state;
  if (e->signals) suffered(st, cx, e);
  if (!st->victims.table.count || !zones_inside(cx->zones, e->txn->conn.client)) return;
  struct victim *v = store_find(&st->victims, correlate_addr(e->txn->conn.client));
  if (!v || v->when + CHAIN_NS < cx->now || e->who.inner_hop) return;
  struct raise r = correlate_of(&correlate_lateral_chain, e);
  r.actor = &e->txn->conn.client;
  chain(cx, v, &r);
}

/* What was told only at the end. */
static void stop(void *state, struct correlate_ctx *cx, bool end) {
  struct state *s = state;
  for (struct table_entry *t = end ? s->victims.table.oldest : NULL; t; t = t->newer) {
    struct victim *v = (struct victim *)t;
    struct raise r = {.rule = &correlate_lateral_chain,
                      .actor = &v->addr,
                      .nactors = 1,
                      .target = &v->addr,
                      .ntargets = 1,
                      .ns = cx->now};
    if (v->when + CHAIN_NS >= cx->now && zones_inside(cx->zones, v->addr)) chain(cx, v, &r);
  }
  store_done(&s->hosts), store_done(&s->victims);
}

const struct correlation correlate_spread = {
    &correlate_lateral_spread, sizeof(struct state), start, event, flow, NULL, stop};
