/* SPDX-License-Identifier: Apache-2.0 */
/* Calls without end (gRPC streams, event streams, watches) told in parts, so that events come while they last and memory stays bounded. */
#ifndef DISSECT_PART_H
#define DISSECT_PART_H

#include "dissect/dissector.h"

/** Whether t, to which data comes at ns, is a stream that has lasted for conf->stream_part. Cheap before that time. */
bool part_due(const struct dissect_ctx *cx, const struct txn *t, uint64_t ns);
/** Emit what *t holds in whole messages and go on in another transaction with the same request line, heads and the rest of the
 *  bytes, put into *t. Without memory for one nothing changes. */
void part_cut(struct dissect_ctx *cx, struct txn **t, uint64_t ns);
/** Copy what is known of the headers of a side. */
void part_copy_head(struct txn *to, enum dir d, const struct txn *from);

#endif
