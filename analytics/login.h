/* SPDX-License-Identifier: Apache-2.0 */
/* What a call tried in terms of accounts: login, logout, registration, one-time codes, password reset. */
#ifndef ANALYTICS_LOGIN_H
#define ANALYTICS_LOGIN_H

#include "analytics/inspect/inspect.h"

/** One per worker. Keeps conf and key until login_free. NULL when out of memory. */
struct login_env;
struct login_env *login_new(const struct analytics_conf *conf, const uint8_t key[32]);
void login_free(struct login_env *env); /* takes NULL */
/** Start a transaction: path words and query are read here. False: it cannot be about accounts, skip the calls below
 *  for it (they are harmless). */
bool login_begin(struct login_env *env, struct api_event *e);
/** A value of the request's body or a protocol's argument. Borrowed for the call. */
void login_value(struct login_env *env, enum place place, const struct leaf *leaf);
/** A value of the response's body. Borrowed for the call. */
void login_answer(struct login_env *env, const struct leaf *leaf);
/** Set e->login. After identity_fill (Basic and Digest name accounts too). */
void login_fill(struct login_env *env);

#endif
