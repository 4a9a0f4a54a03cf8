/* SPDX-License-Identifier: Apache-2.0 */
/* WebSocket frame heads, and how messages stand in a transaction's body (RFC 6455 5.2). */
#include "dissect/proto/websocket_frame.h"
#include "base/err.h"
#include "base/reader.h"

int websocket_frame_read(struct span s, struct websocket_frame *f) {
  struct reader r = reader_of(s);
  uint8_t a = reader_u8(&r), b = reader_u8(&r);
  if (r.bad) return 0;
  f->fin = a & 0x80;
  f->packed = a & 0x40;
  f->opcode = a & 0x0f;
  f->masked = b & 0x80;
  f->len = b & 0x7f;
  bool control = f->opcode >= WS_CLOSE;
  if ((a & 0x30) || (f->opcode > WS_BINARY && f->opcode < WS_CLOSE) || f->opcode > WS_PONG) return ERR_SYNTAX;
  if (control && (!f->fin || f->packed || f->len > 125)) return ERR_SYNTAX;
  if (f->len == 126)
    f->len = reader_u16be(&r);
  else if (f->len == 127)
    f->len = reader_u64be(&r);
  memset(f->mask, 0, sizeof f->mask);
  struct span mask = f->masked ? reader_take(&r, 4) : span_of(NULL, 0);
  if (r.bad) return 0;
  if (mask.len) memcpy(f->mask, mask.base, 4);
  if (f->len >> 62) return ERR_SYNTAX;
  f->head = (uint8_t)(s.len - reader_left(&r));
  return 1;
}

void websocket_frame_record(uint8_t out[WS_RECORD_HEAD], uint8_t opcode, uint32_t len) {
  const uint8_t head[WS_RECORD_HEAD] = {
      0xf5, 'W', 'S', opcode, (uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len};
  memcpy(out, head, WS_RECORD_HEAD);
}
