/* SPDX-License-Identifier: Apache-2.0 */
/* Finds values of classes inside a text. */
#ifndef ANALYTICS_DATA_SCAN_H
#define ANALYTICS_DATA_SCAN_H

#include "analytics/data/classes.h"
#include "base/look.h"

enum { SCAN_LITERAL_MIN = 12 }; /* the shortest text in which a telling beginning is looked for */
struct scan;
/** A value of a class inside the text. */
typedef void (*scan_fn)(void *user, unsigned item, struct span value);

/** One per worker. Keeps classes. NULL when out of memory. */
struct scan *scan_new(const struct classes *classes);
void scan_free(struct scan *s); /* takes NULL */
/** Whether a text was not looked at for want of memory since this was last asked. */
bool scan_missed(struct scan *s);
/** Find values; look: what the text is made of, hints: what its key says. The number found. skip_credentials: leave out what is at
 *  home in cookies and authentication headers. */
unsigned scan_text(struct scan *s, struct span text, const struct look *look, const struct class_hints *hints,
                   bool skip_credentials, scan_fn fn, void *user);
/** Whether the text last scanned begins with a maker's prefix without being of its form: no token of any kind. */
bool scan_refused(const struct scan *s);
/** Whether the last value found was all of the text. */
bool scan_whole(const struct scan *s);
/** Whether text can hold anything at all. */
static inline bool scan_worth(struct span text, const struct look *look) {
  if (text.len > LOOK_BITS) return true;
  if (look->digits >= 7 || look->mail) return true;
  if (look->high) return text.len >= SCAN_LITERAL_MIN || look->digits >= 3;
  return text.len >= 16 || (look->named && text.len >= 10);
}

#endif
