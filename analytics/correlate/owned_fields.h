/* SPDX-License-Identifier: Apache-2.0 */
/* Fields that a server decides about and its callers should not: roles, balances, limits, states. */
#ifndef ANALYTICS_CORRELATE_OWNED_FIELDS_H
#define ANALYTICS_CORRELATE_OWNED_FIELDS_H

#include "base/span.h"

/** What a field stands for; those before OWNED_WEAK are hardly ever a caller's to set, the others at times. */
enum owned {
  OWNED_ROLE,
  OWNED_ADMIN,
  OWNED_RIGHTS,
  OWNED_BALANCE,
  OWNED_LIMIT,
  OWNED_VERIFIED,
  OWNED_LEVEL,
  OWNED_RATE,
  OWNED_POINTS,
  OWNED_PAID,
  OWNED_TENANT,
  OWNED_WEAK,
  OWNED_STATUS = OWNED_WEAK,
  OWNED_OWNER,
  OWNED_PRICE,
  OWNED_KINDS
};
/** What the last name of a path ("data[].user.isAdmin", "?role") stands for; -1: nothing of the kind. */
int owned_fields_kind(struct span path);

#endif
