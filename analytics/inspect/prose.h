/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that people and programs write: notes, code, logs. What looks like an attack in them is mostly talk of one. */
#ifndef ANALYTICS_INSPECT_PROSE_H
#define ANALYTICS_INSPECT_PROSE_H

#include "analytics/inspect/inspect.h"

/** Whether the value in hand is a text in a field that holds texts, and has nothing in it that only an attack of this rule has. */
bool prose_excuses(const struct inspect_ctx *cx, const struct rule *rule);
/** Whether s (lower case) is a sentence that mentions `what` as a word: letters and blanks around it, four words at least. */
bool prose_mentions(struct span s, struct span what);

#endif
