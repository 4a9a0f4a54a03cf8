/* SPDX-License-Identifier: Apache-2.0 */
/* Protocol Buffers without a schema. */
#ifndef DISSECT_BODY_PROTOBUF_H
#define DISSECT_BODY_PROTOBUF_H

#include "dissect/body/walk.h"

/** Whether s can be one message: whole fields with small numbers that fill it. protobuf.dev, encoding. */
bool protobuf_is_message(struct span s);
/** Walk one message below walk_root: fields are named by number, "1.3[]"; repeated ones get []. As body_format.walk. */
int protobuf_walk(struct body_walk *w, struct span s);

#endif
