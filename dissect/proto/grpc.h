/* SPDX-License-Identifier: Apache-2.0 */
/* gRPC, gRPC-web and Connect on top of an HTTP transaction. */
#ifndef DISSECT_PROTO_GRPC_H
#define DISSECT_PROTO_GRPC_H

#include "dissect/txn.h"

/** When t is a gRPC, gRPC-web or Connect call: set protocol, service, operation, outcome and facts, and put messages
 *  that are compressed or in base64 plainly into side.decoded. For a complete transaction whose content codings are
 *  undone; a second call does nothing. True when it is one. */
bool grpc_apply(struct txn *t, uint64_t max_ratio);

#endif
