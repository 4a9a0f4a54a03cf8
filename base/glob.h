/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns with * and ?. */
#ifndef BASE_GLOB_H
#define BASE_GLOB_H

#include "base/span.h"

/** Whether all of text fits: * any bytes, ? one; there is no escape. nocase: ASCII letters without case. */
bool glob_match(struct span pattern, struct span text, bool nocase);

#endif
