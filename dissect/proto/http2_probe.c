/* SPDX-License-Identifier: Apache-2.0 */
/* Telling HTTP/2 from other bytes, and which side sends them (RFC 9113 3.4, 4.1; RFC 7541 appendix A). */
#include "dissect/proto/http2.h"

enum probe http2_probe(struct span head, enum dir d) {
  (void)d;
  struct span preface = span_of(http2_frame_preface, H2_PREFACE);
  if (span_starts(head, preface)) return PROBE_YES;
  if (head.len && span_starts(preface, head)) return PROBE_MAYBE;
  if (head.len < H2_FRAME_HEAD) /* as much of a frame's head as there is */
    return head.len && head.base[0] == 0 && (head.len < 4 || head.base[3] < H2_TYPES) ? PROBE_MAYBE
                                                                                      : PROBE_NO;
  const struct http2_hint hint = {0, H2_FRAME_UNKNOWN, H2_SURE};
  unsigned frames, bits = http2_frame_evidence(head, &hint, &frames);
  if (bits >= H2_SURE) return PROBE_YES;
  size_t keep, at = http2_frame_find(head, &hint, &keep);
  if (at < head.len) return PROBE_YES;
  return bits ? PROBE_MAYBE : PROBE_NO;
}

/* Which side do these frames come from? Header blocks begin with what only one of them sends. */
static int side_of_block(struct span block) {
  uint8_t b = block.len ? block.base[0] : 0;
  unsigned index = b & 0x80 ? b & 0x7f : b & 0x40 ? b & 0x3f : b & 0x0f;
  if ((b & 0xe0) == 0x20 || index == 0) return -1;
  if (index >= 8 && index <= 14) return DIR_RESPONSE;
  return index <= 7 ? DIR_REQUEST : -1;
}

int http2_probe_side(struct span head) {
  if (span_starts(head, span_of(http2_frame_preface, H2_PREFACE))) return DIR_REQUEST;
  const struct http2_hint hint = {0, H2_FRAME_UNKNOWN, H2_SURE};
  size_t keep;
  head = span_skip(head, http2_frame_find(head, &hint, &keep));
  struct http2_frame f;
  while (http2_frame_read(head, &f)) {
    struct span payload = span_head(span_skip(head, H2_FRAME_HEAD), f.len), block;
    if (f.type == H2_PUSH_PROMISE) return DIR_RESPONSE;
    if (f.type == H2_HEADERS && http2_frame_block(&f, payload, &block, NULL) && side_of_block(block) >= 0)
      return side_of_block(block);
    head = span_skip(head, H2_FRAME_HEAD + (size_t)f.len);
  }
  return -1;
}
