/* SPDX-License-Identifier: Apache-2.0 */
/* DNS as a way out: data in long labels, and names that a program makes up. */
#include "analytics/correlate/correlate.h"

#define SEC 1000000000ULL
#define QUIET_NS (1800 * SEC)
enum { LABELS = 40, LABELS_TEXT = 20, LONG = 24, MADE_UP = 25, SET = 4096 };

const struct rule correlate_dns_tunnelling = {
    .id = "dns_tunnelling",
    .name = "DNS tunnelling",
    .name_zh = "DNS 隧道",
    .category = CATEGORY_LATERAL,
    .severity = SEVERITY_HIGH,
    .technique = {"T1071.004", "T1048.003"},
    .tactic = {"TA0011", "TA0010"},
    .reason = "One host asked for many long, ever new names under one domain: data leaves through DNS.",
    .reason_zh = "同一主机在同一域名下查询大量不重复的长子域，疑似通过 DNS 外传数据。",
    .remedy = "Block the domain at the resolver, isolate the host.",
    .remedy_zh = "在解析器上封禁该域名，隔离主机。"};
const struct rule correlate_dga = {.id = "dga",
                                   .name = "Names made up by a program",
                                   .name_zh = "DGA 域名",
                                   .category = CATEGORY_LATERAL,
                                   .severity = SEVERITY_HIGH,
                                   .technique = {"T1568.002"},
                                   .tactic = {"TA0011"},
                                   .reason =
                                       "One host asked for many random-looking domains that do not exist.",
                                   .reason_zh = "同一主机查询大量看似随机且不存在的域名。",
                                   .remedy = "Isolate the host and find the program.",
                                   .remedy_zh = "隔离主机并排查程序。"};

struct asker {
  struct table_entry te;
  uint64_t since, last, bytes;
  uint32_t asks, text;
  struct few labels;
  bool told;
};
struct state {
  struct store tunnels, makers;
};

static void asker_done(void *e) { few_done(&((struct asker *)e)->labels); }
static int start(void *state, struct correlate_ctx *cx) {
  struct state *s = state;
  size_t cap = cx->conf->max_actors > 0 ? (size_t)cx->conf->max_actors : 200000;
  int rc = store_init(&s->tunnels, sizeof(struct asker), cap, asker_done);
  return rc < 0 ? rc : store_init(&s->makers, sizeof(struct asker), cap, asker_done);
}
static void stop(void *state, struct correlate_ctx *cx, bool end) {
  struct state *s = state;
  (void)cx, (void)end;
  store_done(&s->tunnels), store_done(&s->makers);
}

/* The registered domain: two labels, three under a country's second level ("com.cn"). The rest is *sub. */
static struct span domain_of(struct span name, struct span *sub) {
  size_t dots = 0, want = 2, at = name.len, last = 0;
  if (name.len > 6 && name.base[name.len - 3] == '.') {
    size_t i = name.len - 3;
    while (i > 0 && name.base[i - 1] != '.') i--;
    if (name.len - 3 - i <= 3) want = 3;
  }
  while (at > 0) {
    if (name.base[at - 1] == '.' && ++dots == want) break;
    at--;
    last = at;
  }
  *sub = at > 0 ? span_head(name, at - 1) : (struct span){0};
  return span_skip(name, at > 0 ? at : last);
}

/* Letters in an order that no language has: few vowels, digits inside, long runs of consonants. */
static bool is_random(struct span s) {
  unsigned vowels = 0, digits = 0, letters = 0, run = 0, longest = 0;
  for (size_t i = 0; i < s.len; i++) {
    uint8_t c = s.base[i] | 32;
    bool vowel = c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y';
    if (s.base[i] >= '0' && s.base[i] <= '9')
      digits++;
    else if (c >= 'a' && c <= 'z')
      letters++, vowels += vowel;
    run = vowel ? 0 : run + 1;
    if (run > longest) longest = run;
  }
  return s.len >= 8 && letters && (longest >= 5 || vowels * 5 < letters || (digits >= 2 && digits < s.len));
}

static struct asker *of(struct store *store, struct correlate_ctx *cx, uint64_t key) {
  struct asker *a = store_get(store, cx, key);
  if (!a) return NULL;
  if (!a->since || a->last + QUIET_NS < cx->now) {
    struct table_entry te = a->te;
    asker_done(a);
    *a = (struct asker){.te = te, .since = cx->now};
  }
  a->last = cx->now;
  a->asks++;
  return a;
}

static void say(struct correlate_ctx *cx, const struct api_event *e, struct asker *a, const struct rule *rule,
                uint64_t key, struct span domain) {
  struct raise r = correlate_of(rule, e);
  struct evidence v = {SPAN_LIT("dns.question.registered_domain"), domain};
  r.key = key;
  r.count = a->told ? 1 : a->asks;
  r.first_ns = a->since;
  r.outcome = OUTCOME_PROBABLE;
  r.confidence = 85;
  r.evidence = &v;
  r.nevidence = domain.len ? 1 : 0;
  r.endpoint = (struct span){0};
  r.reason = correlate_text(cx, "%u questions with %u distinct names, %llu bytes in labels.", a->asks,
                            a->labels.count, (unsigned long long)a->bytes);
  a->told = true;
  correlate_raise(cx, &r);
}

static void event(void *state, struct correlate_ctx *cx, const struct api_event *e) {
  struct state *st = state;
  const struct fact *name = e->txn->kind == TXN_DNS ? txn_fact(e->txn, "dns.question.name") : NULL;
  const struct fact *type = name ? txn_fact(e->txn, "dns.question.type") : NULL;
  if (!name || !name->str.len) return;
  struct span full = name->str, sub;
  if (full.base[full.len - 1] == '.') full.len--;
  struct span domain = domain_of(full, &sub);
  uint64_t from = correlate_addr(e->txn->conn.client);
  if (sub.len >= LONG) {
    uint64_t key = hash64(domain, from) | 1;
    struct asker *a = of(&st->tunnels, cx, key);
    if (!a) return;
    few_add(&a->labels, cx, hash64(sub, 71), SET);
    a->bytes += sub.len;
    a->text += type && !span_eq(type->str, SPAN_LIT("A")) && !span_eq(type->str, SPAN_LIT("AAAA")) &&
               !span_eq(type->str, SPAN_LIT("PTR"));
    bool text = a->text * 2 > a->asks && a->labels.count >= LABELS_TEXT, many = a->labels.count >= LABELS;
    if (a->told || text || (many && a->bytes / a->asks >= LONG + 8))
      say(cx, e, a, &correlate_dns_tunnelling, key, domain);
  }
  if (e->txn->status == 3 && is_random(span_head(domain, span_index(domain, '.')))) {
    struct asker *a = of(&st->makers, cx, from);
    if (!a) return;
    few_add(&a->labels, cx, hash64(domain, 72), SET);
    a->bytes += domain.len;
    if (a->told || a->labels.count >= MADE_UP) say(cx, e, a, &correlate_dga, 0, (struct span){0});
  }
}

const struct correlation correlate_names = {
    &correlate_dns_tunnelling, sizeof(struct state), start, event, NULL, NULL, stop};
