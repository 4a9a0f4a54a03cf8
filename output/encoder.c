/* SPDX-License-Identifier: Apache-2.0 */
/* Head and tail of every record, and the parts that several kinds share (Elastic Common Schema 8.11). */
#include "output/encoder.h"

#include "base/hash.h"

#include <openssl/evp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

enum { RECORD_BYTES = 4 << 20 }; /* no record grows beyond */

static int make_tail(struct encoder *e, const char *version) {
  struct json j = {&e->tail, false};
  char host[256] = "tapscope";
  const char *name = e->conf->observer;
  if (!name || !*name) {
    if (gethostname(host, sizeof host - 1) < 0 || !host[0]) snprintf(host, sizeof host, "tapscope");
    name = host;
  }
  size_t at = JSON_OPEN(&j, "observer");
  JSON_STR(&j, "name", span_str(name));
  JSON_TEXT(&j, "product", "tapscope");
  JSON_TEXT(&j, "type", "sensor");
  JSON_STR(&j, "version", span_str(version));
  json_close(&j, at, '}', true);
  JSON_LIT(&j, "\"ecs\":{\"version\":\"8.11.0\"}}");
  return j.bad ? ERR_NOMEM : 0;
}

struct encoder *encoder_new(const struct output_conf *conf, const char *version) {
  struct encoder *e = mem_zalloc(sizeof *e);
  if (!e) return NULL;
  e->conf = conf;
  buf_init(&e->out, NULL, RECORD_BYTES);
  buf_init(&e->key, NULL, 4096);
  buf_init(&e->tail, NULL, 0);
  buf_init(&e->text, &e->budget, RECORD_BYTES);
  e->j.out = &e->out;
  if (make_tail(e, version) < 0) {
    encoder_free(e);
    return NULL;
  }
  return e;
}

void encoder_free(struct encoder *e) {
  if (!e) return;
  buf_done(&e->out);
  buf_done(&e->key);
  buf_done(&e->tail);
  buf_done(&e->text);
  mem_free(e);
}

uint64_t encoder_missed(struct encoder *e) { return atomic_exchange(&e->budget.refused, 0); }

struct json *encoder_begin(struct encoder *e, const struct encoder_event *ev, const char *id) {
  struct json *j = &e->j;
  buf_reset(&e->out);
  buf_reset(&e->key);
  buf_reset(&e->text);
  j->bad = false;
  JSON_LIT(j, "{");
  JSON_TIME(j, "@timestamp", ev->ns);
  size_t at = JSON_OPEN(j, "event"), list;
  JSON_LIT(j, "\"id\":\"");
  e->id_at = e->out.len;
  json_raw(j, id ? id : "00000000000000000000000000000000", 32);
  JSON_LIT(j, "\",");
  if (id) e->id_at = 0;
  JSON_TEXT(j, "dataset", record_dataset(ev->record));
  JSON_TEXT(j, "kind", ev->kind);
  list = JSON_OPEN_LIST(j, "category");
  json_texts(j, ev->category, 3);
  json_close(j, list, ']', false);
  list = JSON_OPEN_LIST(j, "type");
  json_texts(j, ev->type, 3);
  json_close(j, list, ']', false);
  JSON_STR(j, "action", ev->action);
  JSON_TEXT(j, "outcome", ev->outcome);
  JSON_U64(j, "severity", ev->severity);
  if (ev->start) JSON_TIME(j, "start", ev->start);
  if (ev->end) JSON_TIME(j, "end", ev->end);
  if (ev->start && ev->end >= ev->start) JSON_U64(j, "duration", ev->end - ev->start);
  encoder_facts(e, "event.");
  json_close(j, at, '}', true);
  return j;
}

static uint8_t priority(enum record_kind k) {
  switch (k) {
  case RECORD_FINDING:
  case RECORD_INCIDENT: return 2;
  case RECORD_EXPOSURE:
  case RECORD_ASSET:
  case RECORD_SENSOR: return 1;
  default: return 0;
  }
}

int encoder_finish(struct encoder *e, enum record_kind kind, uint64_t ns, struct record *r) {
  struct json *j = &e->j;
  encoder_facts(e, "");
  if (e->id_at && !j->bad) {
    struct hash128 h = hash128(buf_span(&e->out));
    uint8_t raw[16];
    for (int i = 0; i < 8; i++) {
      raw[i] = (uint8_t)(h.hi >> (56 - 8 * i));
      raw[8 + i] = (uint8_t)(h.lo >> (56 - 8 * i));
    }
    hash_hex(raw, 16, (char *)e->out.base + e->id_at);
  }
  size_t id_at = e->id_at;
  json_raw(j, e->tail.base, e->tail.len);
  e->nfacts = 0;
  if (j->bad) return ERR_NOMEM;
  *r = (struct record){.kind = kind, .priority = priority(kind), .ns = ns};
  if (id_at) memcpy(r->id, e->out.base + id_at, 32);
  r->key = buf_span(&e->key);
  r->json = buf_span(&e->out);
  return 0;
}

/* Community ID flow hash, version 1, seed 0 (Corelight's specification): SHA-1 over the ordered ends. */
static void community(struct encoder_flow *f) {
  static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
  bool v4 = memcmp(f->client, mapped, 12) == 0 && memcmp(f->server, mapped, 12) == 0;
  size_t alen = v4 ? 4 : 16, off = 16 - alen, n = 2;
  int order = memcmp(f->client + off, f->server + off, alen);
  bool swap = order > 0 || (order == 0 && f->cport > f->sport);
  uint16_t port[2] = {swap ? f->sport : f->cport, swap ? f->cport : f->sport};
  uint8_t in[40] = {0}, digest[20];
  memcpy(in + n, (swap ? f->server : f->client) + off, alen);
  memcpy(in + n + alen, (swap ? f->client : f->server) + off, alen);
  n += 2 * alen;
  in[n++] = f->proto;
  in[n++] = 0;
  for (int i = 0; i < 2; i++) {
    in[n++] = (uint8_t)(port[i] >> 8);
    in[n++] = (uint8_t)port[i];
  }
  hash_sha1(span_of(in, n), digest);
  memcpy(f->text, "1:", 2);
  f->len = (uint8_t)(2 + EVP_EncodeBlock((unsigned char *)f->text + 2, digest, sizeof digest));
}

static struct span community_of(struct encoder *e, const struct conn *c) {
  struct encoder_flow *f = &e->flow[c->id % ENCODER_CACHE];
  if (!f->len || f->cport != c->cport || f->sport != c->sport || f->proto != c->proto ||
      memcmp(f->client, c->client, 16) != 0 || memcmp(f->server, c->server, 16) != 0) {
    memcpy(f->client, c->client, 16);
    memcpy(f->server, c->server, 16);
    f->cport = c->cport;
    f->sport = c->sport;
    f->proto = c->proto;
    community(f);
  }
  return span_of(f->text, f->len);
}

static void one_end(struct encoder *e, const struct encoder_ends *x, enum dir d) {
  struct json *j = &e->j;
  const struct conn *c = x->conn;
  JSON_IP(j, "ip", d == DIR_REQUEST ? c->client : c->server);
  JSON_U64(j, "port", d == DIR_REQUEST ? c->cport : c->sport);
  if (x->bytes[d]) JSON_U64(j, "bytes", x->bytes[d]);
  if (x->packets[d]) JSON_U64(j, "packets", x->packets[d]);
  encoder_facts(e, d == DIR_REQUEST ? "source." : "destination.");
}

static void vlan(struct json *j, uint32_t id) {
  char t[12];
  snprintf(t, sizeof t, "%u", id);
  size_t at = JSON_OPEN(j, "vlan");
  JSON_TEXT(j, "id", t);
  json_close(j, at, '}', true);
}

static void vlans(struct json *j, const struct conn *c) {
  unsigned seen = 0;
  for (unsigned i = 0; i < c->nlayers && i < PACKET_LAYERS && seen < 2; i++) {
    if (c->layer[i].kind != LAYER_VLAN) continue;
    size_t at = seen ? JSON_OPEN(j, "inner") : 0;
    vlan(j, c->layer[i].id);
    if (seen++) json_close(j, at, '}', true);
  }
}

void encoder_ends(struct encoder *e, const struct encoder_ends *x) {
  struct json *j = &e->j;
  const struct conn *c = x->conn;
  size_t at = JSON_OPEN(j, "source");
  one_end(e, x, DIR_REQUEST);
  json_close(j, at, '}', true);
  at = JSON_OPEN(j, "destination");
  one_end(e, x, DIR_RESPONSE);
  json_close(j, at, '}', true);
  at = JSON_OPEN(j, "network");
  JSON_TEXT(j, "transport",
            c->proto == 6     ? "tcp"
            : c->proto == 17  ? "udp"
            : c->proto == 132 ? "sctp"
            : c->proto == 1   ? "icmp"
            : c->proto == 58  ? "ipv6-icmp"
                              : "other");
  JSON_TEXT(j, "type", c->ipver == 6 ? "ipv6" : "ipv4");
  JSON_TEXT(j, "protocol", x->protocol);
  JSON_STR(j, "community_id", community_of(e, c));
  if (x->bytes[0] + x->bytes[1]) JSON_U64(j, "bytes", x->bytes[0] + x->bytes[1]);
  if (x->packets[0] + x->packets[1]) JSON_U64(j, "packets", x->packets[0] + x->packets[1]);
  if (x->forwarded) JSON_IP(j, "forwarded_ip", x->forwarded);
  vlans(j, c);
  encoder_facts(e, "network.");
  json_close(j, at, '}', true);
}

void encoder_key(struct encoder *e, struct span s) { (void)buf_put_some(&e->key, s); }

void encoder_key_ip(struct encoder *e, const uint8_t addr[16]) {
  struct json j = {&e->key, false};
  size_t at = e->key.len;
  json_ip(&j, addr);
  if (j.bad || e->key.len < at + 3) return;
  size_t n = e->key.len - at - 3;
  memmove(e->key.base + at, e->key.base + at + 1, n);
  e->key.len = at + n;
}
