/* SPDX-License-Identifier: Apache-2.0 */
/* permessage-deflate of one direction (RFC 7692 7.2.2). */
#ifndef DISSECT_PROTO_WEBSOCKET_INFLATE_H
#define DISSECT_PROTO_WEBSOCKET_INFLATE_H

#include "base/buf.h"

struct websocket_inflate {
  void *stream; /* zlib's, made when first needed */
  struct budget *budget;
  bool alone;  /* each message begins with an empty window */
  bool broken; /* the window is not known */
};
void websocket_inflate_init(struct websocket_inflate *z, struct budget *budget);
void websocket_inflate_done(struct websocket_inflate *z);
/** Bytes were lost: later messages that lean on earlier ones cannot be read. */
void websocket_inflate_break(struct websocket_inflate *z);
/** Unpack one message behind out (NULL: only keep the window); *len gets its size. cut: bytes of it are missing.
 *  ERR_SYNTAX, ERR_NOMEM; ERR_CAP when out is full or it grows more than max_ratio times. */
int websocket_inflate_message(struct websocket_inflate *z, struct span in, bool cut, struct buf *out,
                              uint64_t max_ratio, uint64_t *len);

#endif
