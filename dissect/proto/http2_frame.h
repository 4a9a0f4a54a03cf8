/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/2 frame heads, and telling them from other bytes (RFC 9113 4.1, 6). */
#ifndef DISSECT_PROTO_HTTP2_FRAME_H
#define DISSECT_PROTO_HTTP2_FRAME_H

#include "base/span.h"

enum http2_type {
  H2_DATA,
  H2_HEADERS,
  H2_PRIORITY,
  H2_RST_STREAM,
  H2_SETTINGS,
  H2_PUSH_PROMISE,
  H2_PING,
  H2_GOAWAY,
  H2_WINDOW_UPDATE,
  H2_CONTINUATION,
  H2_TYPES
};
enum http2_flag { H2_END_STREAM = 1, H2_ACK = 1, H2_END_HEADERS = 4, H2_PADDED = 8, H2_PRIORITIZED = 0x20 };
enum {
  H2_FRAME_HEAD = 9,
  H2_PREFACE = 24,
  H2_FRAME_DEFAULT = 16384,
  H2_FRAME_UNKNOWN = 1 << 20, /* the most while SETTINGS were not seen */
  H2_SURE = 40,
  H2_LIKELY = 30,
  H2_DOUBT = 24
};

struct http2_frame {
  uint32_t len, id; /* of the payload; stream */
  uint8_t type, flags;
};
/** What is known of the connection when its frames are looked for. */
struct http2_hint {
  uint32_t last;      /* highest stream seen; 0: nothing is known */
  uint32_t max_frame; /* largest payload that may come */
  unsigned sure;      /* bits of evidence wanted */
};

extern const char http2_frame_preface[H2_PREFACE + 1];

/** Read a frame head. False when s is too short. */
bool http2_frame_read(struct span s, struct http2_frame *f);
/** How surely frames stand at the front of s, in bits of evidence; 0: surely not. Follows the chain through s; *frames gets the whole
 *  heads seen. */
unsigned http2_frame_evidence(struct span s, const struct http2_hint *hint, unsigned *frames);
/** Where frames begin in s with at least hint->sure bits, or s.len. *keep gets how many bytes at the end may yet be part of a
 *  beginning. */
size_t http2_frame_find(struct span s, const struct http2_hint *hint, size_t *keep);
/** Where in a HEADERS or PUSH_PROMISE payload the block stands, without padding, priority and promised stream. False when the
 *  lengths make no sense. *promised may be NULL. RFC 9113 6.2, 6.6. */
bool http2_frame_block(const struct http2_frame *f, struct span payload, struct span *block,
                       uint32_t *promised);
/** The same for the first part of a HEADERS payload. */
bool http2_frame_block_head(const struct http2_frame *f, struct span payload, struct span *block);

#endif
