/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of multipart bodies (RFC 2046 5.1, RFC 7578). */
#ifndef DISSECT_BODY_MULTIPART_H
#define DISSECT_BODY_MULTIPART_H

#include "base/span.h"

struct multipart {
  struct span rest;
  uint8_t mark[80]; /* "--" and the boundary */
  size_t nmark;
};
struct multipart_part {
  struct span name, filename, type, coding, body; /* as sent; spans of the whole */
};

/** Begin; the boundary is the Content-Type's, else that of the body's first line. False where there is none. */
bool multipart_open(struct multipart *m, struct span content_type, struct span body);
/** The next part; false at the end. The last one may be cut. */
bool multipart_next(struct multipart *m, struct multipart_part *out);

#endif
