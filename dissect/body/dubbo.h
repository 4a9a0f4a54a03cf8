/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies of Dubbo messages (dubbo.apache.org, "Dubbo2 protocol"): what stands around arguments and results, in each serialization. */
#ifndef DISSECT_BODY_DUBBO_H
#define DISSECT_BODY_DUBBO_H

#include "base/span.h"

/** How values are written. */
enum dubbo_form {
  DUBBO_UNREAD,
  DUBBO_HESSIAN,
  DUBBO_JSON,  /* a line each */
  DUBBO_JSONB, /* a length and a value each */
  DUBBO_JAVA,  /* object streams */
  DUBBO_JAVA_PLAIN,
  DUBBO_KRYO /* only what stands before the arguments is read */
};
struct dubbo_serialization {
  uint8_t id;
  enum dubbo_form form;
  const char *name;                  /* "hessian2" */
  const char *call, *result, *error; /* media types under which the body formats find the bodies */
};
/** By the number in the head; NULL for one that is not known. */
const struct dubbo_serialization *dubbo_serialization(unsigned id);

struct dubbo_request {
  struct span version; /* of the protocol, "2.0.2" */
  struct span service, service_version, method;
  struct span types;   /* of the arguments, as "Ljava/lang/String;I" */
  struct span invoked; /* the method that a generic call names, else empty */
  uint64_t args;
  size_t at; /* offset of the first argument */
};
/** Read what stands before the arguments; spans of the body. 0, ERR_TRUNC, ERR_SYNTAX, ERR_UNSUPPORTED. */
int dubbo_read_request(enum dubbo_form form, struct span body, struct dubbo_request *out);

/** The first value of a response. */
enum dubbo_result {
  DUBBO_EXCEPTION,
  DUBBO_VALUE,
  DUBBO_NULL,
  DUBBO_ATTACHMENTS, /* added to each of these */
  DUBBO_RESULTS = 6
};
/** enum dubbo_result, plus DUBBO_ATTACHMENTS where some follow; *exception gets the class of one. Errors as above. */
int dubbo_read_result(enum dubbo_form form, struct span body, struct span *exception);

/** Called per attachment; < 0 ends it. */
typedef int (*dubbo_attachment_fn)(void *user, struct span name, struct span value);
/** Give the attachments that are text: behind r's arguments, or, where r is NULL, behind a result. */
void dubbo_attachments(enum dubbo_form form, struct span body, const struct dubbo_request *r,
                       dubbo_attachment_fn fn, void *user);

#endif
