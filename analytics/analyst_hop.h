/* SPDX-License-Identifier: Apache-2.0 */
/* Calls inside calls: who stands behind a call that a gateway or service made on another's behalf. */
#ifndef ANALYTICS_ANALYST_HOP_H
#define ANALYTICS_ANALYST_HOP_H

#include "analytics/event.h"

struct hops;
struct hops *hops_new(void);    /* NULL when out of memory */
void hops_free(struct hops *h); /* takes NULL */
/** Remember e as one that others may be made for. Its answer is complete, so those it caused came earlier:
 *  learning must run ahead of hops_resolve by the time such a call takes. ERR_NOMEM when e or an earlier one is not kept. */
int hops_learn(struct hops *h, const struct api_event *e);
/** Set e->who.origin and inner_hop where e was made for a call that is remembered: same trace or request id, same
 *  credential, account or secret, same method and end of path, or the only call at work at its host then. */
void hops_resolve(const struct hops *h, struct api_event *e);
/** Whether addr passes calls on: it answers calls itself. */
bool hops_is_relay(const struct hops *h, const uint8_t addr[16]);
/** Whether a call or flow that addr began at ns happened while addr was at work on a call of another's. */
bool hops_at_work(const struct hops *h, const uint8_t addr[16], uint64_t ns);
/** Whether a path asks for health or metrics: that says nothing about what a service does. */
bool hops_is_probe(struct span path);
/** When the event ended: last byte seen of either side, ns. */
uint64_t hops_end(const struct txn *t);
uint64_t hops_start(const struct txn *t);

#endif
