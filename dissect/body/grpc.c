/* SPDX-License-Identifier: Apache-2.0 */
/* A sequence of length-prefixed messages: gRPC, gRPC-web and Connect streams (grpc.io PROTOCOL-HTTP2). */
#include "base/reader.h"
#include "dissect/body/protobuf.h"
#include "dissect/body/triple.h"

enum { PREFIX = 5, FLAG_PACKED = 1, FLAG_CONNECT_END = 2, FLAG_WEB_TRAILER = 0x80 };

static int walk_message(struct body_walk *w, struct span s) {
  struct span text = span_trim(s);
  bool json = text.len && (text.base[0] == '{' || text.base[0] == '[');
  if (json && !protobuf_is_message(s)) return json_walk(w, s);
  int rc = triple_walk(w, s);
  if (rc != ERR_UNSUPPORTED) return rc;
  return protobuf_walk(w, s);
}

static int grpc_walk(struct body_walk *w, struct span s) {
  struct reader r = reader_of(s);
  uint32_t before = w->leaves, n = 0;
  int result = 0;
  while (reader_left(&r) >= PREFIX) {
    uint8_t flags = reader_u8(&r);
    uint32_t len = reader_u32be(&r);
    struct span body = span_head(reader_rest(&r), len);
    reader_skip(&r, body.len);
    if (flags & ~(unsigned)(FLAG_PACKED | FLAG_CONNECT_END | FLAG_WEB_TRAILER)) return ERR_SYNTAX;
    if (flags & (FLAG_PACKED | FLAG_WEB_TRAILER)) continue;
    walk_items(w, ++n);
    int rc = body.len ? walk_message(w, body) : 0;
    if (rc < 0 && rc != ERR_SYNTAX) return rc;
    if (rc == ERR_SYNTAX && body.len == len) result = ERR_SYNTAX;
  }
  return result < 0 ? result : (int)(w->leaves - before);
}

static int match(struct span mime, struct span head) {
  (void)head;
  bool grpc =
      span_starts(mime, SPAN_LIT("application/grpc")) || span_starts(mime, SPAN_LIT("application/connect+"));
  return grpc ? 2 : 0;
}

const struct body_format grpc_format = {"grpc", match, grpc_walk};
