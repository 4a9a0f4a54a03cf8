/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1 behind holes: bodies go on by arithmetic, heads are looked for anew. */
#include "dissect/proto/http1_cursor.h"
#include "dissect/side.h"

/* Behind a hole: skip to the next start line. */
void http1_gap_search(struct http1_cursor *c) {
  struct span s = http1_rest(c);
  size_t keep = 0, at = http1_find_start(s, c->dir, &keep);
  if (keep > (size_t)c->cx->conf->max_header_bytes) keep = 0;
  static const uint8_t last_chunk[] = "\r\n0\r\n\r\n";
  bool ended = c->half->phase == HTTP1_LOST && at == s.len && !keep && span_ends(s, span_of(last_chunk, 7));
  if (c->half->ex) http1_side_of(c)->body_bytes += at - keep;
  http1_eat(c, at - (at == s.len ? keep : 0));
  if (at < s.len || ended) {
    if (c->half->phase == HTTP1_LOST) http1_message_done(c, false);
    c->half->lost = ended;
    if (at < s.len) ctr_inc(c->cx->ctr, CTR_DISSECT_RESYNC);
    return;
  }
  http1_wait(c, keep ? 1 : 0);
}

/* A message whose head breaks off: it counts as far as it can be read. */
void http1_gap_partial(struct http1_cursor *c, struct span bytes, bool gap) {
  while (bytes.len && (bytes.base[0] == '\r' || bytes.base[0] == '\n')) bytes = span_skip(bytes, 1);
  enum probe r = http1_start_line(bytes, c->dir);
  if (!bytes.len || r == PROBE_NO) return;
  if (c->half->lost && c->dir == DIR_REQUEST && !http1_known_request(bytes)) return;
  if (r == PROBE_MAYBE && (c->dir == DIR_RESPONSE || span_index(bytes, ' ') == bytes.len)) return;
  if (c->dir == DIR_RESPONSE && http1_status(bytes) < 200) return;
  if (c->half->ex) http1_message_done(c, false);
  c->in.off -= bytes.len;
  struct http1_head head;
  struct http1_exchange *ex = c->dir == DIR_REQUEST ? http1_message_request(c, bytes, true, &head)
                                                    : http1_message_response(c, bytes, true, &head);
  c->in.off += bytes.len;
  if (!ex) return;
  head.cut = false;
  http1_message_fill(c, ex, &head, bytes.len);
  c->half->ex = ex;
  if (gap) side_lost(http1_side_of(c), c->in.gap, c->in.snapped);
}

/* Heads may have been lost: whose they were is told by what each end had received (see http1_pair). */
static void head_gap(struct http1_cursor *c) {
  http1_gap_partial(c, c->cx->rest[c->dir], true);
  if (c->dir == DIR_RESPONSE) http1_gap(c->h, c->in.off, c->in.gap);
  c->half->after_gap = true;
  http1_lose_place(c);
}

void http1_gap_take(struct http1_cursor *c) {
  struct http1_half *half = c->half;
  uint64_t n = c->in.gap;
  c->h->lossy = true;
  if (half->phase == HTTP1_CLOSE) {
    http1_body_hole(c, n);
    return;
  }
  if (half->phase == HTTP1_LENGTH || (half->phase == HTTP1_CHUNK_DATA && n <= half->left)) {
    if (n > half->left) n = half->left;
    http1_body_hole(c, n);
    half->left -= n;
    c->in.gap -= n;
    c->in.off += n;
    if (!half->left && half->phase == HTTP1_CHUNK_DATA)
      half->phase = HTTP1_CHUNK_END;
    else if (!half->left)
      http1_message_done(c, true);
    if (!c->in.gap) return;
  }
  if (half->phase == HTTP1_START) {
    head_gap(c);
    return;
  }
  if (half->ex) {
    if (half->phase == HTTP1_CHUNK_DATA)
      http1_body_hole(c, c->in.gap);
    else
      side_lost(http1_side_of(c), c->in.gap, c->in.snapped);
  }
  head_gap(c);
}
