/* SPDX-License-Identifier: Apache-2.0 */
/* Dubbo 3's Triple protocol: gRPC whose messages wrap values of another serialization (dubbo.apache.org, triple_wrapper.proto). */
#ifndef DISSECT_BODY_TRIPLE_H
#define DISSECT_BODY_TRIPLE_H

#include "dissect/body/walk.h"

/** Walk a wrapper {1: serialization, 2: values, 3: their types} whose values are Hessian: they stand at "2", or "2[]" where there may
 *  be several. As body_format.walk; ERR_UNSUPPORTED where s is none. */
int triple_walk(struct body_walk *w, struct span s);

#endif
