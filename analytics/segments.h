/* SPDX-License-Identifier: Apache-2.0 */
/* Who may talk to whom inside the estate, as a file of the user's says. */
#ifndef ANALYTICS_SEGMENTS_H
#define ANALYTICS_SEGMENTS_H

#include "analytics/analyst_zone.h"

enum verdict { VERDICT_NONE, VERDICT_ALLOW, VERDICT_DENY };
struct segments;
/** Read `file`, a line each: "allow|deny,FROM-CIDR,TO-CIDR[,PORT]"; the first that fits decides. *out NULL where file is
 *  NULL or empty. ERR_IO, ERR_SYNTAX, ERR_NOMEM; err names file, line and remedy. */
int segments_load(struct segments **out, const char *file, struct conf_error *err);
void segments_free(struct segments *s); /* takes NULL */
/** What the file says of a call; *line its line where it says anything. Takes NULL. */
enum verdict segments_judge(const struct segments *s, const uint8_t from[16], const uint8_t to[16],
                            uint16_t port, unsigned *line);

#endif
