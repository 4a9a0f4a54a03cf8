/* SPDX-License-Identifier: Apache-2.0 */
/* Formats of field values, as bits. */
#ifndef ANALYTICS_SCHEMA_H
#define ANALYTICS_SCHEMA_H

#include "base/look.h"

enum field_format {
  FORMAT_INTEGER = 1 << 0, /* digits with a sign at most */
  FORMAT_DECIMAL = 1 << 1,
  FORMAT_BOOLEAN = 1 << 2, /* true, false as text */
  FORMAT_UUID = 1 << 3,
  FORMAT_DATE = 1 << 4,     /* 2024-05-06, 2024/5/6 */
  FORMAT_DATETIME = 1 << 5, /* a date and a time */
  FORMAT_EMAIL = 1 << 6,
  FORMAT_URI = 1 << 7,   /* has a scheme */
  FORMAT_HEX = 1 << 8,   /* 16 hex digits and more */
  FORMAT_TOKEN = 1 << 9, /* 16 and more of base64's characters, letters and digits */
  FORMAT_IP = 1 << 10,
  FORMAT_HAN = 1 << 11, /* Chinese characters */
  FORMAT_EMPTY = 1 << 12,
  FORMAT_TEXT = 1 << 13, /* anything else with spaces or punctuation */
  FORMAT_WORD = 1 << 14, /* one word of letters, digits, _ and - */
};
/** The one bit that describes a value best. */
uint16_t schema_format(struct span value);
/** The same where the value was looked at already. */
uint16_t schema_look(struct span value, const struct look *look);
/** Name as in OpenAPI's `format` where it has one; "" otherwise. Static text. */
const char *schema_format_name(uint16_t bit);

#endif
