/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes written as hexadecimal digits. */
#ifndef TESTS_UNIT_HEX_H
#define TESTS_UNIT_HEX_H

#include <stddef.h>
#include <stdint.h>

/** Read pairs of lower-case digits up to the end; the bytes written. */
static inline size_t unhex(const char *hex, uint8_t *out) {
  size_t n = 0;
  for (; hex[0] && hex[1]; hex += 2) {
    unsigned v = 0;
    for (int k = 0; k < 2; k++) v = v << 4 | (unsigned)(hex[k] <= '9' ? hex[k] - '0' : hex[k] - 'a' + 10);
    out[n++] = (uint8_t)v;
  }
  return n;
}

#endif
