/* SPDX-License-Identifier: Apache-2.0 */
/* Signals of single transactions, joined into findings. */
#include "analytics/analyst_core.h"
#include "analytics/correlate/correlate.h"

void analyst_signals(struct analyst *a, const struct api_event *e) {
  for (const struct signal *s = e->signals; s; s = s->next) {
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
