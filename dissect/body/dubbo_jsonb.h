/* SPDX-License-Identifier: Apache-2.0 */
/* Dubbo's bodies as records of JSONB: a length of four bytes and a value each. */
#ifndef DISSECT_BODY_DUBBO_JSONB_H
#define DISSECT_BODY_DUBBO_JSONB_H

#include "dissect/body/dubbo.h"
#include "dissect/body/jsonb.h"

/** Take the next record's value off r. False where there is none; what is left of one cut off is given. */
bool dubbo_jsonb_record(struct reader *r, struct span *out);
/** As dubbo_read_request, dubbo_read_result, dubbo_attachments. */
int dubbo_jsonb_request(struct span body, struct dubbo_request *out);
int dubbo_jsonb_result(struct span body, struct span *exception);
void dubbo_jsonb_attachments(struct span body, const struct dubbo_request *q, dubbo_attachment_fn fn,
                             void *user);

#endif
