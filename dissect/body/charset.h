/* SPDX-License-Identifier: Apache-2.0 */
/* Charsets, beyond what body.h declares. */
#ifndef DISSECT_BODY_CHARSET_H
#define DISSECT_BODY_CHARSET_H

#include "dissect/body/body.h"

/** Length of the UTF-8 sequence that s (not empty) begins with, 0 when it begins with none (RFC 3629). */
size_t charset_sequence(struct span s);
/** UTF-8 but for a damaged character here and there. */
bool charset_nearly_utf8(struct span s);
/** Name, for charset_utf8, of what text that is not UTF-8 seems to be. Static text. */
const char *charset_guess(struct span s);

#endif
