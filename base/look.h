/* SPDX-License-Identifier: Apache-2.0 */
/* What bytes a value is made of, counted in one pass by vectors. */
#ifndef BASE_LOOK_H
#define BASE_LOOK_H

#include "base/span.h"

enum { LOOK_MAX = 128, LOOK_BITS = 64 };

/** What every value is asked. Counts are of the first LOOK_MAX bytes, bit fields of the first LOOK_BITS: bit i speaks of byte i. */
struct look {
  uint64_t digit_at, letter_at, mail_at; /* 0–9; A–Z, a–z; '@' */
  uint8_t digits;
  bool high;              /* has bytes beyond ASCII */
  bool mail, star, named; /* has '@'; has '*'; has what stands between a name and its value, = : or , */
};
/** What only the first values of a field are asked: counts of the first LOOK_MAX bytes. */
struct look_parts {
  uint8_t letters, hex, dots, dashes, colons; /* hex: of the letters a–f, and the digits */
  uint8_t spaces, high, code;                 /* up to ' '; beyond ASCII; one of _ + / = */
};

/** Look at a value. */
void look_at(struct span s, struct look *out);
/** Look closer. */
void look_closer(struct span s, struct look_parts *out);

#endif
