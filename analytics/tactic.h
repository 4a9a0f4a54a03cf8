/* SPDX-License-Identifier: Apache-2.0 */
/* ATT&CK tactics in the order in which an intrusion goes through them (MITRE ATT&CK Enterprise). */
#ifndef ANALYTICS_TACTIC_H
#define ANALYTICS_TACTIC_H

#include "analytics/finding.h"

/** Place of "TA0043" (reconnaissance) … "TA0040" (impact) in that order; INCIDENT_STAGES for others. */
unsigned tactic_order(const char *id);
/** "reconnaissance", "lateral-movement"… and in Chinese; id itself where unknown. */
const char *tactic_name(const char *id, bool zh);

#endif
