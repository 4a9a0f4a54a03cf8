/* SPDX-License-Identifier: Apache-2.0 */
/* Endpoints that take in other programs' texts by their purpose: logs, crash reports, descriptions of workloads. */
#ifndef ANALYTICS_INSPECT_INTAKE_H
#define ANALYTICS_INSPECT_INTAKE_H

#include "analytics/inspect/inspect.h"

/** Whether the value in hand is what its endpoint is there to take, and so no attack of this rule: a logged request in a log,
 *  a container's command in its description. What harms the receiver itself (lookups, serialized objects) is never excused. */
bool intake_excuses(const struct inspect_ctx *cx, const struct rule *rule);

#endif
