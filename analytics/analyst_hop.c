/* SPDX-License-Identifier: Apache-2.0 */
/* Calls inside calls, told by headers, content and time. */
#include "analytics/analyst_hop.h"
#include "base/err.h"
#include "base/table.h"

#define KEEP_NS 15000000000ULL /* a ring full of younger calls grows */

enum { HOSTS = 2048, CALLS_LEAST = 32, CALLS_MOST = 2048, SUFFIXES = 8, DEPTH = 4 };

struct hop {
  uint64_t start, end;
  uint64_t trace, session, account, secret, method;
  uint64_t suffix[SUFFIXES]; /* of the last 1, 2, … segments of the path */
  uint8_t segments;
  bool known; /* origin is from a header that is trusted */
  bool probe; /* of health: causes no other call */
  uint8_t client[16], origin[16];
};
/* Calls that a host answered, newest last. */
struct hop_host {
  struct table_entry te;
  uint8_t addr[16];
  uint32_t next, count, size;
  uint64_t answered;
  struct hop *call; /* ring */
};
struct hops {
  struct table hosts;
};

static bool host_eq(const struct table_entry *e, const void *key) {
  return memcmp(((const struct hop_host *)e)->addr, key, 16) == 0;
}

struct hops *hops_new(void) {
  struct hops *h = mem_zalloc(sizeof *h);
  if (h && table_init(&h->hosts, host_eq, HOSTS, NULL) < 0) {
    mem_free(h);
    return NULL;
  }
  return h;
}

static void host_done(struct table_entry *e) {
  mem_free(((struct hop_host *)e)->call);
  mem_free(e);
}

void hops_free(struct hops *h) {
  if (!h) return;
  table_drop(&h->hosts, host_done);
  mem_free(h);
}

uint64_t hops_end(const struct txn *t) {
  uint64_t a = t->side[0].last_ns, b = t->side[1].last_ns;
  return a > b ? a : b;
}

uint64_t hops_start(const struct txn *t) {
  uint64_t a = t->side[0].first_ns;
  return t->side[0].seen || !t->side[1].first_ns ? a : t->side[1].first_ns;
}

bool hops_is_probe(struct span path) {
  static const char *const words[] = {"health", "metrics", "ready", "live", "ping", "status", "alive"};
  size_t at = path.len;
  while (at > 0 && path.base[at - 1] != '/') at--;
  struct span last = span_skip(path, at);
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (span_starts_nocase(last, span_str(words[i]))) return true;
  return false;
}

static uint64_t key_of(struct span s) { return s.len ? hash64(s, 7) | 1 : 0; }

static void describe(struct hop *p, const struct api_event *e) {
  const struct txn *t = e->txn;
  *p = (struct hop){.start = hops_start(t), .end = hops_end(t), .trace = key_of(e->who.trace)};
  p->session = key_of(e->who.session);
  p->account = key_of(e->login.account);
  p->secret = key_of(e->login.secret);
  p->method = key_of(t->method);
  p->known = e->who.forwarded;
  p->probe = hops_is_probe(t->path);
  memcpy(p->client, t->conn.client, 16);
  memcpy(p->origin, e->who.origin, 16);
  struct span path = t->path;
  while (path.len && path.base[path.len - 1] == '/') path.len--;
  for (size_t i = path.len; i > 0 && p->segments < SUFFIXES; i--)
    if (path.base[i - 1] == '/') p->suffix[p->segments++] = hash64(span_skip(path, i - 1), 9);
}

static struct hop_host *host_of(const struct hops *h, const uint8_t addr[16]) {
  return (struct hop_host *)table_find(&h->hosts, hash64(span_of(addr, 16), 3), addr);
}

/* Room for one more: a larger ring while the oldest call in it may still matter. */
static bool make_room(struct hop_host *host, uint64_t now) {
  bool full = host->count == host->size;
  if (host->size && (!full || host->size >= CALLS_MOST || host->call[host->next].end + KEEP_NS < now))
    return true;
  uint32_t size = host->size ? host->size * 2 : CALLS_LEAST;
  struct hop *call = mem_alloc(size * sizeof *call);
  if (!call) return false;
  for (uint32_t i = 0; i < host->count; i++) call[i] = host->call[(host->next + i) % host->size];
  mem_free(host->call);
  host->call = call;
  host->size = size;
  host->next = host->count;
  return true;
}

int hops_learn(struct hops *h, const struct api_event *e) {
  if (e->txn->kind != TXN_CALL) return 0;
  const uint8_t *addr = e->txn->conn.server;
  struct hop_host *host = host_of(h, addr);
  if (!host) {
    if (h->hosts.count >= HOSTS) {
      host = (struct hop_host *)h->hosts.oldest;
      table_remove(&h->hosts, &host->te);
      mem_free(host->call);
      memset(host, 0, sizeof *host);
    } else if (!(host = mem_zalloc(sizeof *host))) {
      return ERR_NOMEM;
    }
    memcpy(host->addr, addr, 16);
    if (table_add(&h->hosts, &host->te, hash64(span_of(addr, 16), 3)) < 0) {
      mem_free(host);
      return ERR_NOMEM;
    }
  }
  table_touch(&h->hosts, &host->te);
  host->answered++;
  bool room = make_room(host, hops_end(e->txn));
  if (!room && !host->size) return ERR_NOMEM;
  describe(&host->call[host->next], e);
  host->next = (host->next + 1) % host->size;
  if (host->count < host->size) host->count++;
  return room ? 0 : ERR_NOMEM;
}

enum { LIKE_TRACE = 9, LIKE_SURE = 5, LIKE_PATH = 3, LIKE_SOME = 2 };

/* How surely `in` was made for `out`: 0 not by anything but time, less: someone else's login. */
static int likeness(const struct hop *out, const struct hop *in) {
  if (in->trace && in->trace == out->trace) return LIKE_TRACE;
  if (in->account && in->account != out->account) return -1;
  unsigned n = in->segments < out->segments ? in->segments : out->segments;
  bool path = n && in->method && in->method == out->method && in->suffix[n - 1] == out->suffix[n - 1];
  bool whole = path && (n > 1 || in->segments == out->segments);
  bool account = in->account && (!in->secret || in->secret == out->secret);
  bool session = in->session && in->session == out->session;
  int like = whole || account ? LIKE_PATH : path || session ? LIKE_SOME : 0;
  return like == LIKE_PATH && (session || (whole && account)) ? LIKE_SURE : like;
}

/* Of several that are as likely, nobody is meant: by_time, as where nothing but time tells. */
static const struct hop *outer(const struct hops *h, const struct hop *in, bool *by_time) {
  const struct hop_host *host = host_of(h, in->client);
  const struct hop *best = NULL;
  int score = 0;
  unsigned fits = 0;
  bool tie = false;
  for (uint32_t i = 0; host && i < host->count; i++) {
    const struct hop *out = &host->call[(host->next + host->size - 1 - i) % host->size];
    if (out->start > in->start || out->end < in->end || memcmp(out->client, in->client, 16) == 0) continue;
    int s = likeness(out, in);
    if (s < 0 || (!s && out->probe)) continue;
    fits++;
    if (!best || s > score)
      best = out, score = s, tie = false;
    else if (s == score && memcmp(out->origin, best->origin, 16) != 0)
      tie = true;
  }
  *by_time = score == 0 || (tie && score < LIKE_SURE);
  return score > 0 || fits == 1 ? best : NULL;
}

void hops_resolve(const struct hops *h, struct api_event *e) {
  struct hop in, at;
  if (e->txn->kind != TXN_CALL || e->who.forwarded || !host_of(h, e->txn->conn.client)) return;
  describe(&in, e);
  bool by_time;
  const struct hop *out = outer(h, &in, &by_time);
  for (int depth = 0; out && depth < DEPTH; depth++) {
    at = *out;
    memcpy(e->who.origin, at.origin, 16);
    e->who.inner_hop = true;
    e->who.by_time |= by_time;
    if (at.known) return;
    out = outer(h, &at, &by_time);
  }
}

bool hops_is_relay(const struct hops *h, const uint8_t addr[16]) {
  const struct hop_host *host = host_of(h, addr);
  return host && host->answered > 0;
}

bool hops_at_work(const struct hops *h, const uint8_t addr[16], uint64_t ns) {
  const struct hop_host *host = host_of(h, addr);
  for (uint32_t i = 0; host && i < host->count; i++)
    if (host->call[i].start <= ns && host->call[i].end >= ns) return true;
  return false;
}
