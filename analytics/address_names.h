/* SPDX-License-Identifier: Apache-2.0 */
/* A capped table of names by address and port. */
#ifndef ANALYTICS_ADDRESS_NAMES_H
#define ANALYTICS_ADDRESS_NAMES_H

#include "base/span.h"
#include "base/table.h"

enum { ADDRESS_NAME_MAX = 128 }; /* bytes of a name; a longer one is not kept */

struct address_name {
  struct table_entry te;
  uint8_t addr[16];
  uint16_t port; /* 0: any */
  uint8_t origin, len;
  char text[ADDRESS_NAME_MAX];
};
struct address_names {
  struct table table;
  bool forget; /* when full, the name that was not put again longest gives way; else ERR_CAP */
};

/** 0 or ERR_NOMEM. */
int address_names_init(struct address_names *s, size_t cap, bool forget);
void address_names_done(struct address_names *s); /* takes one that is all zero */
/** Keep a name: of two for the same place the one with the greater origin, else the first. An empty or too long one is left out.
 *  0, ERR_CAP, ERR_NOMEM. */
int address_names_put(struct address_names *s, const uint8_t addr[16], uint16_t port, struct span text,
                      uint8_t origin);
/** The name of exactly this place, NULL when there is none; stands until the next put. */
const struct address_name *address_names_find(const struct address_names *s, const uint8_t addr[16],
                                              uint16_t port);

#endif
