/* SPDX-License-Identifier: Apache-2.0 */
/* The correlations, in the order in which they see an event. */
#include "analytics/correlate/correlate.h"

/* clang-format off */
#define CORRELATIONS(X) \
  X(correlate_guessing) X(correlate_crowds) X(correlate_codes) X(correlate_sharing) X(correlate_objects) X(correlate_drag) \
  X(correlate_sessions) X(correlate_functions) X(correlate_replays) X(correlate_steps) X(correlate_volume) \
  X(correlate_money) X(correlate_accounts) X(correlate_leak_call) X(correlate_leak_habit) X(correlate_leak_policy) \
  X(correlate_scanning) X(correlate_control) X(correlate_ports) X(correlate_edges) X(correlate_callers) X(correlate_offers) X(correlate_beacons) \
  X(correlate_names) X(correlate_images) X(correlate_followup) X(correlate_drift) X(correlate_assignment) \
  X(correlate_cloud) X(correlate_segregation) X(correlate_spread) X(correlate_outward) X(correlate_echoes)
/* clang-format on */

#define X(name) extern const struct correlation name;
CORRELATIONS(X)
#undef X

const struct correlation *const correlation_table[] = {
#define X(name) &name,
    CORRELATIONS(X)
#undef X
        NULL,
};

#define AHEADS(X) X(drag) X(objects) X(functions) X(accounts)
#define X(name) \
  void name##_ahead(const void *state, const struct correlate_ctx *cx, const struct api_event *e);
AHEADS(X)
#undef X

const struct correlation_ahead correlation_aheads[] = {
#define X(name) {&correlate_##name, name##_ahead},
    AHEADS(X)
#undef X
        {NULL, NULL},
};
