/* SPDX-License-Identifier: Apache-2.0 */
/* Names of services: from the call itself, a file of the user's, DNS answers seen, else address and port. */
#ifndef ANALYTICS_SERVICE_H
#define ANALYTICS_SERVICE_H

#include "analytics/event.h"
#include "base/conf.h"

struct service_names;
/** Read `file` (CSV "address,name" or YAML "address: name", a line each; NULL or "": none). ERR_IO, ERR_SYNTAX,
 *  ERR_NOMEM; err names file, line and remedy. */
int service_new(struct service_names **out, const char *file, struct conf_error *err);
void service_free(struct service_names *s); /* takes NULL */
/** Learn the addresses in a DNS answer. */
void service_dns(struct service_names *s, const struct txn *t);
/** Name the service that e calls; the span is e's own, or lives in arena, or as long as s. */
struct span service_of(struct service_names *s, struct api_event *e, struct arena *arena);
/** A name for an address: of the user's file, else one that its calls or DNS showed; an empty span when there is none. */
struct span service_name(const struct service_names *s, const uint8_t addr[16], uint16_t port);

#endif
