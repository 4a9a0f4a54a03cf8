/* SPDX-License-Identifier: Apache-2.0 */
/* What the leak detections share: which hits matter, and how a leak of an endpoint or of an actor is told. */
#ifndef ANALYTICS_CORRELATE_LEAK_H
#define ANALYTICS_CORRELATE_LEAK_H

#include "analytics/correlate/correlate.h"

/** Of a person, level 3 or above of JR/T 0197, and no credential. */
bool leak_personal(const struct data_hit *h);
/** The same, and sensitive by GB/T 35273 (its loss endangers person or property): identity documents, cards, health… */
bool leak_sensitive(const struct data_hit *h);
/** A password, key or code. */
bool leak_credential(const struct data_hit *h);
/** Where a hit stands: the first word of its path, "body", "query", "cookie"… */
bool leak_in(const struct data_hit *h, const char *place);
/** Whether the key over the hit names its class, as in idNo=… and not in q=… */
bool leak_named(const struct correlate_ctx *cx, const struct data_hit *h);
/** Whether one side holds the same value of this class already: an echo. */
bool leak_echoes(const struct data_hits *request, const struct data_hit *h);
/** The request's head was seen whole, so that what it lacks was not sent. */
bool leak_head_seen(const struct txn *t);
/** Answered: a status of success, or a protocol without one. */
bool leak_answered(const struct txn *t);

/** What is known of one leak: distinct subjects, whether it was told. */
struct leak {
  struct table_entry te;
  struct few subjects;
  uint64_t values, calls, told_at; /* told_at: distinct subjects when it was told last */
};
struct leaks {
  struct store store;
};
int leak_init(struct leaks *l, size_t cap);
void leak_free(struct leaks *l);
/** As the start and stop of a correlation whose state is a struct leaks and nothing more. */
int leak_start(void *leaks, struct correlate_ctx *cx);
void leak_stop(void *leaks, struct correlate_ctx *cx, bool end);
/** Add hits to the leak of this rule, endpoint and detail (actor: of the caller too). NULL at want of memory. */
struct leak *leak_add(struct leaks *l, struct correlate_ctx *cx, const struct rule *rule,
                      const struct api_event *e, const struct data_hit *h, bool actor, struct span detail);
/** Tell it, once: afterwards only when the number of distinct subjects has grown tenfold. reason: figures, in both
 *  languages, may be empty. */
void leak_tell(struct correlate_ctx *cx, struct leak *k, const struct rule *rule, const struct api_event *e,
               const struct data_hit *h, uint8_t severity, uint8_t confidence, bool actor,
               struct span detail);

#endif
