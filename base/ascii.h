/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds of ASCII characters, whatever the locale. */
#ifndef BASE_ASCII_H
#define BASE_ASCII_H

#include <stdbool.h>
#include <stdint.h>

static inline bool ascii_is_digit(uint8_t c) { return (uint8_t)(c - '0') < 10; }
static inline bool ascii_is_upper(uint8_t c) { return (uint8_t)(c - 'A') < 26; }
static inline bool ascii_is_lower(uint8_t c) { return (uint8_t)(c - 'a') < 26; }
static inline bool ascii_is_alpha(uint8_t c) { return (uint8_t)((c | 0x20) - 'a') < 26; }
static inline bool ascii_is_alnum(uint8_t c) { return ascii_is_digit(c) || ascii_is_alpha(c); }
static inline bool ascii_is_hex(uint8_t c) { return ascii_is_digit(c) || (uint8_t)((c | 0x20) - 'a') < 6; }
static inline uint8_t ascii_lower(uint8_t c) { return ascii_is_upper(c) ? (uint8_t)(c | 0x20) : c; }
static inline uint8_t ascii_upper(uint8_t c) { return ascii_is_lower(c) ? (uint8_t)(c & ~0x20) : c; }

#endif
