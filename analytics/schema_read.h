/* SPDX-License-Identifier: Apache-2.0 */
/* What was learned of a field, in the words of JSON Schema. */
#ifndef ANALYTICS_SCHEMA_READ_H
#define ANALYTICS_SCHEMA_READ_H

#include "analytics/schema_book.h"

/** How a field reads in JSON Schema. type "" where nothing is known; format "" where it has none. */
struct schema_reading {
  const char *type, *format;
  bool null;
  bool required;              /* in every message (of an item: in every item) */
  double ratio;               /* share of messages that have it */
  bool range;                 /* min and max tell: numbers widened to powers of ten, lengths exact */
  double min, max;            /* of numbers */
  uint64_t shortest, longest; /* of strings; longest 0: unknown */
  bool digits;                /* a string of digits */
  bool enumeration;           /* word[] is the whole set, as far as seen */
};
/** A number's neighbour below or above among powers of ten, so that no figure of a message shows. */
double schema_read_widen(double v, bool up);
struct schema_reading schema_read_field(const struct schema_book *b, const struct schema_field *f);

#endif
