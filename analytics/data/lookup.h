/* SPDX-License-Identifier: Apache-2.0 */
/* Questions about the classes that need nothing of their inside. */
#ifndef ANALYTICS_DATA_LOOKUP_H
#define ANALYTICS_DATA_LOOKUP_H

#include "base/span.h"

struct classes;
/** Whether a key's name tells of the class, as idNo of id_card and q of none. */
bool lookup_names(const struct classes *c, struct span key, const char *class_id);
/** Whether there is a class of this id. */
bool lookup_has(const struct classes *c, struct span class_id);

#endif
