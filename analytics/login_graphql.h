/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments inside of a GraphQL document. */
#ifndef ANALYTICS_LOGIN_GRAPHQL_H
#define ANALYTICS_LOGIN_GRAPHQL_H

#include "base/span.h"

#include <stdbool.h>

/** Called for `name: "value"` and for `name: $value`, which is a variable then. Borrowed for the call. */
typedef void (*login_graphql_fn)(void *user, struct span name, struct span value, bool variable);
/** Give each argument of document, some hundreds at most; other values than strings and variables are left out. */
void login_graphql(struct span document, login_graphql_fn fn, void *user);

#endif
