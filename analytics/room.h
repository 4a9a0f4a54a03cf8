/* SPDX-License-Identifier: Apache-2.0 */
/* Room for one more entry of a table. */
#ifndef ANALYTICS_ROOM_H
#define ANALYTICS_ROOM_H

#include "base/counters.h"
#include "base/table.h"

/** Add an entry of size bytes, zeroed behind its struct table_entry, that is not in t. NULL, and counted, at the cap or out of
 *  memory. */
void *room_add(struct table *t, size_t size, uint64_t hash, struct counters *ctr);

#endif
