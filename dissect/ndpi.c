/* SPDX-License-Identifier: Apache-2.0 */
/* nDPI for flows that no dissector takes: a name and risk bits. Its caches across flows are switched off, for what one
 * flow is called must not hang on another. */
#include "dissect/flow.h"
#define NDPI_LIB_COMPILATION /* shows the caches, which have no other switch in 4.2 */
#include <ndpi_api.h>

enum { PACKETS = 8, PAYLOAD = 1400, IP_TCP = 6, NAME = 32, V4 = 20, V6 = 40, L4 = 20 };

struct ndpi_env {
  struct ndpi_detection_module_struct *module;
  char names[NDPI_MAX_SUPPORTED_PROTOCOLS][NAME];
};

/* What nDPI knows of one flow. */
struct ndpi_job {
  struct ndpi_flow_struct *flow;
  uint32_t seq[2];
  unsigned packets;
  /* what one end of a TCP connection said since the other did: TCP has no packets, so their bounds must not count */
  uint8_t held[PAYLOAD];
  size_t held_len;
  int held_end;
  uint64_t held_ns;
};

static void drop_caches(struct ndpi_detection_module_struct *m) {
  struct ndpi_lru_cache **all[] = {&m->ookla_cache,    &m->bittorrent_cache, &m->zoom_cache,   &m->stun_cache,
                                   &m->tls_cert_cache, &m->mining_cache,     &m->msteams_cache};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    if (*all[i]) ndpi_lru_free_cache(*all[i]);
    *all[i] = NULL;
  }
}

static void read_names(struct ndpi_env *e) {
  for (unsigned id = 1; id < NDPI_MAX_SUPPORTED_PROTOCOLS; id++) {
    const char *name = ndpi_get_proto_name(e->module, (uint16_t)id);
    for (size_t i = 0; name && name[i] && i < NAME - 1; i++)
      e->names[id][i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] | 32 : name[i]);
  }
}

struct ndpi_env *ndpi_env_new(const struct dissect_conf *conf) {
  struct ndpi_env *e = conf->ndpi ? mem_zalloc(sizeof *e) : NULL;
  if (!e) return NULL;
  e->module = ndpi_init_detection_module(ndpi_no_prefs);
  if (!e->module) {
    mem_free(e);
    return NULL;
  }
  NDPI_PROTOCOL_BITMASK all;
  NDPI_BITMASK_SET_ALL(all);
  ndpi_set_protocol_detection_bitmask2(e->module, &all);
  ndpi_finalize_initialization(e->module);
  drop_caches(e->module);
  read_names(e);
  return e;
}

void ndpi_env_free(struct ndpi_env *e) {
  if (!e) return;
  ndpi_exit_detection_module(e->module);
  mem_free(e);
}

const char *ndpi_risk_words(unsigned i) {
  return i > 0 && i < NDPI_MAX_RISK ? ndpi_risk2str((ndpi_risk_enum)i) : NULL;
}

static void put16(uint8_t *p, uint16_t v) {
  p[0] = (uint8_t)(v >> 8);
  p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v) {
  put16(p, (uint16_t)(v >> 16));
  put16(p + 2, (uint16_t)v);
}

/* IP header from src to dst over n bytes; its length. */
static size_t put_ip(uint8_t *p, const struct conn *c, bool from_client, size_t n) {
  const uint8_t *src = from_client ? c->client : c->server, *dst = from_client ? c->server : c->client;
  if (c->ipver == 4) {
    p[0] = 0x45;
    put16(p + 2, (uint16_t)(V4 + n));
    p[8] = 64;
    p[9] = c->proto;
    memcpy(p + 12, src + 12, 4);
    memcpy(p + 16, dst + 12, 4);
    return V4;
  }
  p[0] = 0x60;
  put16(p + 4, (uint16_t)n);
  p[6] = c->proto;
  p[7] = 64;
  memcpy(p + 8, src, 16);
  memcpy(p + 24, dst, 16);
  return V6;
}

/* nDPI reads packets: the bytes get plain headers. */
static size_t make_packet(uint8_t *p, const struct flow *f, int end, const struct ndpi_job *job,
                          struct span s) {
  const struct conn *c = &f->conn;
  bool tcp = c->proto == IP_TCP, from_client = flow_dir(f, end) == DIR_REQUEST;
  size_t l4 = tcp ? L4 : 8, ip = put_ip(p, c, from_client, l4 + s.len);
  uint8_t *h = p + ip;
  put16(h, from_client ? c->cport : c->sport);
  put16(h + 2, from_client ? c->sport : c->cport);
  if (tcp) {
    put32(h + 4, job->seq[end] + 1);
    put32(h + 8, job->seq[!end] + 1);
    h[12] = 0x50;
    h[13] = TCP_ACK | TCP_PSH;
    put16(h + 14, 65535);
  } else {
    put16(h + 4, (uint16_t)(l4 + s.len));
  }
  memcpy(h + l4, s.base, s.len);
  return ip + l4 + s.len;
}

static struct ndpi_job *job_of(struct dissect *d, struct flow *f) {
  size_t size = sizeof(struct ndpi_job) + sizeof(struct ndpi_flow_struct);
  if (f->ndpi || !budget_take(d->budget, size)) return f->ndpi;
  struct ndpi_job *job = mem_zalloc(sizeof *job);
  struct ndpi_flow_struct *flow = job ? ndpi_flow_malloc(sizeof *flow) : NULL;
  if (!flow) {
    mem_free(job);
    budget_undo(d->budget, size);
    return NULL;
  }
  memset(flow, 0, sizeof *flow);
  job->flow = flow;
  return f->ndpi = job;
}

static void take_name(const struct ndpi_env *e, struct flow *f, ndpi_protocol p) {
  uint16_t id = p.app_protocol != NDPI_PROTOCOL_UNKNOWN ? p.app_protocol : p.master_protocol;
  if (id != NDPI_PROTOCOL_UNKNOWN && id < NDPI_MAX_SUPPORTED_PROTOCOLS && e->names[id][0])
    f->name = e->names[id];
}

static void look(struct dissect *d, struct flow *f, int end, struct span payload, uint64_t ns) {
  struct ndpi_job *job = f->ndpi;
  uint8_t packet[V6 + L4 + PAYLOAD] = {0};
  payload = span_head(payload, PAYLOAD);
  size_t n = make_packet(packet, f, end, job, payload);
  job->seq[end] += (uint32_t)payload.len;
  struct ndpi_detection_module_struct *m = d->ndpi->module;
  ndpi_protocol p = ndpi_detection_process_packet(m, job->flow, packet, (uint16_t)n, ns / 1000000);
  if (++job->packets >= PACKETS) {
    uint8_t guessed = 0;
    p = ndpi_detection_giveup(m, job->flow, 0, &guessed);
  }
  drop_caches(m);
  take_name(d->ndpi, f, p);
  f->risks |= job->flow->risk;
  if (job->packets < PACKETS && !f->name[0]) return;
  f->ndpi_done = true;
  ndpi_forget(d, f);
}

void ndpi_settle(struct dissect *d, struct flow *f) {
  struct ndpi_job *job = f->ndpi;
  if (!d->ndpi || !job || !job->held_len || f->name[0]) return;
  struct span held = span_of(job->held, job->held_len);
  job->held_len = 0; /* the job may be gone behind the look, but not the bytes before it */
  look(d, f, job->held_end, held, job->held_ns);
}

void ndpi_name(struct dissect *d, struct flow *f, int end, struct span payload, uint64_t ns) {
  if (!d->ndpi || !payload.len || f->name[0] || f->ndpi_done || !job_of(d, f)) return;
  if (!f->tcp) {
    look(d, f, end, payload, ns);
    return;
  }
  if (f->ndpi->held_end != end) ndpi_settle(d, f);
  while (payload.len && f->ndpi) {
    struct ndpi_job *job = f->ndpi;
    size_t n = PAYLOAD - job->held_len < payload.len ? PAYLOAD - job->held_len : payload.len;
    if (!job->held_len) job->held_ns = ns;
    job->held_end = end;
    memcpy(job->held + job->held_len, payload.base, n);
    job->held_len += n;
    payload = span_skip(payload, n);
    if (job->held_len == PAYLOAD) ndpi_settle(d, f);
  }
}

void ndpi_forget(struct dissect *d, struct flow *f) {
  struct ndpi_job *job = f->ndpi;
  if (!job) return;
  budget_give(d->budget, sizeof *job + sizeof(struct ndpi_flow_struct));
  ndpi_flow_free(job->flow);
  mem_free(job);
  f->ndpi = NULL;
}
