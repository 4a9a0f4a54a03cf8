/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens, expressions, clauses and statements of SQL over any text, read from places spread over it; what tells a probe. */
#include "analytics/inspect/sql.h"
#include <stdlib.h>

enum { PLACES = 6, MOST = 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct sql q;
  struct span text = span_of(data, size < MOST ? size : MOST);
  sql_lex(&q, text);
  if (q.n > SQL_TOKENS) abort();
  unsigned stride = q.n / PLACES + 1, first = size ? data[size - 1] % stride : 0;
  for (unsigned from = first; from < q.n; from += stride) {
    q.i = from, q.depth = 0, q.work = 0, q.features = 0;
    if (!sql_expr(&q)) sql_operators(&q, true);
    sql_clauses(&q);
    q.i = from;
    sql_statement(&q);
    if (q.i > q.n) abort();
  }
  sql_sequences(&q);
  sql_fragment(text);
  sql_probe(&q, text);
  return 0;
}
