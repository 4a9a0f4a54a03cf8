/* SPDX-License-Identifier: Apache-2.0 */
/* Findings of one actor, target or session join into incidents. */
#ifndef ANALYTICS_INCIDENT_BOOK_H
#define ANALYTICS_INCIDENT_BOOK_H

#include "analytics/finding.h"
#include "base/counters.h"

struct incident_book;
typedef void (*incident_fn)(void *user, const struct incident *i);
/** window_ns: quiet time that ends an incident. NULL when out of memory. */
struct incident_book *incident_book_new(size_t cap, uint64_t window_ns, struct counters *ctr,
                                        incident_fn publish, void *user);
void incident_book_free(struct incident_book *b); /* takes NULL */
/** A finding was published, first or anew. */
void incident_book_add(struct incident_book *b, const struct finding *f, uint64_t now);
void incident_book_tick(struct incident_book *b, uint64_t now);
void incident_book_finish(struct incident_book *b, uint64_t now);

#endif
