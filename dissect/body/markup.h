/* SPDX-License-Identifier: Apache-2.0 */
/* What XML and HTML share. */
#ifndef DISSECT_BODY_MARKUP_H
#define DISSECT_BODY_MARKUP_H

#include "dissect/body/walk.h"

static inline bool markup_is_name(uint8_t c) {
  return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_' || c == '-' || c == '.' ||
         c == ':' || c >= 0x80;
}
/** Take "<…>" off the front of *s (which begins with '<'); what stands between, quotes respected. */
struct span markup_tag(struct span *s);
/** Take a name off the front. */
struct span markup_name(struct span *s);
/** Take the next attribute off the front of a tag's text. False at the end. */
bool markup_attribute(struct span *tag, struct span *name, struct span *value);
/** Undo &amp; &lt; &gt; &quot; &apos; &nbsp; and numeric references; s itself where there are none. */
struct span markup_unescape(struct body_walk *w, struct span s);

#endif
