/* SPDX-License-Identifier: Apache-2.0 */
/* Services: who offers the endpoints, with which software, called by whom, calling whom. */
#ifndef ANALYTICS_INVENTORY_SERVICE_H
#define ANALYTICS_INVENTORY_SERVICE_H

#include "analytics/inventory_row.h"
#include "analytics/service.h"

enum { SERVICE_TEXTS = 16, SERVICE_TEXT = 64, SERVICE_CALLEES = 64 };
struct service_texts {
  char text[SERVICE_TEXTS][SERVICE_TEXT]; /* NUL-terminated */
  unsigned count;
};
struct service_row {
  struct table_entry te;
  char id[ROW_ID], name[ROW_SERVICE];
  uint16_t name_len;
  uint64_t first_ns, last_ns, calls;
  enum zone exposure;
  uint8_t addr[16];
  uint16_t port;
  struct service_texts protocols,
      software; /* software: "nginx/1.24.0", from Server, X-Powered-By and alike */
  uint8_t caller[ROW_CALLERS][16];
  uint32_t callers;
  struct {
    char name[ROW_SERVICE];
    uint16_t len;
  } callee[SERVICE_CALLEES];
  unsigned callees;
  bool dirty;
};

struct inventory_services;
/** cap: most services. NULL when out of memory. */
struct inventory_services *inventory_service_new(size_t cap);
void inventory_service_free(struct inventory_services *s); /* takes NULL */
/** What a call was to a service: *fresh when the service is new; software text when one is new (else empty). NULL: no room. */
struct service_row *inventory_service_call(struct inventory_services *s, const struct api_event *e,
                                           enum zone zone, uint64_t now, bool *fresh, struct span *software);
/** The first service, and the one after; in order of appearance. */
/** Entries not kept for want of memory since this was last asked. */
uint64_t inventory_service_missed(struct inventory_services *s);
struct service_row *inventory_service_first(struct inventory_services *s);
struct service_row *inventory_service_next(struct service_row *r);

#endif
