/* SPDX-License-Identifier: Apache-2.0 */
/* Who calls: authentication, user, session, device, outer address, trace. */
#ifndef ANALYTICS_IDENTITY_H
#define ANALYTICS_IDENTITY_H

#include "analytics/analyzer.h"

/** One per worker: address lists parsed, scratch. Keeps conf and key until identity_free. NULL when out of memory. */
struct identity_env;
struct identity_env *identity_new(const struct analytics_conf *conf, const uint8_t key[32]);
void identity_free(struct identity_env *env); /* takes NULL */
/** Fill e->who from e->txn's request; spans live in the txn's arena. */
void identity_fill(struct identity_env *env, struct api_event *e);

#endif
