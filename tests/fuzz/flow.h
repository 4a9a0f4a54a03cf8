/* SPDX-License-Identifier: Apache-2.0 */
/* A connection whose pieces, directions and holes come from the input. */
#ifndef FUZZ_FLOW_H
#define FUZZ_FLOW_H

#include "tests/fuzz/body.h"
#include "tests/unit/fake_flow.h"

/** Feed the pieces of the input, each behind two bytes: its direction (bit 0), whether bytes are lost before it (bits 1 to 6 all
 * set), with `wide` 256 more bytes (bit 7); its length. */
static inline void fuzz_pieces(struct fake_flow *f, struct span in, bool wide) {
  while (in.len > 2) {
    enum dir d = in.base[0] & 1 ? DIR_RESPONSE : DIR_REQUEST;
    if ((in.base[0] & 0x7e) == 0x7e) fake_gap(f, d, 1 + in.base[1]);
    size_t more = wide && in.base[0] & 0x80 ? 256 : 0;
    struct span piece = span_head(span_skip(in, 2), more + in.base[1]);
    fake_feed(f, d, piece);
    in = span_skip(in, 2 + piece.len);
  }
}

/** Feed the datagrams or records of the input, each behind two bytes of direction and length, with a probe of each. */
static inline void fuzz_records(struct fake_flow *f, struct span in) {
  while (in.len > 2) {
    size_t len = (size_t)(in.base[0] & 0x7f) << 8 | in.base[1];
    struct span piece = span_head(span_skip(in, 2), len);
    f->d->probe(piece, DIR_REQUEST);
    fake_feed(f, in.base[0] & 0x80 ? DIR_RESPONSE : DIR_REQUEST, piece);
    in = span_skip(in, 2 + piece.len);
  }
}

static inline void fuzz_free(struct fake_flow *f) {
  if (fake_free(f)) __builtin_trap();
}

/** A whole connection of dissector d, whose bodies are walked. */
static inline void fuzz_database(const struct dissector *d, struct span in) {
  struct fake_flow *f = fake_new();
  d->probe(in, DIR_REQUEST);
  d->probe(in, DIR_RESPONSE);
  d->side(in);
  fake_begin(f, d, in.len & 1 ? UNSEEN_MIDSTREAM : 0, NULL);
  fuzz_pieces(f, in, false);
  fake_end(f, END_FIN);
  for (size_t i = 0; i < f->count; i++)
    for (int side = 0; side < 2; side++)
      fuzz_walk(f->txn[i]->side[side].mime, side_body(&f->txn[i]->side[side]));
  fuzz_free(f);
}

#endif
