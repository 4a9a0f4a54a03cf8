/* SPDX-License-Identifier: Apache-2.0 */
/* Names of services: from the call itself, from what the user gives, DNS answers seen, else address and port. */
#ifndef ANALYTICS_SERVICE_H
#define ANALYTICS_SERVICE_H

#include "analytics/event.h"
#include "analytics/service_given.h"

struct service_names;
struct service_names *service_new(void); /* NULL when out of memory */
/** Names that the user gives, from now on; kept until the next call. NULL: none. A file's stand above what a call says of itself,
 *  Kubernetes' below that. */
void service_use(struct service_names *s, const struct service_given *given);
void service_free(struct service_names *s); /* takes NULL */
/** Learn the addresses in a DNS answer. */
void service_dns(struct service_names *s, const struct txn *t);
/** Name the service that e calls; the span is e's own, or lives in arena, or as long as s. */
struct span service_of(struct service_names *s, struct api_event *e, struct arena *arena);
/** Names not kept for want of memory since this was last asked. */
uint64_t service_missed(struct service_names *s);
/** A name for an address: of the user's file, else one that its calls or DNS showed; an empty span when there is none. */
struct span service_name(const struct service_names *s, const uint8_t addr[16], uint16_t port);

#endif
