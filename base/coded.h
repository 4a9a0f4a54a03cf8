/* SPDX-License-Identifier: Apache-2.0 */
/* What a character stands for in base 16 and in base 64 (RFC 4648). */
#ifndef BASE_CODED_H
#define BASE_CODED_H

#include <stdint.h>

/** 0 to 15 of a hexadecimal digit, else -1. */
static inline int coded_hex(uint8_t c) {
  if (c >= '0' && c <= '9') return c - '0';
  c |= 0x20;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
/** 0 to 63 of a letter of either alphabet, else -1. */
static inline int coded_64(uint8_t c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

#endif
