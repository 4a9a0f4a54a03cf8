/* SPDX-License-Identifier: Apache-2.0 */
/* Tags of an XML document one after another, without a tree. */
#ifndef DISSECT_MODEL_MARKUP_SCAN_H
#define DISSECT_MODEL_MARKUP_SCAN_H

#include "base/span.h"

struct markup_scan {
  struct span rest;
  struct span tag, name; /* of the tag just read: between the brackets; local name */
  unsigned depth;        /* elements open, this one included while it is */
  bool open, closed;     /* a start tag; one that is its own end */
};

struct markup_scan markup_scan_of(struct span document);
/** The next start or end tag; comments, CDATA, declarations are stepped over. False at the end. */
bool markup_scan_next(struct markup_scan *s);
/** Text between the tag just read and the next one, trimmed. */
struct span markup_scan_text(const struct markup_scan *s);

#endif
