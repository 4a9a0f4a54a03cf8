/* SPDX-License-Identifier: Apache-2.0 */
/* Signals of single transactions, joined into findings. */
#include "analytics/analyst_core.h"
#include "analytics/correlate/correlate.h"

/* A host inside that talks to a server outside uses no web shell of ours: that is somebody's beacon. */
static bool is_elsewhere(const struct analyst *a, const struct rule *r, const struct conn *c) {
  return strcmp(r->id, "webshell") == 0 && zones_inside(&a->zones, c->client) &&
         zones_of(&a->zones, c->server) == ZONE_INTERNET;
}

void analyst_signals(struct analyst *a, const struct api_event *e, bool stray) {
  for (const struct signal *s = e->signals; s; s = s->next) {
    if (is_elsewhere(a, s->rule, &e->txn->conn) || (stray && !s->per_endpoint)) continue;
    struct raise r = correlate_of(s->rule, e);
    r.severity = s->severity;
    r.confidence = s->confidence;
    r.outcome = s->outcome;
    r.evidence = s->evidence;
    r.nevidence = s->nevidence;
    r.per_endpoint = s->per_endpoint;
    if (s->per_endpoint)
      r.key = hash64(s->detail, hash64(e->endpoint, hash64(e->service, 31))) | 1;
    else if (s->detail.len)
      r.key = hash64(s->detail, hash64(span_of(e->who.origin, 16), 32)) | 1;
    finding_book_raise(a->findings, &r, a->now);
  }
}
