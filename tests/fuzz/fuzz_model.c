/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: a call of five parts, parted by line ends (method, host, path, a header) and NUL (the two bodies), through every model. */
#include "dissect/model/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct span rest = {data, size};
  struct txn t = {.protocol = "http", .status = 200};
  arena_init(&t.arena, NULL, 1 << 22);
  t.method = span_cut(&rest, '\n');
  t.host = span_cut(&rest, '\n');
  t.target = span_cut(&rest, '\n');
  struct span q = t.target;
  t.path = span_cut(&q, '?');
  t.query = q;
  struct span header = span_cut(&rest, '\n');
  struct span name = span_cut(&header, ':');
  for (int d = 0; d < 2; d++) {
    struct span body = d ? rest : span_cut(&rest, 0);
    t.side[d].seen = true;
    txn_header(&t, &t.side[d].headers, name, header);
    buf_init(&t.side[d].raw, NULL, 0);
    (void)buf_put(&t.side[d].raw, body);
  }
  opmodel_apply(&t);
  files_apply(&t);
  for (int d = 0; d < 2; d++) buf_done(&t.side[d].raw);
  arena_done(&t.arena);
  return 0;
}
