/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the record kinds. */
#include "output/record.h"

const char *record_kind_name(enum record_kind k) {
  static const char *const names[] = {
#define X(id, name) name,
      RECORD_KINDS(X)
#undef X
  };
  return (unsigned)k < RECORD_KIND_COUNT ? names[k] : "?";
}

const char *record_dataset(enum record_kind k) {
  static const char *const names[] = {
#define X(id, name) "tapscope." name,
      RECORD_KINDS(X)
#undef X
  };
  return (unsigned)k < RECORD_KIND_COUNT ? names[k] : "?";
}
