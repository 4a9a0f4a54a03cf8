/* SPDX-License-Identifier: Apache-2.0 */
/* Files of the user's with one entry a line. */
#ifndef ANALYTICS_LINES_H
#define ANALYTICS_LINES_H

#include "base/conf.h"
#include "base/span.h"

struct lines {
  const char *path;     /* NULL or empty: nothing is read */
  const char *option;   /* that names the file: "analytics.places_file" */
  const char *expected; /* what a line is: "CIDR,place,latitude,longitude" */
  bool heading;         /* the first line may be one */
};
/** Give take() every line, trimmed, that is neither empty nor begins with '#'; number counts from 1. It returns 0 or ERR_*, which ends
 *  the reading. ERR_IO, ERR_SYNTAX (a line over 2047 bytes too), or take's; err names file, line and remedy. */
int lines_read(const struct lines *l, int (*take)(void *user, struct span text, unsigned number), void *user,
               struct conf_error *err);

#endif
