/* SPDX-License-Identifier: Apache-2.0 */
/* WebSocket frame heads, and how messages stand in a transaction's body (RFC 6455 5.2). */
#ifndef DISSECT_PROTO_WEBSOCKET_FRAME_H
#define DISSECT_PROTO_WEBSOCKET_FRAME_H

#include "base/span.h"

enum { WS_CONTINUATION, WS_TEXT, WS_BINARY, WS_CLOSE = 8, WS_PING, WS_PONG };
enum { WS_HEAD_MOST = 14, WS_RECORD_HEAD = 8 };

struct websocket_frame {
  uint64_t len;
  uint8_t opcode, mask[4], head; /* head: bytes of it */
  bool fin, packed, masked;
};
/** Read a frame head. 1, 0 when more bytes are needed, ERR_SYNTAX. */
int websocket_frame_read(struct span s, struct websocket_frame *f);
/** Head of a message within a body: F5 'W' 'S' opcode length(4, big endian). */
void websocket_frame_record(uint8_t out[WS_RECORD_HEAD], uint8_t opcode, uint32_t len);

#endif
