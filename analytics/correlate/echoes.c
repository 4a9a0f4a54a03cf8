/* SPDX-License-Identifier: Apache-2.0 */
/* ICMP tunnels: echoes whose data are not those of a ping. */
#include "analytics/correlate/correlate.h"

#define HOUR (3600 * 1000000000ULL)
enum { PAIRS = 16384, OUTSIDE = 20, INSIDE = 100, BYTES = 48 };

const struct rule correlate_icmp_tunnelling = {
    .id = "icmp_tunnelling",
    .name = "ICMP tunnelling",
    .name_zh = "ICMP 隧道",
    .category = CATEGORY_LATERAL,
    .severity = SEVERITY_HIGH,
    .technique = {"T1095", "T1572", "T1048"},
    .tactic = {"TA0011", "TA0011", "TA0010"},
    .reason =
        "Two hosts exchange data inside of pings: answers differ from what was asked, requests never repeat.",
    .reason_zh = "两台主机利用 Ping 报文传输数据：应答内容与请求不一致，请求内容不断变化。",
    .remedy = "Isolate the host inside; let ICMP echoes out only from monitoring hosts, with small data.",
    .remedy_zh = "隔离内部主机；仅允许监控主机外发小尺寸 ICMP Echo。"};

struct pair {
  struct table_entry te;
  uint64_t since, packets, unlike, bytes;
};
struct state {
  struct store pairs;
};

static int start(void *state, struct correlate_ctx *cx) {
  struct state *s = state;
  (void)cx;
  return store_init(&s->pairs, sizeof(struct pair), PAIRS, NULL);
}
static void stop(void *state, struct correlate_ctx *cx, bool end) {
  struct state *s = state;
  (void)cx, (void)end;
  store_done(&s->pairs);
}

static void flow(void *state, struct correlate_ctx *cx, const struct flow_record *f) {
  struct state *s = state;
  uint64_t key = hash_mix(correlate_addr(f->conn.client), correlate_addr(f->conn.server)) | 1;
  struct pair *p = store_get(&s->pairs, cx, key);
  if (!p) return;
  if (!p->since || p->since + HOUR < f->conn.first_ns)
    p->since = f->conn.first_ns, p->packets = p->unlike = p->bytes = 0;
  p->packets += f->packets[0] + f->packets[1];
  p->unlike += f->unlike;
  p->bytes += f->payload[0] + f->payload[1];
  bool inside = zones_inside(cx->zones, f->conn.client) && zones_inside(cx->zones, f->conn.server);
  if (p->unlike < (inside ? INSIDE : OUTSIDE) || p->unlike * 5 < p->packets) return;
  if (p->bytes < p->packets * BYTES / 2 || (inside && p->bytes < p->packets * BYTES * 2)) return;
  struct raise r = {.rule = &correlate_icmp_tunnelling,
                    .actor = &f->conn.client,
                    .nactors = 1,
                    .target = &f->conn.server,
                    .ntargets = 1,
                    .key = key,
                    .outcome = OUTCOME_PROBABLE,
                    .confidence = p->unlike > 100 ? 90 : 75,
                    .ns = f->last_ns,
                    .first_ns = p->since,
                    .unseen = f->unseen};
  r.reason = correlate_text(cx, "%llu of %llu echoes carry data of their own, %llu kB.",
                            (unsigned long long)p->unlike, (unsigned long long)p->packets,
                            (unsigned long long)(p->bytes >> 10));
  r.reason_zh =
      correlate_text(cx, "%llu / %llu 个 Echo 报文携带自有数据，共 %llu kB。", (unsigned long long)p->unlike,
                     (unsigned long long)p->packets, (unsigned long long)(p->bytes >> 10));
  correlate_raise(cx, &r);
}

const struct correlation correlate_echoes = {
    &correlate_icmp_tunnelling, sizeof(struct state), start, NULL, flow, NULL, stop};
