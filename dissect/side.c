/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of one side's body, and the holes in it. */
#include "dissect/side.h"
#include "base/err.h"

enum { RESERVE_MAX = 256 * 1024 };

void side_expect(struct side *s, uint64_t length) {
  size_t want = length < RESERVE_MAX ? (size_t)length : RESERVE_MAX;
  if (want > s->raw.size && (!s->raw.cap || want <= s->raw.cap)) (void)buf_reserve(&s->raw, want);
}

void side_full(struct side *s, struct dissect_ctx *cx, int why) {
  bool memory = why == ERR_NOMEM;
  if (s->unseen & UNSEEN_CAPPED) return;
  s->unseen |= memory ? UNSEEN_MEMORY | UNSEEN_CAPPED : UNSEEN_CAPPED;
  ctr_inc(cx->ctr, memory ? CTR_DISSECT_MEMORY : CTR_DISSECT_BODY_CAP);
}

void side_put(struct side *s, struct dissect_ctx *cx, struct span data) {
  s->body_bytes += data.len;
  if (s->unseen & UNSEEN_CAPPED) return;
  long n = buf_put_some(&s->raw, data);
  if (n != (long)data.len) side_full(s, cx, n < 0 ? (int)n : ERR_CAP);
}

void side_put_values(struct side *s, struct dissect_ctx *cx, struct span data, uint64_t ns) {
  s->wire_bytes += data.len;
  s->last_ns = ns;
  if (s->hole)
    s->body_bytes += data.len;
  else
    side_put(s, cx, data);
}

void side_lost(struct side *s, uint64_t n, bool snapped) {
  s->gap_bytes += n;
  s->unseen |= snapped ? UNSEEN_SNAPLEN : UNSEEN_GAP;
}

void side_hole(struct side *s, uint64_t n, bool snapped, uint64_t ns) {
  side_lost(s, n, snapped);
  s->body_bytes += n;
  s->wire_bytes += n;
  s->last_ns = ns;
  if (!s->hole) s->hole = s->raw.len + 1;
}

struct span side_unbroken(const struct side *s) {
  struct span body = buf_span(&s->raw);
  return s->hole ? span_head(body, s->hole - 1) : body;
}
