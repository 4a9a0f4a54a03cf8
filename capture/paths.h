/* SPDX-License-Identifier: Apache-2.0 */
/* Which files a list of files and folders names. Internal to capture/. */
#ifndef CAPTURE_PATHS_H
#define CAPTURE_PATHS_H

#include "base/conf.h"
#include "base/mem.h"

struct paths {
  char **item;
  size_t count, room;
};
/** Add path; of a folder every capture in it and below, sorted by name. ERR_IO, ERR_NOMEM. */
int paths_add(struct paths *p, const char *path, struct conf_error *err);
void paths_done(struct paths *p);

#endif
