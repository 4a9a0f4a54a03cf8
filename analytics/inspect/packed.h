/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 and hexadecimal that hold text, told by the first few bytes; credentials of the Basic scheme. */
#ifndef ANALYTICS_INSPECT_PACKED_H
#define ANALYTICS_INSPECT_PACKED_H

#include "base/span.h"

/** Whether s, twelve signs at least, begins as base64 or hexadecimal of printable text with signs in it: `OyBjYXQ…` is "; cat". */
bool packed_hint(struct span s);
/** User and password of an Authorization header's value (RFC 7617), in buf, which takes cap bytes. False for other schemes. */
bool packed_basic(struct span value, uint8_t *buf, size_t cap, struct span *user, struct span *password);

#endif
