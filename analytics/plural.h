/* SPDX-License-Identifier: Apache-2.0 */
/* English of reasons: "1 accounts" becomes "1 account". */
#ifndef ANALYTICS_PLURAL_H
#define ANALYTICS_PLURAL_H

#include <stddef.h>

/** Put nouns counted as one into the singular, in place; returns the new length, never greater. Text that is no English stays. */
size_t plural_mend(char *text, size_t len);

#endif
