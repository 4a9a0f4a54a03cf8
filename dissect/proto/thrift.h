/* SPDX-License-Identifier: Apache-2.0 */
/* Thrift: where a message begins in a stream, and what calls say. */
#ifndef DISSECT_PROTO_THRIFT_H
#define DISSECT_PROTO_THRIFT_H

#include "dissect/body/thrift.h"
#include "dissect/dissector.h"

enum thrift_transport { THRIFT_UNFRAMED, THRIFT_FRAMED, THRIFT_HEADER };
/** The beginning of a message. */
struct thrift_start {
  enum thrift_transport transport;
  size_t skip;       /* bytes before the message: length, header */
  uint64_t length;   /* of the message, where a frame tells; else 0 */
  struct span infos; /* of the header transport: keys and values */
  struct thrift_head head;
};
/** 1, 0 when more bytes are wanted, ERR_SYNTAX. */
int thrift_call_start(struct span s, struct thrift_start *out);
/** Names, facts, headers of the request t. */
void thrift_call_request(struct txn *t, const struct thrift_start *m, uint32_t max_headers);
/** Whether it went well, of the answer's body as far as it was seen. */
void thrift_call_reply(struct txn *t, const struct thrift_start *m);

#endif
