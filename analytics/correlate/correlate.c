/* SPDX-License-Identifier: Apache-2.0 */
/* How correlations speak. */
#include "analytics/correlate/correlate.h"

#include <stdarg.h>
#include <stdio.h>

struct raise correlate_of(const struct rule *rule, const struct api_event *e) {
  const struct txn *t = e->txn;
  return (struct raise){.rule = rule,
                        .actor = &e->who.origin,
                        .nactors = 1,
                        .target = &t->conn.server,
                        .ntargets = 1,
                        .port = t->conn.sport,
                        .service = e->service,
                        .endpoint = e->endpoint,
                        .user = e->who.user,
                        .call = span_of(e->id, sizeof e->id),
                        .outer = memcmp(e->who.origin, t->conn.client, 16) == 0,
                        .ns = hops_end(t),
                        .unseen = txn_unseen(t)};
}

struct raise correlate_of_flow(const struct correlate_ctx *cx, const struct rule *rule,
                               const struct flow_record *f) {
  return (struct raise){.rule = rule,
                        .actor = &f->conn.client,
                        .nactors = 1,
                        .target = &f->conn.server,
                        .ntargets = 1,
                        .port = f->conn.sport,
                        .key = hash_mix(correlate_addr(f->conn.client), correlate_addr(f->conn.server)) | 1,
                        .service = service_name(cx->names, f->conn.server, f->conn.sport),
                        .outcome = OUTCOME_PROBABLE,
                        .ns = f->last_ns,
                        .first_ns = f->conn.first_ns,
                        .unseen = f->unseen};
}

void correlate_raise(struct correlate_ctx *cx, const struct raise *r) {
  if (cx->stray && r->rule->category == CATEGORY_ABUSE) return; /* nobody is named on a guess */
  finding_book_raise(cx->findings, r, cx->now);
}

struct span correlate_text(struct correlate_ctx *cx, const char *fmt, ...) {
  char text[512];
  va_list ap;
  va_start(ap, fmt);
  int n = vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  if (n < 0) return (struct span){0};
  return arena_copy(cx->scratch, span_of(text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1));
}
