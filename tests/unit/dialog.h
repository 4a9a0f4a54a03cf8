/* SPDX-License-Identifier: Apache-2.0 */
/* A conversation, message by message: what a dissector makes of it as text, the same however it is cut. */
#ifndef TESTS_UNIT_DIALOG_H
#define TESTS_UNIT_DIALOG_H

#include "cmocka_all.h"
#include "dissect/body/body.h"
#include "fake_flow.h"

enum { DIALOG = 256 };

struct dialog {
  struct buf bytes;
  struct {
    enum dir d;
    size_t from, len;
  } part[DIALOG];
  size_t count;
};

/** Add a message of two parts. */
static inline void dialog_add(struct dialog *k, enum dir d, struct span head, struct span body) {
  assert_true(k->count < DIALOG);
  k->part[k->count].d = d;
  k->part[k->count].from = k->bytes.len;
  buf_put(&k->bytes, head);
  buf_put(&k->bytes, body);
  k->part[k->count++].len = head.len + body.len;
}

static inline int dialog_leaf(void *user, const struct leaf *l) {
  return buf_printf(user, " %.*s=%.*s", SPAN_FMT(l->path), SPAN_FMT(l->value)) < 0 ? -1 : 0;
}

/** A line a transaction: operation, outcome, facts, what of each side was not seen, the values of its body with their paths. */
static inline void dialog_tell(struct buf *out, const struct fake_flow *f) {
  for (size_t i = 0; i < f->count; i++) {
    const struct txn *t = f->txn[i];
    buf_printf(out, "%.*s %u", SPAN_FMT(t->operation), (unsigned)t->outcome);
    for (const struct fact *x = t->facts; x; x = x->next)
      if (x->type == FACT_STR)
        buf_printf(out, " %s=%.*s", x->name, SPAN_FMT(x->str));
      else
        buf_printf(out, " %s=%llu", x->name, (unsigned long long)x->num);
    for (int d = 0; d < 2; d++) {
      struct body_walk w = {.leaf = dialog_leaf, .user = out, .mime = t->side[d].mime};
      buf_printf(out, " |%u%s", t->side[d].unseen, t->side[d].complete ? "" : "-");
      assert_true(body_walk(&w, side_body(&t->side[d]), NULL) >= 0);
    }
    buf_printf(out, "\n");
  }
}

/* Piece: most bytes at a time. */
static inline struct buf dialog_play(const struct dialog *k, const struct dissector *dissector,
                                     size_t piece) {
  struct fake_flow *f = fake_new();
  struct buf out;
  buf_init(&out, NULL, 0);
  fake_begin(f, dissector, 0, NULL);
  for (size_t i = 0; i < k->count; i++) {
    size_t from = k->part[i].from, len = k->part[i].len;
    while (i + 1 < k->count && k->part[i + 1].d == k->part[i].d)
      len += k->part[++i].len; /* as TCP joins them */
    for (size_t at = 0; at < len; at += piece)
      fake_feed(f, k->part[i].d, span_of(k->bytes.base + from + at, len - at < piece ? len - at : piece));
  }
  fake_end(f, END_FIN);
  dialog_tell(&out, f);
  buf_put_u8(&out, 0);
  assert_int_equal(fake_free(f), 0);
  return out;
}

/** One transaction is told of k, whose request the body has no room for. Frees k. */
static inline void dialog_capped(struct dialog *k, const struct dissector *dissector) {
  struct fake_flow *f = fake_new();
  f->conf.max_body_bytes = 64;
  fake_begin(f, dissector, 0, NULL);
  for (size_t i = 0; i < k->count; i++)
    fake_feed(f, k->part[i].d, span_of(k->bytes.base + k->part[i].from, k->part[i].len));
  assert_int_equal(f->count, 1);
  assert_int_equal(f->txn[0]->side[0].unseen, UNSEEN_CAPPED);
  assert_int_equal(ctr_get(&f->ctr, CTR_DISSECT_BODY_CAP), 1);
  buf_done(&k->bytes);
  assert_int_equal(fake_free(f), 0);
}

/** What is told of k in pieces of any size is `want`. Frees k. */
static inline void dialog_same(struct dialog *k, const struct dissector *dissector, const char *want) {
  const size_t pieces[] = {SIZE_MAX, 1, 3, 7, 100};
  for (size_t i = 0; i < 5; i++) {
    struct buf got = dialog_play(k, dissector, pieces[i]);
    assert_string_equal((char *)got.base, want);
    buf_done(&got);
  }
  buf_done(&k->bytes);
}

#endif
