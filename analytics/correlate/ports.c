/* SPDX-License-Identifier: Apache-2.0 */
/* Port scans: many ports of a host, one port of many hosts, or both; told by attempts that came to nothing. */
#include "analytics/correlate/correlate.h"

#include <netinet/in.h>

#define SEC 1000000000ULL
#define QUIET_NS (900 * SEC)
#define LATE_NS (12 * 3600 * SEC) /* attempts are told when they time out, with little traffic hours later */
enum { PORTS_OF_HOST = 15, HOSTS_OF_PORT = 15, PAIRS = 25, SET = 4096 };

const struct rule correlate_port_scan = {
    .id = "port_scan",
    .name = "Port scan",
    .name_zh = "端口扫描",
    .category = CATEGORY_LATERAL,
    .severity = SEVERITY_MEDIUM,
    .technique = {"T1046"},
    .tactic = {"TA0007"},
    .reason = "One host tried many ports or hosts, and most tries came to nothing.",
    .reason_zh = "同一主机尝试大量端口或主机，且多数连接未建立。",
    .remedy = "Isolate the host and find what runs on it.",
    .remedy_zh = "隔离主机并排查其上运行的程序。"};

struct target {
  struct table_entry te;
  struct few other; /* ports of a host, or hosts of a port */
  uint64_t last;
};
struct scanner {
  struct table_entry te;
  uint64_t since, until, last;
  uint32_t tries, failed;
  struct few pairs, hosts, ports;
  struct addr_set targets;
  uint32_t most_ports, most_hosts;
  bool told;
};
struct state {
  struct store scanners, targets;
};

static void scanner_done(void *e) {
  struct scanner *s = e;
  few_done(&s->pairs), few_done(&s->hosts), few_done(&s->ports), addr_done(&s->targets);
}
static void target_done(void *e) { few_done(&((struct target *)e)->other); }

static int start(void *state, struct correlate_ctx *cx) {
  struct state *s = state;
  size_t cap = cx->conf->max_actors > 0 ? (size_t)cx->conf->max_actors : 200000;
  int rc = store_init(&s->scanners, sizeof(struct scanner), cap, scanner_done);
  return rc < 0 ? rc : store_init(&s->targets, sizeof(struct target), cap, target_done);
}
static void stop(void *state, struct correlate_ctx *cx, bool end) {
  struct state *s = state;
  (void)cx, (void)end;
  store_done(&s->scanners), store_done(&s->targets);
}

static uint32_t spread(struct state *st, struct correlate_ctx *cx, uint64_t key, uint64_t other) {
  struct target *t = store_get(&st->targets, cx, key);
  if (!t) return 0;
  if (t->last + QUIET_NS < cx->now) few_done(&t->other);
  t->last = cx->now;
  few_add(&t->other, cx, other, 1024);
  return t->other.count;
}

/* Nothing was said over it: no answer, refused, or closed at once. */
static bool came_to_nothing(const struct flow_record *f) {
  if (f->conn.proto == IPPROTO_UDP) { /* no answer; not a traceroute, nor what is sent to no host */
    bool traceroute = f->conn.sport >= 33434 && f->conn.sport <= 33534;
    return !f->packets[DIR_RESPONSE] && f->packets[DIR_REQUEST] <= 4 && !traceroute &&
           !zones_is_group(f->conn.server);
  }
  if (f->conn.proto != IPPROTO_TCP) return false;
  return f->state == FLOW_STATE_REJECTED || f->state == FLOW_STATE_ATTEMPT ||
         (!f->payload[0] && !f->payload[1]);
}

/* Peers of file sharing, games and calls ask many hosts outside by UDP and are not answered by most. */
static bool is_peering(const struct correlate_ctx *cx, const struct flow_record *f) {
  return f->conn.proto == IPPROTO_UDP && !zones_inside(cx->zones, f->conn.server);
}

static void flow(void *state, struct correlate_ctx *cx, const struct flow_record *f) {
  struct state *st = state;
  uint64_t from = correlate_addr(f->conn.client), to = correlate_addr(f->conn.server);
  if (!came_to_nothing(f) || is_peering(cx, f)) return;
  if (f->conn.proto == IPPROTO_TCP && f->unseen & (UNSEEN_MIDSTREAM | UNSEEN_ONE_SIDED) &&
      f->state != FLOW_STATE_ATTEMPT && f->state != FLOW_STATE_REJECTED)
    return;
  struct scanner *s = store_get(&st->scanners, cx, from);
  if (!s) return;
  if (!s->since || (s->until + QUIET_NS < f->conn.first_ns && s->last + LATE_NS < cx->now) ||
      s->until + LATE_NS < f->conn.first_ns) {
    struct table_entry te = s->te;
    scanner_done(s);
    *s = (struct scanner){.te = te, .since = f->conn.first_ns};
  }
  s->last = cx->now;
  if (f->conn.first_ns < s->since) s->since = f->conn.first_ns;
  if (f->conn.first_ns > s->until) s->until = f->conn.first_ns;
  s->tries++;
  few_add(&s->pairs, cx, hash_mix(to, f->conn.sport), SET);
  few_add(&s->hosts, cx, to, SET);
  few_add(&s->ports, cx, f->conn.sport, SET);
  addr_add(&s->targets, cx, f->conn.server, FINDING_IPS);
  uint32_t ports = spread(st, cx, hash_mix(from, to), f->conn.sport);
  uint32_t hosts = spread(st, cx, hash_mix(from, f->conn.sport | 0x10000), to);
  if (ports > s->most_ports) s->most_ports = ports;
  if (hosts > s->most_hosts) s->most_hosts = hosts;
  bool vertical = s->most_ports >= PORTS_OF_HOST, horizontal = s->most_hosts >= HOSTS_OF_PORT;
  if (!s->told && !vertical && !horizontal && s->pairs.count < PAIRS) return;
  struct raise r = {
      .rule = &correlate_port_scan, .actor = &f->conn.client, .nactors = 1, .ns = f->conn.first_ns};
  r.target = (const uint8_t(*)[16])s->targets.item;
  r.ntargets = s->targets.count;
  r.count = s->told ? 1 : s->tries;
  r.first_ns = s->since;
  r.linger_ns = LATE_NS;
  r.outcome = OUTCOME_ATTEMPTED;
  r.confidence = s->pairs.count >= PAIRS * 2 ? 95 : 80;
  r.severity = zones_inside(cx->zones, f->conn.client) ? SEVERITY_HIGH : SEVERITY_LOW;
  r.reason =
      correlate_text(cx, "%u attempts on %u ports of %u hosts came to nothing within %llu s.", s->tries,
                     s->ports.count, s->hosts.count, (unsigned long long)((s->until - s->since) / SEC));
  r.reason_zh = correlate_text(cx, "%llu 秒内对 %u 台主机的 %u 个端口发起 %u 次未果连接。",
                               (unsigned long long)((s->until - s->since) / SEC), s->hosts.count,
                               s->ports.count, s->tries);
  s->told = true;
  correlate_raise(cx, &r);
}

const struct correlation correlate_ports = {
    &correlate_port_scan, sizeof(struct state), start, NULL, flow, NULL, stop};
