/* SPDX-License-Identifier: Apache-2.0 */
/* From a frame to the innermost packet: drives the walk through the headers. */
#include "base/hash.h"
#include "capture/dedup.h"
#include "capture/fragments.h"
#include "capture/walk.h"
#include <stdlib.h>

static void add_ports(struct decoder *d, const struct conf_list *l, uint8_t kind) {
  for (size_t i = 0; i < l->count && d->nports < PORT_KINDS; i++) {
    char *end;
    unsigned long v = strtoul(l->item[i], &end, 10);
    if (end == l->item[i] || v == 0 || v > 65535) continue;
    d->ports[d->nports++] = (struct port_kind){(uint16_t)v, kind};
    d->port_bits[v >> 6 & 15] |= 1ULL << (v & 63);
  }
}

struct decoder *decoder_new(const struct capture_conf *conf, uint64_t seed, struct counters *ctr) {
  struct decoder *d = mem_zalloc(sizeof *d);
  if (!d) return NULL;
  d->conf = conf;
  d->ctr = ctr;
  d->seed = seed;
  if (conf->dedup) d->dedup = dedup_new((size_t)conf->dedup_window, conf->dedup_ns, seed);
  d->frags = fragments_new(conf, seed, ctr);
  if ((conf->dedup && !d->dedup) || !d->frags) {
    decoder_free(d);
    return NULL;
  }
  add_ports(d, &conf->vxlan_ports, LAYER_VXLAN);
  add_ports(d, &conf->geneve_ports, LAYER_GENEVE);
  add_ports(d, &conf->gtpu_ports, LAYER_GTPU);
  add_ports(d, &conf->tzsp_ports, LAYER_TZSP);
  return d;
}

void decoder_free(struct decoder *d) {
  if (!d) return;
  fragments_free(d->frags);
  dedup_free(d->dedup);
  mem_free(d);
}

static uint64_t word(const uint8_t *p) {
  uint64_t v;
  memcpy(&v, p, sizeof v);
  return v;
}

/* The same for both directions: each end is mixed alone, then the two in order of size. */
static uint64_t tuple_hash(const struct tuple *t, uint64_t seed) {
  bool ports = t->proto != 1 && t->proto != 58;
  uint64_t a = hash_mix(hash_mix(seed, word(t->src)), word(t->src + 8) ^ (ports ? t->sport : 0));
  uint64_t b = hash_mix(hash_mix(seed, word(t->dst)), word(t->dst + 8) ^ (ports ? t->dport : 0));
  uint64_t lo = a < b ? a : b, hi = a < b ? b : a;
  return hash_mix(hash_mix(lo, hi), seed ^ ((uint64_t)t->zone << 8 | t->proto));
}

static enum next step(struct walk *w, enum next n) {
  switch (n) {
  case NEXT_ETHER: return ether_header(w);
  case NEXT_TYPE: return ether_type(w);
  case NEXT_PPP: return ether_ppp(w);
  case NEXT_MPLS: return mpls_stack(w);
  case NEXT_IP: return ip_header(w);
  case NEXT_L4: return l4_header(w, false);
  default: return n;
  }
}

/* What the last tunnel carried cannot be read: the packet that carried it stands for itself. */
static enum next stand_back(struct walk *w) {
  const struct walk_mark *m = &w->mark;
  w->at = m->at;
  w->cap = m->cap;
  w->wire = m->wire;
  w->ip = m->ip;
  w->ip_cap = m->ip_cap;
  w->p->nlayers = m->nlayers;
  w->p->ttl = m->ttl;
  w->p->tuple = m->tuple;
  w->type = m->tuple.proto;
  return l4_header(w, true);
}

int decoder_frame(struct decoder *d, const struct frame *in, struct packet *out, struct buf *scratch) {
  uint64_t order = out->order;
  memset(out, 0, offsetof(struct packet, layer));
  memset(&out->payload_off, 0, sizeof *out - offsetof(struct packet, payload_off));
  out->order = order;
  out->data = in->data;
  out->caplen = in->caplen;
  out->wirelen = in->wirelen > in->caplen ? in->wirelen : in->caplen;
  out->ns = in->ns;
  out->source = in->source;
  out->link = in->link;
  struct walk w;
  w.d = d;
  w.p = out;
  w.scratch = scratch;
  w.at = in->data;
  w.cap = in->caplen;
  w.wire = out->wirelen;
  w.ip = NULL;
  w.vlans = w.vni = 0;
  w.looked = w.firm = false;
  w.mark.set = false;
  w.why = CTR_DECODE_UNKNOWN;
  enum next n = link_of(&w, out->link);
  while (n > NEXT_FAIL) n = step(&w, n);
  if (n == NEXT_FAIL && w.mark.set) n = stand_back(&w);
  if (n == NEXT_FAIL && w.why != CTR_COUNT) ctr_inc(d->ctr, w.why);
  if (n != NEXT_DONE) return 0;
  if (!w.looked && walk_copy(&w)) return 0;
  out->tuple.zone = walk_zone(&w);
  out->hash = tuple_hash(&out->tuple, d->seed);
  if (out->payload_wire > out->payload_len) {
    out->flags |= PACKET_SNAPPED;
    ctr_inc(d->ctr, CTR_CAPTURE_SNAPPED);
  }
  return 1;
}

size_t decoder_duplicates(const struct decoder *d, struct duplicate_pair *out, size_t n, size_t room) {
  return d->dedup ? dedup_pairs(d->dedup, out, n, room) : n;
}
