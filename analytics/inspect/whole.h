/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies and files that are one packed thing: which, and whether an exploit's. */
#ifndef ANALYTICS_INSPECT_WHOLE_H
#define ANALYTICS_INSPECT_WHOLE_H

#include "base/span.h"

enum whole { WHOLE_OTHER, WHOLE_JAVA, WHOLE_PICKLE, WHOLE_NET, WHOLE_GZIP };

/** What s is by its first bytes: Java Object Serialization (its 6.4.2), pickle from protocol 2, MS-NRBF 2.6.1, RFC 1952. */
enum whole whole_kind(struct span s);
/** Inflate the beginning of a gzip file into out; the number of bytes, 0 for none. */
size_t whole_inflate(struct span s, uint8_t *out, size_t cap);
/** Whether a serialized object names classes that only chains of gadgets bring. */
bool whole_is_hostile(enum whole kind, struct span s);
/** Whether s is a ZIP archive with a member named "../…". */
bool whole_climbs(struct span s);

#endif
