/* SPDX-License-Identifier: Apache-2.0 */
/* What users know and accept: findings left out, run on trial, or given another severity. */
#ifndef ANALYTICS_EXCEPTIONS_H
#define ANALYTICS_EXCEPTIONS_H

#include "analytics/finding_book.h"
#include "base/conf.h"

enum exception_action { EXCEPTION_NONE, EXCEPTION_SUPPRESS, EXCEPTION_SHADOW, EXCEPTION_SEVERITY };

/** The entries of one file; const after loading. */
struct exceptions;
/** Read a file of entries {rule, endpoint, service, actor, target, field, until, action, severity, why}. Texts are globs of
 *  '*' and '?', actor and target CIDRs or addresses, until a date or time (UTC) from which the entry no longer counts.
 *  ERR_IO, ERR_SYNTAX, ERR_NOMEM; err names file and line. */
int exceptions_load(struct exceptions **out, const char *path, struct conf_error *err);
void exceptions_free(struct exceptions *x); /* takes NULL */
/** Entries in the file. */
size_t exceptions_count(const struct exceptions *x);
/** What the first entry that fits says of r at packet time now; *severity for EXCEPTION_SEVERITY. x NULL: none. */
enum exception_action exceptions_judge(const struct exceptions *x, const struct raise *r, uint64_t now,
                                       uint8_t *severity);

#endif
