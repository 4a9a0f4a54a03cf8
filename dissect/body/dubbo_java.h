/* SPDX-License-Identifier: Apache-2.0 */
/* Dubbo's bodies as Java's object streams. */
#ifndef DISSECT_BODY_DUBBO_JAVA_H
#define DISSECT_BODY_DUBBO_JAVA_H

#include "dissect/body/dubbo.h"
#include "dissect/body/javaser.h"

/** Begin a request and read what stands before the arguments; plain: "nativejava". j stands at the first argument. As
 *  dubbo_read_request. */
int dubbo_java_request(struct javaser *j, struct span body, bool plain, struct body_walk *w,
                       struct dubbo_request *out);
/** Begin a response and read its first value. As dubbo_read_result, without the exception's class. */
int dubbo_java_result(struct javaser *j, struct span body, struct body_walk *w);
/** Read one argument, a result, or the attachments. As javaser_object. */
int dubbo_java_value(struct javaser *j, bool plain, struct path_node *at);
/** The class of the object that comes next, empty where it is not told there. */
struct span dubbo_java_class(const struct javaser *j);

#endif
