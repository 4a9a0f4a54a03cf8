/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens, expressions, clauses and statements of SQL over any text. */
#include "analytics/inspect/sql.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct sql q;
  sql_lex(&q, span_of(data, size));
  if (q.n > SQL_TOKENS) abort();
  for (unsigned from = 0; from < q.n; from++) {
    q.i = from, q.depth = 0, q.work = 0, q.features = 0;
    if (!sql_expr(&q)) sql_operators(&q, true);
    sql_clauses(&q);
    q.i = from;
    sql_statement(&q);
    if (q.i > q.n) abort();
  }
  return 0;
}
