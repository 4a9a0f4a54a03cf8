/* SPDX-License-Identifier: Apache-2.0 */
/* What every layer of the walk needs: layers noted, places marked, zones, copies. */
#include "capture/walk.h"
#include "capture/dedup.h"

bool walk_layer(struct walk *w, uint8_t kind, uint32_t id) {
  struct packet *p = w->p;
  if (p->nlayers >= PACKET_LAYERS || p->nlayers >= w->d->conf->max_depth) {
    ctr_inc(w->d->ctr, CTR_DECODE_DEPTH);
    w->why = CTR_COUNT;
    return false;
  }
  p->layer[p->nlayers++] = (struct layer){.kind = kind, .id = id};
  return true;
}

void walk_mark(struct walk *w) {
  w->mark = (struct walk_mark){true,      w->at,         w->cap,    w->wire,    w->ip,
                               w->ip_cap, w->p->nlayers, w->p->ttl, w->p->tuple};
}

uint32_t walk_zone(const struct walk *w) {
  const struct capture_conf *c = w->d->conf;
  uint32_t z = c->zone_vlan ? w->vlans : 0;
  return c->zone_vni && w->vni ? z ^ w->vni * 2654435761u : z;
}

bool walk_copy(struct walk *w) {
  struct packet *p = w->p;
  struct dedup *d = w->d->dedup;
  if (!d) return false;
  p->digest = dedup_digest(dedup_seed(d), span_of(w->ip, w->ip_cap), walk_zone(w));
  if (!dedup_known(d, p->digest, p->ns, dedup_place(p))) return false;
  ctr_inc(w->d->ctr, CTR_CAPTURE_DUPLICATE);
  return true;
}
