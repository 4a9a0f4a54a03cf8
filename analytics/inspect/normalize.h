/* SPDX-License-Identifier: Apache-2.0 */
/* Text seen through its encodings: byte classes, unescaping, base64, hex and UTF-7. */
#ifndef ANALYTICS_INSPECT_NORMALIZE_H
#define ANALYTICS_INSPECT_NORMALIZE_H

#include "base/span.h"

/** Classes of bytes that occur in a text. */
enum {
  CLASS_HEX = 1 << 0,   /* 0-9 a-f A-F */
  CLASS_ALPHA = 1 << 1, /* other letters */
  CLASS_PLAIN = 1 << 2, /* - _ . , @ : */
  CLASS_SPACE = 1 << 3,
  CLASS_QUOTE = 1 << 4, /* ' " ` */
  CLASS_ANGLE = 1 << 5, /* < > */
  CLASS_PAREN = 1 << 6, /* ( ) [ ] */
  CLASS_BRACE = 1 << 7, /* { } $ # */
  CLASS_SEP = 1 << 8,   /* ; | & */
  CLASS_SLASH = 1 << 9,
  CLASS_BACKSLASH = 1 << 10,
  CLASS_PERCENT = 1 << 11,
  CLASS_PLUS = 1 << 12,  /* + */
  CLASS_EQUAL = 1 << 13, /* = ! ~ ^ * ? */
  CLASS_CTRL = 1 << 14,
  CLASS_HIGH = 1 << 15, /* UTF-8 beyond ASCII */
  CLASS_ODD = 1 << 16,  /* bytes that never stand in well-formed short UTF-8, full-width lead bytes */
};
/** The classes of bytes that stand in s. */
uint32_t normalize_classes(struct span s);

/** Undo one layer of escapes: %XX, %uXXXX, HTML entities, \uXXXX \xXX \n…, overlong UTF-8, full-width and circled letters.
 *  plus: '+' is a blank. Writes at most cap bytes to out; the length, never more than in.len. *changed: whether it differs. */
size_t normalize_unescape(struct span in, bool plus, uint8_t *out, size_t cap, bool *changed);
/** Decode base64 (both alphabets, padding optional) that yields text, or that begins with a known magic number of serialized
 *  objects. 0 when it is not such. */
size_t normalize_base64(struct span in, uint8_t *out, size_t cap);
/** The same for a run of hexadecimal digits, with or without 0x. */
size_t normalize_hex(struct span in, uint8_t *out, size_t cap);
/** Undo UTF-7 shifts that yield ASCII. 0 when there are none. */
size_t normalize_utf7(struct span in, uint8_t *out, size_t cap);
/** Lower-case ASCII copy. */
void normalize_lower(struct span in, uint8_t *out);

#endif
