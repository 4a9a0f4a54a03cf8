/* SPDX-License-Identifier: Apache-2.0 */
/* HPACK's fixed tables (RFC 7541 appendices A and B). */
#ifndef DISSECT_PROTO_HPACK_TABLES_H
#define DISSECT_PROTO_HPACK_TABLES_H

#include "base/span.h"

enum { HPACK_STATIC = 61, HPACK_LENGTHS = 21, HPACK_EOS = 256 };

struct hpack_pair {
  struct span name, value;
};
/** Code words of one length. */
struct hpack_length {
  uint8_t bits;
  uint32_t last;  /* highest code word, filled up with ones to 32 bits */
  uint32_t first; /* lowest code word */
  uint16_t index; /* of its symbol in hpack_tables_symbols */
};

extern const struct hpack_pair hpack_tables_static[HPACK_STATIC + 1]; /* from 1 */
extern const uint16_t hpack_tables_symbols[257];
extern const struct hpack_length hpack_tables_lengths[HPACK_LENGTHS];
extern const uint16_t hpack_tables_fast[1024];

#endif
