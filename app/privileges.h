/* SPDX-License-Identifier: Apache-2.0 */
/* Giving up what is not needed once interfaces are open. */
#ifndef APP_PRIVILEGES_H
#define APP_PRIVILEGES_H

#include "base/conf.h"

/** Become `user` ("" to stay) and drop every capability but CAP_NET_RAW, which reopening an interface needs; no new
 *  privileges from then on. ERR_NOTFOUND, ERR_IO; err tells. */
int privileges_drop(const char *user, struct conf_error *err);
/** Forbid system calls that a listener has no use for (exec, ptrace, mount, module loading, …): they fail with EPERM.
 *  ERR_IO; err tells. */
int privileges_filter(struct conf_error *err);

#endif
