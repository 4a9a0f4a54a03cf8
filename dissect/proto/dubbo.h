/* SPDX-License-Identifier: Apache-2.0 */
/* Dubbo: one message's head, and what the bodies of a call say. */
#ifndef DISSECT_PROTO_DUBBO_H
#define DISSECT_PROTO_DUBBO_H

#include "dissect/dissector.h"

enum { DUBBO_HEAD = 16, DUBBO_OK = 20, DUBBO_LENGTH_MOST = 1 << 28 };

struct dubbo_head {
  bool request, twoway, event;
  uint8_t serialization, status;
  uint64_t id;
  uint32_t length; /* of the body */
};
/** Read a head (DUBBO_HEAD bytes). False where the first two bytes are another's; *sane when all of it makes sense. */
bool dubbo_head_read(struct span s, struct dubbo_head *h, bool *sane);
/** Once the request's body is there as far as it was seen: service, operation, attachments, facts. */
void dubbo_call_request(struct dissect_ctx *cx, struct txn *t, const struct dubbo_head *h);
/** The same of the response: status, outcome, the exception's class. */
void dubbo_call_response(struct dissect_ctx *cx, struct txn *t, const struct dubbo_head *h);

#endif
