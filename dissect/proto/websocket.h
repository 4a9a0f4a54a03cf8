/* SPDX-License-Identifier: Apache-2.0 */
/* WebSocket connections as a machine fed with bytes (RFC 6455, 7692, 8441). */
#ifndef DISSECT_PROTO_WEBSOCKET_H
#define DISSECT_PROTO_WEBSOCKET_H

#include "dissect/dissector.h"

struct websocket;
/** Begin after a handshake, which is taken over and becomes the call's record. NULL when out of memory; then t stays the caller's. */
struct websocket *websocket_new(struct dissect_ctx *cx, struct txn *t);
/** The transaction being filled; another one after a long connection's part was emitted. */
struct txn *websocket_txn(const struct websocket *w);
void websocket_free(struct websocket *w, struct dissect_ctx *cx);
/** Eat bytes of one direction; keeps what is not whole. */
void websocket_feed(struct websocket *w, struct dissect_ctx *cx, enum dir d, struct span data, uint64_t ns);
/** n bytes were lost. */
void websocket_hole(struct websocket *w, enum dir d, uint64_t n, bool snapped);
/** The connection ended, in order if whole: emit the record. */
void websocket_finish(struct websocket *w, struct dissect_ctx *cx, bool whole);

#endif
