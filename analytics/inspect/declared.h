/* SPDX-License-Identifier: Apache-2.0 */
/* Fields whose names say that they hold types, templates or paths: these look like attacks by what they are. */
#ifndef ANALYTICS_INSPECT_DECLARED_H
#define ANALYTICS_INSPECT_DECLARED_H

#include "analytics/inspect/inspect.h"

/** Whether the value in hand is what its field's name says, and of the harmless ones: a type of data or an error in `type`, an
 *  author's `{% if %}` in `template`, a plain file of settings or logs in `path`. */
bool declared_excuses(const struct inspect_ctx *cx, const struct rule *rule);

#endif
