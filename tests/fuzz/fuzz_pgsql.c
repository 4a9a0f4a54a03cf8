/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: a PostgreSQL connection whose pieces, directions and holes come from the input; its bodies are walked. */
#include "dissect/body/body.h"
#include "tests/unit/fake_flow.h"

extern const struct dissector dissector_pgsql;

static int on_leaf(void *user, const struct leaf *leaf) {
  *(size_t *)user += leaf->value.len + leaf->path.len;
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct span in = {data, size};
  struct fake_flow *f = fake_new();
  size_t sum = 0;
  dissector_pgsql.probe(in, DIR_REQUEST);
  dissector_pgsql.probe(in, DIR_RESPONSE);
  dissector_pgsql.side(in);
  fake_begin(f, &dissector_pgsql, size & 1 ? UNSEEN_MIDSTREAM : 0, NULL);
  while (in.len > 2) {
    enum dir d = in.base[0] & 1 ? DIR_RESPONSE : DIR_REQUEST;
    if ((in.base[0] & 0x7e) == 0x7e) fake_gap(f, d, 1 + in.base[1]);
    struct span piece = span_head(span_skip(in, 2), in.base[1]);
    fake_feed(f, d, piece);
    in = span_skip(in, 2 + piece.len);
  }
  fake_end(f, END_FIN);
  for (size_t i = 0; i < f->count; i++)
    for (int d = 0; d < 2; d++) {
      struct body_walk w = {.leaf = on_leaf, .user = &sum, .mime = f->txn[i]->side[d].mime};
      (void)body_walk(&w, side_body(&f->txn[i]->side[d]), NULL);
    }
  if (fake_free(f)) __builtin_trap();
  return 0;
}
