/* SPDX-License-Identifier: Apache-2.0 */
/* Tell the address sanitizer which bytes of a block are handed out; does nothing in other builds. */
#ifndef BASE_POISON_H
#define BASE_POISON_H

#include <stddef.h>

/** From now on touching these bytes is a fault. */
void poison_hide(const void *p, size_t n);
/** They may be used again. */
void poison_show(const void *p, size_t n);

#endif
