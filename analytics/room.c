/* SPDX-License-Identifier: Apache-2.0 */
/* Zeroed, in the table, and counted when there is none. */
#include "analytics/room.h"

void *room_add(struct table *t, size_t size, uint64_t hash, struct counters *ctr) {
  if (t->cap && t->count >= t->cap) {
    ctr_inc(ctr, CTR_ANALYTICS_STATE_CAP);
    return NULL;
  }
  struct table_entry *e = mem_zalloc(size);
  if (e && table_add(t, e, hash) == 0) return e;
  ctr_inc(ctr, CTR_ANALYTICS_MEMORY);
  mem_free(e);
  return NULL;
}
