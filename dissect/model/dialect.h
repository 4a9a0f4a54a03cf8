/* SPDX-License-Identifier: Apache-2.0 */
/* Calls whose operation stands in the body, the query or a header, one path serving many: GraphQL, SOAP, XML-RPC, JSON-RPC, cloud APIs. */
#ifndef DISSECT_MODEL_DIALECT_H
#define DISSECT_MODEL_DIALECT_H

#include "dissect/txn.h"

enum { DIALECT_OPERATIONS = 32, DIALECT_NAME = 128 };

/** Operations that one call names, in its order. */
struct dialect {
  struct txn *t;
  const char *name;                          /* "graphql"…, NULL until one is told */
  struct span operation[DIALECT_OPERATIONS]; /* in t's arena, or as long as t */
  uint32_t count, total;                     /* kept; met */
};

/** Tell the dialect of a complete call and set t->operation, tapscope.dialect, tapscope.operations and the dialect's own facts. */
void dialect_apply(struct txn *t);
/** Note one operation. Names that are none (blanks, quotes, too long) count and are not kept. */
void dialect_operation(struct dialect *d, struct span name);
/** The request's body, or of a WebSocket each message in turn: *rest is set up first by dialect_documents. False at the end. */
struct dialect_documents {
  struct span rest;
  bool framed;
};
struct dialect_documents dialect_documents(const struct txn *t, enum dir d);
bool dialect_document(struct dialect_documents *it, struct span *out);

/** One dialect each: look at the call; true when it is one of theirs, with the operations noted. */
bool jsonrpc_apply(struct dialect *d);
bool graphql_call_apply(struct dialect *d);
bool soap_apply(struct dialect *d);
bool xmlrpc_apply(struct dialect *d);
bool action_apply(struct dialect *d);
bool hessian_apply(struct dialect *d);

#endif
