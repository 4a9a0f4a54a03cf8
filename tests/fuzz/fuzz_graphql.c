/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: GraphQL documents. */
#include "dissect/model/graphql.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct graphql g;
  struct span s = {data, size};
  if (!graphql_read(span_skip(s, 1), span_head(s, 1), &g)) return 0;
  if (g.paths > GRAPHQL_PATHS || g.roots > GRAPHQL_ROOTS || !g.type) __builtin_trap();
  return 0;
}
