/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: JSON Web Tokens, base64, the last veil, formats of values. */
#include "analytics/data/veil.h"
#include "analytics/jwt.h"
#include "analytics/schema.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct span s = span_of(data, size);
  struct arena a;
  struct jwt j;
  uint8_t out[64];
  arena_init(&a, NULL, 1 << 22);
  if (jwt_parse(&j, s, &a) >= 0) (void)jwt_key_is_common(&j);
  if (jwt_base64(s, out, sizeof out) > sizeof out) abort();
  (void)jwt_member(s, "alg");
  struct span veiled = veil_copy(&a, s, VEIL_SHAPES | VEIL_SECRETS);
  if (veiled.base && veiled.len != s.len) abort();
  if (veil_hits(s, VEIL_SHAPES) && veil_hits(veiled, VEIL_SHAPES)) abort(); /* what was hidden is hidden */
  (void)veil_is_secret(s);
  (void)schema_format_name(schema_format(s));
  arena_done(&a);
  return 0;
}
