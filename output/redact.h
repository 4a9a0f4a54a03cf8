/* SPDX-License-Identifier: Apache-2.0 */
/* Masks: what must not be printed of a call's own strings. */
#ifndef OUTPUT_REDACT_H
#define OUTPUT_REDACT_H

#include "analytics/event.h"
#include "base/buf.h"

enum redact_header {
  REDACT_PLAIN,
  REDACT_SECRET /* "Bearer ***" */,
  REDACT_COOKIES /* "sid=***; lang=***" */,
  REDACT_COOKIE /* Set-Cookie: attributes stay */,
  REDACT_URL
};
/** What to do with the value of a header, by its name in lower case. */
enum redact_header redact_header_kind(struct span lower);

/** s, or a masked copy in `scratch` (which must be empty of what is still used) where a span of r lies in it. Same length, or "***"
 *  where memory does not suffice to mask it. */
struct span redact_span(struct buf *scratch, struct span s, const struct redactions *r);
/** A request target or another URL: values of query and fragment keys that name secrets, path parameters such as jsessionid,
 *  and the password of an authority become stars, one per byte; spans of r too (r may be NULL). t: spans in its path and query count as
 *  spans in the target; may be NULL. */
struct span redact_url(struct buf *scratch, struct span url, const struct txn *t, const struct redactions *r);
/** A header value by its kind. */
struct span redact_value(struct buf *scratch, enum redact_header kind, struct span value,
                         const struct redactions *r);

#endif
