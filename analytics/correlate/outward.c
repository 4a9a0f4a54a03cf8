/* SPDX-License-Identifier: Apache-2.0 */
/* Flows to the outside that no server of ours should make: shells that call home, mining pools, fat and endless ones. */
#include "analytics/correlate/correlate.h"

#include <netinet/in.h>

#define SEC 1000000000ULL
#define DAY (86400 * SEC)
#define LONG_NS (6 * 3600 * SEC)
enum { PAIRS = 65536, TALKS = 4, SMALL = 200, COMMANDS = 8192, POPULAR = 4 };

const struct rule correlate_reverse_shell = {
    .id = "reverse_shell",
    .name = "Reverse shell",
    .name_zh = "反弹 Shell",
    .category = CATEGORY_LATERAL,
    .severity = SEVERITY_CRITICAL,
    .technique = {"T1059", "T1571", "T1095"},
    .tactic = {"TA0002", "TA0011", "TA0011"},
    .reason = "A host inside opened a connection outward over which short commands come in and their output "
              "goes out.",
    .reason_zh = "内部主机主动外连，短命令流入、输出流出，符合反弹 Shell 特征。",
    .remedy = "Isolate the host, block the address, find how the shell was started.",
    .remedy_zh = "隔离主机，封禁外部地址，排查启动途径。"};
const struct rule correlate_mining_pool = {.id = "mining_pool",
                                           .name = "Mining pool",
                                           .name_zh = "连接矿池",
                                           .category = CATEGORY_LATERAL,
                                           .severity = SEVERITY_HIGH,
                                           .technique = {"T1496"},
                                           .tactic = {"TA0040"},
                                           .reason = "A host inside works for a mining pool.",
                                           .reason_zh = "内部主机与矿池通信，疑似被用于挖矿。",
                                           .remedy =
                                               "Isolate the host, remove the miner, find how it came in.",
                                           .remedy_zh = "隔离主机，清除挖矿程序，排查入侵途径。"};
const struct rule correlate_exfiltration = {
    .id = "exfiltration",
    .name = "Unusual volume to the outside",
    .name_zh = "异常外传流量",
    .category = CATEGORY_LATERAL,
    .severity = SEVERITY_MEDIUM,
    .technique = {"T1048", "T1041"},
    .tactic = {"TA0010", "TA0010"},
    .reason =
        "A host inside sent far more to one place outside than it got from there, and than it sent before.",
    .reason_zh = "内部主机向单一外部地址发送的数据量远超接收量及自身历史。",
    .remedy = "Find out what was sent and by whom; block the address.",
    .remedy_zh = "核查外传内容与责任人，封禁外部地址。"};
const struct rule correlate_long_flow = {.id = "long_flow",
                                         .name = "Endless connection to the outside",
                                         .name_zh = "超长外联连接",
                                         .category = CATEGORY_POSTURE,
                                         .severity = SEVERITY_LOW,
                                         .technique = {"T1572"},
                                         .tactic = {"TA0011"},
                                         .reason = "A connection from a host inside to the outside stays "
                                                   "open for hours: a tunnel, or a service to know of.",
                                         .reason_zh =
                                             "内部主机到外部的连接持续数小时，可能是隧道或未登记的外部服务。",
                                         .remedy = "Find out what it is; accept it or close it.",
                                         .remedy_zh = "核实用途，接受或关闭。"};

struct pair {
  struct table_entry te;
  uint64_t since, sent, got, most; /* of the day; of an earlier day */
};
struct place_out {
  struct table_entry te;
  struct few callers;
};
struct state {
  struct store pairs, places;
};

static void place_done(void *e) { few_done(&((struct place_out *)e)->callers); }

static int start(void *state, struct correlate_ctx *cx) {
  struct state *s = state;
  (void)cx;
  int rc = store_init(&s->pairs, sizeof(struct pair), PAIRS, NULL);
  return rc < 0 ? rc : store_init(&s->places, sizeof(struct place_out), PAIRS, place_done);
}
static void stop(void *state, struct correlate_ctx *cx, bool end) {
  struct state *s = state;
  (void)cx, (void)end;
  store_done(&s->pairs), store_done(&s->places);
}

static bool named(const struct flow_record *f, const char *word) {
  return f->protocol && span_find_nocase(span_str(f->protocol), span_str(word)) < strlen(f->protocol);
}

/* Ports that tools for reverse shells take by default. */
static bool is_shell_port(uint16_t port) {
  static const uint16_t ports[] = {4444, 4445, 1337, 31337, 5555,  6666, 6667,
                                   7777, 8888, 9001, 9999,  12345, 1234, 53};
  for (size_t i = 0; i < sizeof ports / sizeof *ports; i++)
    if (port == ports[i]) return true;
  return false;
}

/* Short lines in, more out, in turns, over minutes, in no protocol that anyone knows. */
static void shell(struct correlate_ctx *cx, const struct flow_record *f) {
  bool known = f->protocol && f->protocol[0] && !named(f, "unknown");
  uint64_t in = f->payload[DIR_RESPONSE], out = f->payload[DIR_REQUEST], n = f->packets[DIR_RESPONSE];
  uint64_t seconds = (f->last_ns - f->conn.first_ns) / SEC;
  if (f->conn.proto != IPPROTO_TCP || known || f->transactions || f->unseen & UNSEEN_MIDSTREAM) return;
  if (!in || in > COMMANDS || out < in * 2 || n < TALKS * 2 || in / n > SMALL || seconds < 10) return;
  struct raise r = correlate_of_flow(cx, &correlate_reverse_shell, f);
  bool port = is_shell_port(f->conn.sport);
  bool talk = f->packets[DIR_REQUEST] < n * 8 && in / n < 60;
  if (!port && !(talk && f->text && f->conn.sport >= 1024 && out > 2000)) return;
  r.confidence = port ? 80 : 55;
  r.severity = port ? SEVERITY_CRITICAL : SEVERITY_MEDIUM;
  r.reason = correlate_text(cx, "%llu bytes of commands in, %llu bytes of output, %llu s, port %u.",
                            (unsigned long long)in, (unsigned long long)out, (unsigned long long)seconds,
                            f->conn.sport);
  r.reason_zh =
      correlate_text(cx, "流入 %llu 字节、流出 %llu 字节，持续 %llu 秒，端口 %u。", (unsigned long long)in,
                     (unsigned long long)out, (unsigned long long)seconds, f->conn.sport);
  correlate_raise(cx, &r);
}

/* One side prints what shells print, the other sends a few lines: in no protocol that anyone knows, from or to anywhere. */
static bool plain_shell(struct correlate_ctx *cx, const struct flow_record *f) {
  bool known = f->protocol && f->protocol[0] && !named(f, "unknown");
  bool back = f->shell[DIR_REQUEST], bound = f->shell[DIR_RESPONSE];
  uint64_t commands = f->payload[back ? DIR_RESPONSE : DIR_REQUEST];
  if (known || f->transactions || back == bound || !commands || commands > COMMANDS) return false;
  struct raise r = correlate_of_flow(cx, &correlate_reverse_shell, f);
  r.confidence = 90, r.severity = SEVERITY_CRITICAL, r.outcome = OUTCOME_SUCCESS;
  r.reason = correlate_text(cx, "The %s of the connection answers as a shell does; port %u.",
                            back ? "opener" : "server", f->conn.sport);
  r.reason_zh =
      correlate_text(cx, "连接的%s返回了命令行输出，端口 %u。", back ? "发起方" : "服务端", f->conn.sport);
  correlate_raise(cx, &r);
  return true;
}

static void volume(struct state *st, struct correlate_ctx *cx, const struct flow_record *f) {
  uint64_t key = hash_mix(correlate_addr(f->conn.client), correlate_addr(f->conn.server));
  struct pair *p = store_get(&st->pairs, cx, key);
  struct place_out *at = store_get(&st->places, cx, correlate_addr(f->conn.server));
  if (!p || !at) return;
  few_add(&at->callers, cx, correlate_addr(f->conn.client), POPULAR);
  if (!p->since || p->since + DAY < f->last_ns) {
    if (p->sent > p->most) p->most = p->sent;
    p->since = f->last_ns, p->sent = p->got = 0;
  }
  p->sent += f->payload[DIR_REQUEST], p->got += f->payload[DIR_RESPONSE];
  bool fat = p->sent >= (uint64_t)cx->conf->exfil_mb << 20 && p->sent >= p->got * 5 && p->sent >= p->most * 4;
  if (fat && at->callers.count < POPULAR) {
    struct raise r = correlate_of_flow(cx, &correlate_exfiltration, f);
    r.confidence = 60;
    r.reason = correlate_text(cx, "%llu MB sent, %llu MB received.", (unsigned long long)(p->sent >> 20),
                              (unsigned long long)(p->got >> 20));
    r.reason_zh = correlate_text(cx, "发送 %llu MB，接收 %llu MB。", (unsigned long long)(p->sent >> 20),
                                 (unsigned long long)(p->got >> 20));
    r.baseline = correlate_text(cx, "At most %llu MB on a day before.", (unsigned long long)(p->most >> 20));
    correlate_raise(cx, &r);
  }
  if (f->last_ns - f->conn.first_ns < LONG_NS || at->callers.count >= POPULAR) return;
  struct raise r = correlate_of_flow(cx, &correlate_long_flow, f);
  r.per_endpoint = true;
  r.confidence = 60;
  correlate_raise(cx, &r);
}

static void flow(void *state, struct correlate_ctx *cx, const struct flow_record *f) {
  bool shown = f->established && (f->shell[0] || f->shell[1]) && plain_shell(cx, f);
  if (!f->established || !zones_inside(cx->zones, f->conn.client) ||
      zones_of(cx->zones, f->conn.server) != ZONE_INTERNET || zones_is_group(f->conn.server))
    return;
  if (named(f, "mining") || named(f, "stratum")) {
    struct raise r = correlate_of_flow(cx, &correlate_mining_pool, f);
    r.key = correlate_addr(f->conn.client); /* one miner, however many pools */
    r.confidence = 90;
    correlate_raise(cx, &r);
    return;
  }
  if (!shown) shell(cx, f);
  volume(state, cx, f);
}

/* Pools by the names that hosts ask for or greet. */
static bool is_pool(struct span name) {
  static const char *const pools[] = {
      "minexmr",     "supportxmr",  "nanopool.org", "ethermine.org", "f2pool.com", "2miners.com",
      "hashvault",   "moneroocean", "xmrpool",      "nicehash.com",  "minergate",  "poolin.com",
      "antpool.com", "sparkpool",   "c3pool",       "herominers",    "unmineable", "flexpool.io",
      "woolypooly",  "dwarfpool",   "monerohash",   "stratum"};
  for (size_t i = 0; i < sizeof pools / sizeof *pools; i++)
    if (span_find_nocase(name, span_str(pools[i])) < name.len) return true;
  return false;
}

static void event(void *state, struct correlate_ctx *cx, const struct api_event *e) {
  const struct txn *t = e->txn;
  (void)state;
  if (t->kind == TXN_CALL) {
    bool stratum =
        span_starts(e->operation, SPAN_LIT("mining.")) || span_starts(t->operation, SPAN_LIT("mining."));
    if (!stratum || !zones_inside(cx->zones, t->conn.client)) return;
  } else {
    const struct fact *f = txn_fact(t, t->kind == TXN_DNS ? "dns.question.name" : "tls.client.server_name");
    if (!f || !f->str.len || !is_pool(f->str) || !zones_inside(cx->zones, t->conn.client)) return;
  }
  struct raise r = correlate_of(&correlate_mining_pool, e);
  r.actor = &t->conn.client;
  r.key = correlate_addr(t->conn.client);
  r.outcome = OUTCOME_PROBABLE;
  r.confidence = t->kind == TXN_DNS ? 70 : 85;
  r.severity = t->kind == TXN_DNS ? SEVERITY_MEDIUM : SEVERITY_HIGH;
  correlate_raise(cx, &r);
}

const struct correlation correlate_outward = {
    &correlate_reverse_shell, sizeof(struct state), start, event, flow, NULL, stop};
