/* SPDX-License-Identifier: Apache-2.0 */
/* What a path says of accounts by its words alone: logout, registration, one-time codes, resets, look-ups. */
#ifndef ANALYTICS_LOGIN_PATH_H
#define ANALYTICS_LOGIN_PATH_H

#include "analytics/event.h"
#include "base/grams.h"
#include "base/sieve.h"

/** Add the words that login_path_step looks for. */
void login_path_words(struct sieve *s);
/** The step that a squeezed path (login_squeeze) names, called by that method; LOGIN_NONE for none. */
enum login_step login_path_step(const struct grams *g, struct span method);
/** Whether a squeezed path is the collection of users as REST has it, "/api/v1/users": what is posted there is new. */
bool login_path_users(struct span p);

#endif
